"""A waveform as a small picture: PNG, because sanitizers drop SVG and styles. Pure."""

from __future__ import annotations

import base64
import struct
import zlib
from collections.abc import Sequence
from functools import lru_cache

_Colour = tuple[int, int, int, int]
# Twice as fine as it is shown: sharp on fine screens, and when stretched to the card's width.
BAR, GAP, HEIGHT = 6, 4, 96
# A blue that has contrast on white and on near-black alike; the rest is transparent.
_BLUE = (0x4C, 0x8D, 0xD6, 0xFF)
# Where there is nothing to see yet.
_FAINT = (0x80, 0x80, 0x80, 0x60)
_BARS = 120


def picture(peaks: Sequence[int]) -> str:
    """The peaks (whole percents) as the source of an ``img``; without peaks a faint line."""
    colour = _BLUE if peaks else _FAINT
    return "data:image/png;base64," + _encoded(tuple(peaks) or (0,) * _BARS, colour)


@lru_cache(maxsize=64)
def _encoded(peaks: tuple[int, ...], colour: _Colour) -> str:
    """Kept for a while: a card is drawn more often than its music changes."""
    width = len(peaks) * (BAR + GAP) - GAP
    rows = [_row(peaks, y) for y in range(HEIGHT)]
    return base64.b64encode(_png(width, rows, colour)).decode()


def _row(peaks: Sequence[int], y: int) -> bytes:
    """One line of pixels, an index each; bars grow from the middle."""
    distance = abs(y + 0.5 - HEIGHT / 2)
    bars = [bytes([distance <= max(2.0, peak / 100 * HEIGHT / 2)]) * BAR for peak in peaks]
    return bytes(GAP).join(bars)


def _png(width: int, rows: Sequence[bytes], colour: _Colour) -> bytes:
    body = zlib.compress(b"".join(b"\0" + row for row in rows), 9)
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR", struct.pack(">IIBBBBB", width, len(rows), 8, 3, 0, 0, 0)),
            _chunk(b"PLTE", bytes((0, 0, 0, *colour[:3]))),
            _chunk(b"tRNS", bytes((0, colour[3]))),
            _chunk(b"IDAT", body),
            _chunk(b"IEND", b""),
        )
    )


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
