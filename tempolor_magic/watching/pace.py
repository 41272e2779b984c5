"""When to ask the service again. Pure: time and chance come in as arguments.

Asked every so many seconds, a service answers "not yet" many times and tells the end late. With
a :class:`History` the questions go where they count: few while nothing can have ended, many
around the end that progress and earlier jobs foretell.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from tempolor_magic.watching.durations import Durations
from tempolor_magic.watching.estimate import History, look_ahead

DOCUMENTED_INTERVAL = 10.0
SHORTEST_INTERVAL = 0.5
# Reads a job may have had beyond one for every interval of its age.
SPARE_READS = 5
# A wait is weighed in so many parts.
_GLANCES = 15


@dataclass(frozen=True, slots=True)
class Pace:
    """How one job is asked about. All durations are seconds.

    ``interval`` is the plain cadence, ``steady`` keeps to it whatever is known of a job.
    Otherwise reads are ``shortest`` to ``longest`` apart, and a job has had one for every
    ``interval`` of its age and :data:`SPARE_READS` more at most. Within that, the next read
    comes as soon as the end of the job, seen then, would on average be news ``patience``
    seconds old: 0.3 asks about a job without progress as often as the plain cadence does.
    ``grace`` is how long a job may be unknown to the service before that is believed.
    """

    interval: float = DOCUMENTED_INTERVAL
    deadline: float = 30 * 60.0
    grace: float = 12.0
    first_retry: float = 2.0
    slowest_retry: float = 60.0
    steady: bool = False
    shortest: float = 1.0
    longest: float = 15.0
    patience: float = 0.3

    def at_speed(self, speed: float) -> Pace:
        """The same pace for a service whose clock runs *speed* times as fast."""
        return replace(
            self,
            interval=max(SHORTEST_INTERVAL, self.interval / speed),
            grace=max(1.0, self.grace / speed),
            first_retry=max(SHORTEST_INTERVAL, self.first_retry / speed),
            shortest=max(SHORTEST_INTERVAL, self.shortest / speed),
            longest=max(SHORTEST_INTERVAL, self.longest / speed),
            patience=self.patience / speed,
        )

    @property
    def every(self) -> float | None:
        """Seconds between two questions; ``None`` where that depends on the job."""
        return self.interval if self.steady else None

    def asked_for(self, interval: float | None = None, deadline: float | None = None) -> Pace:
        """The pace a user wants. An interval is kept to, whatever is known of the job.

        Args:
            interval: Seconds between questions; ``None`` leaves the pace as it is.
            deadline: Seconds until the watch gives up; ``None`` likewise.
        """
        wanted = self if interval is None else replace(self, interval=interval, steady=True)
        return wanted if deadline is None else replace(wanted, deadline=deadline)


def next_poll(  # noqa: PLR0913  # each is a fact of its own, named where it is told
    pace: Pace,
    *,
    now: float,
    failures: int = 0,
    hint: float | None = None,
    chance: float = 0.0,
    history: History | None = None,
    durations: Durations | None = None,
) -> float:
    """The moment of the next question about a job.

    Args:
        pace: The rhythm asked for.
        now: The present moment; the answer is on the same clock.
        failures: Questions in a row that got no usable answer.
        hint: The moment the service asked to be left alone until. It wins, and is only
            ever lengthened.
        chance: A number in [0, 1) drawn by the caller. It spreads retries over a quarter of
            their delay, so that many jobs do not come back at the same instant.
        history: What was seen of the job up to *now*. Without it, the plain cadence.
        durations: How long such jobs take; ``None`` for what is published.
    """
    known = None if pace.steady else history
    if hint is not None:
        moment = max(now, hint) + chance * pace.first_retry
    elif failures:
        # 2 ** 16 is far beyond any cap; the bound keeps the power a small number.
        delay = min(pace.slowest_retry, pace.first_retry * 2.0 ** min(failures - 1, 16))
        moment = now + delay * (1 + chance / 4)
    elif known is None:
        moment = now + pace.interval
    else:
        moment = now + _rest(pace, known, durations or Durations.learn())
    return moment if known is None else max(moment, now + _until_due(pace, known))


def _until_due(pace: Pace, history: History) -> float:
    """Seconds until the job may have one more read."""
    return (history.reads + 1 - SPARE_READS) * pace.interval - history.elapsed


def _rest(pace: Pace, history: History, durations: Durations) -> float:
    """Seconds until the end of the job, if seen then, would be too old on average.

    How old it would be grows every second by the chance that the job is over by then. Asking
    when that sum reaches a fixed patience spends reads where an end is likely: where one is four
    times as likely in the next second, the wait is half as long. With the same number of reads
    no other rule hears of the end much sooner.
    """
    outlook = look_ahead(history, durations)
    glance = pace.longest / _GLANCES
    age = before = 0.0
    for n in range(_GLANCES):
        over = outlook.over_by(history.elapsed + glance * (n + 1))
        more = glance * (before + over) / 2
        if age + more >= pace.patience:
            return max(pace.shortest, glance * (n + (pace.patience - age) / more))
        age, before = age + more, over
    return pace.longest
