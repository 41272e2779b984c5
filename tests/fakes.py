"""Stand-ins that behave: a clock whose time passes at once, and a service in this very process."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import json
import re
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread
import httpx
import numpy as np

from tempolor_magic.api.client import AsyncClient
from tempolor_magic.api.ids import JobId, parse_job_id
from tempolor_magic.job import Job
from tempolor_magic.sandbox.app import build
from tempolor_magic.sandbox.music import STEMS, Stems
from tempolor_magic.sandbox.orders import Order
from tempolor_magic.sandbox.songs import Song
from tempolor_magic.sandbox.studio import Studio as Recording
from tempolor_magic.sandbox.world import World
from tempolor_magic.view.output import Outputs
from tempolor_magic.watching.connection import Connection
from tempolor_magic.watching.journal import Journal, store_in
from tempolor_magic.watching.ledger import Ledger
from tempolor_magic.watching.loop import Loop
from tempolor_magic.watching.pace import Pace
from tempolor_magic.watching.poller import Poller
from tempolor_magic.watching.store import Store

TOKEN = "user:4711-Secret.Of.The.Tests"
BASE_URL = "http://127.0.0.1:9/v1/tempolor"
EPOCH = 1_790_000_000.0
_JOB = re.compile("/music/user:[^/]*")
# Turns of the loop after which everybody who could go on has gone on.
_SETTLED = 30


class FakeClock:
    """Time that stands still while anybody works, then jumps to whatever is due next."""

    def __init__(self) -> None:
        self._now = 0.0
        self._uncounted = 0.0
        self.wrong_by = 0.0
        self._busy = 0
        self._lock = threading.Lock()
        self._bells: list[tuple[float, int, anyio.Event]] = []
        self._order = itertools.count()
        self._jumper: asyncio.Task[None] | None = None

    def monotonic(self) -> float:
        return self._now

    def time(self) -> float:
        return self.true_time() + self.wrong_by

    def true_time(self) -> float:
        """What everybody else's clock shows."""
        return EPOCH + self._now + self._uncounted

    def sleep(self, seconds: float, *, counted: bool = True) -> None:
        """The lid is closed: what falls due meanwhile comes late. On the loop's thread.

        Args:
            seconds: For so long.
            counted: Whether the monotonic clock goes on meanwhile; on Linux it stands still.
        """
        if counted:
            self._now += seconds
        else:
            self._uncounted += seconds

    async def wait(self, event: anyio.Event, seconds: float) -> None:
        bell = anyio.Event()
        heapq.heappush(self._bells, (self._now + max(0.0, seconds), next(self._order), bell))
        if self._jumper is None or self._jumper.done():
            self._jumper = asyncio.create_task(self._jump())
        async with anyio.create_task_group() as race:

            async def first() -> None:
                await event.wait()
                race.cancel_scope.cancel()

            race.start_soon(first)
            await bell.wait()
            race.cancel_scope.cancel()

    @contextmanager
    def held(self) -> Iterator[None]:
        """No time passes inside."""
        with self._lock:
            self._busy += 1
        try:
            yield
        finally:
            with self._lock:
                self._busy -= 1

    async def _jump(self) -> None:
        threads = anyio.to_thread.current_default_thread_limiter()
        while self._bells:
            for _ in range(_SETTLED):
                await asyncio.sleep(0)
            # Who reads or writes a file on another thread is at work, too.
            if self._busy or threads.borrowed_tokens:
                await asyncio.sleep(0.001)
            elif self._bells:
                due, _, bell = heapq.heappop(self._bells)
                self._now = max(self._now, due)
                bell.set()


@dataclass(frozen=True)
class Answer:
    """One scripted answer; ``error`` breaks the connection instead."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    error: type[httpx.TransportError] | None = None


# A request and its true answer, to what comes back.
Twist = Callable[[httpx.Request, httpx.Response], httpx.Response]


def told(status: int, error: object, **headers: str) -> Answer:
    """An error answer in the documented form; ``retry_after`` becomes ``retry-after``."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, json.dumps({"error": error, "code": status}).encode(), named)


