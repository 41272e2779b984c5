"""Where watched jobs get their news: each from its own record, or many from one answer.

Two calls answer for several jobs at once. A list has full records of one account and kind; the
scheduler tells which jobs of all accounts still run. Both are hints that nobody promises: only a
record ends a job, a job that is missing is asked about by itself, and what was found wrong twice is
not relied on any more.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Protocol

import anyio

from tempolor_magic.api.ids import JobId
from tempolor_magic.api.orders import KINDS
from tempolor_magic.api.pages import Walk
from tempolor_magic.api.records import Record
from tempolor_magic.errors import RateLimited, TempolorError
from tempolor_magic.watching.connection import Connection

# Times that something may be found wrong before it is not relied on any more.
_STRIKES = 2
# A list is held against a record of its own once in so many seconds.
_AUDIT_SECONDS = 45.0
# Progress of many jobs is looked at once in so many seconds, and the scheduler in between.
_PROGRESS_SECONDS = 15.0
# The scheduler's word is taken so often in a row: a record says more.
_ROLLS = 3
# Pages of a list beyond those that the watched jobs need.
_SPARE_PAGES = 1
_PAGE = 20
# A list is worth a question for so many jobs.
_COMPANY = 2


class Member(Protocol):
    """A watched job, as the news sees it."""

    @property
    def job_id(self) -> JobId:
        """Which one."""

    @property
    def kind(self) -> str:
        """``song`` or ``instrumental``; empty when it is not known."""

    @property
    def ends_at(self) -> float:
        """The monotonic moment at which it gives up."""

    def hear(self, record: Record) -> None:
        """Take a record that came in an answer to somebody else."""

    def runs_on(self) -> None:
        """Take the news that the job was still running."""

    def hurry(self) -> None:
        """Ask soon: the job may be over."""


@dataclass
class _Standing:
    """What a member can be found by; ``shelf`` is where it is looked for now."""

    kinds: list[str]
    shelf: _Shelf | None = None
    missed: int = 0
    untracked: int = 0
    rolled: int = 0


@dataclass
class _Shelf:
    """The list of one account and kind: its latest records, and how far it is trusted."""

    members: dict[str, Member] = field(default_factory=dict)
    records: dict[str, Record] = field(default_factory=dict)
    looked_at: float = -math.inf
    audited_at: float = -math.inf
    strikes: int = 0
    lock: anyio.Lock = field(default_factory=anyio.Lock)

    @property
    def is_trusted(self) -> bool:
        return self.strikes < _STRIKES


class News:
    """The news of all jobs that are watched through one connection. Works on the loop."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._members: dict[str, Member] = {}
        self._standings: dict[str, _Standing] = {}
        self._shelves: dict[tuple[str, str], _Shelf] = {}
        self._running: frozenset[str] = frozenset()
        self._called_at = -math.inf
        self._roll_strikes = 0
        self._roll_lock = anyio.Lock()

    def join(self, member: Member) -> None:
        """From now on *member* shares in what is heard."""
        kinds = [member.kind] if member.kind else list(KINDS)
        self._members[str(member.job_id)] = member
        self._standings[str(member.job_id)] = standing = _Standing(kinds)
        self._place(member, standing)

    def leave(self, member: Member) -> None:
        """It needs no more news."""
        self._members.pop(str(member.job_id), None)
        standing = self._standings.pop(str(member.job_id), None)
        if standing is not None and standing.shelf is not None:
            standing.shelf.members.pop(str(member.job_id), None)

    async def about(self, member: Member, *, alone: bool = False) -> tuple[Record | None, bool]:
        """The latest of one job, and whether it cost a question of its own.

        No record means that the scheduler has it as running.

        Args:
            member: Which one; it has joined.
            alone: Ask about this job and no other.

        Raises:
            TempolorError: As ``AsyncClient.job`` does.
        """
        shelf = None if alone else self._shelf_of(member)
        if shelf is None:
            return await self._read(member), True
        if self._may_call_the_roll(member, shelf) and await self._is_running(member):
            return None, False
        listed = await self._look(member, shelf)
        if listed is None:
            return await self._read_missed(member), True
        if listed.final or self._now() - shelf.audited_at < self._scaled(_AUDIT_SECONDS):
            return listed, False
        return await self._audit(member, shelf, listed), True

    async def _read(self, member: Member) -> Record:
        return await self._connection.ask(
            lambda client: client.job(member.job_id), ends_at=member.ends_at
        )

    async def _read_missed(self, member: Member) -> Record:
        """A record of a job that its list did not have."""
        record = await self._read(member)
        standing = self._standings.get(str(member.job_id))
        if standing is not None and not record.final:
            standing.missed += 1
            # One miss rules out a kind that was only guessed, two misses one that is known.
            if standing.missed >= (1 if len(standing.kinds) > 1 else _STRIKES):
                standing.kinds.pop(0)
                standing.missed = 0
                self._place(member, standing)
        return record

    async def _audit(self, member: Member, shelf: _Shelf, listed: Record) -> Record:
        """Hold the list against the record of one of its jobs."""
        shelf.audited_at = self._now()
        record = await self._read(member)
        behind = (record.progress or 0.0) - (listed.progress or 0.0)
        if record.final or behind > _behind(listed):
            shelf.strikes += 1
        else:
            shelf.strikes = 0
        return record

    async def _look(self, member: Member, shelf: _Shelf) -> Record | None:
        """The job's record in its list, which is read anew unless somebody just has."""
        if (standing := self._standings.get(str(member.job_id))) is not None:
            standing.rolled = 0
        async with shelf.lock:
            if self._now() - shelf.looked_at >= self._connection.pace.shortest:
                await self._reread(member, shelf)
        return shelf.records.get(str(member.job_id))

    async def _reread(self, member: Member, shelf: _Shelf) -> None:
        shelf.records = {}
        try:
            shelf.records = await self._pages(member, shelf)
        except RateLimited:
            raise
        except TempolorError:
            shelf.strikes += 1
            return
        shelf.looked_at = self._now()
        for job_id, record in shelf.records.items():
            other = self._members.get(job_id)
            if other is not None and other is not member:
                other.hear(record)

    async def _pages(self, member: Member, shelf: _Shelf) -> dict[str, Record]:
        """The list, as far as it may hold jobs that are watched."""
        walk, records = Walk[Record](), dict[str, Record]()
        kind, account = self._kind(member), member.job_id.account
        wanted = set(shelf.members)
        for _ in range(math.ceil(len(wanted) / _PAGE) + _SPARE_PAGES):
            if (cursor := walk.cursor) is None or wanted <= records.keys():
                break
            page = await self._connection.ask(
                lambda client, at=cursor: client.library(kind=kind, account=account, cursor=at),  # type: ignore[misc]
                ends_at=member.ends_at,
            )
            records |= {record.job_id: record for record in walk.take(page)}
        return records

    def _may_call_the_roll(self, member: Member, shelf: _Shelf) -> bool:
        """Whether the scheduler, which answers for all lists at once, will do for now."""
        lists = [each for each in self._shelves.values() if each.members]
        standing = self._standings[str(member.job_id)]
        patience = self._scaled(max(_PROGRESS_SECONDS, 1.5 * len(lists)))
        return (
            len(lists) > 1
            and self._roll_strikes < _STRIKES
            and standing.untracked < _STRIKES
            and standing.rolled < _ROLLS
            and self._now() - shelf.looked_at < patience
        )

    async def _is_running(self, member: Member) -> bool:
        async with self._roll_lock:
            if self._now() - self._called_at >= 2 * self._connection.pace.shortest:
                await self._call_the_roll(member)
        running = str(member.job_id) in self._running
        standing = self._standings.get(str(member.job_id))
        if standing is not None and running:
            standing.rolled += 1
        elif standing is not None:
            # Its record will say whether it is over; if not, it is not to be found here.
            standing.untracked += 1
        return running

    async def _call_the_roll(self, member: Member) -> None:
        try:
            jobs = await self._connection.ask(
                lambda client: client.running(), ends_at=member.ends_at
            )
        except RateLimited:
            raise
        except TempolorError:
            self._roll_strikes += 1
            self._running = frozenset()
            return
        self._called_at = self._now()
        self._running = frozenset(job.job_id for job in jobs)
        for job_id, other in self._members.items():
            if other is member:
                continue
            if job_id in self._running:
                self._standings[job_id].untracked = 0
                other.runs_on()
            elif self._standings[job_id].untracked < _STRIKES:
                other.hurry()

    def _shelf_of(self, member: Member) -> _Shelf | None:
        """The list it is on; ``None`` if it has none that is worth a question."""
        standing = self._standings.get(str(member.job_id))
        shelf = standing.shelf if standing is not None else None
        if shelf is None or not shelf.is_trusted or len(shelf.members) < _COMPANY:
            return None
        return shelf

    def _place(self, member: Member, standing: _Standing) -> None:
        """Look for it on the list of the likeliest kind that is left."""
        if standing.shelf is not None:
            standing.shelf.members.pop(str(member.job_id), None)
        kind = self._kind(member)
        key = (member.job_id.account, kind)
        standing.shelf = self._shelves.setdefault(key, _Shelf()) if kind else None
        if standing.shelf is not None:
            standing.shelf.members[str(member.job_id)] = member

    def _kind(self, member: Member) -> str:
        standing = self._standings.get(str(member.job_id))
        return standing.kinds[0] if standing is not None and standing.kinds else ""

    def _now(self) -> float:
        return self._connection.clock.monotonic()

    def _scaled(self, seconds: float) -> float:
        """A time of the service's life, as long as it takes at its speed."""
        return seconds / self._connection.speed


def _behind(listed: Record) -> float:
    """By how much percent a record of the same moment may be ahead of a list that is true."""
    return 5.0 if listed.progress is not None else math.inf
