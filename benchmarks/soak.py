"""A kernel that watches batch after batch for an hour: does anything of it grow?

``python -m benchmarks.soak [--minutes M] [--every M] [--faults LINE] [--json PATH]`` prints a row
every few minutes and writes the figures as JSON. A practice service in this process, twenty times
as fast as life and with a share of its answers spoilt, serves a real kernel of its own process,
whose user runs the same cells again and again, as people do: a table, cards, a panel, a song,
files that are saved, the journal and the library. What a cell returns goes into a variable: IPython
itself would keep it all, in ``Out``. Needs the ``test`` extra, and Linux.

The jobs at hand are those that run, ended lately, or are held by a variable or an output. The last
line tells by how much the memory grew a minute: once it had settled, and in the second half.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from fakes import TOKEN
from kernels import Kernel, kernel
from services import announce, under_fire

from tempolor_magic.sandbox.orders import Kind, Order
from tempolor_magic.sandbox.spoiling import Spoiling
from tempolor_magic.sandbox.world import World

RESULTS = Path(__file__).parent / "results" / "soak.json"
SPEED = 20.0
# Seconds: a batch begins so long after the one before, and a sample is taken as often.
BATCH = 20.0
# Seconds that a cell may take: looking for what came of a song, at a service that stalls, is slow.
PATIENCE = 600.0
# Minutes in which everything that is to be loaded is loaded.
SETTLING = 10.0
SETUP = """import json, os, sys
import tempolor_magic as tempolor
from ipywidgets.widgets import widget
from tempolor_magic.runtime import shared
%load_ext tempolor_magic
%tempolor sandbox
print(os.getpid())"""
# What can be told from inside only: blocks of memory in use, widgets, how each watched job ended.
LOOK = """watched = shared().poller.all()
states = {str(each.job_id): str(each.snapshot.state) for each in watched}
del watched
print(json.dumps([sys.getallocatedblocks(), len(widget._instances), states]))"""


@dataclass(frozen=True, slots=True)
class Sample:
    """A kernel at one moment; ``jobs`` are those at hand.

    ``blocks`` are Python's own, of up to 512 bytes each, that are in use: unlike the memory of the
    process they do not depend on what the allocator keeps for later.
    ``cpu`` is the share of a core since the kernel began, in percent.
    """

    minute: float
    jobs: int
    requests: int
    spoilt: int
    rss_mb: float
    blocks: int
    threads: int
    fds: int
    widgets: int
    journal_kb: float
    cpu: float


class Process:
    """What the system tells of the kernel's process."""

    def __init__(self, pid: int) -> None:
        self._folder = Path(f"/proc/{pid}")
        self._ticks = os.sysconf("SC_CLK_TCK")

    def status(self, name: str) -> int:
        """A number of ``/proc/PID/status``, such as VmRSS in KB."""
        lines = (self._folder / "status").read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))

    def descriptors(self) -> int:
        """How many files, sockets and pipes are open."""
        return len(os.listdir(self._folder / "fd"))  # noqa: PTH208  # names alone

    def cpu_seconds(self) -> float:
        """What it has computed so far."""
        told = (self._folder / "stat").read_text(encoding="ascii").rpartition(") ")[2].split()
        return (int(told[11]) + int(told[12])) / self._ticks


class User:
    """Somebody who runs the same few cells again and again."""

    def __init__(self, k: Kernel, world: World, folder: Path) -> None:
        self._kernel = k
        self._world = world
        self._songs = folder / "songs"
        self.process = Process(int(self._run("setup", SETUP).splitlines()[-1]))
        self.blocks = self.widgets = 0
        self.states: dict[str, str] = {}
        self.errors: Counter[str] = Counter()

    def batch(self, number: int) -> None:
        """Jobs come, are watched in all ways there are, and end; about a dozen."""
        ids = [self._order(number, n) for n in range(11)]
        saving = f" --download --output {self._songs}" if number % 3 == 0 else ""
        self._run("table", f"jobs = %tempolor watch {' '.join(ids[:8])}{saving}")
        self._run("cards", f"a = %tempolor watch {ids[8]}\nb = %tempolor watch {ids[9]}")
        self._run("panel", f"panel = tempolor.Panel({ids[10]!r}); display(panel)")
        self._run("song", f"song = %tempolor song piece {number}")
        self._kernel.overhear(BATCH / 2)
        self._run("song", f"song = %tempolor song piece {number}")
        self._look_around(number, ids[0])

    def look(self) -> None:
        """Take in how everything that was watched stands."""
        self.blocks, self.widgets, self.states = json.loads(self._run("look", LOOK))

    def rest(self, seconds: float) -> None:
        """Let the cards tell."""
        self._kernel.overhear(seconds)

    def wait(self) -> None:
        """Until everything is over."""
        self._run("wait", "%tempolor wait --timeout 120")

    def _look_around(self, number: int, job_id: str) -> None:
        """What people do now and then; they also clear up their folder."""
        lines = ("jobs", f"show {job_id}", "list", f"download {job_id} --output {self._songs}")
        self._run("around", f"seen = %tempolor {lines[number % len(lines)]}")
        for file in self._songs.glob("*.mp3*") if number % 5 == 0 else ():
            file.unlink(missing_ok=True)

    def _order(self, number: int, place: int) -> str:
        # Of bad ends a kernel keeps as many as of good ones: all places are to be taken early.
        fate = " please fail" if place % 3 == 1 else ""
        order = Order(f"batch {number}, {place}{fate}", kind=list(Kind)[place % 2])
        return self._world.submit(order, now=time.time()).id

    def _run(self, cell_id: str, code: str) -> str:
        """What a cell printed. One clear line of an error is the service's doing, more is not."""
        cell = self._kernel.run(code, cell_id=cell_id, patience=PATIENCE)
        self._kernel.heard.clear()
        if cell.error:
            if "\n" in cell.error:
                raise SystemExit(f"{code}\n{cell.error}")
            self.errors[cell.error.partition(":")[0]] += 1
        return cell.text


