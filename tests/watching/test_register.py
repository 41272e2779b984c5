"""Which watches a kernel holds on to."""

from __future__ import annotations

import gc
from pathlib import Path

from fakes import Studio, studio

from tempolor_magic.api.ids import parse_job_id
from tempolor_magic.job import Job
from tempolor_magic.watching.register import Register
from tempolor_magic.watching.snapshot import State


def completed(made: Studio, count: int) -> list[str]:
    """Make so many jobs, watch them to their ends, and let them go; their ids."""
    jobs = made.watch(*(made.submit() for _ in range(count)))
    for job in jobs:
        job.result(60)
    return [job.job_id for job in jobs]


def known(made: Studio) -> list[str]:
    """The jobs at hand; nothing is left to the collector."""
    made.loop.settle()
    gc.collect()
    return [str(watch.job_id) for watch in made.poller.all()]


def few(made: Studio, latest: int = 3) -> Register:
    """Have *made* keep only so many completed jobs."""
    made.poller._register = Register(latest)
    return made.poller._register


def test_the_latest_completed_jobs_stay_at_hand(tmp_path: Path) -> None:
    """Older ones that nobody holds are let go: a kernel that runs for weeks does not grow."""
    with studio(tmp_path) as made:
        few(made)
        ids = completed(made, 8)
        left = known(made)
    assert len(left) == 3
    assert set(left) < set(ids)


def test_what_somebody_holds_stays_however_old(tmp_path: Path) -> None:
    """Asked for by its id, it is the same watch, and nobody is asked."""
    with studio(tmp_path) as made:
        few(made)
        (mine,) = made.watch(made.submit())
        mine.result(60)
        completed(made, 8)
        assert mine.job_id in known(made)
        asked = len(made.wire.sent)
        (again,) = made.watch(mine.watch.job_id)
        assert again.watch is mine.watch
        assert len(made.wire.sent) == asked


def test_what_runs_is_never_let_go_and_a_bad_end_for_no_good_one(tmp_path: Path) -> None:
    """Who waits for all must hear of it."""
    with studio(tmp_path) as made:
        few(made)
        (failed,) = (job.job_id for job in made.watch(made.submit("please fail")))
        completed(made, 8)
        (running,) = (job.job_id for job in made.watch(made.submit()))
        assert {failed, running} < set(known(made))


def test_of_bad_ends_the_latest_stay_as_well(tmp_path: Path) -> None:
    """A service that fails for weeks fills no memory either."""
    with studio(tmp_path) as made:
        few(made)
        for job in made.watch(*(made.submit("please fail") for _ in range(8))):
            job.exception(60)
        del job
        assert len(known(made)) == 3


def test_what_was_let_go_can_be_watched_again(tmp_path: Path) -> None:
    """The service tells of it anew."""
    with studio(tmp_path) as made:
        few(made)
        ids = completed(made, 8)
        gone = next(each for each in ids if each not in known(made))
        again: Job = made.watch(parse_job_id(gone))[0]
        assert again.result(60).job_id == gone
        assert again.watch.snapshot.state is State.COMPLETED
