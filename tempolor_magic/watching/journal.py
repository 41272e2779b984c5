"""Every job this machine has seen. No token, no prompt, no lyrics.

Many kernels write it at once, each on a thread of its own: watching never waits for a disk.
"""

from __future__ import annotations

import logging
import math
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_data_path

from tempolor_magic.errors import JournalUnavailable
from tempolor_magic.watching.snapshot import Snapshot
from tempolor_magic.watching.store import Store
from tempolor_magic.watching.writer import Writer

log = logging.getLogger("tempolor_magic")

# A watch that ends early must not hide that the job was seen to be final.
_NOTE = """
INSERT INTO jobs (base_url, user, job_id, sandbox, state, title, first_seen, last_seen,
                  kind, model, took)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (base_url, user, job_id) DO UPDATE SET
    state = CASE WHEN jobs.state IN ('COMPLETED', 'FAILED') AND excluded.state != 'FAILED'
                 THEN jobs.state ELSE excluded.state END,
    title = CASE WHEN excluded.title = '' THEN jobs.title ELSE excluded.title END,
    kind = CASE WHEN excluded.kind = '' THEN jobs.kind ELSE excluded.kind END,
    model = CASE WHEN excluded.model = '' THEN jobs.model ELSE excluded.model END,
    took = COALESCE(excluded.took, jobs.took),
    last_seen = excluded.last_seen
"""
_READ = """
SELECT job_id, sandbox, state, title, first_seen, last_seen, kind FROM jobs
WHERE base_url = ? AND user = ? ORDER BY first_seen DESC, rowid DESC LIMIT ?
"""
_DURATIONS = """
SELECT took FROM jobs WHERE base_url = ? AND state = 'COMPLETED' AND took > 0
AND (kind = ? OR ? = '') AND (model = ? OR ? = '') ORDER BY last_seen DESC LIMIT ?
"""


_MOST_UNWRITTEN = 10_000
_WHATEVER_WAS_TRIED = math.inf
# Seconds. A file that is locked for longer is not waited for.
_PATIENCE = 20.0
Row = tuple[str | int | float | None, ...]


def default_folder() -> Path:
    """The user's data folder of this package; also where the sandbox's address lies."""
    return user_data_path("tempolor_magic")


def store_in(folder: Path) -> Store:
    """The file of journal and ledger in a data folder."""
    return Store(folder / "journal.sqlite3")


@dataclass(frozen=True, slots=True)
class Entry:
    """One job as last seen from this machine. Times are epoch seconds.

    ``kind`` is ``song`` or ``instrumental``, empty when it was not made from here.
    """

    job_id: str
    sandbox: bool
    state: str
    title: str
    first_seen: float
    last_seen: float
    kind: str = ""


class Journal:
    """The jobs in *store*. A journal that can't be written costs one warning, no watch.

    Args:
        store: Where they are.
        now: Epoch seconds.
    """

    def __init__(self, store: Store, *, now: Callable[[], float]) -> None:
        self._store = store
        self._now = now
        self._writer = Writer("tempolor_journal")
        self._unwritten: deque[Row] = deque()
        # How many were noted, and how many of them it was tried to write.
        self._noted = self._tried = 0
        self._warned = False
        self._warning = ""

    @property
    def path(self) -> Path:
        """The file."""
        return self._store.path

    def note(self, snapshot: Snapshot, *, base_url: str, user: str) -> Future[None]:
        """Write down a job's state, as seen by *user* at the service under *base_url*.

        Returns at once; writes happen in order, on one thread.
        """
        now, record = self._now(), snapshot.record
        row = (
            base_url,
            user,
            str(snapshot.job_id),
            int(snapshot.sandbox),
            str(snapshot.state),
            record.title if record else "",
            now,
            now,
            snapshot.origin.kind,
            record.model if record else "",
            snapshot.took if snapshot.state.is_final else None,
        )
        self._unwritten.append(row)
        self._noted += 1
        return self._soon(self._noted)

    def entries(self, base_url: str, user: str, *, most: int = 1000) -> list[Entry]:
        """The jobs of one service and user, newest first.

        Raises:
            JournalUnavailable: The file can't be read.
        """
        if not self._store.exists:
            return []
        with self._store.reading() as file:
            rows = file.execute(_READ, (base_url, user, most)).fetchall()
        return [Entry(r[0], bool(r[1]), r[2], r[3], r[4], r[5], r[6]) for r in rows]

    def durations(
        self, base_url: str, *, kind: str = "", model: str = "", most: int = 200
    ) -> Sequence[float]:
        """How long jobs of a kind and model took, in seconds, the latest first; of any if empty.

        What can't be read is simply not known: the pace does without.
        """
        if not self._store.exists:
            return ()
        try:
            with self._store.reading() as file:
                asked = (base_url, kind, kind, model, model, most)
                return tuple(row[0] for row in file.execute(_DURATIONS, asked))
        except JournalUnavailable:
            return ()

    def recent_ids(self, *, most: int = 50) -> list[str]:
        """The ids seen last, of any service, for completion; none if they can't be read."""
        if not self._store.exists:
            return []
        try:
            with self._store.reading() as file:
                question = "SELECT job_id FROM jobs ORDER BY last_seen DESC LIMIT ?"
                return [row[0] for row in file.execute(question, (most,))]
        except JournalUnavailable:
            return []

    def take_warning(self) -> str:
        """What went wrong with writing, in words for the user: once, and empty from then on."""
        self._warning, told = "", self._warning
        return told

    def flush(self) -> None:
        """Return when everything noted so far is in the file, or could not be written."""
        self._soon(_WHATEVER_WAS_TRIED).result()

    def close(self, patience: float = _PATIENCE) -> None:
        """Write what is left and end the writing thread; in vain if that takes too long.

        Args:
            patience: Seconds.
        """
        self._soon(_WHATEVER_WAS_TRIED)
        self._writer.close(patience)

    def _soon(self, number: float) -> Future[None]:
        return self._writer.soon(lambda: self._write(number))

    def _write(self, number: float) -> None:
        """Everything noted by now, in one transaction: a hundred jobs cost one.

        Args:
            number: Of a note. If it was tried once in vain, the next note tries it again: a
                hundred that were noted meanwhile would wait for a lock a hundred times.
        """
        if number <= self._tried:
            return
        self._tried = self._noted
        rows = [self._unwritten.popleft() for _ in range(len(self._unwritten))]
        if not rows:
            return
        try:
            with self._store.writing() as file:
                file.executemany(_NOTE, rows)
        except JournalUnavailable as error:
            # Kept for the next time, up to a bound: a lock passes, a full disk may.
            self._unwritten.extendleft(reversed(rows[-_MOST_UNWRITTEN:]))
            self._warn(error)

    def _warn(self, error: JournalUnavailable) -> None:
        log.warning("%s; watching goes on", error.message)
        if not self._warned:
            self._warned = True
            self._warning = f"{error}; watching goes on, but resume will not know these jobs"
