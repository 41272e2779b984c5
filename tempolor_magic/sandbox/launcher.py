"""Find, start and stop the sandbox's process. Standard library only.

The sandbox is shared by everyone who looks into the same folder: whoever comes second gets what the
first one started, even when both come at once. The process is detached and outlives its starter.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

from tempolor_magic.sandbox import announcement
from tempolor_magic.sandbox.announcement import Running

__all__ = ["Running", "SandboxError", "find", "missing_packages", "start", "stop"]

_ANNOUNCE, _LOCK, _LOG = "sandbox.json", "sandbox.lock", "sandbox.log"
_START_SECONDS = 15.0
# Nobody holds the lock longer than a start may take: an older one was left by a process that died.
_STALE_SECONDS = 20.0
_STOP_SECONDS = 8.0
_CALL_SECONDS = 3.0
_NAP_SECONDS = 0.03


# Started from here. Somebody must ask for the end of a child, or it stays a zombie.
_children: list[subprocess.Popen[bytes]] = []


class SandboxError(Exception):
    """The sandbox could not be started or stopped; the message says why."""


def missing_packages() -> list[str]:
    """What must be installed before a sandbox can start."""
    needed = ("starlette", "uvicorn", "lameenc", "numpy")
    return [name for name in needed if find_spec(name) is None]


def find(folder: Path) -> Running | None:
    """The sandbox announced in *folder*, if it really answers."""
    _bury()
    running = announcement.read(folder / _ANNOUNCE)
    if running is None or not _answers(running):
        return None
    return running


def start(
    folder: Path, *, speed: float, faults: str | None = None, python: str = sys.executable
) -> tuple[Running, bool]:
    """The sandbox of *folder*, and whether it was started now.

    One that already runs is returned as it is, whatever its speed.

    Args:
        folder: Where it is announced.
        speed: How much faster than life.
        faults: Which answers it spoils, as ``faults`` reads it; ``None`` leaves that as it is.
        python: What runs it.

    Raises:
        SandboxError: It did not come up within 15 s, and the message has the last line of its
            log; or it does not take *faults*.
    """
    running, fresh = _found_or_started(folder, speed, python)
    if faults is not None:
        _order_faults(running, faults)
    return running, fresh


def _found_or_started(folder: Path, speed: float, python: str) -> tuple[Running, bool]:
    folder = folder.resolve()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    deadline = time.monotonic() + _START_SECONDS + _STALE_SECONDS
    while time.monotonic() < deadline:
        running = find(folder)
        if running is not None:
            return running, False
        with _locked(folder / _LOCK) as mine:
            if mine:
                # Between the look and the lock somebody may have finished starting.
                running = find(folder)
                return (running, False) if running else (_launch(folder, speed, python), True)
        time.sleep(_NAP_SECONDS)
    raise SandboxError(f"another start of the sandbox does not end; remove {folder / _LOCK}")


def _order_faults(running: Running, faults: str) -> None:
    try:
        told = _call(running, "POST", "/sandbox/faults", faults)
    except (OSError, HTTPException, ValueError) as error:
        raise SandboxError(f"the sandbox was not told of the faults: {error}") from None
    if told is None:
        raise SandboxError("the sandbox does not take these faults")


def stop(folder: Path) -> bool:
    """End the sandbox of *folder*; ``False`` when none runs.

    Raises:
        SandboxError: It was asked to end and still runs.
    """
    announce = folder / _ANNOUNCE
    running = find(folder)
    if running is None:
        return False
    with suppress(OSError, HTTPException):
        _call(running, "POST", "/sandbox/stop")
    deadline = time.monotonic() + _STOP_SECONDS
    while time.monotonic() < deadline:
        if announcement.read(announce) != running:
            _bury()
            return True
        time.sleep(_NAP_SECONDS)
    raise SandboxError(f"the sandbox (process {running.pid}) was asked to end and still runs")


def _launch(folder: Path, speed: float, python: str) -> Running:
    (folder / _ANNOUNCE).unlink(missing_ok=True)
    log = folder / _LOG
    process = _spawn(folder, log, [python, *_command(folder, speed)])
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        running = find(folder)
        if running is not None:
            _children.append(process)
            return running
        time.sleep(_NAP_SECONDS)
    process.kill()
    process.wait()
    raise SandboxError(f"the sandbox did not start: {_last_line(log)}")


def _bury() -> None:
    _children[:] = [child for child in _children if child.poll() is None]


def _command(folder: Path, speed: float) -> list[str]:
    announce = str(folder / _ANNOUNCE)
    return ["-m", "tempolor_magic.sandbox", "--announce", announce, "--speed", str(speed)]


def _spawn(folder: Path, log: Path, command: list[str]) -> subprocess.Popen[bytes]:
    """Start *command* on its own: no terminal, no pipe and no signal of ours reaches it."""
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as stderr:
        try:
            if sys.platform == "win32":
                flags = subprocess.DETACHED_PROCESS | subprocess.CREATE_NEW_PROCESS_GROUP
            else:
                flags = 0
            return subprocess.Popen(  # noqa: S603 - our own command, no shell
                command,
                cwd=folder,
                env=_environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=stderr,
                start_new_session=True,
                creationflags=flags,
            )
        except OSError as error:
            raise SandboxError(f"the sandbox did not start: {error}") from None


def _environment() -> dict[str, str]:
    """The child's environment: it can import this package, and never sees the real token."""
    environment = {name: value for name, value in os.environ.items() if name != "USEAPI_TOKEN"}
    environment["PYTHONSAFEPATH"] = "1"
    root = Path(__file__).resolve().parents[2]
    if root.name not in {"site-packages", "dist-packages"}:
        # A checkout is on our path, perhaps not on the child's; an installed package is on both.
        known = environment.get("PYTHONPATH")
        environment["PYTHONPATH"] = f"{root}{os.pathsep}{known}" if known else str(root)
    return environment


def _last_line(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").split("\n")
    said = [line.strip() for line in lines if line.strip()]
    return said[-1] if said else f"nothing was heard of it within {_START_SECONDS:.0f} s"


@contextmanager
def _locked(lock: Path) -> Iterator[bool]:
    """Hold *lock*; yields whether it could be had."""
    mine = _take(lock)
    try:
        yield mine
    finally:
        if mine:
            lock.unlink(missing_ok=True)


def _take(lock: Path) -> bool:
    try:
        os.close(os.open(lock, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        with suppress(FileNotFoundError):
            if time.time() - lock.stat().st_mtime > _STALE_SECONDS:
                lock.unlink()
        return False
    return True


def _answers(running: Running) -> bool:
    """Whether a sandbox with this token is there: somebody else may have got the port since."""
    try:
        said = _call(running, "GET", "/sandbox")
    except (OSError, HTTPException, ValueError):
        return False
    return isinstance(said, dict) and said.get("sandbox") is True


def _call(running: Running, method: str, path: str, document: object = None) -> object:
    """One request over loopback; ``http.client`` knows no proxies, which is what we want."""
    address = urlsplit(running.url)
    if address.hostname != "127.0.0.1":
        return None
    connection = HTTPConnection(address.hostname, address.port, timeout=_CALL_SECONDS)
    try:
        headers = {"Authorization": f"Bearer {running.token}"}
        body = None if document is None else json.dumps(document)
        connection.request(method, address.path + path, body, headers)
        answer = connection.getresponse()
        content = answer.read()
        return json.loads(content) if answer.status == 200 else None  # noqa: PLR2004 - OK
    finally:
        connection.close()
