"""Asking for something new, at most once.

The ledger is looked into first. What goes out goes out once; only a 429, which made nothing, is
followed by another try. When no answer comes, the service is searched for what came of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

import anyio
import anyio.to_thread

from tempolor_magic.api.ids import JobId, parse_job_id
from tempolor_magic.api.orders import Order
from tempolor_magic.api.records import Status, Submission
from tempolor_magic.errors import (
    InvalidJobId,
    JobGone,
    JournalUnavailable,
    RateLimited,
    TempolorError,
    UnknownOutcome,
    shown,
)
from tempolor_magic.watching.connection import Connection
from tempolor_magic.watching.ledger import BEAT, Ask, Claim, Ledger, Lost, Made, Ours, UnderWay
from tempolor_magic.watching.reconcile import Sent, find_made

T = TypeVar("T")

# Seconds. Longer is a spent quota, not a busy moment.
LONGEST_WAIT = 5 * 60.0
_LOOK_AGAIN = 1.0


@dataclass
class Progress:
    """How far an ask is, for whoever waits for it on another thread."""

    sent: bool = False
    notices: list[str] = field(default_factory=list)


class _TakenOver(Exception):
    """Another kernel took this one to be dead, as a laptop's sleep may make it look."""


class Asking:
    """One order at one place of a notebook, until it is known which jobs it stands for.

    Args:
        connection: The service to ask.
        ledger: What was asked for before.
        ask: What counts as the same.
        order: What to ask for.
        progress: Told as it goes.
    """

    def __init__(
        self, connection: Connection, ledger: Ledger, ask: Ask, order: Order, progress: Progress
    ) -> None:
        self.connection = connection
        self._clock = connection.clock
        self._ledger = ledger
        self._ask = ask
        self.order = order
        self.progress = progress
        # The row of the ledger; None while there is none, or where it can't be used.
        self._number: int | None = None
        self._said: set[str] = set()

    async def jobs(self, *, anew: bool = False) -> tuple[JobId, ...]:
        """The jobs of this order: made before, or made now.

        Args:
            anew: Make another, whatever there is.

        Raises:
            RateLimited: No slot within five minutes; nothing was made.
            UnknownOutcome: It went out, no clear answer came, and the service shows nothing of it.
            TempolorError: The service refused; nothing was made.
        """
        ids: tuple[JobId, ...] = ()
        while not ids:
            with suppress(_TakenOver):
                ids = await self._act_on(await self._claim(anew=anew))
        return ids

    async def _act_on(self, claim: Claim | None) -> tuple[JobId, ...]:
        """The jobs, or none when the ledger is to be looked into again."""
        match claim:
            case Ours(number):
                self._number = number
                return await self._make()
            case Made() as made:
                if await self._counts(made):
                    return _read_ids(made.job_ids)
                if await self._noted(lambda: self._ledger.take_over(made)):
                    self._number = made.number
                    return await self._make()
            case Lost(number, sent_at):
                self._number, self.progress.sent = number, True
                self._say("This was sent before and no answer came: looking for it")
                return await self._search(sent_at)
            case UnderWay():
                self._say("Another run is asking for this very piece: waiting for it")
                await self._clock.wait(anyio.Event(), _LOOK_AGAIN)
            case None:
                return await self._make()
        return ()

    async def _claim(self, *, anew: bool) -> Claim | None:
        look = self._ledger.take if anew else self._ledger.claim
        return await self._noted(lambda: look(self._ask))

    async def _counts(self, made: Made) -> bool:
        """Whether jobs made before still stand for the order; says so either way."""
        if self._clock.time() - made.sent_at > self.connection.pace.grace:
            for job_id in _read_ids(made.job_ids):
                if flaw := await self._flaw(job_id):
                    self._say(f"The {self.order.kind} made here before {flaw}: making another")
                    return False
        self._say(f"This very {self.order.kind} was made before: here it is; --new makes another")
        return True

    async def _flaw(self, job_id: JobId) -> str:
        """Why a job is nothing to show again; empty if it is, or if that can't be told."""
        try:
            record = await self.connection.ask(lambda client: client.job(job_id))
        except JobGone:
            return "is deleted or expired"
        except TempolorError:
            return ""
        return "has failed" if record.status is Status.FAILED else ""

    async def _make(self) -> tuple[JobId, ...]:
        sent_at = self._clock.time()
        async with self._alive():
            try:
                ids = await self._send_until_taken()
            except UnknownOutcome as unknown:
                if unknown.retry_at is not None:
                    self.connection.pause(self.connection.moment(unknown.retry_at))
                await self._row(self._ledger.lost)
            except TempolorError:
                await self._row(self._ledger.release)
                raise
            except BaseException:
                # Whoever waited has had enough, or the kernel ends.
                await self._row(self._ledger.lost if self.progress.sent else self._ledger.release)
                raise
            else:
                await self._row(partial(self._ledger.made, job_ids=[str(each) for each in ids]))
                return ids
        self._say("No answer came. It is not sent again: looking for it at the service")
        return await self._search(sent_at)

    async def _search(self, sent_at: float) -> tuple[JobId, ...]:
        known = await self._row(self._ledger.jobs_of_others) or set()
        sent = Sent.of_order(self.order, sent_at)
        while found := (await find_made(self.connection, [sent], known=known))[0]:
            if await self._row(partial(self._ledger.made, job_ids=[found])) is not False:
                self._say(f"Found: it has made {found}")
                return _read_ids([found])
            known = {*known, found}
        raise UnknownOutcome(
            f"no answer came, and the service shows no such {self.order.kind}: it may still come",
            "run this again: it looks before it sends; --new sends another",
        )

    async def _send_until_taken(self) -> tuple[JobId, ...]:
        gives_up_at = self._clock.monotonic() + LONGEST_WAIT
        while True:
            await self._wait_for_slot(gives_up_at)
            try:
                if (made := await self._send()) is not None:
                    return _read_ids(made.job_ids)
            except RateLimited as busy:
                self.connection.hold(busy, self._slot_at(busy))
            self.progress.sent = False
            await self._row(self._ledger.refused)

    async def _send(self) -> Submission | None:
        """What came of it; ``None`` when it was not sent, since there is no slot any more."""
        connection = self.connection
        async with connection.turn():
            if await self._row(self._ledger.sending) is False:
                raise _TakenOver
            # Others may have been told to wait while that was written down.
            await connection.quiet()
            if connection.full_until > self._clock.monotonic():
                return None
            self.progress.sent = True
            return await connection.client.submit(self.order)

    def _slot_at(self, busy: RateLimited) -> float:
        """The monotonic moment to try again at."""
        if busy.retry_at is not None:
            return self.connection.moment(busy.retry_at)
        # Ten to thirty seconds, as the service's own clients do; less where time runs faster.
        pace, chance = self.connection.pace, self.connection.chance()
        return self._clock.monotonic() + pace.interval * (1 + 2 * chance)

    async def _wait_for_slot(self, gives_up_at: float) -> None:
        """Return when a slot may be free; all submissions of the token wait together."""
        connection = self.connection
        while connection.full and (rest := connection.full_until - self._clock.monotonic()) > 0:
            busy = connection.full
            if connection.full_until > gives_up_at:
                raise RateLimited(
                    f"{busy.message}; no slot within {LONGEST_WAIT / 60:.0f} min, nothing was made",
                    busy.remedy,
                    status=busy.status,
                    retry_at=busy.retry_at,
                )
            self._say(f"All slots are taken, nothing was made; asking again in {rest:.0f} s")
            await self._clock.wait(anyio.Event(), rest + connection.chance())

    @asynccontextmanager
    async def _alive(self) -> AsyncIterator[None]:
        """Show the other kernels, as long as this lasts, that somebody is asking."""
        beating = asyncio.create_task(self._beat())
        try:
            yield
        finally:
            beating.cancel()

    async def _beat(self) -> None:
        while True:
            await self._clock.wait(anyio.Event(), BEAT)
            await self._row(self._ledger.beat)

    async def _row(self, note: Callable[[int], T]) -> T | None:
        """Note something in our row of the ledger, if there is one."""
        number = self._number
        return None if number is None else await self._noted(lambda: note(number))

    async def _noted(self, note: Callable[[], T]) -> T | None:
        """Use the ledger, off the loop. What can't be written is told, and no reason to stop."""
        try:
            return await anyio.to_thread.run_sync(note)
        except JournalUnavailable as error:
            self._number = None
            self._say(f"{error.message}: run again, this would make another")
            return None

    def _say(self, notice: str) -> None:
        if notice not in self._said:
            self._said.add(notice)
            self.progress.notices.append(notice)


def _read_ids(job_ids: Sequence[str]) -> tuple[JobId, ...]:
    try:
        return tuple(parse_job_id(text) for text in job_ids)
    except InvalidJobId:
        raise UnknownOutcome(
            f"the service made {shown(', '.join(job_ids), 200)}, which is no known form of id",
            "look at tempolor.com before you ask again",
        ) from None
