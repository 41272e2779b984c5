"""Made-up jobs: how long each takes and what its progress shows on the way.

Durations are log-normal. Every job has a shape of its own within its family, and like the
service's its progress is a whole percent that promises nothing.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass

MEDIAN = 134.0
SIGMA = 0.45

# The share of the time that has passed, 0 to 1, becomes a level of progress, 0 to 1, or nothing.
Course = Callable[[float], float | None]
Draw = Callable[[random.Random], Course]


@dataclass(frozen=True, slots=True)
class MadeUpJob:
    """A job that is over after ``seconds``."""

    seconds: float
    course: Course

    def progress(self, elapsed: float) -> float | None:
        """The whole percent shown after *elapsed* seconds, 99 at most while it is not over."""
        level = self.course(elapsed / self.seconds)
        # A hair more than nothing, so that 0.29 is shown as 29 and not as 28.
        return None if level is None else float(max(0, min(99, math.floor(100 * level + 1e-9))))


def make_jobs(draw: Draw, count: int, seed: str, *, median: float = MEDIAN) -> list[MadeUpJob]:
    """So many jobs of one family; the same for the same *seed*."""
    rng = _chance(seed)
    return [MadeUpJob(_duration(rng, median), draw(rng)) for _ in range(count)]


def make_durations(count: int, seed: str) -> list[float]:
    """What so many other jobs took, in seconds."""
    rng = _chance(seed)
    return [_duration(rng, MEDIAN) for _ in range(count)]


def _chance(seed: str) -> random.Random:
    return random.Random(seed)  # noqa: S311  # chance that can be repeated is the point


def _duration(rng: random.Random, median: float) -> float:
    return rng.lognormvariate(math.log(median), SIGMA)


def _linear(_: random.Random) -> Course:
    return lambda share: share


def _slow_start(rng: random.Random) -> Course:
    power = rng.uniform(1.5, 3)
    return lambda share: float(share**power)


def _steps(rng: random.Random) -> Course:
    count = rng.randint(3, 10)
    return lambda share: math.floor(share * count + 1e-9) / count


def _saturating(rng: random.Random) -> Course:
    bend = rng.uniform(1.5, 4.5)
    full = 1 - math.exp(-bend)
    return lambda share: (1 - math.exp(-bend * share)) / full


def _sticking(rng: random.Random) -> Course:
    """Evenly to 60-99 %, reached after 30-90 % of the time, and no further."""
    level, reached = rng.uniform(0.6, 0.99), rng.uniform(0.3, 0.9)
    return lambda share: min(level, level * share / reached)


def _none(_: random.Random) -> Course:
    return lambda _: None


def _always_zero(_: random.Random) -> Course:
    return lambda _: 0.0


SEVEN: dict[str, Draw] = {
    "linear": _linear,
    "slow start": _slow_start,
    "steps": _steps,
    "saturating": _saturating,
    "sticking at 60-99 %": _sticking,
    "no progress field": _none,
    "always 0": _always_zero,
}


def _sticking_on_its_line(rng: random.Random) -> Course:
    level = rng.uniform(0.6, 0.99)
    return lambda share: min(level, share)


def _racing_to_99(rng: random.Random) -> Course:
    reached = rng.uniform(0.02, 0.15)
    return lambda share: share / reached


def _over_before_100(rng: random.Random) -> Course:
    level = rng.uniform(0.75, 0.97)
    return lambda share: share * level


def _levelling_off(rng: random.Random) -> Course:
    bend = rng.uniform(2, 5)
    return lambda share: 1 - math.exp(-bend * share)


def _late_start(rng: random.Random) -> Course:
    start = rng.uniform(0.05, 0.4)
    return lambda share: (share - start) / (1 - start)


def _head_start(rng: random.Random) -> Course:
    head = rng.uniform(0.03, 0.12)
    return lambda share: head + (1 - head) * share


def _ease_in_and_out(_: random.Random) -> Course:
    return lambda share: share * share * (3 - 2 * share)


def _waves(rng: random.Random) -> Course:
    swing = rng.uniform(0.2, 0.9)
    return lambda share: share + swing * math.sin(6 * math.pi * share) / (6 * math.pi)


def _uneven_steps(rng: random.Random) -> Course:
    count = rng.randint(3, 9)
    times, levels = (sorted(rng.random() for _ in range(count)) for _ in range(2))
    steps = list(zip(times, levels, strict=True))
    return lambda share: max((level for time, level in steps if time <= share), default=0.0)


def _changing_speed(rng: random.Random) -> Course:
    """Four stretches; each has a speed of its own, up to three times that of another."""
    ends = [*sorted(rng.random() for _ in range(3)), 1.0]
    speeds = [rng.uniform(0.5, 1.5) for _ in ends]

    def way(share: float) -> float:
        gone, start = 0.0, 0.0
        for end, speed in zip(ends, speeds, strict=True):
            gone += speed * max(0.0, min(share, end) - start)
            start = end
        return gone

    whole = way(1.0)
    return lambda share: way(share) / whole


def _in_batches(rng: random.Random) -> Course:
    """A line, told in 20 to 40 jumps."""
    count, phase = rng.randint(20, 40), rng.random()
    return lambda share: (math.floor(share * count + phase) - phase) / count


def _falling_back(rng: random.Random) -> Course:
    """Evenly, then a fifth lost, and slowly made up for."""
    fall = rng.uniform(0.3, 0.7)
    return lambda share: share if share < fall else share - 0.2 * (1 - share) / (1 - fall)


def _clock_off(rng: random.Random) -> Course:
    """A line, and the age of the job is wrong by up to 2.5 % of its time."""
    error = rng.uniform(-0.025, 0.025)
    return lambda share: share + error


OTHERS: dict[str, Draw] = {
    "sticking on its line": _sticking_on_its_line,
    "racing to 99 %": _racing_to_99,
    "over at 75-97 %": _over_before_100,
    "levelling off": _levelling_off,
    "late start": _late_start,
    "head start": _head_start,
    "ease in and out": _ease_in_and_out,
    "waves": _waves,
    "uneven steps": _uneven_steps,
    "changing speed": _changing_speed,
    "in batches": _in_batches,
    "falling back": _falling_back,
    "clock off": _clock_off,
}
