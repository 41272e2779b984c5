"""Moments and durations in words."""

from __future__ import annotations

import pytest
from samples import CREATED, FINISHED, NOW, make_record, make_snapshot

from tempolor_magic.view.times import (
    clock_text,
    exact_text,
    moment_text,
    remaining_text,
    rhythm_text,
    stamps,
    wait_text,
)
from tempolor_magic.watching.snapshot import State


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0:00"),
        (0.99, "0:00"),
        (5, "0:05"),
        (59.9, "0:59"),
        (60, "1:00"),
        (95, "1:35"),
        (600, "10:00"),
        (3_599.9, "59:59"),
        (3_600, "1:00:00"),
        (3_723, "1:02:03"),
        (90_000, "25:00:00"),
    ],
)
def test_durations_read_like_a_clock(seconds: float, text: str) -> None:
    """Minutes and seconds, and hours when there are any."""
    assert clock_text(seconds) == text


@pytest.mark.parametrize(
    ("epoch", "text"),
    [
        (CREATED, "2024-05-24 15:43 UTC"),
        (0, "1970-01-01 00:00 UTC"),
        (1e305, ""),
        (-1e305, ""),
        (float("inf"), ""),
        (float("nan"), ""),
    ],
)
def test_moments_are_told_in_utc(epoch: float, text: str) -> None:
    """A number that is no time says nothing."""
    assert moment_text(epoch) == text


def test_a_moment_is_told_to_the_second_where_it_is_pointed_at() -> None:
    """In UTC as well; what is no time stays empty."""
    assert exact_text(CREATED) == "2024-05-24 15:43:45 UTC"
    assert exact_text(1e305) == ""


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, ""),
        (-3, "any moment now"),
        (0, "any moment now"),
        (2.4, "any moment now"),
        (2.6, "about 5 s left"),
        (42, "about 40 s left"),
        (43, "about 45 s left"),
        (59, "about 1 min left"),
        (66, "about 1 min left"),
        (80, "about 1 min 15 s left"),
        (299, "about 5 min left"),
        (329, "about 5 min left"),
        (331, "about 6 min left"),
        (9_000, "about 2 h left"),
    ],
)
def test_what_is_left_is_rounded_coarsely(seconds: float | None, text: str) -> None:
    """To 5 s below a minute, to 15 s below five, then to minutes: few changes, no false promise."""
    assert remaining_text(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-1, "0 s"), (17.4, "17 s"), (120, "120 s"), (150, "about 2 min"), (9_000, "about 2 h")],
)
def test_a_wait_is_told_as_exactly_as_it_matters(seconds: float, text: str) -> None:
    """Seconds as long as they are counted down, then minutes, then hours."""
    assert wait_text(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.5, "checked every 0.5 s"),
        (1.0, "checked every 1 s"),
        (12.3, "checked every 12 s"),
        (None, "checked when news is likely"),
    ],
)
def test_a_rhythm_has_a_fraction_only_where_it_counts(seconds: float | None, text: str) -> None:
    """Nobody needs to know that it is 12.3; without a rhythm the card says why."""
    assert rhythm_text(seconds) == text


def test_a_job_that_is_over_tells_how_long_ago_that_was() -> None:
    """Both counted from now: created when it was, finished when it was done."""
    done = make_snapshot(State.COMPLETED, born_at=NOW - 500, took=95.0)
    created, finished = stamps(done, NOW)
    assert (created.name, created.exact, created.age) == ("Created", exact_text(CREATED), 500)
    assert (finished.name, finished.exact, finished.age) == ("Finished", exact_text(FINISHED), 405)


@pytest.mark.parametrize("state", [state for state in State if not state.is_final])
def test_only_a_final_job_is_finished(state: State) -> None:
    """The update time of another one says nothing; while it runs a clock tells its age."""
    known = stamps(make_snapshot(state), NOW)
    assert [stamp.name for stamp in known] == [] if state is State.WAITING else ["Created"]
    assert [stamp.age for stamp in known if not state.is_over] in ([], [None])


def test_moments_that_are_none_are_left_out() -> None:
    """No record, no time in it, or a number that is no time."""
    assert stamps(make_snapshot(State.ERROR, record=None), NOW) == ()
    strange = make_record(createTime="x", updateTime=1e305)
    assert stamps(make_snapshot(State.COMPLETED, record=strange), NOW) == ()
