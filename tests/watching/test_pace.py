"""When the service is asked again: never sooner than it wants."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from tempolor_magic.watching.durations import Durations
from tempolor_magic.watching.estimate import History
from tempolor_magic.watching.pace import SHORTEST_INTERVAL, Pace, next_poll

NOW = 1_000.0
ALMOST_ONE = 1 - 2**-53


@pytest.mark.parametrize("interval", [0.5, 1.0, 10.0, 300.0])
@pytest.mark.parametrize("chance", [0.0, 0.5, ALMOST_ONE])
def test_a_job_in_good_order_is_asked_about_at_its_interval(interval: float, chance: float) -> None:
    """Chance plays no part in it."""
    assert next_poll(Pace(interval=interval), now=NOW, chance=chance) == NOW + interval


def test_the_documented_cadence_is_the_default() -> None:
    """Every ten seconds, for half an hour."""
    assert (Pace().interval, Pace().deadline) == (10.0, 1_800.0)


@pytest.mark.parametrize(
    ("failures", "delay"),
    [(1, 2), (2, 4), (3, 8), (4, 16), (5, 32), (6, 60), (7, 60), (20, 60), (10**9, 60)],
)
def test_failures_double_the_delay_up_to_a_minute(failures: int, delay: float) -> None:
    """However long the trouble lasts, the service is asked once a minute."""
    assert next_poll(Pace(), now=NOW, failures=failures) == NOW + delay


@pytest.mark.parametrize("failures", [1, 3, 6, 1_000])
def test_chance_spreads_retries_over_a_quarter(failures: int) -> None:
    """Never sooner than the plain delay, never more than a quarter later, and not all alike."""
    plain = next_poll(Pace(), now=NOW, failures=failures) - NOW
    chances = [step / 10 for step in range(10)] + [ALMOST_ONE]
    delays = [
        next_poll(Pace(), now=NOW, failures=failures, chance=chance) - NOW for chance in chances
    ]
    assert delays == sorted(set(delays))
    assert delays[0] == plain
    assert plain * 1.2 < delays[-1] <= plain * 1.25


@pytest.mark.parametrize("failures", [0, 1, 7])
@pytest.mark.parametrize("chance", [0.0, 0.3, ALMOST_ONE])
@pytest.mark.parametrize("wait", [0.0, 0.2, 17.0, 90.0, 7_200.0])
def test_nobody_asks_before_the_moment_the_service_named(
    wait: float, chance: float, failures: int
) -> None:
    """A hint wins over every delay; chance only lengthens it, by two seconds at most."""
    moment = next_poll(Pace(), now=NOW, failures=failures, hint=NOW + wait, chance=chance)
    assert NOW + wait <= moment <= NOW + wait + 2


@pytest.mark.parametrize("chance", [0.0, 0.9])
def test_a_hint_in_the_past_means_now(chance: float) -> None:
    """It never sends the next question into the past."""
    assert NOW <= next_poll(Pace(), now=NOW, hint=NOW - 500, chance=chance) <= NOW + 2


def test_jobs_that_wait_for_one_hint_do_not_come_back_together() -> None:
    """Each draws its own moment."""
    moments = {next_poll(Pace(), now=NOW, hint=NOW + 30, chance=n / 10) for n in range(10)}
    assert len(moments) == 10
    assert all(later - sooner > 0.1 for sooner, later in pairwise(sorted(moments)))


@pytest.mark.parametrize(
    ("speed", "interval", "grace", "first_retry"),
    [
        (1.0, 10.0, 12.0, 2.0),
        (4.0, 2.5, 3.0, SHORTEST_INTERVAL),
        (10.0, 1.0, 1.2, SHORTEST_INTERVAL),
        (1_000.0, SHORTEST_INTERVAL, 1.0, SHORTEST_INTERVAL),
        (0.5, 20.0, 24.0, 4.0),
    ],
)
def test_a_faster_service_is_asked_more_often_within_reason(
    speed: float, interval: float, grace: float, first_retry: float
) -> None:
    """Never more than twice a second; the user's deadline is in the user's own time."""
    pace = Pace().at_speed(speed)
    assert (pace.interval, pace.grace, pace.first_retry) == (interval, grace, first_retry)
    assert (pace.deadline, pace.slowest_retry) == (Pace().deadline, Pace().slowest_retry)


@pytest.mark.parametrize(
    ("speed", "shortest", "longest"),
    [(1.0, 1.0, 15.0), (4.0, SHORTEST_INTERVAL, 3.75), (1_000.0, 0.5, 0.5), (0.5, 2.0, 30.0)],
)
def test_a_faster_service_is_followed_more_closely_within_reason(
    speed: float, shortest: float, longest: float
) -> None:
    """The bounds of the adaptive pace run with the service's clock, too."""
    pace = Pace().at_speed(speed)
    assert (pace.shortest, pace.longest) == (shortest, longest)


