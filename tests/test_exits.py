"""How it ends: unloading, reloading, forking, shutting down, and a script that is simply over."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from fakes import TOKEN
from kernels import NOBODY, Kernel, kernel
from services import Gate, Steady, practice_app, practice_world, serve, under_fire
from stages import Reticence, Stages

from tempolor_magic.sandbox.faults import NONE, read_plan
from tempolor_magic.sandbox.orders import Order
from tempolor_magic.sandbox.world import World

PATIENCE = 60.0
IDS = [f"user:4711-tempolor:100198329-job:{n:015d}" for n in range(5)]
# What a kernel holds, told without this package. Descriptors by what they lead to: a socket that
# was closed and one that was opened are two.
PREPARED = """
import gc, json, logging, os, threading
from collections import Counter
from contextlib import suppress
import ipywidgets
from ipywidgets.widgets.widget import _instances
ipywidgets.IntSlider().close()
def held():
    links = []
    for name in os.listdir("/proc/self/fd"):
        with suppress(OSError):  # that of the folder itself
            links.append(os.readlink(f"/proc/self/fd/{name}"))
    # IPython opens and closes its history, and ipykernel the signals between its threads.
    links = [link for link in links if not ("eventfd" in link or "profile_default" in link)]
    return {"threads": sorted(t.name for t in threading.enumerate()), "descriptors": sorted(links),
        "widgets": sorted(_instances)}
def left():
    for thread in threading.enumerate():
        if thread.name == "AnyIO worker thread":
            thread.join(5)  # it was told to end, and nobody has waited for that
    return held()
def counted():
    from tempolor_magic.watching import estimate
    for cache in (estimate.look_ahead, estimate._expected):
        cache.cache_clear()  # bounded by itself, and full after some more rounds
    # ipykernel keeps what a thread has sent by, for ten seconds after its end.
    with suppress(StopIteration):
        get_ipython().kernel.iopub_thread._event_pipe_gc().send(None)
    gc.collect()
    counts = {what: len(things) for what, things in left().items()}
    ours = Counter(f"{type(o).__module__}.{type(o).__qualname__}" for o in gc.get_objects())
    counts |= {name: n for name, n in ours.items() if name.startswith("tempolor_magic")}
    shell = get_ipython()
    return counts | {"matchers": len(shell.Completer.custom_matchers),
        "configurables": len(shell.configurables), "magics": len(shell.magics_manager.registry),
        "filters": len(logging.getLogger("httpx").filters)}
"""


@pytest.fixture(scope="module")
def k(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    """A kernel in which the extension is not loaded, before each test and after it."""
    folder = tmp_path_factory.mktemp("kernel")
    (folder / "temporary").mkdir()
    with kernel(folder, USEAPI_TOKEN=TOKEN, TMPDIR=str(folder / "temporary")) as running:
        running.run(f"{PREPARED}\nimport tempfile; folder = os.getcwd()")
        yield running


def look(k: Kernel, what: str = "held()") -> Any:
    """What the kernel holds."""
    return json.loads(k.run(f"print(json.dumps({what}))").text)


def added(before: dict[str, list[str]], after: dict[str, list[str]]) -> dict[str, list[str]]:
    """What is held more than before, by its kind."""
    more = {what: Counter(after[what]) - Counter(things) for what, things in before.items()}
    return {what: sorted(things.elements()) for what, things in more.items() if things}


def load(k: Kernel, url: str) -> None:
    """Load the extension, for the service at *url*."""
    cell = k.run(f"os.environ['TEMPOLOR_BASE_URL'] = {url!r}\n%load_ext tempolor_magic")
    assert not cell.error


def test_unloading_leaves_nothing_behind(k: Kernel, tmp_path: Path) -> None:
    """No thread, socket, file, widget or magic; but what has arrived of a file is kept."""
    world = World(token=TOKEN, seed=3, song_seconds=10_000)
    done = world.submit(Order("rain"), now=time.time() - 20_000).id
    ids = [world.submit(Order("wind"), now=time.time()).id for _ in range(5)]
    with under_fire(world, "files:1:hang") as (url, spoiling):
        before = look(k)
        load(k, url)
        assert not k.run(f"job = %tempolor watch {ids[0]}").error
        assert not k.run(f"jobs = %tempolor watch {' '.join(ids[1:4])}").error
        assert not k.run(f"import tempolor_magic\npanel = tempolor_magic.Panel({ids[4]!r})").error
        k.run(f"saved = %tempolor watch {done} --download --output {tmp_path}")
        assert k.run(ARRIVES).text == "True\n"
        assert added(before, look(k)).keys() == before.keys()
        assert not k.run("%unload_ext tempolor_magic").error
        assert added(before, look(k, "left()")) == {}
        assert k.run("print(job.state, os.listdir(tempfile.gettempdir()))").text == "STOPPED []\n"
        assert "not found" in k.run("%tempolor --help").text
        assert [path.suffix for path in tmp_path.iterdir()] == [".part"]
        spoiling._faults.order(read_plan(NONE))
        load(k, url)
        assert not k.run(f"path = %tempolor download {done} --output {tmp_path}").error
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".json", ".mp3"]
    k.run("%unload_ext tempolor_magic")
    assert added(before, look(k, "left()")) == {}
    k.run("del job, jobs, panel, saved, heard")
    assert (
        look(k, "[name for name in counted() if name.endswith(('Runtime', 'Loop', 'Watch'))]") == []
    )


# Waits until something has arrived of a file that is being saved.
ARRIVES = """
arrives = threading.Event()
def heard(snapshot):
    if snapshot.media.saving is not None and snapshot.media.saving.done:
        arrives.set()
