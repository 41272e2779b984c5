"""The SQLite file behind journal and ledger: private, shared by many kernels, never in the way.

It lies in the user's data folder, which may be a network home: hence a rollback journal (WAL does
not work there) and a busy time-out. A damaged file is put aside, not repaired and not deleted.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from tempolor_magic.errors import JournalUnavailable
from tempolor_magic.watching.forking import Crossing

_BUSY_SECONDS = 5.0

# Each brings the file from the version that is its index to the next. Never edit one: add one.
_MIGRATIONS = (
    """
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
    );
    """,
    """
    ALTER TABLE jobs ADD COLUMN kind TEXT NOT NULL DEFAULT '';
    ALTER TABLE jobs ADD COLUMN model TEXT NOT NULL DEFAULT '';
    ALTER TABLE jobs ADD COLUMN took REAL;
    CREATE TABLE submissions (
        number   INTEGER PRIMARY KEY,
        base_url TEXT NOT NULL,
        user     TEXT NOT NULL,
        content  TEXT NOT NULL,
        cell     TEXT NOT NULL,
        ordinal  INTEGER NOT NULL,
        phase    TEXT NOT NULL,
        owner    TEXT NOT NULL,
        beat     REAL NOT NULL,
        sent_at  REAL,
        job_ids  TEXT NOT NULL DEFAULT '[]',
        UNIQUE (base_url, user, content, cell, ordinal)
    );
    """,
    """
    ALTER TABLE submissions ADD COLUMN kind TEXT NOT NULL DEFAULT '';
    ALTER TABLE submissions ADD COLUMN prompt TEXT NOT NULL DEFAULT '';
    """,
)
VERSION = len(_MIGRATIONS)
_in_use = Crossing()
_in_use.guard()


class Store:
    """The file *path*, opened for each use: nothing is held open between uses.

    Args:
        path: Its folder is made when it is first written.
        now: Epoch seconds, to name a damaged file that is put aside.
    """

    def __init__(self, path: Path, *, now: Callable[[], float] = time.time) -> None:
        self.path = path
        self._now = now

    @property
    def exists(self) -> bool:
        """Whether anything was ever written."""
        return self.path.exists()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection for questions.

        Raises:
            JournalUnavailable: It can't be read.
        """
        with self._told(), self._open() as file:
            yield file

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A connection inside a transaction that nobody else can write beside.

        Raises:
            JournalUnavailable: It can't be written.
        """
        with self._told():
            self._make_private()
            with self._open() as file:
                file.execute("BEGIN IMMEDIATE")
                try:
                    yield file
                except BaseException:
                    file.execute("ROLLBACK")
                    raise
                file.execute("COMMIT")

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except (OSError, sqlite3.Error) as error:
            if _is_damage(error):
                # Found only by using it: the next use begins a new one.
                self._put_aside()
            raise JournalUnavailable(
                f"the journal can't be used ({error})", f"look at {self.path}"
            ) from None

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with _in_use.crossing(), closing(self._connect()) as file:
            yield file

    def _connect(self) -> sqlite3.Connection:
        try:
            return self._prepared()
        except sqlite3.DatabaseError as error:
            if not _is_damage(error):
                raise
            self._put_aside()
            return self._prepared()

    def _prepared(self) -> sqlite3.Connection:
        """A connection to a file of the present version."""
        file = sqlite3.connect(self.path, timeout=_BUSY_SECONDS, isolation_level=None)
        file.row_factory = sqlite3.Row
        try:
            self._migrate(file)
        except BaseException:
            file.close()
            raise
        return file

    def _migrate(self, file: sqlite3.Connection) -> None:
        version = _version(file)
        if version == VERSION:
            return
        if version > VERSION:
            raise sqlite3.OperationalError("it was written by a newer version of tempolor_magic")
        file.execute("BEGIN IMMEDIATE")
        # Another kernel may have done it while this one waited.
        for number in range(_version(file), VERSION):
            for statement in _MIGRATIONS[number].split(";"):
                file.execute(statement)
        file.execute(f"PRAGMA user_version = {VERSION}")
        file.execute("COMMIT")

    def _make_private(self) -> None:
        """The folder and the file are the user's own, before anything is in them."""
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with suppress(FileExistsError):
            os.close(os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))

    def _put_aside(self) -> None:
        with suppress(OSError):
            self.path.replace(self.path.with_name(f"{self.path.name}.damaged-{self._now():.0f}"))
            self._make_private()


def _version(file: sqlite3.Connection) -> int:
    (version,) = file.execute("PRAGMA user_version").fetchone()
    return int(version)


def _is_damage(error: Exception) -> bool:
    # Errors of the module itself have no code.
    code = getattr(error, "sqlite_errorcode", None)
    return code in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