def test_a_wanted_interval_is_kept_whatever_is_known_of_the_job() -> None:
    """The plain cadence, also where progress tells that the end is near."""
    pace = Pace().asked_for(interval=7.0)
    almost_over = History().asked(100).seen(100, 50).asked(196).seen(196, 98)
    assert next_poll(pace, now=NOW, history=almost_over) == NOW + 7
    assert next_poll(Pace(), now=NOW, history=almost_over) < NOW + 7


def test_a_wanted_deadline_leaves_the_rhythm_alone() -> None:
    """And what nobody asked for stays as it was."""
    assert Pace().asked_for(deadline=60.0) == replace(Pace(), deadline=60.0)
    assert Pace().asked_for() == Pace()


@pytest.mark.parametrize(
    ("seen", "soonest", "latest"),
    [
        pytest.param([], 15, 15, id="just submitted: nothing is over so soon"),
        pytest.param([(30, 10), (60, 20), (90, 30)], 15, 15, id="a third is done: far off"),
        pytest.param([(25, 22), (50, 45), (75, 68), (100, 90)], 7, 12, id="shortly before the end"),
        pytest.param([(25, 24), (50, 48), (75, 72), (100, 96)], 2, 5, id="right before the end"),
        pytest.param([(50, 25), (100, 25), (150, 25)], 4, 10, id="stands still: as without it"),
        pytest.param([(15, 99), (30, 99), (45, 99), (150, 99)], 4, 10, id="raced to 99"),
        pytest.param([(50, 60), (100, 20), (150, 10)], 4, 10, id="runs backwards"),
        pytest.param([(50, 0), (100, 0), (150, 0)], 4, 10, id="always 0"),
        pytest.param([(50, None), (100, None), (150, None)], 4, 10, id="no progress"),
    ],
)
def test_the_next_question_comes_when_an_end_is_likely(
    seen: list[tuple[float, float | None]], soonest: float, latest: float
) -> None:
    """Few questions while nothing can have ended, many where progress foretells an end."""
    history = History()
    for age, progress in seen:
        history = history.asked(age).seen(age, progress)
    assert soonest <= next_poll(Pace(), now=NOW, history=history) - NOW <= latest


def test_earlier_jobs_tell_when_a_job_without_progress_is_worth_asking_about() -> None:
    """Where jobs take five minutes, the second minute needs fewer questions than the fifth."""
    durations = Durations.learn([290, 300, 310, 320, 280] * 4)
    second, fifth = (
        next_poll(Pace(), now=NOW, history=History(reads=5, elapsed=age), durations=durations)
        for age in (100, 290)
    )
    assert second == NOW + 15
    assert fifth < NOW + 7


def test_a_job_that_was_asked_about_too_often_is_left_alone_for_a_while() -> None:
    """Clicks on refresh count: after twenty reads in 30 s the next one is due at 160 s."""
    often = History(reads=20, elapsed=30.0)
    assert next_poll(Pace(), now=NOW, history=often) == NOW + 130
    assert next_poll(Pace(), now=NOW, failures=1, history=often) == NOW + 130
