"""When to ask the service again. Pure: time and chance come in as arguments."""

from __future__ import annotations

from dataclasses import dataclass

DOCUMENTED_INTERVAL = 10.0
SHORTEST_INTERVAL = 0.5


@dataclass(frozen=True, slots=True)
class Pace:
    """How one job is asked about. All durations are seconds.

    ``grace`` is how long a job may be unknown to the service before that is believed.
    """

    interval: float = DOCUMENTED_INTERVAL
    deadline: float = 30 * 60.0
    grace: float = 12.0
    first_retry: float = 2.0
    slowest_retry: float = 60.0

    def at_speed(self, speed: float) -> Pace:
        """The same pace for a service whose clock runs *speed* times as fast."""
        return Pace(
            interval=max(SHORTEST_INTERVAL, self.interval / speed),
            deadline=self.deadline,
            grace=max(1.0, self.grace / speed),
            first_retry=max(SHORTEST_INTERVAL, self.first_retry / speed),
            slowest_retry=self.slowest_retry,
        )


def next_poll(
    pace: Pace, *, now: float, failures: int = 0, hint: float | None = None, chance: float = 0.0
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
    """
    if hint is not None:
        return max(now, hint) + chance * pace.first_retry
    if failures == 0:
        return now + pace.interval
    # 2 ** 16 is far beyond any cap; the bound keeps the power a small number.
    delay = min(pace.slowest_retry, pace.first_retry * 2.0 ** min(failures - 1, 16))
    return now + delay * (1 + chance / 4)
