"""Following jobs: the real loop, client and sandbox, on one clock that takes no time."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest
from fakes import EPOCH, Answer, gaps, studio, told

from tempolor_magic.api.ids import parse_job_id
from tempolor_magic.errors import (
    AccountBroken,
    Forbidden,
    JobFailed,
    JobGone,
    SubscriptionRequired,
    TempolorError,
    Unauthorized,
    WatchStopped,
    WatchTimeout,
)
from tempolor_magic.watching.pace import Pace
from tempolor_magic.watching.snapshot import Snapshot, State

PATIENCE = 30.0
UNKNOWN = parse_job_id("user:4711-tempolor:100198329-job:zzzzzzzzzzzzzzz")


def test_a_plain_interval_is_kept_to(tmp_path: Path) -> None:
    """A song of 125 s takes 14 questions; the first does not wait, the last finds it done."""
    with studio(tmp_path) as s:
        (job,) = s.watch(s.submit(), interval=10.0)
        record = job.result(PATIENCE)
        assert s.wire.moments == [10.0 * n for n in range(14)]
        assert set(s.wire.paths) == {f"/music/{job.job_id}"}
    assert record.final
    assert job.state == "COMPLETED"
    assert job.elapsed == pytest.approx(130)


def test_progress_shown_never_runs_backwards(tmp_path: Path) -> None:
    """Every snapshot published has at least the progress of the one before."""
    with studio(tmp_path) as s:
        seen: list[Snapshot] = []
        (job,) = s.watch(s.submit())
        job.watch.subscribe(seen.append)
        job.result(PATIENCE)
    shown = [snapshot.progress for snapshot in seen if snapshot.progress is not None]
    assert shown == sorted(shown)
    assert shown[-1] == 100


def test_two_looks_at_one_job_cost_no_more_than_one(tmp_path: Path) -> None:
    """Watching the same id twice shares the watch and its requests."""
    with studio(tmp_path) as s:
        job_id = s.submit()
        one, other = s.watch(job_id, job_id, interval=10.0)
        one.result(PATIENCE)
        assert other.done()
        assert len(s.wire.sent) == 14
        assert s.watch(job_id)[0].watch is one.watch


def test_a_fresh_job_that_is_not_registered_yet_is_not_given_up(tmp_path: Path) -> None:
    """The service may answer 404 for some seconds after a submission."""
    with studio(tmp_path, register_seconds=8) as s:
        (job,) = s.watch(s.submit())
        assert job.result(PATIENCE).final


def test_an_unknown_job_ends_as_error_after_a_short_grace(tmp_path: Path) -> None:
    """A 404 that stays is believed, after a handful of questions."""
    with studio(tmp_path) as s:
        (job,) = s.watch(UNKNOWN)
        with pytest.raises(JobGone):
            job.result(PATIENCE)
        assert job.state == "ERROR"
        assert len(s.wire.sent) <= 5


def test_a_job_that_vanishes_later_is_gone_at_once(tmp_path: Path) -> None:
    """There is no grace for a job that was there before."""
    with studio(tmp_path) as s:
        (job,) = s.watch(s.submit())
        s.until_sent()
        s.wire.script = [told(404, "No record found")]
        with pytest.raises(JobGone):
            job.result(PATIENCE)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (401, Unauthorized),
        (402, SubscriptionRequired),
        (403, Forbidden),
        (410, JobGone),
        (596, AccountBroken),
    ],
)
def test_a_permanent_error_ends_the_watch_after_one_question(
    tmp_path: Path, status: int, kind: type[TempolorError]
) -> None:
    """Asking again can't cure it, and the other jobs go on."""
    with studio(tmp_path) as s:
        s.wire.script = [told(status, "no")]
        job_id = s.submit()
        (bad,) = s.watch(UNKNOWN)
        with pytest.raises(kind) as caught:
            bad.result(PATIENCE)
        assert s.wire.paths == [f"/music/{UNKNOWN}"]
        assert caught.value.remedy
        assert bad.exception() is caught.value
        (good,) = s.watch(job_id)
        assert good.result(PATIENCE).final


