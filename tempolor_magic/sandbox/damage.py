"""What a spoilt answer looks like on the wire: bytes, pauses and breaks in their order. Pure.

Everything is written past the HTTP library of the server, which would not lie. The connection ends
after each of these answers.
"""

from __future__ import annotations

import gzip
import json
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import format_datetime
from enum import Enum, auto
from functools import cache
from http import HTTPStatus
from typing import Any, TypeAlias

# What a client may take for a document, and more of it than any client should.
_TOO_MUCH = 17 * 1024 * 1024
_PIECE = 64 * 1024
_DEPTH = 100_000
_JSON, _HTML, _TEXT = "application/json", "text/html; charset=UTF-8", "text/plain"
_PAGE = b"<!DOCTYPE html><html><head><title>%d</title></head><body>Sorry, %d</body></html>"


@dataclass(frozen=True, slots=True)
class Pause:
    """Nothing for so many seconds; ``None`` is until the client has had enough."""

    seconds: float | None = None


class Break(Enum):
    """An end of the connection that is none of HTTP's."""

    RESET = auto()


Step: TypeAlias = bytes | Pause | Break


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as it was to be given. Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Circumstances:
    """When and where an answer is spoilt. All durations are seconds.

    Args:
        now: Epoch seconds.
        choice: A number in [0, 1) drawn by the caller, where a kind has several looks.
        hint: How long a client is asked to leave the service alone.
        drip: Between two bytes of an answer that trickles.
        late: How much too late an answer comes.
        elsewhere: Where a redirect points.
        cursor: Of the page that was asked for.
    """

    now: float
    choice: float = 0.0
    hint: float = 3.0
    drip: float = 0.5
    late: float = 2.0
    elsewhere: str = "https://elsewhere.invalid/v1/tempolor"
    cursor: str = ""


# Long enough for what was written before to be read before the connection breaks.
_READ_FIRST = Pause(0.02)


def damage(name: str, good: Answer, at: Circumstances) -> Iterator[Step]:
    """The steps of a spoilt answer; after the last the connection is closed.

    Args:
        name: Of the kind of fault.
        good: The answer as it was to be given; empty where it is not spoilt but replaced.
        at: When and where.
    """
    if name in _BROKEN:
        yield from _BROKEN[name](good, at)
    else:
        yield _wire(_REPLACED[name](at) if name in _REPLACED else _ALTERED[name](good, at))


