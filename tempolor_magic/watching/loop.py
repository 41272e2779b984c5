"""The one background thread of a kernel and the event loop in it."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from contextlib import AbstractContextManager
from typing import Any, TypeVar

from anyio.from_thread import BlockingPortal, start_blocking_portal

T = TypeVar("T")

# A loop that does not turn for so long is stuck, and waiting longer would not help.
_SETTLING_SECONDS = 5.0


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
        self._thread = portal.call(threading.get_ident)
        self._ended = False

    def submit(
        self, work: Callable[..., Coroutine[Any, Any, T]], *args: Any, **named: Any
    ) -> Future[T]:
        """Start *work* on the loop and return its future at once."""
        coroutine = work(*args, **named)
        return contextvars.Context().run(asyncio.run_coroutine_threadsafe, coroutine, self._loop)

    def hand_over(self, work: Callable[[], object]) -> None:
        """Run the plain function *work* on the loop's thread, soon."""
        contextvars.Context().run(self._loop.call_soon_threadsafe, work)

    def settle(self) -> None:
        """Return when everything handed over so far was taken up.

        On the loop's own thread, or when it has ended, there is nothing to wait for.
        """
        if not self._ended and threading.get_ident() != self._thread:
            self.submit(_nothing).result(_SETTLING_SECONDS)

    def close(self) -> None:
        """Cancel what still runs and end the thread."""
        self._ended = True
        self._lifetime.__exit__(None, None, None)


async def _nothing() -> None:
    """A turn of the loop."""


async def _running_loop() -> asyncio.AbstractEventLoop:
    return asyncio.get_running_loop()
