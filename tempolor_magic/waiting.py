"""Waiting on the kernel's own thread: in slices, so that an interrupt gets through."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, wait
from contextlib import contextmanager
from typing import Any, TypeVar

from tempolor_magic.errors import Interrupted, StillRunning, TempolorError, UsageError
from tempolor_magic.watching.loop import on_loop_thread

T = TypeVar("T")

# Seconds. On Windows a longer wait can't be interrupted.
SLICE = 0.1


def wait_for(
    future: Future[T],
    timeout: float | None = None,
    *,
    meanwhile: Callable[[], object] = lambda: None,
    interrupted: str = "the job goes on → %tempolor wait waits again",
) -> T:
    """Wait for a future of the loop in short slices.

    Args:
        future: What to wait for.
        timeout: Seconds.
        meanwhile: Called between slices.
        interrupted: What to say when the user stops the waiting.

    Raises:
        StillRunning: A built-in TimeoutError, after *timeout*.
        Interrupted: The user stopped the waiting; *future* goes on.
        UsageError: The loop itself, whose work this is, would wait.
    """
    with stopping_says(interrupted):
        _must_not_be_the_loop(future)
        ends_at = None if timeout is None else time.monotonic() + timeout
        while not future.done():
            rest = SLICE if ends_at is None else min(SLICE, ends_at - time.monotonic())
            if rest <= 0:
                raise StillRunning("not final in time; the watch goes on → %tempolor wait")
            wait([future], timeout=rest)
            meanwhile()
    return future.result()


@contextmanager
def stopping_says(meaning: str) -> Iterator[None]:
    """Tell in one line what it means when the user stops the waiting in this block.

    Raises:
        Interrupted: The user stopped it, wherever in the block that was.
    """
    try:
        yield
    except Interrupted:
        raise
    except KeyboardInterrupt:
        raise Interrupted(f"stopped waiting; {meaning}") from None


def _must_not_be_the_loop(future: Future[Any]) -> None:
    if on_loop_thread() and not future.done():
        raise UsageError(
            "an observer can't wait: everything that is watched would wait with it",
            "use job.add_done_callback, which runs on a thread of its own",
        )


def answer_to(asked: Future[T], *, interrupted: str) -> T:
    """Wait for the answer to one question; who stops waiting takes the question back.

    Args:
        asked: The question, on the loop.
        interrupted: What to say when the user stops the waiting.

    Raises:
        Interrupted: The user stopped the waiting.
    """
    try:
        return wait_for(asked, interrupted=interrupted)
    finally:
        asked.cancel()


def wait_for_all(
    futures: Sequence[Future[Any]],
    timeout: float | None = None,
    *,
    meanwhile: Callable[[], object] = lambda: None,
) -> None:
    """Wait until every future is done, whatever became of it. Like :func:`wait_for`."""
    ends_at = None if timeout is None else time.monotonic() + timeout
    for future in futures:
        rest = None if ends_at is None else max(0.0, ends_at - time.monotonic())
        try:
            wait_for(future, rest, meanwhile=meanwhile)
        except TempolorError:
            continue  # told by result(), in order
