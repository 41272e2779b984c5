"""Saving in one kernel: shared, a few at a time, told by the snapshots, and interruptible."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from fakes import TOKEN
from filehost import Exchange, FileHost, after, cut, running, say, serve_well, stall
from samples import make_document

from tempolor_magic.api.client import AsyncClient
from tempolor_magic.api.ids import parse_job_id
from tempolor_magic.errors import DownloadFailed, Interrupted, JobFailed, JobGone, UsageError
from tempolor_magic.fetching import fetch, fetch_by_itself
from tempolor_magic.job import Job
from tempolor_magic.jobs import Jobs
from tempolor_magic.view.output import Outputs
from tempolor_magic.watching.clock import Clock, SystemClock
from tempolor_magic.watching.connection import Connection
from tempolor_magic.watching.download import read_wish
from tempolor_magic.watching.journal import Journal, store_in
from tempolor_magic.watching.loop import Loop
from tempolor_magic.watching.pace import Pace
from tempolor_magic.watching.poller import Poller
from tempolor_magic.watching.saving import AT_ONCE
from tempolor_magic.watching.snapshot import Saving, Snapshot

PATIENCE = 30.0
COUNT = 100_000
GENERATING = {"status": 0, "status_name": "GENERATING", "status_final": False}


class StandingClock(SystemClock):
    """No time passes on it."""

    def monotonic(self) -> float:
        return 5.0


class Desk:
    """A loop, a poller, and jobs at a file host."""

    def __init__(self, host: FileHost, folder: Path, clock: Clock) -> None:
        self.host = host
        self.loop = Loop()
        self._journal = Journal(store_in(folder), now=time.time)
        self._poller = Poller(self.loop, self._journal)
        self.outputs = Outputs()
        self._client = AsyncClient(TOKEN, base_url=host.url)
        pace = Pace(interval=0.02, first_retry=0.01, slowest_retry=0.02)
        self._connection = Connection(
            client=self._client, clock=clock, chance=lambda: 0.0, pace=pace
        )

    def jobs(self, *items: str) -> Jobs:
        """Jobs of that name, being watched."""
        ids = [parse_job_id(f"user:4711-tempolor:1-job:{item}") for item in items]
        watches = [self._poller.watch(self._connection, job_id) for job_id in ids]
        return Jobs([Job(watch, self.outputs) for watch in watches], self.outputs)

    def job(self) -> Job:
        """One of them."""
        return self.jobs("one")[0]

    def close(self) -> None:
        for watch in self._poller.all():
            if watch.follower is not None:
                watch.follower.cancel()
        self.loop.submit(self._client.aclose).result(PATIENCE)
        self.loop.close()
        self._journal.close()


@contextmanager
def open_desk(host: FileHost, folder: Path, clock: Clock | None = None) -> Iterator[Desk]:
    """A desk at a running host."""
    with running(host):
        made = Desk(host, folder / "data", clock or SystemClock())
        try:
            yield made
        finally:
            made.close()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A desk at a host that works."""
    with open_desk(FileHost(), tmp_path) as made:
        yield made


class Crowd:
    """Serves a file when as many as may come have come, and counts who is there at once."""

    def __init__(self, size: int) -> None:
        self._all = threading.Barrier(size)
        self._lock = threading.Lock()
        self._there = 0
        self.most = 0

    def __call__(self, exchange: Exchange) -> None:
        with self._lock:
            self._there += 1
            self.most = max(self.most, self._there)
        self._all.wait(PATIENCE)
        with self._lock:
            self._there -= 1
        serve_well(exchange)


def test_many_files_are_fetched_four_at_a_time(desk: Desk, tmp_path: Path) -> None:
    """Never fewer while there is something to fetch, never more; the paths come in order."""
    crowd = Crowd(AT_ONCE)
    desk.host.acts = [crowd] * 12
    jobs = desk.jobs(*(f"j{n}" for n in range(12)))
    paths = jobs.download(to=tmp_path / "music")
    assert crowd.most == AT_ONCE == 4
    assert [path.name.split()[-1] for path in paths] == [f"j{n}.mp3" for n in range(12)]
    assert all(path.read_bytes() == desk.host.content for path in paths)


def test_what_is_there_is_skipped(desk: Desk, tmp_path: Path) -> None:
    """Only the missing file is asked for."""
    jobs = desk.jobs("a", "b", "c")
    first = jobs.download(to=tmp_path / "music")
    first[1].unlink()
    desk.host.asked.clear()
    assert jobs.download(to=tmp_path / "music") == first
    assert len(desk.host.files) == 1


