"""The ways a job's progress can go, each as the times at which it shows a percent. Pure.

The service promises nothing about `progress`: it may be even, slow at first, flatten, come in
steps. A shape knows no seconds. It says which share of its time a job has behind it while it
shows some percent; whoever knows the seconds behind it can turn that round and say how long the
job takes in all. Which of the shapes a job has is found out while it runs.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

# A level of progress, 0 to 1, becomes the share of the time after which the curve is there.
Reach = Callable[[float], float]
Span = tuple[float, float]

# A shown percent may be rounded down or to the nearest, and the next curve is about as far away.
_BELOW, _ABOVE = 0.008, 0.014
_ROUGHLY = 0.05
# From here on a percent may stand for "not quite over".
_ALMOST = 99


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """One way to go. ``weight`` is how far it is expected, against the weights of the others.

    ``spans`` holds for every whole percent, 0 to 100, the first and the last share of the time
    (0 to 1) at which it may be shown, or ``None`` if it never is.
    """

    weight: float
    spans: tuple[Span | None, ...]


@cache
def shapes() -> tuple[Shape, ...]:
    """Every shape there is, made when the first job needs them."""
    return tuple(
        Shape(weight / len(spans), each) for weight, spans in _families() for each in spans
    )


def _families() -> Iterator[tuple[float, list[tuple[Span | None, ...]]]]:
    """Each kind of shape with its weight: a row of curves close enough to miss none between."""
    yield 0.20, [_curve(_evenly)]
    yield 0.20, [_curve(_slow_at_first(1 + n / 10)) for n in range(1, 25)]
    yield 0.15, [_curve(_flattening(0.5 + n / 4)) for n in range(20)]
    yield 0.15, [_steps(count) for count in range(2, 13)]
    yield 0.05, [_curve(_quick_at_first(1 + n / 10)) for n in range(1, 21)]
    yield 0.05, [_curve(_slow_at_both_ends(1 + n / 10)) for n in range(1, 21)]
    yield 0.05, [_curve(_late(n / 40)) for n in range(1, 17)]
    yield 0.03, [_curve(_short_of_all(1.5 + n / 4)) for n in range(15)]
    yield 0.02, [_curve(_evenly, _ROUGHLY, _ROUGHLY)]


def _curve(reach: Reach, below: float = _BELOW, above: float = _ABOVE) -> tuple[Span, ...]:
    return tuple(_span(reach, percent, below, above) for percent in range(101))


def _span(reach: Reach, percent: int, below: float, above: float) -> Span:
    low, high = percent / 100 - below, percent / 100 + above
    first = reach(low) if low > 0 else 0.0
    return min(1.0, first), min(1.0, reach(high)) if high < 1 and percent < _ALMOST else 1.0


def _evenly(level: float) -> float:
    return level


def _slow_at_first(power: float) -> Reach:
    return lambda level: float(level ** (1 / power))


def _quick_at_first(power: float) -> Reach:
    return lambda level: 1 - float((1 - level) ** (1 / power))


def _slow_at_both_ends(power: float) -> Reach:
    def reach(level: float) -> float:
        odds = float((level / (1 - level)) ** (1 / power))
        return odds / (1 + odds)

    return reach


def _flattening(bend: float) -> Reach:
    """Ever slower, and yet at 100 % in the end."""
    full = 1 - math.exp(-bend)
    return lambda level: -math.log(1 - level * full) / bend


def _short_of_all(bend: float) -> Reach:
    """Ever slower towards a 100 % that the job's end cuts off."""
    return lambda level: -math.log(1 - level) / bend


def _late(start: float) -> Reach:
    """Nothing for a while, then evenly."""
    return lambda level: start + (1 - start) * level


def _steps(count: int) -> tuple[Span | None, ...]:
    """As many equal steps; the last one is the end of the job."""
    return tuple(_step_span(percent, count) for percent in range(101))


def _step_span(percent: int, count: int) -> Span | None:
    if percent >= _ALMOST:
        return 1 - 1 / count, 1.0
    step = round(percent * count / 100)
    if abs(100 * step / count - percent) > 1:
        return None
    # Half a percent of slack: a step is not taken to the second.
    return step / count * 0.995, min(1.0, (step + 1) / count * 1.005)
