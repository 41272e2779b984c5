"""Many jobs watched at once: requests, delay, CPU and memory, beside the loops people write.

``python -m benchmarks.fleet [--jobs 1,10,100,1000] [--seconds S] [--json PATH]`` prints a table and
writes the figures as JSON. Real time at the speed of life: a size takes as long as its jobs. For
every contender there is a practice service in another process, with the same jobs; all contenders
watch theirs at the same time. When a job ended is told by the service.

Jobs began evenly over the last ten seconds before they are watched, so that a loop of ten seconds
hears of their ends as late as chance would have it. Up to ten jobs are songs of one account, more
are songs and instrumentals of ten. Needs Linux, and ``pip install requests aiohttp``.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from benchmarks.contenders import CONTENDERS

RESULTS = Path(__file__).parent / "results" / "fleet.json"
FEW = 10


@dataclass(frozen=True, slots=True)
class Figures:
    """What one contender took. Seconds; ``cpu`` a minute; ``memory`` in bytes a job."""

    jobs: int
    contender: str
    requests: dict[str, int]
    heard: int
    delay: float
    longest_delay: float
    cpu: float
    memory: float

    @property
    def requests_per_job(self) -> float:
        """On average."""
        return sum(self.requests.values()) / self.jobs


class Helper:
    """A process that answers lines."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def say(self, line: str) -> None:
        """Send one line."""
        assert self._process.stdin is not None  # noqa: S101  # asked for below
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def hear(self) -> Any:
        """The next answer."""
        assert self._process.stdout is not None  # noqa: S101  # asked for below
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit("a process of the measurement has ended early")
        return json.loads(line)


@contextmanager
def helper(module: str, *arguments: str) -> Iterator[Helper]:
    """Run a module of ours until the end of the block."""
    with subprocess.Popen(  # noqa: S603  # our own program
        [sys.executable, "-m", module, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parent.parent,
    ) as process:
        try:
            yield Helper(process)
        finally:
            process.kill()


def measure(jobs: int, *, accounts: int, seconds: float, spread: float) -> list[Figures]:
    """So many jobs, watched by all contenders at the same time."""
    size = ("--jobs", str(jobs), "--accounts", str(accounts))
    time = ("--seconds", str(seconds), "--spread", str(spread))
    with ExitStack() as stack:
        pairs = []
        for name in CONTENDERS:
            service = stack.enter_context(helper("benchmarks.fleet_service", *size, *time))
            watcher = stack.enter_context(helper("benchmarks.contenders", name, service.hear()))
            watcher.hear()
            pairs.append((service, watcher))
        for service, watcher in pairs:
            service.say("begin")
            watcher.say(json.dumps(service.hear()))
        return [
            _figures(jobs, name, service, watcher)
            for name, (service, watcher) in zip(CONTENDERS, pairs, strict=True)
        ]


def _figures(jobs: int, name: str, service: Helper, watcher: Helper) -> Figures:
    told = watcher.hear()
    service.say("count")
    delays = told["delays"]
    return Figures(
        jobs=jobs,
        contender=name,
        requests=service.hear(),
        heard=len(delays),
        delay=statistics.fmean(delays),
        longest_delay=max(delays),
        cpu=told["cpu"],
        memory=told["memory"],
    )


def table(rows: list[Figures]) -> Iterator[str]:
    """The figures as Markdown."""
    yield (
        "| jobs | watched by | requests | a job | delay, s | longest, s "
        "| CPU seconds a minute | memory a job, kB |"
    )
    yield "|---|---|---|---|---|---|---|---|"
    for row in rows:
        jobs = f"{row.jobs:,}" if row.heard == row.jobs else f"{row.heard:,} of {row.jobs:,}"
        cells = [jobs, row.contender, f"{sum(row.requests.values()):,}"]
        cells += [f"{row.requests_per_job:.1f}", f"{row.delay:.1f}", f"{row.longest_delay:.1f}"]
        cells += [f"{row.cpu:.2f}", f"{row.memory / 1000:,.0f}"]
        yield f"| {' | '.join(cells)} |"


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--jobs", default="1,10,100,1000", help="sizes, one after another")
    parser.add_argument("--accounts", type=int, default=10, help="of sizes above ten jobs")
    parser.add_argument("--seconds", type=float, default=150.0, help="how long a job takes")
    parser.add_argument("--spread", type=float, default=10.0, help="seconds between first and last")
    parser.add_argument("--json", type=Path, default=RESULTS, help="where the figures go")
    asked = parser.parse_args()
    missing = [name for name in ("requests", "aiohttp") if find_spec(name) is None]
    if missing:
        raise SystemExit(f"pip install {' '.join(missing)}")
    rows: list[Figures] = []
    for jobs in map(int, asked.jobs.split(",")):
        accounts = 1 if jobs <= FEW else asked.accounts
        rows += measure(jobs, accounts=accounts, seconds=asked.seconds, spread=asked.spread)
    print("\n".join(table(rows)))  # noqa: T201  # what it is for
    asked.json.parent.mkdir(parents=True, exist_ok=True)
    told = [asdict(row) | {"requests_per_job": row.requests_per_job} for row in rows]
    document = {"seconds": asked.seconds, "spread": asked.spread, "rows": told}
    asked.json.write_text(json.dumps(document, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
