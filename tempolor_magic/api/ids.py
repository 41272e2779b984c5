"""The grammar of ids, checked before a request is built. Pure.

An id goes raw into the path of a request that may delete things, so what could change the
path is refused here, without an escape hatch.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import unquote

from tempolor_magic.errors import InvalidId, InvalidJobId, shown

LONGEST = 256
SHAPE = "user:<number>-tempolor:<account>-job:<item>"

# The account may hold whatever RFC 3986 lets stand raw in a path segment, but for the colon.
_ACCOUNT = r"[A-Za-z0-9._~!$&'()*+,;=@-]+"
_ITEM = r"[A-Za-z0-9_.~-]+"
_GRAMMAR = re.compile(
    rf"user:(?P<user>[0-9]+)-tempolor:(?P<account>{_ACCOUNT})"
    rf"-(?P<kind>job|voice|midi):(?P<item>{_ITEM})",
    re.ASCII,
)
_BARE_ITEM = re.compile(r"(?=[A-Za-z]*[0-9])[A-Za-z0-9]{6,64}")
# Blanks and the quotes that come along when an id is copied from a page or a cell.
_AROUND = " \t\r\n\f\v\u00a0\"'`\u201c\u201d\u2018\u2019"


@dataclass(frozen=True, slots=True)
class ItemId:
    """A checked id. ``str()`` gives it as the service writes it."""

    text: str
    user: str
    account: str
    item: str

    def __str__(self) -> str:
        return self.text


class JobId(ItemId):
    """The id of a music job."""

    __slots__ = ()


class VoiceId(ItemId):
    """The id of a cloned voice."""

    __slots__ = ()


class MidiId(ItemId):
    """The id of a MIDI file."""

    __slots__ = ()


Id = TypeVar("Id", bound=ItemId)

# The word in the id, what such a thing is called, and what it is said to be the id of.
_WORDS: dict[type[ItemId], tuple[str, str, str]] = {
    JobId: ("job", "job", "a music job"),
    VoiceId: ("voice", "voice", "a voice"),
    MidiId: ("midi", "MIDI", "a MIDI file"),
}


def parse_job_id(text: str) -> JobId:
    """Read *text* as a job id; blanks and quotes around it are dropped.

    Raises:
        InvalidJobId: With a line that says what is wrong and what was expected.
    """
    return _parse(JobId, text, InvalidJobId)


def parse_voice_id(text: str) -> VoiceId:
    """Read *text* as the id of a cloned voice, as strictly as a job id.

    Raises:
        InvalidId: With a line that says what is wrong and what was expected.
    """
    return _parse(VoiceId, text, InvalidId)


def parse_midi_id(text: str) -> MidiId:
    """Read *text* as the id of a MIDI file, as strictly as a job id.

    Raises:
        InvalidId: With a line that says what is wrong and what was expected.
    """
    return _parse(MidiId, text, InvalidId)


def parse_account(text: str) -> str:
    """Read *text* as the name of a TemPolor account, which is a part of every id.

    Raises:
        InvalidId: With a line that says what is wrong and what was expected.
    """
    bare = text.strip(_AROUND)
    # As a step of a path, dots alone would lead to another one.
    if re.fullmatch(_ACCOUNT, bare, re.ASCII) and len(bare) <= LONGEST and bare.strip("."):
        return bare
    complaint = f"{shown(bare)} is not the name of an account" if bare else "no account given"
    raise InvalidId(complaint, "it looks like 100198329, and stands in every id of the account")


def _parse(kind: type[Id], text: str, error: type[InvalidId]) -> Id:
    bare = text.strip(_AROUND)
    word, noun, _ = _WORDS[kind]
    if not bare:
        raise error(f"no {noun} id given", f"an id looks like {_shape(word)}")
    if len(bare) > LONGEST:
        raise error(f"a {noun} id has at most {LONGEST} characters, this has {len(bare):,}")
    found = _GRAMMAR.fullmatch(bare)
    if found and found["kind"] == word:
        return kind(bare, found["user"], found["account"], found["item"])
    raise error(*_complaint(bare, kind))


def _complaint(text: str, wanted: type[ItemId]) -> tuple[str, str]:
    word, noun, whole = _WORDS[wanted]
    sister = _GRAMMAR.fullmatch(text)
    if sister:
        kind = next(whole for word, _, whole in _WORDS.values() if word == sister["kind"])
        return f"{shown(text)} is the id of {kind}, not of {whole}", f"use {_shape(word)}"
    if "%3a" in text.lower():
        decoded = unquote(text)
        found = _GRAMMAR.fullmatch(decoded)
        if found and found["kind"] == word:
            return f"{shown(text)} is percent-encoded", f"write it raw: {shown(decoded, 120)}"
    if _BARE_ITEM.fullmatch(text):
        return (
            f"{shown(text)} is only the item part of an id",
            f"give the whole id: user:…-tempolor:…-{word}:{text}",
        )
    return f"{shown(text)} is not a {noun} id", f"an id looks like {_shape(word)}"


def _shape(word: str) -> str:
    return SHAPE.replace("-job:", f"-{word}:")
