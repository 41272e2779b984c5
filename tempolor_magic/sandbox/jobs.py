"""One job of the pretend service, at any moment. Values only; time is passed in.

A job's whole life is fixed when it is submitted: nothing runs in the background, a job just looks
different at a different ``now``.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from tempolor_magic.sandbox.formats import Format
from tempolor_magic.sandbox.orders import Order
from tempolor_magic.sandbox.progress import Shape
from tempolor_magic.sandbox.songs import Song


class Status(IntEnum):
    """The service's documented codes."""

    GENERATING = 0
    FAILED = 10
    COMPLETED = 30


@dataclass(frozen=True, slots=True)
class Life:
    """When things happen to a job, in epoch seconds. A file that never comes has infinity."""

    submitted_at: float
    shown_at: float
    ended_at: float
    served_at: float
    wav_at: float
    stems_at: float

    def file_at(self, kind: Format) -> float:
        """From when on it can be fetched as that."""
        match kind:
            case Format.MP3:
                return self.served_at
            case Format.WAV:
                return self.wav_at
            case Format.STEMS:
                return self.stems_at


@dataclass(frozen=True, slots=True)
class Job:
    """One submitted piece. ``number`` counts all jobs, from 1."""

    id: str
    number: int
    item: str
    account: str
    order: Order
    song: Song
    shape: Shape
    life: Life
    # Where the progress of a failing job gets stuck; None for a job that succeeds.
    stuck_at: int | None = None

    def is_running(self, now: float) -> bool:
        """Whether it still holds a slot."""
        return now < self.life.ended_at

    def is_shown(self, now: float) -> bool:
        """Whether the service shows a record of it yet."""
        return now >= self.life.shown_at

    def is_served(self, now: float, kind: Format = Format.MP3) -> bool:
        """Whether it can be fetched as that."""
        return self.status(now) is Status.COMPLETED and now >= self.life.file_at(kind)

    def status(self, now: float) -> Status:
        """What the record says at *now*."""
        if self.is_running(now):
            return Status.GENERATING
        return Status.COMPLETED if self.stuck_at is None else Status.FAILED

    def progress(self, now: float) -> int:
        """Whole percents: below 100 while running, 100 when completed.

        A failed job stays where it got stuck.
        """
        if self.status(now) is Status.COMPLETED:
            return 100
        length = self.life.ended_at - self.life.submitted_at
        share = (now - self.life.submitted_at) / length if length > 0 else 1.0
        return min(self.shape.percent(share), 99 if self.stuck_at is None else self.stuck_at)
