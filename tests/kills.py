"""What becomes of jobs when whoever asked for them is killed, at any moment: ``kill -9``.

A script, or a notebook in a kernel, asks for some songs and saves them. Its service, in another
process, kills it at a moment that chance has drawn. Somebody resumes, at once or later, and then
runs the same again.
"""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, redirect_stdout
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path

import anyio
from fakes import TOKEN, hum
from kernels import NOBODY, Kernel
from services import announce, practice_app, serve
from stages import Stage, Stages, Turn

from tempolor_magic import verbs
from tempolor_magic.api.orders import SongOrder
from tempolor_magic.errors import UnknownOutcome
from tempolor_magic.language import commands
from tempolor_magic.runtime import Runtime
from tempolor_magic.sandbox.formats import Format
from tempolor_magic.sandbox.jobs import Job
from tempolor_magic.sandbox.studio import Studio
from tempolor_magic.sandbox.world import World
from tempolor_magic.verbs.making import make
from tempolor_magic.watching.journal import Journal, store_in

SPEED = 50.0
SONGS = 3
PATIENCE = 90.0
# They wait more than they compute.
AT_ONCE = 4
# Seconds. Nobody who has died is taken to be alive any more, and what was sent has come to be.
LATER = 180.0
# The last moment of all, if none has come before.
DYING = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
SCRIPT = f"""
import tempolor_magic as tempolor
from tempolor_magic.runtime import shared
shared().start_sandbox({SPEED})
jobs = [tempolor.song(f"piece {{n}}") for n in range({SONGS})]
for job in jobs:
    job.download(to="songs")
{DYING}
"""
NOTEBOOK = {
    "load": "%load_ext tempolor_magic\n%tempolor sandbox\nimport tempolor_magic as tempolor",
    "one": "a = %tempolor song piece 0",
    "two": "b = tempolor.song('piece 1')",
    "three": "c = tempolor.song('piece 2')",
    "save one": "%tempolor download {a} --output songs",
    "save two": "b.download(to='songs')",
    "save three": "c.download(to='songs')",
}


def _is_over(turn: Turn) -> bool:
    return b'"COMPLETED"' in turn.answer


# Where the process is when it is killed, and the request whose stage tells.
PLACES: dict[str, Callable[[Turn], bool]] = {
    # The song was asked for; whether it is made after all is drawn.
    "asking": lambda turn: turn.makes and turn.stage is Stage.ASKED,
    # No answer is out.
    "made": lambda turn: turn.makes and turn.stage is Stage.DONE,
    # Nobody has written down yet what was made.
    "answered": lambda turn: turn.makes and turn.stage is Stage.ANSWERED,
    "watching": lambda turn: turn.looks and turn.stage is Stage.ANSWERED and not _is_over(turn),
    "ending": lambda turn: turn.looks and turn.stage is Stage.ANSWERED and _is_over(turn),
    "saving": lambda turn: turn.path.endswith(".mp3") and turn.stage is Stage.HALF,
    "anywhere": lambda _: False,  # a clock tells
}
KINDS = tuple(PLACES)


@dataclass(frozen=True)
class Moment:
    """When somebody is killed: the how-manyth time at that place, and so many seconds after."""

    kind: str
    times: int
    seconds: float
    # Whether a song that was asked for, and not made yet, is made all the same.
    goes_on: bool
    # Whether somebody resumes at once, or when what was sent has come to be for certain.
    at_once: bool


def draw(number: int, chance: random.Random) -> Moment:
    """The moment of one of many kills: each kind in its turn, all else by chance."""
    kind = KINDS[number % len(KINDS)]
    # A script takes some two seconds; what it does with an answer, some milliseconds.
    longest = 2.0 if kind == "anywhere" else 0.03
    # One list may tell of all ends.
    times = 1 if kind == "ending" else chance.randint(1, SONGS)
    goes_on = chance.random() < 0.5
    # At once, what was never made is looked for in vain, and for long.
    at_once = goes_on or (kind != "asking" and chance.random() < 0.5)
    return Moment(kind, times, chance.uniform(0, longest), goes_on, at_once)


