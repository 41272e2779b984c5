"""What a customer may ask for: the bodies of the two calls that make music, checked. Pure.

It only reads. Limits are the published ones; model names pass unchecked, as at the service.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from tempolor_magic.sandbox import parameters, refusals
from tempolor_magic.sandbox.formats import Format
from tempolor_magic.sandbox.harmony import KEYS
from tempolor_magic.sandbox.parameters import Fields
from tempolor_magic.sandbox.songs import NO_WISH, Wish

LONGEST_PROMPT = 2000
LONGEST_LYRICS = 3000
LONGEST_CHORDS = 200
LONGEST_REPLY = 1024
SLOWEST_BPM, FASTEST_BPM = 50, 190
_LONGEST_NAME = 256
_MOST_JOBS = 1000

# Words in a prompt that make the job end FAILED, so that failing can be seen and tested.
FAILING_WORDS = "please fail"


class Kind(StrEnum):
    """The two kinds of music; the values of ``type`` in lists."""

    SONG = "song"
    INSTRUMENTAL = "instrumental"


# What runs when no model, or one that is retired, is asked for: seen at the service, which routes
# older names to its newest without saying so.
_NEWEST = MappingProxyType({Kind.SONG: "v4.8", Kind.INSTRUMENTAL: "i4"})
_RETIRED = frozenset({"v3", "v3.5", "v4.5+", "i3", "i3.5 beta"})


@dataclass(frozen=True, slots=True)
class Order:
    """One piece as asked for. What is empty or ``None`` was not.

    ``user_id`` is the TemPolor account, ``max_jobs`` the limit for this order instead of the
    account's. Nobody calls ``reply_url``: it is only told again.
    """

    prompt: str
    lyrics: str = ""
    model: str = ""
    kind: Kind = Kind.SONG
    wish: Wish = NO_WISH
    artist_voice: str = ""
    cloned_voice: str = ""
    midi: str = ""
    user_id: str = ""
    reply_url: str = ""
    reply_ref: str = ""
    max_jobs: int | None = None

    @property
    def running_model(self) -> str:
        """The model that does the work, whatever was asked for."""
        return _NEWEST[self.kind] if self.model in _RETIRED | {""} else self.model

    @property
    def is_doomed(self) -> bool:
        """Whether the prompt asks for failure."""
        return FAILING_WORDS in self.prompt.casefold()

    def is_without(self, kind: Format) -> bool:
        """Whether the prompt asks for one format never to come: ``please no wav``."""
        return f"please no {kind}" in self.prompt.casefold()


def read_song(document: object) -> Order:
    """Read the body of ``POST /music/song``.

    Raises:
        Refused: 400 with the reason.
    """
    fields = _fields(document)
    return Order(
        prompt=parameters.needed(fields, "prompt", longest=LONGEST_PROMPT),
        lyrics=parameters.text(fields, "lyrics", longest=LONGEST_LYRICS),
        model=_name(fields, "model_song"),
        artist_voice=_name(fields, "artistVoiceItemId"),
        cloned_voice=_name(fields, "clonedVoiceItemId"),
        midi=_name(fields, "midiItemId"),
        user_id=_name(fields, "user_id"),
        reply_url=_reply(fields, "replyUrl"),
        reply_ref=_reply(fields, "replyRef"),
        max_jobs=_most_jobs(fields),
    )


def read_instrumental(document: object) -> Order:
    """Read the body of ``POST /music/instrumental``.

    Raises:
        Refused: 400 with the reason.
    """
    fields = _fields(document)
    return Order(
        prompt=parameters.needed(fields, "prompt", longest=LONGEST_PROMPT),
        model=_name(fields, "model_instrumental"),
        kind=Kind.INSTRUMENTAL,
        wish=_wish(fields),
        user_id=_name(fields, "user_id"),
        reply_url=_reply(fields, "replyUrl"),
        reply_ref=_reply(fields, "replyRef"),
        max_jobs=_most_jobs(fields),
    )


def _fields(document: object) -> Fields:
    if not isinstance(document, dict):
        raise refusals.bad_request("Request body must be a JSON object")
    return document


def _wish(fields: Fields) -> Wish:
    # The published page says chords, the vendor's newer collection of calls says chord.
    chords = [parameters.text(fields, n, longest=LONGEST_CHORDS) for n in ("chords", "chord")]
    return Wish(
        bpm=parameters.whole(fields, "bpm", lowest=SLOWEST_BPM, highest=FASTEST_BPM),
        key=parameters.one_of(fields, "tonality", KEYS),
        chords=(chords[0] or chords[1]).strip(),
    )


def _name(fields: Fields, name: str) -> str:
    return parameters.text(fields, name, longest=_LONGEST_NAME).strip()


def _reply(fields: Fields, name: str) -> str:
    return parameters.text(fields, name, longest=LONGEST_REPLY)


def _most_jobs(fields: Fields) -> int | None:
    return parameters.whole(fields, "maxJobs", lowest=1, highest=_MOST_JOBS)
