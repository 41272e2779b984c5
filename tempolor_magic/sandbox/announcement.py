"""How a sandbox makes itself known on this machine: one small private file.

It holds the address, the token (the sandbox's own), the process id and the speed. Standard
library only, since those who look for a sandbox may not have what a sandbox needs.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Running:
    """A sandbox that runs, and how to reach it. ``url`` is the base URL of its API."""

    url: str
    token: str = field(repr=False)
    pid: int
    speed: float


def write(path: Path, running: Running) -> None:
    """Announce *running*: readers see the old file or the whole new one, and only the owner may."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{running.pid}")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(asdict(running), file)
    draft.replace(path)


def read(path: Path) -> Running | None:
    """What is announced there, or ``None`` when nothing readable is."""
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        return Running(str(said["url"]), str(said["token"]), int(said["pid"]), float(said["speed"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def withdraw(path: Path, running: Running) -> None:
    """Remove the file if it still announces *running*, not a successor."""
    if read(path) == running:
        path.unlink(missing_ok=True)