def _wire(answer: Answer, *, length: int | None = None) -> bytes:
    """An answer as HTTP; *length* is told in the place of the true one."""
    told = {
        **answer.headers,
        "content-length": str(len(answer.body) if length is None else length),
        "connection": "close",
    }
    lines = [f"HTTP/1.1 {answer.status} {_phrase(answer.status)}"]
    lines += [f"{name}: {value}" for name, value in told.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + answer.body


def _phrase(status: int) -> str:
    return HTTPStatus(status).phrase if status in set(HTTPStatus) else "Error"


# In the place of the answer


def _error(status: int, error: object = "", **more: object) -> Answer:
    """An error in the documented form; ``more`` goes beside it."""
    said = error or f"The sandbox was asked to say {status}"
    document = {"error": said, "code": status, **more}
    return Answer(status, {"content-type": _JSON}, json.dumps(document).encode())


def _trouble(status: int, at: Circumstances) -> Answer:
    """An error in one of the forms that services have been seen to give it."""
    forms = (
        _error(status),
        Answer(status, {"content-type": _JSON}, b'{"error": "useapi.net: try again"}'),
        _error(status, {"code": status, "message": "try again", "status": "UNAVAILABLE"}),
        Answer(status, {"content-type": _JSON}, b'{"is_flagged": false}'),
        Answer(status, {}, b""),
        Answer(status, {"content-type": _HTML}, _PAGE % (status, status)),
        Answer(status, {"content-type": _TEXT}, b"try again"),
    )
    return forms[int(at.choice * len(forms))]


def _page(status: int) -> Answer:
    return Answer(status, {"content-type": _HTML}, _PAGE % (status, status))


def _busy(**more: object) -> Answer:
    return _error(429, more.pop("error", "Too Many Requests"), **more)


def _later(answer: Answer, when: str) -> Answer:
    return replace(answer, headers={**answer.headers, "retry-after": when})


def _seconds(at: Circumstances) -> str:
    """A whole number of seconds, as it must be; a fraction where all time runs faster."""
    return str(math.ceil(at.hint)) if at.hint >= 1 else f"{at.hint:g}"


def _moment(epoch: float) -> str:
    """As ISO 8601 in UTC, not before *epoch*."""
    rounded = datetime.fromtimestamp(math.ceil(epoch * 1000) / 1000, UTC)
    return rounded.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _date(epoch: float) -> str:
    """As the date of an HTTP header, not before *epoch*."""
    return format_datetime(datetime.fromtimestamp(math.ceil(epoch), UTC), usegmt=True)


def _redirect(status: int, at: Circumstances) -> Answer:
    return Answer(status, {"location": at.elsewhere, "content-type": _TEXT}, b"")


def _success(body: bytes, kind: str = _JSON, **headers: str) -> Answer:
    return Answer(200, {"content-type": kind, **headers}, body)


@cache
def _bomb() -> bytes:
    return gzip.compress(b'{"records": [' + b" " * _TOO_MUCH, mtime=0)


_REPLACED: dict[str, Callable[[Circumstances], Answer]] = {
    "429-seconds": lambda at: _later(_busy(), _seconds(at)),
    "429-date": lambda at: _later(_busy(), _date(at.now + at.hint)),
    "429-body": lambda at: _busy(retryAfter=_moment(at.now + at.hint)),
    "429-nested": lambda at: _busy(
        error={"code": 429, "message": "busy", "retryAt": _moment(at.now + at.hint)}
    ),
    "429-bare": lambda _: _busy(),
    "408": lambda at: _trouble(408, at),
    "409": lambda _: _error(409, "This song is still generating"),
    "500": lambda at: _trouble(500, at),
    "502": lambda _: _page(502),
    "503": lambda at: _trouble(503, at),
    "503-hint": lambda at: _later(_trouble(503, at), _seconds(at)),
    "504": lambda at: _trouble(504, at),
    "52x": lambda at: _page(520 + int(at.choice * 7)),
    "redirect": lambda at: _redirect((302, 303, 307)[int(at.choice * 3)], at),
    "moved": lambda at: _redirect((301, 308)[int(at.choice * 2)], at),
    "html": lambda at: _success(
        b"<html>Sign in to the network</html>", (_HTML, "audio/mpeg")[int(at.choice * 2)]
    ),
    "empty": lambda _: _success(b""),
    "null": lambda _: _success(b"null"),
    "array": lambda _: _success(b"[]"),
    "deep": lambda _: _success(b'{"job_id":' + b"[" * _DEPTH + b"]" * _DEPTH + b"}"),
    "bomb": lambda _: _success(_bomb(), **{"content-encoding": "gzip"}),
    "expired": lambda _: Answer(403, {"content-type": _TEXT}, b"This URL's time is over"),
    "edge": lambda _: Answer(403, {"content-type": _TEXT}, b"error code: 1010"),
    "400": lambda _: _error(400, "job_id has incorrect format"),
    "401": lambda _: _error(401, "Unauthorized"),
    "402": lambda _: _error(402, "Subscription required"),
    "403": lambda _: _error(403, "This belongs to another user"),
    "404": lambda _: _error(404, "No record found"),
    "410": lambda _: _error(410, "The job has expired"),
    "412": lambda _: _error(412, "Insufficient credits"),
    "422": lambda _: _error(422, "The prompt was rejected"),
    "596": lambda _: _error(596, "The session of the TemPolor account is broken"),
}


# The answer itself, made untrue


def _other_job(record: Any) -> Any:
    """A record as if it were another job's, which is done."""
    if not isinstance(record, dict) or not isinstance(record.get("job_id"), str):
        return record
    mine = record["job_id"]
    other = mine[:-1] + ("0" if mine[-1] != "0" else "1")
    return {**record, "job_id": other, "status": 30, "status_name": "COMPLETED"} | {
        "status_final": True
    }


def _stale(listed: Any) -> Any:
    """A list as it was when everything in it had just begun."""
    if isinstance(listed, dict):
        return {**listed, "records": [_as_new(each) for each in listed.get("records") or ()]}
    return [_as_new(each) for each in listed] if isinstance(listed, list) else listed


def _as_new(entry: Any) -> Any:
    if not isinstance(entry, dict):
        return entry
    if "status" not in entry:
        return {**entry, "elapsed": "00:00"}
    state = {"status": 0, "status_name": "GENERATING", "status_final": False, "progress": 0}
    return {**entry, **state}


def _missing(listed: Any) -> Any:
    """A list with every other entry left out, the first among them."""
    if isinstance(listed, dict):
        return {**listed, "records": (listed.get("records") or [])[1::2]}
    return listed[1::2] if isinstance(listed, list) else listed


def _same_cursor(good: Answer, at: Circumstances) -> Answer:
    """A list that leads in circles: the next page is the one that was asked for."""

    def led_back(listed: Any) -> Any:
        if not isinstance(listed, dict):
            return listed
        return {**listed, "hasNext": True, "cursor": at.cursor or listed.get("cursor") or ""}

    return _told(led_back)(good, at)


def _told(change: Callable[[Any], Any]) -> Callable[[Answer, Circumstances], Answer]:
    """The answer with *change* made to its document, if it has one."""

    def altered(good: Answer, _: Circumstances) -> Answer:
        try:
            document = json.loads(good.body)
        except ValueError:
            return good
        return replace(good, body=json.dumps(change(document)).encode())

    return altered


def _mispacked(good: Answer, _: Circumstances) -> Answer:
    return replace(good, headers={**good.headers, "content-encoding": "gzip"})


def _truncated(good: Answer, _: Circumstances) -> Answer:
    return replace(good, body=good.body[: len(good.body) // 2])


_ALTERED: dict[str, Callable[[Answer, Circumstances], Answer]] = {
    "truncated": _truncated,
    "encoding": _mispacked,
    "wrong-job": _told(_other_job),
    "list": _told(lambda record: {"records": [record], "hasNext": False, "cursor": ""}),
    "missing": _told(_missing),
    "stale": _told(_stale),
    "same-cursor": _same_cursor,
}


# The connection


def _half(good: Answer) -> bytes:
    """The answer up to the middle of its body, the whole length announced."""
    return _wire(good)[: -len(good.body) // 2 or None] if good.body else _wire(good)[:-4]


def _reset(_: Answer, __: Circumstances) -> Iterator[Step]:
    yield Break.RESET


def _cut(good: Answer, _: Circumstances) -> Iterator[Step]:
    yield from (_half(good), _READ_FIRST, Break.RESET)


def _stall(_: Answer, __: Circumstances) -> Iterator[Step]:
    yield Pause()


def _hang(good: Answer, _: Circumstances) -> Iterator[Step]:
    yield from (_half(good), Pause())


def _trickle(good: Answer, at: Circumstances) -> Iterator[Step]:
    """A byte at a time, and in the end never the last one."""
    for byte in _wire(good)[:-1]:
        yield from (bytes([byte]), Pause(at.drip))
    yield Pause()


def _late(good: Answer, at: Circumstances) -> Iterator[Step]:
    yield from (Pause(at.late), _wire(good))


def _short(good: Answer, _: Circumstances) -> Iterator[Step]:
    """The length of half of it is announced, all of it is sent."""
    yield _wire(good, length=len(good.body) // 2)


def _long(good: Answer, _: Circumstances) -> Iterator[Step]:
    """All of it is announced and half of it sent; the connection ends as if all were well."""
    yield _half(good)


def _giant(_: Answer, __: Circumstances) -> Iterator[Step]:
    opening = b'{"records": ['
    yield _wire(_success(opening), length=_TOO_MUCH + len(opening))
    for _sent in range(0, _TOO_MUCH, _PIECE):
        yield b" " * _PIECE


_BROKEN: dict[str, Callable[[Answer, Circumstances], Iterator[Step]]] = {
    "reset": _reset,
    "cut": _cut,
    "stall": _stall,
    "hang": _hang,
    "trickle": _trickle,
    "late": _late,
    "short": _short,
    "long": _long,
    "giant": _giant,
}
