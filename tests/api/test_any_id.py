"""Whatever is given for an id: it is refused in one line, or goes into the path as it is."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import httpx
import pytest
from fakes import BASE_URL, TOKEN
from hypothesis import event, given
from mutations import IDS, THOROUGH

from tempolor_magic.api.client import AsyncClient
from tempolor_magic.errors import InvalidJobId, NotFound

PREFIX = httpx.URL(BASE_URL).path
Call = Callable[[AsyncClient, str], Coroutine[Any, Any, object]]
CALLS: dict[str, Call] = {
    "GET /music/": AsyncClient.job,
    "DELETE /music/": AsyncClient.delete,
    "GET /music/download/": AsyncClient.download_link,
    "DELETE /scheduler/": AsyncClient.cancel,
}


class Post(httpx.AsyncBaseTransport):
    """Knows nothing of what is asked, and keeps the request."""

    def __init__(self) -> None:
        self.sent: list[httpx.Request] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.sent.append(request)
        return httpx.Response(404, json={"error": "No record found", "code": 404})


class Desk:
    """A client, its post, and a loop to wait on, for all examples."""

    def __init__(self, runner: asyncio.Runner) -> None:
        self._runner = runner
        self.post = Post()
        self._client = AsyncClient(TOKEN, base_url=BASE_URL, transport=self.post)

    def ask(self, call: Call, text: str) -> None:
        self.post.sent.clear()
        self._runner.run(call(self._client, text))


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    """One for all examples."""
    with asyncio.Runner() as runner:
        yield Desk(runner)


@THOROUGH
@given(text=IDS)
def test_a_request_asks_for_exactly_the_id_that_was_given(desk: Desk, text: str) -> None:
    """Or there is none, and one line says why."""
    for line, call in CALLS.items():
        method, _, stem = line.partition(" ")
        with pytest.raises((InvalidJobId, NotFound)) as caught:
            desk.ask(call, text)
        event(type(caught.value).__name__)
        if isinstance(caught.value, InvalidJobId):
            assert not desk.post.sent
            assert str(caught.value).isprintable()
            continue
        (request,) = desk.post.sent
        path = request.url.raw_path.decode().removesuffix("?file_format=mp3")
        assert path == PREFIX + stem + text.strip().strip("\"'`").strip()
        assert (request.method, request.url.host) == (method, "127.0.0.1")
