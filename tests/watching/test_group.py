"""Many jobs seen as one."""

from __future__ import annotations

from pathlib import Path

from fakes import gaps, studio

from tempolor_magic.watching.group import Gathering
from tempolor_magic.watching.snapshot import Snapshot

PATIENCE = 30.0


def test_changes_of_many_jobs_are_told_at_most_once_a_second(tmp_path: Path) -> None:
    """But for the last, which does not keep the waiters waiting."""
    with studio(tmp_path, slots=100, song_seconds=30.0) as s:
        told: list[tuple[float, tuple[Snapshot, ...]]] = []
        jobs = []
        for start in range(4):
            with s.clock.held():
                jobs += s.watch(*(s.submit(f"{start} {n}") for n in range(10)), interval=1.0)
        Gathering(
            [job.watch for job in jobs], lambda all_: told.append((s.clock.monotonic(), all_))
        )
        for job in jobs:
            job.result(PATIENCE)
    assert len(told) > 20
    early = [gap for gap in gaps([moment for moment, _ in told]) if gap < 1]
    assert len(early) <= 1
    assert all(snapshot.state.is_over for snapshot in told[-1][1])


def test_what_one_answer_tells_of_many_jobs_is_told_once(tmp_path: Path) -> None:
    """A list brings news of all its jobs at one moment: the table is not drawn for each."""
    with studio(tmp_path, slots=100, song_seconds=40.0) as s:
        told: list[tuple[float, tuple[Snapshot, ...]]] = []
        with s.clock.held():
            jobs = s.watch(*(s.submit(f"{n}") for n in range(20)))
            Gathering(
                [job.watch for job in jobs], lambda all_: told.append((s.clock.monotonic(), all_))
            )
        for job in jobs:
            job.result(PATIENCE)
        asked = len(s.wire.sent)
    assert len(told) <= asked
    first = told[0][1]
    assert all(snapshot.record is not None for snapshot in first)


def test_a_table_of_many_rows_is_told_half_as_often(tmp_path: Path) -> None:
    """Beyond fifty jobs two seconds lie between two tables, but for the last."""
    with studio(tmp_path, slots=100, song_seconds=20.0) as s:
        told: list[float] = []
        jobs = []
        for start in range(3):
            with s.clock.held():
                jobs += s.watch(*(s.submit(f"{start} {n}") for n in range(20)), interval=1.0)
        Gathering([job.watch for job in jobs], lambda _: told.append(s.clock.monotonic()))
        for job in jobs:
            job.result(PATIENCE)
    assert len(told) > 3
    assert len([gap for gap in gaps(told) if gap < 2]) <= 1
