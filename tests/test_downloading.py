"""Downloads in a real ipykernel, from a file host that waits for what the page has heard."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pexpect
import pytest
from fakes import TOKEN
from filehost import Exchange, FileHost, after, mp3_bytes, running, say, stall, wav_bytes
from kernels import Kernel, Message, kernel
from samples import make_document

PATIENCE = 60.0
COUNT = 100_000
JOB = "user:4711-tempolor:1-job:one"
RECORD = f"/music/{JOB}"
NAME = "Epic Orchestral one"
VIEW = "application/vnd.jupyter.widget-view+json"


@contextmanager
def opened(folder: Path, host: FileHost) -> Iterator[Kernel]:
    """A kernel with the extension, at a running host."""
    with (
        running(host),
        kernel(folder, USEAPI_TOKEN=TOKEN, TEMPOLOR_BASE_URL=host.url) as k,
    ):
        assert not k.run("%load_ext tempolor_magic").error
        k.run("%config TempolorMagics.interval = 0.5")
        yield k
        assert TOKEN not in json.dumps(k.heard, default=str)


def test_a_download_shows_how_far_it_is_and_then_its_name(tmp_path: Path) -> None:
    """One output that changes in place; what stays is static, and the path is the value."""
    go_on = threading.Event()
    host = FileHost(acts=[after(COUNT, _rest_when(go_on))])
    with opened(tmp_path, host) as k:
        request = k.start(f"path = %tempolor download {JOB} --output music")
        shown = k.listen(lambda m: "33 %, 100 kB of 300 kB" in _html(m))
        assert '<progress max="100" value="33"' in _html(shown)
        go_on.set()
        cell = k.finish(request)
        assert not cell.error
        last = cell.of_type("update_display_data")[-1]
        assert f"Saved as <code>music/{NAME}.mp3</code>" in last["data"]["text/html"]
        assert last["data"]["text/plain"] == f"Saved as music/{NAME}.mp3"
        assert "<progress" not in last["data"]["text/html"]
        assert VIEW not in json.dumps(cell.messages, default=str)
        assert k.run("print(path.read_bytes()[:2], path.name)").text.endswith(f"{NAME}.mp3\n")
        again = k.run(f"%tempolor download {JOB} --output music")
        assert again.bundles[0]["text/plain"] == f"Saved as music/{NAME}.mp3"
    assert host.starts == [0]
    assert (tmp_path / "music" / f"{NAME}.mp3").read_bytes() == host.content


def test_an_interrupted_download_goes_on_with_the_same_line(tmp_path: Path) -> None:
    """The transfer stops with the cell, and one line says how to go on."""
    host = FileHost(acts=[stall(COUNT)])
    line = f"%tempolor download {JOB}"
    with opened(tmp_path, host) as k:
        request = k.start(line)
        k.listen(lambda m: "33 %" in _html(m))
        k.interrupt()
        cell = k.finish(request)
        assert "the same line again" in cell.error
        assert "\n" not in cell.error
        (part,) = tmp_path.glob("*.part")
        assert part.stat().st_size == COUNT
        left = cell.of_type("update_display_data")[-1]["data"]
        assert "the same line again" in left["text/html"]
        assert "<progress" not in left["text/html"]
        assert not k.run(line).error
    assert host.starts == [0, COUNT]
    assert (tmp_path / f"{NAME}.mp3").read_bytes() == host.content
    assert not list(tmp_path.glob("*.part"))


def test_a_killed_kernel_loses_no_byte(tmp_path: Path) -> None:
    """What it had fetched is taken up by the next, at once."""
    host = FileHost(acts=[stall(COUNT)])
    line = f"%tempolor download {JOB}"
    with opened(tmp_path, host) as k:
        k.start(line)
        k.listen(lambda m: "33 %" in _html(m))
        k.kill()
    with opened(tmp_path, host) as k:
        assert not k.run(line).error
    first, second = host.starts
    assert first == 0
    assert 0 < second <= COUNT
    assert (tmp_path / f"{NAME}.mp3").read_bytes() == host.content


def test_several_ids_are_several_files(tmp_path: Path) -> None:
    """In one line; the value is a list, and each file is named."""
    ids = [f"user:4711-tempolor:1-job:{item}" for item in ("a", "b", "c")]
    with opened(tmp_path, FileHost(wav_bytes(), "audio/wav")) as k:
        cell = k.run(f"paths = %tempolor download {' '.join(ids)} --format wav --output music")
        assert not cell.error
        assert k.run("print(len(paths), paths[1].name)").text == "3 Epic Orchestral b.wav\n"
        said = [c["data"]["text/plain"] for c in cell.of_type("update_display_data")]
        said += [b["text/plain"] for b in cell.bundles]
        assert any(text.count("Saved as") == 3 for text in said)
        refused = k.run(f"%tempolor download {' '.join(ids)} --format wav --output one.wav")
        assert "one file for several jobs" in refused.error
    assert len(list((tmp_path / "music").glob("*.wav"))) == 3


def test_a_watched_job_saves_its_file_by_itself(tmp_path: Path) -> None:
    """``--download``: the cell returns at once, and the static card names the file in the end."""
    host = FileHost(told={RECORD: (200, _unfinished())})
    with opened(tmp_path, host) as k:
        cell = k.run(f"job = %tempolor watch {JOB} --download --output music")
        assert not cell.error
        assert host.files == []
        k.run("%cd /")
        host.told.clear()
        card = k.listen(lambda m: "Saved as" in _html(m) and m["msg_type"] != "comm_msg")
        assert 'data-state="COMPLETED"' in _html(card)
        assert VIEW not in card["content"]["data"]
        assert not k.run("%tempolor wait").error
    assert (tmp_path / "music" / f"{NAME}.mp3").read_bytes() == host.content


def test_waiting_also_waits_for_the_file(tmp_path: Path) -> None:
    """``--wait``: when the cell has ended the file is there; the folder set is the default."""
    host = FileHost(told={RECORD: (200, _unfinished())})
    with opened(tmp_path, host) as k:
        k.run("%config TempolorMagics.output = 'set'")
        request = k.start(f"job = %tempolor watch {JOB} --download --wait")
        k.listen(lambda m: "GENERATING" in _html(m))
        host.told.clear()
        assert not k.finish(request).error
        assert (tmp_path / "set" / f"{NAME}.mp3").read_bytes() == host.content


def test_a_file_that_cannot_be_saved_is_told_on_the_card_and_to_who_waits(tmp_path: Path) -> None:
    """The watch is not ended by it; whoever waited hears of it once."""
    host = FileHost(acts=[say(418)])
    with opened(tmp_path, host) as k:
        k.run(f"job = %tempolor watch {JOB} --download")
        card = k.listen(lambda m: "Not saved" in _html(m) and m["msg_type"] != "comm_msg")
        assert "HTTP 418" in _html(card)
        assert 'data-state="COMPLETED"' in _html(card)
        assert k.run("print(job.state)").text == "COMPLETED\n"
        assert "HTTP 418" in k.run("%tempolor wait").error
        assert not k.run("%tempolor wait").error


def test_a_stopped_watch_saves_nothing_and_is_no_failure(tmp_path: Path) -> None:
    """Who stopped it knows; ``wait`` has nothing to complain about."""
    host = FileHost(told={RECORD: (200, _unfinished())})
    with opened(tmp_path, host) as k:
        k.run(f"job = %tempolor watch {JOB} --download\n%tempolor stop")
        assert not k.run("%tempolor wait").error
        assert k.run("print(job.state, job.snapshot.media.unsaved)").text == "STOPPED \n"
    assert host.files == []


def test_a_tick_of_a_download_is_one_small_message(tmp_path: Path) -> None:
    """On a live card it changes the words of a button, at most twice a second, and nothing else."""
    enough = threading.Event()

    def trickle(exchange: Exchange) -> None:
        for at in range(COUNT, len(host.content), 1_000):
            exchange.send(host.content[at : at + 1_000])
            enough.wait(0.05)

    host = FileHost(mp3_bytes(), acts=[after(COUNT, trickle)])
    with opened(tmp_path, host) as k:
        k.run(f"job = %tempolor watch {JOB} --live")
        k.listen(lambda m: "<audio" in _html(m))
        request = k.start("path = job.download(to='music')")
        k.listen(lambda m: _label(m).startswith("Saving"))
        began, from_here = time.monotonic(), len(k.heard)
        heard: set[str] = set()

        def three_more(message: Message) -> bool:
            heard.update({_label(message)} - {""})
            return len(heard) >= 4

        k.listen(three_more)
        seconds = time.monotonic() - began
        ticks = [m for m in k.heard[from_here:] if m["msg_type"] == "comm_msg"]
        enough.set()
        assert not k.finish(request).error
        k.listen(lambda m: _label(m) == "Download")
        assert any("Saved as" in _html(m) for m in k.heard)
    assert all(_label(tick) for tick in ticks), ticks
    assert len(ticks) <= 2 * seconds + 1
    assert max(len(json.dumps(tick["content"])) for tick in ticks) <= 4096


@pytest.mark.parametrize("line", ["--format ogg", "--format wav --output a.mp3"])
def test_what_cannot_be_saved_like_this_is_one_line_and_no_request(
    tmp_path: Path, line: str
) -> None:
    """Told before the job is waited for."""
    host = FileHost()
    with opened(tmp_path, host) as k:
        error = k.run(f"%tempolor download {JOB} {line}").error
        assert error
        assert "\n" not in error
    assert host.asked == []


def test_a_terminal_writes_over_one_line(tmp_path: Path) -> None:
    """IPython without a kernel: how far it is, interruptible, and the path in the end."""
    go_on = threading.Event()
    host = FileHost(acts=[stall(COUNT), after(COUNT, _rest_when(go_on))])
    line = f"%tempolor download {JOB}"
    with running(host), _terminal(tmp_path, host) as child:
        child.sendline("%load_ext tempolor_magic")
        child.expect(r"In \[2\]:")
        child.sendline(line)
        child.expect(r"\r\x1b\[KSaving Epic Orchestral · 33 %, 100 kB of 300 kB")
        child.sendintr()
        child.expect("Interrupted: stopped; what has arrived is kept")
        child.expect(r"In \[3\]:")
        child.sendline(line)
        child.expect("66 %, 200 kB of 300 kB")
        assert "<div" not in child.before
        go_on.set()
        child.expect(r"Out\[3\]: .*Path\('[^']*Epic Orchestral one\.mp3'\)")
    assert host.starts == [0, COUNT]
    assert (tmp_path / f"{NAME}.mp3").read_bytes() == host.content


@contextmanager
def _terminal(folder: Path, host: FileHost) -> Iterator[Any]:
    """IPython at a terminal of its own, at its first prompt."""
    private = {"USEAPI_TOKEN": TOKEN, "TEMPOLOR_BASE_URL": host.url, "TERM": "xterm"}
    private |= {name: str(folder / "settings") for name in ("IPYTHONDIR", "XDG_DATA_HOME")}
    child = pexpect.spawn(
        sys.executable,
        ["-m", "IPython", "--no-banner", "--colors=NoColor", "--simple-prompt"],
        cwd=str(folder),
        env={**os.environ, **private},
        dimensions=(60, 400),
        timeout=PATIENCE,
        encoding="utf-8",
    )
    try:
        child.expect(r"In \[1\]:")
        yield child
    finally:
        child.close(force=True)


def _unfinished() -> dict[str, Any]:
    state = {"status": 0, "status_name": "GENERATING", "status_final": False, "progress": 35}
    return {**make_document(job_id=JOB), **state}


def _rest_when(go_on: threading.Event) -> Callable[[Exchange], None]:
    def rest(exchange: Exchange) -> None:
        assert go_on.wait(PATIENCE)
        exchange.send(exchange.host.content[exchange.request.start + COUNT :])

    return rest


def _html(message: Message) -> str:
    """The HTML that a message shows, as an output or in a widget."""
    content = message["content"]
    if message["msg_type"] in {"display_data", "update_display_data"}:
        return str(content["data"].get("text/html", ""))
    return str(_state(message).get("value", ""))


def _label(message: Message) -> str:
    """The words that a button gets."""
    return str(_state(message).get("description", "")) if message["msg_type"] == "comm_msg" else ""


def _state(message: Message) -> dict[str, Any]:
    if message["msg_type"] not in {"comm_open", "comm_msg"}:
        return {}
    state: dict[str, Any] = message["content"]["data"].get("state", {})
    return state
