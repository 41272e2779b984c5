"""Peaks out of a waveform file, whatever its shape. Pure.

Such files have no agreed form: a list of numbers, lists per channel, pairs of minimum and
maximum, or any of these under some name. What counts is the longest run of numbers in it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

BARS = 120
_DEEPEST = 6
_FEWEST = 8


def read_peaks(document: Any) -> tuple[int, ...]:
    """The loudness over time as whole percents of the loudest, in at most ``BARS`` bars.

    Empty when the document holds nothing that could be a waveform.
    """
    levels = max(_runs(document, _DEEPEST), key=len, default=[])
    if len(levels) < _FEWEST:
        return ()
    bars = _bars(levels)
    loudest = max(bars)
    return tuple(round(100 * bar / loudest) for bar in bars) if loudest > 0 else ()


def _runs(document: Any, depth: int) -> list[list[float]]:
    """Every list of numbers, or of pairs of numbers, anywhere in the document."""
    if depth == 0:
        return []
    if isinstance(document, dict):
        return [run for part in document.values() for run in _runs(part, depth - 1)]
    if not isinstance(document, list):
        return []
    levels = [_level(part) for part in document]
    known = [level for level in levels if level is not None]
    if known and len(known) == len(levels):
        return [known]
    return [run for part in document for run in _runs(part, depth - 1)]


def _level(part: Any) -> float | None:
    """How loud one entry is: a number, or the larger of a short tuple of numbers."""
    if isinstance(part, list) and 1 <= len(part) <= 2:  # noqa: PLR2004  # minimum and maximum
        levels = [_level(each) for each in part]
        return max((level for level in levels if level is not None), default=None)
    if isinstance(part, bool) or not isinstance(part, int | float):
        return None
    try:
        level = abs(float(part))
    except OverflowError:
        return None
    return level if math.isfinite(level) else None


def _bars(levels: Sequence[float]) -> list[float]:
    """The loudest of each stretch, so that no beat is lost by drawing fewer bars."""
    count = min(BARS, len(levels))
    edges = [len(levels) * n // count for n in range(count + 1)]
    return [max(levels[a:b]) for a, b in pairwise(edges)]
