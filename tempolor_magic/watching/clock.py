"""Time, as the loop sees it. Passed in, so that a test can bring its own."""

from __future__ import annotations

import time
from typing import Protocol

import anyio


class Clock(Protocol):
    """What the loop needs of time. All values are seconds."""

    def monotonic(self) -> float:
        """A time that never jumps; its zero means nothing."""

    def time(self) -> float:
        """Seconds since the epoch."""

    async def wait(self, event: anyio.Event, seconds: float) -> None:
        """Return when *event* is set or *seconds* have passed, whichever is first."""


class SystemClock:
    """The machine's own time."""

    def monotonic(self) -> float:
        """See :class:`Clock`."""
        return time.monotonic()

    def time(self) -> float:
        """See :class:`Clock`."""
        return time.time()

    async def wait(self, event: anyio.Event, seconds: float) -> None:
        """See :class:`Clock`."""
        with anyio.move_on_after(max(0.0, seconds)):
            await event.wait()
