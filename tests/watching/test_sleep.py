"""A laptop that sleeps while jobs are watched: clocks jump, and the network comes back late."""

from __future__ import annotations

from pathlib import Path

import anyio
import httpx
import pytest
from fakes import Answer, Studio, Twist, studio, told

from tempolor_magic.errors import WatchTimeout
from tempolor_magic.job import Job
from tempolor_magic.watching.pace import Pace

PATIENCE = 30.0
NIGHT = 8 * 3600.0
PACE = Pace(deadline=60)
GONE = Answer(error=httpx.ConnectError)


def watch_until(made: Studio, moment: float, seconds: float, *, counted: bool) -> Job:
    """Watch a job every 10 s; at *moment* the laptop sleeps for *seconds*."""

    async def close_the_lid() -> None:
        await made.clock.wait(anyio.Event(), moment)
        made.clock.sleep(seconds, counted=counted)

    with made.clock.held():
        (job,) = made.watch(made.submit(), interval=10.0)
        made.loop.submit(close_the_lid)
    return job


def in_the_morning(made: Studio, answers: list[Answer]) -> Twist:
    """After the night these come back, one by one, instead of the true answers."""

    def twist(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        if made.clock.monotonic() < NIGHT or not answers:
            return answer
        lost = answers.pop(0)
        if lost.error is not None:
            raise lost.error("no network", request=request)
        return httpx.Response(lost.status, headers=lost.headers, content=lost.body)

    return twist


def test_a_job_that_was_made_overnight_is_not_given_up(tmp_path: Path) -> None:
    """The deadline has long passed; one question finds it done."""
    with studio(tmp_path, pace=PACE) as s:
        job = watch_until(s, 15, NIGHT, counted=True)
        assert job.result(PATIENCE).final
        assert s.wire.reads == [0, 10, 15 + NIGHT]


def test_a_job_that_still_runs_is_given_up_after_one_question(tmp_path: Path) -> None:
    """The last one is answered, and that is the end of the watch."""
    with studio(tmp_path, pace=PACE, song_seconds=2 * NIGHT) as s:
        job = watch_until(s, 15, NIGHT, counted=True)
        with pytest.raises(WatchTimeout):
            job.result(PATIENCE)
        assert s.wire.reads == [0, 10, 15 + NIGHT]


def test_a_network_that_comes_back_late_is_waited_for(tmp_path: Path) -> None:
    """The last question is put until it is answered, some seconds apart."""
    with studio(tmp_path, pace=PACE) as s:
        s.wire.twist = in_the_morning(s, [GONE, GONE, told(503, "waking up")])
        job = watch_until(s, 15, NIGHT, counted=True)
        assert job.result(PATIENCE).final
        last = [moment - 15 - NIGHT for moment in s.wire.reads[2:]]
        assert last == [0, 2, 6, 14]


def test_a_network_that_stays_away_is_not_waited_for_for_ever(tmp_path: Path) -> None:
    """Four questions without an answer are the end of the watch."""
    with studio(tmp_path, pace=PACE) as s:
        s.wire.twist = in_the_morning(s, [GONE] * 20)
        job = watch_until(s, 15, NIGHT, counted=True)
        with pytest.raises(WatchTimeout):
            job.result(PATIENCE)
        assert len(s.wire.reads) == 2 + 4


def test_a_question_that_was_under_way_is_not_the_last(tmp_path: Path) -> None:
    """Its connection is dead when the laptop wakes up: it is put again."""
    with studio(tmp_path, pace=PACE) as s:

        def fall_asleep(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
            if len(s.wire.sent) == 2:
                s.clock.sleep(NIGHT)
                raise httpx.ReadTimeout("asleep", request=request)
            return answer

        s.wire.twist = fall_asleep
        (job,) = s.watch(s.submit(), interval=10.0)
        assert job.result(PATIENCE).final
        assert s.wire.reads == [0, 10, 10 + NIGHT]


def test_a_sleep_that_the_clock_does_not_count_costs_no_question(tmp_path: Path) -> None:
    """The rhythm goes on as if nothing had been, and the deadline is as far away as before."""
    with studio(tmp_path, pace=PACE) as s:
        job = watch_until(s, 15, NIGHT, counted=False)
        assert job.result(PATIENCE).final
        assert s.wire.reads == [0, 10, 20]


@pytest.mark.parametrize("wrong_by", [-NIGHT, NIGHT])
def test_a_clock_that_is_set_anew_changes_nothing(tmp_path: Path, wrong_by: float) -> None:
    """Neither the rhythm, nor a hint in seconds, nor the deadline hangs on the time of day."""
    with studio(tmp_path, pace=PACE) as s:

        def set_clock(_request: httpx.Request, answer: httpx.Response) -> httpx.Response:
            if len(s.wire.sent) == 2:
                s.clock.wrong_by = wrong_by
                s.wire.script = [told(429, "busy", retry_after="15")]
            return answer

        s.wire.twist = set_clock
        (job,) = s.watch(s.submit(), interval=10.0)
        with pytest.raises(WatchTimeout):
            job.result(PATIENCE)
        assert s.wire.reads == [0, 10, 20, 35, 45, 55, 60]


def test_a_wish_to_be_left_alone_outlasts_the_sleep(tmp_path: Path) -> None:
    """It was told in seconds: whether they were slept through or not, none is cut off."""
    with studio(tmp_path, pace=PACE) as s:
        s.wire.script = [told(429, "busy", retry_after="40")]
        watch_until(s, 15, NIGHT, counted=False).result(PATIENCE)
        assert s.wire.reads == [0, 40]
