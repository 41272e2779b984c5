"""What is played: scale, chords, patterns and the order of parts, drawn from a seed. Pure.

Positions are sixteenths of a bar; pitches are MIDI numbers. No sound here: ``music`` makes that.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from tempolor_magic.sandbox.harmony import Chord, Scale, read_chords, read_key, scale_over, triad

STEPS_PER_BAR = 16

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
class Part:
    """Which instruments play in a stretch of four bars."""

    drums: bool = True
    bass: bool = True
    arp: bool = True
    lead: bool = False


@dataclass(frozen=True, slots=True)
class Note:
    """One note of a melody: where in the bar, which degree over its chord, how many sixteenths."""

    step: int
    degree: int
    steps: int


@dataclass(frozen=True, slots=True)
class Composition:
    """A whole song on paper. ``scales`` are what is played over each of ``chords``."""

    key: Scale
    chords: tuple[Chord, ...]
    scales: tuple[Scale, ...]
    bass_line: tuple[int, ...]
    kicks: tuple[int, ...]
    hats_every: int
    arp: tuple[int, ...]
    motifs: tuple[tuple[Note, ...], ...]
    parts: tuple[Part, ...]

    def chord(self, bar: int) -> Chord:
        """What that bar stands on."""
        return self.chords[bar % len(self.chords)]

    def pitch(self, bar: int, degree: int, *, floor: int) -> int:
        """The pitch of a degree over that bar's chord: 0 its root, 2 its third, 7 its octave."""
        return self.scales[bar % len(self.scales)].pitch(degree, floor=floor)

    def part(self, bar: int) -> Part:
        """Who plays in that bar."""
        return self.parts[bar // 4]


def compose(*, seed: int, bpm: int, key: str, bars: int, chords: str = "") -> Composition:
    """Write the song that belongs to *seed*, on *chords* (one a bar) if any can be read there."""
    rng = random.Random(seed)  # noqa: S311 - music, not secrets
    scale = read_key(key)
    degrees = rng.choice(_PROGRESSIONS[key.partition(":")[2]])
    progression = read_chords(chords) or tuple(triad(scale, degree) for degree in degrees)
    return Composition(
        key=scale,
        chords=progression,
        scales=tuple(scale_over(chord, scale) for chord in progression),
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
