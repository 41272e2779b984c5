"""Who watches the jobs of ``benchmarks.fleet``: each in a process of its own, asked over its pipes.

Every contender works in threads; the main one only looks on, so that its time can be told from
theirs. Nobody shows anything: this is what watching costs.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.fleet_service import TOKEN, tell

OURS = "tempolor_magic"
OURS_BARE = "tempolor_magic, kinds unknown"
REQUESTS = "requests, a thread per job, 10 s"
AIOHTTP = "aiohttp, one loop, 10 s"
INTERVAL = 10.0
PATIENCE = 30.0
# Nobody is waited for longer than this; seconds after the last end.
LATEST = 60.0
_HEADERS = {"Authorization": f"Bearer {TOKEN}"}


@dataclass(frozen=True, slots=True)
class WatchedJob:
    """``end`` is an epoch second."""

    id: str
    kind: str
    end: float


@dataclass
class Heard:
    """When the end of each job was heard, in epoch seconds."""

    at: dict[str, float] = field(default_factory=dict)

    def note(self, job_id: str) -> None:
        """Heard just now."""
        self.at[job_id] = time.time()


# Begins to watch in threads and returns.
Begin = Callable[[list[WatchedJob], Heard], None]


def prepare_ours(url: str, *, kinds_known: bool = True) -> Begin:
    """This package, as after ``song``; or as ``watch`` of ids, which do not tell their kind."""
    from tempolor_magic.api.ids import parse_job_id  # noqa: PLC0415  # only where it runs
    from tempolor_magic.runtime import Runtime  # noqa: PLC0415  # likewise
    from tempolor_magic.watching.snapshot import Origin  # noqa: PLC0415  # likewise

    environ = {"USEAPI_TOKEN": TOKEN, "TEMPOLOR_BASE_URL": url}
    runtime = Runtime(Path(tempfile.mkdtemp()), environ.get)

    def begin(jobs: list[WatchedJob], heard: Heard) -> None:
        for job in jobs:
            origin = Origin(job.kind) if kinds_known else Origin()
            (watched,) = runtime.watch([parse_job_id(job.id)], origin=origin)
            watched.watch.future.add_done_callback(lambda _, job_id=job.id: heard.note(job_id))

    return begin


def prepare_ours_bare(url: str) -> Begin:
    """This package, given nothing but ids."""
    return prepare_ours(url, kinds_known=False)


def prepare_requests(url: str) -> Begin:
    """The loop that is published everywhere."""
    requests = _library("requests")

    def watch(job_id: str, heard: Heard) -> None:
        while True:
            answer = requests.get(f"{url}/music/{job_id}", headers=_HEADERS, timeout=PATIENCE)
            if answer.json()["status_final"]:
                heard.note(job_id)
                return
            time.sleep(INTERVAL)

    def begin(jobs: list[WatchedJob], heard: Heard) -> None:
        for job in jobs:
            threading.Thread(target=watch, args=(job.id, heard), daemon=True).start()

    return begin


def prepare_aiohttp(url: str) -> Begin:
    """The same loop as tasks that share one session."""
    aiohttp = _library("aiohttp")

    async def watch(session: Any, job_id: str, heard: Heard) -> None:
        while True:
            async with session.get(f"{url}/music/{job_id}", headers=_HEADERS) as answer:
                document = await answer.json()
            if document["status_final"]:
                heard.note(job_id)
                return
            await asyncio.sleep(INTERVAL)

    async def watch_all(jobs: list[WatchedJob], heard: Heard) -> None:
        async with aiohttp.ClientSession() as session:
            await asyncio.gather(*(watch(session, job.id, heard) for job in jobs))

    def begin(jobs: list[WatchedJob], heard: Heard) -> None:
        work = threading.Thread(target=lambda: asyncio.run(watch_all(jobs, heard)), daemon=True)
        work.start()

    return begin


CONTENDERS: dict[str, Callable[[str], Begin]] = {
    OURS: prepare_ours,
    OURS_BARE: prepare_ours_bare,
    REQUESTS: prepare_requests,
    AIOHTTP: prepare_aiohttp,
}


def _library(name: str) -> Any:
    """A library that only a contender needs."""
    try:
        return __import__(name)
    except ImportError:
        raise SystemExit(f"this contender needs {name}: pip install {name}") from None


def main() -> None:
    """Watch the jobs that come in as JSON, and tell how that went."""
    name, url = sys.argv[1:]
    begin = CONTENDERS[name](url)
    tell("ready")
    jobs = [WatchedJob(**job) for job in json.loads(sys.stdin.readline())]
    tell(measure(begin, jobs))
    # Threads that still wait for an answer would hold the process.
    sys.stdout.flush()
    os._exit(0)


def measure(begin: Begin, jobs: list[WatchedJob]) -> dict[str, Any]:
    """What watching *jobs* takes.

    ``cpu`` is of all threads but this one, those that ended among them, in seconds a minute;
    ``memory`` is the most that came on top while they were watched, in bytes a job.
    """
    heard, memory = Heard(), [_resident_bytes()]
    begun, cpu = time.monotonic(), _cpu_of_others()
    begin(jobs, heard)
    latest = max(job.end for job in jobs) + LATEST
    while len(heard.at) < len(jobs) and time.time() < latest:
        memory.append(_resident_bytes())
        time.sleep(0.5)
    minutes = (time.monotonic() - begun) / 60
    return {
        "delays": [heard.at[job.id] - job.end for job in jobs if job.id in heard.at],
        "cpu": (_cpu_of_others() - cpu) / minutes,
        "memory": (max(memory) - memory[0]) / len(jobs),
    }


def _cpu_of_others() -> float:
    """CPU seconds of all threads but this one so far, those that ended included."""
    return time.process_time() - time.thread_time()


def _resident_bytes() -> int:
    """Memory of this process that is in use; on Linux."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    main()
