"""Services on a real loopback socket, in a thread of the test's own process."""

from __future__ import annotations

import json
import os
import random
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread
import uvicorn
from fakes import TOKEN, hum

from tempolor_magic.sandbox import announcement
from tempolor_magic.sandbox.announcement import Running
from tempolor_magic.sandbox.app import build
from tempolor_magic.sandbox.breakable import Breakable
from tempolor_magic.sandbox.damage import Circumstances
from tempolor_magic.sandbox.faults import Faults, read_plan
from tempolor_magic.sandbox.spoiling import Spoiling
from tempolor_magic.sandbox.studio import Studio
from tempolor_magic.sandbox.world import World

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
# A tenth to a hundredth of what it is in life, so that hundreds of faults pass within a minute.
HARM = Circumstances(0.0, hint=0.1, drip=0.01, late=0.2)
App = Callable[[Scope, Receive, Send], Awaitable[None]]


class Gate:
    """Lets requests in and holds their answers back until it is opened."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._open = threading.Event()
        self._waiters = anyio.CapacityLimiter(200)
        self._arrival = threading.Condition()
        self.arrived: list[str] = []
        self.answered = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            with self._arrival:
                self.arrived.append(scope["path"])
                self._arrival.notify_all()
            # Opened by another thread: waiting for it must not block this loop.
            await anyio.to_thread.run_sync(self._open.wait, limiter=self._waiters)
            self.answered += 1
        await self._app(scope, receive, send)

    def until_arrived(self, ending: str) -> None:
        """Return once a request has come whose path ends like this."""
        with self._arrival:
            assert self._arrival.wait_for(
                lambda: any(path.endswith(ending) for path in self.arrived), timeout=60
            ), self.arrived

    def open(self) -> None:
        self._open.set()


class Stalled:
    """Takes requests and answers none until it is opened; but of songs it says: all slots taken.

    Args:
        app: Answers once it is open.
    """

    def __init__(self, app: App) -> None:
        self._app = app
        self._changed = threading.Condition()
        self._opened = False
        self._under_way: list[str] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._opened:
            await self._app(scope, receive, send)
        elif scope["method"] == "POST":
            head = {"type": "http.response.start", "status": 429}
            await send({**head, "headers": [(b"retry-after", b"60")]})
            await send({"type": "http.response.body", "body": b'{"error":"busy","code":429}'})
        else:
            await self._hold(scope["path"], receive)

    async def _hold(self, path: str, receive: Receive) -> None:
        """Keep a request, which ends without an answer, until its sender lets go of it."""
        self._note(self._under_way.append, path)
        try:
            while not self._opened and (await _heard(receive)) != "http.disconnect":
                pass
        finally:
            self._note(self._under_way.remove, path)

    def _note(self, change: Callable[[str], None], path: str) -> None:
        with self._changed:
            change(path)
            self._changed.notify_all()

    def until(self, count: int, path: str) -> None:
        """Return once so many requests are under way whose path has *path* in it."""
        with self._changed:
            assert self._changed.wait_for(
                lambda: sum(path in each for each in self._under_way) == count, timeout=60
            ), self._under_way

    def open(self) -> None:
        """Answer from now on; those that are held break off."""
        self._opened = True


async def _heard(receive: Receive) -> str:
    """The next message of a request; empty if there is none for a moment."""
    with anyio.move_on_after(0.1):
        return str((await receive())["type"])
    return ""


class Steady:
    """Says of every job that it is generating; ``progress`` can be turned while it runs."""

    def __init__(self) -> None:
        self.progress: float | None = 35
        self.requests: list[str] = []
        self._created = int(time.time() * 1000) - 60_000
        self._asked = threading.Condition()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        job_id = scope["path"].rpartition("/")[2]
        with self._asked:
            self.requests.append(job_id)
            self._asked.notify_all()
        # updateTime moves on with every answer, as the service's own may.
        now = int(time.time() * 1000)
        document = {
            "job_id": job_id,
            "status": 0,
            "status_final": False,
            "progress": self.progress,
            "createTime": self._created,
            "updateTime": now,
        }
        head = {"type": "http.response.start", "status": 200, "headers": []}
        await send(head)
        await send({"type": "http.response.body", "body": json.dumps(document).encode()})

    def until_asked(self, more: int) -> None:
        """Return after *more* further requests."""
        with self._asked:
            wanted = len(self.requests) + more
            assert self._asked.wait_for(lambda: len(self.requests) >= wanted, timeout=60)


@contextmanager
def serve(app: App) -> Iterator[str]:
    """Serve *app* and yield the base URL of the service."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            http=Breakable,
            ws="none",
            lifespan="off",
            log_level="critical",
            timeout_graceful_shutdown=1,
        )
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/v1/tempolor"
    finally:
        server.should_exit = True
        thread.join(10)
        listener.close()


@contextmanager
def under_fire(
    world: World, line: str, *, seed: int = 1, at: Circumstances = HARM
) -> Iterator[tuple[str, Spoiling]]:
    """Serve *world* with its answers spoilt as *line* orders it; the base URL, and what was spoilt.

    Args:
        world: What is served.
        line: See ``faults``.
        seed: Of all chance in it.
        at: When and where.
    """
    chance = random.Random(seed)
    faults = Faults(chance, read_plan(line))
    app = build(world, now=time.time, studio=Studio(render=hum), faults=faults)
    spoiling = Spoiling(app, world, time.time, faults, chance=chance, at=at)
    with serve(spoiling) as url:
        yield url, spoiling


def announce(data: Path, url: str, *, speed: float) -> None:
    """Have who works in the data folder *data* find the service at *url* as the sandbox.

    However slow the machine is, none is started in its place: somebody seems to be at it.
    """
    announcement.write(data / "sandbox.json", Running(url, TOKEN, os.getpid(), speed))
    lock = data / "sandbox.lock"
    lock.touch()
    in_a_day = time.time() + 86_400  # never taken to be left behind
    os.utime(lock, (in_a_day, in_a_day))


def practice_world(*, speed: float = 50.0, song_seconds: float | None = 100.0) -> World:
    """A sandbox's inside for the tests' token."""
    return World(token=TOKEN, seed=11, speed=speed, song_seconds=song_seconds, slots=200)


def practice_app(world: World, studio: Studio | None = None) -> App:
    """The sandbox's app on the machine's own time."""
    return build(world, now=time.time, studio=studio)