saved.watch.subscribe(heard)
print(arrives.wait(60))
"""


def test_a_hundred_rounds_of_loading_and_unloading_leave_what_ten_leave(k: Kernel) -> None:
    """Threads, descriptors, widgets and objects; half of the rounds are ended by a reload."""
    with serve(Steady()) as url:
        k.run(f"os.environ['TEMPOLOR_BASE_URL'] = {url!r}\n{ROUNDS}")
        k.run("rounds(10)")
        first, objects = look(k, "[counted(), len(gc.get_objects())]")
        k.run("rounds(90)")
        last, more = look(k, "[counted(), len(gc.get_objects())]")
    assert last == first
    assert more - objects < 90


ROUNDS = f"""
import tempolor_magic
magic = get_ipython().run_line_magic
def hear_of(job):
    told = threading.Event()
    job.watch.subscribe(lambda snapshot: snapshot.record and told.set())
    assert told.wait(60)
def rounds(count):
    for _ in range(count // 2):
        magic("load_ext", "tempolor_magic")
        jobs = magic("tempolor", "watch {" ".join(IDS)}")
        hear_of(jobs[0])
        magic("reload_ext", "tempolor_magic")
        job = magic("tempolor", "watch {IDS[0]}")
        panel = tempolor_magic.Panel(job)
        hear_of(job)
        magic("unload_ext", "tempolor_magic")
"""


def test_nobody_wakes_up_when_nothing_is_watched(k: Kernel) -> None:
    """While a job is watched the loop turns; after its end no thread of ours does, not once."""
    with serve(Steady()) as url:
        load(k, url)
        k.run(f"job = %tempolor watch {IDS[0]} --interval 0.5\n{WAKES}")
        cell = k.run("print(wakes())")
        assert not cell.error
        assert int(cell.text) > 0
        k.run("job.stop(); job.exception(timeout=60); time.sleep(2)")
        assert k.run("print(wakes())").text == "0\n"
        k.run("%unload_ext tempolor_magic")


# How often threads of ours were woken up within two seconds, as the system counts it.
WAKES = """
import re, time
def woken():
    told = {}
    for thread in threading.enumerate():
        if thread.name.startswith("tempolor"):
            with suppress(OSError):  # one of an earlier runtime ends this very moment
                status = open(f"/proc/self/task/{thread.native_id}/status").read()
                times = re.search(r"\\nvoluntary_ctxt_switches:\\s*(\\d+)", status)
                told[thread.native_id] = int(times[1])
    return told
def wakes():
    before = woken()
    time.sleep(2)
    after = woken()
    assert after
    return sum(times - before.get(thread, 0) for thread, times in after.items())
"""


def test_a_reload_does_not_leave_a_second_poller(k: Kernel) -> None:
    """What was watched is asked about no more; resumed, as often as what was never reloaded."""
    service = Steady()
    with serve(service) as url:
        load(k, url)
        before, after = IDS[:2]
        k.run(f"%tempolor watch {before} --interval 0.5")
        until_asked(service, before, 1)
        k.run("%reload_ext tempolor_magic")
        asked = service.requests.count(before)
        k.run(f"%tempolor watch {after} --interval 0.5")
        until_asked(service, after, 2)
        assert service.requests.count(before) == asked
        k.run(f"%tempolor watch {before} {after} --interval 0.5")
        counts = [service.requests.count(job_id) for job_id in (before, after)]
        until_asked(service, after, counts[1] + 4)
        assert 3 <= service.requests.count(before) - counts[0] <= 6
        k.run("%unload_ext tempolor_magic")


def until_asked(service: Steady, job_id: str, times: int) -> None:
    """Return once the service was asked so often about a job."""
    while service.requests.count(job_id) < times:
        service.until_asked(1)


def test_a_fork_ends_and_its_parent_watches_on(k: Kernel) -> None:
    """Whether the child looks at what was watched, watches something itself, or does neither."""
    service = Steady()
    with serve(service) as url:
        load(k, url)
        k.run(f"job = %tempolor watch {IDS[0]} --interval 0.5\n{FORKS}")
        service.until_asked(1)
        cell = k.run("print(forked(), pooled())")
        assert cell.text == "[0, 0, 0] ['STOPPED', 'STOPPED']\n", cell.error
        service.progress = 77
        service.until_asked(2)
        assert k.run("print(job.state, job.progress)").text == "GENERATING 77.0\n"
        k.run("%unload_ext tempolor_magic")


# A child that hangs is killed by its alarm, which its exit status tells.
FORKS = f"""
import multiprocessing, signal, tempolor_magic
from tempolor_magic.errors import WatchStopped
def look():
    assert isinstance(job.exception(), WatchStopped)
def watch():
    own = tempolor_magic.watch({IDS[1]!r})
    told = threading.Event()
    own.watch.subscribe(lambda snapshot: snapshot.record and told.set())
    assert told.wait(30)
def forked():
    children = []
    for work in (look, watch, lambda: None):
        children.append(os.fork())
        if not children[-1]:
            signal.alarm(45)
            try:
                work()
            except BaseException:
                os._exit(1)
            os._exit(0)
    return [os.waitpid(child, 0)[1] for child in children]
def state_in_child(_):
    return job.state
def pooled():
    with multiprocessing.get_context("fork").Pool(2) as pool:
        return pool.map_async(state_in_child, range(2)).get(45)
"""


def test_a_kernel_whose_threads_reach_no_page_is_refused(k: Kernel) -> None:
    """One line says what to install in the place of ipykernel 7.0.0 and 7.0.1."""
    known = k.run("import ipykernel\nprint(ipykernel.__version__)").text.strip()
    for version in ("7.0.0", "7.0.1"):
        k.run(f"ipykernel.__version__ = {version!r}")
        error = k.run("%load_ext tempolor_magic").error
        assert "pip install -U ipykernel" in error
        assert "\n" not in error
        assert "not found" in k.run("%tempolor --help").text
    k.run(f"ipykernel.__version__ = {known!r}")
    assert not k.run("%load_ext tempolor_magic\n%unload_ext tempolor_magic").error


def test_a_kernel_that_is_restarted_ends_by_itself_and_loses_nothing(tmp_path: Path) -> None:
    """No watch and no answer that does not come holds it up, and no process stays behind."""
    world, reticence = practice_world(speed=1, song_seconds=10_000), Reticence()
    ids = [world.submit(Order("wind"), now=time.time()).id for _ in range(3)]
    with (
        serve(Stages(practice_app(world), reticence.at)) as url,
        kernel(tmp_path, USEAPI_TOKEN=TOKEN, TEMPOLOR_BASE_URL=url) as running,
    ):
        running.run(f"%load_ext tempolor_magic\njobs = %tempolor watch {' '.join(ids)}")
        running.start("%tempolor song rain")
        reticence.until_made()
        process = running.process
        running.restart()
        assert process.returncode == 0
        assert session(process.pid) == []
        reticence.let_go()
        running.run("%load_ext tempolor_magic\njobs = %tempolor resume")
        known = running.run("print(*(job.job_id for job in jobs))").text.split()
    assert known == [job.id for job in world.jobs()]
    assert len(known) == len(ids) + 1


def session(leader: int) -> list[int]:
    """The processes that came of one, which began a session of its own."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it may end this very moment
            told = (folder / "stat").read_text().rpartition(") ")[2].split()
            if int(told[3]) == leader and told[0] != "Z":
                found.append(int(folder.name))
    return found


@pytest.mark.parametrize(
    ("module", "code"),
    [
        ("IPython", f"%load_ext tempolor_magic\njob = %tempolor watch {IDS[0]}"),
        ("", f"import tempolor_magic\njob = tempolor_magic.watch({IDS[0]!r})"),
    ],
)
def test_a_script_that_watches_is_over_when_its_last_line_is(
    tmp_path: Path, module: str, code: str
) -> None:
    """Its exit waits neither for what is watched nor for an answer, and says nothing."""
    gate = Gate(practice_app(practice_world()))
    with serve(gate) as url:
        script = start(tmp_path, url, module, f"{code}\njob.add_done_callback(print)\ninput()")
        gate.until_arrived(IDS[0])
        _, complaint = script.communicate("\n", timeout=PATIENCE)
        gate.open()
    assert (script.returncode, complaint) == (0, "")


def test_ctrl_c_ends_a_script_that_waits_for_the_answer_to_a_song(tmp_path: Path) -> None:
    """At once; the last line says what was sent."""
    gate = Gate(practice_app(practice_world()))
    with serve(gate) as url:
        script = start(tmp_path, url, "", "import tempolor_magic\ntempolor_magic.song('rain')")
        gate.until_arrived("/song")
        script.send_signal(signal.SIGINT)
        _, complaint = script.communicate(timeout=PATIENCE)
        gate.open()
    assert script.returncode != 0
    assert "the song was sent" in complaint.splitlines()[-1]


def start(folder: Path, url: str, module: str, code: str) -> subprocess.Popen[str]:
    """A script of Python's, or of a module that takes ``-c`` as well."""
    private = {**NOBODY, "USEAPI_TOKEN": TOKEN, "TEMPOLOR_BASE_URL": url}
    private |= {name: str(folder / "settings") for name in ("IPYTHONDIR", "XDG_DATA_HOME")}
    return subprocess.Popen(
        [sys.executable, *(["-m", module] if module else []), "-c", code],
        cwd=folder,
        env={**os.environ, **private},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
