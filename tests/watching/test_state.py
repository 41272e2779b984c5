"""What an answer makes of a job: what decides it, and what never changes again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from samples import (
    CREATED,
    ENDINGS,
    FINISHED,
    ID,
    JOB,
    NOW,
    make_record,
    make_snapshot,
    make_trouble,
    running_record,
)

from tempolor_magic.api.records import Record
from tempolor_magic.errors import JobFailed, ServiceError, WatchStopped, WatchTimeout
from tempolor_magic.watching.snapshot import Snapshot, State
from tempolor_magic.watching.state import end, equip, observe, stopped, struggle, timed_out

WAITING, GENERATING = State.WAITING, State.GENERATING
OVER = [state for state in State if state not in {WAITING, GENERATING}]
ENDS = [State.STOPPED, State.TIMED_OUT, State.ERROR]
FRESH = Snapshot(JOB)


def answered(*records: Record, every: float = 10.0, wall: float = CREATED) -> Snapshot:
    """A job that got these answers, one every so many seconds, from *wall* on."""
    seen = FRESH
    for count, record in enumerate(records):
        now = NOW + count * every
        seen = observe(seen, record, now=now, wall=wall + count * every)
    return seen


@pytest.mark.parametrize("before", [FRESH, make_snapshot(GENERATING)], ids=["first", "later"])
@pytest.mark.parametrize(
    ("told", "state"),
    [
        ({"status": 0, "status_name": "GENERATING", "status_final": False}, GENERATING),
        ({"status": 10, "status_name": "FAILED", "status_final": True}, State.FAILED),
        ({"status": 30, "status_name": "COMPLETED", "status_final": True}, State.COMPLETED),
        # a single field is enough
        ({"status": 30, "status_name": None, "status_final": None}, State.COMPLETED),
        ({"status": None, "status_name": "FAILED", "status_final": None}, State.FAILED),
        # only a final record decides
        ({"status": 30, "status_name": "COMPLETED", "status_final": False}, GENERATING),
        ({"status": 10, "status_name": "FAILED", "status_final": False}, GENERATING),
        ({"status": 0, "status_name": "GENERATING", "status_final": True}, GENERATING),
        # what nobody knows waits until it is final
        ({"status": 20, "status_name": "POST_PROCESSING", "status_final": False}, GENERATING),
        ({"status": 20, "status_name": "POST_PROCESSING", "status_final": None}, GENERATING),
        ({"status": 20, "status_name": "PARTLY", "status_final": True}, State.ERROR),
        ({"status": None, "status_name": None, "status_final": True}, State.ERROR),
        ({"status": None, "status_name": None, "status_final": None}, GENERATING),
        # progress decides nothing
        ({"status": 0, "status_final": False, "progress": 100}, GENERATING),
        ({"status": 30, "status_final": True, "progress": 3}, State.COMPLETED),
        ({"status": 30, "status_final": True, "progress": None}, State.COMPLETED),
    ],
)
def test_only_a_final_record_decides_a_job(
    before: Snapshot, told: dict[str, Any], state: State
) -> None:
    """``status_final`` first, then a known status; anything else keeps waiting."""
    record = make_record(**told)
    after = observe(before, record, now=NOW, wall=FINISHED)
    assert after.state is state
    assert after.record is record
    assert after.trouble is None
    assert (after.error is not None) is (state in {State.FAILED, State.ERROR})


def test_a_failed_job_has_an_error_that_says_so() -> None:
    """It names the job, and what to do next."""
    error = answered(running_record(), make_record(status=10, status_name="FAILED")).error
    assert isinstance(error, JobFailed)
    assert "FAILED" in error.message
    assert ID in error.message
    assert "submit it again" in error.remedy


def test_an_unknown_end_tells_its_number() -> None:
    """It is an error of the watch, not a failed job, and says what can be reported."""
    error = answered(make_record(status=40, status_name="X", status_final=True)).error
    assert isinstance(error, ServiceError)
    assert "status 40" in error.message
    assert "tempolor.com" in error.remedy


@pytest.mark.parametrize("state", OVER)
def test_what_is_over_never_changes_again(state: State) -> None:
    """Neither an answer nor trouble nor another end: the very same snapshot comes back."""
    over = make_snapshot(state)
    for record in (running_record(99), make_record(), make_record(status=10, status_name="FAILED")):
        assert observe(over, record, now=NOW + 500, wall=FINISHED) is over
    assert struggle(over, make_trouble()) is over
    for other in ENDS:
        assert end(over, other, ENDINGS[other], now=NOW + 500) is over


@pytest.mark.parametrize("before", [WAITING, GENERATING])
@pytest.mark.parametrize("state", ENDS)
def test_a_watch_can_end_by_itself(before: State, state: State) -> None:
    """What is known of the job stays, the error tells why, and a notice of trouble goes."""
    running = struggle(make_snapshot(before), make_trouble())
    over = end(running, state, ENDINGS[state], now=NOW)
    assert (over.state, over.error, over.trouble) == (state, ENDINGS[state], None)
    assert (over.record, over.progress) == (running.record, running.progress)
    assert over.took == (None if before is WAITING else 95.0)


@pytest.mark.parametrize("before", [WAITING, GENERATING])
def test_trouble_that_passes_is_only_a_notice(before: State) -> None:
    """The state stays as it was, and the next good answer takes the notice away."""
    running = make_snapshot(before)
    troubled = struggle(running, make_trouble())
    assert troubled == replace(running, trouble=make_trouble())
    assert struggle(troubled, make_trouble("worse")).trouble == make_trouble("worse")
    assert observe(troubled, running_record(), now=NOW, wall=CREATED).trouble is None


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ([10, 20, 30], [10, 20, 30]),
        ([40, 20, 45], [40, 40, 45]),
        ([None, 20, None], [None, 20, 20]),
        ([None, None], [None, None]),
        (["45%", "44%"], [45, 45]),
        ([250, 10], [100, 100]),
        ([-5, None, 1], [0, 0, 1]),
        ([50, "soon", [1]], [50, 50, 50]),
        ([0, 0, 0], [0, 0, 0]),
    ],
)
def test_progress_never_runs_backwards(told: list[Any], shown: list[float | None]) -> None:
    """Whatever is told, the eye sees it stand or grow."""
    records = [running_record(value) for value in told]
    seen = [answered(*records[: count + 1]).progress for count in range(len(records))]
    assert seen == shown


@pytest.mark.parametrize(
    ("created", "age"),
    [
        (CREATED, 20.0),
        (CREATED + 20, 0.0),
        # a service whose clock is ahead
        (CREATED + 500, 0.0),
        # not told
        (None, 0.0),
    ],
)
def test_the_birth_is_dated_by_the_first_answer(created: float | None, age: float) -> None:
    """The age counts from the record's creation; our own clock counts on from there."""
    told = None if created is None else created * 1000
    seen = answered(running_record(createTime=told), wall=CREATED + 20)
    assert seen.born_at == pytest.approx(NOW - age)
    assert seen.elapsed(NOW + 7) == pytest.approx(age + 7)