class Killer:
    """Kills a process when its service comes to the moment."""

    def __init__(self, moment: Moment) -> None:
        self._moment = moment
        self._left = moment.times
        self.victim: int | None = None
        self.has_killed = False

    async def at(self, turn: Turn) -> bool:
        """See :class:`Stages`."""
        if self.victim is None or self.has_killed or not PLACES[self._moment.kind](turn):
            return True
        self._left -= 1
        if self._left:
            return True
        await anyio.sleep(self._moment.seconds)
        self.kill()
        return self._moment.goes_on or turn.stage is not Stage.ASKED

    def kill(self) -> None:
        """Now."""
        if self.victim is not None and not self.has_killed:
            self.has_killed = True
            os.kill(self.victim, signal.SIGKILL)

    @contextmanager
    def after(self, victim: int) -> Iterator[None]:
        """Look out for *victim*, which is not waited for before this ends."""
        self.victim = victim
        timer = threading.Timer(self._moment.seconds, self.kill)
        if self._moment.kind == "anywhere":
            timer.start()
        try:
            yield
        finally:
            timer.cancel()
            self.victim = None


@dataclass(frozen=True)
class Aftermath:
    """What was found later. All but the first three are empty if nothing is lost."""

    moment: Moment
    killed: bool
    made: int
    lost: list[str] = field(default_factory=list)
    made_twice: list[str] = field(default_factory=list)
    damage: list[str] = field(default_factory=list)
    unsaved: list[str] = field(default_factory=list)

    @property
    def is_harmless(self) -> bool:
        """Whether nothing is lost."""
        return not (self.lost or self.made_twice or self.damage or self.unsaved)


class Victim(ABC):
    """Somebody who asks for songs. Works in *folder*, where the user's data lies as well."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "tempolor_magic"

    @abstractmethod
    def run(self, killer: Killer) -> None:
        """Ask for the songs; return when the process has ended."""

    @abstractmethod
    def resume(self) -> None:
        """Go on, in a new process."""

    @abstractmethod
    def again(self) -> None:
        """Run the same once more, there."""

    @abstractmethod
    def close(self) -> None:
        """End what :meth:`resume` began."""


class Script(Victim):
    """A script of Python's. It is resumed in this very process, by a runtime of its own."""

    def run(self, killer: Killer) -> None:
        process = subprocess.Popen(
            [sys.executable, "-c", SCRIPT],
            cwd=self.folder,
            env={**os.environ, **NOBODY, "XDG_DATA_HOME": str(self.folder)},
            stderr=subprocess.PIPE,
        )
        with killer.after(process.pid):
            complaint = process.communicate(timeout=PATIENCE)[1]
        assert process.returncode == -signal.SIGKILL, complaint.decode()

    def resume(self) -> None:
        self._runtime = Runtime(self.data, lambda _: None)
        self._runtime.start_sandbox(SPEED)
        verbs.run(commands.Resume(), self._runtime)
        self._runtime.loop.settle()
        self._runtime.journal.flush()

    def again(self) -> None:
        for number in range(SONGS):
            try:
                ids = make(self._runtime, SongOrder(prompt=f"piece {number}"))
            except UnknownOutcome:
                continue  # it was sent and never made, which nobody here can know
            for job in self._runtime.watch(ids):
                job.download(to=self.folder / "songs")

    def close(self) -> None:
        self._runtime.close()


class Notebook(Victim):
    """The same in the cells of a notebook, in a kernel."""

    def run(self, killer: Killer) -> None:
        kernel = self._kernel()
        process = kernel.process
        with killer.after(process.pid):
            for cell_id, code in [*NOTEBOOK.items(), ("end", DYING)]:
                kernel.start(code, cell_id=cell_id)
            process.wait(PATIENCE)
        kernel.kill()
        kernel.close()

    def resume(self) -> None:
        self._later = self._kernel()
        self._tell(NOTEBOOK["load"])
        self._tell("jobs = %tempolor resume")
        self._tell("%tempolor jobs")

    def again(self) -> None:
        for cell_id, code in NOTEBOOK.items():
            self._tell(code, cell_id)

    def close(self) -> None:
        self._later.close()

    def _kernel(self) -> Kernel:
        return Kernel(self.folder, {**NOBODY, "XDG_DATA_HOME": str(self.folder)})

    def _tell(self, code: str, cell_id: str = "") -> None:
        error = self._later.run(code, cell_id=cell_id).error
        # What hangs on a song that was never made has no name either.
        assert not error or "UnknownOutcome" in error or "name '" in error, error


