"""Several watches seen as one: changes are gathered, at most one publication a second.

What one answer tells of many jobs comes as many changes at once: they are gathered before anything
is told.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import anyio

from tempolor_magic.watching.snapshot import Snapshot
from tempolor_magic.watching.watch import Watch

# Seconds between two publications, and between them for so many jobs that each is much to show.
SHORTEST_GAP = 1.0
LONG_GAP = 2.0
_MANY = 50
# Seconds for which changes are gathered before the first of them is told.
_GATHERING = 0.2
GroupSubscriber = Callable[[tuple[Snapshot, ...]], None]


class Gathering:
    """Tells *show* of all *watches* together, on the loop's thread.

    The last change, when every job is over, is told at once: waiters are let go right after it.
    """

    def __init__(self, watches: Sequence[Watch], show: GroupSubscriber) -> None:
        self._watches = tuple(watches)
        self._show = show
        self._gap = SHORTEST_GAP if len(self._watches) <= _MANY else LONG_GAP
        self._clock = watches[0].connection.clock
        self._loop = watches[0].poller.loop
        self._told: tuple[Snapshot, ...] = ()
        self._next_at = 0.0
        self._timer_runs = False
        self._concluded = False
        self._loop.hand_over(self._begin)

    @property
    def snapshots(self) -> tuple[Snapshot, ...]:
        """The latest of every job."""
        return tuple(watch.snapshot for watch in self._watches)

    def close(self) -> None:
        """Stop telling."""
        for watch in self._watches:
            watch.unsubscribe(self._note)

    def _begin(self) -> None:
        for watch in self._watches:
            watch.attach(self._note)

    def _note(self, _: Snapshot) -> None:
        now = self._clock.monotonic()
        if not self._concluded and all(s.state.is_over for s in self.snapshots):
            self._concluded = True
            self._tell(now)
        elif not self._timer_runs:
            self._timer_runs = True
            self._loop.submit(self._tell_later, max(_GATHERING, self._next_at - now))

    async def _tell_later(self, seconds: float) -> None:
        await self._clock.wait(anyio.Event(), seconds)
        self._timer_runs = False
        self._tell(self._clock.monotonic())

    def _tell(self, now: float) -> None:
        snapshots = self.snapshots
        if snapshots != self._told:
            self._told, self._next_at = snapshots, now + self._gap
            self._show(snapshots)
