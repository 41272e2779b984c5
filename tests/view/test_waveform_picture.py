"""A waveform as a picture that every sanitizer lets through."""

from __future__ import annotations

import base64
import struct
import zlib

from tempolor_magic.view.waveform import BAR, GAP, HEIGHT, picture

LINE = 4  # pixels that silence is high


def test_no_peaks_are_a_faint_line() -> None:
    """It keeps the place of the waveform, in another colour than music."""
    rows = _pixels(picture(()))
    assert [any(row) for row in rows].count(True) == LINE
    assert _palette(picture(())) != _palette(picture((50,)))


def test_the_picture_is_a_png_with_a_bar_for_each_peak() -> None:
    """As high as it is loud, growing from the middle; silence is still a thin line."""
    rows = _pixels(picture((0, 50, 100)))
    assert len(rows) == HEIGHT
    assert {len(row) for row in rows} == {3 * (BAR + GAP) - GAP}
    heights = [sum(row[n * (BAR + GAP)] for row in rows) for n in range(3)]
    assert heights == [LINE, HEIGHT // 2, HEIGHT]


def test_the_picture_is_small() -> None:
    """A card is sent and saved with it."""
    assert len(picture(tuple(n * 7 % 101 for n in range(120)))) < 4096


def _palette(source: str) -> bytes:
    body = _decoded(source)
    return body[body.index(b"PLTE") : body.index(b"IDAT")]


def _decoded(source: str) -> bytes:
    kind, _, data = source.partition(",")
    assert kind == "data:image/png;base64"
    return base64.b64decode(data)


def _pixels(source: str) -> list[bytes]:
    body = _decoded(source)
    width, height = struct.unpack(">II", body[16:24])
    at = body.index(b"IDAT")
    (length,) = struct.unpack(">I", body[at - 4 : at])
    raw = zlib.decompress(body[at + 4 : at + 4 + length])
    return [raw[n * (width + 1) + 1 : (n + 1) * (width + 1)] for n in range(height)]
