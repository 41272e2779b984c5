"""Which part of a file a ``Range`` header asks for. Pure.

One range of bytes, as media players send it. Anything else is answered with the whole file, which
RFC 9110 section 14.2 allows.
"""

from __future__ import annotations

import re

_ONE_RANGE = re.compile(r"bytes=([0-9]*)-([0-9]*)", re.ASCII)


def wanted(header: str | None, *, size: int) -> range | None:
    """The offsets asked for; ``None`` is the whole file, an empty range cannot be satisfied."""
    asked = _ONE_RANGE.fullmatch((header or "").strip())
    if asked is None or asked[0] == "bytes=-":
        return None
    first, last = asked.groups()
    if not first:
        return range(max(0, size - int(last)), size)
    if last and int(last) < int(first):
        return None
    end = min(size, int(last) + 1) if last else size
    return range(int(first), max(int(first), end))
