"""The loop's work: asks pace when, asks the client, feeds state, publishes snapshots.

One :class:`Watch` per job and connection, however many cells and panels look at it.
"""

from __future__ import annotations

import logging
from dataclasses import replace

from tempolor_magic.api.ids import JobId
from tempolor_magic.errors import (
    TempolorError,
    WatchStopped,
)
from tempolor_magic.watching import state
from tempolor_magic.watching.connection import Connection
from tempolor_magic.watching.experience import Experience
from tempolor_magic.watching.follower import Follower
from tempolor_magic.watching.journal import Journal
from tempolor_magic.watching.loop import Loop
from tempolor_magic.watching.news import News
from tempolor_magic.watching.pace import Pace
from tempolor_magic.watching.register import Register
from tempolor_magic.watching.saving import Saver
from tempolor_magic.watching.snapshot import Origin, Snapshot, State
from tempolor_magic.watching.watch import Watch

log = logging.getLogger("tempolor_magic")


class Poller:
    """Starts watches and follows each until it is over."""

    def __init__(self, loop: Loop, journal: Journal) -> None:
        self.loop = loop
        self.saver = Saver(loop)
        self._journal = journal
        self._experience = Experience(journal)
        self._all_news: dict[Connection, News] = {}
        self._register = Register()

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
        with self._register.lock:
            known = self._register.get(connection, job_id.text)
            if known is not None and not _ended_early(known.snapshot):
                self.loop.hand_over(
                    lambda: self._adopt(known, known.pace.asked_for(interval, deadline))
                )
                return known
            pace = connection.pace.asked_for(interval, deadline)
            watch = Watch(job_id, connection, pace, self, origin=origin)
            self._register.add(watch)
        watch.follower = self.loop.submit(self._follow, watch)
        return watch

    def all(self) -> list[Watch]:
        """The watches of this kernel, oldest first; see :class:`Register`."""
        return self._register.all()

    def left_behind(self) -> list[Watch]:
        """Like :meth:`all`, for a forked process."""
        return self._register.without_lock()

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
        self._publish(watch, replace(watch.snapshot, every=pace.every))
        watch.refresh_now()

    async def _follow(self, watch: Watch) -> None:
        self._note(watch, watch.snapshot)
        try:
            await Follower(watch, self._news(watch), self._experience, self._publish).follow()
        except Exception as error:  # never leave a card that seems to be alive
            log.exception("following %s broke", watch.job_id)
            broken = TempolorError(f"the watch broke ({type(error).__name__})", "please report it")
            self._publish(watch, state.end(watch.snapshot, State.ERROR, broken, now=_now(watch)))

    def _news(self, watch: Watch) -> News:
        return self._all_news.setdefault(watch.connection, News(watch.connection))

    def _publish(self, watch: Watch, snapshot: Snapshot) -> None:
        before = watch.snapshot
        title = snapshot.record.title if snapshot.record else ""
        known = before.record.title if before.record else ""
        if snapshot.state is not before.state or title != known:
            self._note(watch, snapshot)
        watch.publish(snapshot)
        if snapshot.state.is_over and not before.state.is_over:
            self._register.end(watch)

    def _note(self, watch: Watch, snapshot: Snapshot) -> None:
        connection = watch.connection
        self._journal.note(snapshot, base_url=connection.base_url, user=connection.user)


def _now(watch: Watch) -> float:
    return watch.connection.clock.monotonic()


def _ended_early(snapshot: Snapshot) -> bool:
    """Over without a final record: asked for again, it is watched anew."""
    return snapshot.state.is_over and not snapshot.state.is_final
