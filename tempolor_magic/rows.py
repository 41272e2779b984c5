"""Jobs as flat rows, for tables and data frames. Pure.

Prompts and lyrics are not in them: a frame is displayed, and saved with the notebook. They are in
``record.prompt`` and ``record.lyrics`` of each job.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from typing import Any

from tempolor_magic.api.records import Record
from tempolor_magic.errors import MissingExtra


@dataclass(frozen=True, slots=True)
class Row:
    """One job. What is not known is ``None``, or empty for text.

    Args:
        job_id: As the service writes it.
        kind: ``song`` or ``instrumental``; empty when it was not told.
        state: As ``Job.state``.
        title: Of the piece.
        key: Such as ``F:minor``.
        bpm: Beats per minute.
        duration_s: Length of the music, in seconds.
        style: In the service's words.
        mood: Likewise.
        chords: Likewise.
        model: The model that made it.
        seed: Its seed.
        created_at: When it was asked for, in UTC.
        finished_at: When it was last changed, in UTC; of a final job: finished.
        took_s: How long it was in the making, in seconds.
        file: A file it was saved to in this kernel.
    """

    job_id: str
    kind: str
    state: str
    title: str
    key: str
    bpm: float | None
    duration_s: float | None
    style: str
    mood: str
    chords: str
    model: str
    seed: int | None
    created_at: datetime | None
    finished_at: datetime | None
    took_s: float | None
    file: str


COLUMNS = tuple(field.name for field in fields(Row))


def row(
    record: Record, *, state: str, kind: str = "", took: float | None = None, file: str = ""
) -> Row:
    """A record as a row.

    Args:
        record: What the service told.
        state: As ``Job.state``.
        kind: ``song`` or ``instrumental``.
        took: Seconds in the making; told by the record where this is ``None``.
        file: Where it was saved.
    """
    if took is None and record.final and record.created_at and record.updated_at:
        took = max(0.0, record.updated_at - record.created_at)
    return Row(
        job_id=record.job_id,
        kind=kind,
        state=state,
        title=record.title,
        key=record.key,
        bpm=record.bpm,
        duration_s=record.duration,
        style=record.style,
        mood=record.mood,
        chords=record.chords,
        model=record.model,
        seed=record.seed,
        created_at=_moment(record.created_at),
        finished_at=_moment(record.updated_at) if record.final else None,
        took_s=took,
        file=file,
    )


def to_pandas(rows: Sequence[Row]) -> Any:
    """The rows as a ``pandas.DataFrame``: one row per job, columns as of :class:`Row`.

    Raises:
        MissingExtra: pandas is not installed.
    """
    try:
        import pandas as pd  # noqa: PLC0415  # heavy, and not ours to require
    except ImportError:
        raise MissingExtra("a data frame needs pandas", "pip install pandas") from None
    frame = pd.DataFrame([asdict(each) for each in rows], columns=list(COLUMNS))
    numbers = {"bpm": "Float64", "duration_s": "Float64", "took_s": "Float64"}
    moments = {"created_at": "datetime64[ms, UTC]", "finished_at": "datetime64[ms, UTC]"}
    return frame.astype(numbers | moments)


def _moment(epoch: float | None) -> datetime | None:
    try:
        return None if epoch is None else datetime.fromtimestamp(epoch, UTC)
    except (OverflowError, OSError, ValueError):
        return None
