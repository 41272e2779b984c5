"""The watches of a kernel by job: all that matter, however long the kernel runs."""

from __future__ import annotations

import threading
from collections import deque
from typing import TypeAlias
from weakref import WeakValueDictionary

from tempolor_magic.watching.connection import Connection
from tempolor_magic.watching.snapshot import State
from tempolor_magic.watching.watch import Watch

Key: TypeAlias = tuple[Connection, str]

# What is over stays at hand as long as a variable or an output holds it; beyond that the latest
# so many do, of good ends and of bad ones. The journal knows the others, and the service tells of
# them anew.
LATEST = 100


class Register:
    """Every watch that runs, is held by anybody, or ended lately."""

    def __init__(self, latest: int = LATEST) -> None:
        self._known: WeakValueDictionary[Key, Watch] = WeakValueDictionary()
        # In the order of their beginning, which is the order of all of them.
        self._kept: dict[Watch, None] = {}
        # Apart: who waits for all must hear of a bad end, whatever has ended well since.
        self._good: deque[Watch] = deque(maxlen=latest)
        self._bad: deque[Watch] = deque(maxlen=latest)
        self.lock = threading.RLock()

    def get(self, connection: Connection, job_id: str) -> Watch | None:
        """The watch of a job, if it is known."""
        return self._known.get((connection, job_id))

    def add(self, watch: Watch) -> None:
        """Keep *watch*, in the place of an earlier one of its job."""
        with self.lock:
            key = (watch.connection, watch.job_id.text)
            before = self._known.get(key)
            if before is not None:
                self._kept.pop(before, None)
            self._known[key] = watch
            self._kept[watch] = None

    def end(self, watch: Watch) -> None:
        """Hold *watch*, which is over, no longer than others that ended like it lately."""
        with self.lock:
            self._kept.pop(watch, None)
            alike = self._good if watch.snapshot.state is State.COMPLETED else self._bad
            alike.append(watch)

    def all(self) -> list[Watch]:
        """Every one, oldest first."""
        with self.lock:
            return self.without_lock()

    def without_lock(self) -> list[Watch]:
        """Like :meth:`all`, for a forked process: the lock may be held there for ever."""
        return list(self._known.values())
