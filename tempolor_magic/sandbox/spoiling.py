"""The layer around the service that spoils its answers, over the very socket they leave by.

HTTP's own rules are kept by the server, so what breaks them is written to the connection itself,
which the server must hand over: see ``breakable``.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from dataclasses import replace
from random import Random
from urllib.parse import parse_qs

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tempolor_magic.sandbox.calls.door import BASE_PATH
from tempolor_magic.sandbox.damage import Answer, Break, Circumstances, Pause, Step, damage
from tempolor_magic.sandbox.faults import Call, Faults, Kind, call_of
from tempolor_magic.sandbox.world import World

# What a server calls the transport of a connection among the extensions of a request's scope.
TRANSPORT = "tempolor.transport"
# Bytes that may wait to be sent, and seconds between two looks at how many do.
_WAITING = 1024 * 1024
_LOOK_SECONDS = 0.01
# Seconds. Nobody waits for longer than this; a client that reads nothing is let go.
_PATIENCE = 600.0
_FAREWELL = 10.0
_NOTHING = Answer(200, {}, b"")


class Spoiling:
    """Serves *app*, and spoils those of its answers that are chosen.

    Args:
        app: The service.
        world: Its state, which knows jobs by all their names.
        now: The clock, in epoch seconds.
        faults: Chooses answers.
        chance: Where all other chance comes from.
        at: When and where; ``now`` and ``choice`` are filled in for each answer.
    """

    def __init__(  # noqa: PLR0913 - the last two by name
        self,
        app: ASGIApp,
        world: World,
        now: Callable[[], float],
        faults: Faults,
        *,
        chance: Random,
        at: Circumstances,
    ) -> None:
        self._app = app
        self._world = world
        self._now = now
        self._faults = faults
        self._chance = chance
        self._at = at
        # How many answers were given, and how many were spoilt in which way.
        self.answers = 0
        self.spoilt: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        call = _call(scope)
        if call is None:
            await self._app(scope, receive, send)
            return
        self.answers += 1
        kind = self._faults.next(call, self._job_of(scope))
        if kind is None:
            await self._app(scope, receive, send)
            return
        self.spoilt[kind.name] += 1
        good = await self._good(kind, call, scope, receive)
        asked = parse_qs(scope["query_string"].decode("latin-1"))
        at = replace(
            self._at,
            now=self._now(),
            choice=self._chance.random(),
            cursor="".join(asked.get("cursor", ())),
        )
        await _perform(damage(kind.name, good, at), scope, receive)

    def _job_of(self, scope: Scope) -> Collection[str]:
        """All names of the job that a path ends in."""
        name: str = scope["path"].rpartition("/")[2]
        item = name.rpartition(":")[2].partition(".")[0]
        job = self._world.item(item, now=self._now())
        return (name,) if job is None else (job.id, job.item, str(job.number))

    async def _good(self, kind: Kind, call: Call, scope: Scope, receive: Receive) -> Answer:
        """The answer that is to be spoilt, if the request is carried out at all."""
        happens = call is not Call.MAKE or self._chance.random() < 0.5  # noqa: PLR2004 - a coin
        if kind.spoils or (not kind.refuses and happens):
            return await _answer(self._app, scope, receive)
        await _read(receive)
        return _NOTHING


def _call(scope: Scope) -> Call | None:
    if scope["type"] != "http":
        return None
    path: str = scope["path"]
    if not path.startswith(("/files/", f"{BASE_PATH}/")):
        return None
    return call_of(scope["method"], path.removeprefix(BASE_PATH))


async def _answer(app: ASGIApp, scope: Scope, receive: Receive) -> Answer:
    """What *app* answers, whole."""
    status, headers, body = 500, dict[str, str](), bytearray()

    async def keep(message: Message) -> None:
        nonlocal status
        if message["type"] == "http.response.start":
            status = message["status"]
            for name, value in message.get("headers", ()):
                headers[name.decode("latin-1").lower()] = value.decode("latin-1")
        elif message["type"] == "http.response.body":
            body.extend(message.get("body", b""))

    await app(scope, receive, keep)
    return Answer(status, headers, bytes(body))


async def _read(receive: Receive) -> None:
    """Take the request's body: what is closed on before it is read is reset."""
    while (await receive()).get("more_body", False):
        pass


async def _perform(steps: Iterator[Step], scope: Scope, receive: Receive) -> None:
    """Take *steps* as long as the client is there, then end the connection and wait for that."""
    transport: asyncio.Transport = scope["extensions"][TRANSPORT]
    gone = asyncio.create_task(_until_gone(receive))
    try:
        for step in steps:
            if transport.is_closing() or not await _take(step, transport, gone):
                break
        transport.close()
        await asyncio.wait([gone], timeout=_FAREWELL)
        transport.abort()
        await asyncio.wait([gone])
    finally:
        gone.cancel()


async def _take(step: Step, transport: asyncio.Transport, gone: asyncio.Task[None]) -> bool:
    """Take one step; whether there is anything to go on with."""
    match step:
        case bytes():
            transport.write(step)
            while transport.get_write_buffer_size() > _WAITING and not gone.done():
                await asyncio.wait([gone], timeout=_LOOK_SECONDS)
        case Pause(seconds):
            await asyncio.wait([gone], timeout=_PATIENCE if seconds is None else seconds)
        case Break.RESET:
            _reset(transport)
            return False
    return True


def _reset(transport: asyncio.Transport) -> None:
    """End the connection as a crash of the machine would, not as HTTP does."""
    with suppress(OSError):  # the client may have gone before us
        transport.get_extra_info("socket").setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
        )
    transport.abort()


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
