"""When a job will be over, from what was seen of it and how long others took. Pure.

The reasoning is Bayes' with few words. Before anything is seen, every duration is as likely as
earlier jobs make it (:class:`Durations`). Each percent seen at some moment leaves each
:mod:`shape <tempolor_magic.watching.shapes>` a range of durations that go with it; ranges only
narrow, and a shape whose range closes is out (:class:`History`). What is left, weighed by how
much of the likely durations it covers, is the :class:`Outlook`: the chance of every end.

Two doubts stay whatever is seen: that progress means nothing, and that it is stuck.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import NamedTuple, TypeAlias

from tempolor_magic.watching.durations import Durations
from tempolor_magic.watching.shapes import Shape, shapes

# The weight of "progress means nothing", beside the weights of the shapes, and what is left of
# it with every rise: no shape would have been as lucky by chance.
_MEANINGLESS = 0.3
_LUCK = 0.05
# However well a shape fits, this much of its weight stands for an end that has nothing to do
# with it; and this much, once progress stands still, for the end it told of before.
_DOUBT = 0.1
_STUCK = 0.1
# A range that is closed by a hundredth is e times less likely; by four, it is out.
_GIVE = 0.01
_OUT = 4.0

# An estimate is told once the middle half of the likely ends spans no more than this.
_CLEAR_SECONDS = 10.0
_CLEAR_SHARE = 0.4
_CLOSE = 0.5
_A_DAY = 86_400.0


class Fit(NamedTuple):
    """A shape and the durations, in seconds, that make it go through all that was seen."""

    shape: Shape
    shortest: float = 0.0
    longest: float = math.inf

    def narrowed(self, elapsed: float, percent: int) -> Fit | None:
        """With *percent* seen after *elapsed* seconds; ``None`` if that does not fit."""
        span = self.shape.spans[percent]
        if span is None:
            return None
        first, last = span
        shortest = max(self.shortest, elapsed / last)
        longest = min(self.longest, elapsed / first) if first > 0 else self.longest
        if shortest > longest * (1 + _OUT * _GIVE):
            return None
        return Fit(self.shape, shortest, longest)


Fits: TypeAlias = tuple[Fit, ...]


@dataclass(frozen=True, slots=True)
class History:
    """What was seen of one job so far, digested: its size does not grow with time.

    ``reads`` counts the status reads, ``elapsed`` is the job's age in seconds at the latest
    news. ``percent`` is the furthest progress and ``rises`` how often it went up. ``fits`` are
    the shapes that go with everything seen, ``None`` while they all do; ``before`` are those
    that did when progress last went up.
    """

    reads: int = 0
    elapsed: float = 0.0
    percent: int = 0
    rises: int = 0
    fits: Fits | None = None
    before: Fits = ()

    def asked(self, elapsed: float) -> History:
        """After one more status read, answered or not, of a job *elapsed* seconds old."""
        return replace(self, reads=self.reads + 1, elapsed=max(self.elapsed, elapsed))

    def seen(self, elapsed: float, progress: float | None) -> History:
        """After news from anywhere that the job goes on.

        Args:
            elapsed: The job's age in seconds.
            progress: In percent, or ``None`` where the answer has none. Never trusted: it is
                cut to 0..100, and going backwards counts as standing still.
        """
        at = replace(self, elapsed=max(self.elapsed, elapsed))
        if progress is None or not math.isfinite(progress) or at.elapsed <= 0:
            return at
        percent = max(self.percent, min(100, int(progress)))
        fits = _narrowed(_untried() if self.fits is None else self.fits, at.elapsed, percent)
        if percent == self.percent:
            return replace(at, fits=fits)
        # Nothing goes with all that was seen: a new beginning, with what is seen now.
        rises = self.rises + 1 if fits else 1
        fits = fits or _narrowed(_untried(), at.elapsed, percent)
        return replace(at, percent=percent, rises=rises, fits=fits, before=fits)


class Window(NamedTuple):
    """Durations from ``start`` to ``end`` seconds are ``weight`` times as likely as usual.

    ``beyond_start`` and ``beyond_end`` are the shares of jobs that usually take longer.
    """

    start: float
    end: float
    weight: float
    beyond_start: float
    beyond_end: float


@dataclass(frozen=True, slots=True)
class Outlook:
    """The chance of every end of a job that is not over at the age of ``elapsed`` seconds.

    ``windows`` are in the order of their starts. ``mass`` is that of them all; it is 0 for a
    job so old that nothing can be said.
    """

    elapsed: float
    durations: Durations
    windows: tuple[Window, ...]
    mass: float

    def over_by(self, moment: float) -> float:
        """The chance, 0 to 1, that the job is over at the age of *moment* seconds."""
        if self.mass <= 0:
            return 0.0
        beyond, over = self.durations.beyond(moment), 0.0
        for start, end, weight, beyond_start, beyond_end in self.windows:
            if start >= moment:
                break
            over += weight * (beyond_start - (beyond if moment < end else beyond_end))
        return over / self.mass

    def quantile(self, chance: float) -> float:
        """The age in seconds by which the job is over with that *chance*; at most a day more."""
        sooner, later = self.elapsed, self.elapsed + 1
        while self.over_by(later) < chance and later < self.elapsed + _A_DAY:
            later = 2 * later - self.elapsed
        while later - sooner > _CLOSE:
            middle = (sooner + later) / 2
            if self.over_by(middle) < chance:
                sooner = middle
            else:
                later = middle
        return later


@dataclass(frozen=True, slots=True)
class Estimate:
    """When a job is expected to be over. All are seconds that remain at the latest news.

    It is as likely to be over before ``remaining`` as after; half of such jobs are over
    between ``soonest`` and ``latest``.
    """

    remaining: float
    soonest: float
    latest: float


def estimate_end(history: History, durations: Durations | None = None) -> Estimate | None:
    """The seconds that remain, or ``None`` while they are too uncertain to be told to anybody.

    Args:
        history: What was seen of the job.
        durations: How long such jobs take; ``None`` for what is published.
    """
    outlook = look_ahead(history, durations or Durations.learn())
    if outlook.mass <= 0:
        return None
    soonest, remaining, latest = (
        outlook.quantile(chance) - history.elapsed for chance in (0.25, 0.5, 0.75)
    )
    if latest - soonest > max(_CLEAR_SECONDS, _CLEAR_SHARE * remaining):
        return None
    return Estimate(remaining, soonest, latest)


@lru_cache(maxsize=256)  # for the estimate first, then for the next question
def look_ahead(history: History, durations: Durations) -> Outlook:
    """What *history* and *durations* together say about the end."""
    now = history.elapsed
    rest, evidence, mass, windows = durations.beyond(now), 0.0, 0.0, []
    # Progress may be stuck, and the end be where it was expected before.
    stuck = () if history.before is history.fits else history.before
    for window in _expected(history.fits, stuck, durations):
        start, end, weight, beyond_start, beyond_end = window
        evidence += weight * (beyond_start - beyond_end)
        if end > now:
            later = window if start >= now else Window(now, end, weight, rest, beyond_end)
            windows.append(later)
            mass += weight * (later.beyond_start - beyond_end)
    doubt = _DOUBT * evidence / rest if rest > 0 else 0.0
    meaningless = _MEANINGLESS * _LUCK**history.rises
    windows.append(Window(now, math.inf, meaningless + doubt, rest, 0.0))
    mass += (meaningless + doubt) * rest
    return Outlook(now, durations, tuple(sorted(windows)), mass)


@lru_cache(maxsize=256)  # most news of a job is that it goes on, and changes nothing in here
def _expected(fits: Fits | None, stuck: Fits, durations: Durations) -> tuple[Window, ...]:
    """What the shapes say about the end, whatever the job's age."""
    beyond = durations.beyond
    return tuple(
        Window(start, end, weight, beyond(start), beyond(end))
        for weight, start, end in _likely(fits, stuck)
    )


def _likely(fits: Fits | None, stuck: Fits) -> Iterator[tuple[float, float, float]]:
    """Weight, shortest and longest duration of what the shapes say."""
    if fits is None:
        yield sum(shape.weight for shape in shapes()), 0.0, math.inf
        return
    for shape, shortest, longest in fits:
        misfit = max(0.0, shortest / longest - 1)
        yield (
            shape.weight * math.exp(-misfit / _GIVE),
            min(shortest, longest),
            max(shortest, longest),
        )
    for shape, shortest, longest in stuck:
        if shortest <= longest:
            yield shape.weight * _STUCK, shortest, longest


@cache
def _untried() -> Fits:
    return tuple(Fit(shape) for shape in shapes())


def _narrowed(fits: Iterable[Fit], elapsed: float, percent: int) -> Fits:
    narrowed = (fit.narrowed(elapsed, percent) for fit in fits)
    return tuple(fit for fit in narrowed if fit is not None)
