"""What can be asked for: songs and instrumentals, checked before anything is sent. Pure.

Limits are the published ones. Model names are passed on unchecked: they change, and the service
takes older ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from tempolor_magic.api.ids import parse_account, parse_midi_id, parse_voice_id
from tempolor_magic.errors import UsageError, shown

LONGEST_PROMPT = 2_000
LONGEST_LYRICS = 3_000
LONGEST_CHORDS = 200
LONGEST_REPLY = 1_024
SLOWEST, FASTEST = 50, 190
KINDS = ("song", "instrumental")
NOTES = ("A", "Ab", "B", "Bb", "C", "C#", "D", "E", "Eb", "F", "F#", "G")
KEYS = tuple(f"{note}:{mode}" for note in NOTES for mode in ("major", "minor"))


class Order(Protocol):
    """Something the service can make music from."""

    @property
    def kind(self) -> str:
        """``song`` or ``instrumental``, the last part of the call's path."""

    @property
    def model(self) -> str:
        """The model asked for; empty for the service's choice."""

    def document(self) -> dict[str, Any]:
        """The body of the call; what was not asked for is left to the service.

        Raises:
            UsageError: It cannot be asked for like this. Nothing was sent.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """Who makes a piece and who is told: the same for all kinds.

    Args:
        account: The TemPolor account that makes it; empty for the service's choice.
        reply_url: Called by the service when the job moves on; at most 1,024 characters.
        reply_ref: Comes back with such calls; at most 1,024 characters.
        max_jobs: Jobs that may run at once, for this request instead of the account's limit.
    """

    account: str = ""
    reply_url: str = ""
    reply_ref: str = ""
    max_jobs: int | None = None

    def fields(self) -> dict[str, Any]:
        """As fields of a call's body.

        Raises:
            UsageError: One is too long, ``account`` is no name of one, or ``max_jobs`` is not
                above zero.
        """
        _check_length("reply URL", self.reply_url, LONGEST_REPLY)
        _check_length("reply reference", self.reply_ref, LONGEST_REPLY)
        if self.max_jobs is not None and self.max_jobs < 1:
            raise UsageError("max_jobs must be at least 1")
        return {
            "user_id": parse_account(self.account) if self.account else "",
            "replyUrl": self.reply_url,
            "replyRef": self.reply_ref,
            "maxJobs": self.max_jobs,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class SongOrder:
    """A song. Source: ``POST /music/song``.

    Args:
        prompt: What it should be like, at most 2,000 characters.
        lyrics: At most 3,000 characters; empty lets the model write them.
        model: A model name, passed on unchecked; empty for the service's newest.
        voice: An artist's voice (its item id) or a cloned one (``user:…-voice:…``).
        midi: A melody to sing (``user:…-midi:…``).
        delivery: See :class:`Delivery`.
    """

    prompt: str
    lyrics: str = ""
    model: str = ""
    voice: str = ""
    midi: str = ""
    delivery: Delivery = Delivery()

    @property
    def kind(self) -> str:
        """See :class:`Order`."""
        return "song"

    def document(self) -> dict[str, Any]:
        """See :class:`Order`."""
        _check_prompt(self.prompt, self.kind, "%tempolor song a calm piano piece, 80 bpm")
        _check_length("lyrics", self.lyrics, LONGEST_LYRICS)
        cloned = "-voice:" in self.voice
        return _asked(
            prompt=self.prompt,
            lyrics=self.lyrics,
            model_song=self.model,
            artistVoiceItemId="" if cloned else self.voice,
            clonedVoiceItemId=str(parse_voice_id(self.voice)) if cloned else "",
            midiItemId=str(parse_midi_id(self.midi)) if self.midi else "",
            **self.delivery.fields(),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class InstrumentalOrder:
    """A piece without singing. Source: ``POST /music/instrumental``.

    Args:
        prompt: What it should be like, at most 2,000 characters.
        model: A model name, passed on unchecked; empty for the service's newest.
        key: One of ``KEYS``, such as ``C:major``; empty for the service's choice.
        bpm: 50 to 190 beats per minute; ``None`` for the service's choice.
        chords: Such as ``C F G Am``, at most 200 characters.
        delivery: See :class:`Delivery`.
        chord_field: What the wire calls the chords: the service's own pages disagree.
    """

    prompt: str
    model: str = ""
    key: str = ""
    bpm: int | None = None
    chords: str = ""
    delivery: Delivery = Delivery()
    chord_field: str = "chords"

    @property
    def kind(self) -> str:
        """See :class:`Order`."""
        return "instrumental"

    def document(self) -> dict[str, Any]:
        """See :class:`Order`."""
        _check_prompt(self.prompt, self.kind, "%tempolor instrumental slow jazz trio --bpm 70")
        _check_length("chords", self.chords, LONGEST_CHORDS)
        if self.bpm is not None and not SLOWEST <= self.bpm <= FASTEST:
            raise UsageError(f"{self.bpm} bpm can't be asked for", f"{SLOWEST} to {FASTEST} bpm")
        return _asked(
            prompt=self.prompt,
            model_instrumental=self.model,
            tonality=read_key(self.key) if self.key else "",
            bpm=self.bpm,
            **{self.chord_field: self.chords},
            **self.delivery.fields(),
        )


def doubts(order: Order, user: str) -> list[str]:
    """What about an order is likely to be refused, in words; the service has the last word.

    Args:
        order: What is asked for.
        user: The useapi.net user number of the token.
    """
    asked = order.document()
    parts = {"voice": asked.get("clonedVoiceItemId"), "melody": asked.get("midiItemId")}
    return [
        f"The {what} {shown(str(part))} belongs to another useapi.net user: it may be refused"
        for what, part in parts.items()
        if part and not str(part).startswith(f"user:{user}-")
    ]


def read_key(text: str) -> str:
    """A key as the service writes it, ``C#:minor``, from that or from ``c# minor``, ``C#m``.

    Raises:
        UsageError: It is none of the 24 keys.
    """
    bare = text.strip().replace("♯", "#").replace("♭", "b")
    note, _, mode = bare.replace(":", " ").partition(" ")
    if not mode:
        note, mode = (note[:-1], "minor") if note[1:].endswith("m") else (note, "major")
    mode = {"maj": "major", "min": "minor"}.get(mode.strip().lower(), mode.strip().lower())
    key = f"{note[:1].upper()}{note[1:]}:{mode}"
    if key not in KEYS:
        raise UsageError(
            f"{shown(text, 40)} is no key the service knows",
            f"a note ({' '.join(NOTES)}), then :major or :minor",
        )
    return key


def _asked(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value not in ("", None)}


def _check_prompt(prompt: str, kind: str, example: str) -> None:
    if not prompt.strip():
        article = "an" if kind[0] in "aeiou" else "a"
        raise UsageError(f"{article} {kind} needs a prompt", example)
    _check_length("prompt", prompt, LONGEST_PROMPT)


def _check_length(what: str, text: str, most: int) -> None:
    if len(text) > most:
        raise UsageError(
            f"the {what} may have {most:,} characters, not {len(text):,}", f"shorten the {what}"
        )
