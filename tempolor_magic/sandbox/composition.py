"""What is played: scale, chords, patterns and the order of parts, drawn from a seed. Pure.

Positions are sixteenths of a bar; pitches are MIDI numbers. No sound here: ``music`` makes that.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

STEPS_PER_BAR = 16

_PITCH_CLASSES = {
    "C": 0, "C#": 1, "D": 2, "Eb": 3, "E": 4, "F": 5,
    "F#": 6, "G": 7, "Ab": 8, "A": 9, "Bb": 10, "B": 11,
}  # fmt: skip
_MODES = {"major": (0, 2, 4, 5, 7, 9, 11), "minor": (0, 2, 3, 5, 7, 8, 10)}

# Four chords each, as degrees of the scale counted from 0; all begin at home.
_PROGRESSIONS = {
    "major": ((0, 4, 5, 3), (0, 5, 3, 4), (0, 3, 5, 4), (0, 2, 3, 4), (0, 3, 0, 4)),
    "minor": ((0, 5, 2, 6), (0, 3, 5, 6), (0, 6, 5, 6), (0, 5, 3, 4), (0, 2, 6, 5)),
}
_BASS_LINES = ((0, 6, 8, 14), (0, 3, 6, 8, 11, 14), (0, 2, 4, 6, 8, 10, 12, 14), (0, 8, 10), (0, 7))
_KICKS_SLOW = ((0, 7, 10), (0, 8, 11), (0, 6, 8), (0, 3, 8, 10))
_KICKS_FAST = ((0, 4, 8, 12), (0, 4, 8, 12, 14), (0, 4, 8, 11, 12))
_FAST_FROM_BPM = 108
_RHYTHMS = ((0, 3, 6, 8, 12), (0, 4, 6, 10), (0, 2, 4, 8, 11), (4, 6, 8, 12, 14), (0, 6, 12))


@dataclass(frozen=True, slots=True)
class Scale:
    """A key such as ``F:minor``, ready to be walked on."""

    tonic: int
    intervals: tuple[int, ...]

    def pitch(self, degree: int, *, floor: int) -> int:
        """The pitch of a degree, 0 being the first tonic from *floor* upwards and 7 the next."""
        octave, within = divmod(degree, len(self.intervals))
        return floor + (self.tonic - floor) % 12 + 12 * octave + self.intervals[within]


@dataclass(frozen=True, slots=True)
class Part:
    """Which instruments play in a stretch of four bars."""

    drums: bool = True
    bass: bool = True
    arp: bool = True
    lead: bool = False


@dataclass(frozen=True, slots=True)
class Note:
    """One note of a melody: where in the bar, which degree of the scale, how many sixteenths."""

    step: int
    degree: int
    steps: int


@dataclass(frozen=True, slots=True)
class Composition:
    """A whole song on paper."""

    scale: Scale
    chords: tuple[int, ...]
    bass_line: tuple[int, ...]
    kicks: tuple[int, ...]
    hats_every: int
    arp: tuple[int, ...]
    motifs: tuple[tuple[Note, ...], ...]
    parts: tuple[Part, ...]

    def chord(self, bar: int) -> int:
        """The root of that bar, as a degree."""
        return self.chords[bar % len(self.chords)]

    def part(self, bar: int) -> Part:
        """Who plays in that bar."""
        return self.parts[bar // 4]


def read_key(key: str) -> Scale:
    """Read ``<note>:<major or minor>``. Raises KeyError for anything else."""
    note, _, mode = key.partition(":")
    return Scale(_PITCH_CLASSES[note], _MODES[mode])


def compose(*, seed: int, bpm: int, key: str, bars: int) -> Composition:
    """Write the song that belongs to *seed*."""
    rng = random.Random(seed)  # noqa: S311 - music, not secrets
    return Composition(
        scale=read_key(key),
        chords=rng.choice(_PROGRESSIONS[key.partition(":")[2]]),
        bass_line=rng.choice(_BASS_LINES),
        kicks=rng.choice(_KICKS_FAST if bpm >= _FAST_FROM_BPM else _KICKS_SLOW),
        hats_every=rng.choice((2, 2, 1) if bpm < _FAST_FROM_BPM else (2, 4)),
        arp=_draw_arp(rng),
        motifs=tuple(_draw_motif(rng) for _ in range(2)),
        parts=_draw_parts(rng, bars),
    )


def _draw_arp(rng: random.Random) -> tuple[int, ...]:
    """Chord tones (0, 2, 4 and the octave) for each eighth; some are left out."""
    tones = rng.choice(((0, 2, 4, 7), (0, 4, 2, 7), (7, 4, 2, 0), (0, 4, 7, 9), (0, 2, 4, 2)))
    turn = rng.choice((3, 4))
    return tuple(tones[i % turn] for i in range(8))


def _draw_motif(rng: random.Random) -> tuple[Note, ...]:
    """A bar of melody: a walk by small steps that sets out from a chord tone."""
    rhythm = rng.choice(_RHYTHMS)
    degree = rng.choice((0, 2, 4))
    notes = []
    for start, end in zip(rhythm, (*rhythm[1:], STEPS_PER_BAR), strict=True):
        notes.append(Note(start, degree, end - start))
        degree = min(8, max(-2, degree + rng.choice((-2, -1, -1, 1, 1, 2))))
    return tuple(notes)


def _draw_parts(rng: random.Random, bars: int) -> tuple[Part, ...]:
    """An opening, a body where the lead comes and goes, a breath in the middle if there is room."""
    stretches = -(-bars // 4)
    parts = [Part(lead=i % 2 == 1) for i in range(stretches)]
    parts[0] = rng.choice((Part(bass=False), Part(arp=False), Part()))
    breath = stretches // 2
    if breath > 1:
        parts[breath] = rng.choice((Part(bass=False, lead=True), Part(arp=False, lead=True)))
    return tuple(parts)
