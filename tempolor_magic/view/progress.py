"""How far downloads are, in words. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tempolor_magic.errors import shown
from tempolor_magic.view import words
from tempolor_magic.watching.snapshot import Saving, Snapshot


@dataclass(frozen=True, slots=True)
class Line:
    """How far it is, in words; ``percent`` of the bytes, ``None`` while that is not known."""

    words: str
    percent: int | None = None


def line(snapshots: Sequence[Snapshot], done: int, *, now: float) -> Line:
    """How far the files of some jobs are.

    Args:
        snapshots: Of the jobs.
        done: How many files are there, or will not be.
        now: Monotonic seconds.
    """
    under_way = [s.media.saving for s in snapshots if s.media.saving]
    amount, percent = _amount(under_way)
    notes = [shown(s.note, 200) for s in under_way if s.note][:1]
    if len(snapshots) == 1:
        return _of_one(words.face(snapshots[0], now=now), [amount, *notes], percent)
    unmade = sum(not s.state.is_over for s in snapshots)
    said = [
        f"{done} of {len(snapshots)} done",
        f"saving {len(under_way)}" if under_way else "",
        f"{unmade} still in the making" if unmade else "",
        amount,
    ]
    return Line(_joined([*said, *notes]), percent)


def _of_one(face: words.Face, said: Sequence[str], percent: int | None) -> Line:
    title = face.title or f"music job {face.item}"
    if face.over:
        return Line(_joined([f"Saving {title}", *said]), percent)
    return Line(_joined([f"Waiting for {title}", face.words, face.percent]), face.progress)


def _amount(under_way: Sequence[Saving]) -> tuple[str, int | None]:
    """How many bytes have arrived, and the percent of all, as far as that is known."""
    arrived, whole = sum(s.done for s in under_way), sum(s.whole or 0 for s in under_way)
    if not arrived:
        return "", None
    if not all(s.whole for s in under_way):
        return words.amount_text(arrived), None
    percent = min(100, 100 * arrived // whole)
    return (
        f"{percent} %, {words.amount_text(arrived)} of {words.amount_text(whole)}",
        percent,
    )


def _joined(parts: Sequence[str]) -> str:
    return " · ".join(part for part in parts if part)
