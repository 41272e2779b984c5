"""A thread for small work that may have to wait for a disk."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue

Work = Callable[[], object]


class Writer:
    """Does what it is handed in order, on one thread that begins with the first work.

    It is a daemon, unlike those of the standard library's pools: a disk that does not answer must
    not hold up the end of Python.

    Args:
        name: Of the thread.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._handed: SimpleQueue[tuple[Work, Future[None]] | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._closed = False
        self._starting = threading.Lock()

    def soon(self, work: Work) -> Future[None]:
        """Hand over *work*, which raises nothing. The future is done once it was done.

        After :meth:`close` nothing is done any more.
        """
        done: Future[None] = Future()
        with self._starting:
            if self._closed:
                done.set_result(None)
                return done
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                self._thread.start()
            self._handed.put((work, done))
        return done

    def close(self, patience: float) -> None:
        """Have done what was handed over, and end the thread; go on without it after *patience*.

        Args:
            patience: Seconds.
        """
        with self._starting:
            self._closed = True
        if self._thread is not None:
            self._handed.put(None)
            self._thread.join(patience)

    def _run(self) -> None:
        while (handed := self._handed.get()) is not None:
            work, done = handed
            try:
                work()
            finally:
                done.set_result(None)
