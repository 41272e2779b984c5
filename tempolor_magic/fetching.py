"""Fetching files of watched jobs from the kernel's own thread: together, and interruptibly."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path

from tempolor_magic.errors import Interrupted, TempolorError
from tempolor_magic.view.output import Outputs
from tempolor_magic.waiting import wait_for_all
from tempolor_magic.watching.download import Wish
from tempolor_magic.watching.watch import Watch

GOES_ON = "the same line again goes on from there"


def fetch(
    watches: Sequence[Watch],
    wish: Wish,
    outputs: Outputs,
    *,
    meanwhile: Callable[[int], object] = lambda _: None,
) -> list[Path]:
    """Wait for jobs and save a file of each; the paths in order.

    All are tried, whatever becomes of one.

    Args:
        watches: Of one kernel.
        wish: Which file, and where to.
        outputs: Cards that may be those of earlier cells, and name their files in the end.
        meanwhile: Called while it waits, with how many are over, some ten times a second.

    Raises:
        Interrupted: The user stopped it; the transfers have stopped, too, and what has arrived
            is kept.
        TempolorError: Of the first job, in order, whose file is not there. It tells how many are.
    """
    savings: list[Future[Path]] = []
    try:
        for watch in watches:
            savings.append(watch.poller.saver.begin(watch, wish))  # noqa: PERF401  # stopped below
        wait_for_all(savings, meanwhile=lambda: meanwhile(sum(s.done() for s in savings)))
    except KeyboardInterrupt:
        watches[0].poller.saver.stop(savings)
        raise Interrupted(f"stopped; what has arrived is kept → {GOES_ON}") from None
    finally:
        for watch in watches[:1]:
            watch.poller.loop.settle()
        outputs.confirm()
    errors = [error for saving in savings if (error := saving.exception()) is not None]
    if not errors:
        return [saving.result() for saving in savings]
    first = errors[0]
    if len(savings) == 1 or not isinstance(first, TempolorError):
        raise first
    raise first.saying(f"{len(savings) - len(errors)} of {len(savings)} files were saved")


def fetch_by_itself(watches: Sequence[Watch], wish: Wish) -> None:
    """Have a file of each saved once its job is completed. Returns at once.

    What goes wrong is told by the snapshots, and to whoever waits for the jobs.
    """
    for watch in watches:
        under_way = [s for s in watch.savings if not s.done() or s.exception() is not None]
        watch.savings = [*under_way, watch.poller.saver.begin_quietly(watch, wish)]
