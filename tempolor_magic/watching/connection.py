"""One service and one token: what all jobs watched through them share."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import anyio

from tempolor_magic.api.client import AsyncClient
from tempolor_magic.api.wire import CONNECTIONS
from tempolor_magic.watching.clock import Clock
from tempolor_magic.watching.pace import Pace


@dataclass(eq=False)
class Connection:
    """A client, the pace of its service, and the pause its service asked for.

    ``sandbox`` tells that the service is the stand-in, so that its cards can say so; ``speed`` is
    how many times as fast as life it runs.
    """

    client: AsyncClient
    clock: Clock
    chance: Callable[[], float]
    pace: Pace = field(default_factory=Pace)
    sandbox: bool = False
    speed: float = 1.0
    paused_until: float = 0.0
    _gate: anyio.Semaphore = field(default_factory=lambda: anyio.Semaphore(CONNECTIONS))

    @property
    def base_url(self) -> str:
        """Where the calls go."""
        return self.client.base_url

    @property
    def user(self) -> str:
        """The useapi.net user number of the token."""
        return self.client.token.user

    def pause(self, until: float) -> None:
        """No request of this token before the monotonic moment *until*."""
        self.paused_until = max(self.paused_until, until)

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """A place among the requests under way, once no pause is on."""
        async with self._gate:
            while (rest := self.paused_until - self.clock.monotonic()) > 0:
                jitter = self.chance() * self.pace.first_retry
                await self.clock.wait(anyio.Event(), rest + jitter)
            yield
