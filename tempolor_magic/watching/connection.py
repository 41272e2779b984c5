"""One service and one token: what all jobs watched through them share."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeVar

import anyio

from tempolor_magic.api.client import AsyncClient
from tempolor_magic.api.wire import CONNECTIONS
from tempolor_magic.errors import PassingTrouble, RateLimited
from tempolor_magic.watching.clock import Clock
from tempolor_magic.watching.pace import Pace

T = TypeVar("T")


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
    # The last answer that all slots are taken, and the monotonic moment until which it holds.
    full: RateLimited | None = None
    full_until: float = 0.0
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

    def moment(self, retry_at: float) -> float:
        """The monotonic moment of the epoch second *retry_at*; never earlier than that."""
        # In this order: what passes between the two looks makes it later.
        rest = max(0.0, retry_at - self.clock.time())
        return self.clock.monotonic() + rest

    def heed(self, error: PassingTrouble) -> float | None:
        """Leave the service alone for as long as *error* asks for: the moment it ends, if any."""
        if error.retry_at is None:
            return None
        until = self.moment(error.retry_at)
        self.pause(until)
        return until

    def hold(self, busy: RateLimited, until: float) -> None:
        """Nothing more is to be made before *until*; questions go on, they need no slot."""
        if until > self.full_until:
            self.full, self.full_until = busy, until

    @asynccontextmanager
    async def turn(self, ends_at: float = math.inf) -> AsyncIterator[None]:
        """A place among the requests under way, once no pause is on.

        Raises:
            RateLimited: There is a pause beyond the monotonic moment *ends_at*; nothing was sent.
        """
        async with self._gate:
            await self.quiet(ends_at)
            yield

    async def quiet(self, ends_at: float = math.inf) -> None:
        """Return when no pause is on; at once if none is. Raises like :meth:`turn`."""
        while (rest := self.paused_until - self.clock.monotonic()) > 0:
            if self.paused_until > ends_at:
                raise RateLimited(
                    f"the service asked to be left alone for another {rest:.0f} s",
                    "try again then; nothing was sent",
                    retry_at=self.clock.time() + rest,
                )
            jitter = self.chance() * self.pace.first_retry
            await self.clock.wait(anyio.Event(), rest + jitter)

    async def ask(
        self, call: Callable[[AsyncClient], Awaitable[T]], *, ends_at: float = math.inf
    ) -> T:
        """One question in its turn; a wish to be left alone is heeded by all.

        Raises:
            RateLimited: As :meth:`turn`.
            TempolorError: What *call* raises.
        """
        async with self.turn(ends_at):
            try:
                return await call(self.client)
            except PassingTrouble as error:
                self.heed(error)
                raise
