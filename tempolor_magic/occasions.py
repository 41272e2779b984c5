"""The how-manyth time the same is asked for, in this run of this cell."""

from __future__ import annotations

from collections import Counter

from tempolor_magic.view import frontend
from tempolor_magic.watching.ledger import Occasion


class Occasions:
    """Counts asks on the kernel's thread. A cell that runs again counts from the beginning."""

    def __init__(self) -> None:
        self._counted: Counter[str] = Counter()
        self._execution: object = None

    def next(self, content: str) -> Occasion:
        """The occasion of asking for *content* (a hash) now."""
        cell, execution = frontend.cell(), frontend.execution()
        goes_on = not cell and frontend.runs_each_cell_once()
        if execution != self._execution and not goes_on:
            self._counted.clear()
        self._execution = execution
        ordinal = self._counted[content]
        self._counted[content] += 1
        return Occasion(cell, ordinal)
