"""What can be heard in samples: tempo, scale, and how long an MP3 lasts."""

from __future__ import annotations

import io
import struct
import wave

import numpy as np
import numpy.typing as npt

from tempolor_magic.sandbox import files
from tempolor_magic.sandbox.harmony import KEYS, read_key
from tempolor_magic.sandbox.instruments import SAMPLE_RATE, Samples

HOP = 128


def onsets(sound: Samples) -> npt.NDArray[np.float64]:
    """How much louder each short moment is than the one before."""
    mono = sound.mean(axis=1)[: len(sound) // HOP * HOP]
    energy = np.log1p(100 * np.sqrt(np.mean(mono.reshape(-1, HOP) ** 2, axis=1)))
    rises = np.maximum(np.diff(energy), 0).astype(np.float64)
    return np.asarray(rises - rises.mean())


def heard_bpm(sound: Samples, *, near: int) -> int:
    """The tempo whose beats fit best, within a quarter of *near* (half and double fit, too)."""
    rises = onsets(sound)
    spectrum = np.fft.rfft(rises, 2 * len(rises))
    likeness = np.fft.irfft(np.abs(spectrum) ** 2)

    def fit(bpm: int) -> float:
        beat = SAMPLE_RATE / HOP * 60 / bpm
        return float(sum(likeness[round(beat * n)] for n in range(1, 25)))

    return max(range(round(near * 0.75), round(near * 1.25)), key=fit)


def chroma(sound: Samples) -> npt.NDArray[np.float64]:
    """How much sounds of each pitch class, C first."""
    mono = sound.mean(axis=1)
    strength = np.abs(np.fft.rfft(mono)) ** 2
    frequencies = np.fft.rfftfreq(len(mono), 1 / SAMPLE_RATE)
    heard = (frequencies > 120) & (frequencies < 1500)
    pitches = 69 + 12 * np.log2(frequencies[heard] / 440)
    # Only what lies close to a pitch: drums are everywhere between.
    close = np.abs(pitches - np.round(pitches)) < 0.2
    classes = np.round(pitches[close]).astype(int) % 12
    loudness = np.bincount(classes, weights=strength[heard][close], minlength=12)
    return np.asarray(loudness, dtype=np.float64)


def heard_scale(sound: Samples) -> frozenset[int]:
    """The scale that holds most of the sound, as pitch classes."""
    heard = chroma(sound)
    scales = {read_key(key).classes for key in KEYS}
    return max(scales, key=lambda scale: sum(heard[pitch] for pitch in scale))


def heard_classes(sound: Samples, count: int) -> frozenset[int]:
    """The pitch classes that sound most."""
    return frozenset(int(pitch) for pitch in np.argsort(chroma(sound))[-count:])


def mp3_seconds(content: bytes) -> float:
    """Walk from frame to frame of MPEG-1 layer III at 96 kbit/s and 44.1 kHz."""
    place, frames = 0, 0
    while place < len(content):
        (head,) = struct.unpack_from(">I", content, place)
        assert head >> 20 == 0xFFF
        assert (head >> 12 & 0xF, head >> 10 & 0x3) == (7, 0)
        place += 144 * files.BIT_RATE * 1000 // SAMPLE_RATE + (head >> 9 & 1)
        frames += 1
    assert place == len(content)
    return frames * 1152 / SAMPLE_RATE


def wav_samples(content: bytes) -> Samples:
    """A WAV of 16 bits, stereo, 44.1 kHz, as samples from -1 to 1."""
    with wave.open(io.BytesIO(content)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (2, 2, 44_100)
        pcm = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2")
    return (pcm.reshape(-1, 2) / np.float32(32767)).astype(np.float32)
