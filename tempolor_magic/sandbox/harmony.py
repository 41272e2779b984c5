"""Keys and chords: from text to pitches that sound right together. Pure.

Pitch classes count semitones from C (0 to 11); pitches are MIDI numbers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_NOTES = ("A", "Ab", "B", "Bb", "C", "C#", "D", "E", "Eb", "F", "F#", "G")
KEYS = tuple(f"{note}:{mode}" for note in _NOTES for mode in ("major", "minor"))

_OCTAVE = 12
_NATURALS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_ACCIDENTALS = {"": 0, "#": 1, "b": -1}
_MODES = {"major": (0, 2, 4, 5, 7, 9, 11), "minor": (0, 2, 3, 5, 7, 8, 10)}

# A hyphen parts two chords only where the next begins: "A-" alone is A minor.
_BETWEEN_CHORDS = re.compile(r"[\s,|;>]+|-(?=[A-G])")
# What follows a slash is the bass player's note; here chords stand on their roots.
_CHORD = re.compile(r"([A-G])([#b]?)([^/]*)(?:/[A-G][#b]?)?", re.ASCII)
_QUALITIES = {
    "": (0, 4, 7),
    "m": (0, 3, 7),
    "dim": (0, 3, 6),
    "aug": (0, 4, 8),
    "sus2": (0, 2, 7),
    "sus4": (0, 5, 7),
    "6": (0, 4, 7, 9),
    "m6": (0, 3, 7, 9),
    "7": (0, 4, 7, 10),
    "m7": (0, 3, 7, 10),
    "maj7": (0, 4, 7, 11),
    "dim7": (0, 3, 6, 9),
    "m7b5": (0, 3, 6, 10),
}
# Other spellings. Ninths are sung by the melody anyway, so they are played as what they stand on.
_SPELLINGS = {
    **dict.fromkeys(("M", "maj", "add9"), ""),
    **dict.fromkeys(("min", "-", "madd9"), "m"),
    **dict.fromkeys(("o", "°"), "dim"),
    **dict.fromkeys(("M7", "maj9"), "maj7"),
    **dict.fromkeys(("min7", "-7", "m9"), "m7"),
    "9": "7",
    "+": "aug",
    "sus": "sus4",
}


@dataclass(frozen=True, slots=True)
class Scale:
    """A key such as ``F:minor``, ready to be walked on."""

    tonic: int
    intervals: tuple[int, ...]

    def pitch(self, degree: int, *, floor: int) -> int:
        """The pitch of a degree, 0 being the first tonic from *floor* upwards and 7 the next."""
        octave, within = divmod(degree, len(self.intervals))
        return floor + (self.tonic - floor) % _OCTAVE + _OCTAVE * octave + self.intervals[within]

    @property
    def classes(self) -> frozenset[int]:
        """Its pitch classes."""
        return frozenset((self.tonic + interval) % _OCTAVE for interval in self.intervals)


@dataclass(frozen=True, slots=True)
class Chord:
    """A root and the tones above it, in semitones: three or four, rising, the first one 0."""

    root: int
    intervals: tuple[int, ...]

    @property
    def classes(self) -> frozenset[int]:
        """Its pitch classes."""
        return frozenset((self.root + interval) % _OCTAVE for interval in self.intervals)


def read_key(key: str) -> Scale:
    """Read ``<note>:<major or minor>``. Raises KeyError for anything else."""
    note, _, mode = key.partition(":")
    return Scale((_NATURALS[note[:1]] + _ACCIDENTALS[note[1:]]) % _OCTAVE, _MODES[mode])


def read_chords(text: str) -> tuple[Chord, ...]:
    """The chords of a line such as ``C F G Am`` or ``Am7 | D7 - Gmaj7``.

    What is no chord is passed over, as free text may hold anything.
    """
    read = (_read_chord(symbol) for symbol in _BETWEEN_CHORDS.split(text))
    return tuple(chord for chord in read if chord is not None)


def triad(scale: Scale, degree: int) -> Chord:
    """The chord that a scale builds on one of its degrees."""
    low, *rest = (scale.pitch(degree + step, floor=0) for step in (0, 2, 4))
    return Chord(low % _OCTAVE, (0, *(pitch - low for pitch in rest)))


def scale_over(chord: Chord, key: Scale) -> Scale:
    """Seven degrees from the chord's root up: its own tones, and between them those of the key.

    Degrees 0, 2, 4 (and 6 of a chord of four) always belong to the chord. Over a chord that
    belongs to the key, these are the key's own notes.
    """
    _, third, fifth, *more = chord.intervals
    top = more[0] if more else _OCTAVE
    upper = _between(fifth, top, chord, key)
    return Scale(
        chord.root,
        (
            0,
            _between(0, third, chord, key)[0],
            third,
            _between(third, fifth, chord, key)[0],
            fifth,
            upper[0],
            more[0] if more else upper[-1],
        ),
    )


def likely_key(chords: tuple[Chord, ...]) -> str:
    """The key that most of the tones belong to; among equals, the one the first chord is home of.

    Raises:
        ValueError: There are no chords.
    """
    if not chords:
        raise ValueError("no chords, no key")

    def fit(key: str) -> tuple[int, bool, bool]:
        scale = read_key(key)
        inside = sum(len(chord.classes & scale.classes) for chord in chords)
        at_home = scale.tonic == chords[0].root
        return inside, at_home and triad(scale, 0).classes <= chords[0].classes, at_home

    return max(KEYS, key=fit)


def _read_chord(symbol: str) -> Chord | None:
    spelt = _CHORD.fullmatch(symbol.replace("♯", "#").replace("♭", "b"))
    if spelt is None:
        return None
    note, accidental, quality = spelt.groups()
    intervals = _QUALITIES.get(_SPELLINGS.get(quality, quality))
    if intervals is None:
        return None
    return Chord((_NATURALS[note] + _ACCIDENTALS[accidental]) % _OCTAVE, intervals)


def _between(low: int, high: int, chord: Chord, key: Scale) -> list[int]:
    """The key's notes strictly between two tones of the chord; the lower one if there is none."""
    return list(_inside(range(low + 1, high), chord, key)) or [low]


def _inside(intervals: Iterable[int], chord: Chord, key: Scale) -> Iterable[int]:
    return (i for i in intervals if (chord.root + i) % _OCTAVE in key.classes)