class Scene:
    """A service, and a victim of it."""

    def __init__(self, victim: Victim, moment: Moment, seed: int) -> None:
        self._moment = moment
        self._world = World(token=TOKEN, seed=seed, speed=SPEED, song_seconds=50, slots=200)
        self._studio = Studio(render=hum)
        self._killer = Killer(moment)
        self._stages = Stages(practice_app(self._world, self._studio), self._killer.at)
        self._victim = victim

    @property
    def in_kernel(self) -> bool:
        """Whether its victim is a kernel."""
        return isinstance(self._victim, Notebook)

    def play(self) -> Aftermath:
        """Kill, come back later, and look."""
        with serve(self._stages) as url, closing(self._victim) as victim:
            announce(victim.data, url, speed=SPEED)
            victim.run(self._killer)
            self._stages.until_quiet()
            made, damage = self._world.jobs(), self._damage()
            if not self._moment.at_once:
                self._pass_time()
            victim.resume()
            lost = {job.id for job in made} - self._journalled(url)
            self._pass_time()
            victim.again()
            return Aftermath(
                moment=self._moment,
                killed=self._killer.has_killed,
                made=len(made),
                lost=sorted(lost),
                made_twice=self._made_twice(),
                damage=[*damage, *(path.name for path in victim.data.glob("*.damaged*"))],
                unsaved=[*self._unsaved()],
            )

    @property
    def _file(self) -> Path:
        return store_in(self._victim.data).path

    def _damage(self) -> list[str]:
        """What is wrong with the journal, as it was left."""
        if not self._file.exists():
            return []
        with closing(sqlite3.connect(self._file)) as file:
            told = [row[0] for row in file.execute("PRAGMA integrity_check")]
        return [line for line in told if line != "ok"]

    def _pass_time(self) -> None:
        """Three minutes, as the file sees it."""
        if self._file.exists():
            with closing(sqlite3.connect(self._file)) as file, file:
                tables = file.execute("SELECT name FROM sqlite_master").fetchall()
                if ("submissions",) in tables:
                    file.execute(
                        f"UPDATE submissions SET beat = beat - {LATER}, sent_at = sent_at - {LATER}"
                    )

    def _journalled(self, url: str) -> set[str]:
        """The ids that this machine knows."""
        journal = Journal(store_in(self._victim.data), now=time.time)
        return {entry.job_id for entry in journal.entries(url, TOKEN[5:9])}

    def _made_twice(self) -> list[str]:
        counts = Counter(job.order.prompt for job in self._world.jobs())
        return [prompt for prompt, count in counts.items() if count > 1]

    def _unsaved(self) -> Iterator[str]:
        """Songs that are not in the folder, and what is there besides."""
        songs = self._victim.folder / "songs"
        there = {path: path.read_bytes() for path in songs.glob("*.mp3")}
        for job in self._world.jobs():
            if self._content(job) not in there.values():
                yield job.order.prompt
        for path in songs.glob("*"):
            if path.suffix not in {".mp3", ".json"}:
                yield path.name

    def _content(self, job: Job) -> bytes:
        return self._studio.file(job.song, Format.MP3)


def kill(folder: Path, count: int, *, seed: int, every_notebook: int = 10) -> list[Aftermath]:
    """Kill so many, some at a time.

    Args:
        folder: For them to work in.
        count: How many.
        seed: Of all chance.
        every_notebook: One of so many is a notebook; it takes longer.
    """
    chance = random.Random(seed)
    scenes = [_scene(folder / str(n), n, chance, every_notebook) for n in range(count)]
    # What they print is of no interest, and would be mixed up.
    with redirect_stdout(StringIO()), ThreadPoolExecutor(AT_ONCE) as pool:
        playing = {s: pool.submit(s.play) for s in scenes if not s.in_kernel}
        # The client of kernels belongs to the main thread.
        played = {s: s.play() for s in scenes if s.in_kernel}
        return [played[s] if s in played else playing[s].result() for s in scenes]


def _scene(folder: Path, number: int, chance: random.Random, every_notebook: int) -> Scene:
    folder.mkdir()
    kind = Notebook if number % every_notebook == every_notebook - 1 else Script
    return Scene(kind(folder), draw(number, chance), chance.getrandbits(32))
