"""Record text made safe to look at: whatever the service wrote, as lines that can be read. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from unicodedata import category

from tempolor_magic.errors import shown

_JOINERS = "\u200c\u200d"
_LONGEST_LINE = 2_000
_MOST_LINES = 400
_LONGEST_RAW = 20_000


def readable(text: str, longest: int) -> str:
    """As ``shown``, but blanks of every script are blanks, and joined letters stay joined."""
    safe = "".join(
        c if c in _JOINERS else " " if category(c) == "Zs" else shown(c)
        for c in text[: longest + 1]
    )
    return safe if len(safe) <= longest else safe[: longest - 1] + "…"


def prose(text: str) -> str:
    """Text of several lines, each of them shown."""
    lines = text.splitlines()[:_MOST_LINES]
    return "\n".join(readable(line.expandtabs(4), _LONGEST_LINE) for line in lines)


def raw(document: Mapping[str, Any]) -> str:
    """An untouched record as indented JSON, cut where nobody reads on."""
    return json.dumps(document, indent=1, ensure_ascii=True)[:_LONGEST_RAW]
