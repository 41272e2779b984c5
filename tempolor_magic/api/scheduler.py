"""What runs at the moment, and how much more could. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tempolor_magic.api import fields
from tempolor_magic.api.fields import Garbled


@dataclass(frozen=True, slots=True)
class RunningJob:
    """A job the service follows. Source: ``GET /scheduler/``.

    A job that is missing there may be final, no longer followed or not yet: only its record
    tells. ``started_at`` is epoch seconds, ``elapsed`` seconds; ``None`` when not told.
    """

    job_id: str
    started_at: float | None = None
    elapsed: float | None = None
    reply_url: str = ""
    reply_ref: str = ""
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class AccountSlots:
    """How many jobs a TemPolor account may run, runs, and could begin now.

    ``None`` when not told; ``free`` is never below zero.
    """

    account: str
    limit: int | None = None
    running: int | None = None
    free: int | None = None
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Slots:
    """What runs, and the slots of each account. Source: ``GET /scheduler/available``."""

    running: tuple[RunningJob, ...] = ()
    accounts: tuple[AccountSlots, ...] = ()
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)


def read_running(document: Any) -> tuple[RunningJob, ...]:
    """Read the jobs that run, of all accounts.

    Raises:
        Garbled: It is no list.
    """
    if not isinstance(document, list):
        raise Garbled("the answer is not a list of running jobs")
    return _running(document)


def read_slots(document: Any) -> Slots:
    """Read what runs and what could.

    Raises:
        Garbled: It tells neither.
    """
    told = fields.mapping(document)
    if not {"executing", "available"} & told.keys():
        raise Garbled("the answer tells nothing of slots")
    accounts = [_account(raw) for raw in fields.mappings(told.get("available"))]
    return Slots(
        _running(told.get("executing")), tuple(each for each in accounts if each.account), told
    )


def _running(entries: Any) -> tuple[RunningJob, ...]:
    jobs = [_job(raw) for raw in fields.mappings(entries)]
    return tuple(job for job in jobs if job.job_id)


def _job(raw: dict[str, Any]) -> RunningJob:
    return RunningJob(
        fields.text(raw.get("job_id")),
        fields.moment(raw.get("started")),
        fields.length(raw.get("elapsed")),
        fields.text(raw.get("replyUrl")),
        fields.text(raw.get("replyRef")),
        raw,
    )


def _account(raw: dict[str, Any]) -> AccountSlots:
    free = fields.count(raw.get("available"))
    return AccountSlots(
        fields.name(raw.get("user_id")),
        fields.count(raw.get("maxJobs")),
        fields.count(raw.get("executing")),
        None if free is None else max(0, free),
        raw,
    )
