"""Pictures of at most 256 colours: a third of the size, and nobody sees the difference."""

from __future__ import annotations

import base64
import struct
import zlib

from playwright.sync_api import Page

# The browser decodes it. Colours that are nearly alike become their mean; the most frequent of
# those are kept, and all others become the nearest that is kept.
_INDEX = """async source => {
    const answer = await fetch("data:image/png;base64," + source)
    const bitmap = await createImageBitmap(await answer.blob())
    const paper = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d")
    paper.drawImage(bitmap, 0, 0)
    const {data} = paper.getImageData(0, 0, bitmap.width, bitmap.height)
    const groups = new Map()
    const group = i => (data[i] >> 3) << 10 | (data[i + 1] >> 3) << 5 | data[i + 2] >> 3
    for (let i = 0; i < data.length; i += 4) {
        const sum = groups.get(group(i)) ?? [0, 0, 0, 0]
        groups.set(group(i), [sum[0] + 1, ...[0, 1, 2].map(c => sum[c + 1] + data[i + c])])
    }
    const means = [...groups].sort((a, b) => b[1][0] - a[1][0])
        .map(([name, [count, ...sums]]) => [name, sums.map(sum => Math.round(sum / count))])
    const kept = means.slice(0, 256).map(([, colour]) => colour)
    const far = (a, b) => a.reduce((sum, value, c) => sum + (value - b[c]) ** 2, 0)
    const nearest = colour => kept.reduce(
        (best, other, i) => far(other, colour) < far(kept[best], colour) ? i : best, 0)
    const index = new Map(means.map(([name, colour], i) => [name, i < 256 ? i : nearest(colour)]))
    let pixels = ""
    for (let i = 0; i < data.length; i += 4) pixels += String.fromCharCode(index.get(group(i)))
    return [bitmap.width, bitmap.height, kept.flat(), btoa(pixels)]
}"""


def reduced(picture: bytes, page: Page) -> bytes:
    """A PNG with a palette instead of the PNG *picture*; any page of a browser may help."""
    width, height, colours, indexed = page.evaluate(_INDEX, base64.b64encode(picture).decode())
    pixels = base64.b64decode(indexed)
    rows = (b"\0" + pixels[n * width : (n + 1) * width] for n in range(height))
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
        (b"PLTE", bytes(colours)),
        (b"IDAT", zlib.compress(b"".join(rows), 9)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, body) for kind, body in parts)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
