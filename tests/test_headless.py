"""Without JupyterLab: papermill, nbconvert's pages, terminals, a kernel that nobody looks at."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import pexpect
import pytest
from fakes import TOKEN
from kernels import kernel
from lab import chromium, find_chromium
from playwright.sync_api import Page, expect
from services import Steady, practice_app, practice_world, serve

from tempolor_magic.api.records import Record, read_record
from tempolor_magic.sandbox.orders import Order
from tempolor_magic.sandbox.world import World
from tempolor_magic.view.words import clock_text, key_text

PATIENCE = 30.0
VIEW = "application/vnd.jupyter.widget-view+json"
LYRICS = "[Verse]\nTide <and> moon\n\n[Chorus]\nHome & $away$"
_COLOUR = r"(?:\x1b\[[0-9;]*m)*"
_ESCAPES = re.compile(r"\x1b(\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)|[ -/]*[0-~])")


@dataclass(frozen=True)
class Executed:
    """A notebook that papermill has run, and the record of its job."""

    path: Path
    job_id: str
    record: Record


@pytest.fixture(scope="module")
def executed(tmp_path_factory: pytest.TempPathFactory) -> Executed:
    """A notebook with one card and no other widget, run by papermill."""
    folder = tmp_path_factory.mktemp("executed")
    with _service() as (world, url):
        job_id = _submit(world, "rain on a window")
        path = _write(folder, "watch", *_cells(job_id))
        done = _papermill(path, url)
        assert done.returncode == 0, done.stderr
        document = world.record(job_id, now=time.time(), files=url)
    return Executed(folder / "watch-out.ipynb", job_id, read_record(document, job_id))


def test_papermill_saves_a_static_card(executed: Executed) -> None:
    """The wait at the end makes the card in the file final, without a widget behind it."""
    notebook = nbformat.read(executed.path, as_version=4)
    (output,) = notebook.cells[1].outputs
    assert VIEW not in output.data
    assert 'data-state="COMPLETED"' in output.data["text/html"]
    assert "<audio" in output.data["text/html"]
    assert output.data["text/plain"].startswith("COMPLETED")
    assert not notebook.cells[2].outputs


def test_a_failed_job_fails_papermill(tmp_path: Path) -> None:
    """It ends with an error, what follows does not run, and the file shows the failed card."""
    with _service() as (world, url):
        job_id = _submit(world, "please fail")
        path = _write(tmp_path, "watch", *_cells(job_id), "print('reached')")
        done = _papermill(path, url)
    assert done.returncode != 0
    assert "JobFailed" in done.stderr
    told = nbformat.read(tmp_path / "watch-out.ipynb", as_version=4)
    outputs = [output for cell in told.cells for output in cell.get("outputs", [])]
    assert [o.ename for o in outputs if o.output_type == "error"] == ["JobFailed"]
    cards = [o for o in outputs if "tempolor-card" in o.get("data", {}).get("text/html", "")]
    assert cards, outputs
    assert ['data-state="FAILED"' in card.data["text/html"] for card in cards] == [True]
    assert not told.cells[-1].outputs


@pytest.mark.parametrize(("kind", "suffix"), [("html", ".html"), ("markdown", ".md")])
def test_nbconvert_keeps_what_the_card_says(executed: Executed, kind: str, suffix: str) -> None:
    """Title, state, key, tempo, lyrics and id are in the page."""
    page = _convert(executed.path, kind, suffix).read_text()
    for fact in _facts(executed):
        assert fact in page
    assert "Tide &lt;and&gt; moon" in page
    assert "Home &amp; $away$" in page
    assert "VBox(" not in page


@pytest.mark.browser
def test_the_exported_page_needs_no_network(executed: Executed, tmp_path: Path) -> None:
    """Opened from a file it shows the card, and asks for no more than a page without outputs."""
    path = find_chromium()
    if path is None:
        if os.environ.get("TEMPOLOR_REQUIRE_BROWSER") == "1":
            pytest.fail("Chromium is not installed, and TEMPOLOR_REQUIRE_BROWSER asks for it")
        pytest.skip("Chromium is not installed")
    bare = nbformat.read(executed.path, as_version=4)
    for cell in bare.cells:
        cell.outputs = []
    nbformat.write(bare, tmp_path / "bare.ipynb")
    plain = _convert(tmp_path / "bare.ipynb", "html", ".html")
    rich = _convert(executed.path, "html", ".html")
    with chromium(path) as browser:
        page = browser.new_context(offline=True).new_page()
        asked_by_plain = _open_alone(page, plain)
        asked = _open_alone(page, rich)
        card = page.locator(".tempolor-card")
        expect(card).to_be_visible()
        for fact in _facts(executed):
            expect(card).to_contain_text(fact, use_inner_text=True)
        expect(card.get_by_text("Tide <and> moon").first).to_be_hidden()
        card.get_by_text("Lyrics", exact=True).click()
        expect(card.get_by_text("Tide <and> moon").first).to_be_visible()
        expect(card.get_by_text("Home & $away$").first).to_be_visible()
        expect(card.locator("audio")).to_be_visible()
    assert asked == asked_by_plain


def test_a_terminal_shows_lines_of_text(tmp_path: Path) -> None:
    """IPython without a kernel tells state, title and tempo, and nothing of HTML or widgets."""
    with _service() as (world, url):
        job_id = _submit(world, "rain on a window")
        command = ["-m", "IPython", "--no-banner", "--colors=NoColor", "--no-confirm-exit"]
        said = _talk(command, _environment(tmp_path, url), *_cells(job_id))
        document = world.record(job_id, now=time.time(), files=url)
    _check_lines(said, read_record(document, job_id))


def test_jupyter_console_shows_lines_of_text(tmp_path: Path) -> None:
    """With a kernel but no page: the card as a line; the finished one when asked for."""
    with _service() as (world, url):
        job_id = _submit(world, "rain on a window")
        command = ["-m", "jupyter_console", "--kernel=python3", "--no-confirm-exit"]
        said = _talk(command, _environment(tmp_path, url), *_cells(job_id), "%tempolor show")
        document = world.record(job_id, now=time.time(), files=url)
    _check_lines(said, read_record(document, job_id))


def test_a_kernel_without_a_front_end_goes_on_watching(tmp_path: Path) -> None:
    """Nobody is connected, and who comes back finds the news."""
    service = Steady()
    job_id = "user:4711-tempolor:100198329-job:abcdef123456789"
    with (
        serve(service) as url,
        kernel(tmp_path, USEAPI_TOKEN=TOKEN, TEMPOLOR_BASE_URL=url) as k,
    ):
        k.run("%load_ext tempolor_magic")
        assert not k.run(f"job = %tempolor watch {job_id} --interval 0.5").error
        k._client.stop_channels()
        service.until_asked(1)
        service.progress = 77
        service.until_asked(3)
        k._client = k._manager.client()
        k._client.start_channels()
        k._client.wait_for_ready(timeout=PATIENCE)
        k.heard.clear()
        assert k.run("print(job.state, job.progress)").text == "GENERATING 77.0\n"


@contextmanager
def _service() -> Iterator[tuple[World, str]]:
    world = practice_world()
    with serve(practice_app(world)) as url:
        yield world, url


def _submit(world: World, prompt: str) -> str:
    return str(world.submit(Order(prompt, lyrics=LYRICS), now=time.time()).id)


def _cells(job_id: str) -> tuple[str, ...]:
    return (
        "%load_ext tempolor_magic",
        f"job = %tempolor watch {job_id} --interval 0.5",
        "%tempolor wait",
    )


def _environment(folder: Path, url: str) -> dict[str, str]:
    """Of a user without settings; those of the real one stay untouched."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("JUPYTER")}
    places = ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR", "XDG_DATA_HOME")
    private = {name: str(folder / name.lower()) for name in places}
    return {**kept, **private, "USEAPI_TOKEN": TOKEN, "TEMPOLOR_BASE_URL": url}


