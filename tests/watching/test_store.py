"""The file of known jobs under bad conditions: nothing of it may end a watch."""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from multiprocessing import get_context
from pathlib import Path

import pytest
from samples import ID, JOB

from tempolor_magic.errors import JournalUnavailable
from tempolor_magic.watching.journal import Journal, store_in
from tempolor_magic.watching.snapshot import Origin, Snapshot, State
from tempolor_magic.watching.store import VERSION, Store

OLD = """
CREATE TABLE jobs (
    base_url TEXT NOT NULL, user TEXT NOT NULL, job_id TEXT NOT NULL, sandbox INTEGER NOT NULL,
    state TEXT NOT NULL, title TEXT NOT NULL, first_seen REAL NOT NULL, last_seen REAL NOT NULL,
    PRIMARY KEY (base_url, user, job_id)
);
INSERT INTO jobs VALUES ('u', '1', 'old', 0, 'COMPLETED', 'Rain', 1, 2);
"""


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    """A journal in an empty folder."""
    made = Journal(store_in(tmp_path), now=lambda: 5.0)
    yield made
    made.close()


def note(journal: Journal, state: State = State.GENERATING) -> None:
    """Write one job down, and return when that is done or has failed."""
    journal.note(Snapshot(JOB, state=state), base_url="u", user="1").result(20)


def test_it_is_the_users_own(journal: Journal) -> None:
    """Nobody else may read which jobs there are."""
    note(journal)
    assert stat.S_IMODE(journal.path.stat().st_mode) == 0o600
    assert not stat.S_IMODE(journal.path.parent.stat().st_mode) & 0o077 or os.name == "nt"


def test_reading_makes_no_file(journal: Journal) -> None:
    """Pressing Tab leaves nothing behind."""
    assert journal.entries("u", "1") == []
    assert journal.recent_ids() == []
    assert not journal.path.exists()


def test_a_file_of_an_older_version_is_brought_up_to_date(journal: Journal, tmp_path: Path) -> None:
    """With everything in it."""
    with closing(sqlite3.connect(tmp_path / "journal.sqlite3")) as file:
        file.executescript(OLD)
    note(journal)
    assert [entry.job_id for entry in journal.entries("u", "1")] == [ID, "old"]
    with closing(sqlite3.connect(journal.path)) as file:
        assert file.execute("PRAGMA user_version").fetchone() == (VERSION,)


def test_a_file_of_a_newer_version_is_left_alone(journal: Journal) -> None:
    """It is told once, and nothing of it is lost."""
    note(journal)
    with closing(sqlite3.connect(journal.path)) as file:
        file.execute(f"PRAGMA user_version = {VERSION + 1}")
    before = journal.path.read_bytes()
    note(journal, State.COMPLETED)
    assert "newer version" in journal.take_warning()
    assert journal.path.read_bytes() == before
    with pytest.raises(JournalUnavailable, match="newer version"):
        journal.entries("u", "1")


@pytest.mark.parametrize("content", [b"no database at all, but long enough to be read as one" * 40])
def test_a_damaged_file_is_put_aside(journal: Journal, tmp_path: Path, content: bytes) -> None:
    """A new one takes its place; the old one can still be looked at."""
    journal.path.write_bytes(content)
    note(journal)
    assert [entry.job_id for entry in journal.entries("u", "1")] == [ID]
    (aside,) = tmp_path.glob("*.damaged-*")
    assert aside.read_bytes() == content


def test_a_file_damaged_within_is_put_aside(journal: Journal, tmp_path: Path) -> None:
    """Also when only using it brings that to light."""
    note(journal)
    content = bytearray(journal.path.read_bytes())
    content[100:4_096] = bytes(3_996)
    journal.path.write_bytes(content)
    note(journal)
    note(journal, State.COMPLETED)
    assert [entry.state for entry in journal.entries("u", "1")] == ["COMPLETED"]
    assert list(tmp_path.glob("*.damaged-*"))


def test_a_folder_that_cannot_be_made_is_told_once(tmp_path: Path) -> None:
    """A file stands in its place."""
    (tmp_path / "taken").write_text("a file")
    journal = Journal(store_in(tmp_path / "taken"), now=lambda: 5.0)
    note(journal)
    note(journal)
    assert "watching goes on" in journal.take_warning()
    assert journal.take_warning() == ""
    assert journal.recent_ids() == []
    journal.close()


def test_a_full_disk_is_told_and_made_good_later(journal: Journal) -> None:
    """What could not be written is written with the next note."""
    note(journal)
    full = _Full(journal.path)
    crowded = Journal(full, now=lambda: 6.0)
    note(crowded, State.COMPLETED)
    assert "full" in crowded.take_warning()
    full.pages = 1_000
    crowded.flush()
    assert [entry.state for entry in journal.entries("u", "1")] == ["COMPLETED"]
    crowded.close()


def test_a_locked_file_is_waited_for(journal: Journal) -> None:
    """The note is in once whoever held it lets go."""
    note(journal)
    with closing(sqlite3.connect(journal.path, isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        written = journal.note(Snapshot(JOB, state=State.FAILED), base_url="u", user="1")
        holder.execute("COMMIT")
    written.result(20)
    assert [entry.state for entry in journal.entries("u", "1")] == ["FAILED"]


def test_ten_kernels_at_once_lose_nothing(tmp_path: Path) -> None:
    """Each writes jobs of its own and one that all of them see."""
    with ProcessPoolExecutor(10, mp_context=get_context("spawn")) as kernels:
        list(kernels.map(_write_many, [tmp_path] * 10, range(10)))
    journal = Journal(store_in(tmp_path), now=lambda: 5.0)
    entries = journal.entries("u", "1")
    journal.close()
    assert len(entries) == 10 * 20 + 1
    assert {entry.state for entry in entries} == {"COMPLETED"}


def test_how_long_jobs_took_is_remembered_by_kind_and_model(tmp_path: Path) -> None:
    """The latest first; only jobs that were completed while they were watched."""
    journal = Journal(store_in(tmp_path), now=lambda: 5.0)
    snapshot = Snapshot(JOB, origin=Origin("song"), state=State.COMPLETED, took=90.0)
    journal.note(snapshot, base_url="u", user="1").result(20)
    assert journal.durations("u", kind="song") == (90.0,)
    assert journal.durations("u") == (90.0,)
    assert journal.durations("u", kind="instrumental") == ()
    assert journal.durations("other") == ()
    journal.close()


class _Full(Store):
    """A store on a disk with *pages* pages to spare."""

    pages = 0

    def _prepared(self) -> sqlite3.Connection:
        file = super()._prepared()
        file.execute(f"PRAGMA max_page_count = {max(1, self.pages)}")
        if not self.pages:
            # SQLite never shrinks below what is there: fill that up.
            file.execute("CREATE TABLE IF NOT EXISTS stuffing (x)")
        return file


def _write_many(folder: Path, kernel: int) -> None:
    journal = Journal(store_in(folder), now=lambda: float(kernel))
    for number in range(20):
        for state in (State.WAITING, State.GENERATING, State.COMPLETED):
            own = JOB.__class__(f"{ID}{kernel}x{number}", JOB.user, JOB.account, JOB.item)
            journal.note(Snapshot(own, state=state), base_url="u", user="1")
            journal.note(Snapshot(JOB, state=state), base_url="u", user="1")
    journal.close()
