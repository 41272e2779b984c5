"""The blocking client: the same calls, waited for on a thread that can be interrupted."""

from __future__ import annotations

import _thread
import asyncio
import pydoc
import sys
import threading
import time
import traceback
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from fakes import BASE_URL, TOKEN
from operations import Script, vector
from samples import ID
from unfolded import variables

from tempolor_magic.api.client import AsyncClient
from tempolor_magic.api.records import Record
from tempolor_magic.clients import Client
from tempolor_magic.errors import Interrupted, InvalidJobId, TempolorError, TokenMissing, UsageError
from tempolor_magic.waiting import wait_for


class Silent(httpx.AsyncBaseTransport):
    """Takes requests and answers none; tells when one came, and when it was given up."""

    def __init__(self) -> None:
        self.asked = threading.Event()
        self.given_up = threading.Event()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.given_up.set()
        raise AssertionError("nobody answers")


def until_the_main_thread_is_in(function: Callable[..., object]) -> None:
    """An interrupt a moment earlier would find a question that nobody waits for yet."""
    name, main = function.__name__, threading.main_thread().ident
    assert main is not None
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        stack = traceback.extract_stack(sys._current_frames()[main])
        if any(frame.name == name for frame in stack):
            return
    raise AssertionError(f"{name} is not called")


def test_waiting_can_be_interrupted() -> None:
    """One line says what that means, and the request is given up."""
    service = Silent()

    def interrupt() -> None:
        service.asked.wait(60)
        until_the_main_thread_is_in(wait_for)
        _thread.interrupt_main()

    helper = threading.Thread(target=interrupt)
    with Client(TOKEN, base_url=BASE_URL, transport=service) as client:
        helper.start()
        with pytest.raises(Interrupted, match="may have reached the service"):
            client.job(ID)
        assert service.given_up.wait(60)
    helper.join()


def test_it_works_where_an_event_loop_runs() -> None:
    """As in every notebook: the loop it uses is one of its own."""
    script = Script(vector("get-music-job.200.completed.json"))

    async def cell() -> Record:
        with Client(TOKEN, base_url=BASE_URL, transport=script) as client:
            return client.job(ID)

    assert asyncio.run(cell()).title == "Epic Orchestral"


def test_closing_ends_its_thread() -> None:
    """Also after an error."""
    before = threading.active_count()
    client = Client(TOKEN, base_url=BASE_URL, transport=Script(vector("get-music-job.404.json")))
    with client, pytest.raises(InvalidJobId):
        client.job("x")
    assert threading.active_count() == before


def test_help_explains_every_call() -> None:
    """With its arguments, its source and its errors, without a word about awaiting."""
    told = pydoc.plain(pydoc.render_doc(Client))
    for words in (
        "library(self, *, kind: 'str' = 'song', account: 'str' = '', cursor: 'str' = '')",
        "Source: ``POST /music/cloned-voices/``",
        "JobGone: There is no such job.",
    ):
        assert words in told
    assert "async" not in told.replace("AsyncClient", "")
    assert "Coroutine" not in told


def test_without_a_token_there_is_no_client(monkeypatch: pytest.MonkeyPatch) -> None:
    """It says where one is looked for."""
    monkeypatch.delenv("USEAPI_TOKEN", raising=False)
    with pytest.raises(TokenMissing, match="USEAPI_TOKEN"):
        Client()


@pytest.mark.parametrize("make", [Client, AsyncClient])
@pytest.mark.parametrize(
    ("token", "named"),
    [
        (f"Bearer {TOKEN}", {}),
        (f"{TOKEN} x", {}),
        (TOKEN.encode(), {}),
        (TOKEN, {"base_url": "http://example.com"}),
        (TOKEN, {"base_url": "nowhere"}),
    ],
)
def test_no_frame_of_an_error_holds_the_token(make: Any, token: Any, named: dict[str, str]) -> None:
    """Who raises another error from it shows the frames, with every variable."""
    with pytest.raises(TempolorError) as caught:
        make(token, **named)
    assert TOKEN.partition("-")[2] not in "".join(variables(caught.value))


def test_a_file_of_a_kind_there_is_none_of_is_not_asked_for() -> None:
    """What stands in the address of a request is known."""
    script = Script(vector("get-download.200.json"))
    with (
        Client(TOKEN, base_url=BASE_URL, transport=script) as client,
        pytest.raises(UsageError, match="one of mp3, wav, stems"),
    ):
        client.download_link(ID, "ogg")
    assert script.sent == []
