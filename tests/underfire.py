"""Many jobs made and watched while the service's answers are spoilt, and what became of it.

Real sockets, the real client and the real engine; the world tells what the truth is.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import httpx
from fakes import TOKEN
from services import under_fire

from tempolor_magic.api.client import AsyncClient
from tempolor_magic.api.ids import JobId, parse_job_id
from tempolor_magic.api.orders import SongOrder
from tempolor_magic.api.wire import CONNECTIONS, Patience
from tempolor_magic.errors import PassingTrouble, TempolorError, UnknownOutcome
from tempolor_magic.sandbox.world import World
from tempolor_magic.watching.clock import SystemClock
from tempolor_magic.watching.connection import Connection
from tempolor_magic.watching.journal import Journal, store_in
from tempolor_magic.watching.ledger import Ask, Ledger, Occasion, content_hash
from tempolor_magic.watching.loop import Loop
from tempolor_magic.watching.pace import Pace
from tempolor_magic.watching.poller import Poller
from tempolor_magic.watching.snapshot import State
from tempolor_magic.watching.submission import Asking, Progress
from tempolor_magic.watching.watch import Watch

# Seconds, all a tenth to a hundredth of life, so that hundreds of faults pass within a minute.
PATIENCE = Patience(piece=0.5, whole=1.0)
PACE = Pace(interval=0.5, deadline=600.0, grace=5.0, first_retry=0.05, slowest_retry=1.0)
# One job in so many fails.
FAILING = 5
# How many jobs a run of the tests makes; more are tried by hand.
JOBS = int(os.environ.get("TEMPOLOR_TEST_JOBS", "200"))


@dataclass(frozen=True)
class Report:
    """What became of it.

    ``early`` are requests of a token that was told to wait, ``resent`` orders that went out again
    without anybody asking for that.
    """

    jobs: int
    answers: int
    faulty: int
    kinds: int
    right: int
    early: int
    resent: int
    unhandled: list[str]
    seconds: float


@dataclass
class Ear(httpx.AsyncBaseTransport):
    """Carries requests as the client's own transport would, and hears who does not wait."""

    early: int = 0
    # Orders that went out and were not refused for want of a slot, by their prompts.
    ordered: Counter[str] = field(default_factory=Counter)
    # Until when nothing may be asked, and nothing may be made.
    _asking_at: float = 0.0
    _making_at: float = 0.0
    _carrier: httpx.AsyncHTTPTransport = field(
        default_factory=lambda: httpx.AsyncHTTPTransport(
            limits=httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS)
        )
    )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        makes = request.method == "POST"
        allowed_at = max(self._asking_at, self._making_at if makes else 0.0)
        self.early += time.time() < allowed_at
        order = json.loads(request.content)["prompt"] if makes else ""
        self.ordered[order] += 1
        response = await self._carrier.handle_async_request(request)
        self.ordered[order] -= response.status_code == 429
        if response.status_code in {429, 503}:
            assert isinstance(response.stream, httpx.AsyncByteStream)
            only_making = makes and response.status_code == 429
            response.stream = _Overheard(self, response, response.stream, only_making=only_making)
        return response

    def heard(self, until: float, *, only_making: bool) -> None:
        """The client knows from now on that it is to wait."""
        if only_making:
            self._making_at = max(self._making_at, until)
        else:
            self._asking_at = max(self._asking_at, until)

    async def aclose(self) -> None:
        await self._carrier.aclose()


class _Overheard(httpx.AsyncByteStream):
    """A body that is read twice: by the client, and for the hint in it when it has ended."""

    def __init__(
        self, ear: Ear, response: httpx.Response, body: httpx.AsyncByteStream, *, only_making: bool
    ) -> None:
        self._ear = ear
        self._response = response
        self._body = body
        self._only_making = only_making
        self._read = b""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for piece in self._body:
            self._read += piece
            yield piece

    async def aclose(self) -> None:
        await self._body.aclose()
        # Nothing is awaited between this and the client's own reading of the hint.
        until = hint_of(self._response.headers.get("retry-after", ""), self._read)
        self._ear.heard(until, only_making=self._only_making)


def hint_of(header: str, body: bytes) -> float:
    """The epoch second an answer asks to wait for, 0 without any; told apart by its form."""
    if header:
        is_date = "GMT" in header
        return parsedate_to_datetime(header).timestamp() if is_date else time.time() + float(header)
    with suppress(ValueError):
        document = json.loads(body)
        error = document.get("error")
        nested = error.get("retryAt") if isinstance(error, dict) else None
        told = document.get("retryAfter") or nested
        return datetime.fromisoformat(told).timestamp() if told else 0.0
    return 0.0


