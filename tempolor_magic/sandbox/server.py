"""The sandbox as a process: one loopback port, one token of its own, and an end.

It binds 127.0.0.1 only, keeps no log of requests, and leaves nothing behind: its announcement goes
when it ends. It ends when asked, on a signal, or when nobody has called for long and no job runs.
"""

from __future__ import annotations

import argparse
import os
import random
import secrets
import signal
import socket
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from tempolor_magic.sandbox import announcement
from tempolor_magic.sandbox.accounts import numbered
from tempolor_magic.sandbox.announcement import Running
from tempolor_magic.sandbox.app import BASE_PATH, build
from tempolor_magic.sandbox.breakable import Breakable
from tempolor_magic.sandbox.damage import Circumstances
from tempolor_magic.sandbox.faults import NONE, Faults, FaultsError, read_plan
from tempolor_magic.sandbox.spoiling import Spoiling
from tempolor_magic.sandbox.world import World

_LOOPBACK = "127.0.0.1"
_SLOTS = 10
# Seconds, before the speed divides them: how long a client that is told to wait is to wait, and
# how much too late an answer can come.
_HINT, _LATE = 6.0, 3.0
_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until stopped; the exit status is 0 unless it can't begin."""
    options = _parser().parse_args(arguments)
    try:
        plan = read_plan(options.faults)
        door = _bind(options.port)
    except FaultsError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except OSError as error:
        sys.stderr.write(f"cannot listen on {_LOOPBACK}:{options.port}: {error}\n")
        return 1
    token = f"user:{10_000 + secrets.randbelow(90_000)}-{secrets.token_urlsafe(18)}"
    seed = secrets.randbits(32) if options.seed is None else options.seed
    accounts = numbered(options.accounts, slots=_SLOTS)
    world = World(token=token, seed=seed, speed=options.speed, accounts=accounts)
    faults = Faults(random.Random(seed), plan)  # noqa: S311 - faults, not secrets
    url = f"http://{_LOOPBACK}:{door.getsockname()[1]}{BASE_PATH}"
    running = Running(url, token, os.getpid(), options.speed)
    server = _Server(world, running, options.announce, faults, idle=options.idle_minutes * 60)
    _serve(server, door, running, options.announce)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tempolor_magic.sandbox",
        description="A pretend TemPolor service on this machine: real HTTP, no credits.",
    )
    parser.add_argument(
        "--announce",
        type=Path,
        required=True,
        metavar="FILE",
        help="where to write the address and the token (JSON, readable by you only)",
    )
    parser.add_argument("--port", type=int, default=0, help="0, the default, takes a free one")
    parser.add_argument("--speed", type=_above_zero, default=1.0, help="how much faster than life")
    parser.add_argument("--idle-minutes", type=_above_zero, default=60.0, metavar="N")
    parser.add_argument(
        "--accounts",
        type=_one_or_more,
        default=1,
        metavar="N",
        help=f"so many TemPolor accounts with {_SLOTS} slots each",
    )
    parser.add_argument("--seed", type=int, help="the same seed makes the same songs")
    parser.add_argument(
        "--faults",
        default=NONE,
        metavar="SPEC",
        help="spoil answers: 0.3 (so large a share), 0.2:429,reset (of these kinds), "
        "429,ok,reset (in this order), job=1:596 (about one job), or several with ; between",
    )
    return parser


def _above_zero(text: str) -> float:
    number = float(text)
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not above zero")
    return number


def _one_or_more(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not one or more")
    return number


def _bind(port: int) -> socket.socket:
    door = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        door.bind((_LOOPBACK, port))
    except OSError:
        door.close()
        raise
    return door


class _Attended:
    """Passes everything on and remembers when somebody last called."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._called_at = time.monotonic()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._called_at = time.monotonic()
        await self._app(scope, receive, send)

    def quiet_seconds(self) -> float:
        return time.monotonic() - self._called_at


class _Server(uvicorn.Server):
    """Announces itself once it answers, and looks now and then whether anybody still needs it."""

    def __init__(
        self, world: World, running: Running, announce: Path, faults: Faults, *, idle: float
    ) -> None:
        self._world = world
        self._running = running
        self._announce = announce
        self._idle = idle
        service = build(world, now=time.time, on_stop=self._end, faults=faults)
        hint, late = max(1.0, _HINT / world.speed), _LATE / world.speed
        spoiling = Spoiling(
            service,
            world,
            time.time,
            faults,
            chance=random.Random(),  # noqa: S311 - faults, not secrets
            at=Circumstances(0.0, hint=hint, late=late),
        )
        self._attended = _Attended(spoiling)
        super().__init__(
            uvicorn.Config(
                self._attended,
                http=Breakable,
                ws="none",
                lifespan="off",
                log_level="warning",
                access_log=False,
                callback_notify=self._look,
                timeout_notify=1,
                timeout_graceful_shutdown=3,
            )
        )

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        announcement.write(self._announce, self._running)
        if sys.stdout is not None and sys.stdout.isatty():
            sys.stdout.write(f"TemPolor sandbox at {self._running.url} (Ctrl+C ends it)\n")

    async def _look(self) -> None:
        if self._attended.quiet_seconds() > self._idle and not self._world.running(time.time()):
            self._end()

    def _end(self) -> None:
        self.should_exit = True


def _serve(server: _Server, door: socket.socket, running: Running, announce: Path) -> None:
    # uvicorn stops on these signals and then raises them once more, for whoever was there before.
    # Without a handler of ours that would end the process before the announcement is withdrawn.
    for number in _STOP_SIGNALS:
        signal.signal(number, lambda *_: None)
    try:
        server.run(sockets=[door])
    finally:
        announcement.withdraw(announce, running)
