"""The one thread of a kernel: how it takes work, and that it ends."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Iterator

import pytest

from tempolor_magic.errors import UsageError
from tempolor_magic.watching.loop import Loop, on_loop_thread

PATIENCE = 30.0


@pytest.fixture
def loop() -> Iterator[Loop]:
    """A running loop."""
    made = Loop()
    yield made
    made.close()


async def forever() -> None:
    """Work that does not end by itself."""
    await asyncio.Event().wait()


def thread_names() -> list[str]:
    """Of all that run."""
    return [thread.name for thread in threading.enumerate()]


def test_closing_cancels_what_runs_and_ends_the_thread(loop: Loop) -> None:
    """Whoever waits for it is told."""
    work = loop.submit(forever)
    loop.close()
    assert work.cancelled()
    assert "tempolor_magic" not in thread_names()


def test_what_is_to_be_done_last_is_done_when_all_else_has_let_go(loop: Loop) -> None:
    """Connections are closed after those who use them have ended."""
    done: list[str] = []

    async def use() -> None:
        try:
            await forever()
        finally:
            await asyncio.sleep(0)
            done.append("used")

    async def fail() -> None:
        raise ValueError

    async def leave() -> None:
        done.append("left")

    loop.submit(use)
    loop.settle()
    loop.close(fail, leave)
    assert done == ["used", "left"]


def test_a_stuck_thread_does_not_hold_up_the_end(loop: Loop) -> None:
    """An observer of the user's that never returns is left to itself."""
    stuck, let_go = threading.Event(), threading.Event()

    def block() -> None:
        stuck.set()
        let_go.wait(PATIENCE)

    loop.hand_over(block)
    assert stuck.wait(PATIENCE)
    loop.close(patience=0.05)
    assert not let_go.is_set()
    let_go.set()


def test_after_the_end_nothing_is_taken_on(loop: Loop) -> None:
    """Work is refused in one line; what needs no answer is dropped; ending twice does no harm."""
    loop.close()
    loop.close()
    done: list[str] = []
    loop.hand_over(lambda: done.append("handed over"))
    loop.later(0, lambda: done.append("later"))
    loop.settle()
    with pytest.raises(UsageError, match="%load_ext tempolor_magic"):
        loop.submit(forever)
    assert done == []


def test_a_failing_callback_does_not_end_the_thread(loop: Loop) -> None:
    """The next work is done all the same."""
    loop.submit(_quiet).result(PATIENCE)
    loop.hand_over(lambda: 1 / 0)

    async def where() -> bool:
        return on_loop_thread()

    assert loop.submit(where).result(PATIENCE)
    assert not on_loop_thread()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system can't fork")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_in_a_forked_process_it_has_ended(loop: Loop) -> None:
    """There is no copy of the thread: nothing waits for it there, and the parent's goes on."""
    child = os.fork()
    if child == 0:
        os._exit(_said_in_the_child(loop))
    assert os.waitpid(child, 0)[1] == 0
    loop.submit(_quiet).result(PATIENCE)


async def _quiet() -> None:
    """Silence asyncio's log of what the tests do wrong on purpose."""
    asyncio.get_running_loop().set_exception_handler(lambda *_: None)


def _said_in_the_child(loop: Loop) -> int:
    """0 if the loop behaves there as one that has ended."""
    try:
        loop.submit(forever)
    except UsageError as error:
        loop.settle()
        loop.hand_over(lambda: None)
        loop.close()
        return 0 if "forked" in str(error) else 1
    return 2
