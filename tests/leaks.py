"""Looks for a token in what a kernel has said and kept, however it is spelt there."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
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


def spellings(token: str = TOKEN, private: str = PRIVATE) -> list[bytes]:
    """Everything that would give it away: plain, in addresses, in Base64 wherever it begins."""
    secret = token.partition("-")[2]
    plain = [secret, quote(secret, safe=""), secret[: len(secret) // 2], private]
    packed = [base64.b64encode(b"_" * shift + secret.encode())[4:-4] for shift in range(3)]
    return [*(each.encode() for each in plain), *packed]


def traces(data: bytes | str) -> list[bytes]:
    """The spellings that stand in *data*."""
    body = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    return [each for each in spellings() if each in body]


def in_messages(messages: Iterable[Message]) -> list[str]:
    """Where in the messages of a kernel it stands; its own input, repeated, is not said by it."""
    said = ((m["msg_type"], json.dumps(m["content"])) for m in messages)
    found = ((kind, text, traces(text)) for kind, text in said if kind != "execute_input")
    return [f"{kind}: {_around(text, each[0])}" for kind, text, each in found if each]


def _around(text: str, spelling: bytes) -> str:
    place = text.encode().index(spelling)
    return text[max(0, place - 60) : place + 60]


def in_files(*folders: Path) -> list[str]:
    """The files in which it stands."""
    files = (path for folder in folders for path in folder.rglob("*") if path.is_file())
    return [str(path) for path in files if traces(path.read_bytes())]


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
