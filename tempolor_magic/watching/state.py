"""What an answer makes of a job. Pure: a snapshot and news in, a snapshot out.

Only a final record decides a job; a watch may also end for reasons of its own. What is over
never changes again, whatever still arrives.
"""

from __future__ import annotations

from dataclasses import replace

from tempolor_magic.api.records import Record, Status
from tempolor_magic.errors import (
    JobFailed,
    ServiceError,
    TempolorError,
    WatchStopped,
    WatchTimeout,
)
from tempolor_magic.watching.snapshot import Snapshot, State, Trouble

# Seconds. A job is kept for a week: one that claims to be older has a wrong clock or unit.
_OLDEST = 30 * 86_400.0
_FINAL = {Status.COMPLETED: State.COMPLETED, Status.FAILED: State.FAILED}


def observe(snapshot: Snapshot, record: Record, *, now: float, wall: float) -> Snapshot:
    """The job as *record* tells it.

    Args:
        snapshot: What was known before.
        record: The service's answer.
        now: Monotonic seconds.
        wall: Epoch seconds of the same moment; used only to date the job's creation.
    """
    if snapshot.state.is_over:
        return snapshot
    seen = replace(
        _entered(snapshot, State.GENERATING, now),
        record=record,
        progress=_furthest(snapshot.progress, record.progress),
        born_at=_born_at(snapshot, record, now, wall),
        trouble=None,
    )
    if not record.final or record.status is Status.GENERATING:
        return seen
    ending = State.ERROR if record.status is None else _FINAL[record.status]
    before = seen if snapshot.record else replace(seen, moments=snapshot.moments)
    took = _took(snapshot, record, seen.elapsed(now))
    done = replace(_entered(before, ending, now), took=took)
    if record.status is None:
        return replace(done, error=_unknown_end(record))
    return done if done.state is State.COMPLETED else replace(done, error=_failed(done))


def struggle(snapshot: Snapshot, trouble: Trouble) -> Snapshot:
    """The job while the service is hard to reach: as before, with a notice."""
    return snapshot if snapshot.state.is_over else replace(snapshot, trouble=trouble)


def end(snapshot: Snapshot, state: State, error: TempolorError, *, now: float) -> Snapshot:
    """The watch ends for a reason of its own; the job may go on."""
    if snapshot.state.is_over:
        return snapshot
    took = snapshot.elapsed(now)
    return replace(_entered(snapshot, state, now), error=error, took=took, trouble=None)


def _entered(snapshot: Snapshot, state: State, now: float) -> Snapshot:
    """In *state*, with the moment noted if that is news."""
    if snapshot.state is state:
        return snapshot
    return replace(snapshot, state=state, moments=(*snapshot.moments, (state, now)))


def equip(snapshot: Snapshot, **media: object) -> Snapshot:
    """The job with something more to see or hear: fields of :class:`Media`."""
    return replace(snapshot, media=replace(snapshot.media, **media))  # type: ignore[arg-type]


def stopped(snapshot: Snapshot) -> WatchStopped:
    """The error of a watch that was stopped."""
    return WatchStopped(
        "the watch was stopped; the job itself goes on",
        f"%tempolor watch {snapshot.job_id}",
    )


def left_behind(snapshot: Snapshot) -> WatchStopped:
    """The error of a watch in a forked process."""
    return WatchStopped(
        "this process was forked, and the watch stayed in the one it came from",
        f"tempolor.watch({str(snapshot.job_id)!r}) watches it here, too",
    )


def timed_out(snapshot: Snapshot, why: str) -> WatchTimeout:
    """The error of a watch whose deadline passed; *why* completes the sentence."""
    return WatchTimeout(
        f"the job was not final {why}; it may go on",
        f"%tempolor watch {snapshot.job_id} --deadline 1h",
    )


def _failed(snapshot: Snapshot) -> JobFailed:
    return JobFailed(
        f"the service reports FAILED for {snapshot.job_id}; it gives no reason",
        "submit it again, perhaps with another prompt",
    )


def _unknown_end(record: Record) -> ServiceError:
    return ServiceError(
        f"the job ended in a state this version does not know (status {record.status_code})",
        "look at it on tempolor.com, or update tempolor_magic",
    )


def _furthest(before: float | None, told: float | None) -> float | None:
    """Progress for the eye never runs backwards."""
    known = [p for p in (before, told) if p is not None]
    return max(known, default=None)


def _born_at(snapshot: Snapshot, record: Record, now: float, wall: float) -> float | None:
    """Fixed by the first answer: later ones would only bring in other clocks."""
    if snapshot.born_at is not None:
        return snapshot.born_at
    age = 0.0 if record.created_at is None else wall - record.created_at
    return now - age if 0 <= age <= _OLDEST else now


def _took(before: Snapshot, record: Record, by_our_clock: float | None) -> float | None:
    """A job that was over when first seen took what its record says."""
    if before.record is not None:
        return by_our_clock
    if record.created_at is None or record.updated_at is None:
        return None
    return max(0.0, record.updated_at - record.created_at)
