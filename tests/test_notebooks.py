"""Notebooks as files: executed headless, saved, and read byte by byte."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import nbformat
import pytest
from fakes import TOKEN
from kernels import NOBODY
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from services import practice_app, practice_world, serve

from tempolor_magic.sandbox import launcher
from tempolor_magic.sandbox.orders import Order

NOTEBOOKS = Path(__file__).parent.parent / "notebooks"
QUICKSTART, GENERATE, BATCH = (
    NOTEBOOKS / f"{name}.ipynb" for name in ("quickstart", "generate", "batch")
)
VIEW = "application/vnd.jupyter.widget-view+json"


@pytest.fixture(scope="module")
def executed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """The quickstart run headless in a folder of its own, and the sandbox's token."""
    folder = tmp_path_factory.mktemp("quickstart")
    data = folder / "data"
    saved = _run(QUICKSTART, folder, data)
    running = launcher.find(data / "tempolor_magic")
    assert running is not None
    yield saved, running.token
    launcher.stop(data / "tempolor_magic")


def test_every_card_of_the_executed_quickstart_is_static_and_final(
    executed: tuple[Path, str],
) -> None:
    """No widget view behind a card; the text says the same in one line."""
    saved, _ = executed
    cards = _cards(saved)
    assert len(cards) == 4
    for bundle in cards:
        assert VIEW not in bundle
        assert 'data-state="COMPLETED"' in bundle["text/html"]
        assert "GENERATING" not in bundle["text/html"]
        for line in bundle["text/plain"].splitlines()[1:] or [bundle["text/plain"]]:
            assert "COMPLETED" in line
            assert "bpm" in line
    single = [b for b in cards if "<audio" in b["text/html"]]
    assert len(single) == 3
    assert all("\n" not in b["text/plain"] for b in single)


def test_the_quickstart_leaves_the_music_beside_it(executed: tuple[Path, str]) -> None:
    """The download is an MP3 in the notebook's folder."""
    saved, _ = executed
    (music,) = saved.parent.glob("*.mp3")
    assert music.stat().st_size > 100_000


def test_no_token_is_in_the_executed_quickstart(executed: tuple[Path, str]) -> None:
    """Not in an output, not in the widget state, not in the journal."""
    saved, token = executed
    secret = token.partition("-")[2].encode()
    files = [saved, *saved.parent.glob("data/tempolor_magic/journal*")]
    assert len(files) > 1
    assert not [file for file in files if secret in file.read_bytes()]


