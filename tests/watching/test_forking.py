"""A fork in the middle of somebody's work: it waits for that, but not for ever."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tempolor_magic.watching.forking import Crossing
from tempolor_magic.watching.journal import store_in
from tempolor_magic.watching.ledger import Ask, Ledger, Occasion

PATIENCE = 30.0


@contextmanager
def in_thread(work: Callable[[], object]) -> Iterator[threading.Thread]:
    """Do *work* in a thread, and wait for its end in the end."""
    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield thread
    finally:
        thread.join(PATIENCE)
    assert not thread.is_alive()


def test_a_fork_waits_for_who_is_crossing_and_lets_nobody_on() -> None:
    """Who comes while it waits goes on after it."""
    crossing, order = Crossing(PATIENCE), list[str]()
    on_it, go_off, closed = threading.Event(), threading.Event(), threading.Event()

    def cross_first() -> None:
        with crossing.crossing():
            on_it.set()
            go_off.wait(PATIENCE)
            order.append("first")

    def fork() -> None:
        crossing.close()
        order.append("forks")
        closed.set()

    def cross_second() -> None:
        with crossing.crossing():
            order.append("second")

    with in_thread(cross_first):
        on_it.wait(PATIENCE)
        with in_thread(fork):
            go_off.set()
            closed.wait(PATIENCE)
            with in_thread(cross_second):
                order.append("forked")
                crossing.open()
    assert order == ["first", "forks", "forked", "second"]


def test_a_fork_does_not_wait_for_ever() -> None:
    """A disk that does not answer must not hold up the cell; the child begins anew."""
    crossing = Crossing(0.01)
    with crossing.crossing():
        crossing.close()
        crossing.open()
    crossing.close()
    crossing.begin_anew()
    with crossing.crossing():
        pass


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system can't fork")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_child_can_write_whatever_threads_of_its_parent_were_writing(tmp_path: Path) -> None:
    """Four children, each forked while the file is being written all the time."""
    done = threading.Event()

    def write(cell: str) -> None:
        ask = Ask("http://127.0.0.1:9", "1", "rain", Occasion(cell))
        Ledger(store_in(tmp_path), now=lambda: 1_000.0).take(ask)

    def write_on() -> None:
        while not done.is_set():
            write("parent")

    with in_thread(write_on):
        try:
            assert all(_end_of_child(lambda: write("child")) == 0 for _ in range(4))
        finally:
            done.set()


def _end_of_child(work: Callable[[], object]) -> int:
    """How a child ends that does *work*; one that hangs is ended by its alarm."""
    child = os.fork()
    if child == 0:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(10)
        code = 1
        try:
            work()
            code = 0
        finally:
            os._exit(code)
    return os.waitpid(child, 0)[1]
