"""What is known of a watched job at one moment: the frozen value that views are given. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from tempolor_magic.api.ids import JobId
from tempolor_magic.api.records import Record
from tempolor_magic.errors import TempolorError


class State(StrEnum):
    """The service's own states and ours."""

    WAITING = "WAITING"  # no answer yet
    GENERATING = "GENERATING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    STOPPED = "STOPPED"  # the watch was stopped here
    TIMED_OUT = "TIMED_OUT"  # the deadline of the watch passed
    ERROR = "ERROR"  # asking again cannot help

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come of this watch."""
        return self not in {State.WAITING, State.GENERATING}

    @property
    def is_final(self) -> bool:
        """Whether the job itself is over."""
        return self in {State.COMPLETED, State.FAILED}


@dataclass(frozen=True, slots=True)
class Trouble:
    """Trouble that passes: what happened and when the next try is (monotonic seconds)."""

    message: str
    retry_at: float
    limited: bool = False


@dataclass(frozen=True, slots=True)
class Saving:
    """A file being saved: ``done`` bytes of ``whole``, ``None`` while that is not known.

    ``note`` says in words what is waited for.
    """

    done: int = 0
    whole: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Media:
    """What can be seen and heard. Every source was checked: https, loopback or our own data.

    ``note`` says in words why there is nothing to hear. ``saving`` is how far a download is,
    ``saved`` names downloaded files, ``unsaved`` says why there is none.
    ``peaks`` are loudness over time in whole percents.
    ``whole`` is the entire audio as data, for outputs that were asked to hold it.
    """

    cover: str = ""
    audio: str = ""
    preview: bool = False
    note: str = ""
    saving: Saving | None = None
    saved: tuple[str, ...] = ()
    unsaved: str = ""
    peaks: tuple[int, ...] = ()
    whole: str = ""


@dataclass(frozen=True, slots=True)
class Origin:
    """What a job was asked for as, where it was made from here; the id does not tell.

    Args:
        kind: ``song`` or ``instrumental``.
        model: The model that was asked for; the service may take another one.
    """

    kind: str = ""
    model: str = ""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One moment of one job. Two equal snapshots look the same.

    ``born_at`` is the monotonic second of the job's creation, as far as it is known;
    ``took`` is how long the job ran in seconds, once it is over.
    ``every`` is how often the service is asked, in seconds; ``None`` when that depends on the job.
    ``moments`` are the states the job was seen to enter, each with its monotonic second.
    ``remaining`` is how many seconds it will take from now on, as far as that can be foreseen.
    """

    job_id: JobId
    sandbox: bool = False
    origin: Origin = Origin()
    state: State = State.WAITING
    record: Record | None = None
    progress: float | None = None
    born_at: float | None = None
    took: float | None = None
    every: float | None = None
    remaining: float | None = None
    trouble: Trouble | None = None
    error: TempolorError | None = None
    media: Media = field(default_factory=Media)
    moments: tuple[tuple[State, float], ...] = ()

    def elapsed(self, now: float) -> float | None:
        """Seconds since the job was created, as of the monotonic moment *now*."""
        if self.took is not None:
            return self.took
        return None if self.born_at is None else max(0.0, now - self.born_at)
