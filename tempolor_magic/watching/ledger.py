"""What was asked for from this machine, so that running a notebook again spends nothing twice.

One row for each *ask*: the same content, from the same cell, the how-manyth time in that run. What
was asked for stands in it as a hash. Kernels that ask for the same at the same moment meet here:
one gets the row, the others see that it is under way.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tempolor_magic.api.orders import Order
from tempolor_magic.watching.store import Store

# Seconds. Whoever asks shows a sign of life every BEAT; without one it is taken to be dead.
BEAT = 5.0
_DEAD = 4 * BEAT
# Seconds for which the service keeps a job.
_KEPT = 7 * 86_400.0

_SENT, _MADE, _UNKNOWN = "sent", "made", "unknown"


@dataclass(frozen=True, slots=True)
class Occasion:
    """Where in a notebook something is asked for.

    Args:
        cell: The id of the cell; empty where the front end tells none.
        ordinal: The how-manyth ask for the same content in this run of the cell; in the whole
            run of the kernel where the cell is not known.
    """

    cell: str = ""
    ordinal: int = 0


@dataclass(frozen=True, slots=True)
class Ask:
    """An order at a place: what counts as the same.

    ``kind`` and ``prompt`` (a hash) are what its job can be known by at the service.
    """

    base_url: str
    user: str
    content: str
    occasion: Occasion
    kind: str = ""
    prompt: str = ""


@dataclass(frozen=True, slots=True)
class LooseEnd:
    """An ask that went out at *sent_at* (epoch seconds); whoever asked never told what came."""

    number: int
    kind: str
    prompt: str
    sent_at: float


@dataclass(frozen=True, slots=True)
class Made:
    """It was asked for at *sent_at* (epoch seconds), and these jobs came of it."""

    number: int
    job_ids: tuple[str, ...]
    sent_at: float


@dataclass(frozen=True, slots=True)
class UnderWay:
    """Somebody is asking for it at this moment."""


@dataclass(frozen=True, slots=True)
class Lost:
    """It went out at *sent_at* (epoch seconds), and nobody knows what came of it."""

    number: int
    sent_at: float


@dataclass(frozen=True, slots=True)
class Ours:
    """Nobody else has asked for it, or its row was taken over: it is ours to ask."""

    number: int


Claim = Made | UnderWay | Lost | Ours


def content_hash(order: Order) -> str:
    """What is asked for, as a hash.

    Raises:
        UsageError: It cannot be asked for at all.
    """
    asked = json.dumps([order.kind, order.document()], sort_keys=True)
    return hashlib.sha256(asked.encode()).hexdigest()


def prompt_hash(prompt: str) -> str:
    """A prompt, as it is written down here."""
    return hashlib.sha256(prompt.strip().encode()).hexdigest()


class Ledger:
    """The asks in *store*. Every method is one short transaction and may wait for the disk.

    Args:
        store: Where they are.
        now: Epoch seconds.

    Raises:
        JournalUnavailable: From every method, when the file can't be used.
    """

    def __init__(self, store: Store, *, now: Callable[[], float]) -> None:
        self._store = store
        self._now = now
        self._owner = uuid.uuid4().hex

    def claim(self, ask: Ask) -> Claim:
        """What is known of an ask; it is ours from now on if nobody has it."""
        with self._store.writing() as file:
            row = _find(file, ask)
            if row is None:
                return Ours(self._insert(file, ask))
            claim = self._judge(row)
            if isinstance(claim, Ours):
                self._take(file, claim.number)
            return claim

    def take(self, ask: Ask) -> Ours:
        """It is ours, whatever came of it before: the user asks for another."""
        with self._store.writing() as file:
            row = _find(file, ask)
            if row is None:
                return Ours(self._insert(file, ask))
            self._take(file, row["number"])
            return Ours(row["number"])

    def take_over(self, claim: Made) -> bool:
        """Make it ours because its jobs don't count any more; ``False`` if somebody else has."""
        with self._store.writing() as file:
            row = _row(file, "SELECT * FROM submissions WHERE number = ?", claim.number)
            if row is None or self._judge(row) != claim:
                return False
            self._take(file, claim.number)
            return True

    def beat(self, number: int) -> None:
        """Show that whoever asks is alive."""
        self._update(number, "beat = :now")

    def sending(self, number: int) -> bool:
        """It goes out now: from here on something may have been made.

        ``False`` if somebody else has taken it over, who took us to be dead: it is not ours to
        send.
        """
        return self._update(number, "phase = 'sent', sent_at = :now, beat = :now")

    def refused(self, number: int) -> None:
        """It was sent and made nothing; it will be sent again."""
        self._update(number, "phase = 'asking', sent_at = NULL, beat = :now")

    def lost(self, number: int) -> None:
        """No answer came."""
        self._update(number, "phase = 'unknown'")

    def release(self, number: int) -> None:
        """Nothing was made: the next one may ask."""
        with self._store.writing() as file:
            file.execute(
                "DELETE FROM submissions WHERE number = ? AND owner = ?", (number, self._owner)
            )

    def made(self, number: int, job_ids: Sequence[str]) -> bool:
        """These jobs came of it. ``False``, and nothing noted, if another ask has one of them."""
        with self._store.writing() as file:
            if _jobs_besides(file, number) & set(job_ids):
                return False
            file.execute(
                "UPDATE submissions SET phase = 'made', job_ids = ? WHERE number = ?",
                (json.dumps(list(job_ids)), number),
            )
            return True

    def jobs_of_others(self, number: int) -> set[str]:
        """Every job that came of another ask."""
        with self._store.reading() as file:
            return _jobs_besides(file, number)

    def loose_ends(self, base_url: str, user: str) -> list[LooseEnd]:
        """What went out this week and was never told to have come to anything, oldest first."""
        with self._store.reading() as file:
            rows = file.execute(
                "SELECT number, kind, prompt, sent_at FROM submissions WHERE base_url = ?"
                " AND user = ? AND phase IN ('sent', 'unknown') AND prompt != '' AND sent_at > ?"
                " ORDER BY number",
                (base_url, user, self._now() - _KEPT),
            ).fetchall()
        return [LooseEnd(*row) for row in rows]

    def unjournalled(self, base_url: str, user: str) -> list[str]:
        """Jobs that were made this week and that the journal does not know, oldest first."""
        with self._store.reading() as file:
            made = file.execute(
                "SELECT job_ids FROM submissions WHERE base_url = ? AND user = ?"
                " AND phase = 'made' AND sent_at > ? ORDER BY number",
                (base_url, user, self._now() - _KEPT),
            ).fetchall()
            asked = "SELECT job_id FROM jobs WHERE base_url = ? AND user = ?"
            known = {row["job_id"] for row in file.execute(asked, (base_url, user))}
        ids = [job_id for row in made for job_id in json.loads(row["job_ids"])]
        return [job_id for job_id in dict.fromkeys(ids) if job_id not in known]

    def _judge(self, row: sqlite3.Row) -> Claim:
        number, phase = row["number"], row["phase"]
        if phase == _MADE:
            return Made(number, tuple(json.loads(row["job_ids"])), row["sent_at"])
        if phase == _UNKNOWN:
            return Lost(number, row["sent_at"])
        # A clock that was set back must not keep anybody alive.
        if abs(self._now() - row["beat"]) <= _DEAD:
            return UnderWay()
        return Lost(number, row["sent_at"]) if phase == _SENT else Ours(number)

    def _insert(self, file: sqlite3.Connection, ask: Ask) -> int:
        scope, occasion = _scope(ask), ask.occasion
        ordinal = occasion.ordinal if occasion.cell else _next_stray(file, scope)
        added = file.execute(
            "INSERT INTO submissions (base_url, user, content, cell, ordinal, phase, owner, beat,"
            " kind, prompt) VALUES (?, ?, ?, ?, ?, 'asking', ?, ?, ?, ?)",
            (*scope, occasion.cell, ordinal, self._owner, self._now(), ask.kind, ask.prompt),
        )
        return int(added.lastrowid or 0)

    def _take(self, file: sqlite3.Connection, number: int) -> None:
        file.execute(
            "UPDATE submissions SET phase = 'asking', owner = ?, beat = ?, sent_at = NULL,"
            " job_ids = '[]' WHERE number = ?",
            (self._owner, self._now(), number),
        )

    def _update(self, number: int, change: str) -> bool:
        """Change our row; ``False`` if it is not ours any more."""
        with self._store.writing() as file:
            done = file.execute(
                f"UPDATE submissions SET {change}"  # noqa: S608  # our own words
                " WHERE number = :number AND owner = :owner",
                {"now": self._now(), "number": number, "owner": self._owner},
            )
            return done.rowcount == 1


