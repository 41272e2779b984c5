"""What a job's history tells about its end."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tempolor_magic.watching.durations import USUAL_DURATION, Durations
from tempolor_magic.watching.estimate import History, estimate_end, look_ahead
from tempolor_magic.watching.shapes import shapes

Seen = list[tuple[float, float | None]]
# The share of the time that has passed becomes a level of progress, 0 to 1.
Course = Callable[[float], float]


def history_of(seen: Seen) -> History:
    """Of a job that showed a progress at each age."""
    history = History()
    for age, progress in seen:
        history = history.asked(age).seen(age, progress)
    return history


def running(course: Course, seconds: float, until: float) -> History:
    """Of a job that takes *seconds*, looked at every 15 s up to the age *until*."""
    ages = [15.0 * n for n in range(1, int(until / 15) + 1)]
    return history_of([(age, math.floor(100 * course(age / seconds))) for age in ages])


@pytest.mark.parametrize(
    ("course", "seconds", "until"),
    [
        pytest.param(lambda share: share, 200, 60, id="evenly"),
        pytest.param(lambda share: share**2, 200, 135, id="slow at first"),
        pytest.param(lambda share: (share - 0.4) / 0.6, 180, 120, id="late, then evenly"),
        pytest.param(lambda share: math.floor(4 * share) / 4, 160, 120, id="in four steps"),
        pytest.param(lambda share: (1 - math.exp(-2 * share)) / 0.865, 160, 120, id="flattening"),
        pytest.param(lambda share: share**2 * (3 - 2 * share), 160, 135, id="slow at both ends"),
    ],
)
def test_the_time_that_remains_is_read_off_the_progress(
    course: Course, seconds: float, until: float
) -> None:
    """Within a sixth, without anybody saying which way the progress goes."""
    estimate = estimate_end(running(course, seconds, until))
    assert estimate is not None
    assert estimate.remaining == pytest.approx(seconds - until, rel=1 / 6)
    assert estimate.soonest <= estimate.remaining <= estimate.latest


@pytest.mark.parametrize(
    "seen",
    [
        pytest.param([], id="nothing seen"),
        pytest.param([(30, None), (60, None)], id="no progress"),
        pytest.param([(30, 0), (60, 0), (90, 0)], id="always 0"),
        pytest.param([(30, 99), (60, 99), (90, 99), (200, 99)], id="raced to 99 and stuck"),
        pytest.param([(30, 30), (60, 60), (75, 60)], id="evenly, then stuck"),
        pytest.param([(5_000_000.0, None)], id="older than any job"),
        pytest.param([(1e40, 50)], id="absurdly old"),
    ],
)
def test_what_is_not_known_is_not_told(seen: Seen) -> None:
    """Better no remaining time than a guess."""
    assert estimate_end(history_of(seen)) is None


def test_earlier_jobs_alone_are_enough_if_they_agree() -> None:
    """Twenty jobs of two minutes each: the next one takes two minutes."""
    estimate = estimate_end(history_of([(30, None)]), Durations.learn([118, 120, 122] * 20))
    assert estimate is not None
    assert estimate.remaining == pytest.approx(90, abs=10)


def test_the_estimate_gets_surer_with_every_percent() -> None:
    """A job of 200 s that runs evenly."""
    spans = []
    for until in (40, 80, 120, 160):
        estimate = estimate_end(history_of([(age, age / 2) for age in range(20, until + 1, 20)]))
        assert estimate is not None
        spans.append(estimate.latest - estimate.soonest)
    assert spans == sorted(spans, reverse=True)
    assert spans[-1] < spans[0] / 3


def test_progress_that_runs_backwards_counts_as_standing_still() -> None:
    """What was reached counts."""
    forth, back = history_of([(30, 40), (45, 40)]), history_of([(30, 40), (45, 12)])
    assert forth == back


@pytest.mark.parametrize("progress", [math.nan, math.inf, -math.inf, None])
def test_what_is_no_number_is_no_progress(progress: float | None) -> None:
    """It tells that the job goes on, and nothing more."""
    assert history_of([(30, progress)]) == History(reads=1, elapsed=30)


def test_a_progress_no_shape_explains_is_the_start_of_a_new_story() -> None:
    """A job that begins at 10 % contradicts every shape; what follows is read afresh."""
    estimate = estimate_end(running(lambda share: 0.1 + 0.9 * share, 200, 150))
    assert estimate is not None
    assert estimate.remaining == pytest.approx(50, rel=1 / 3)


def test_the_digest_of_a_long_history_is_no_larger() -> None:
    """However often a job is asked about, what is kept of it does not grow."""
    short, long = (history_of([(age, 0) for age in range(15, end, 15)]) for end in (60, 6_000))
    assert len(long.fits or ()) <= len(short.fits or ()) <= len(shapes())
    assert not long.before


@settings(deadline=None)
@given(
    seen=st.lists(
        st.tuples(st.floats(0.1, 60), st.one_of(st.none(), st.floats(0, 100))), max_size=20
    ),
    earlier=st.lists(st.floats(1, 5_000), max_size=8),
    waits=st.lists(st.floats(0, 5_000), min_size=2, max_size=6),
)
def test_the_chance_that_a_job_is_over_only_grows_with_time(
    seen: Seen, earlier: list[float], waits: list[float]
) -> None:
    """From nothing now to certainty in the end, whatever was seen."""
    history, age = History(), 0.0
    for gap, progress in seen:
        age += gap
        history = history.asked(age).seen(age, progress)
    outlook = look_ahead(history, Durations.learn(earlier))
    chances = [outlook.over_by(age + wait) for wait in sorted(waits)]
    assert all(later >= sooner - 1e-9 for sooner, later in pairwise(chances))
    assert outlook.over_by(age) == pytest.approx(0, abs=1e-9)
    assert outlook.over_by(math.inf) == pytest.approx(1)


@pytest.mark.parametrize(
    ("earlier", "speed", "middle"),
    [
        ((), 1.0, USUAL_DURATION),
        ((), 10.0, USUAL_DURATION / 10),
        ([0.0, -3.0, math.nan, math.inf], 1.0, USUAL_DURATION),
        ([60.0] * 300, 1.0, 60.0),
        ([60.0] * 3, 1.0, math.sqrt(60 * USUAL_DURATION)),
    ],
)
def test_earlier_jobs_count_more_the_more_there_are(
    earlier: list[float], speed: float, middle: float
) -> None:
    """None: what is published. Three: half and half. Many: what they took."""
    durations = Durations.learn(earlier, speed=speed)
    assert math.exp(durations.middle) == pytest.approx(middle, rel=0.01)
    assert durations.beyond(middle) == pytest.approx(0.5, abs=0.1)


def test_a_few_jobs_are_always_taken_to_be_unlike_the_earlier_ones() -> None:
    """A hundred jobs of a minute do not make one of five minutes impossible."""
    durations = Durations.learn([60.0] * 100)
    assert 0.001 < durations.beyond(300) < 0.05


def test_every_shape_shows_every_percent_later_than_the_one_before() -> None:
    """Each goes up only, from the start of a job to its end."""
    for shape in shapes():
        spans = [span for span in shape.spans if span is not None]
        firsts, lasts = zip(*spans, strict=True)
        assert list(firsts) == sorted(firsts)
        assert list(lasts) == sorted(lasts)
        assert all(0 <= first <= last <= 1 and last > 0 for first, last in spans)
        assert spans[0][0] == 0
        assert spans[-1][1] == 1
