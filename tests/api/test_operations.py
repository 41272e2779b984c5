"""The whole of the service can be asked from Python, on an event loop and without one."""

from __future__ import annotations

import inspect
import json
from typing import Any

import pytest
from fakes import BASE_URL, TOKEN, Answer
from operations import MAKING, OPERATIONS, Operation, Script, call, vector

from tempolor_magic.api.client import AsyncClient
from tempolor_magic.clients import Client
from tempolor_magic.errors import BadRequest, UsageError

# What the service documents, but for adding and removing linked accounts, which takes a
# credential of the browser and is done at useapi.net.
CONTRACT = """
POST /music/song
POST /music/instrumental
GET /music/{job_id}
GET /music/
DELETE /music/{job_id}
GET /music/download/{job_id}
POST /music/stems-splitter/
GET /music/artist-voices/
GET /music/cloned-voices/
POST /music/cloned-voices/
DELETE /music/cloned-voices/{clonedVoiceItemId}
GET /music/midi/
POST /music/midi/
DELETE /music/midi/{midiItemId}
GET /scheduler/
GET /scheduler/available
DELETE /scheduler/{job_id}
GET /accounts
GET /accounts/{user_id}
""".strip().splitlines()

# Calls of AsyncClient that are no calls of the service, or none that end.
NOT_WAITED_FOR = {"aclose", "open_file", "is_file_url"}


def waited_for(script: Script, operation: Operation) -> Any:
    """What the same call comes to on the blocking client."""
    with Client(TOKEN, base_url=BASE_URL, transport=script) as client:
        return getattr(client, operation.name)(*operation.asked, **operation.named)


def meant(body: bytes) -> object:
    """What a body says: httpx 0.27 writes JSON with blanks, later ones without."""
    return json.loads(body) if body.startswith(b"{") else body


@pytest.mark.parametrize("make", [call, waited_for])
@pytest.mark.parametrize("name", CONTRACT)
def test_every_call_of_the_service_can_be_made(name: str, make: Any) -> None:
    """By both clients, with the method, the raw path and query, and the body it documents."""
    operation = OPERATIONS[name]
    script = Script(vector(operation.good))
    make(script, operation)
    (request,) = script.sent
    assert request.method == name.partition(" ")[0]
    assert script.targets == [operation.target]
    assert meant(request.content) == meant(operation.body)
    assert request.headers.get("content-type", "") == operation.media_type
    assert request.headers["authorization"] == f"Bearer {TOKEN}"


def test_no_call_is_made_up() -> None:
    """The table of calls and the contract name the same ones."""
    assert sorted(OPERATIONS) == sorted(CONTRACT)


@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("GET /music/", "/music/?type=song"),
        ("GET /music/artist-voices/", "/music/artist-voices/"),
        ("GET /music/cloned-voices/", "/music/cloned-voices/"),
        ("GET /music/midi/", "/music/midi/"),
    ],
)
def test_what_is_not_asked_for_is_not_sent(name: str, target: str) -> None:
    """Without account and cursor a list is asked for as it comes."""
    script = Script(vector(OPERATIONS[name].good))
    call(script, Operation(OPERATIONS[name].name))
    assert script.targets == [target]


def test_the_clients_have_the_same_calls() -> None:
    """The same names, arguments and help; on one of them they are awaited."""
    names = {name for name in vars(AsyncClient) if not name.startswith("_")} - NOT_WAITED_FOR
    assert names == {name for name in vars(Client) if not name.startswith("_")} - {"close"}
    for name in names - {"pages", "every"}:
        there, here = getattr(AsyncClient, name), getattr(Client, name)
        assert inspect.iscoroutinefunction(there)
        assert not inspect.iscoroutinefunction(here)
        assert inspect.signature(there) == inspect.signature(here)
        assert there.__doc__ == here.__doc__
        assert "Source: ``" in there.__doc__


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("DELETE /music/{job_id}", "job"),
        ("DELETE /scheduler/{job_id}", "job"),
        ("DELETE /music/cloned-voices/{clonedVoiceItemId}", "voice"),
        ("DELETE /music/midi/{midiItemId}", "midi"),
    ],
)
def test_an_id_stands_in_the_request_as_it_is_written(name: str, kind: str) -> None:
    """Also with every character that an account may hold: none is encoded or collapsed."""
    written = f"user:1-tempolor:a._~!$&'()*+,;=@-b-{kind}:A_.~-z"
    script = Script(vector("delete-music-job.200.json"))
    call(script, Operation(OPERATIONS[name].name, (f" '{written}'\n",)))
    (target,) = script.targets
    assert target.rpartition("/")[2] == written


@pytest.mark.parametrize("name", [name for name in CONTRACT if "{" in name])
@pytest.mark.parametrize("word", ["", "..", ".", "../accounts", "a/b", "a?b", "a#b", "%2F", "a\nb"])
def test_what_could_change_the_path_is_not_sent(name: str, word: str) -> None:
    """On either client: it is refused before there is a request."""
    operation = OPERATIONS[name]
    bad = Operation(operation.name, (word, *operation.asked[1:]))
    script = Script(vector(operation.good))
    for make in (call, waited_for):
        with pytest.raises(UsageError):
            make(script, bad)
    assert script.sent == []


@pytest.mark.parametrize("name", [name for name in MAKING if OPERATIONS[name].body[:1] != b"{"])
def test_uploads_are_waited_for_longer_than_the_service_holds_them(name: str) -> None:
    """It holds a recording for 120 s before it answers."""
    operation = OPERATIONS[name]
    script = Script(vector(operation.good))
    call(script, operation)
    assert script.sent[0].extensions["timeout"]["read"] > 120


def test_no_redirect_is_followed() -> None:
    """The slash at the end of a path is sent as documented, not found by being sent on."""
    script = Script(Answer(301, b"", {"Location": f"{BASE_URL}/elsewhere"}))
    with pytest.raises(BadRequest, match="redirect"):
        call(script, OPERATIONS["GET /music/"])
    assert len(script.sent) == 1
