"""One per kernel: owns the loop, the poller, the journal and the connections, and ends them.

Started by the first verb or module function that needs it; closed by unload, reload and exit.
"""

from __future__ import annotations

import atexit
import os
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from tempolor_magic.api.client import AsyncClient
from tempolor_magic.api.credentials import Token
from tempolor_magic.api.ids import JobId
from tempolor_magic.errors import MissingExtra, SandboxFailed, WatchStopped
from tempolor_magic.job import Job
from tempolor_magic.jobs import Jobs
from tempolor_magic.occasions import Occasions
from tempolor_magic.sandbox import launcher
from tempolor_magic.settings import Setting, Settings, interval_seconds, read_settings
from tempolor_magic.tokens import Tokens
from tempolor_magic.view.belongings import Belongings
from tempolor_magic.view.frontend import registered
from tempolor_magic.view.output import Outputs
from tempolor_magic.watching.clock import SystemClock
from tempolor_magic.watching.connection import Connection
from tempolor_magic.watching.journal import Journal, default_folder, store_in
from tempolor_magic.watching.ledger import Ledger
from tempolor_magic.watching.loop import Loop
from tempolor_magic.watching.pace import Pace
from tempolor_magic.watching.poller import Poller
from tempolor_magic.watching.snapshot import Origin

if TYPE_CHECKING:
    from tempolor_magic.collection import Library
    from tempolor_magic.view.panel import CardPanel

_CLOSING_SECONDS = 2.0
# Seconds. Who has typed a line would rather be told of a longer pause than wait for its end.
_LONGEST_PAUSE = 10.0
T = TypeVar("T")