def test_the_birth_is_fixed_at_the_first_answer() -> None:
    """A later record with another creation time, and a jump of the wall clock, change nothing."""
    first = observe(FRESH, running_record(), now=NOW, wall=CREATED + 20)
    later = observe(
        first, running_record(createTime=(CREATED - 900) * 1000), now=NOW + 10, wall=CREATED + 9_999
    )
    assert later.born_at == first.born_at
    assert later.elapsed(NOW + 10) == pytest.approx(30)


def test_before_the_first_answer_there_is_no_age() -> None:
    """Nothing is known of a job that the service never told about."""
    assert FRESH.elapsed(NOW) is None
    assert end(FRESH, State.TIMED_OUT, ENDINGS[State.TIMED_OUT], now=NOW).elapsed(NOW) is None


def test_a_watched_job_took_what_our_clock_says() -> None:
    """From its creation to the answer that told its end, and the time then stands."""
    done = answered(*[running_record()] * 3, make_record(), wall=CREATED + 5)
    assert done.took == pytest.approx(35)
    assert done.elapsed(NOW + 10_000) == done.took


@pytest.mark.parametrize(
    ("created", "updated", "took"),
    [
        (CREATED, FINISHED, 275.0),
        (CREATED, CREATED, 0.0),
        (FINISHED, CREATED, 0.0),
        (None, FINISHED, None),
        (CREATED, None, None),
        (None, None, None),
    ],
)
@pytest.mark.parametrize("status", [(30, "COMPLETED"), (10, "FAILED"), (40, "PARTLY")])
def test_a_job_that_was_over_when_first_seen_took_what_its_record_says(
    status: tuple[int, str], created: float | None, updated: float | None, took: float | None
) -> None:
    """Looked at a week later, it did not take a week; what is not told is unknown."""
    done = answered(
        make_record(
            status=status[0],
            status_name=status[1],
            createTime=created and created * 1000,
            updateTime=updated and updated * 1000,
        ),
        wall=FINISHED + 7 * 86_400,
    )
    assert done.state.is_over
    assert done.took == took


@pytest.mark.parametrize("state", list(State))
def test_a_job_can_be_equipped_in_any_state(state: State) -> None:
    """Cover and audio come on their own time, and nothing else changes by them."""
    before = make_snapshot(state)
    after = equip(equip(before, cover="https://x/c.png"), audio="https://x/a.mp3", preview=True)
    assert after.media.cover == "https://x/c.png"
    assert (after.media.audio, after.media.preview) == ("https://x/a.mp3", True)
    assert replace(after, media=before.media) == before


def test_the_errors_of_an_ended_watch_say_how_to_go_on() -> None:
    """Each names the job and the line that watches it again."""
    halted = stopped(FRESH)
    late = timed_out(FRESH, "after 30 min")
    assert isinstance(halted, WatchStopped)
    assert isinstance(late, WatchTimeout)
    assert f"%tempolor watch {ID}" in halted.remedy
    assert f"%tempolor watch {ID} --deadline" in late.remedy
    assert "was not final after 30 min" in late.message
    assert "goes on" in halted.message


@pytest.mark.parametrize(
    ("state", "over", "final"),
    [
        (WAITING, False, False),
        (GENERATING, False, False),
        (State.COMPLETED, True, True),
        (State.FAILED, True, True),
        (State.STOPPED, True, False),
        (State.TIMED_OUT, True, False),
        (State.ERROR, True, False),
    ],
)
def test_a_watch_may_be_over_before_its_job(state: State, *, over: bool, final: bool) -> None:
    """Only the service's own two ends are the job's."""
    assert (state.is_over, state.is_final) == (over, final)
