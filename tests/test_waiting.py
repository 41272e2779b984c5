"""Waiting on the kernel's thread: an interrupt gets through, and takes nothing else with it."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import Future

import pytest

from tempolor_magic.errors import Interrupted, JobFailed, StillRunning
from tempolor_magic.waiting import answer_to, wait_for, wait_for_all

PATIENCE = 60.0
# What an interrupt may take, as the design promises it.
SLICES = 3

Waiting = Callable[[Future[str], Callable[[], None]], object]


def unanswered() -> Future[str]:
    """A future of somebody else's, who does not come back."""
    future: Future[str] = Future()
    future.set_running_or_notify_cancel()
    return future


def slices_after_interrupt(waiting: Waiting, future: Future[str]) -> tuple[int, str]:
    """How many slices were still waited for after Ctrl-C, and what was said."""
    slices, at_interrupt = [0], [0]
    begun = threading.Event()

    def count() -> None:
        slices[0] += 1
        begun.set()

    def interrupt() -> None:
        begun.wait(PATIENCE)
        at_interrupt[0] = slices[0]
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    thread.start()
    with pytest.raises(Interrupted) as caught:
        waiting(future, count)
    thread.join()
    return slices[0] - at_interrupt[0], str(caught.value)


@pytest.mark.parametrize(
    "waiting",
    [
        lambda future, count: wait_for(future, meanwhile=count),
        lambda future, count: wait_for(future, PATIENCE, meanwhile=count),
        lambda future, count: wait_for_all([future, future], meanwhile=count),
        lambda future, count: wait_for_all([future, unanswered()], PATIENCE, meanwhile=count),
    ],
    ids=["one", "one, for a time", "all", "all, for a time"],
)
def test_an_interrupt_ends_the_waiting_within_three_slices(waiting: Waiting) -> None:
    """What was waited for goes on, and one line says how to wait again."""
    future = unanswered()
    slices, said = slices_after_interrupt(waiting, future)
    assert slices <= SLICES
    assert "%tempolor wait waits again" in said
    future.set_result("later")
    assert wait_for(future) == "later"


class Asked(Future[str]):
    """A question that tells when somebody waits for its answer."""

    def __init__(self) -> None:
        super().__init__()
        self.waited_for = threading.Event()

    def done(self) -> bool:
        self.waited_for.set()
        return super().done()


def test_an_interrupted_question_is_taken_back() -> None:
    """Nobody would read the answer, and the connection is free for others."""
    asked = Asked()

    def interrupt() -> None:
        asked.waited_for.wait(PATIENCE)
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    thread.start()
    with pytest.raises(Interrupted, match="nothing was changed"):
        answer_to(asked, interrupted="nothing was changed")
    thread.join()
    assert asked.cancelled()


def test_an_answered_question_is_given_back() -> None:
    """Its value, or its error."""
    asked: Future[str] = Future()
    asked.set_result("yes")
    assert answer_to(asked, interrupted="") == "yes"
    failed: Future[str] = Future()
    failed.set_exception(JobFailed("no"))
    with pytest.raises(JobFailed):
        answer_to(failed, interrupted="")


def test_a_time_that_has_passed_is_told_and_is_none_of_the_futures_business() -> None:
    """It raises the built-in TimeoutError, and the future goes on."""
    future = unanswered()
    with pytest.raises(StillRunning):
        wait_for(future, 0.01)
    assert not future.done()


def test_waiting_for_all_waits_past_a_bad_end() -> None:
    """Errors are told by whoever looks at the results, in their order."""
    failed, late = unanswered(), unanswered()
    failed.set_exception(JobFailed("no"))
    slices = [0]

    def meanwhile() -> None:
        slices[0] += 1
        late.set_result("yes")

    wait_for_all([failed, late], meanwhile=meanwhile)
    assert slices == [1]
