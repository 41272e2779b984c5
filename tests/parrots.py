"""A service that repeats the token in whatever it says, and another host that listens."""

from __future__ import annotations

import gzip
import itertools
import json
import threading
from dataclasses import dataclass, field
from typing import Any

from leaks import PRIVATE, SECRET, TOKEN
from services import Receive, Scope, Send

from tempolor_magic.sandbox.spoiling import TRANSPORT

JSON, HTML = "application/json", "text/html"


@dataclass(frozen=True)
class Answer:
    """What the service says to everything.

    In what it says ``JOB`` is the job that was asked for, ``MADE`` one that was not there before,
    and ``ELSEWHERE`` the other host.

    Attributes:
        packed: The body is zipped.
        cut: The connection breaks before the body has ended.
        raw: All that goes over the wire, in the place of an answer; empty breaks the connection.
        silent: Nothing is said until the other side has gone.
    """

    status: int = 200
    body: str = ""
    kind: str = JSON
    headers: dict[str, str] = field(default_factory=dict)
    packed: bool = False
    cut: bool = False
    raw: str | None = None
    silent: bool = False


class Parrot:
    """Says its answer to everything, and notes what it is sent, and by whom it says it is."""

    def __init__(self, elsewhere: str) -> None:
        self._elsewhere = elsewhere
        self._numbers = itertools.count()
        self._asked = threading.Condition()
        self.answer = Answer(500)
        self.heard: list[bytes] = []
        self.named: list[str] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        headers = dict(scope["headers"])
        with self._asked:
            self.named.append(headers.pop(b"authorization", b"").decode())
            self.heard.append(_as_bytes({**scope, "headers": headers.items()}))
            self._asked.notify_all()
        said, filling = self.answer, self._filling(scope)
        if said.raw is not None or said.silent:
            await _break_off(said, filling, scope, receive)
            return
        await _answer(said, filling, scope, send)

    def until_asked(self, count: int) -> None:
        """Return once it has heard so many requests."""
        with self._asked:
            assert self._asked.wait_for(lambda: len(self.heard) >= count, timeout=60)

    def _filling(self, scope: Scope) -> dict[str, str]:
        made = f"user:4711-tempolor:1-job:made{next(self._numbers):011}"
        asked = scope["path"].rpartition("/")[2]
        return {"JOB": asked, "MADE": made, "ELSEWHERE": self._elsewhere}


async def _break_off(said: Answer, filling: dict[str, str], scope: Scope, receive: Receive) -> None:
    transport = scope["extensions"][TRANSPORT]
    if said.raw:
        transport.write(_filled(said.raw, filling))
        transport.close()
    elif not said.silent:
        transport.abort()
    while (await receive())["type"] != "http.disconnect":
        pass


