"""Every job this machine has seen, in a small SQLite file. No token, no prompt, no lyrics.

Many kernels write it at once. It lies in the user's data folder, which may be a network home:
hence a rollback journal (WAL does not work there) and a busy time-out.
"""

from __future__ import annotations

import logging
import os
import sqlite3
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_data_path

from tempolor_magic.watching.snapshot import Snapshot

log = logging.getLogger("tempolor_magic")

_BUSY_MS = 5_000
_SCHEMA = """
CREATE TABLE IF NOT EXISTS jobs (
    base_url   TEXT NOT NULL,
    user       TEXT NOT NULL,
    job_id     TEXT NOT NULL,
    sandbox    INTEGER NOT NULL,
    state      TEXT NOT NULL,
    title      TEXT NOT NULL,
    first_seen REAL NOT NULL,
    last_seen  REAL NOT NULL,
    PRIMARY KEY (base_url, user, job_id)
)
"""
# A watch that ends early must not hide that the job was seen to be final.
_NOTE = """
INSERT INTO jobs VALUES (?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (base_url, user, job_id) DO UPDATE SET
    state = CASE WHEN jobs.state IN ('COMPLETED', 'FAILED') AND excluded.state != 'FAILED'
                 THEN jobs.state ELSE excluded.state END,
    title = CASE WHEN excluded.title = '' THEN jobs.title ELSE excluded.title END,
    last_seen = excluded.last_seen
"""
_READ = """
SELECT job_id, sandbox, state, title, first_seen, last_seen FROM jobs
WHERE base_url = ? AND user = ? ORDER BY first_seen DESC, rowid DESC LIMIT ?
"""


Row = tuple[str | int | float, ...]


def default_folder() -> Path:
    """The user's data folder of this package; also where the sandbox's address lies."""
    return user_data_path("tempolor_magic")


@dataclass(frozen=True, slots=True)
class Entry:
    """One job as last seen from this machine. Times are epoch seconds."""

    job_id: str
    sandbox: bool
    state: str
    title: str
    first_seen: float
    last_seen: float


class Journal:
    """The journal in *folder*. A journal that can't be written costs one warning, no watch."""

    def __init__(self, folder: Path, *, now: Callable[[], float] = time.time) -> None:
        self.path = folder / "journal.sqlite3"
        self._now = now
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="tempolor_journal")
        self._unwritten: deque[Row] = deque()
        self._warned = False

    def note(self, snapshot: Snapshot, *, base_url: str, user: str) -> Future[None]:
        """Write down a job's state, as seen by *user* at the service under *base_url*.

        Returns at once; writes happen in order, on one thread.
        """
        now = self._now()
        title = snapshot.record.title if snapshot.record else ""
        row = (
            base_url,
            user,
            str(snapshot.job_id),
            int(snapshot.sandbox),
            str(snapshot.state),
            title,
            now,
            now,
        )
        self._unwritten.append(row)
        return self._writer.submit(self._write)

    def entries(self, base_url: str, user: str, *, most: int = 1000) -> list[Entry]:
        """The jobs of one service and user, newest first."""
        if not self.path.exists():
            return []
        with self._open() as journal:
            rows = journal.execute(_READ, (base_url, user, most)).fetchall()
        return [Entry(r[0], bool(r[1]), r[2], r[3], r[4], r[5]) for r in rows]

    def recent_ids(self, *, most: int = 50) -> list[str]:
        """The ids seen last, of any service, for completion."""
        if not self.path.exists():
            return []
        with self._open() as journal:
            rows = journal.execute(
                "SELECT job_id FROM jobs ORDER BY last_seen DESC LIMIT ?", (most,)
            ).fetchall()
        return [row[0] for row in rows]

    def flush(self) -> None:
        """Return when everything noted so far is in the file."""
        self._writer.submit(lambda: None).result()

    def close(self) -> None:
        """Write what is left and end the writing thread."""
        self._writer.shutdown(wait=True)

    def _write(self) -> None:
        """Everything noted by now, in one transaction: a hundred jobs cost one."""
        rows = [self._unwritten.popleft() for _ in range(len(self._unwritten))]
        if not rows:
            return
        try:
            self._make_private()
            with self._open() as journal:
                journal.execute(_SCHEMA)
                journal.executemany(_NOTE, rows)
        except (OSError, sqlite3.Error) as error:
            if not self._warned:
                self._warned = True
                log.warning("the journal can't be written (%s); watching goes on", error)

    def _make_private(self) -> None:
        """The folder and the file are the user's own, before anything is in them."""
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not self.path.exists():
            os.close(os.open(self.path, os.O_CREAT | os.O_WRONLY, 0o600))

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self.path, timeout=_BUSY_MS / 1000)) as journal, journal:
            yield journal