class Soak:
    """One run, and what was sampled in it."""

    def __init__(self, user: User, world: World, spoiling: Spoiling, journal: Path) -> None:
        self._user = user
        self._world = world
        self._spoiling = spoiling
        self._journal = journal
        self._begun = time.monotonic()
        self.samples: list[Sample] = []

    @property
    def minute(self) -> float:
        """How long it has been running."""
        return (time.monotonic() - self._begun) / 60

    def run(self, minutes: float, every: float) -> None:
        """Batch after batch; a row is printed every so many minutes."""
        number, row_at = 0, every
        while self.minute < minutes:
            number += 1
            ends_at = self._begun + number * BATCH
            self._user.batch(number)
            self._user.look()
            self.samples.append(self._sample())
            if self.minute >= row_at:
                print(row(self.samples[-1]), flush=True)  # noqa: T201  # what it is for
                row_at += every
            self._user.rest(ends_at - time.monotonic())
        self._user.wait()
        self._user.look()

    def _sample(self) -> Sample:
        user, process = self._user, self._user.process
        return Sample(
            minute=self.minute,
            jobs=len(user.states),
            requests=self._spoiling.answers,
            spoilt=self._spoiling.spoilt.total(),
            rss_mb=process.status("VmRSS") / 1024,
            blocks=user.blocks,
            threads=process.status("Threads"),
            fds=process.descriptors(),
            widgets=user.widgets,
            journal_kb=self._journal.stat().st_size / 1024,
            cpu=process.cpu_seconds() / (60 * self.minute) * 100,
        )

    def right(self) -> int:
        """How many jobs ended here as they did at the service."""
        now = time.time()
        return sum(
            self._world.job(job_id, now=now).status(now).name == state
            for job_id, state in self._user.states.items()
        )

    def twice(self) -> int:
        """How many songs of one cell the service made more than once."""
        return self._world.made() - len({job.order.prompt for job in self._world.jobs()})


HEAD = (
    "| minute | jobs at hand | requests | spoilt | RSS MB | blocks, thousand "
    "| threads | fds | widgets | journal KB | CPU % |"
)


def row(sample: Sample) -> str:
    """One line of the table."""
    cells = [f"{sample.minute:.1f}", f"{sample.jobs:,}", f"{sample.requests:,}"]
    cells += [f"{sample.spoilt:,}", f"{sample.rss_mb:.1f}", f"{sample.blocks / 1000:.0f}"]
    cells += [str(sample.threads), str(sample.fds), str(sample.widgets)]
    cells += [f"{sample.journal_kb:.0f}", f"{sample.cpu:.1f}"]
    return f"| {' | '.join(cells)} |"


def slope(samples: list[Sample], of: Callable[[Sample], float], since: float) -> float | None:
    """By how much a minute something grew after minute *since*; ``None`` if that can't be told."""
    late = [sample for sample in samples if sample.minute >= since]
    if len(late) < 2:  # noqa: PLR2004  # a line needs two points
        return None
    minutes = [sample.minute for sample in late]
    return statistics.linear_regression(minutes, [of(sample) for sample in late]).slope


def ending(soak: Soak, user: User, settled: float) -> Iterator[tuple[str, object]]:
    """What is told in the end."""
    half = soak.samples[-1].minute / 2
    yield "settled at minute", settled
    yield "KB a minute", slope(soak.samples, _kilobytes, settled)
    yield "in the second half", slope(soak.samples, _kilobytes, half)
    yield "blocks a minute", slope(soak.samples, lambda sample: sample.blocks, settled)
    yield "jobs at hand", len(user.states)
    yield "right", soak.right()
    yield "made twice", soak.twice()
    yield "cells that told of trouble", dict(user.errors)


def main() -> None:
    """Soak, print, write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--every", type=float, default=5.0, help="minutes between two rows")
    parser.add_argument("--faults", default="0.2", help="which answers are spoilt")
    parser.add_argument("--json", type=Path, default=RESULTS, help="where the figures go")
    asked = parser.parse_args()
    # Of a short run a third.
    settled = min(SETTLING, asked.minutes / 3)
    print(f"{HEAD}\n|{'---|' * HEAD.count(' | ')}---|")  # noqa: T201
    world = World(token=TOKEN, seed=7, speed=SPEED, slots=200)
    with tempfile.TemporaryDirectory() as name, under_fire(world, asked.faults) as (url, spoiling):
        folder = Path(name)
        data = folder / "tempolor_magic"
        announce(data, url, speed=SPEED)
        with kernel(folder) as k:
            user = User(k, world, folder)
            soak = Soak(user, world, spoiling, data / "journal.sqlite3")
            soak.run(asked.minutes, asked.every)
            told = dict(ending(soak, user, settled))
    print(", ".join(f"{name}: {_plain(value)}" for name, value in told.items()))  # noqa: T201
    asked.json.parent.mkdir(parents=True, exist_ok=True)
    document = {**told, "faults": asked.faults, "samples": [asdict(s) for s in soak.samples]}
    asked.json.write_text(json.dumps(document, indent=1), encoding="utf-8")


def _kilobytes(sample: Sample) -> float:
    return sample.rss_mb * 1024


def _plain(value: object) -> str:
    return f"{value:.1f}" if isinstance(value, float) else str(value)


if __name__ == "__main__":
    main()