class Runtime:
    """Everything of this package that lives in one kernel.

    Args:
        folder: Where the journal and the sandbox's address lie; the user's data folder.
        getenv: Reads a variable of the environment. A function, not the environment itself:
            what holds no secret can't show one.
    """

    def __init__(
        self, folder: Path | None = None, getenv: Callable[[str], str | None] = os.getenv
    ) -> None:
        self.folder = folder or default_folder()
        self.config: Callable[[], Mapping[str, Any]] = dict
        self.tokens = Tokens(getenv)
        self._getenv = getenv
        self._sandbox: launcher.Running | None = None
        self._connections: dict[tuple[str, Token], Connection] = {}
        self._clock = SystemClock()
        self.loop = Loop()
        store = store_in(self.folder)
        self.journal = Journal(store, now=self._clock.time)
        self.ledger = Ledger(store, now=self._clock.time)
        self.occasions = Occasions()
        self.outputs = Outputs()
        self.panels: Belongings[CardPanel] = Belongings(lambda panel: panel.close())
        self.poller = Poller(self.loop, self.journal)
        self.poller.saver.folder = lambda: self.settings.output.value
        # The list that %tempolor list --more goes on with.
        self.library: Library | None = None

    @property
    def settings(self) -> Settings:
        """What holds now, with where each value came from."""
        settings = read_settings(self.config(), self._getenv)
        if self._sandbox is None:
            return settings
        return replace(settings, base_url=Setting(self._sandbox.url, "%tempolor sandbox"))

    def known_token(self) -> tuple[Token, str]:
        """The token in force and where it came from, without asking for it.

        Raises:
            TokenMissing: There is none, or what there is is not one.
        """
        if self._sandbox is not None:
            return Token(self._sandbox.token), "%tempolor sandbox"
        return self.tokens.known()

    def connection(self) -> Connection:
        """The service and token that new watches begin with."""
        settings, token = self.settings, self._token()
        key = (settings.base_url.value, token)
        if key not in self._connections:
            client = AsyncClient(token, base_url=settings.base_url.value, trusted=False)
            speed = self._sandbox.speed if self._sandbox else 1.0
            self._connections[key] = Connection(
                client=client,
                clock=self._clock,
                chance=random.random,
                pace=Pace().at_speed(speed),
                sandbox=self._sandbox is not None,
                speed=speed,
            )
        return self._connections[key]

    def ask(self, call: Callable[[AsyncClient], Awaitable[T]]) -> Future[T]:
        """One question that somebody waits for; a pause of the service's is heeded.

        The future raises RateLimited when the pause is a long one; nothing is sent then.
        """
        connection = self.connection()
        ends_at = connection.clock.monotonic() + _LONGEST_PAUSE
        return self.loop.submit(connection.ask, call, ends_at=ends_at)

    def watch(
        self,
        ids: Sequence[JobId],
        *,
        interval: float | None = None,
        deadline: float | None = None,
        origin: Origin = Origin(),  # noqa: B008  # a frozen value
    ) -> list[Job]:
        """Watch jobs through the service in force. Returns at once.

        Args:
            ids: Checked ids.
            interval: Seconds; ``None`` for the setting, and without one for the default pace.
            deadline: Seconds; ``None`` likewise.
            origin: What they were asked for as, where that is known.
        """
        if interval is not None:
            interval_seconds(str(interval))
        settings, connection = self.settings, self.connection()
        if deadline is None and settings.deadline.origin != "default":
            deadline = settings.deadline.value
        return [
            Job(
                self.poller.watch(
                    connection,
                    job_id,
                    interval=settings.interval.value if interval is None else interval,
                    deadline=deadline,
                    origin=origin,
                ),
                self.outputs,
            )
            for job_id in ids
        ]

    def watched(self) -> list[Job]:
        """Every job watched in this kernel, oldest first."""
        return [Job(watch, self.outputs) for watch in self.poller.all()]

    def unsettled(self) -> list[Job]:
        """What "wait for all" means: what still runs or is being saved, and bad ends not yet told.

        A headless run must hear of a job that failed before it came to wait, but only once.
        """
        return [job for job in self.watched() if _is_unsettled(job)]

    def as_one(self, jobs: Sequence[Job]) -> Job | Jobs:
        """A job alone as itself, several as :class:`Jobs`."""
        return jobs[0] if len(jobs) == 1 else Jobs(jobs, self.outputs)

    def start_sandbox(
        self, speed: float, faults: str | None = None
    ) -> tuple[launcher.Running, bool]:
        """Use the practice service from now on, started unless it runs; and whether it was.

        Args:
            speed: How much faster than life it is if it is started now.
            faults: Which of its answers are spoilt from now on; ``None`` leaves that as it is.

        Raises:
            MissingExtra: It needs packages that are not installed.
            SandboxFailed: It did not start.
        """
        missing = launcher.missing_packages()
        if missing:
            raise MissingExtra(
                f"the sandbox needs {', '.join(missing)}", f"pip install {' '.join(missing)}"
            )
        try:
            self._sandbox, started = launcher.start(self.folder, speed=speed, faults=faults)
        except launcher.SandboxError as error:
            raise SandboxFailed(str(error), "%tempolor sandbox start tries again") from None
        return self._sandbox, started

    def stop_sandbox(self) -> bool:
        """End the practice service and its watches; whether there was one."""
        for watch in self.poller.all():
            if watch.connection.sandbox:
                watch.stop(WatchStopped("the sandbox was stopped, and its jobs with it"))
        self._sandbox = None
        try:
            return launcher.stop(self.folder)
        except launcher.SandboxError as error:
            raise SandboxFailed(str(error)) from None

    @property
    def in_sandbox(self) -> bool:
        """Whether the practice service is in force."""
        return self._sandbox is not None

    def close(self, *, tell: bool = True) -> None:
        """End every watch here, write the journal, close connections, end the thread.

        Args:
            tell: Let cards and waiters know; not while Python itself is ending.
        """
        if tell:
            for watch in self.poller.all():
                watch.abandon()
            self.loop.settle()
            self.outputs.close()
            self.panels.close()
        clients = [connection.client.aclose for connection in self._connections.values()]
        self._connections.clear()
        self.loop.close(*clients, patience=_CLOSING_SECONDS)
        self.journal.close(_CLOSING_SECONDS)

    def let_go(self) -> None:
        """In a forked process, which has a copy of everything but the threads: hold nothing.

        What belongs to the other process is not touched, and no lock is taken: the thread that
        held it is not here.
        """
        self.outputs.forget()
        for watch in self.poller.left_behind():
            watch.let_go()

    def _token(self) -> Token:
        return Token(self._sandbox.token) if self._sandbox else self.tokens.get()


def _is_unsettled(job: Job) -> bool:
    if job.stopped:
        return False
    if not job.done():
        return True
    saving = any(not each.done() or each.exception() for each in job.watch.savings)
    return saving or (job.snapshot.error is not None and not job.watch.told)


@cache
def shared() -> Runtime:
    """The runtime of this kernel, made when first asked for."""
    runtime = Runtime()
    if (magics := registered("TempolorMagics")) is not None:
        magics.equip(runtime)
    atexit.register(_close_at_exit)
    return runtime


def _close_at_exit() -> None:
    if shared.cache_info().currsize:
        shared().close(tell=False)


def _begin_anew_in_child() -> None:
    """A fork has no copy of the loop's thread: whoever asks there for a runtime gets a new one."""
    if not shared.cache_info().currsize:
        return
    atexit.unregister(_close_at_exit)
    _of_parents.append(shared())
    shared.cache_clear()
    _of_parents[-1].let_go()


# Kept, so that nothing of them is closed here while the other process uses it.
_of_parents: list[Runtime] = []
if hasattr(os, "register_at_fork"):  # not on Windows
    os.register_at_fork(after_in_child=_begin_anew_in_child)


def close_shared() -> bool:
    """Close the runtime of this kernel, if it was ever made. The next use makes a new one.

    Tells whether the practice service was in force: the real one is from now on.
    """
    if not shared.cache_info().currsize:
        return False
    atexit.unregister(_close_at_exit)
    runtime = shared()
    shared.cache_clear()
    runtime.close()
    return runtime.in_sandbox