@pytest.mark.parametrize(
    "trouble",
    [
        Answer(500, b'{"error":"Login failed"}'),
        Answer(503, b""),
        Answer(524, b"<!DOCTYPE html><html></html>", {"content-type": "text/html"}),
        Answer(200, b"<html>Sign in to the network</html>"),
        Answer(200, b'{"job_id":"user:1'),
        Answer(200, b"null"),
        Answer(200, b'{"records":[],"hasNext":false}'),
        Answer(200, b'{"job_id":"user:1-tempolor:2-job:another","status":30,"status_final":true}'),
        Answer(error=httpx.ReadTimeout),
        Answer(error=httpx.ConnectError),
        Answer(error=httpx.RemoteProtocolError),
        told(408, "Polling timeout"),
        told(429, "busy"),
    ],
    ids=lambda answer: f"{answer.status} {answer.error or answer.body[:20]!r}",
)
def test_trouble_that_passes_is_told_and_survived(tmp_path: Path, trouble: Answer) -> None:
    """Three bad answers in a row: a notice with the next try, then the job as if nothing was."""
    with studio(tmp_path) as s:
        seen: list[Snapshot] = []
        s.wire.script = [trouble] * 3
        with s.clock.held():
            (job,) = s.watch(s.submit())
            job.watch.subscribe(seen.append)
        assert job.result(PATIENCE).final
    notices = [snapshot.trouble for snapshot in seen if snapshot.trouble]
    assert len(notices) == 3
    over = [snapshot.state.is_over for snapshot in seen]
    assert over == sorted(over)
    assert over[-1]
    assert gaps(s.wire.moments[:4]) == [2.0, 4.0, 8.0]


def test_nobody_asks_before_a_hint_has_passed(tmp_path: Path) -> None:
    """One job is told to wait 60 s: no job of the token asks before that."""
    with studio(tmp_path) as s:
        first, second = s.submit(), s.submit("wind")
        s.wire.script = [told(429, "busy", retry_after="60")]
        (one,) = s.watch(first)
        s.until_sent()
        (other,) = s.watch(second)
        assert one.result(PATIENCE).final
        assert other.result(PATIENCE).final
        assert s.wire.moments[0] == 0
        assert s.wire.moments[1] >= 60


def test_each_answer_brings_its_own_hint(tmp_path: Path) -> None:
    """A second 429 with a date is obeyed like the first with seconds."""
    with studio(tmp_path) as s:
        later = EPOCH + 200
        s.wire.script = [
            told(429, "busy", retry_after="17"),
            Answer(429, f'{{"error":{{"retryAt":"{_iso(later)}"}}}}'.encode()),
        ]
        (job,) = s.watch(s.submit())
        job.result(PATIENCE)
        assert s.wire.moments[:3] == [0, 17, 200]


def test_a_hint_beyond_the_deadline_ends_the_watch_without_another_question(
    tmp_path: Path,
) -> None:
    """It is neither shortened nor waited for; the error tells the time."""
    with studio(tmp_path, pace=Pace(deadline=300)) as s:
        s.wire.script = [told(429, "quota", retry_after="3600")]
        (job,) = s.watch(s.submit())
        with pytest.raises(WatchTimeout, match="60 min"):
            job.result(PATIENCE)
        assert len(s.wire.sent) == 1


def test_at_the_deadline_the_service_is_asked_once_more(tmp_path: Path) -> None:
    """A job that takes longer ends TIMED_OUT, with the last question at the deadline."""
    with studio(tmp_path, pace=Pace(deadline=25)) as s:
        (job,) = s.watch(s.submit(), interval=10.0)
        with pytest.raises(WatchTimeout):
            job.result(PATIENCE)
        assert s.wire.moments == [0, 10, 20, 25]
        assert job.state == "TIMED_OUT"
        assert isinstance(job.exception(), TimeoutError)


def test_a_job_done_at_the_deadline_is_not_lost(tmp_path: Path) -> None:
    """That last question finds what was finished meanwhile."""
    with studio(tmp_path, pace=Pace(deadline=25), song_seconds=22) as s:
        (job,) = s.watch(s.submit())
        assert job.result(PATIENCE).final


def test_a_stopped_watch_asks_no_more_and_can_begin_anew(tmp_path: Path) -> None:
    """STOPPED raises for those who wait; watching again finds the job going on."""
    with studio(tmp_path) as s:
        job_id = s.submit()
        with s.clock.held():
            (job,) = s.watch(job_id)
            job.stop()
            with pytest.raises(WatchStopped):
                job.result(PATIENCE)
        assert job.state == "STOPPED"
        asked = len(s.wire.sent)
        (again,) = s.watch(job_id)
        assert again.watch is not job.watch
        assert again.result(PATIENCE).final
        assert len(s.wire.sent) > asked
        assert job.state == "STOPPED"


