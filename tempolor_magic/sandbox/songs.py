"""What a made-up piece is like: everything about it follows from its seed and the wish. Pure.

The same facts go into the record and into the sound, so a record never lies about its music.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from tempolor_magic.sandbox.harmony import KEYS, likely_key, read_chords

BEATS_PER_BAR = 4
_SHORTEST, _LONGEST = 23.5, 48.5
_ROUNDS_WELL = 0.36

_MOODS = {
    ("major", "slow"): ("Tender", "Dreamy", "Hopeful"),
    ("major", "fast"): ("Bright", "Playful", "Uplifting"),
    ("minor", "slow"): ("Wistful", "Nocturnal", "Pensive"),
    ("minor", "fast"): ("Restless", "Driven", "Mysterious"),
}
MOODS = tuple(mood for moods in _MOODS.values() for mood in moods)

_STYLES = {
    "slow": ("Lo-fi", "Chillwave", "Dream Pop", "Downtempo"),
    "fast": ("Synth-pop", "Deep House", "Indie Electronic", "Retrowave"),
}
_FAST_FROM_BPM = 108

_THINGS = (
    "Harbor", "Lantern", "Orchard", "Satellite", "River", "Window", "Meadow", "Skyline",
    "Compass", "Tide", "Garden", "Staircase", "Observatory", "Postcard", "Snowfall", "Carousel",
)  # fmt: skip
_FRAMES = (
    "{thing} Lights", "{mood} {thing}", "Past the {thing}", "{thing} in {colour}",
    "Letters from the {thing}", "{colour} {thing}", "A {thing} of Our Own", "Slow {thing}",
)  # fmt: skip
_COLOURS = ("Amber", "Indigo", "Coral", "Silver", "Teal", "Violet", "Copper", "Jade")

_LINES = (
    "I left the {thing} open for the rain",
    "The {colour} hours are rolling in again",
    "We count the steps from the {thing} to the shore",
    "And what was quiet is not quiet any more",
    "There is a map of you in {colour} ink",
    "It takes me further than I dared to think",
    "Hold on, the {thing} is turning round",
    "Hold on, we only need the sound",
)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a piece shall be like, as far as anybody said; the rest is chance.

    ``key`` is one of ``KEYS`` or empty, ``chords`` a line such as ``C F G Am`` or empty.
    """

    bpm: int | None = None
    key: str = ""
    chords: str = ""


NO_WISH = Wish()


@dataclass(frozen=True, slots=True)
class Song:
    """A finished song's facts. The sound lasts exactly :attr:`seconds`."""

    seed: int
    title: str
    style: str
    mood: str
    key: str
    bpm: int
    bars: int
    lyrics: str
    chords: str = ""

    @property
    def seconds(self) -> float:
        """Length of the music, a whole number of bars."""
        return self.bars * BEATS_PER_BAR * 60 / self.bpm


def draw_song(seed: int, wish: Wish = NO_WISH) -> Song:
    """The song that belongs to *seed*, as wished.

    Chords are played one a bar, and the piece is long enough for them if 48 s are. Without a wished
    key it is in theirs.
    """
    rng = random.Random(seed)  # noqa: S311 - music, not secrets
    chords = read_chords(wish.chords)
    drawn_key, drawn_bpm = rng.choice(KEYS), rng.randint(70, 150)
    key = wish.key or (likely_key(chords) if chords else drawn_key)
    bpm = wish.bpm or drawn_bpm
    pace = "fast" if bpm >= _FAST_FROM_BPM else "slow"
    mood = rng.choice(_MOODS[key.partition(":")[2], pace])
    return Song(
        seed=seed,
        title=_filled(rng.choice(_FRAMES), rng, mood),
        style=rng.choice(_STYLES[pace]),
        mood=mood,
        key=key,
        bpm=bpm,
        bars=rng.choice(_lengths(bpm, chords=len(chords))),
        lyrics=_verse(rng, mood),
        chords=wish.chords,
    )


def _lengths(bpm: int, *, chords: int) -> list[int]:
    """Even numbers of bars that last about 24 to 48 s and hold all chords, or as many as can be.

    The record tells whole seconds and the MP3 pads its last frame, so lengths that round badly are
    left out: what is told and what is heard stay within half a second.
    """
    bar = BEATS_PER_BAR * 60 / bpm
    lengths = [bars for bars in range(2, 33, 2) if _fits(bars * bar)]
    return [bars for bars in lengths if bars >= chords] or lengths[-1:]


def _fits(seconds: float) -> bool:
    return _SHORTEST < seconds < _LONGEST and abs(seconds - round(seconds)) < _ROUNDS_WELL


def _verse(rng: random.Random, mood: str) -> str:
    verse = [_filled(line, rng, mood) for line in _LINES[:6]]
    chorus = [_filled(line, rng, mood) for line in _LINES[6:]]
    return "\n".join(["[Verse]", *verse[: rng.choice((4, 6))], "", "[Chorus]", *chorus])


def _filled(frame: str, rng: random.Random, mood: str) -> str:
    in_line = frame in _LINES
    thing, colour = rng.choice(_THINGS), rng.choice(_COLOURS)
    if in_line:
        thing, colour = thing.lower(), colour.lower()
    return frame.format(thing=thing, colour=colour, mood=mood)
