"""The loop's work: asks pace when, asks the client, feeds state, publishes snapshots.

One :class:`Watch` per job and connection, however many cells and panels look at it.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import replace

import anyio

from tempolor_magic.api.ids import JobId
from tempolor_magic.api.records import Record
from tempolor_magic.errors import (
    JobGone,
    PassingTrouble,
    RateLimited,
    TempolorError,
    Unreachable,
    WatchStopped,
)
from tempolor_magic.watching import state
from tempolor_magic.watching.connection import Connection
from tempolor_magic.watching.journal import Journal
from tempolor_magic.watching.loop import Loop
from tempolor_magic.watching.pace import Pace, next_poll
from tempolor_magic.watching.saving import Saver
from tempolor_magic.watching.snapshot import Origin, Snapshot, State, Trouble
from tempolor_magic.watching.watch import Watch

log = logging.getLogger("tempolor_magic")


class Poller:
    """Starts watches and follows each until it is over."""

    def __init__(self, loop: Loop, journal: Journal) -> None:
        self.loop = loop
        self.saver = Saver(loop)
        self._journal = journal
        self._watches: dict[tuple[Connection, str], Watch] = {}
        self._registry = threading.Lock()

    def watch(  # all but the first two by name
        self,
        connection: Connection,
        job_id: JobId,
        *,
        interval: float | None = None,
        deadline: float | None = None,
        origin: Origin = Origin(),  # noqa: B008  # a frozen value
    ) -> Watch:
        """The watch of *job_id*, begun unless there is one. Returns at once, on any thread.

        Args:
            connection: The service and token to ask with.
            job_id: A checked id.
            interval: Seconds between questions; ``None`` for the connection's own pace.
            deadline: Seconds until the watch gives up; ``None`` likewise.
            origin: What it was asked for as, where that is known.
        """
        asked = {"interval": interval, "deadline": deadline}
        given = {name: value for name, value in asked.items() if value is not None}
        with self._registry:
            known = self._watches.get((connection, job_id.text))
            if known is not None and not _ended_early(known.snapshot):
                if given:
                    self.loop.hand_over(lambda: self._adopt(known, replace(known.pace, **given)))
                return known
            pace = replace(connection.pace, **given)
            watch = Watch(job_id, connection, pace, self, origin=origin)
            self._watches[connection, job_id.text] = watch
        watch.follower = self.loop.submit(self._follow, watch)
        return watch

    def all(self) -> list[Watch]:
        """Every watch of this kernel, oldest first."""
        with self._registry:
            return list(self._watches.values())

    def finish_stopped(
        self, watch: Watch, why: WatchStopped | None = None, *, noted: bool = True
    ) -> None:
        """End *watch* as STOPPED. On the loop.

        Args:
            watch: What is not to be watched any more.
            why: A reason of its own.
            noted: Write it down: the user has stopped it, and it is not to be resumed.
        """
        if watch.snapshot.state.is_over:
            return
        error = why or state.stopped(watch.snapshot)
        ended = state.end(watch.snapshot, State.STOPPED, error, now=_now(watch))
        if noted:
            self._publish(watch, ended)
        else:
            watch.publish(ended)
        if watch.follower is not None:
            watch.follower.cancel()

    def _adopt(self, watch: Watch, pace: Pace) -> None:
        if pace == watch.pace:
            return
        watch.pace = pace
        self._publish(watch, replace(watch.snapshot, every=pace.interval))
        watch.wake.set()

    async def _follow(self, watch: Watch) -> None:
        self._note(watch, watch.snapshot)
        try:
            await self._ask_until_over(watch)
        except Exception as error:  # never leave a card that seems to be alive
            log.exception("following %s broke", watch.job_id)
            broken = TempolorError(f"the watch broke ({type(error).__name__})", "please report it")
            self._end(watch, State.ERROR, broken)

    async def _ask_until_over(self, watch: Watch) -> None:
        begun, failures = _now(watch), 0
        while not watch.snapshot.state.is_over:
            ends_at = begun + watch.pace.deadline
            self._heed_pause(watch, ends_at)
            if watch.snapshot.state.is_over:
                return
            hint = None
            try:
                record = await self._ask(watch, ends_at)
            except (JobGone, PassingTrouble, Unreachable) as error:
                failures += 1
                hint = self._note_trouble(watch, error, failures, begun)
            except TempolorError as error:
                self._end(watch, State.ERROR, error)
            else:
                failures = 0
                self._observe(watch, record)
            await self._rest(watch, ends_at, failures, hint)

    async def _ask(self, watch: Watch, ends_at: float) -> Record:
        async with watch.connection.turn(ends_at):
            return await watch.connection.client.job(watch.job_id)

    def _observe(self, watch: Watch, record: Record) -> None:
        wall = watch.connection.clock.time()
        seen = state.observe(watch.snapshot, record, now=_now(watch), wall=wall)
        self._publish(watch, seen)

    def _heed_pause(self, watch: Watch, ends_at: float) -> None:
        """Show a pause another job of the token ran into; give up if it outlasts the deadline."""
        until = watch.connection.paused_until
        if until <= _now(watch):
            return
        self._publish(
            watch,
            state.struggle(watch.snapshot, Trouble("the service is busy", until, limited=True)),
        )
        if until > ends_at:
            self._time_out(watch, until)

    def _note_trouble(
        self, watch: Watch, error: TempolorError, failures: int, begun: float
    ) -> float | None:
        """Decide whether *error* passes; if so, show when the next try is."""
        now, connection = _now(watch), watch.connection
        unknown_so_far = watch.snapshot.record is None and now - begun < watch.pace.grace
        if isinstance(error, JobGone) and not (unknown_so_far and error.status == 404):  # noqa: PLR2004
            self._end(watch, State.ERROR, error)
            return None
        hint = connection.heed(error) if isinstance(error, PassingTrouble) else None
        retry_at = next_poll(
            watch.pace, now=now, failures=failures, hint=hint, chance=connection.chance()
        )
        limited = isinstance(error, RateLimited)
        self._publish(
            watch, state.struggle(watch.snapshot, Trouble(error.message, retry_at, limited))
        )
        return hint

    async def _rest(self, watch: Watch, ends_at: float, failures: int, hint: float | None) -> None:
        """Sleep until the next question is due, or end the watch at its deadline."""
        if watch.snapshot.state.is_over:
            return
        now = _now(watch)
        if now >= ends_at or (hint is not None and hint > ends_at):
            self._time_out(watch, hint)
            return
        trouble = watch.snapshot.trouble
        due = trouble.retry_at if trouble else next_poll(watch.pace, now=now, failures=failures)
        # At the deadline the service is asked once more before the watch gives up: after a
        # laptop's sleep the job is likely to be done.
        await watch.connection.clock.wait(watch.wake, min(due, ends_at) - now)
        # Only now: a refresh asked for while a question was under way counts for the next.
        watch.wake = anyio.Event()

    def _time_out(self, watch: Watch, hint: float | None) -> None:
        now = _now(watch)
        why = f"within {watch.pace.deadline:.0f} s"
        if hint is not None and hint > now:
            why = f"in time: the service asks to be left alone for another {hint - now:.0f} s"
        self._end(watch, State.TIMED_OUT, state.timed_out(watch.snapshot, why))

    def _end(self, watch: Watch, ending: State, error: TempolorError) -> None:
        self._publish(watch, state.end(watch.snapshot, ending, error, now=_now(watch)))

    def _publish(self, watch: Watch, snapshot: Snapshot) -> None:
        before = watch.snapshot
        title = snapshot.record.title if snapshot.record else ""
        known = before.record.title if before.record else ""
        if snapshot.state is not before.state or title != known:
            self._note(watch, snapshot)
        watch.publish(snapshot)

    def _note(self, watch: Watch, snapshot: Snapshot) -> None:
        connection = watch.connection
        self._journal.note(snapshot, base_url=connection.base_url, user=connection.user)


def _now(watch: Watch) -> float:
    return watch.connection.clock.monotonic()


def _ended_early(snapshot: Snapshot) -> bool:
    """Over without a final record: asked for again, it is watched anew."""
    return snapshot.state.is_over and not snapshot.state.is_final
