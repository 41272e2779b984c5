"""What a cell that downloads shows: a line that goes on, and in the end the names of the files."""

from __future__ import annotations

import sys
import uuid
from collections.abc import Callable, Sequence
from time import monotonic

from tempolor_magic.view import html
from tempolor_magic.view.frontend import has_widgets
from tempolor_magic.view.output import show_bundle
from tempolor_magic.view.progress import Line, line
from tempolor_magic.view.ticker import Ticker
from tempolor_magic.watching.snapshot import Snapshot

# Seconds between two changes.
SHORTEST_GAP = 0.5


class SavingOutput:
    """One output of the present cell. In a terminal it is a line that is written over.

    Args:
        look: The jobs' latest snapshots.
        now: Monotonic seconds.
    """

    def __init__(
        self, look: Callable[[], Sequence[Snapshot]], now: Callable[[], float] = monotonic
    ) -> None:
        self._look = look
        self._now = now
        self._in_page = has_widgets()
        self._display_id = uuid.uuid4().hex
        self._ticker = Ticker(sys.stdout) if not self._in_page and sys.stdout.isatty() else None
        self._told: Line | None = None
        self._next_at = 0.0

    def tick(self, done: int) -> None:
        """Tell how far it is, *done* files being over; twice a second at most, and only news."""
        snapshots, now = self._look(), self._now()
        if now < self._next_at or done == len(snapshots):
            return
        told = line(snapshots, done, now=now)
        if told == self._told:
            return
        if self._ticker:
            self._ticker.tell(told.words)
        elif self._in_page:
            self._show(html.saving(told.words, percent=told.percent), told.words)
        self._told, self._next_at = told, now + SHORTEST_GAP

    def end(self, saved: Sequence[str] = (), *, said: str = "") -> None:
        """Leave what the file keeps: the names of the files, or what is *said* instead."""
        if self._ticker:
            self._ticker.clear()
        if self._in_page and (saved or self._told is not None):
            lines = [*(f"Saved as {name}" for name in saved), *([said] if said else [])]
            self._show(html.saving(said, saved=saved), "\n".join(lines))

    def _show(self, page: str, text: str) -> None:
        bundle = {"text/html": page, "text/plain": text}
        show_bundle(bundle, self._display_id, in_place=self._told is not None)
