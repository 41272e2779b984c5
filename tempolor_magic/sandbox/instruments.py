"""One note, one drum hit: the sounds that a song is put together from. Pure.

Each function makes a mono snippet once; the arrangement adds it wherever it is due. Pitched sounds
read one cycle from a table, which costs a fraction of computing sines and keeps rendering fast.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

SAMPLE_RATE = 44_100

Samples: TypeAlias = npt.NDArray[np.float32]

_TABLE_BITS = 13
_TABLE_SIZE = 1 << _TABLE_BITS
_A4_PITCH = 69
_A4_HERTZ = 440.0


def hertz(pitch: float) -> float:
    """The frequency of a MIDI pitch."""
    return float(_A4_HERTZ * 2 ** ((pitch - _A4_PITCH) / 12))


def _table(partials: Sequence[float]) -> Samples:
    """One cycle with these strengths of the fundamental and its overtones, peaking at 1."""
    turn = np.arange(_TABLE_SIZE) * (2 * np.pi / _TABLE_SIZE)
    cycle = sum(strength * np.sin(turn * n) for n, strength in enumerate(partials, start=1))
    return np.asarray(cycle / np.max(np.abs(cycle)), dtype=np.float32)


_WARM = _table([1 / n**1.7 for n in range(1, 7)])
_ROUND = _table([1.0, 0.5, 0.22, 0.12, 0.06])
_BELL = _table([1.0, 0.35, 0.0, 0.18, 0.0, 0.08])
_REED = _table([1.0, 0.0, 0.28, 0.0, 0.11, 0.0, 0.05])


def _tone(table: Samples, frequency: float, length: int) -> Samples:
    steps = np.arange(length, dtype=np.float64) * (frequency / SAMPLE_RATE * _TABLE_SIZE)
    return np.asarray(table[steps.astype(np.int64) & (_TABLE_SIZE - 1)])


def _rise_and_fall(length: int, *, attack: float, release: float) -> Samples:
    """A hill with flat top; attack and release in seconds, shortened to fit."""
    rise = min(int(attack * SAMPLE_RATE), length // 2)
    fall = min(int(release * SAMPLE_RATE), length - rise)
    hill = np.ones(length, dtype=np.float32)
    hill[:rise] = np.sin(np.linspace(0, np.pi / 2, rise, endpoint=False)) ** 2
    hill[length - fall :] *= np.cos(np.linspace(0, np.pi / 2, fall)).astype(np.float32) ** 2
    return hill


def _decay(length: int, *, half: float) -> Samples:
    """Loses half of its strength every *half* seconds."""
    fall = np.arange(length, dtype=np.float32) / np.float32(-half * SAMPLE_RATE)
    return np.asarray(np.exp2(fall), dtype=np.float32)


def pad(pitch: int, length: int, *, detune: float) -> Samples:
    """A soft, slowly swelling note. *detune* in Hz: give each ear its own."""
    frequency = hertz(pitch)
    low, high = frequency - detune, frequency + detune
    chorus = _tone(_WARM, low, length) + _tone(_WARM, high, length)
    return chorus * _rise_and_fall(length, attack=0.35, release=0.5) * np.float32(0.5)


def bass(pitch: int, length: int) -> Samples:
    """A round low note that small loudspeakers can still tell by its overtones."""
    shape = _rise_and_fall(length, attack=0.006, release=0.06)
    return _tone(_ROUND, hertz(pitch), length) * shape * _decay(length, half=0.7)


def pluck(pitch: int, length: int) -> Samples:
    """A short bell-like note."""
    shape = _rise_and_fall(length, attack=0.003, release=0.05)
    return _tone(_BELL, hertz(pitch), length) * shape * _decay(length, half=0.11)


def lead(pitch: int, length: int) -> Samples:
    """A singing note, a little vibrato in its tail."""
    time = np.arange(length, dtype=np.float64) / SAMPLE_RATE
    depth = np.minimum(time / 0.4, 1.0) * 0.004
    wobble = np.cumsum(1 + depth * np.sin(2 * np.pi * 5.3 * time))
    steps = wobble * (hertz(pitch) / SAMPLE_RATE * _TABLE_SIZE)
    tone: Samples = _REED[steps.astype(np.int64) & (_TABLE_SIZE - 1)]
    return tone * _rise_and_fall(length, attack=0.03, release=0.12)


def kick(pitch: float) -> Samples:
    """A bass drum that falls to *pitch*, so that it is in tune with the song."""
    length = int(0.32 * SAMPLE_RATE)
    time = np.arange(length, dtype=np.float32) / SAMPLE_RATE
    low = hertz(pitch)
    phase = 2 * np.pi * (low * time + 110 * 0.025 * (1 - np.exp(-time / 0.025)))
    shape = _rise_and_fall(length, attack=0.001, release=0.08) * _decay(length, half=0.09)
    return np.sin(phase).astype(np.float32) * shape


def snare(rng: np.random.Generator) -> Samples:
    """A snare drum: a short tone under a burst of noise."""
    length = int(0.22 * SAMPLE_RATE)
    noise = np.diff(rng.standard_normal(length + 1).astype(np.float32)) * np.float32(0.28)
    time = np.arange(length, dtype=np.float32) / SAMPLE_RATE
    tone = np.sin(2 * np.pi * 192 * time) * _decay(length, half=0.03) * np.float32(0.6)
    shape = _rise_and_fall(length, attack=0.001, release=0.1)
    return (tone + noise * _decay(length, half=0.045)).astype(np.float32) * shape


def hat(rng: np.random.Generator, *, half: float) -> Samples:
    """A hi-hat: noise without its lows. A larger *half* is a more open one."""
    length = int(min(0.3, half * 7) * SAMPLE_RATE)
    noise = rng.standard_normal(length + 2).astype(np.float32)
    shape = _rise_and_fall(length, attack=0.001, release=0.02)
    return np.diff(noise, n=2) * np.float32(0.22) * _decay(length, half=half) * shape
