"""The grammar of job ids, checked before a request is built. Pure.

An id goes raw into the path of a request that may delete things, so what could change the
path is refused here, without an escape hatch.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote

from tempolor_magic.errors import InvalidJobId, shown

LONGEST = 256
SHAPE = "user:<number>-tempolor:<account>-job:<item>"

# The account may hold whatever RFC 3986 lets stand raw in a path segment, but for the colon.
_ACCOUNT = r"[A-Za-z0-9._~!$&'()*+,;=@-]+"
_ITEM = r"[A-Za-z0-9_.~-]+"
_GRAMMAR = re.compile(
    rf"user:(?P<user>[0-9]+)-tempolor:(?P<account>{_ACCOUNT})-job:(?P<item>{_ITEM})", re.ASCII
)
_SISTER = re.compile(rf"user:[0-9]+-tempolor:{_ACCOUNT}-(?P<kind>voice|midi):{_ITEM}", re.ASCII)
_BARE_ITEM = re.compile(r"(?=[A-Za-z]*[0-9])[A-Za-z0-9]{6,64}")
# Blanks and the quotes that come along when an id is copied from a page or a cell.
_AROUND = " \t\r\n\f\v\u00a0\"'`\u201c\u201d\u2018\u2019"


@dataclass(frozen=True, slots=True)
class JobId:
    """A checked id. ``str()`` gives it as the service writes it."""

    text: str
    user: str
    account: str
    item: str

    def __str__(self) -> str:
        return self.text


def parse_job_id(text: str) -> JobId:
    """Read *text* as a job id; blanks and quotes around it are dropped.

    Raises:
        InvalidJobId: With a line that says what is wrong and what was expected.
    """
    bare = text.strip(_AROUND)
    if not bare:
        raise InvalidJobId("no job id given", f"an id looks like {SHAPE}")
    if len(bare) > LONGEST:
        raise InvalidJobId(f"a job id has at most {LONGEST} characters, this has {len(bare):,}")
    found = _GRAMMAR.fullmatch(bare)
    if found:
        return JobId(bare, found["user"], found["account"], found["item"])
    raise InvalidJobId(*_complaint(bare))


def _complaint(text: str) -> tuple[str, str]:
    sister = _SISTER.fullmatch(text)
    if sister:
        kind = {"voice": "a voice", "midi": "a MIDI file"}[sister["kind"]]
        return f"{shown(text)} is the id of {kind}, not of a music job", f"use {SHAPE}"
    if "%3a" in text.lower():
        decoded = unquote(text)
        if _GRAMMAR.fullmatch(decoded):
            return f"{shown(text)} is percent-encoded", f"write it raw: {shown(decoded, 120)}"
    if _BARE_ITEM.fullmatch(text):
        return (
            f"{shown(text)} is only the item part of an id",
            f"give the whole id: user:…-tempolor:…-job:{text}",
        )
    return f"{shown(text)} is not a job id", f"an id looks like {SHAPE}"
