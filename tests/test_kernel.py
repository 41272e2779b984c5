"""The magic in a real ipykernel, as a front end sees it: messages on real sockets."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from fakes import TOKEN
from kernels import Kernel, Message, kernel
from services import Gate, Steady, practice_app, practice_world, serve

from tempolor_magic.sandbox.orders import Order
from tempolor_magic.sandbox.world import World

VIEW = "application/vnd.jupyter.widget-view+json"
IDS = [f"user:4711-tempolor:100198329-job:{n:015d}" for n in range(100)]


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    """A kernel for many bad inputs, none of which may harm the next."""
    with _loaded(tmp_path_factory.mktemp("plain")) as running:
        yield running


@pytest.fixture
def steady(tmp_path: Path) -> Iterator[tuple[Kernel, Steady]]:
    """A kernel and a service that says GENERATING for ever."""
    service = Steady()
    with serve(service) as url, _loaded(tmp_path, url) as running:
        yield running, service


def _loaded(folder: Path, url: str = "", token: str = TOKEN) -> _Loaded:
    return _Loaded(folder, url, token)


class _Loaded:
    """A kernel with the extension loaded."""

    def __init__(self, folder: Path, url: str, token: str) -> None:
        self._context = kernel(folder, USEAPI_TOKEN=token, TEMPOLOR_BASE_URL=url)

    def __enter__(self) -> Kernel:
        running = self._context.__enter__()
        assert not running.run("%load_ext tempolor_magic").error
        return running

    def __exit__(self, *failure: object) -> None:
        self._context.__exit__(None, None, None)


def test_loading_the_extension_loads_nothing_heavy(tmp_path: Path) -> None:
    """Whatever the first verb needs is not there after %load_ext."""
    heavy = ("httpx", "ipywidgets", "anyio", "jinja2", "msgspec", "sqlite3", "keyring")
    look = f"import sys; print([m for m in {heavy!r} if m in sys.modules])"
    with kernel(tmp_path) as k:
        before = k.run(look).text
        after = k.run(f"%load_ext tempolor_magic\n{look}").text
    assert after == before


@pytest.mark.parametrize("count", [1, 100])
def test_watch_does_not_wait_for_the_network(tmp_path: Path, count: int) -> None:
    """The cell ends while the service has not answered a single request."""
    gate = Gate(practice_app(practice_world()))
    with serve(gate) as url, _loaded(tmp_path, url) as k:
        cell = k.run(f"jobs = %tempolor watch {' '.join(IDS[:count])}")
        assert not cell.error
        assert k.run("print(jobs.done())").text == "False\n"
        assert gate.answered == 0
        gate.open()


def test_a_card_is_made_with_at_most_ten_messages(steady: tuple[Kernel, Steady]) -> None:
    """Creation costs ten comm messages at most, and one display."""
    k, _ = steady
    cell = k.run(f"%tempolor watch {IDS[0]}")
    assert 0 < len(cell.of_type("comm_open")) <= 10
    assert len(cell.of_type("display_data")) == 1
    assert VIEW in cell.bundles[0]


def test_an_unchanged_job_sends_nothing_and_a_tick_sends_one_small_message(
    steady: tuple[Kernel, Steady],
) -> None:
    """Ten answers without news cost no message; one with news costs one of at most 4 KB."""
    k, service = steady
    k.run(f"job = %tempolor watch {IDS[0]} --interval 0.5")
    k.listen(lambda m: 'data-progress="35"' in _sent(m))
    service.until_asked(2)
    k.run("pass")
    quiet_from = len(k.heard)
    service.until_asked(10)
    k.run("pass")
    assert not [m for m in k.heard[quiet_from:] if m["msg_type"].startswith("comm")]
    service.progress = 36
    k.listen(lambda m: 'data-progress="36"' in _sent(m))
    service.until_asked(3)
    k.run("pass")
    ticks = [m for m in k.heard[quiet_from:] if m["msg_type"].startswith("comm")]
    assert len(ticks) == 1
    assert len(_sent(ticks[0]).encode()) <= 4096


def test_a_table_is_one_html_widget_however_many_jobs(steady: tuple[Kernel, Steady]) -> None:
    """A hundred jobs make no more widgets than two; a row costs at most 300 bytes."""
    k, service = steady
    two = k.run(f"%tempolor watch {' '.join(IDS[:2])}").of_type("comm_open")
    hundred = k.run(f"jobs = %tempolor watch {' '.join(IDS)} --interval 0.5").of_type("comm_open")
    assert len(hundred) == len(two)
    tables = [c for c in hundred if "<tr" in str(c["data"]["state"].get("value"))]
    assert [table["data"]["state"]["value"].count("<tr") for table in tables] == [101]
    k.listen(lambda m: _sent(m).count('data-progress="35"') == 100)
    began, from_here = time.monotonic(), len(k.heard)
    for progress in range(36, 46):
        service.progress = progress
        service.until_asked(100)
    k.run("pass")
    seconds = time.monotonic() - began
    changes = [m for m in k.heard[from_here:] if m["msg_type"] == "comm_msg"]
    updates = [m for m in changes if m["content"]["comm_id"] == tables[0]["comm_id"]]
    assert 1 <= len(updates) <= seconds + 1
    assert len(_sent(updates[-1]).encode()) <= 300 * 100 + 600


@pytest.mark.kernel
def test_there_is_one_card_per_execution_assigned_or_not(steady: tuple[Kernel, Steady]) -> None:
    """The magic shows the card; the job shows another only in a later execution."""
    k, _ = steady
    assert len(k.run(f"%tempolor watch {IDS[0]}").bundles) == 1
    assert len(k.run(f"job = %tempolor watch {IDS[0]}\njob").bundles) == 1
    assert len(k.run(f"job = %tempolor watch {IDS[0]}").bundles) == 1
    later = k.run("job")
    assert [VIEW in bundle for bundle in later.bundles] == [True]
    assert len(k.run(f"jobs = %tempolor watch {IDS[0]} {IDS[1]}\njobs").bundles) == 1


def test_names_in_braces_stand_for_ids(steady: tuple[Kernel, Steady]) -> None:
    """Text, jobs, lists and expressions are expanded; a name that is not there is told."""
    k, _ = steady
    k.run(f"one = {IDS[0]!r}; many = {IDS[:3]!r}")
    assert not k.run("a = %tempolor watch {one}\nb = %tempolor watch $one").error
    k.run("jobs = %tempolor watch {many}\nmixed = %tempolor watch {jobs[:2]} {one} $many")
    assert k.run("print(a.job_id == b.job_id == one, len(jobs), len(mixed))").text == "True 3 3\n"
    assert "name 'absent' is not defined" in k.run("%tempolor watch {absent}").error
    assert "not a job" in k.run("%tempolor watch {3.5}").error


def test_a_panel_is_an_ordinary_widget(steady: tuple[Kernel, Steady]) -> None:
    """It fits a VBox beside others, and its traits can be observed but not set."""
    k, service = steady
    cell = k.run(
        "import ipywidgets, tempolor_magic as tempolor, threading\n"
        f"job = tempolor.watch({IDS[0]!r}, interval=0.5)\n"
        "panel = job.panel\n"
        "heard, moved = [], threading.Event()\n"
        "def note(change):\n"
        "    heard.append(change['new'])\n"
        "    if change['new'] == 77: moved.set()\n"
        "panel.observe(note, 'progress')\n"
        "ipywidgets.VBox([panel, ipywidgets.IntSlider()])"
    )
    assert not cell.error
    assert VIEW in cell.bundles[0]
    service.progress = 77
    told = k.run("print(moved.wait(30), panel.state, panel.progress, panel.record.final)")
    assert told.text == "True GENERATING 77.0 False\n"
    assert "read-only" in k.run("panel.state = 'COMPLETED'").error
    other = k.run(f"p = tempolor.Panel({IDS[0]!r}); print(p.state, isinstance(p, type(panel)))")
    assert other.text == "GENERATING True\n"


@pytest.mark.kernel
def test_cards_move_on_while_a_cell_is_busy(steady: tuple[Kernel, Steady]) -> None:
    """A cell that computes does not stop the updates of the card above it."""
    k, service = steady
    k.run(f"job = %tempolor watch {IDS[0]} --interval 0.5")
    busy = k.start("while job.progress != 99: pass")
    for progress in (50, 60, 99):
        service.progress = progress
        wanted = f'data-progress="{progress}"'
        k.listen(partial(_carries, wanted))
    assert not k.finish(busy).error


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("watch ''", "no job id given"),
        ("watch", "no job id given"),
        (f"watch '  {IDS[0]}  ' x", "x is not a job id"),
        (IDS[0].replace("-job:", "-voice:"), "id of a voice"),
        (IDS[0].replace(":", "%3A"), f"write it raw: {IDS[0]}"),
        ("../accounts", "is not a job id"),
        (f"{IDS[0]}?x", "is not a job id"),
        (f"{IDS[0]}#x", "is not a job id"),
        (f"{IDS[0]}\\ny", "is not a job id"),
        ("user:1-tempolor:2-job:" + "x" * 10_000, "at most 256 characters"),
        ("🎵", "is not a job id"),
        ("user:1-tempolor:2-job:abc\u202e321", "is not a job id"),
        ("wach x", "did you mean watch?"),
        (f"watch {IDS[0]} --deadlin 5", "did you mean --deadline?"),
        (f"watch {IDS[0]} --deadline soon", "is no deadline"),
        ("song", "needs a prompt"),
        ("sandbox fly", "can't fly"),
    ],
)
def test_bad_input_is_one_line_and_no_request(plain: Kernel, line: str, said: str) -> None:
    """The cell fails with one line that says what to do; nothing leaves the machine."""
    service = Steady()
    with serve(service) as url:
        plain.run(f"%config TempolorMagics.base_url = {url!r}")
        cell = plain.run(f"%tempolor {line}")
    assert said in cell.error
    assert "\n" not in cell.error
    assert cell.of_type("error")
    assert service.requests == []


@pytest.mark.parametrize(
    ("token", "url", "said"),
    [
        ("", "", "USEAPI_TOKEN"),
        ("12345", "", "only the user number"),
        ("user:12345", "", "only the user number"),
        ("user:12345-ab cd", "", "broken by a blank"),
        (TOKEN, "http://example.com/v1", "use https"),
        (TOKEN, "https://example.com/v1", "is not sent"),
        (TOKEN, "file:///etc", "not a web address"),
    ],
)
def test_a_wrong_token_or_address_is_told_before_anything_is_sent(
    plain: Kernel, token: str, url: str, said: str
) -> None:
    """One line with the remedy, and never the token."""
    plain.run("%config TempolorMagics.base_url = ''")
    given = {"USEAPI_TOKEN": token, "TEMPOLOR_BASE_URL": url}
    plain.run(f"import os; os.environ.update({given!r})")
    for verb in ("watch", "status", "download"):
        error = plain.run(f"%tempolor {verb} {IDS[0]}").error
        assert said in error
        assert "\n" not in error
        assert "ab cd" not in error
    plain.run(f"os.environ.update(USEAPI_TOKEN={TOKEN!r}, TEMPOLOR_BASE_URL='')")


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (400, '{"error":"job_id has incorrect format","code":400}', "incorrect format"),
        (401, '{"error":"Unauthorized","code":401}', "USEAPI_TOKEN"),
        (402, '{"error":"Account has no subscription"}', "renew"),
        (403, '{"error":"Unauthorized access"}', "not this token's"),
        (403, "error code: 1010", "network edge"),
        (410, '{"error":"Job has expired","code":410}', "7 days"),
        (596, '{"error":"refresh token rejected","code":596}', "add the account again"),
    ],
)
def test_an_error_of_the_service_is_one_line_with_its_remedy(
    plain: Kernel, status: int, body: str, said: str
) -> None:
    """The same for ``status`` and for ``wait``; the cell fails."""
    with serve(_refusing(status, body)) as url:
        plain.run(f"%config TempolorMagics.base_url = {url!r}")
        job_id = f"user:4711-tempolor:100198329-job:case{status}{len(body)}"
        for line in (f"status {job_id}", f"watch {job_id} --wait"):
            cell = plain.run(f"%tempolor {line}")
            assert said in cell.error
            assert "\n" not in cell.error


def test_a_dead_port_is_told_in_one_line(tmp_path: Path) -> None:
    """``status`` fails at once; a watch keeps trying and says so."""
    with _loaded(tmp_path, "http://127.0.0.1:9/v1/tempolor") as k:
        assert "could not connect" in k.run(f"%tempolor status {IDS[0]}").error
        k.run(f"job = %tempolor watch {IDS[0]}")
        k.listen(lambda m: "could not connect" in _sent(m) and "retrying" in _sent(m))
        assert k.run("print(job.state)").text == "WAITING\n"


@pytest.mark.kernel
def test_the_token_is_asked_for_where_somebody_can_answer(tmp_path: Path) -> None:
    """The prompt is hidden, and the answer is kept for this kernel only."""
    world = practice_world()
    with serve(practice_app(world)) as url, _loaded(tmp_path, url, token="") as k:
        job_id = world.submit(Order("rain"), now=time.time()).id
        request = k.start(f"%tempolor status {job_id}", allow_stdin=True)
        question = k.answer_prompt(TOKEN)
        assert question["content"]["password"] is True
        assert not k.finish(request).error
        assert not k.run(f"%tempolor status {job_id}").error
        assert TOKEN not in json.dumps(k.heard, default=str)


def test_a_killed_kernel_loses_no_job(tmp_path: Path) -> None:
    """After kill -9 another kernel resumes every job."""
    world = practice_world(speed=1, song_seconds=10_000)
    with serve(practice_app(world)) as url:
        ids = [world.submit(Order(f"rain {n}"), now=time.time()).id for n in range(5)]
        with _loaded(tmp_path, url) as k:
            k.run(f"%tempolor watch {' '.join(ids)}")
            k.listen(lambda m: _sent(m).count('data-state="GENERATING"') == 5)
            k.kill()
        with _loaded(tmp_path, url) as k:
            k.run("jobs = %tempolor resume")
            assert k.run("print(*(j.job_id for j in jobs))").text.split() == ids
            assert set(k.complete("%tempolor watch user:")) == set(ids)
            k.listen(lambda m: _sent(m).count('data-state="GENERATING"') == 5)


def test_interrupting_a_wait_says_how_to_go_on(steady: tuple[Kernel, Steady]) -> None:
    """Only the waiting ends: the job is watched on."""
    k, service = steady
    k.run(f"job = %tempolor watch {IDS[0]} --interval 0.5")
    waiting = k.start("print('waiting', flush=True)\n%tempolor wait")
    k.listen(lambda m: m["msg_type"] == "stream")
    service.until_asked(1)
    k.interrupt()
    cell = k.finish(waiting)
    assert "%tempolor wait" in cell.error
    assert "\n" not in cell.error
    service.until_asked(1)
    assert k.run("print(job.state)").text == "GENERATING\n"


def test_a_wait_that_takes_too_long_is_one_line(steady: tuple[Kernel, Steady]) -> None:
    """From the verb and from Python; the watch goes on."""
    k, _ = steady
    k.run(f"job = %tempolor watch {IDS[0]}")
    for code in ("%tempolor wait --timeout 0.2", "job.result(timeout=0.2)"):
        error = k.run(code).error
        assert "%tempolor wait" in error
        assert "\n" not in error
    assert k.run("print(job.done())").text == "False\n"


def test_a_bad_end_is_told_once_to_who_waits_for_all(plain: Kernel) -> None:
    """A mistyped id stops the first ``wait``, and no other; a stopped watch stops none."""
    with serve(_refusing(401, '{"error":"Unauthorized","code":401}')) as url:
        plain.run("%reload_ext tempolor_magic")
        plain.run(f"%config TempolorMagics.base_url = {url!r}")
        plain.run(f"a = %tempolor watch {IDS[7]}\na.exception()")
        assert "not accepted" in plain.run("%tempolor wait").error
        assert not plain.run("%tempolor wait").error
        assert "not accepted" in plain.run("%tempolor wait {a}").error


def test_a_stopped_watch_is_not_begun_anew_by_waiting(steady: tuple[Kernel, Steady]) -> None:
    """``wait`` says that it was stopped and how to go on."""
    k, _ = steady
    k.run(f"job = %tempolor watch {IDS[0]}\n%tempolor stop")
    assert "was stopped" in k.run("%tempolor wait {job}").error
    assert not k.run("%tempolor wait").error
    assert "Nothing to stop" in k.run("%tempolor stop").text


@pytest.mark.parametrize(
    "setting",
    [
        "interval = -3",
        "deadline = 'soon'",
        "base_url = 'http://evil.example'",
        "output = 'user:4711-my.very.token'",
    ],
)
def test_a_setting_that_cannot_be_is_refused_where_it_is_made(plain: Kernel, setting: str) -> None:
    """And not by every verb that comes later."""
    plain.run("%config TempolorMagics.base_url = ''")
    cell = plain.run(f"%config TempolorMagics.{setting}")
    assert len(cell.text.splitlines()) == 1
    said = plain.run("%tempolor config")
    assert not said.error
    assert "%config" not in said.bundles[0]["text/plain"]


def test_python_functions_go_along_with_the_magic(steady: tuple[Kernel, Steady]) -> None:
    """Whatever was loaded before, ``tempolor.watch`` is the function."""
    k, _ = steady
    k.run("%tempolor config")
    made = k.run(f"import tempolor_magic as tempolor; job = tempolor.watch({IDS[0]!r})")
    assert not made.error
    again = k.run(f"print(tempolor.watch({IDS[0]!r}).watch is job.watch)")
    assert again.text == "True\n"
    assert not again.bundles


@pytest.mark.kernel
def test_the_extension_can_be_unloaded_and_reloaded(steady: tuple[Kernel, Steady]) -> None:
    """Unloading ends the watches and the threads; loading again works."""
    k, _ = steady
    k.run(f"job = %tempolor watch {IDS[0]}")
    k.run("%unload_ext tempolor_magic")
    assert k.run("print(job.state)").text == "STOPPED\n"
    threads = k.run("import threading; print([t.name for t in threading.enumerate()])").text
    assert "tempolor" not in threads
    assert "not found" in k.run("%tempolor --help").text
    assert not k.run("%load_ext tempolor_magic").error
    assert not k.run("%reload_ext tempolor_magic").error
    assert not k.run(f"%tempolor watch {IDS[0]}").error


def test_what_a_setting_was_refused_does_not_come_back(steady: tuple[Kernel, Steady]) -> None:
    """IPython keeps it; the extension loads all the same, says so once, and what is set holds."""
    k, _ = steady
    k.run("%config TempolorMagics.deadline = '20m'\n%config TempolorMagics.interval = 'soon'")
    again = k.run("%reload_ext tempolor_magic")
    assert not again.error
    assert again.text.startswith("Note: TempolorMagics.interval is not set: soon is no interval")
    assert k.run("%reload_ext tempolor_magic").text == ""
    told = k.run("%tempolor config").bundles[0]["text/plain"]
    assert "20 min" in told
    assert "soon" not in told
    k.run("%config TempolorMagics.deadline = ''")


def test_an_address_that_cannot_be_is_told_without_showing_it(
    steady: tuple[Kernel, Steady],
) -> None:
    """What is in force is looked at to find out what is wrong; a password may be in it."""
    k, _ = steady
    k.run("import os; good = os.environ['TEMPOLOR_BASE_URL']")
    k.run("os.environ['TEMPOLOR_BASE_URL'] = 'https://me:password@example.com'")
    told = k.run("%tempolor config").bundles[0]["text/plain"]
    k.run("os.environ['TEMPOLOR_BASE_URL'] = good")
    assert "the base URL holds a user name" in told
    assert "example.com" not in told


@pytest.mark.kernel
def test_a_finished_job_leaves_a_static_output_without_a_widget(tmp_path: Path) -> None:
    """The output is replaced while another cell is busy, and says the same as text."""
    world = practice_world()
    with serve(practice_app(world)) as url, _loaded(tmp_path, url) as k:
        job_id = world.submit(Order("rain"), now=time.time()).id
        k.run(f"job = %tempolor watch {job_id} --interval 0.5")
        busy = k.start("while not job.done(): pass")
        update = k.listen(lambda m: m["msg_type"] == "update_display_data")
        k.finish(busy)
        static = update["content"]["data"]
        assert VIEW not in static
        assert 'data-state="COMPLETED"' in static["text/html"]
        assert "COMPLETED" in static["text/plain"]
        assert job_id in static["text/plain"]
        assert "\n" not in static["text/plain"]


def test_waiting_for_all_also_waits_for_the_sound_of_what_is_over(tmp_path: Path) -> None:
    """The file is served later than the job is final; a headless run must not end in between."""
    world = World(token=TOKEN, seed=3, song_seconds=0.5, gap_seconds=3.0)
    with serve(practice_app(world)) as url:
        job_id = world.submit(Order("rain"), now=time.time()).id
        with kernel(tmp_path, USEAPI_TOKEN=TOKEN, TEMPOLOR_BASE_URL=url) as running:
            running.run("%load_ext tempolor_magic")
            running.run(f"job = %tempolor watch {job_id} --interval 0.5\nrecord = job.result()")
            assert not running.run("%tempolor wait").text
            kept = [m for m in running.heard if m["msg_type"] == "update_display_data"]
    assert "<audio" in kept[-1]["content"]["data"]["text/html"]


def test_a_card_that_ended_between_two_cells_is_told_to_the_cell_that_waits(
    tmp_path: Path,
) -> None:
    """A headless runner drops what does not belong to the cell it runs."""
    world = World(token=TOKEN, seed=3, song_seconds=3.0)
    with serve(practice_app(world)) as url, _loaded(tmp_path, url) as k:
        job_id = world.submit(Order("please fail"), now=time.time()).id
        k.run(f"job = %tempolor watch {job_id} --interval 0.5")
        k.listen(lambda m: m["msg_type"] == "update_display_data")
        (told,) = k.run("%tempolor wait").of_type("update_display_data")
        again = k.run("%tempolor wait").of_type("update_display_data")
    assert 'data-state="FAILED"' in told["data"]["text/html"]
    assert not again


def test_a_callback_may_wait_and_an_observer_is_told_not_to(tmp_path: Path) -> None:
    """Neither stops what is watched: a callback has a thread of its own."""
    world = World(token=TOKEN, seed=3, song_seconds=1.0, gap_seconds=0.5)
    with serve(practice_app(world)) as url, _loaded(tmp_path, url) as k:
        job_id = world.submit(Order("rain"), now=time.time()).id
        k.run(
            f"job = %tempolor watch {job_id} --interval 0.5\n"
            "import threading\n"
            "panel, saved, errors, seen = job.panel, [], [], threading.Event()\n"
            "def observe(change):\n"
            "    try:\n"
            "        other = tempolor.watch(job.job_id + 'x')\n"
            "        other.result()\n"
            "    except Exception as error:\n"
            "        errors.append(str(error))\n"
            "panel.observe(observe, 'state')\n"
            "def save(job):\n"
            "    saved.append(job.download().name)\n"
            "    seen.set()\n"
            "job.add_done_callback(save)\n"
            "import tempolor_magic as tempolor"
        )
        cell = k.run("job.result(); print(seen.wait(30), *saved); print(errors[0])")
    assert "True" in cell.text
    assert ".mp3" in cell.text
    assert "an observer can't wait" in cell.text


def test_an_observer_that_fails_does_not_stop_its_panel(
    steady: tuple[Kernel, Steady],
) -> None:
    """The panel goes on showing, and so do the others."""
    k, service = steady
    k.run(
        f"job = %tempolor watch {IDS[0]} --interval 0.5\n"
        "panel = job.panel; panel.observe(lambda change: 1 / 0, 'progress')"
    )
    service.progress = 61
    service.until_asked(2)
    assert "61 %" in k.run("print(panel.children[0].value)").text
    service.progress = 62
    service.until_asked(2)
    assert "62 %" in k.run("print(panel.children[0].value)").text


def test_settings_hold_for_python_as_well(tmp_path: Path) -> None:
    """What ``%config`` says is heeded by a function that is called before any magic line."""
    with _loaded(tmp_path) as k:
        told = k.run(
            "%config TempolorMagics.base_url = 'http://127.0.0.1:9/v1/tempolor'\n"
            "%config TempolorMagics.deadline = '5m'\n"
            "import tempolor_magic as tempolor\n"
            f"watch = tempolor.watch('{IDS[0]}').watch\n"
            "print(watch.connection.base_url, watch.pace.deadline)"
        )
    assert told.text == "http://127.0.0.1:9/v1/tempolor 300.0\n"


def test_what_was_begun_before_unloading_ends_in_one_line(
    steady: tuple[Kernel, Steady],
) -> None:
    """Old handles show how things stood; the journal still has the job as running."""
    k, _ = steady
    k.run(f"job = %tempolor watch {IDS[0]}")
    assert not k.run("%unload_ext tempolor_magic").error
    assert 'data-state="STOPPED"' in k.run("job").bundles[0]["text/html"]
    assert not k.run("job.stop(); job.refresh()").error
    said = k.run("job.download()").error
    assert "\n" not in said
    assert "unloaded" in said
    k.run("%load_ext tempolor_magic")
    again = k.run("%tempolor resume")
    assert not again.error
    assert "Nothing to resume" not in again.text
    assert again.of_type("display_data")


def test_the_folder_that_is_set_holds_for_every_way_to_save(tmp_path: Path) -> None:
    """The verb, the method, and the button of the card."""
    world = World(token=TOKEN, seed=3, song_seconds=0.2, gap_seconds=0.1)
    with serve(practice_app(world)) as url, _loaded(tmp_path, url) as k:
        ids = [world.submit(Order("rain"), now=time.time()).id for _ in range(3)]
        k.run("%config TempolorMagics.output = 'music'")
        k.run(f"job = %tempolor watch {ids[0]}\njob.download()")
        k.run(f"%tempolor download {ids[1]}")
        k.run(
            f"import threading\njob = %tempolor watch {ids[2]}\njob.result()\n"
            "saved = threading.Event()\n"
            "job.watch.subscribe(lambda s: saved.set() if s.media.saved else None)\n"
            "job.actions.download()\nsaved.wait(60)"
        )
    assert len(list(tmp_path.glob("music/*.mp3"))) == 3


def test_songs_are_made_watched_and_saved(tmp_path: Path) -> None:
    """``song`` spends one POST; ``download`` waits for the music and saves it."""
    world = practice_world()
    with serve(practice_app(world)) as url, _loaded(tmp_path, url) as k:
        k.run("%config TempolorMagics.interval = 0.5")
        assert not k.run("job = %tempolor song a calm piano, the sea's edge").error
        posts = [r for r in world.requests if r.method == "POST"]
        assert len(posts) == 1
        saved = k.run("%tempolor download {job} --output music")
        assert ".mp3" in saved.bundles[-1]["text/plain"]
        (tmp_path / "file").touch()
        assert "written" in k.run("%tempolor download {job} --output file/a.mp3").error
        (file,) = (tmp_path / "music").glob("*.mp3")
        assert file.with_name(f"{file.name}.json").exists()
        cell = k.run("%%tempolor song a ballad\nla {la}\nla")
        assert not cell.error
        lyrics = k.run("job2 = _\nprint(job2.result(60).raw['ltmMaterialExtendDto'])").text
        assert "la {la}" in lyrics


def test_a_song_whose_answer_is_lost_is_not_sent_twice(tmp_path: Path) -> None:
    """One POST leaves; it is looked for in plain sight, until the user has had enough."""
    service = _refusing(502, "<html></html>")
    with serve(service) as url, _loaded(tmp_path, url) as k:
        request = k.start("%tempolor song rain")
        k.listen(lambda m: "It is not sent again: looking for it" in str(m["content"].get("text")))
        k.interrupt()
        error = k.finish(request).error
        assert error.startswith("Interrupted")
        assert "\n" not in error
        assert service.asked.count("POST") == 1


def test_a_full_house_is_waited_for_in_plain_sight(tmp_path: Path) -> None:
    """429 made nothing: the song is asked for again when a slot is free."""
    world = practice_world(speed=50, song_seconds=200)
    world.slots = 1
    with serve(practice_app(world)) as url, _loaded(tmp_path, url) as k:
        first = k.run("a = %tempolor song rain")
        second = k.run("b = %tempolor song wind")
        assert not first.error
        assert "All slots are taken" in second.text
        assert not second.error
        assert k.run("print(a.job_id != b.job_id)").text == "True\n"


@pytest.mark.kernel
def test_help_and_completion_tell_what_there_is(steady: tuple[Kernel, Steady]) -> None:
    """--help, -h, VERB --help and ? answer; Tab offers verbs, options and ids."""
    k, _ = steady
    for line in ("%tempolor --help", "%tempolor -h", "%tempolor"):
        assert "VERB --help" in k.run(line).text
    assert "--deadline" in k.run("%tempolor watch --help").text
    payload = k.run("%tempolor?")
    assert not payload.error
    assert k.complete("%tempolor dow") == ["download"]
    assert k.complete("x = %tempolor watch --int") == ["--interval"]


def test_what_is_in_force_is_told_with_its_origin(steady: tuple[Kernel, Steady]) -> None:
    """%config wins over the default; the token is masked."""
    k, service = steady
    k.run("%config TempolorMagics.interval = 0.5")
    cell = k.run("%tempolor config")
    said = cell.bundles[0]["text/plain"]
    assert "%config TempolorMagics.interval" in said
    assert "user:4711-…" in said
    assert TOKEN not in json.dumps(cell.messages, default=str)
    k.run(f"%tempolor watch {IDS[0]}")
    service.until_asked(3)


class _refusing:  # noqa: N801  # used like a function that makes an app
    """A service that answers every request with one error."""

    def __init__(self, status: int, body: str) -> None:
        self._status = status
        self._body = body.encode()
        self.asked: list[str] = []

    async def __call__(self, scope: dict[str, str], receive: object, send: object) -> None:
        assert callable(send)
        self.asked.append(scope["method"])
        await send({"type": "http.response.start", "status": self._status, "headers": []})
        await send({"type": "http.response.body", "body": self._body})


def _carries(wanted: str, message: Message) -> bool:
    return wanted in _sent(message)


def _sent(message: Message) -> str:
    """The HTML that a comm message carries to the page."""
    if message["msg_type"] not in {"comm_open", "comm_msg"}:
        return ""
    return str(message["content"]["data"].get("state", {}).get("value", ""))
