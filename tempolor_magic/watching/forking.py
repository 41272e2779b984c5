"""A fork waits until no thread is in the middle of what must not be copied half done.

SQLite is such a thing: a lock that a thread of the parent holds at that moment is held in the
child for ever, where that thread is not.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

# Seconds. A disk that does not answer must not hold up a cell that forks.
_PATIENCE = 1.0


class Crossing:
    """Many may be on it at once; before a fork nobody comes on, and who is there goes first.

    Args:
        patience: Seconds that a fork waits at most.
    """

    def __init__(self, patience: float = _PATIENCE) -> None:
        self._patience = patience
        self._changed = threading.Condition()
        self._on_it = 0
        self._forks = 0

    @contextmanager
    def crossing(self) -> Iterator[None]:
        """What is done in here is whole in every child, or has not begun."""
        with self._changed:
            self._changed.wait_for(lambda: not self._forks)
            self._on_it += 1
        try:
            yield
        finally:
            self._count_off()

    def close(self) -> None:
        """Before a fork: return when nobody is on it, or that takes too long."""
        with self._changed:
            self._forks += 1
            self._changed.wait_for(lambda: not self._on_it, self._patience)

    def open(self) -> None:
        """After a fork, in the process that has forked."""
        with self._changed:
            self._forks -= 1
            self._changed.notify_all()

    def begin_anew(self) -> None:
        """After a fork, in the child: it has no thread that could be on it."""
        self._changed = threading.Condition()
        self._on_it = self._forks = 0

    def guard(self) -> None:
        """Have every fork of this process heed it."""
        if hasattr(os, "register_at_fork"):  # not on Windows
            os.register_at_fork(
                before=self.close, after_in_parent=self.open, after_in_child=self.begin_anew
            )

    def _count_off(self) -> None:
        with self._changed:
            self._on_it -= 1
            self._changed.notify_all()
