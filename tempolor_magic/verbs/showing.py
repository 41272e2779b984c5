"""What many verbs end with: watching jobs, showing them, waiting for them."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import suppress
from time import monotonic

from tempolor_magic.api.ids import JobId
from tempolor_magic.errors import UsageError
from tempolor_magic.fetching import fetch_by_itself
from tempolor_magic.job import Job
from tempolor_magic.jobs import Jobs
from tempolor_magic.language import commands
from tempolor_magic.runtime import Runtime
from tempolor_magic.view.frontend import has_widgets
from tempolor_magic.view.ticker import Ticker
from tempolor_magic.waiting import wait_for_all
from tempolor_magic.watching.download import Wish
from tempolor_magic.watching.snapshot import Origin

_SOUND_SECONDS = 20.0


def watch_and_show(
    runtime: Runtime,
    ids: Sequence[JobId],
    how: commands.Watching,
    *,
    origin: Origin = Origin(),  # noqa: B008  # a frozen value
) -> Job | Jobs:
    """Watch *ids*, show them in the cell, and wait for them if that was asked for."""
    wish = wish_for(runtime, how.save, several=len(ids) > 1) if how.save else None
    each = runtime.watch(ids, interval=how.interval, deadline=how.deadline, origin=origin)
    jobs = runtime.as_one(each)
    show(jobs, live=how.live, embed=how.embed)
    if wish:
        fetch_by_itself([job.watch for job in each], wish)
    if how.wait:
        wait(each)
        tell_results(each)
        if not has_widgets():
            # A terminal can't change what it has printed: print how it ended.
            show(jobs, live=False, embed=False)
    return jobs


def wish_for(runtime: Runtime, save: commands.Save, *, several: bool) -> Wish:
    """What is to be saved, into the folder that is set unless told otherwise."""
    return runtime.poller.saver.wish(
        save.format, save.output, overwrite=save.overwrite, several=several
    )


def show(jobs: Job | Jobs, *, live: bool, embed: bool) -> None:
    """Show the card of a job, or the table of several."""
    if isinstance(jobs, Jobs) and embed:
        raise UsageError("a table holds no audio", "give --embed one job at a time")
    if isinstance(jobs, Jobs):
        jobs.display(live=live)
    else:
        jobs.display(live=live, embed=embed)


def wait(jobs: Sequence[Job], timeout: float | None = None) -> None:
    """Wait until all are final and the files that are saved by themselves are there.

    Then give their cards a moment to find the audio: it is served some seconds after a job is
    final, and a headless run would otherwise be over before the saved cards have it.
    """
    ticker = Ticker(sys.stdout) if not has_widgets() and sys.stdout.isatty() else None

    def tick() -> None:
        if ticker:
            ticker.show([job.snapshot for job in jobs], monotonic())

    over = [job.watch.future for job in jobs]
    saved = [saving for job in jobs for saving in job.watch.savings]
    try:
        wait_for_all([*over, *saved], timeout, meanwhile=tick)
    finally:
        if ticker:
            ticker.clear()
    if jobs:
        # A card shown a moment ago may not have begun its search yet.
        jobs[0].watch.poller.loop.settle()
    searches = [job.watch.search.sound for job in jobs if job.watch.search.sound]
    with suppress(TimeoutError):
        wait_for_all(searches, _SOUND_SECONDS)


def tell_results(jobs: Sequence[Job]) -> None:
    """Raise for the first bad end among jobs that are over, then for a file that is not there."""
    savings = [saving for job in jobs for saving in job.watch.savings]
    for job in jobs:
        job.watch.told = True
        job.watch.savings = []
    for job in jobs:
        job.result()
    for saving in savings:
        saving.result()
