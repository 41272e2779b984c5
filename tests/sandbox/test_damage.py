"""What spoilt answers look like on the wire, byte by byte."""

from __future__ import annotations

import gzip
import json
from datetime import datetime
from email.utils import parsedate_to_datetime
from itertools import islice
from typing import Any

import pytest

from tempolor_magic.sandbox.damage import Answer, Break, Circumstances, Pause, damage
from tempolor_magic.sandbox.faults import KINDS, Call

NOW = 1_790_000_000.25
AT = Circumstances(NOW, hint=7.5)
MINE = "user:1-tempolor:2-job:abcdef123456789"
RECORD = {"job_id": MINE, "status": 0, "status_final": False, "progress": 40}
GOOD = Answer(200, {"content-type": "application/json"}, json.dumps(RECORD).encode())
LISTED = {"records": [RECORD, {**RECORD, "status": 30, "progress": 100}], "hasNext": False}
A_LIST = Answer(200, {}, json.dumps(LISTED).encode())
RUNNING = Answer(200, {}, json.dumps([{"job_id": MINE, "elapsed": "03:20"}] * 2).encode())


def written(name: str, good: Answer = GOOD, at: Circumstances = AT) -> bytes:
    """The bytes of a spoilt answer, as far as they come by themselves."""
    steps = islice(damage(name, good, at), 10_000)
    return b"".join(step for step in steps if isinstance(step, bytes))


def parted(name: str, good: Answer = GOOD, at: Circumstances = AT) -> tuple[int, Any, bytes]:
    """Status, headers by lower-case name, and body of it."""
    head, _, body = written(name, good, at).partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    return int(first.split()[1]), headers, body


def told(name: str, good: Answer = GOOD) -> Any:
    """The document of a spoilt answer that is one."""
    return json.loads(parted(name, good)[2])


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_spoils_the_answers_that_it_fits(name: str) -> None:
    """What comes is not the good answer, or comes too late."""
    good = GOOD if KINDS[name].fits(Call.RECORD) else A_LIST
    late, whole = damage("late", good, AT)
    assert late == Pause(AT.late)
    assert list(islice(damage(name, good, AT), 300)) != [whole]


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("body", [b"", b"null", b"[]", b"{}", b"\x00\xff", b'{"records": null}'])
def test_every_kind_can_be_applied_to_any_answer(name: str, body: bytes) -> None:
    """Also to one that is empty, or holds nothing that could be made untrue."""
    assert list(islice(damage(name, Answer(200, {}, body), AT), 300))


@pytest.mark.parametrize(
    ("name", "moment"),
    [("429-seconds", NOW + 8), ("429-date", NOW + 7.75), ("503-hint", NOW + 8)],
)
def test_a_hint_in_the_header_is_never_too_early(name: str, moment: float) -> None:
    """In whole seconds or as a date, rounded up."""
    _, headers, _ = parted(name)
    said = headers["retry-after"]
    ends_at = NOW + int(said) if said.isdigit() else parsedate_to_datetime(said).timestamp()
    assert ends_at == moment


@pytest.mark.parametrize("name", ["429-body", "429-nested"])
def test_a_hint_in_the_body_is_a_date_with_a_z(name: str) -> None:
    """``retryAfter`` at the top or ``retryAt`` in the error, and no header."""
    status, headers, body = parted(name)
    document = json.loads(body)
    said = document.get("retryAfter") or document["error"]["retryAt"]
    assert status == 429
    assert "retry-after" not in headers
    assert said.endswith("Z")
    assert datetime.fromisoformat(said).timestamp() == NOW + 7.5


def test_where_time_runs_faster_hints_are_fractions() -> None:
    """So that a test need not wait for a whole second."""
    _, headers, _ = parted("429-seconds", at=Circumstances(NOW, hint=0.25))
    assert headers["retry-after"] == "0.25"


@pytest.mark.parametrize("name", ["408", "500", "503", "504"])
def test_trouble_comes_in_every_shape_that_was_seen(name: str) -> None:
    """Documented, without code, nested, without error, empty, a page, plain text."""
    bodies = {parted(name, at=Circumstances(NOW, n / 7))[2] for n in range(7)}
    assert len(bodies) == 7
    assert {parted(name, at=Circumstances(NOW, n / 7))[0] for n in range(7)} == {int(name)}


def test_the_edge_has_pages_of_its_own() -> None:
    """520 to 526."""
    seen = {parted("52x", at=Circumstances(NOW, n / 7))[0] for n in range(7)}
    assert seen == set(range(520, 527))


def test_lengths_are_told_wrong_in_both_ways() -> None:
    """Half of what comes, and twice what comes."""
    _, headers, body = parted("short")
    assert (int(headers["content-length"]), body) == (len(GOOD.body) // 2, GOOD.body)
    _, headers, body = parted("long")
    assert int(headers["content-length"]) == len(GOOD.body)
    assert GOOD.body.startswith(body)
    assert 0 < len(body) < len(GOOD.body)


def test_a_bomb_is_small_and_grows_beyond_what_is_read() -> None:
    """17 KB that become 17 MB; and as much without being packed."""
    _, headers, body = parted("bomb")
    assert headers["content-encoding"] == "gzip"
    assert len(body) < 100_000
    assert len(gzip.decompress(body)) > 16 * 1024 * 1024
    assert len(written("giant")) > 16 * 1024 * 1024


def test_a_wrong_record_is_anothers_and_done() -> None:
    """What would be believed if nobody looked whose it is."""
    document = told("wrong-job")
    assert document["job_id"] not in {MINE, None}
    assert (document["status"], document["status_final"]) == (30, True)
    assert told("list")["records"] == [RECORD]


def test_lists_lie() -> None:
    """They leave out, are old, or lead in circles."""
    assert len(told("missing", A_LIST)["records"]) == 1
    assert len(told("missing", RUNNING)) == 1
    assert {record["progress"] for record in told("stale", A_LIST)["records"]} == {0}
    assert {entry["elapsed"] for entry in told("stale", RUNNING)} == {"00:00"}
    assert told("same-cursor", A_LIST)["hasNext"] is True


def test_connections_break_where_they_are_to() -> None:
    """Before the head, inside the body, or never while the client waits."""
    assert list(damage("reset", GOOD, AT)) == [Break.RESET]
    half, _, end = damage("cut", GOOD, AT)
    assert isinstance(half, bytes)
    assert half.endswith(GOOD.body[: len(GOOD.body) // 2])
    assert end is Break.RESET
    assert list(damage("stall", GOOD, AT)) == [Pause()]
    assert list(damage("hang", GOOD, AT)) == [half, Pause()]
    drops = list(damage("trickle", GOOD, AT))
    assert {len(drop) for drop in drops if isinstance(drop, bytes)} == {1}
    assert drops[-1] == Pause()