async def _answer(said: Answer, filling: dict[str, str], scope: Scope, send: Send) -> None:
    body = _filled(said.body, filling)
    named = {**said.headers, "content-type": said.kind, "x-token": TOKEN, "set-cookie": TOKEN}
    if said.packed:
        body, named["content-encoding"] = gzip.compress(body, 1), "gzip"
    named["content-length"] = str(len(body) + (10 if said.cut else 0))
    headers = [(name.encode(), _filled(text, filling)) for name, text in named.items()]
    await send({"type": "http.response.start", "status": said.status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": said.cut})
    if said.cut:
        scope["extensions"][TRANSPORT].abort()


class Stranger:
    """Another host: keeps all it is sent. It has one file."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        event = await receive()
        self.heard.append(_as_bytes(scope) + bytes(event.get("body", b"")))
        status = 200 if scope["path"].endswith(".mp3") else 404
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b"ID3" + bytes(5_000)})


def _as_bytes(scope: Scope) -> bytes:
    headers = b"\n".join(name + b": " + text for name, text in scope["headers"])
    return bytes(scope["raw_path"] + b"?" + scope["query_string"] + b"\n" + headers + b"\n")


def _filled(text: str, filling: dict[str, str]) -> bytes:
    for name, value in filling.items():
        text = text.replace(name, value)
    return text.encode()


def _refusal(status: int, **headers: str) -> Answer:
    """The documented form of an error."""
    text = json.dumps({"error": f"not with {TOKEN}, {SECRET}", "code": status, "you": TOKEN})
    return Answer(status, text, headers=headers)


def _document(**more: Any) -> Answer:
    return Answer(200, json.dumps({**_RECORD, **more}))


def _on_the_wire(text: str) -> Answer:
    return Answer(raw=text.replace("\n", "\r\n"))


_RECORD: dict[str, Any] = {
    "job_id": "JOB",
    "status": 0,
    "status_final": False,
    "titleEn": TOKEN,
    "requestParams": PRIVATE,
    "cover": f"ELSEWHERE/cover.png?token={TOKEN}",
    "musicMaterial": {"style": TOKEN, "waveformUrl": f"ELSEWHERE/wave?{TOKEN}", "bpm": 90},
    "ltmMaterialExtendDto": {"prompt": f"by {TOKEN}", "lyricsPrompt": SECRET},
}
_FINAL = {"status": 30, "status_final": True, "url": "ELSEWHERE/file.mp3", "jobs": ["MADE"]}
_ACCOUNT = {"user_id": "1", "maxJobs": 3, "requestParams": {"cookie": PRIVATE, "of": TOKEN}}
_RUNNING = {"job_id": "JOB", "started": TOKEN, "replyUrl": f"ELSEWHERE/{TOKEN}", "replyRef": TOKEN}

ANSWERS = {
    **{str(status): _refusal(status) for status in (400, 401, 402, 403, 404, 405, 410, 412, 422)},
    **{str(status): _refusal(status) for status in (408, 409, 425, 500, 502, 503, 596)},
    "429 seconds": _refusal(429, **{"retry-after": "0.1"}),
    "429 garbage": _refusal(429, **{"retry-after": TOKEN}),
    "429 far away": _refusal(429, **{"retry-after": "900"}),
    "403 edge": Answer(403, f"<h1>Denied</h1><p>{TOKEN}</p>", HTML),
    "422 no error": Answer(422, json.dumps({"reason": TOKEN, "is_flagged": True})),
    "400 nested": Answer(400, json.dumps({"error": {"message": [TOKEN, {"of": TOKEN}]}})),
    "500 private": Answer(500, json.dumps({"error": {"message": TOKEN, **_ACCOUNT}, **_ACCOUNT})),
    "520 page": Answer(520, f"<title>{TOKEN}</title>", HTML),
    "524 page": Answer(524, f"<html><title>{TOKEN}</title>{SECRET}</html>", HTML),
    "no words": Answer(500),
    "moved": Answer(301, TOKEN, headers={"location": f"ELSEWHERE/steal?token={TOKEN}"}),
    "detour": Answer(302, TOKEN, headers={"location": f"ELSEWHERE/steal?token={TOKEN}"}),
    "kept method": Answer(307, TOKEN, headers={"location": f"ELSEWHERE/steal/{TOKEN}"}),
    "no JSON": Answer(200, f"{{'token': {TOKEN}"),
    "a text": Answer(200, json.dumps(TOKEN)),
    "a page": Answer(200, f"<html><title>{TOKEN}</title></html>", HTML),
    "deep": Answer(200, "[" * 100 + json.dumps(TOKEN) + "]" * 100),
    "giant": Answer(200, json.dumps({"job_id": "JOB", "titleEn": TOKEN, "x": "y" * 2**24})),
    "a bomb": Answer(200, json.dumps([TOKEN, " " * 2**24]), packed=True),
    "packed": Answer(401, json.dumps({"error": TOKEN}), packed=True),
    "not packed": Answer(200, TOKEN, headers={"content-encoding": "gzip"}),
    "a strange encoding": Answer(200, TOKEN, headers={"content-encoding": TOKEN}),
    "cut off": Answer(200, json.dumps({"job_id": "JOB", "titleEn": TOKEN}), cut=True),
    "no answer": Answer(raw=""),
    "no HTTP": _on_the_wire(f"{TOKEN}\n\n"),
    "a reason": _on_the_wire(f"HTTP/1.1 401 {TOKEN}\ncontent-length: 0\n\n"),
    "no header": _on_the_wire(f"HTTP/1.1 200 OK\n{TOKEN[4:]}\n\n"),
    "no length": _on_the_wire(f"HTTP/1.1 200 OK\ncontent-length: {TOKEN}\n\n"),
    "no chunks": _on_the_wire(f"HTTP/1.1 200 OK\ntransfer-encoding: chunked\n\n{TOKEN}\n"),
    "endless headers": _on_the_wire(f"HTTP/1.1 200 OK\n{'x: ' + TOKEN * 5_000}"),
    "another protocol": _on_the_wire(f"HTTP/1.1 101 {TOKEN}\nupgrade: {TOKEN}\n\n"),
    "hints": _on_the_wire(f"HTTP/1.1 103 {TOKEN}\nlink: {TOKEN}\n\nHTTP/1.1 401 {TOKEN}\n\n"),
    "another job": Answer(200, json.dumps({"job_id": TOKEN, "status": 30})),
    "a record": _document(),
    "a final record": _document(**_FINAL),
    "a failed record": _document(status=10, status_final=True),
    "an unknown end": _document(status=77, status_name=TOKEN, status_final=True),
    "records": Answer(200, json.dumps({"records": [{**_RECORD, **_FINAL}], "cursor": TOKEN})),
    "slots": Answer(200, json.dumps({"executing": [_RUNNING], "available": [_ACCOUNT]})),
    "accounts": Answer(200, json.dumps({"1": _ACCOUNT, **_ACCOUNT})),
    "half of it": Answer(200, json.dumps({"1": _ACCOUNT})[:-1]),
    "silence": Answer(silent=True),
}