def test_one_bad_job_does_not_lose_the_others(desk: Desk, tmp_path: Path) -> None:
    """All are tried; then the first error is raised, and tells how many were saved."""
    failed = make_document(job_id="user:4711-tempolor:1-job:b", status=10, status_name="FAILED")
    desk.host.told = {"/music/user:4711-tempolor:1-job:b": (200, failed)}
    desk.host.told["/download/user:4711-tempolor:1-job:c"] = (410, {"error": "expired"})
    jobs = desk.jobs("a", "b", "c", "d")
    with pytest.raises(JobFailed, match="; 2 of 4 files were saved") as caught:
        jobs.download(to=tmp_path / "music")
    assert caught.value.remedy
    assert "saved" not in str(jobs[1].exception())
    with pytest.raises(JobGone, match="1 of 2 files were saved"):
        jobs[2:].download(to=tmp_path / "music")
    saved = sorted(path.name for path in (tmp_path / "music").glob("*.mp3"))
    assert saved == ["Epic Orchestral a.mp3", "Epic Orchestral d.mp3"]


def test_several_jobs_need_a_folder(desk: Desk, tmp_path: Path) -> None:
    """One name for two files is refused before anything is fetched."""
    with pytest.raises(UsageError, match="one file for several jobs"):
        desk.jobs("a", "b").download(to=tmp_path / "a.mp3")
    assert desk.host.files == []


def test_no_job_is_no_file(desk: Desk, tmp_path: Path) -> None:
    """An empty list of jobs makes an empty list of paths."""
    assert desk.jobs().download(to=tmp_path) == []


def test_two_who_want_the_same_file_share_one_transfer(desk: Desk, tmp_path: Path) -> None:
    """The host is asked once, and both get the path; another format is another file."""
    meet, go_on = threading.Event(), threading.Event()
    desk.host.acts = [after(COUNT, _pause(meet, go_on))]
    job, wish = desk.job(), read_wish(to=tmp_path / "music")
    saver = job.watch.poller.saver
    both = [saver.begin(job.watch, wish), saver.begin(job.watch, wish)]
    assert meet.wait(PATIENCE)
    both.append(saver.begin(job.watch, wish))
    go_on.set()
    paths = {future.result(PATIENCE) for future in both}
    assert len(paths) == 1
    assert len(desk.host.files) == 1
    assert paths.pop().read_bytes() == desk.host.content


def test_giving_up_leaves_others_alone_who_wait_for_the_same_file(
    desk: Desk, tmp_path: Path
) -> None:
    """The transfer stops with the last of them."""
    meet, go_on = threading.Event(), threading.Event()
    desk.host.acts = [after(COUNT, _pause(meet, go_on))]
    job, wish = desk.job(), read_wish(to=tmp_path / "music")
    saver = job.watch.poller.saver
    one, other = saver.begin(job.watch, wish), saver.begin(job.watch, wish)
    assert meet.wait(PATIENCE)
    saver.stop([one])
    go_on.set()
    assert other.result(PATIENCE).read_bytes() == desk.host.content
    assert desk.host.starts == [0]


def test_an_interrupt_stops_the_transfer_and_the_same_line_resumes(
    desk: Desk, tmp_path: Path
) -> None:
    """When it has returned nothing is written any more; what has arrived is kept."""
    desk.host.acts = [stall(COUNT)]
    job, wish = desk.job(), read_wish(to=tmp_path / "music")

    def interrupt_once_arrived(_: int) -> None:
        saving = job.snapshot.media.saving
        if saving is not None and saving.done:
            raise KeyboardInterrupt

    with pytest.raises(Interrupted, match="the same line again"):
        fetch([job.watch], wish, desk.outputs, meanwhile=interrupt_once_arrived)
    assert job.snapshot.media.saving is None
    assert job.state == "COMPLETED"
    (part,) = (tmp_path / "music").iterdir()
    kept = part.read_bytes()
    assert kept
    assert desk.host.content.startswith(kept)
    (path,) = fetch([job.watch], wish, desk.outputs)
    assert desk.host.starts == [0, len(kept)]
    assert path.read_bytes() == desk.host.content


