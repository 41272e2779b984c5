"""What the scheduler tells about running jobs. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from tempolor_magic.sandbox.jobs import Job

Document = dict[str, object]


def entry(job: Job, *, now: float) -> Document:
    """One running job; it has neither status nor progress here."""
    order, started = job.order, job.life.submitted_at
    told = {"replyUrl": order.reply_url, "replyRef": order.reply_ref}
    return {
        "job_id": job.id,
        "started": _iso(started),
        "elapsed": _elapsed(now - started),
        **{name: value for name, value in told.items() if value},
    }


def availability(limits: Mapping[str, int], jobs: Iterable[Job]) -> list[Document]:
    """The slots of each account, most free ones first; *jobs* are those the scheduler has."""
    executing = dict.fromkeys(limits, 0)
    for job in jobs:
        executing[job.account] += 1
    accounts = sorted(limits, key=lambda account: executing[account] - limits[account])
    return [
        {
            "user_id": account,
            "maxJobs": limits[account],
            "executing": executing[account],
            "available": limits[account] - executing[account],
        }
        for account in accounts
    ]


def _iso(seconds: float) -> str:
    moment = datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
    return moment.replace("+00:00", "Z")


def _elapsed(seconds: float) -> str:
    """``MM:SS``; the minutes pass 59 and go on."""
    minutes, rest = divmod(max(0, int(seconds)), 60)
    return f"{minutes:02}:{rest:02}"
