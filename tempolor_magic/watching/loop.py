"""The one background thread of a kernel and the event loop in it."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from contextlib import AbstractContextManager
from typing import Any, TypeVar

from anyio.from_thread import BlockingPortal, start_blocking_portal

T = TypeVar("T")


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

    def submit(
        self, work: Callable[..., Coroutine[Any, Any, T]], *args: Any, **named: Any
    ) -> Future[T]:
        """Start *work* on the loop and return its future at once."""
        coroutine = work(*args, **named)
        return contextvars.Context().run(asyncio.run_coroutine_threadsafe, coroutine, self._loop)

    def hand_over(self, work: Callable[[], object]) -> None:
        """Run the plain function *work* on the loop's thread, soon."""
        contextvars.Context().run(self._loop.call_soon_threadsafe, work)

    def close(self) -> None:
        """Cancel what still runs and end the thread."""
        self._lifetime.__exit__(None, None, None)


async def _running_loop() -> asyncio.AbstractEventLoop:
    return asyncio.get_running_loop()