def test_refresh_asks_at_once(tmp_path: Path) -> None:
    """The next question does not wait for the tick."""
    with studio(tmp_path) as s:
        with s.clock.held():
            (job,) = s.watch(s.submit(), interval=100.0)

            def refresh_early(snapshot: Snapshot) -> None:
                if snapshot.state is State.GENERATING and len(s.wire.sent) == 1:
                    job.refresh()

            job.watch.subscribe(refresh_early)
        job.result(PATIENCE)
        assert s.wire.reads[:3] == [0, 0, 100]


def test_a_failed_job_raises_for_whoever_waits(tmp_path: Path) -> None:
    """FAILED arrives with HTTP 200 and is an error all the same."""
    with studio(tmp_path) as s:
        (job,) = s.watch(s.submit("please fail"))
        with pytest.raises(JobFailed):
            job.result(PATIENCE)
        assert job.state == "FAILED"
        assert job.done()


def test_giving_up_waiting_leaves_the_watch_alone(tmp_path: Path) -> None:
    """``result(timeout)`` raises the built-in TimeoutError, and a later call gets the record."""
    with studio(tmp_path) as s:
        (job,) = s.watch(s.submit())
        with s.clock.held(), pytest.raises(TimeoutError) as caught:
            job.result(0.05)
        assert not isinstance(caught.value, TempolorError)
        assert job.result(PATIENCE).final


def test_a_job_can_be_awaited_and_cancelling_that_harms_nobody(tmp_path: Path) -> None:
    """``await job`` gives the record; cancelling one who waits leaves the watch alone."""

    async def wait_twice() -> bool:
        with s.clock.held():
            impatient = asyncio.ensure_future(_awaited(job))
            await asyncio.sleep(0)
            impatient.cancel()
            await asyncio.wait([impatient])
        return (await job).final

    with studio(tmp_path) as s:
        (job,) = s.watch(s.submit())
        assert asyncio.run(wait_twice())


def test_callbacks_are_called_once_the_job_is_over(tmp_path: Path) -> None:
    """Added before or after the end, each is called with the job."""
    with studio(tmp_path) as s:
        called: list[str] = []
        (job,) = s.watch(s.submit())
        job.add_done_callback(lambda each: called.append(each.state))
        job.result(PATIENCE)
        s.loop.submit(asyncio.sleep, 0).result(PATIENCE)
        job.add_done_callback(lambda each: called.append(each.state))
        assert called == ["COMPLETED", "COMPLETED"]


@pytest.mark.filterwarnings("ignore")
def test_a_view_that_breaks_is_dropped_and_the_watch_goes_on(tmp_path: Path) -> None:
    """One bad subscriber ends neither the watch nor the other views."""
    with studio(tmp_path) as s:
        calls: list[State] = []
        seen: list[State] = []

        def bad(snapshot: Snapshot) -> None:
            calls.append(snapshot.state)
            raise RuntimeError("broken view")

        with s.clock.held():
            (job,) = s.watch(s.submit())
            job.watch.subscribe(bad)
            job.watch.subscribe(lambda snapshot: seen.append(snapshot.state))
        job.result(PATIENCE)
        assert len(calls) == 1
        assert seen[-1] is State.COMPLETED


def test_every_state_is_written_down_without_a_secret(tmp_path: Path) -> None:
    """The journal holds the job under its service and user, and the file is the user's own."""
    with studio(tmp_path / "data") as s:
        (job,) = s.watch(s.submit())
        job.result(PATIENCE)
        s.journal.flush()
        (entry,) = s.journal.entries(s.connection.base_url, "4711")
        assert (entry.job_id, entry.state) == (job.job_id, "COMPLETED")
        assert entry.title
        assert s.journal.entries(s.connection.base_url, "9999") == []
        assert s.journal.entries("https://api.useapi.net/v1/tempolor", "4711") == []
        assert b"Secret" not in s.journal.path.read_bytes()
        assert b"rain" not in s.journal.path.read_bytes()
        assert s.journal.path.stat().st_mode & 0o777 == 0o600
        assert s.journal.path.parent.stat().st_mode & 0o777 == 0o700


async def _awaited(job: object) -> object:
    return await job  # type: ignore[misc]  # any awaitable will do


def _iso(moment: float) -> str:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(moment, UTC).isoformat().replace("+00:00", "Z")
