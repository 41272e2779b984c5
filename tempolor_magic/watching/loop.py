"""The one background thread of a kernel and the event loop in it."""

from __future__ import annotations

import asyncio
import contextvars
import os
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from contextlib import suppress
from typing import Any, TypeVar

import anyio.lowlevel

from tempolor_magic.errors import UsageError

T = TypeVar("T")
Work = Callable[[], Coroutine[Any, Any, object]]

# A loop that does not turn for so long is stuck, and waiting longer would not help.
_SETTLING_SECONDS = 5.0
_THREAD = threading.local()


class Loop:
    """An event loop in a daemon thread. Work is handed over; nobody waits for it here.

    What is handed over runs in an empty context: inherited from a cell, ipykernel would go on
    counting everything it sends as the output of that cell. A forked process has a copy of this,
    but not the thread: there it has ended.
    """

    def __init__(self) -> None:
        self._process = os.getpid()
        self._loop = asyncio.new_event_loop()
        self._asked_to_end = asyncio.Event()
        self._last: tuple[Work, ...] = ()
        self._closed = False
        self._turns = threading.Event()
        self._thread = threading.Thread(
            target=contextvars.Context().run, args=(self._run,), name="tempolor_magic", daemon=True
        )
        self._thread.start()
        # In a child that is forked in the middle of an import, nothing can import that any more.
        self._turns.wait(_SETTLING_SECONDS)

    def submit(
        self, work: Callable[..., Coroutine[Any, Any, T]], *args: Any, **named: Any
    ) -> Future[T]:
        """Start *work* on the loop and return its future at once.

        Raises:
            UsageError: The loop has ended.
        """
        if self._process != os.getpid():
            raise UsageError(
                "this was begun in the process from which this one was forked",
                "begin it here anew, such as by tempolor.watch",
            )
        if self._closed:
            raise UsageError(
                "this was begun before the extension was unloaded", "%load_ext tempolor_magic"
            )
        coroutine = work(*args, **named)
        return contextvars.Context().run(asyncio.run_coroutine_threadsafe, coroutine, self._loop)

    def hand_over(self, work: Callable[[], object]) -> None:
        """Run the plain function *work* on the loop's thread, soon; never once it has ended."""
        if not self.has_ended:
            with suppress(RuntimeError):  # another thread has closed it this very moment
                contextvars.Context().run(self._loop.call_soon_threadsafe, work)

    def later(self, seconds: float, work: Callable[[], object]) -> None:
        """Run the plain function *work* on the loop's thread after so many seconds."""
        self.hand_over(lambda: self._loop.call_later(seconds, work))

    def settle(self) -> None:
        """Return when everything handed over so far was taken up, or that takes too long.

        On the loop's own thread, or when it has ended, there is nothing to wait for.
        """
        if not self.has_ended and not on_loop_thread():
            with suppress(TimeoutError):
                self.submit(_nothing).result(_SETTLING_SECONDS)

    @property
    def has_ended(self) -> bool:
        """Whether nothing that is handed over is done any more."""
        return self._closed or self._process != os.getpid()

    def close(self, *last: Work, patience: float = _SETTLING_SECONDS) -> None:
        """Cancel what still runs, do what is to be done *last*, and end the thread.

        A thread that does not end within *patience* seconds, since something on it does not
        return, is left to itself: it must not hold up the end of the kernel.
        """
        if self.has_ended:
            return
        self._closed, self._last = True, last
        self._loop.call_soon_threadsafe(self._asked_to_end.set)
        self._thread.join(patience)

    def _run(self) -> None:
        _THREAD.is_loop = True
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._until_asked_to_end())

    async def _until_asked_to_end(self) -> None:
        await anyio.lowlevel.checkpoint()  # it imports what it needs with the first use
        self._turns.set()
        await self._asked_to_end.wait()
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        await asyncio.gather(*(work() for work in self._last), return_exceptions=True)


def on_loop_thread() -> bool:
    """Whether this is the thread of a loop, where nobody may wait for what the loop does."""
    return getattr(_THREAD, "is_loop", False)


async def _nothing() -> None:
    """A turn of the loop."""
