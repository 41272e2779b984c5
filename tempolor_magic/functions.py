"""The magic's main verbs as functions, for use from Python."""

from __future__ import annotations

from collections.abc import Sequence
from typing import overload

from tempolor_magic.api.ids import parse_job_id
from tempolor_magic.commands import check_song
from tempolor_magic.job import Job, Jobs
from tempolor_magic.runtime import shared
from tempolor_magic.verbs import make_song


@overload
def watch(job_id: str, *, interval: float | None = None, deadline: float | None = None) -> Job: ...
@overload
def watch(
    job_id: list[str] | tuple[str, ...],
    *,
    interval: float | None = None,
    deadline: float | None = None,
) -> Jobs: ...
def watch(
    job_id: str | Sequence[str], *, interval: float | None = None, deadline: float | None = None
) -> Job | Jobs:
    """Watch a job, or several. Returns at once and displays nothing.

    Args:
        job_id: An id, or a sequence of ids for a :class:`Jobs`.
        interval: Seconds between questions; ``None`` for the default pace.
        deadline: Seconds until the watch gives up; ``None`` for the setting (30 min).

    Raises:
        InvalidJobId: Not the id of a music job; nothing was sent.
        TokenMissing: No token was found.
    """
    one = isinstance(job_id, str)
    ids = [parse_job_id(text) for text in ([job_id] if isinstance(job_id, str) else job_id)]
    runtime = shared()
    jobs = runtime.watch(ids, interval=interval, deadline=deadline)
    return jobs[0] if one else Jobs(jobs, runtime.outputs)


def song(prompt: str, *, lyrics: str = "", model: str = "") -> Job | Jobs:
    """Ask for a song and watch it; it spends credits. Source: ``POST /music/song``.

    Args:
        prompt: What it should be like, at most 2,000 characters.
        lyrics: At most 3,000 characters; empty lets the model write them.
        model: A model name, passed on unchecked; empty for the service's newest.

    Raises:
        UsageError: The prompt or the lyrics can't be sent; nothing was.
        UnknownOutcome: No clear answer came; it was not sent twice.
        TempolorError: The service refused; nothing was made.
    """
    check_song(prompt, lyrics)
    runtime = shared()
    return runtime.as_one(runtime.watch(make_song(runtime, prompt, lyrics, model)))