class Wire(httpx.AsyncBaseTransport):
    """Carries requests to the sandbox's app; scripted answers come first, in order.

    ``sent`` is every request that left, with the moment it did.
    """

    def __init__(self, app: httpx.AsyncBaseTransport, clock: FakeClock) -> None:
        self._app = app
        self._clock = clock
        self.script: list[Answer] = []
        self._lost: Answer | None = None
        # Changes what the service answers, for answers that are not true.
        self.twist: Twist | None = None
        self.sent: list[tuple[float, httpx.Request]] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        with self._clock.held():
            self.sent.append((self._clock.monotonic(), request))
            if self._lost is not None and request.method == "POST":
                answer, self._lost = self._lost, None
                await self._app.handle_async_request(request)
            elif self.script:
                answer = self.script.pop(0)
            else:
                return await self._twisted(request)
            if answer.error is not None:
                raise answer.error("scripted", request=request)
            return httpx.Response(
                answer.status, headers=answer.headers, stream=httpx.ByteStream(answer.body)
            )

    async def _twisted(self, request: httpx.Request) -> httpx.Response:
        answer = await self._app.handle_async_request(request)
        if self.twist is None:
            return answer
        return self.twist(request, httpx.Response(answer.status_code, content=await answer.aread()))

    def lose_next_answer(self, instead: Answer | type[httpx.TransportError]) -> None:
        """Let the next POST arrive, and its answer be lost: *instead* is what comes back."""
        self._lost = instead if isinstance(instead, Answer) else Answer(error=instead)

    @property
    def paths(self) -> list[str]:
        """The raw paths asked for, in order, below the base URL."""
        base = httpx.URL(BASE_URL).raw_path
        return [r.url.raw_path.removeprefix(base).decode() for _, r in self.sent]

    @property
    def reads(self) -> list[float]:
        """When each question about a job left."""
        told = zip(self.sent, self.paths, strict=True)
        return [round(moment, 3) for (moment, _), path in told if _JOB.fullmatch(path)]

    @property
    def moments(self) -> list[float]:
        """When each request left."""
        return [round(moment, 3) for moment, _ in self.sent]


class HeldStore(Store):
    """A store whose disk takes no time of the fake clock: its work is done in other threads."""

    def __init__(self, path: Path, clock: FakeClock) -> None:
        super().__init__(path, now=clock.time)
        self._clock = clock

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        with self._clock.held(), super().reading() as file:
            yield file

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        with self._clock.held(), super().writing() as file:
            yield file


class Studio:
    """A loop, a poller and a service on one clock."""

    def __init__(
        self, folder: Path, world: World, pace: Pace | None = None, *, sandbox: bool = False
    ) -> None:
        self.clock = FakeClock()
        self.world = world
        app = build(world, now=self.clock.true_time, studio=quick_studio())
        self.wire = Wire(httpx.ASGITransport(app), self.clock)
        self.loop = Loop()
        store = HeldStore(store_in(folder).path, self.clock)
        self.journal = Journal(store, now=self.clock.time)
        self.ledger = Ledger(store, now=self.clock.time)
        self.outputs = Outputs()
        self.poller = Poller(self.loop, self.journal)
        self.client = AsyncClient(
            TOKEN, base_url=BASE_URL, now=self.clock.time, transport=self.wire
        )
        self.connection = Connection(
            client=self.client,
            clock=self.clock,
            chance=lambda: 0.0,
            pace=pace or Pace(),
            sandbox=sandbox,
        )

    def submit(self, prompt: str = "rain") -> JobId:
        """Make a job at the service, as if somebody else had."""
        return parse_job_id(self.world.submit(Order(prompt), now=self.clock.true_time()).id)

    def watch(self, *ids: JobId, **how: Any) -> list[Job]:
        """Watch jobs, all begun at one moment."""
        with self.clock.held():
            return [
                Job(self.poller.watch(self.connection, each, **how), self.outputs) for each in ids
            ]

    def pass_time(self, seconds: float) -> None:
        """Return when *seconds* have passed."""
        self.loop.submit(self.clock.wait, anyio.Event(), seconds).result(30)

    def until_sent(self, count: int = 1) -> None:
        """Return once *count* requests have left."""
        while len(self.wire.sent) < count:
            self.loop.submit(asyncio.sleep, 0).result(10)

    def close(self) -> None:
        for watch in self.poller.all():
            if watch.follower is not None:
                watch.follower.cancel()
        self.loop.submit(self.client.aclose).result(10)
        self.loop.close()
        self.journal.close()


@contextmanager
def studio(
    folder: Path,
    *,
    pace: Pace | None = None,
    sandbox: bool = False,
    slots: int = 10,
    song_seconds: float = 125.0,
    gap_seconds: float = 6.0,
    register_seconds: float = 0.0,
) -> Iterator[Studio]:
    """A :class:`Studio` that is closed in the end."""
    world = World(
        token=TOKEN,
        seed=7,
        slots=slots,
        song_seconds=song_seconds,
        gap_seconds=gap_seconds,
        register_seconds=register_seconds,
    )
    made = Studio(folder, world, pace, sandbox=sandbox)
    try:
        yield made
    finally:
        made.close()


def hum(song: Song) -> Stems:
    """A second of a hum: whole songs take a second each to make, and nobody listens here."""
    across = np.sin(np.arange(44_100) * song.bpm / 2_000).astype(np.float32) / 8
    return {name: np.stack([across, across], axis=1) for name in STEMS}


def quick_studio() -> Recording:
    """Where the sandbox's pieces become files, without the work of composing them."""
    return Recording(render=hum)


def gaps(moments: Sequence[float]) -> list[float]:
    """The time between each moment and the next."""
    return [round(b - a, 3) for a, b in itertools.pairwise(moments)]
