"""One job being watched: what is known of it, who looks at it, and who waits for its end.

Watches change on the loop's thread only; what leaves it is frozen.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING

import anyio

from tempolor_magic.api.ids import JobId
from tempolor_magic.api.records import Record
from tempolor_magic.errors import WatchStopped
from tempolor_magic.watching import state
from tempolor_magic.watching.connection import Connection
from tempolor_magic.watching.pace import Pace
from tempolor_magic.watching.searching import Search
from tempolor_magic.watching.snapshot import Origin, Snapshot, State

if TYPE_CHECKING:
    from tempolor_magic.watching.poller import Poller

log = logging.getLogger("tempolor_magic")
Subscriber = Callable[[Snapshot], None]


def _uncancellable() -> Future[Record]:
    """A waiter that gives up must not be able to cancel the watch of everybody else."""
    future: Future[Record] = Future()
    future.set_running_or_notify_cancel()
    return future


class Watch:
    """One job being watched. ``snapshot`` is the latest known and never blocks."""

    def __init__(
        self,
        job_id: JobId,
        connection: Connection,
        pace: Pace,
        poller: Poller,
        *,
        origin: Origin = Origin(),  # noqa: B008  # a frozen value
    ) -> None:
        self.job_id = job_id
        self.connection = connection
        self.pace = pace
        self.poller = poller
        self.snapshot = Snapshot(
            job_id, sandbox=connection.sandbox, origin=origin, every=pace.every
        )
        self.future = _uncancellable()
        self._subscribers: list[Subscriber] = []
        self.search = Search(self)
        # The files that are saved by themselves, until somebody who waited was told of them.
        self.savings: list[Future[Path]] = []
        # Whether somebody who waited for all was told how this ended.
        self.told = False
        # Set when there is a reason to look up: news, or somebody who wants some.
        self.wake = anyio.Event()
        self.wants_news = False
        self.follower: Future[None] | None = None

    def subscribe(self, show: Subscriber) -> None:
        """Have *show* called with every snapshot from now on, the present one first.

        It is called on the loop's thread; one that raises is dropped.
        """
        self.poller.loop.hand_over(lambda: self.attach(show))

    def unsubscribe(self, show: Subscriber) -> None:
        """Stop calling *show*."""
        self.poller.loop.hand_over(lambda: self._drop(show))

    def refresh(self) -> None:
        """Ask the service now instead of at the next tick."""
        self.poller.loop.hand_over(self.refresh_now)

    def refresh_now(self) -> None:
        """What :meth:`refresh` does, on the loop's thread."""
        self.wants_news = True
        self.wake.set()

    def stop(self, why: WatchStopped | None = None) -> None:
        """Stop watching; the job itself goes on, unless *why* says otherwise."""
        self.poller.loop.hand_over(lambda: self.poller.finish_stopped(self, why))

    def abandon(self) -> None:
        """Stop because the kernel lets go of everything: the journal still has it as running."""
        self.poller.loop.hand_over(lambda: self.poller.finish_stopped(self, noted=False))

    def let_go(self) -> None:
        """Stop here, in a forked process: the watch goes on in the one it came from."""
        now, snapshot = self.connection.clock.monotonic(), self.snapshot
        self.snapshot = state.end(snapshot, State.STOPPED, state.left_behind(snapshot), now=now)
        # The thread that may have held the lock of the old one is not here.
        self.future = _uncancellable()
        self._conclude(self.snapshot)

    @property
    def is_shown(self) -> bool:
        """Whether anybody looks at it."""
        return bool(self._subscribers)

    def shown_again(self, *, embed: bool = False) -> None:
        """A card of it was shown: look anew, for the entire audio if it is to hold it."""
        self.poller.loop.hand_over(self.search.look_again)
        if embed:
            self.poller.loop.hand_over(self.search.want_whole)

    def publish(self, snapshot: Snapshot) -> None:
        """Make *snapshot* the latest, tell everybody, and only then let waiters go."""
        if snapshot == self.snapshot:
            return
        before, self.snapshot = self.snapshot, snapshot
        for show in tuple(self._subscribers):
            self._tell(show)
        self.search.look()
        if snapshot.state.is_over and not before.state.is_over:
            self._conclude(snapshot)

    def _conclude(self, snapshot: Snapshot) -> None:
        if snapshot.error is not None:
            self.future.set_exception(snapshot.error)
        elif snapshot.record is not None:
            self.future.set_result(snapshot.record)

    def attach(self, show: Subscriber) -> None:
        """What :meth:`subscribe` does, on the loop's thread."""
        self._subscribers.append(show)
        self._tell(show)
        self.search.look()

    def _drop(self, show: Subscriber) -> None:
        if show in self._subscribers:
            self._subscribers.remove(show)

    def _tell(self, show: Subscriber) -> None:
        try:
            show(self.snapshot)
        except Exception:  # a view must not be able to end the watch of everybody else
            log.exception("a view of %s failed and is no longer told", self.job_id)
            self._drop(show)
