"""The magic's main verbs as functions, for use from Python."""

from __future__ import annotations

from collections.abc import Sequence
from typing import overload

from tempolor_magic.api.ids import parse_job_id
from tempolor_magic.api.orders import KINDS, Delivery, InstrumentalOrder, Order, SongOrder
from tempolor_magic.collection import Library
from tempolor_magic.errors import UsageError, shown
from tempolor_magic.job import Job
from tempolor_magic.jobs import Jobs
from tempolor_magic.runtime import shared
from tempolor_magic.verbs.making import make, origin_of


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
    new: bool = False,
) -> Job | Jobs:
    """Ask for a song and watch it; it spends credits. Source: ``POST /music/song``.

    Args:
        prompt: What it should be like, at most 2,000 characters.
        lyrics: At most 3,000 characters; empty lets the model write them.
        model: A model name, passed on unchecked; empty for the service's newest.
        voice: An artist's voice (its item id) or a cloned one (``user:…-voice:…``).
        midi: A melody to sing (``user:…-midi:…``).
        delivery: Which account makes it, and who is told.
        new: Make another, even if this very cell has made it before.

    Raises:
        UsageError: It cannot be asked for like this; nothing was sent.
        UnknownOutcome: No clear answer came; it was not sent twice.
        TempolorError: The service refused; nothing was made.
    """
    order = SongOrder(
        prompt=prompt, lyrics=lyrics, model=model, voice=voice, midi=midi, delivery=delivery
    )
    return _make(order, new=new)


def instrumental(  # noqa: PLR0913  # all but the prompt by name
    prompt: str,
    *,
    model: str = "",
    key: str = "",
    bpm: int | None = None,
    chords: str = "",
    delivery: Delivery = Delivery(),  # noqa: B008  # a frozen value
    new: bool = False,
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
        new: Make another, even if this very cell has made it before.

    Raises:
        UsageError: It cannot be asked for like this; nothing was sent.
        UnknownOutcome: No clear answer came; it was not sent twice.
        TempolorError: The service refused; nothing was made.
    """
    order = InstrumentalOrder(
        prompt=prompt, model=model, key=key, bpm=bpm, chords=chords, delivery=delivery
    )
    return _make(order, new=new)


def library(*, kind: str = "song", account: str = "") -> Library:
    """What the account has at the service, to be read page by page. Source: ``GET /music/``.

    ``library().next_page()`` is a page as a sequence of records, shown as a gallery; iterating
    over the library itself gives every record of all pages.

    Args:
        kind: ``song`` or ``instrumental``.
        account: A TemPolor account; needed where there are several.

    Raises:
        UsageError: There is no such kind.
    """
    if kind not in KINDS:
        raise UsageError(f"{shown(kind, 40)} is no kind of music", f"one of {', '.join(KINDS)}")
    return Library(shared(), kind=kind, account=account)


def _make(order: Order, *, new: bool) -> Job | Jobs:
    runtime = shared()
    return runtime.as_one(runtime.watch(make(runtime, order, anew=new), origin=origin_of(order)))
