"""When the service is asked again: never sooner than it wants."""

from __future__ import annotations

from itertools import pairwise

import pytest

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
