"""The magic's main verbs as functions, for use from Python."""

from __future__ import annotations

from collections.abc import Sequence
from typing import overload

from tempolor_magic.api.ids import parse_job_id
from tempolor_magic.api.orders import Delivery, InstrumentalOrder, Order, SongOrder
from tempolor_magic.job import Job, Jobs
from tempolor_magic.runtime import shared
from tempolor_magic.verbs.making import make


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


def song(  # noqa: PLR0913  # all but the prompt by name
    prompt: str,
    *,
    lyrics: str = "",
    model: str = "",
    voice: str = "",
    midi: str = "",
    delivery: Delivery = Delivery(),  # noqa: B008  # a frozen value
) -> Job | Jobs:
    """Ask for a song and watch it; it spends credits. Source: ``POST /music/song``.

    Args:
        prompt: What it should be like, at most 2,000 characters.
        lyrics: At most 3,000 characters; empty lets the model write them.
        model: A model name, passed on unchecked; empty for the service's newest.
        voice: An artist's voice (its item id) or a cloned one (``user:…-voice:…``).
        midi: A melody to sing (``user:…-midi:…``).
        delivery: Which account makes it, and who is told.

    Raises:
        UsageError: It cannot be asked for like this; nothing was sent.
        UnknownOutcome: No clear answer came; it was not sent twice.
        TempolorError: The service refused; nothing was made.
    """
    order = SongOrder(
        prompt=prompt, lyrics=lyrics, model=model, voice=voice, midi=midi, delivery=delivery
    )
    return _make(order)


def instrumental(  # noqa: PLR0913  # all but the prompt by name
    prompt: str,
    *,
    model: str = "",
    key: str = "",
    bpm: int | None = None,
    chords: str = "",
    delivery: Delivery = Delivery(),  # noqa: B008  # a frozen value
) -> Job | Jobs:
    """Ask for a piece without singing and watch it; it spends credits.

    Source: ``POST /music/instrumental``.

    Args:
        prompt: What it should be like, at most 2,000 characters.
        model: A model name, passed on unchecked; empty for the service's newest.
        key: Such as ``C:major``; empty for the service's choice.
        bpm: 50 to 190 beats per minute; ``None`` for the service's choice.
        chords: Such as ``C F G Am``, at most 200 characters.
        delivery: Which account makes it, and who is told.

    Raises:
        UsageError: It cannot be asked for like this; nothing was sent.
        UnknownOutcome: No clear answer came; it was not sent twice.
        TempolorError: The service refused; nothing was made.
    """
    order = InstrumentalOrder(
        prompt=prompt, model=model, key=key, bpm=bpm, chords=chords, delivery=delivery
    )
    return _make(order)


def _make(order: Order) -> Job | Jobs:
    runtime = shared()
    return runtime.as_one(runtime.watch(make(runtime, order)))
