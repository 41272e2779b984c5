"""The token is never seen, whatever goes wrong: in outputs, tracebacks, logs, files, elsewhere.

A kernel whose errors are shown with every variable, whose log is kept whole, and a service that
repeats the token in whatever it says.
"""

from __future__ import annotations

import base64
import json
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from kernels import Kernel, kernel
from leaks import PRIVATE, SECRET, TOKEN, in_files, in_messages, traces, write_notebook
from services import Receive, Scope, Send, serve

from tempolor_magic.sandbox.spoiling import TRANSPORT

USER = "4711"
# Whatever the service sends, the token that it was sent goes along in all of these.

JSON, HTML = "application/json", "text/html"


@dataclass(frozen=True)
class Answer:
    """What the service says to everything; ``JOB`` in it is the job that was asked for."""

    status: int
    body: str
    kind: str = JSON
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False


def refusal(status: int, **headers: str) -> Answer:
    """The documented form of an error, which repeats the token."""
    text = json.dumps({"error": f"not with {TOKEN}, {SECRET}", "code": status, "you": TOKEN})
    return Answer(status, text, headers=headers)


def record(**changes: Any) -> Answer:
    """A record with the token in all it says."""
    document = {
        "job_id": "JOB",
        "status": 0,
        "status_final": False,
        "titleEn": TOKEN,
        "requestParams": PRIVATE,
        "cover": f"ELSEWHERE/cover.png?token={TOKEN}",
        "musicMaterial": {"style": TOKEN, "waveformUrl": f"ELSEWHERE/wave?{TOKEN}", "bpm": 90},
        "ltmMaterialExtendDto": {"prompt": f"by {TOKEN}", "lyricsPrompt": SECRET},
    }
    return Answer(200, json.dumps({**document, **changes}))


FINAL = {"status": 30, "status_final": True, "url": "ELSEWHERE/file.mp3"}
ANSWERS = {
    **{str(status): refusal(status) for status in (400, 401, 402, 403, 404, 405, 410, 412, 422)},
    **{str(status): refusal(status) for status in (408, 409, 425, 500, 502, 503, 596)},
    "429 seconds": refusal(429, **{"retry-after": "1"}),
    "429 garbage": refusal(429, **{"retry-after": TOKEN}),
    "403 edge": Answer(403, f"<h1>Denied</h1><p>{TOKEN}</p>", HTML),
    "422 no error": Answer(422, json.dumps({"reason": TOKEN, "is_flagged": True})),
    "400 nested": Answer(400, json.dumps({"error": {"message": [TOKEN, {"of": TOKEN}]}})),
    "524 page": Answer(524, f"<html><title>{TOKEN}</title>{SECRET}</html>", HTML),
    "empty": Answer(500, ""),
    "moved": Answer(301, TOKEN, headers={"location": f"ELSEWHERE/steal?token={TOKEN}"}),
    "detour": Answer(302, TOKEN, headers={"location": f"ELSEWHERE/steal?token={TOKEN}"}),
    "kept method": Answer(307, TOKEN, headers={"location": f"ELSEWHERE/steal/{TOKEN}"}),
    "no JSON": Answer(200, f"{{'token': {TOKEN}"),
    "a text": Answer(200, json.dumps(TOKEN)),
    "cut off": Answer(200, json.dumps({"job_id": "JOB", "titleEn": TOKEN}), cut=True),
    "another job": Answer(200, json.dumps({"job_id": TOKEN, "status": 30})),
    "a strange encoding": Answer(200, TOKEN, headers={"content-encoding": TOKEN}),
    "a record": record(),
    "a final record": record(**FINAL),
    "a failed record": record(status=10, status_final=True),
    "an unknown end": record(status=77, status_name=TOKEN, status_final=True),
}


