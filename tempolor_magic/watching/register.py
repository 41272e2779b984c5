"""The watches of a kernel by job: all that matter, however long the kernel runs."""

from __future__ import annotations

import threading
from collections import deque
from typing import TypeAlias
from weakref import WeakValueDictionary

from tempolor_magic.watching.connection import Connection
from tempolor_magic.watching.watch import Watch

Key: TypeAlias = tuple[Connection, str]

# A completed job stays at hand as long as a variable or an output holds it, and beyond that the
# latest so many do. The journal knows the others, and the service tells of them anew.
LATEST_COMPLETED = 200


class Register:
    """Every watch that runs, ended badly, is held by anybody, or was completed lately."""

    def __init__(self, latest: int = LATEST_COMPLETED) -> None:
        self._known: WeakValueDictionary[Key, Watch] = WeakValueDictionary()
        # In the order of their beginning, which is the order of all of them.
        self._kept: dict[Watch, None] = {}
        self._completed: deque[Watch] = deque(maxlen=latest)
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

    def complete(self, watch: Watch) -> None:
        """Hold *watch* no longer than those that were completed lately."""
        with self.lock:
            self._kept.pop(watch, None)
            self._completed.append(watch)

    def all(self) -> list[Watch]:
        """Every one, oldest first."""
        with self.lock:
            return self.without_lock()

    def without_lock(self) -> list[Watch]:
        """Like :meth:`all`, for a forked process: the lock may be held there for ever."""
        return list(self._known.values())
