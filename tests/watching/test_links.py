"""Waiting for the address of a file, on a clock that takes no time."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable

import httpx
import pytest
from fakes import BASE_URL, EPOCH, TOKEN, Answer, FakeClock, Wire, told
from samples import ID, make_document, make_snapshot

from tempolor_magic.api.client import AsyncClient
from tempolor_magic.api.formats import FORMATS, MP3, STEMS, WAV
from tempolor_magic.api.records import DownloadLink
from tempolor_magic.errors import (
    BadRequest,
    DownloadFailed,
    FileNotServed,
    JobGone,
    TempolorError,
    Unauthorized,
)
from tempolor_magic.watching.connection import Connection
from tempolor_magic.watching.links import LONGER_PATIENCE, PATIENCE, wait_for_link
from tempolor_magic.watching.snapshot import State

NOT_YET = told(404, f"No record found for {ID}")
URL = "https://files.example/a.mp3"
LINK = Answer(200, json.dumps({"url": URL, "remainSeconds": 0}).encode())


class Silent(httpx.AsyncBaseTransport):
    """A service that answers 404 to everything, once its script has ended."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        del request
        return httpx.Response(404, json={"error": "No record found", "code": 404})


class Asked:
    """What became of waiting for a link, and when it was asked for."""

    def __init__(self, kind: str, *script: Answer) -> None:
        self.clock = FakeClock()
        self.wire = Wire(Silent(), self.clock)
        self.wire.script = list(script)
        self.link: DownloadLink | None = None
        self.error: TempolorError | None = None
        asyncio.run(self._ask(kind))

    async def _ask(self, kind: str) -> None:
        async with AsyncClient(
            TOKEN, base_url=BASE_URL, now=self.clock.time, transport=self.wire
        ) as client:
            connection = Connection(client=client, clock=self.clock, chance=lambda: 0.0)
            snapshot = make_snapshot(State.COMPLETED)
            try:
                self.link = await wait_for_link(connection, snapshot, FORMATS[kind])
            except TempolorError as error:
                self.error = error


@pytest.mark.parametrize("kind", list(FORMATS))
def test_the_gap_after_completed_is_waited_out(kind: str) -> None:
    """404 and "not completed yet (0)" pass; each answer is followed by a longer rest."""
    asked = Asked(kind, NOT_YET, told(400, "Generation is not completed yet (0)"), NOT_YET, LINK)
    assert asked.link == DownloadLink(URL)
    assert asked.wire.moments == [0, 2, 6, 14]
    assert {r.url.params["file_format"] for _, r in asked.wire.sent} == {kind}


@pytest.mark.parametrize(
    ("kind", "patience"),
    [(MP3, PATIENCE), (WAV, LONGER_PATIENCE), (STEMS, LONGER_PATIENCE)],
    ids=lambda value: getattr(value, "name", value),
)
def test_a_file_that_never_comes_is_told_apart(kind: object, patience: float) -> None:
    """The MP3 after two minutes, the others later, with the MP3 offered in their place."""
    name = getattr(kind, "name", "")
    asked = Asked(name)
    assert isinstance(asked.error, FileNotServed)
    assert patience - 60 <= asked.wire.moments[-1] < patience
    assert f"%tempolor download {ID}" in asked.error.remedy
    assert ("take the MP3" in asked.error.remedy) is (kind is not MP3)
    assert asked.error.remedy.count("--format") == 0


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (told(400, "Generation is not completed yet (10)"), DownloadFailed),
        (told(400, "file_format has incorrect value"), BadRequest),
        (told(410, "expired"), JobGone),
        (told(401, "Unauthorized"), Unauthorized),
    ],
    ids=["failed", "bad", "expired", "token"],
)
def test_what_asking_again_cannot_cure_is_final(answer: Answer, kind: type[Exception]) -> None:
    """One question, and its answer."""
    asked = Asked("mp3", answer)
    assert type(asked.error) is kind
    assert len(asked.wire.sent) == 1


@pytest.mark.parametrize(
    ("record", "served"),
    [
        (make_document(), True),
        (make_document(status=0, status_name="GENERATING", status_final=False), True),
        (make_document(status=10, status_name="FAILED"), False),
    ],
    ids=["completed", "generating", "failed"],
)
def test_an_unknown_number_is_looked_up_in_the_record(
    record: dict[str, object],
    served: bool,  # noqa: FBT001  # a column of a table
) -> None:
    """Only the record decides what has become of the job."""
    unknown = told(400, "Generation is not completed yet (77)")
    asked = Asked("wav", unknown, Answer(200, json.dumps(record).encode()), LINK)
    assert asked.wire.paths[1] == f"/music/{ID}"
    assert (asked.link is not None) is served
    assert isinstance(asked.error, DownloadFailed) is not served


@pytest.mark.parametrize(
    "busy",
    [
        lambda: told(429, "busy", retry_after="45"),
        lambda: Answer(503, json.dumps({"error": "x", "retryAt": EPOCH + 45}).encode()),
    ],
)
def test_whoever_is_told_to_wait_waits(busy: Callable[[], Answer]) -> None:
    """For the address of a file as for anything else."""
    asked = Asked("mp3", busy(), LINK)
    assert asked.link is not None
    assert asked.wire.moments == [0, 45]
