"""What the adaptive pace never does, whatever a job shows; and what it saves."""

from __future__ import annotations

import math
import statistics
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

# Last: the package itself is taken from where it is installed.
sys.path.append(str(Path(__file__).parent.parent.parent))

from benchmarks.families import OTHERS, SEVEN
from benchmarks.pace import PLAIN, Figures, gain, measure, measure_all
from tempolor_magic.watching.durations import Durations
from tempolor_magic.watching.estimate import History
from tempolor_magic.watching.pace import SPARE_READS, Pace, next_poll

ADAPTIVE = ("adaptive, cold", "adaptive, warm")
# Rounding in the last place of a moment.
A_HAIR = 1e-6


@dataclass(frozen=True)
class Answer:
    """What a question brings: no answer at all, or a progress; and how long that takes."""

    fails: bool
    progress: float | None
    seconds: float


PROGRESS = st.one_of(
    st.none(),
    st.floats(0, 100),
    st.integers(0, 100).map(float),
    st.sampled_from([0.0, 99.0, 100.0, 250.0, -5.0, math.inf, -math.inf, math.nan]),
)
ANSWERS = st.builds(
    Answer,
    fails=st.sampled_from([False] * 9 + [True]),
    progress=PROGRESS,
    seconds=st.sampled_from([0.0, 0.2, 3.0]),
)
EARLIER = st.lists(st.floats(1, 5_000), max_size=8)
SPEEDS = st.sampled_from([0.5, 1.0, 4.0, 10.0, 1_000.0])


@settings(deadline=None)
@given(
    answers=st.lists(ANSWERS, min_size=1, max_size=60),
    earlier=EARLIER,
    speed=SPEEDS,
    age=st.floats(0, 3_000),
)
def test_no_history_makes_the_pace_ask_too_much_or_too_little(
    answers: list[Answer], earlier: list[float], speed: float, age: float
) -> None:
    """At every read: at most one for each 10 s of the job's age and 5 more, 1 to 15 s apart."""
    pace, durations = Pace().at_speed(speed), Durations.learn(earlier, speed=speed)
    history, failures = History(), 0
    for count, answer in enumerate(answers, 1):
        assert count <= age / pace.interval + SPARE_READS + A_HAIR
        age += answer.seconds
        history = history.asked(age)
        failures = failures + 1 if answer.fails else 0
        if not answer.fails:
            history = history.seen(age, answer.progress)
        rest = next_poll(pace, now=0.0, failures=failures, history=history, durations=durations)
        assert rest >= pace.shortest - A_HAIR
        assert failures or rest <= pace.longest + A_HAIR
        age += rest


@settings(deadline=None, max_examples=40)
@given(progress=st.lists(PROGRESS, min_size=1, max_size=30), failures=st.integers(1, 5))
def test_trouble_never_makes_the_next_question_come_sooner(
    progress: list[float | None], failures: int
) -> None:
    """What is known of a job only ever lengthens a retry or a hint."""
    history = _after(progress)
    for hint in (None, 40.0):
        plain = next_poll(Pace(), now=0.0, failures=failures, hint=hint, chance=0.5)
        known = next_poll(
            Pace(), now=0.0, failures=failures, hint=hint, chance=0.5, history=history
        )
        assert known >= plain


@pytest.fixture(scope="module")
def seven() -> dict[str, dict[str, Figures]]:
    """Sixty jobs of each family, watched by every poller."""
    return measure_all(SEVEN, 60, seed=60)


@pytest.mark.parametrize("poller", ADAPTIVE)
@pytest.mark.parametrize(
    ("family", "least"),
    [
        ("linear", 6.0),
        ("slow start", 6.0),
        ("steps", 3.5),
        ("saturating", 2.5),
        ("sticking at 60-99 %", 0.95),
        ("no progress field", 0.95),
        ("always 0", 0.95),
    ],
)
def test_requests_times_delay_are_lower_than_at_ten_seconds(
    seven: dict[str, dict[str, Figures]], family: str, least: float, poller: str
) -> None:
    """Far lower where progress tells the end, and no higher where it tells nothing."""
    assert gain(seven[family], poller) >= least


@pytest.mark.parametrize("poller", ADAPTIVE)
def test_over_all_families_requests_times_delay_are_a_fraction(
    seven: dict[str, dict[str, Figures]], poller: str
) -> None:
    """At least two and a half times lower than at a fixed ten seconds."""
    assert statistics.geometric_mean(gain(each, poller) for each in seven.values()) >= 2.5


@pytest.mark.parametrize("poller", ADAPTIVE)
@pytest.mark.parametrize("family", SEVEN)
def test_no_family_costs_more_requests_than_at_ten_seconds(
    seven: dict[str, dict[str, Figures]], family: str, poller: str
) -> None:
    """Five percent more at most."""
    assert seven[family][poller].requests <= 1.05 * seven[family][PLAIN].requests


@pytest.mark.parametrize("poller", ADAPTIVE)
@pytest.mark.parametrize("family", ["linear", "slow start"])
def test_a_foretold_end_is_heard_of_in_about_a_second(
    seven: dict[str, dict[str, Figures]], family: str, poller: str
) -> None:
    """With a quarter of the requests to spare."""
    figures = seven[family]
    assert figures[poller].delay <= 1.0
    assert figures[poller].requests <= 0.85 * figures[PLAIN].requests


@pytest.mark.parametrize("family", ["racing to 99 %", "uneven steps", "falling back", "clock off"])
def test_progress_that_follows_no_known_shape_costs_nothing(family: str) -> None:
    """Misleading progress is no worse than the plain cadence."""
    figures = measure(OTHERS[family], 60, family)
    for poller in ADAPTIVE:
        assert gain(figures, poller) >= 0.95
        assert figures[poller].requests <= 1.1 * figures[PLAIN].requests


def _after(progress: Sequence[float | None]) -> History:
    history = History()
    for number, each in enumerate(progress, 1):
        history = history.asked(12.0 * number).seen(12.0 * number, each)
    return history