def test_a_job_that_is_not_done_is_waited_for(desk: Desk, tmp_path: Path) -> None:
    """Its file is saved by itself when it is; the snapshots tell of both."""
    path = "/music/user:4711-tempolor:1-job:one"
    running_ = {**make_document(job_id=path.removeprefix("/music/")), **GENERATING}
    desk.host.told = {path: (200, running_)}
    job = desk.job()
    seen: list[Snapshot] = []
    job.watch.subscribe(seen.append)
    fetch_by_itself([job.watch], read_wish(to=tmp_path / "music"))
    desk.loop.settle()
    assert not job.watch.savings[0].done()
    assert desk.host.files == []
    desk.host.told.clear()
    saved = job.watch.savings[0].result(PATIENCE)
    assert saved.read_bytes() == desk.host.content
    assert seen[-1].media.saved == (str(saved),)
    assert any(snapshot.media.saving for snapshot in seen)
    assert seen[-1].media.saving is None


def test_a_file_that_cannot_be_had_is_told_on_the_card_and_ends_nothing(
    desk: Desk, tmp_path: Path
) -> None:
    """The job stays completed, and trying again takes the words back."""
    desk.host.acts = [say(418)]
    job, wish = desk.job(), read_wish(to=tmp_path / "music")
    fetch_by_itself([job.watch], wish)
    with pytest.raises(DownloadFailed, match="HTTP 418"):
        job.watch.savings[0].result(PATIENCE)
    assert "HTTP 418" in job.snapshot.media.unsaved
    assert job.state == "COMPLETED"
    assert job.result(PATIENCE).final
    job.download(to=tmp_path / "music")
    assert job.snapshot.media.unsaved == ""
    fetch_by_itself([job.watch], wish)
    assert len(job.watch.savings) == 2  # what went wrong is kept until somebody was told
    assert job.watch.savings[1].result(PATIENCE)


def test_a_job_without_music_has_nothing_unsaved(desk: Desk, tmp_path: Path) -> None:
    """Its card tells that it failed, and not once more that there is no file."""
    document = make_document(job_id="user:4711-tempolor:1-job:one", status=10)
    desk.host.told = {"/music/user:4711-tempolor:1-job:one": (200, document)}
    job = desk.job()
    fetch_by_itself([job.watch], read_wish(to=tmp_path))
    assert isinstance(job.watch.savings[0].exception(PATIENCE), JobFailed)
    assert job.snapshot.media.unsaved == ""


def test_every_file_of_a_job_is_named(desk: Desk, tmp_path: Path) -> None:
    """In the order in which they were saved, each once."""
    job = desk.job()
    first = job.download(to=tmp_path / "a")
    second = job.download(to=tmp_path / "b")
    job.download(to=tmp_path / "a")
    assert job.snapshot.media.saved == (str(first), str(second))


def test_progress_is_told_twice_a_second_at_most(tmp_path: Path) -> None:
    """Where no time passes a file of many pieces is told of once, but for news in words."""
    with open_desk(FileHost(), tmp_path, StandingClock()) as desk:
        desk.host.acts = [cut(COUNT)]
        job = desk.job()
        seen: list[Saving] = []

        def note(snapshot: Snapshot) -> None:
            if snapshot.media.saving and snapshot.media.saving not in seen:
                seen.append(snapshot.media.saving)

        job.watch.subscribe(note)
        job.download(to=tmp_path / "music")
        desk.loop.settle()
    assert [bool(saving.note) for saving in seen] == [False, True, False]


def test_unloading_ends_a_transfer_and_keeps_what_has_arrived(tmp_path: Path) -> None:
    """The loop is closed in the middle of it: nothing hangs, and a new kernel resumes."""
    host, arrived = FileHost(acts=[stall(COUNT)]), threading.Event()
    with open_desk(host, tmp_path) as desk:
        job = desk.job()

        def note(snapshot: Snapshot) -> None:
            if snapshot.media.saving:
                arrived.set()

        job.watch.subscribe(note)
        fetch_by_itself([job.watch], read_wish(to=tmp_path / "music"))
        assert arrived.wait(PATIENCE)
    (part,) = (tmp_path / "music").iterdir()
    kept = part.stat().st_size
    assert kept
    with open_desk(host, tmp_path) as desk:
        path = desk.job().download(to=tmp_path / "music")
        assert path.read_bytes() == host.content
        assert host.starts == [0, kept]
        notes = json.loads(path.with_name(f"{path.name}.json").read_text())
        assert notes["service"] == host.url


def _pause(arrived: threading.Event, go_on: threading.Event) -> Callable[[Exchange], None]:
    """Tell that the first bytes are out, then send the rest when told to."""

    def pause(exchange: Exchange) -> None:
        arrived.set()
        assert go_on.wait(PATIENCE)
        exchange.send(exchange.host.content[COUNT:])

    return pause
