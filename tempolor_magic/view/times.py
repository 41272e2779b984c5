"""Moments and durations in words. Pure.

A saved page is read at any time, so it tells moments as dates; "2 min ago" would lie in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from tempolor_magic.watching.snapshot import Snapshot

# Seconds. Longer waits are told in words instead of counted down.
COUNTED = 120
# Seconds. What is left is rounded to so many, below so many.
_ROUGHLY = ((60, 5), (300, 15))


@dataclass(frozen=True, slots=True)
class Stamp:
    """When something happened: as a date, to the second, and how many seconds ago.

    ``age`` is ``None`` while the job runs, where a clock tells it, and when it is not known.
    """

    name: str
    date: str
    exact: str
    age: int | None


def clock_text(seconds: float) -> str:
    """``95`` as ``1:35``; from an hour on ``1:02:03``."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def moment_text(epoch: float) -> str:
    """Epoch seconds as a date and time in UTC; empty when it is no time at all."""
    return _moment(epoch, "%Y-%m-%d %H:%M UTC")


def exact_text(epoch: float) -> str:
    """As :func:`moment_text`, to the second."""
    return _moment(epoch, "%Y-%m-%d %H:%M:%S UTC")


def wait_text(seconds: float) -> str:
    """A time to wait, as exact as anybody wants to know it."""
    if seconds <= COUNTED:
        return f"{max(0, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"about {minutes} min" if minutes < 120 else f"about {round(seconds / 3600)} h"  # noqa: PLR2004


def remaining_text(seconds: float | None) -> str:
    """``42`` as ``about 40 s left``: so rough that it seldom changes. Empty for ``None``."""
    if seconds is None:
        return ""
    for most, step in _ROUGHLY:
        if seconds < most:
            rough = step * round(max(0.0, seconds) / step)
            return f"about {_parts(rough)} left" if rough else "any moment now"
    return f"{wait_text(seconds)} left"


def rhythm_text(seconds: float | None) -> str:
    """How often the service is asked, with a fraction only where it counts.

    Args:
        seconds: Between two questions; ``None`` where that depends on the job.
    """
    if seconds is None:
        return "checked when news is likely"
    return f"checked every {f'{seconds:.0f}' if seconds >= 10 else f'{seconds:.2g}'} s"  # noqa: PLR2004


def stamps(snapshot: Snapshot, now: float) -> tuple[Stamp, ...]:
    """When the job was created and, once it is final, finished; as far as the record tells.

    Args:
        snapshot: What is known.
        now: The monotonic moment from which ages are counted.
    """
    record, state, born = snapshot.record, snapshot.state, snapshot.born_at
    if record is None:
        return ()
    age = now - born if state.is_over and born is not None else None
    ended = age - snapshot.took if age is not None and snapshot.took is not None else None
    known = [("Created", record.created_at, age)]
    if state.is_final:
        known.append(("Finished", record.updated_at, ended))
    return tuple(
        Stamp(name, moment_text(at), exact_text(at), None if ago is None else max(0, int(ago)))
        for name, at, ago in known
        if at and moment_text(at)
    )


def _parts(seconds: int) -> str:
    minutes, rest = divmod(seconds, 60)
    told = (f"{minutes} min" if minutes else "", f"{rest} s" if rest else "")
    return " ".join(part for part in told if part)


def _moment(epoch: float, form: str) -> str:
    try:
        return datetime.fromtimestamp(epoch, UTC).strftime(form)
    except (OverflowError, OSError, ValueError):
        return ""
