"""Looks for a token in what a kernel has said and kept, however it is spelt there."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator
from html import escape
from pathlib import Path
from urllib.parse import quote

import nbformat
from kernels import Message

# Long and unlike anything else, so that half of it would be told, too.
TOKEN = "user:4711-Never+To.Be-Seen_9f3b"
SECRET = TOKEN.partition("-")[2]
# What the service keeps of those who make music; nothing here may ask for it or show it.
PRIVATE = "the-parameters-of-a-login"
_KEPT_BY_NOTEBOOKS = ("stream", "display_data", "execute_result", "error")


def spellings() -> list[bytes]:
    """Everything that would give it away: plain, in addresses, in Base64 wherever it begins."""
    half = len(SECRET) // 2
    plain = [SECRET[:half], SECRET[half:], PRIVATE]
    packed = [base64.b64encode(b"_" * shift + SECRET.encode())[4:-4] for shift in range(3)]
    return [*(write(each).encode() for each in plain for write in (str, quote, escape)), *packed]


def traces(data: bytes | str) -> list[bytes]:
    """The spellings that stand in *data*."""
    body = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    return [each for each in spellings() if each in body]


def in_messages(messages: Iterable[Message]) -> list[str]:
    """Where in the messages of a kernel it stands; its own input, repeated, is not said by it."""
    said = ((m["msg_type"], text) for m in messages for text in _parts(m))
    found = ((kind, text, traces(text)) for kind, text in said if kind != "execute_input")
    return [f"{kind}: {_around(text, each[0])}" for kind, text, each in found if each]


def _parts(message: Message) -> Iterator[bytes]:
    """What a message says, what it says about that, and what it carries along."""
    for part in (message["content"], message.get("metadata")):
        yield json.dumps(part, default=str).encode()
    yield from map(bytes, message.get("buffers") or ())


def _around(text: bytes, spelling: bytes) -> str:
    place = text.index(spelling)
    return text[max(0, place - 60) : place + 60].decode("utf-8", "replace")


def in_files(*folders: Path) -> list[str]:
    """The files in which, or in whose names, it stands."""
    files = (path for folder in folders for path in folder.rglob("*"))
    return [str(path) for path in files if traces(path.name) or traces(_content(path))]


def _content(path: Path) -> bytes:
    return path.read_bytes() if path.is_file() else b""


def write_notebook(path: Path, messages: Iterable[Message], widgets: str) -> None:
    """What Jupyter would save of it all: outputs, and the state of the widgets."""
    notebook = nbformat.v4.new_notebook()
    outputs = [
        nbformat.v4.output_from_msg(m) for m in messages if m["msg_type"] in _KEPT_BY_NOTEBOOKS
    ]
    notebook.cells.append(nbformat.v4.new_code_cell(outputs=outputs))
    notebook.metadata["widgets"] = {
        "application/vnd.jupyter.widget-state+json": json.loads(widgets)
    }
    nbformat.write(notebook, path)
