"""From seed, tempo, key and length to sound. Pure.

The music really has the bpm and key of its record: drums on the grid, every pitch from the scale.
Each sound is made once and added where it is due, so forty seconds take a fraction of one.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import TypeAlias

import numpy as np

from tempolor_magic.sandbox import instruments
from tempolor_magic.sandbox.composition import STEPS_PER_BAR, Composition, compose
from tempolor_magic.sandbox.harmony import Chord
from tempolor_magic.sandbox.instruments import SAMPLE_RATE, Samples

STEMS = ("drums", "bass", "harmony", "lead")
Stems: TypeAlias = dict[str, Samples]

_LOUDEST, _LOUDEST_STEM = 0.89, 0.99
_DRIVE = 1.25
_QUIETEST = 1e-4
_FADE_BARS = 2

# Seconds after which the room answers, for the left and the right ear, and how loudly.
_ROOM = ((0.031, 0.041, 0.26), (0.067, 0.059, 0.21), (0.097, 0.109, 0.16), (0.151, 0.139, 0.11))

_Voice: TypeAlias = Callable[[int, int], Samples]


class _Sheet:
    """A stereo track on a grid of sixteenths."""

    def __init__(self, *, bpm: int, length: int) -> None:
        self.step = SAMPLE_RATE * 60 / bpm / 4
        self.sound = np.zeros((2, length), dtype=np.float32)

    def at(self, bar: int, step: float) -> int:
        """The sample where that sixteenth of that bar begins."""
        return round((bar * STEPS_PER_BAR + step) * self.step)

    def samples(self, steps: float) -> int:
        """How long so many sixteenths are."""
        return int(steps * self.step)

    def add(self, start: int, snippet: Samples, *, level: float, pan: float = 0.0) -> None:
        """Add a mono snippet; *pan* goes from -1 (left) to 1 (right). What sticks out is cut."""
        snippet = snippet[: max(0, self.sound.shape[1] - start)]
        angle = (pan + 1) * math.pi / 4
        for ear, gain in enumerate((math.cos(angle), math.sin(angle))):
            self.sound[ear, start : start + len(snippet)] += snippet * np.float32(gain * level)


def render(*, seed: int, bpm: int, key: str, seconds: float, chords: str = "") -> Samples:
    """The song as stereo samples from -1 to 1: an array of shape (samples, 2) at 44.1 kHz.

    *chords* such as ``C F G Am`` are played one a bar; without them the song has its own.
    """
    return mixed(render_stems(seed=seed, bpm=bpm, key=key, seconds=seconds, chords=chords))


def render_stems(*, seed: int, bpm: int, key: str, seconds: float, chords: str = "") -> Stems:
    """The song of :func:`render` as drums, bass, harmony and lead; their sum is the song."""
    length = round(seconds * SAMPLE_RATE)
    # A hair less, so that rounding in *seconds* does not open a bar that has no sample.
    bars = max(1, math.ceil(seconds * bpm / 60 / 4 - 1e-6))
    song = compose(seed=seed, bpm=bpm, key=key, bars=bars, chords=chords)
    sheets = {name: _Sheet(bpm=bpm, length=length) for name in STEMS}
    _play_drums(song, sheets["drums"], bars, np.random.default_rng(seed))
    _play_bass(song, sheets["bass"], bars)
    _play_pads(song, sheets["harmony"], bars)
    sheets["harmony"].sound *= _room_for_kicks(song, sheets["harmony"], bars)
    _play_arp(song, sheets["harmony"], bars)
    _play_lead(song, sheets["lead"], bars)
    for wet in ("harmony", "lead"):
        _add_room(sheets[wet].sound)
    fade = sheets["drums"].at(_FADE_BARS, 0)
    return _mastered({name: sheet.sound for name, sheet in sheets.items()}, fade=fade)


def mixed(stems: Stems) -> Samples:
    """All of them at once."""
    return np.asarray(sum(stems.values()), dtype=np.float32)


def _play_pads(song: Composition, sheet: _Sheet, bars: int) -> None:
    """The chords, each ear a little differently tuned."""
    length = sheet.samples(STEPS_PER_BAR + 2)

    @cache
    def sounding(chord: Chord, detune: float) -> Samples:
        # Brought into one octave, neighbouring chords share tones instead of jumping.
        close = {55 + (tone - 55) % 12 for tone in chord.classes}
        voices = [instruments.pad(pitch, length, detune=detune) for pitch in sorted(close)]
        return np.asarray(np.sum(voices, axis=0), dtype=np.float32)

    for bar in range(bars):
        for pan, detune in ((-0.7, 0.45), (0.7, 0.7)):
            snippet = sounding(song.chord(bar), detune)
            sheet.add(sheet.at(bar, 0), snippet, level=0.085, pan=pan)


def _room_for_kicks(song: Composition, sheet: _Sheet, bars: int) -> Samples:
    """A gain that dips with every bass drum: the breathing of electronic music."""
    gain = np.ones(sheet.sound.shape[1], dtype=np.float32)
    dip = 1 - 0.5 * np.exp(-np.arange(int(0.28 * SAMPLE_RATE)) / (0.08 * SAMPLE_RATE))
    for bar in range(bars):
        for step in song.kicks if song.part(bar).drums else ():
            start = sheet.at(bar, step)
            under = gain[start : start + len(dip)]
            under *= dip[: len(under)].astype(np.float32)
    return gain


def _play_arp(song: Composition, sheet: _Sheet, bars: int) -> None:
    pluck: _Voice = cache(instruments.pluck)
    length = sheet.samples(6)
    for bar in range(bars):
        if not song.part(bar).arp:
            continue
        for i, tone in enumerate(song.arp):
            pitch = song.pitch(bar, tone, floor=60)
            level = 0.17 if i % 4 == 0 else 0.12
            for echo, softer in enumerate((1.0, 0.42, 0.2)):
                start = sheet.at(bar, i * 2 + echo * 3)
                side = 0.45 if (i + echo) % 2 else -0.45
                sheet.add(start, pluck(pitch, length), level=level * softer, pan=side)


def _play_lead(song: Composition, sheet: _Sheet, bars: int) -> None:
    """Call and answer: each motif rests on the chord of its bar."""
    voice: _Voice = cache(instruments.lead)
    for bar in range(bars):
        if not song.part(bar).lead:
            continue
        for note in song.motifs[bar // 2 % 2]:
            pitch = song.pitch(bar, note.degree, floor=65)
            length = sheet.samples(min(note.steps, 6) * 0.95)
            sheet.add(sheet.at(bar, note.step), voice(pitch, length), level=0.14, pan=0.1)


def _play_bass(song: Composition, sheet: _Sheet, bars: int) -> None:
    voice: _Voice = cache(instruments.bass)
    starts = song.bass_line
    for bar in range(bars):
        if not song.part(bar).bass:
            continue
        for start, end in zip(starts, (*starts[1:], STEPS_PER_BAR), strict=True):
            # The last note leans towards the next bar by a fifth, as bass players like to.
            leans = start >= STEPS_PER_BAR // 2 and start == starts[-1] and bar % 2 == 1
            pitch = song.pitch(bar, 4 if leans else 0, floor=31)
            length = sheet.samples(min(end - start, 6) * 0.92)
            sheet.add(sheet.at(bar, start), voice(pitch, length), level=0.42)


def _play_drums(song: Composition, sheet: _Sheet, bars: int, rng: np.random.Generator) -> None:
    kick = instruments.kick(song.key.pitch(0, floor=28))
    snare, shut = instruments.snare(rng), instruments.hat(rng, half=0.018)
    ajar = instruments.hat(rng, half=0.05)
    for bar in range(bars):
        if not song.part(bar).drums:
            continue
        for step in song.kicks:
            sheet.add(sheet.at(bar, step), kick, level=0.75)
        for step in (4, 12):
            sheet.add(sheet.at(bar, step), snare, level=0.38, pan=-0.08)
        for step in range(0, STEPS_PER_BAR, song.hats_every):
            level = 0.2 if step % 4 == 0 else 0.13
            sheet.add(sheet.at(bar, step), shut, level=level, pan=0.2)
        if (bar + 1) % 4 == 0:
            sheet.add(sheet.at(bar, 14), ajar, level=0.2, pan=0.2)


def _add_room(sound: Samples) -> None:
    """Early echoes, different for each ear, in place."""
    straight = sound.copy()
    for left, right, level in _ROOM:
        for ear, delay in enumerate((left, right)):
            late = int(delay * SAMPLE_RATE)
            # The ears are crossed: an echo comes from the opposite wall.
            sound[ear, late:] += straight[1 - ear, :-late] * np.float32(level)


def _mastered(stems: Stems, *, fade: int) -> Stems:
    """Evenly loud, never clipped, starting softly and fading out at the end.

    What this does to the mix at each moment is one gain, and each stem gets that same gain: so the
    stems still add up to the piece.
    """
    mix = mixed(stems)
    gain = _gain(mix, fade=min(fade, mix.shape[1]))
    for sound in (mix, *stems.values()):
        np.multiply(sound, gain, out=sound)
    # Where two stems work against each other, one alone may be louder than the piece.
    level = min(
        _LOUDEST / max(1e-9, _peak(mix)),
        _LOUDEST_STEM / max(1e-9, *(_peak(sound) for sound in stems.values())),
    )
    for sound in stems.values():
        np.multiply(sound, np.float32(level), out=sound)
    return {name: sound.T for name, sound in stems.items()}


def _peak(sound: Samples) -> float:
    return float(max(np.max(sound, initial=0.0), -np.min(sound, initial=0.0)))


def _gain(mix: Samples, *, fade: int) -> Samples:
    """A soft ceiling, a rise and a fall, as factors of each sample."""
    # Silence has no gain of its own; where tanh is a straight line it is the drive.
    loud = np.maximum(np.abs(mix), np.float32(_QUIETEST))
    gain: Samples = np.tanh(loud * np.float32(_DRIVE))
    gain /= loud
    gain[:, mix.shape[1] - fade :] *= np.cos(np.linspace(0, np.pi / 2, fade, dtype=np.float32))
    rise = min(SAMPLE_RATE // 100, mix.shape[1])
    gain[:, :rise] *= np.linspace(0, 1, rise, dtype=np.float32)
    return gain
