"""What is handed out as files: MP3, WAV and waveform of a sound, stems, a cover picture. Pure.

It reads no disk and writes none; every function turns values into bytes.
"""

from __future__ import annotations

import io
import random
import struct
import wave
import zipfile
import zlib
from collections.abc import Mapping

import lameenc
import numpy as np
import numpy.typing as npt

from tempolor_magic.sandbox.instruments import SAMPLE_RATE, Samples

BIT_RATE = 96  # kbit/s: ten seconds are 120 kB, small enough to embed a preview in a notebook
PEAKS = 256
COVER_SIZE = 240

_SHADES = 24  # few compress well, and the visible bands are the picture

# Ground, body, light and accent, as red, green, blue: each mood has a look of its own.
_PALETTES = {
    "Tender": ((74, 44, 72), (201, 110, 122), (250, 221, 200), (255, 244, 224)),
    "Dreamy": ((46, 45, 90), (128, 118, 196), (222, 205, 240), (255, 214, 224)),
    "Hopeful": ((28, 70, 92), (76, 158, 150), (238, 232, 180), (255, 196, 110)),
    "Bright": ((18, 84, 120), (64, 170, 205), (250, 240, 190), (255, 140, 90)),
    "Playful": ((92, 34, 92), (232, 96, 110), (255, 220, 140), (90, 210, 190)),
    "Uplifting": ((30, 60, 110), (240, 130, 90), (255, 230, 170), (255, 250, 235)),
    "Wistful": ((36, 48, 66), (106, 130, 150), (214, 214, 205), (222, 160, 130)),
    "Nocturnal": ((12, 16, 40), (44, 58, 118), (120, 140, 196), (246, 226, 160)),
    "Pensive": ((34, 54, 50), (92, 124, 104), (206, 208, 176), (236, 190, 120)),
    "Restless": ((48, 14, 34), (176, 40, 60), (246, 150, 90), (255, 226, 150)),
    "Driven": ((14, 20, 30), (20, 104, 122), (90, 220, 200), (250, 90, 140)),
    "Mysterious": ((24, 12, 44), (88, 40, 120), (190, 110, 180), (120, 230, 220)),
}


def mp3(sound: Samples) -> bytes:
    """Stereo samples as an MP3 of constant bit rate."""
    encoder = lameenc.Encoder()
    encoder.silence()
    encoder.set_bit_rate(BIT_RATE)
    encoder.set_in_sample_rate(SAMPLE_RATE)
    # Left alone, LAME would fall back to 32 kHz at this bit rate.
    encoder.set_out_sample_rate(SAMPLE_RATE)
    encoder.set_channels(sound.shape[1])
    encoder.set_quality(5)
    return bytes(encoder.encode(_pcm(sound))) + bytes(encoder.flush())


def wav(sound: Samples) -> bytes:
    """Samples as a WAV of 16 bits."""
    content = io.BytesIO()
    with wave.Wave_write(content) as file:
        file.setnchannels(sound.shape[1])
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        file.writeframes(_pcm(sound))
    return content.getvalue()


def stems_zip(stems: Mapping[str, Samples]) -> bytes:
    """A WAV for each stem, stored as they are: they would not shrink by much.

    The same stems make the same bytes, so that an interrupted download can be taken up.
    """
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_STORED) as archive:
        for name, sound in stems.items():
            archive.writestr(zipfile.ZipInfo(f"{name}.wav"), wav(sound))
    return content.getvalue()


def _pcm(sound: Samples) -> bytes:
    return np.rint(sound * 32767).astype("<i2").tobytes()


def peaks(sound: Samples) -> list[float]:
    """The loudest moments of 256 equal stretches, from 0 to 1."""
    loudness = np.max(np.abs(sound), axis=1)
    starts = np.linspace(0, len(loudness), PEAKS, endpoint=False).astype(np.int64)
    loudest = np.maximum.reduceat(loudness, starts)
    return [round(float(peak), 3) for peak in np.clip(loudest, 0, 1)]


def cover(*, seed: int, mood: str) -> bytes:
    """An abstract picture as PNG: drifting bands in the mood's colours, and a disc above them."""
    rng = random.Random(seed)  # noqa: S311 - pictures, not secrets
    ground, body, light, accent = _PALETTES.get(mood, _PALETTES["Dreamy"])
    shades = (_bands(rng) * (_SHADES - 1)).astype(np.uint8)
    shades[_disc(rng)] += _SHADES
    plain = _blend(ground, body, light)
    return _png(shades, np.concatenate([plain, _tinted(plain, accent)]))


def _plane() -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """The picture's coordinates, both from 0 to 1."""
    line = np.linspace(0, 1, COVER_SIZE)
    across, down = np.meshgrid(line, line)
    return across, down


def _bands(rng: random.Random) -> npt.NDArray[np.float64]:
    """A hilly field from 0 to 1, lighter towards the bottom."""
    across, down = _plane()
    field = 1.6 * down
    for _ in range(3):
        turns, lean, shift = rng.uniform(0.4, 1.5), rng.uniform(-1.2, 1.2), rng.uniform(0, 6.3)
        field = field + 0.35 * np.sin(2 * np.pi * turns * (across + lean * down) + shift)
    lowest, highest = float(field.min()), float(field.max())
    return np.asarray((field - lowest) / (highest - lowest))


def _disc(rng: random.Random) -> npt.NDArray[np.bool_]:
    """Where the sun, or moon, stands."""
    across, down = _plane()
    x, y, radius = rng.uniform(0.28, 0.72), rng.uniform(0.25, 0.5), rng.uniform(0.13, 0.22)
    return (across - x) ** 2 + (down - y) ** 2 < radius**2


def _blend(*colours: tuple[int, int, int]) -> npt.NDArray[np.float64]:
    """As many shades as there are bands, from the first colour to the last."""
    stops = np.linspace(0, 1, len(colours))
    places = np.linspace(0, 1, _SHADES)
    channels = [np.interp(places, stops, channel) for channel in np.array(colours, float).T]
    return np.stack(channels, axis=1)


def _tinted(
    shades: npt.NDArray[np.float64], accent: tuple[int, int, int]
) -> npt.NDArray[np.float64]:
    """The same shades seen through the disc."""
    return np.asarray(0.22 * shades + 0.78 * np.array(accent, float))


def _png(pixels: npt.NDArray[np.uint8], palette: npt.NDArray[np.float64]) -> bytes:
    """Palette indices as a PNG; rows are stored as they are (filter 0)."""
    height, width = pixels.shape
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    rows = np.insert(pixels, 0, 0, axis=1).tobytes()
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR", header),
            _chunk(b"PLTE", palette.round().astype(np.uint8).tobytes()),
            _chunk(b"IDAT", zlib.compress(rows, 9)),
            _chunk(b"IEND", b""),
        )
    )


def _chunk(kind: bytes, content: bytes) -> bytes:
    checksum = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)
