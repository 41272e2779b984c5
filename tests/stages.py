"""A service that stops at each stage of every request, for whoever wants something to happen there.

Requests are read whole and carried out whole, even if the client has gone meanwhile, as the
service behind an edge does.
"""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

import anyio
import anyio.to_thread
from services import App, Receive, Scope, Send


class Stage(Enum):
    """How far a request is."""

    ASKED = auto()  # it has come, and nothing was done
    DONE = auto()  # it was carried out, and nothing was answered
    HALF = auto()  # half of the answer is out
    ANSWERED = auto()


@dataclass(frozen=True)
class Turn:
    """A request at a stage; ``answer`` is the body of what will be answered, once that is known."""

    stage: Stage
    method: str
    path: str
    answer: bytes = b""

    @property
    def makes(self) -> bool:
        """Whether it asks for music."""
        return self.method == "POST" and self.path.endswith(("/song", "/instrumental"))

    @property
    def looks(self) -> bool:
        """Whether it asks how music is coming along."""
        return self.method == "GET" and "/music/" in self.path


# Whether the request is to go on.
At = Callable[[Turn], Awaitable[bool]]


class Stages:
    """Serves *app*, and waits for *at* at each stage of every request."""

    def __init__(self, app: App, at: At) -> None:
        self._app = app
        self._at = at
        self._changed = threading.Condition()
        self._under_way = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        with self._counted():
            await self._serve(scope, await _read(receive), send)

    async def _serve(self, scope: Scope, body: bytes, send: Send) -> None:
        what = scope["method"], scope["path"]
        if not await self._at(Turn(Stage.ASKED, *what)):
            return
        start, answer = await _carried_out(self._app, scope, body)
        if not await self._at(Turn(Stage.DONE, *what, answer)):
            return
        await send(start)
        half = len(answer) // 2
        await send({"type": "http.response.body", "body": answer[:half], "more_body": True})
        if await self._at(Turn(Stage.HALF, *what, answer)):
            await send({"type": "http.response.body", "body": answer[half:]})
            await self._at(Turn(Stage.ANSWERED, *what, answer))

    def until_quiet(self) -> None:
        """Return once no request is under way."""
        with self._changed:
            assert self._changed.wait_for(lambda: not self._under_way, timeout=60)

    @contextmanager
    def _counted(self) -> Iterator[None]:
        self._count(1)
        try:
            yield
        finally:
            self._count(-1)

    def _count(self, more: int) -> None:
        with self._changed:
            self._under_way += more
            self._changed.notify_all()


class Reticence:
    """Music is made for who asks for it, and nothing is said until it is let go."""

    def __init__(self) -> None:
        self._made = threading.Event()
        self._over = threading.Event()

    async def at(self, turn: Turn) -> bool:
        """See :class:`Stages`."""
        if turn.makes and turn.stage is Stage.DONE:
            self._made.set()
            await anyio.to_thread.run_sync(self._over.wait)
        return True

    def until_made(self) -> None:
        """Return once something was made."""
        assert self._made.wait(60)

    def let_go(self) -> None:
        """Answer, whoever is still there."""
        self._over.set()


async def _read(receive: Receive) -> bytes:
    """The body of a request."""
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


async def _carried_out(app: App, scope: Scope, body: bytes) -> tuple[dict[str, Any], bytes]:
    """The head and the body of what *app* answers."""
    told = [{"type": "http.request", "body": body}]
    heads: list[dict[str, Any]] = []
    answer = bytearray()

    async def receive() -> dict[str, Any]:
        if not told:
            await anyio.sleep_forever()
        return told.pop()

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            heads.append(message)
        else:
            answer.extend(message.get("body", b""))

    await app(scope, receive, send)
    return heads[0], bytes(answer)