class Parrot:
    """Repeats the token that it is sent in everything it answers."""

    def __init__(self, elsewhere: str) -> None:
        self._elsewhere = elsewhere
        self.answer = refusal(500)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        said, job_id = self.answer, scope["path"].rpartition("/")[2]
        named = {**said.headers, "content-type": said.kind, "x-token": TOKEN, "set-cookie": TOKEN}
        headers = [(name.encode(), self._filled(text, job_id)) for name, text in named.items()]
        body = self._filled(said.body, job_id)
        length = len(body) + (10 if said.cut else 0)
        headers.append((b"content-length", str(length).encode()))
        await send({"type": "http.response.start", "status": said.status, "headers": headers})
        await send({"type": "http.response.body", "body": body, "more_body": said.cut})
        if said.cut:
            scope["extensions"][TRANSPORT].abort()

    def _filled(self, text: str, job_id: str) -> bytes:
        return text.replace("JOB", job_id).replace("ELSEWHERE", self._elsewhere).encode()


class Stranger:
    """Another host: keeps all it is sent."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        headers = b"\n".join(name + b": " + text for name, text in scope["headers"])
        self.heard.append(scope["raw_path"] + b"?" + scope["query_string"] + b"\n" + headers)
        status = 200 if scope["path"].endswith(".mp3") else 404
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b"ID3" + bytes(5_000)})


@dataclass
class Scene:
    """A kernel, its folder, and the two hosts it talks to."""

    kernel: Kernel
    folder: Path
    service: Parrot
    stranger: Stranger
    jobs: int = 0

    def play(self, lines: str, answer: Answer) -> str:
        """Run *lines* while the service says *answer*; then show the last error once more."""
        self.service.answer = answer
        self.jobs += 1
        job_id = f"user:{USER}-tempolor:1-job:{self.jobs:015}"
        code = lines.replace("ID", job_id)
        self.kernel.run(code)
        return self.kernel.run("%tb").text


# As somebody would who looks for a fault: all variables of all frames, and every line of the log.
SETUP = """
import logging, os
logging.basicConfig(filename="debug.log", level=logging.DEBUG, force=True)
%load_ext tempolor_magic
%xmode Verbose
import tempolor_magic as tempolor
"""


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """One for all scenarios: what one leaves behind, the next ones may bring to light."""
    folder = tmp_path_factory.mktemp("secrets")
    stranger = Stranger()
    with ExitStack() as stack:
        elsewhere = stack.enter_context(serve(stranger)).partition("/v1")[0]
        service = Parrot(elsewhere)
        url = stack.enter_context(serve(service))
        given = {"USEAPI_TOKEN": TOKEN, "TEMPOLOR_BASE_URL": url, "TMPDIR": str(folder)}
        k = stack.enter_context(kernel(folder, **given))
        assert not k.run(SETUP).error
        yield Scene(k, folder, service, stranger)


# Everything that is asked of the service, each while it says this and that.
LINES = {
    "watch": "%tempolor watch ID --wait",
    "table": "%tempolor watch ID ID0 --wait",
    "troubled": "%tempolor watch ID\n%tempolor wait ID --timeout 0.5\n%tempolor stop ID",
    "live": "%tempolor watch ID --live\n%tempolor wait ID --timeout 1\n%tempolor stop ID",
    "embed": "%tempolor watch ID --embed\n%tempolor wait ID",
    "download": "%tempolor download ID --output music",
    "list": "%tempolor list",
    "slots": "%tempolor slots",
    "cancel": "%tempolor cancel ID --yes",
    "delete": "%tempolor delete ID --yes",
    "song": "%tempolor song a song of ID",
    "instrumental": "%tempolor instrumental a piece of ID",
    "result": "tempolor.watch('ID').result()",
    "exception": "raise tempolor.watch('ID').exception()",
    "await": "await tempolor.watch('ID')",
    "record": "job = tempolor.watch('ID'); print(job.result(), job.record.raw, job)",
    "callback": "tempolor.watch('ID').add_done_callback(lambda job: 1 / 0); 1 / 0",
    "panel": "panel = tempolor.Panel('ID'); panel.job.stop(); panel",
    "client": "with tempolor.Client() as client: client.job('ID')",
    "client file": "with tempolor.Client() as client: client.download_link('ID')",
    "client voice": "with tempolor.Client() as client: client.artist_voices()",
    "client accounts": "with tempolor.Client() as client: client.accounts()",
    "async client": "async with tempolor.AsyncClient(os.environ['USEAPI_TOKEN'], "
    "base_url=os.environ['TEMPOLOR_BASE_URL']) as client: await client.job('ID')",
    "upload": "with tempolor.Client() as client: client.clone_voice('mine', '/no/such/file.mp3')",
}
PAIRS = [
    *(("watch", name) for name in ("401", "a final record", "a failed record")),
    *(("troubled", name) for name in ("500", "429 garbage", "cut off", "no JSON", "524 page")),
    *(("table", name) for name in ("403", "a final record", "a failed record", "an unknown end")),
    *(("live", name) for name in ("a record", "a final record")),
    *(("download", name) for name in ("a final record", "402")),
    *((line, "a final record") for line in ("embed", "panel", "await", "record", "slots")),
    *((line, "401") for line in ("song", "list", "slots", "cancel", "delete", "upload")),
    *((line, "moved") for line in ("song", "list", "client file", "client accounts")),
    *(("instrumental", name) for name in ("412", "422", "596")),
    *((line, "another job") for line in ("client", "async client", "client voice", "list")),
    *((line, "no JSON") for line in ("client", "async client", "list", "client accounts")),
    *((line, "524 page") for line in ("client", "slots", "client accounts", "delete")),
    *((line, "402") for line in ("result", "exception", "await", "panel", "callback")),
]

# What people type by mistake, or ask of what they hold; the token stands for itself.
MISTAKES = {
    "a token for an id": f"%tempolor {TOKEN}",
    "a token for an id, quoted": f"%tempolor watch '{TOKEN}'",
    "a token for an id, encoded": f"%tempolor status {TOKEN.replace(':', '%3A')}",
    "a token among ids": f"%tempolor watch ID {TOKEN}",
    "a token in a variable": "mine = os.environ['USEAPI_TOKEN']\n%tempolor watch $mine",
    "a token for an account": f"%tempolor song hi --account {TOKEN}",
    "a token for a voice": f"%tempolor song hi --voice {TOKEN}",
    "a token for seconds": f"%tempolor watch ID --deadline {TOKEN}",
    "a token for an interval": f"%tempolor watch ID --interval {TOKEN}",
    "a token for a format": f"%tempolor download ID --format {TOKEN}",
    "a token for a type": f"%tempolor list --type {TOKEN}",
    "an option there is none of": f"%tempolor --token {TOKEN}",
    "an option with a value": f"%tempolor watch ID --token={TOKEN}",
    "a token behind login": f"%tempolor login {TOKEN}",
    "a token behind sandbox": f"%tempolor sandbox {TOKEN}",
    "help of a token": f"%tempolor {TOKEN} --help",
    "a token for faults": f"%tempolor sandbox --faults {TOKEN}",
    "a token in Python": "tempolor.watch(os.environ['USEAPI_TOKEN'])",
    "a token for Panel": "tempolor.Panel(os.environ['USEAPI_TOKEN'])",
    "an address with it": f"%config TempolorMagics.base_url = 'https://{TOKEN}@api.useapi.net'\n"
    "%tempolor config",
    "no address": f"%config TempolorMagics.base_url = '{TOKEN}'\n%tempolor status ID",
    "a setting there is none of": f"%config TempolorMagics.token = '{TOKEN}'",
    "what is in force": "%tempolor config",
    "a plain host": "tempolor.Client(os.environ['USEAPI_TOKEN'], base_url='http://example.com')",
    "an address that is none": "tempolor.Client(base_url=5)",
    "a transport that is none": "with tempolor.Client(transport=5) as c: c.job('ID')",
    "a token with more": "tempolor.Client('Bearer ' + os.environ['USEAPI_TOKEN'])",
    "a token that is broken": "tempolor.Client(os.environ['USEAPI_TOKEN'] + ' x')",
    "a client looked at": "client = tempolor.Client(); display(client); vars(client)",
    "a client packed": "import pickle; pickle.dumps(tempolor.Client())",
    "everything in this kernel": "from tempolor_magic.runtime import shared\n"
    "import pprint\nruntime = shared(); pprint.pprint(vars(runtime))\n"
    "[vars(w) for w in runtime.poller.all()]",
    "jobs": "%tempolor jobs",
}


@pytest.mark.parametrize("name", ANSWERS)
def test_no_answer_brings_it_to_light(scene: Scene, name: str) -> None:
    """However the service repeats it, asked once."""
    _unseen(scene, "%tempolor status ID", ANSWERS[name])


@pytest.mark.parametrize(("line", "name"), PAIRS)
def test_no_call_brings_it_to_light(scene: Scene, line: str, name: str) -> None:
    """Whatever was asked for when the service repeated it."""
    _unseen(scene, LINES[line], ANSWERS[name])


@pytest.mark.parametrize("name", MISTAKES)
def test_no_mistake_brings_it_to_light(scene: Scene, name: str) -> None:
    """What was typed in the wrong place is not said again."""
    _unseen(scene, MISTAKES[name], ANSWERS["401"])
    scene.kernel.run("%config TempolorMagics.base_url = ''")


def test_a_token_that_is_typed_is_not_said(scene: Scene) -> None:
    """The prompt hides it, and says nothing of it when it is wrong."""
    k, told = scene.kernel, len(scene.kernel.heard)
    k.run("%tempolor logout")
    for typed in (TOKEN, f"Bearer {TOKEN}", SECRET):
        request = k.start("%tempolor login", allow_stdin=True)
        assert k.answer_prompt(typed)["content"]["password"]
        k.finish(request)
        k.run("%tb")
    assert in_messages(k.heard[told:]) == []


def test_nothing_that_is_kept_holds_it(scene: Scene) -> None:
    """Journal, sidecars, log, temporary files, a saved notebook; nor did the other host get it."""
    k = scene.kernel
    state = "import ipywidgets, json; print(json.dumps(ipywidgets.Widget.get_manager_state()))"
    widgets = k.run(state).text
    assert '"HTMLModel"' in widgets
    write_notebook(scene.folder / "saved.ipynb", k.heard, widgets)
    k.run("logging.shutdown()")
    _there_is_something_to_find(scene)
    assert in_files(scene.folder) == []
    assert scene.stranger.heard
    assert [each for each in scene.stranger.heard if traces(each)] == []


def _unseen(scene: Scene, lines: str, answer: Answer) -> None:
    told = len(scene.kernel.heard)
    scene.play(lines, answer)
    assert in_messages(scene.kernel.heard[told:]) == []


def _there_is_something_to_find(scene: Scene) -> None:
    """The log is one of requests, and the journal has jobs; else nothing was looked through."""
    log = (scene.folder / "debug.log").read_text(encoding="utf-8")
    assert "HTTP Request: GET http://127.0.0.1" in log
    journal = next(scene.folder.rglob("journal.sqlite3"))
    assert list((scene.folder / "music").glob("*.json"))
    with closing(sqlite3.connect(journal)) as file:
        assert file.execute("SELECT count(*) FROM jobs").fetchone()[0] > 10


PLACES = [TOKEN, f"?t={quote(SECRET)}", f"x{SECRET[: len(SECRET) // 2]}x", PRIVATE]


@pytest.mark.parametrize("text", PLACES)
def test_the_search_finds_what_is_there(tmp_path: Path, text: str) -> None:
    """In a message, in a file, and in a notebook that is saved."""
    content = {"name": "stdout", "text": text}
    message = {"header": {"msg_type": "stream"}, "msg_type": "stream", "content": content}
    write_notebook(tmp_path / "saved.ipynb", [message], "{}")
    assert len(in_messages([message])) == 1
    assert in_files(tmp_path) == [str(tmp_path / "saved.ipynb")]


@pytest.mark.parametrize("before", ["", "u", "us", TOKEN.partition("-")[0]])
def test_the_search_finds_what_is_packed(before: str) -> None:
    """In Base64, wherever it begins."""
    assert traces(base64.b64encode(f"{before}{SECRET}:".encode()))
    assert not traces(base64.b64encode(b"nothing of the kind, and long enough to be one"))