Scope = tuple[str, str, str]
_ROWS = "SELECT * FROM submissions WHERE base_url = ? AND user = ? AND content = ?"


def _scope(ask: Ask) -> Scope:
    return ask.base_url, ask.user, ask.content


def _find(file: sqlite3.Connection, ask: Ask) -> sqlite3.Row | None:
    """The row of an ask.

    A cell that is known has rows of its own, and takes over those that a run without known cells
    left behind. A run without known cells counts through all rows of the content, in their order.
    """
    scope, cell, ordinal = _scope(ask), ask.occasion.cell, ask.occasion.ordinal
    if not cell:
        return _row(file, f"{_ROWS} ORDER BY number LIMIT 1 OFFSET ?", *scope, ordinal)
    own = _row(file, f"{_ROWS} AND cell = ? AND ordinal = ?", *scope, cell, ordinal)
    if own is not None:
        return own
    stray = _row(file, f"{_ROWS} AND cell = '' ORDER BY number LIMIT 1", *scope)
    if stray is not None:
        file.execute(
            "UPDATE submissions SET cell = ?, ordinal = ? WHERE number = ?",
            (cell, ordinal, stray["number"]),
        )
    return stray


def _next_stray(file: sqlite3.Connection, scope: Scope) -> int:
    last = _row(file, f"{_ROWS} AND cell = '' ORDER BY ordinal DESC LIMIT 1", *scope)
    return 0 if last is None else int(last["ordinal"]) + 1


def _row(file: sqlite3.Connection, question: str, *values: object) -> sqlite3.Row | None:
    found: sqlite3.Row | None = file.execute(question, values).fetchone()
    return found


def _jobs_besides(file: sqlite3.Connection, number: int) -> set[str]:
    rows = file.execute("SELECT job_ids FROM submissions WHERE number != ?", (number,))
    return {job_id for row in rows for job_id in json.loads(row["job_ids"])}
