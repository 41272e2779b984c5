"""The one background thread of a kernel and the event loop in it."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from contextlib import AbstractContextManager, suppress
from typing import Any, TypeVar

from anyio.from_thread import BlockingPortal, start_blocking_portal

from tempolor_magic.errors import UsageError

T = TypeVar("T")

# A loop that does not turn for so long is stuck, and waiting longer would not help.
_SETTLING_SECONDS = 5.0
_THREAD = threading.local()


class Loop:
    """An event loop in a daemon thread. Work is handed over; nobody waits for it here.

    What is handed over runs in an empty context: inherited from a cell, ipykernel would go on
    counting everything it sends as the output of that cell. Handing over is a callback, not
    anyio's own call into the portal: that one waits until the loop has taken the work.
    """

    def __init__(self) -> None:
        self._lifetime: AbstractContextManager[BlockingPortal] = start_blocking_portal(
            name="tempolor_magic"
        )
        portal = contextvars.Context().run(self._lifetime.__enter__)
        self._loop = portal.call(_running_loop)
        portal.call(_mark_thread)
        self._ended = False

    def submit(
        self, work: Callable[..., Coroutine[Any, Any, T]], *args: Any, **named: Any
    ) -> Future[T]:
        """Start *work* on the loop and return its future at once.

        Raises:
            UsageError: The loop has ended.
        """
        if self._ended:
            raise UsageError(
                "this was begun before the extension was unloaded", "%load_ext tempolor_magic"
            )
        coroutine = work(*args, **named)
        return contextvars.Context().run(asyncio.run_coroutine_threadsafe, coroutine, self._loop)

    def hand_over(self, work: Callable[[], object]) -> None:
        """Run the plain function *work* on the loop's thread, soon; never once it has ended."""
        if not self._ended:
            contextvars.Context().run(self._loop.call_soon_threadsafe, work)

    def later(self, seconds: float, work: Callable[[], object]) -> None:
        """Run the plain function *work* on the loop's thread after so many seconds."""
        self.hand_over(lambda: self._loop.call_later(seconds, work))

    def settle(self) -> None:
        """Return when everything handed over so far was taken up, or that takes too long.

        On the loop's own thread, or when it has ended, there is nothing to wait for.
        """
        if not self._ended and not on_loop_thread():
            with suppress(TimeoutError):
                self.submit(_nothing).result(_SETTLING_SECONDS)

    def close(self) -> None:
        """Cancel what still runs and end the thread."""
        self._ended = True
        self._lifetime.__exit__(None, None, None)


def on_loop_thread() -> bool:
    """Whether this is the thread of a loop, where nobody may wait for what the loop does."""
    return getattr(_THREAD, "is_loop", False)


async def _mark_thread() -> None:
    _THREAD.is_loop = True


async def _nothing() -> None:
    """A turn of the loop."""


async def _running_loop() -> asyncio.AbstractEventLoop:
    return asyncio.get_running_loop()
