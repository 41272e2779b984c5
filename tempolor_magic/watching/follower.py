"""One job followed until it is over: when to ask, what an answer makes of it, when to give up."""

from __future__ import annotations

from collections.abc import Callable
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
)
from tempolor_magic.watching import state
from tempolor_magic.watching.durations import Durations
from tempolor_magic.watching.estimate import History, estimate_end
from tempolor_magic.watching.experience import Experience
from tempolor_magic.watching.news import News
from tempolor_magic.watching.pace import next_poll
from tempolor_magic.watching.snapshot import Snapshot, State, Trouble
from tempolor_magic.watching.watch import Watch

_NOT_FOUND = 404
# A last question that gets no answer is put again: when a laptop wakes up, its network may take
# some seconds to come back.
_LAST_TRIES = 4


class Follower:
    """Follows one watch, on the loop.

    Args:
        watch: What is followed.
        news: Where its news comes from; shared with the other jobs of its connection.
        experience: How long such jobs take.
        publish: Makes a snapshot the watch's latest.
    """

    def __init__(
        self,
        watch: Watch,
        news: News,
        experience: Experience,
        publish: Callable[[Watch, Snapshot], None],
    ) -> None:
        self._watch = watch
        self._news = news
        self._experience = experience
        self._publish_of = publish
        self._history = History()
        self._begun = self._now()
        self._failures = 0
        # Questions that were put at the deadline or later.
        self._overtime = 0
        self._hurried = False
        self._informed_at = self._begun

    @property
    def job_id(self) -> JobId:
        """See :class:`Member`."""
        return self._watch.job_id

    @property
    def kind(self) -> str:
        """See :class:`Member`."""
        return self._watch.snapshot.origin.kind

    def hear(self, record: Record) -> None:
        """See :class:`Member`."""
        if not self._watch.pace.steady:
            self._observe(record)
            self._watch.wake.set()

    def runs_on(self) -> None:
        """See :class:`Member`. Nothing wakes up: such news can only put the next question off."""
        if not self._watch.pace.steady:
            self._see(self._age(), None)

    def hurry(self) -> None:
        """See :class:`Member`."""
        if not self._watch.pace.steady:
            self._hurried = True
            self._watch.wake.set()

    async def follow(self) -> None:
        """Ask until the watch is over."""
        self._news.join(self)
        try:
            while not self._is_over:
                await self._ask_once()
        finally:
            self._news.leave(self)

    async def _ask_once(self) -> None:
        self._heed_pause()
        if self._is_over:
            return
        self._overtime = self._overtime + 1 if self._now() >= self.ends_at else 0
        if self._overtime == 1:
            self._failures = 0  # earlier ones tell nothing of the network of now
        hint = None
        try:
            await self._ask()
            self._failures = 0
        except (JobGone, PassingTrouble, Unreachable) as error:
            self._failures += 1
            self._history = self._history.asked(self._age())
            hint = self._note_trouble(error)
        except TempolorError as error:
            self._end(State.ERROR, error)
        await self._rest(hint)

    async def _ask(self) -> None:
        alone = self._watch.pace.steady or self._overtime > 0
        record, own = await self._news.about(self, alone=alone)
        if own:
            self._history = self._history.asked(self._age())
        if record is None:
            self._see(self._age(), None)
            return
        self._observe(record)

    def _see(self, age: float, progress: float | None) -> None:
        self._history = self._history.seen(age, progress)
        self._informed_at = self._now()

    def _observe(self, record: Record) -> None:
        wall = self._watch.connection.clock.time()
        seen = state.observe(self._watch.snapshot, record, now=self._now(), wall=wall)
        remaining = None if seen.state.is_over else self._learn(seen, record)
        self._publish(replace(seen, remaining=remaining))

    def _learn(self, seen: Snapshot, record: Record) -> float | None:
        """Add to the history that the job goes on; the seconds that remain, if that is clear."""
        self._see(seen.elapsed(self._now()) or 0.0, record.progress)
        estimate = estimate_end(self._history, self._durations)
        return estimate.remaining if estimate else None

    def _heed_pause(self) -> None:
        """Show a pause another job of the token ran into; give up if it outlasts the deadline."""
        until = self._watch.connection.paused_until
        if until <= self._now():
            return
        trouble = Trouble("the service is busy", until, limited=True)
        self._publish(state.struggle(self._watch.snapshot, trouble))
        if until > self.ends_at:
            self._time_out(until)

    def _note_trouble(self, error: TempolorError) -> float | None:
        """Decide whether *error* passes; if so, show when the next try is."""
        now, watch = self._now(), self._watch
        unknown_so_far = watch.snapshot.record is None and now - self._begun < watch.pace.grace
        fresh = unknown_so_far and isinstance(error, JobGone) and error.status == _NOT_FOUND
        if isinstance(error, JobGone) and not fresh:
            self._end(State.ERROR, error)
            return None
        hint = watch.connection.heed(error) if isinstance(error, PassingTrouble) else None
        limited = isinstance(error, RateLimited)
        trouble = Trouble(error.message, self._due(hint=hint), limited)
        self._publish(state.struggle(watch.snapshot, trouble))
        return hint

    async def _rest(self, hint: float | None) -> None:
        """Sleep until the next question is due, or end the watch at its deadline.

        News that comes in between moves the moment; a refresh that is asked for brings it.
        """
        self._hurried = False
        while not self._is_over:
            now, watch = self._now(), self._watch
            if self._has_had_its_last or (hint is not None and hint > self.ends_at):
                self._time_out(hint)
                return
            trouble = watch.snapshot.trouble
            due = trouble.retry_at if trouble else self._due()
            # At the deadline the service is asked once more before the watch gives up: after a
            # laptop's sleep the job is likely to be done.
            until = due if self._overtime else min(due, self.ends_at)
            await watch.connection.clock.wait(watch.wake, until - now)
            heard = watch.wake.is_set() or self._informed_at > now
            # Only now: a refresh asked for while a question was under way counts for the next.
            watch.wake = anyio.Event()
            if watch.wants_news or self._hurried or not heard or self._now() >= self.ends_at:
                watch.wants_news = False
                return

    def _due(self, hint: float | None = None) -> float:
        # What is known of a job holds from the moment of the news on, not from when it is weighed.
        weighed = hint is None and not self._failures
        return next_poll(
            self._watch.pace,
            now=self._informed_at if weighed else self._now(),
            failures=self._failures,
            hint=hint,
            chance=self._watch.connection.chance(),
            history=self._history,
            durations=self._durations,
        )

    def _time_out(self, hint: float | None) -> None:
        now = self._now()
        why = f"within {_span(self._watch.pace.deadline)}"
        if hint is not None and hint > now:
            why = f"in time: the service asks to be left alone for another {_span(hint - now)}"
        self._end(State.TIMED_OUT, state.timed_out(self._watch.snapshot, why))

    def _end(self, ending: State, error: TempolorError) -> None:
        self._publish(state.end(self._watch.snapshot, ending, error, now=self._now()))

    def _publish(self, snapshot: Snapshot) -> None:
        self._publish_of(self._watch, snapshot)

    @property
    def _durations(self) -> Durations:
        snapshot = self._watch.snapshot
        model = snapshot.record.model if snapshot.record else snapshot.origin.model
        return self._experience.of(self._watch.connection, kind=self.kind, model=model)

    def _age(self) -> float:
        """Of the job, in seconds; of the watch, as long as nobody has told more."""
        elapsed = self._watch.snapshot.elapsed(self._now())
        return self._now() - self._begun if elapsed is None else elapsed

    def _now(self) -> float:
        return self._watch.connection.clock.monotonic()

    @property
    def ends_at(self) -> float:
        """See :class:`Member`."""
        return self._begun + self._watch.pace.deadline

    @property
    def _has_had_its_last(self) -> bool:
        """Whether the last question was answered, or put often enough."""
        return self._overtime > 0 and (self._failures == 0 or self._overtime >= _LAST_TRIES)

    @property
    def _is_over(self) -> bool:
        return self._watch.snapshot.state.is_over


def _span(seconds: float) -> str:
    """A duration as people say it: ``90 s``, ``30 min``."""
    minutes = seconds / 60
    return f"{seconds:.0f} s" if minutes < 2 else f"{minutes:.3g} min"  # noqa: PLR2004
