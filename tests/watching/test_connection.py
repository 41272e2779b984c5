"""What all questions of one token share: turns, pauses, and word of a full service."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from typing import Any, TypeVar

import pytest
from fakes import BASE_URL, EPOCH, TOKEN, FakeClock

from tempolor_magic.api.client import AsyncClient
from tempolor_magic.api.wire import CONNECTIONS
from tempolor_magic.errors import PassingTrouble, RateLimited
from tempolor_magic.watching.connection import Connection

T = TypeVar("T")


def made() -> Connection:
    """A connection whose clock stands at 0."""
    client = AsyncClient(TOKEN, base_url=BASE_URL)
    return Connection(client=client, clock=FakeClock(), chance=lambda: 0.0)


def run(story: Coroutine[Any, Any, T]) -> T:
    """Play it on a loop of its own."""
    return asyncio.run(story)


async def refused(_: AsyncClient) -> None:
    """A question that is answered with a wish to be left alone for a minute."""
    raise PassingTrouble("busy", retry_at=EPOCH + 60)


async def answered(_: AsyncClient) -> str:
    """One that is answered."""
    return "fine"


def test_a_hint_to_one_question_holds_for_the_next() -> None:
    """Whatever was asked: the next question leaves when the time is over."""

    async def story() -> float:
        connection = made()
        with pytest.raises(PassingTrouble):
            await connection.ask(refused)
        assert await connection.ask(answered) == "fine"
        return connection.clock.monotonic()

    assert run(story()) == 60


def test_a_pause_that_is_too_long_is_told_instead_of_waited_for() -> None:
    """With the time it ends, and nothing is sent."""

    async def story() -> RateLimited:
        connection = made()
        connection.pause(3600)
        with pytest.raises(RateLimited, match="for another 3600 s") as caught:
            await connection.ask(answered, ends_at=10)
        assert connection.clock.monotonic() == 0
        return caught.value

    assert run(story()).retry_at == EPOCH + 3600


def test_who_waits_for_a_place_hears_of_a_pause_that_began_meanwhile() -> None:
    """It may be a pause beyond the deadline of the one who waits: that is told at once."""

    async def story() -> float:
        connection = made()
        async with AsyncExitStack() as others:
            for _ in range(CONNECTIONS):
                await others.enter_async_context(connection.turn())
            late = asyncio.create_task(connection.ask(answered, ends_at=300))
            await asyncio.sleep(0)
            connection.pause(3600)
        with pytest.raises(RateLimited):
            await late
        return connection.clock.monotonic()

    assert run(story()) == 0


def test_a_pause_that_grows_while_it_is_waited_for_is_waited_for_to_its_end() -> None:
    """And a shorter one that comes later shortens nothing."""

    async def story() -> float:
        connection = made()
        connection.pause(60)
        asked = asyncio.create_task(connection.ask(answered))
        await asyncio.sleep(0)
        connection.pause(90)
        connection.pause(30)
        await asked
        return connection.clock.monotonic()

    assert run(story()) == 90


def test_a_full_service_is_full_until_the_last_of_its_words() -> None:
    """An earlier end that is told later does not open it, and questions go on."""

    async def story() -> float:
        connection = made()
        first, second = RateLimited("full"), RateLimited("full again")
        connection.hold(first, 60)
        connection.hold(second, 30)
        assert (connection.full, connection.full_until) == (first, 60)
        await connection.ask(answered)
        return connection.clock.monotonic()

    assert run(story()) == 0