class Alarm(logging.Handler):
    """Hears what nobody handles: in threads, in the loop, in the collector, and in our log."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.heard: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.heard.append(f"log: {record.getMessage()}")

    def in_loop(self, _: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """An exception handler of an event loop."""
        self.heard.append(f"loop: {context.get('message')}: {context.get('exception')!r}")

    @contextmanager
    def on(self) -> Iterator[Alarm]:
        """Listen."""
        hooks = threading.excepthook, sys.unraisablehook
        threading.excepthook = lambda args: self.heard.append(f"thread: {args.exc_value!r}")
        sys.unraisablehook = lambda args: self.heard.append(f"collector: {args.exc_value!r}")
        loggers = [logging.getLogger(name) for name in ("tempolor_magic", "asyncio")]
        for logger in loggers:
            logger.addHandler(self)
        try:
            yield self
        finally:
            threading.excepthook, sys.unraisablehook = hooks
            for logger in loggers:
                logger.removeHandler(self)


class Desk:
    """Somebody who makes and watches jobs at a service that is under fire."""

    def __init__(self, folder: Path, base_url: str) -> None:
        self.ear = Ear()
        # How often each order may have gone out, as far as its user has asked for that.
        self.asked: Counter[str] = Counter()
        self.loop = Loop()
        store, clock = store_in(folder), SystemClock()
        self.journal = Journal(store, now=clock.time)
        self.ledger = Ledger(store, now=clock.time)
        client = AsyncClient(TOKEN, base_url=base_url, transport=self.ear, patience=PATIENCE)
        self.connection = Connection(client, clock, random.Random(1).random, pace=PACE)
        self.poller = Poller(self.loop, self.journal)

    async def listen(self, alarm: Alarm) -> None:
        """Have the loop tell *alarm* what it can tell nobody else."""
        asyncio.get_running_loop().set_exception_handler(alarm.in_loop)

    async def make(self, number: int) -> tuple[JobId, ...]:
        """Make one job, as a cell that is run again when nobody knows what came of it."""
        order = SongOrder(prompt=prompt(number))
        occasion = Occasion(f"cell {number}")
        ask = Ask(self.connection.base_url, self.connection.user, content_hash(order), occasion)
        self.asked[order.prompt] = 1
        anew = False
        while True:
            asking = Asking(self.connection, self.ledger, ask, order, Progress())
            try:
                return await asking.jobs(anew=anew)
            except (UnknownOutcome, PassingTrouble) as error:
                # It was searched for and is not there, or was not made: another one is asked for.
                anew = isinstance(error, UnknownOutcome)
                self.asked[order.prompt] += 1

    def run(self, jobs: int, patience: float) -> list[Watch]:
        """Make so many jobs, watch each as soon as it is made, and wait for all."""
        making: list[Future[tuple[JobId, ...]]] = [
            self.loop.submit(self.make, number) for number in range(jobs)
        ]
        ids = (str(job_id) for made in making for job_id in made.result(patience))
        return self.watch_all(ids, patience)

    def watch_all(
        self, ids: Iterable[str], patience: float = 60.0, *, interval: float | None = None
    ) -> list[Watch]:
        """Watch jobs as their ids come, and return when all are over.

        With an *interval* each is asked about by itself.
        """
        watches = [
            self.poller.watch(self.connection, parse_job_id(text), interval=interval)
            for text in ids
        ]
        for watch in watches:
            with suppress(TempolorError):
                watch.future.result(patience)
        return watches

    def close(self) -> None:
        """End it."""
        self.loop.submit(self.connection.client.aclose).result(10)
        self.loop.close()
        self.journal.close()


def prompt(number: int) -> str:
    """What job *number* is asked for with; some fail."""
    return f"piece {number}{' please fail' if number % FAILING == 0 else ''}"


def run(
    folder: Path, *, jobs: int, line: str = "0.3", seed: int = 1, patience: float = 120.0
) -> Report:
    """Make and watch *jobs* while answers are spoilt as *line* orders it.

    Args:
        folder: For the journal.
        jobs: How many.
        line: See ``faults``.
        seed: Of all chance at the service.
        patience: Seconds until it has failed.
    """
    began = time.monotonic()
    world = World(token=TOKEN, seed=seed, speed=50, song_seconds=100, slots=jobs)
    with Alarm().on() as alarm, under_fire(world, line, seed=seed) as (url, spoiling):
        desk = Desk(folder, url)
        desk.loop.submit(desk.listen, alarm).result()
        try:
            watches = desk.run(jobs, patience)
        finally:
            desk.close()
    return Report(
        jobs=jobs,
        answers=spoiling.answers,
        faulty=spoiling.spoilt.total(),
        kinds=len(spoiling.spoilt),
        right=sum(is_right(watch, world) for watch in watches),
        early=desk.ear.early,
        resent=(desk.ear.ordered - desk.asked).total() - desk.ear.ordered[""],
        unhandled=[*alarm.heard, *_broken(watches)],
        seconds=time.monotonic() - began,
    )


def is_right(watch: Watch, world: World) -> bool:
    """Whether a watch ended as its job did."""
    job = world.item(watch.job_id.item, now=time.time())
    if job is None or watch.snapshot.record is None:
        return False
    truth = State(job.status(time.time()).name)
    return truth is watch.snapshot.state and watch.snapshot.record.job_id == job.id


def _broken(watches: list[Watch]) -> list[str]:
    """What the searches and followers of watches have not handled."""
    tasks = [watch.follower for watch in watches]
    broken = Counter(repr(task.exception()) for task in tasks if task and task.exception())
    return [f"{count} x {what}" for what, count in broken.items()]
