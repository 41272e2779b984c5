"""A line of a terminal that tells how jobs go on while they are waited for."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from typing import TextIO

from tempolor_magic.view import words
from tempolor_magic.watching.snapshot import Snapshot

_TO_LINE_START, _CLEAR = "\r", "\x1b[K"


class Ticker:
    """Writes over one line of *out*, only when it would look different."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._shown = ""

    def show(self, snapshots: Sequence[Snapshot], now: float) -> None:
        """Tell of the jobs at the monotonic moment *now*."""
        faces = tuple(words.face(snapshot, now=now) for snapshot in snapshots)
        self.tell(words.line(faces[0]) if len(faces) == 1 else words.tally(faces))

    def tell(self, told: str) -> None:
        """Write *told*, as much of it as there is room for."""
        told = told[: shutil.get_terminal_size().columns - 1]
        if told != self._shown:
            self._shown = told
            self._out.write(f"{_TO_LINE_START}{_CLEAR}{told}")
            self._out.flush()

    def clear(self) -> None:
        """Leave an empty line behind for what comes next."""
        if self._shown:
            self._out.write(f"{_TO_LINE_START}{_CLEAR}")
            self._out.flush()