def _write(folder: Path, name: str, *cells: str) -> Path:
    spec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = nbformat.v4.new_notebook(metadata={"kernelspec": spec})
    notebook.cells = [nbformat.v4.new_code_cell(source) for source in cells]
    nbformat.write(notebook, folder / f"{name}.ipynb")
    return folder / f"{name}.ipynb"


def _run(*arguments: str | Path, folder: Path, url: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *map(str, arguments)],
        cwd=folder,
        env=_environment(folder, url),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def _papermill(path: Path, url: str) -> subprocess.CompletedProcess[str]:
    target = path.with_name(f"{path.stem}-out.ipynb")
    return _run("papermill", "--no-progress-bar", path, target, folder=path.parent, url=url)


def _convert(path: Path, kind: str, suffix: str) -> Path:
    done = _run("nbconvert", "--to", kind, path, folder=path.parent)
    assert done.returncode == 0, done.stderr
    return path.with_suffix(suffix)


def _facts(executed: Executed) -> list[str]:
    record = executed.record
    assert record.title
    assert record.bpm
    assert record.duration
    tempo, length = f"{record.bpm:g} bpm", clock_text(record.duration)
    return [record.title, "Completed", key_text(record.key), tempo, length, executed.job_id]


def _open_alone(page: Page, path: Path) -> list[str]:
    """Open a file in the browser; the addresses that were asked for, but for the file itself."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(path.as_uri())
    page.wait_for_load_state("load")
    return sorted(url for url in asked if not url.startswith(("file:", "data:")))


def _talk(command: Sequence[str], environ: dict[str, str], *lines: str) -> str:
    """Type *lines* at a terminal program's prompts; all it has written, without the colours."""
    child: Any = pexpect.spawn(
        sys.executable,
        [*command],
        env={**environ, "TERM": "xterm", "PROMPT_TOOLKIT_NO_CPR": "1"},
        dimensions=(60, 400),
        timeout=PATIENCE,
        encoding="utf-8",
    )
    written: list[str] = []
    for number, line in enumerate(lines, 1):
        child.expect(_prompt(number))
        child.sendline(line)
        written.append(child.before)
    child.expect(_prompt(len(lines) + 1))
    written.append(child.before)
    child.close(force=True)
    return _ESCAPES.sub("", "".join(written)).replace("\r", "")


def _prompt(number: int) -> str:
    return rf"In {_COLOUR}\[{_COLOUR}{number}{_COLOUR}\]:"


def _check_lines(said: str, record: Record) -> None:
    assert record.title
    line = next(line for line in said.splitlines() if "COMPLETED" in line)
    for fact in (record.title, key_text(record.key), f"{record.bpm:g} bpm", record.job_id):
        assert fact in line
    assert re.search("WAITING|GENERATING", said)
    for garbage in ("<div", "<strong", "text/html", "VBox(", "Panel(", "model_id", "Traceback"):
        assert garbage not in said
