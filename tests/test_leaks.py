"""The search of ``test_secrets`` finds a token wherever a kernel tells it, and wherever it is kept.

Here it is told and kept on purpose.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from html import escape
from pathlib import Path
from urllib.parse import quote

import pytest
from leaks import PRIVATE, SECRET, TOKEN, in_files, in_messages, traces, write_notebook
from parrots import Answer
from scenes import Scene, playing


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """One for all: each looks for what it has done itself."""
    with playing(tmp_path_factory.mktemp("scene")) as made:
        yield made


SPELT = {
    "whole": TOKEN,
    "in an address": f"https://x/?t={quote(SECRET)}",
    "as HTML": f"<td>{escape(SECRET)}</td>",
    "its beginning": f"x{SECRET[: len(SECRET) // 2]}x",
    "its end": f"…{SECRET[len(SECRET) // 2 :]}",
    "a login of another service": PRIVATE,
}


@pytest.mark.parametrize("how", SPELT)
def test_it_is_found_however_it_is_spelt(tmp_path: Path, how: str) -> None:
    """In a message, in a file, and in a notebook that is saved."""
    content = {"name": "stdout", "text": SPELT[how]}
    message = {"header": {"msg_type": "stream"}, "msg_type": "stream", "content": content}
    write_notebook(tmp_path / "saved.ipynb", [message], "{}")
    assert len(in_messages([message])) == 1
    assert in_files(tmp_path) == [str(tmp_path / "saved.ipynb")]


@pytest.mark.parametrize("before", ["", "u", "us", TOKEN.partition("-")[0]])
def test_it_is_found_when_it_is_packed(before: str) -> None:
    """In Base64, wherever it begins."""
    assert traces(base64.b64encode(f"{before}{SECRET}:".encode()))
    assert not traces(base64.b64encode(b"nothing of the kind, and long enough to be one"))


TOLD = {
    "printed": ("print(T)", "stream"),
    "shown": ("display({'text/html': T}, raw=True)", "display_data"),
    "returned": ("[T]", "execute_result"),
    "raised": ("raise ValueError(T)", "error"),
    "a variable of a frame": ("def call(given): 1 / 0\ncall(T)", "error"),
    "the cause of an error": ("raise ValueError from ValueError(T)", "error"),
    "a new widget": ("import ipywidgets; html = ipywidgets.HTML(T)", "comm_open"),
    "a widget that changes": ("html = ipywidgets.HTML(); html.value = T", "comm_msg"),
    "bytes of a widget": ("import ipywidgets; ipywidgets.Image(value=T.encode())", "comm_open"),
    "a page": ("class Page: pass\nPage.__doc__ = T\nPage?", "execute_reply"),
    "the answer to the front end": ("raise ValueError(T)", "execute_reply"),
}


@pytest.mark.parametrize("how", TOLD)
def test_a_kernel_that_tells_it_is_found_out(scene: Scene, how: str) -> None:
    """In every kind of message."""
    scene.run("import ipywidgets")
    lines, where = TOLD[how]
    found = in_messages(scene.play(lines, Answer()))
    assert where in {each.partition(":")[0] for each in found}


KEPT = {
    "a table": "import sqlite3; file = sqlite3.connect('kept')\n"
    "file.execute('CREATE TABLE t (x)')\n"
    "file.execute('INSERT INTO t VALUES (?)', (T,)); file.commit()",
    "a log": "import logging.handlers; log = logging.handlers.WatchedFileHandler('kept')\n"
    "log.emit(logging.makeLogRecord({'msg': T}))",
    "the name of a file": "open(f'kept {T}', 'w').close()",
    "what is past all front ends": "import sys; print(T, file=sys.__stderr__, flush=True)",
}


@pytest.mark.parametrize("how", KEPT)
def test_a_file_that_holds_it_is_found(scene: Scene, how: str) -> None:
    """Of whatever kind."""
    before = in_files(scene.folder)
    scene.run(KEPT[how])
    after = set(in_files(scene.folder)) - set(before)
    assert len(after) == 1
    scene.run("import os; [os.remove(name) for name in os.listdir() if name.startswith('kept')]")


def test_another_host_that_was_sent_it_has_it(scene: Scene) -> None:
    """In an address, in a header, in a body."""
    scene.run("import urllib.request as web; host = os.environ['HTTP_PROXY']")
    for asked in ("f'{host}/?t={T}'", "host, headers={'X-T': T}", "host, data=T.encode()"):
        scene.run(f"web.urlopen(web.Request({asked}))")
        assert traces(scene.stranger.heard[-1])


def test_a_variable_of_ours_that_holds_it_is_found(scene: Scene) -> None:
    """What was taken for an id is one; it is not in the line that is shown of the error."""
    assert in_messages(scene.play("tempolor.watch(T)", Answer())) == []
    assert traces(scene.unfold())
    assert not traces(scene.unfold())
