"""Linked accounts, whose documents hold a credential that nobody may see."""

from __future__ import annotations

import asyncio
import json
import traceback
from pathlib import Path
from typing import Any

import pytest
from fakes import BASE_URL, TOKEN, Answer
from operations import Operation, Script, call, client_of

from tempolor_magic.api.accounts import Account, read_account, read_accounts
from tempolor_magic.api.fields import Garbled
from tempolor_magic.clients import Client
from tempolor_magic.errors import NotFound, TempolorError

TESTS = Path(__file__).parents[1]
SECRET = "cookie-of-the-browser"
ALL, ONE = Operation("accounts"), Operation("account", ("100198329",))


def what_frames_hold(error: BaseException) -> str:
    """What a traceback of the most talkative kind shows of every frame but the tests' own."""
    frames, shown = [], traceback.TracebackException.from_exception(error, capture_locals=True)
    each: traceback.TracebackException | None = shown
    while each is not None:
        frames += [frame for frame in each.stack if str(TESTS) not in frame.filename]
        each = each.__cause__ or (None if each.__suppress_context__ else each.__context__)
    return "\n".join(f"{frame.name} {frame.locals}" for frame in frames)


def account_document(**changes: Any) -> dict[str, Any]:
    """An account as the service tells it, with its credential."""
    document = {
        "user_id": "100198329",
        "updated": 1_715_791_234_567,
        "updatedUTC": "2025-05-15T14:30:34.567Z",
        "maxJobs": 10,
        "requestParams": {"headers": {"cookie": SECRET}},
    }
    return {**document, **changes}


KNOWN = Account("100198329", 1_715_791_234.567, 10)


@pytest.mark.parametrize(
    ("document", "accounts"),
    [
        ({}, ()),
        ({"100198329": account_document()}, (KNOWN,)),
        ({"100198329": account_document(user_id=100198329)}, (KNOWN,)),
        ({"100198329": account_document(user_id=None)}, (KNOWN,)),
        ({"a": {}, "b": {"maxJobs": "20"}}, (Account("a"), Account("b", None, 20))),
        ({"a": {"updated": "x", "maxJobs": []}}, (Account("a"),)),
        ({"a": None, "b": 1, "c": {}}, (Account("c"),)),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_accounts_are_read_as_far_as_they_are_told(
    document: Any, accounts: tuple[Account, ...]
) -> None:
    """The name stands in two places; the rest may be missing."""
    assert read_accounts(document) == accounts


@pytest.mark.parametrize("document", [None, [], "x", [account_document()], {"error": "x"}])
def test_what_is_no_list_of_accounts_is_garbled(document: Any) -> None:
    """It must not pass for "none is linked"."""
    with pytest.raises(Garbled):
        read_accounts(document)


@pytest.mark.parametrize(
    ("document", "why"),
    [
        ({}, "not about an account"),
        (None, "not about an account"),
        ([account_document()], "not about an account"),
        ({"100198329": account_document()}, "not about an account"),
        (account_document(user_id="another"), "about another account"),
    ],
)
def test_an_answer_about_something_else_is_garbled(document: Any, why: str) -> None:
    """Only the account that was asked about will do."""
    with pytest.raises(Garbled, match=why):
        read_account(document, "100198329")


@pytest.mark.parametrize("body", [b"", b" \n"])
def test_no_account_at_all_is_an_empty_answer(body: bytes) -> None:
    """404 without a body says so; with one it says something else, as does any single account."""
    assert call(Script(Answer(404, body)), ALL) == ()
    with pytest.raises(NotFound, match=r"useapi\.net"):
        call(Script(Answer(404, body)), ONE)
    with pytest.raises(NotFound):
        call(Script(Answer(404, b"<html>")), ALL)


@pytest.mark.parametrize("operation", [ALL, ONE])
def test_the_credential_is_in_nothing_that_can_be_shown(operation: Operation) -> None:
    """Neither in the value nor in anything that can be reached from it."""
    document = account_document()
    body = json.dumps({"100198329": document} if operation is ALL else document).encode()
    value = call(Script(Answer(200, body)), operation)
    assert SECRET not in repr(value)
    assert "requestParams" not in repr(value)
    for account in value if operation is ALL else [value]:
        assert account == KNOWN
        assert {name for name in dir(account) if name[0] != "_"} == {
            "account",
            "limit",
            "updated_at",
        }


@pytest.mark.parametrize("status", [200, 201, 400, 401, 403, 404, 429, 500, 596])
@pytest.mark.parametrize("operation", [ALL, ONE])
@pytest.mark.parametrize("blocking", [False, True])
def test_the_credential_is_in_no_traceback(
    status: int, operation: Operation, *, blocking: bool
) -> None:
    """Not even in one that shows what every frame holds, whichever way an answer is spoilt."""
    document = account_document()
    whole = json.dumps({"100198329": document} if operation is ALL else document).encode()
    spoilt = [
        whole[:-2],
        b"[" + whole + b"]",
        json.dumps(account_document(user_id="another")).encode()[:-1] + b',"x":{}}',
        b'"' + SECRET.encode() + b'"',
    ]
    for body in spoilt:
        script = Script(Answer(status, body))
        try:
            value = _made(script, operation) if blocking else call(script, operation)
        except TempolorError as error:
            held = what_frames_hold(error)
            assert "value" in held
            assert SECRET not in held
            assert TOKEN not in held
            continue
        assert SECRET not in repr(value)


def test_the_token_is_in_no_traceback_of_a_closed_client() -> None:
    """A mistake that is no error of ours, shown with what every frame holds."""

    async def ask() -> None:
        client = client_of(Script(Answer(200, b"{}")))
        await client.aclose()
        await client.accounts()

    with pytest.raises(RuntimeError, match="closed") as caught:
        asyncio.run(ask())
    held = what_frames_hold(caught.value)
    assert "exchange" in held
    assert TOKEN not in held


def _made(script: Script, operation: Operation) -> Any:
    with Client(TOKEN, base_url=BASE_URL, transport=script) as client:
        return getattr(client, operation.name)(*operation.asked)