def test_the_quickstart_is_kept_with_its_outputs() -> None:
    """What GitHub shows: executed in order, every card static and final, no error."""
    notebook = nbformat.read(QUICKSTART, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    outputs = [output for cell in code for output in cell.outputs]
    assert not [output for output in outputs if output.output_type == "error"]
    assert len(_cards(QUICKSTART)) == 4
    assert all('data-state="COMPLETED"' in bundle["text/html"] for bundle in _cards(QUICKSTART))
    # Names of files are relative: nobody else has the folders of whoever ran it.
    assert not re.search(r"saved as /|Saved as <code>/", json.dumps(outputs))


def test_generate_makes_each_piece_once_however_often_it_runs(tmp_path: Path) -> None:
    """Two kernels at once, and then a third: five jobs in all, the same in each file."""
    with _sandbox(tmp_path / "data") as made:
        runs = _run_at_once(GENERATE, tmp_path / "one", tmp_path / "two")
        assert made() == 5
        runs += _run_at_once(GENERATE, tmp_path / "three")
        assert made() == 5
    ids = [_job_ids(run) for run in runs]
    assert len(ids[0]) == 5
    assert ids[0] == ids[1] == ids[2]
    for bundle in _cards(runs[2]):
        assert VIEW not in bundle
        assert "GENERATING" not in bundle["text/html"]
    assert "--new makes another" in runs[2].read_text("utf-8")


def test_batch_makes_twenty_through_ten_slots(tmp_path: Path) -> None:
    """Nothing is lost on 429: a final table, a frame, a plot and twenty files."""
    with _sandbox(tmp_path / "data") as made:
        saved = _run(BATCH, tmp_path)
        assert made() == 20
    (table,) = _cards(saved)
    assert VIEW not in table
    assert "20 jobs: 20 completed" in table["text/plain"]
    assert len(list(tmp_path.glob("songs/*.mp3"))) == 20
    outputs = [o for cell in nbformat.read(saved, 4).cells for o in cell.get("outputs", [])]
    assert [o for o in outputs if "image/png" in o.get("data", {})]
    assert not [o for o in outputs if o.output_type == "error"]


@pytest.mark.parametrize("notebook", [GENERATE, BATCH], ids=lambda path: path.stem)
def test_the_other_notebooks_are_kept_with_their_outputs(notebook: Path) -> None:
    """What GitHub shows: executed in order, static and final, no error, nobody's folders."""
    kept = nbformat.read(notebook, as_version=4)
    code = [cell for cell in kept.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    outputs = [output for cell in code for output in cell.outputs]
    assert not [output for output in outputs if output.output_type == "error"]
    cards = _cards(notebook)
    assert cards
    assert not [b for b in cards if VIEW in b or "GENERATING" in b["text/html"]]
    assert not re.search(r"saved as /|Saved as <code>/", json.dumps(outputs))


def test_a_bad_input_stops_a_headless_run(tmp_path: Path) -> None:
    """The failing cell leaves an error output of one line, and the next does not run."""
    notebook = _notebook("%load_ext tempolor_magic", "%tempolor watch nonsense", "print('reached')")
    with pytest.raises(CellExecutionError):
        _execute(notebook, tmp_path, USEAPI_TOKEN=TOKEN)
    (error,) = notebook.cells[1].outputs
    assert error.output_type == "error"
    assert len(error.traceback) == 1
    assert not notebook.cells[2].outputs


def test_a_failed_job_stops_a_headless_run_that_waits_for_it(tmp_path: Path) -> None:
    """``--wait`` raises, and the card says FAILED in the file."""
    world = practice_world()
    with serve(practice_app(world)) as url:
        job_id = world.submit(Order("please fail"), now=time.time()).id
        notebook = _notebook(
            "%load_ext tempolor_magic", f"%tempolor watch {job_id} --interval 0.5 --wait"
        )
        with pytest.raises(CellExecutionError, match="FAILED"):
            _execute(notebook, tmp_path, USEAPI_TOKEN=TOKEN, TEMPOLOR_BASE_URL=url)
    card, error = notebook.cells[1].outputs
    assert 'data-state="FAILED"' in card.data["text/html"]
    assert VIEW not in card.data
    assert error.ename == "JobFailed"


def test_the_token_is_in_nothing_that_a_notebook_keeps(tmp_path: Path) -> None:
    """Verbose tracebacks, debug logs, reprs, widget state and the journal are clean."""
    world = practice_world()
    with serve(practice_app(world)) as url:
        job_id = world.submit(Order("rain"), now=time.time()).id
        notebook = _notebook(
            "import logging; logging.basicConfig(level=logging.DEBUG, filename='debug.log')",
            "%load_ext tempolor_magic\n%xmode Verbose",
            f"job = %tempolor watch {job_id} --interval 0.5",
            "%tempolor wait",
            "import tempolor_magic as tempolor; tempolor.Panel(job)",
            f"%tempolor status {job_id[:-1]}x",
            "job.watch.connection.client.token, job.watch.connection, vars(job.watch.connection)",
            "%tempolor config\n%tempolor jobs",
            "client = tempolor.Client()\nclient.job('x')",
            "import asyncio; asyncio.run(job.watch.connection.client.job(None))",
            "job.watch.connection.client.token + 1",
            "from tempolor_magic.runtime import shared; shared(), vars(shared())",
        )
        _execute(
            notebook,
            tmp_path,
            allow_errors=True,
            USEAPI_TOKEN=TOKEN,
            TEMPOLOR_BASE_URL=url,
            XDG_DATA_HOME=str(tmp_path),
        )
    nbformat.write(notebook, tmp_path / "executed.ipynb")
    secret = TOKEN.partition("-")[2].encode()
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {"executed.ipynb", "debug.log", "journal.sqlite3"} <= {path.name for path in files}
    assert [path.name for path in files if secret in path.read_bytes()] == []


@contextmanager
def _sandbox(data: Path) -> Iterator[Callable[[], int]]:
    """A fast sandbox for the kernels with this data folder; yields how many jobs it has made."""
    running, _ = launcher.start(data / "tempolor_magic", speed=60)

    def made() -> int:
        headers = {"Authorization": f"Bearer {running.token}"}
        return int(httpx.get(f"{running.url}/sandbox", headers=headers).json()["jobs"])

    try:
        yield made
    finally:
        launcher.stop(data / "tempolor_magic")


def _run_at_once(notebook: Path, *folders: Path) -> list[Path]:
    """Execute a notebook in several folders at the same time, as people do in a shell."""
    started = []
    for folder in folders:
        folder.mkdir()
        copy = folder / notebook.name
        copy.write_bytes(notebook.read_bytes())
        environ = {**os.environ, **NOBODY, "XDG_DATA_HOME": str(folder.parent / "data")}
        line = [sys.executable, "-m", "jupyter", "execute", "--inplace", str(copy)]
        started.append((copy, subprocess.Popen(line, env=environ, stderr=subprocess.DEVNULL)))
    assert [process.wait(120) for _, process in started] == [0] * len(started)
    return [copy for copy, _ in started]


def _run(notebook: Path, folder: Path, data: Path | None = None) -> Path:
    """Execute a notebook of ours in *folder*, and return the saved file."""
    read = nbformat.read(notebook, as_version=4)
    for cell in read.cells:
        if cell.cell_type == "code":
            cell.outputs = []
    _execute(read, folder, XDG_DATA_HOME=str(data or folder / "data"))
    nbformat.write(read, folder / notebook.name)
    return folder / notebook.name


def _job_ids(path: Path) -> set[str]:
    return set(re.findall(r"-job:([a-z0-9]{15})", path.read_text("utf-8")))


def _notebook(*cells: str) -> nbformat.NotebookNode:
    made = nbformat.from_dict({"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    made.cells = [nbformat.v4.new_code_cell(source) for source in cells]
    return made


def _execute(
    notebook: nbformat.NotebookNode, folder: Path, *, allow_errors: bool = False, **environ: str
) -> None:
    clean = {**NOBODY, "XDG_DATA_HOME": str(folder)}
    NotebookClient(
        notebook,
        timeout=120,
        kernel_name="python3",
        allow_errors=allow_errors,
        resources={"metadata": {"path": str(folder)}},
    ).execute(env={**os.environ, **clean, **environ})


def _cards(path: Path) -> list[dict[str, Any]]:
    """The outputs that show a job or a table of jobs."""
    notebook = nbformat.read(path, as_version=4)
    return [
        output.data
        for cell in notebook.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if "tempolor-card" in output.get("data", {}).get("text/html", "")
    ]
