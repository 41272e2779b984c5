"""Which error an answer becomes, what it tells to do, and when to ask again."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from samples import BIDI

from tempolor_magic.api.failures import ask_again_at, failure
from tempolor_magic.errors import (
    AccountBroken,
    BadRequest,
    Forbidden,
    JobGone,
    OutOfCredits,
    PassingTrouble,
    PromptRejected,
    RateLimited,
    ServiceError,
    SubscriptionRequired,
    Unauthorized,
)

NOW = datetime(2026, 11, 25, 7, 0, tzinfo=UTC).timestamp()
LONGEST_LINE = 400
FIVES = range(500, 600)

# Status, class, a word of the remedy.
STATUSES: list[tuple[int, type[ServiceError], str]] = [
    (400, BadRequest, "check the id"),
    (401, Unauthorized, "USEAPI_TOKEN"),
    (402, SubscriptionRequired, "renew it at useapi.net"),
    (404, JobGone, "deleted"),
    (410, JobGone, "7 days"),
    (412, OutOfCredits, "top it up"),
    (422, PromptRejected, "reword"),
    (429, RateLimited, "wait for a free slot"),
    (596, AccountBroken, "add the account again"),
    *((status, PassingTrouble, "try again") for status in (408, 409, 425)),
    *((status, PassingTrouble, "try again") for status in (500, 502, 503, 504)),
    *((status, PassingTrouble, "try again") for status in (520, 522, 524, 530)),
    *((status, PassingTrouble, "try again") for status in (302, 303, 307)),
    *((status, BadRequest, "check the base URL") for status in (301, 308, 405, 418, 451, 600, 999)),
]
# Bodies, and the words of the service in them.
BODIES = {
    "documented": (b'{"error": "Said so", "code": 400}', "Said so"),
    "without code": (b'{"error": "Said so"}', "Said so"),
    "nested": (b'{"error": {"code": 7, "message": "Said so", "status": "X"}}', "Said so"),
    "nested, no message": (b'{"error": {"code": 7}}', ""),
    "message": (b'{"message": "Said so"}', "Said so"),
    "no error key": (b'{"is_flagged": true, "reason": "Said so"}', "Said so"),
    "wrong types": (b'{"error": [1], "message": {"a": 1}}', ""),
    "null fields": (b'{"error": null, "message": null}', ""),
    "null": (b"null", ""),
    "array": (b"[1, 2]", ""),
    "empty": (b"", ""),
    "html": (b"<html><title>524</title></html>", ""),
    "text": (b"error code: 1010", ""),
    "bytes": (b"\x00\xff\xfe", ""),
}


def body_saying(text: Any) -> bytes:
    """The documented body with *text* in it."""
    return json.dumps({"error": text, "code": 400}).encode()


@pytest.mark.parametrize("shape", list(BODIES))
@pytest.mark.parametrize(("status", "kind", "remedy"), STATUSES)
def test_the_status_alone_decides(
    status: int, kind: type[ServiceError], remedy: str, shape: str
) -> None:
    """Whatever the body: one class and one remedy per status, one line, the service's words."""
    body, words = BODIES[shape]
    error = failure(status, {}, body, now=NOW)
    assert type(error) is kind
    assert error.status == status
    assert remedy in error.remedy
    assert f"HTTP {status}" in error.message
    assert words in error.message
    assert str(error).isprintable()


@pytest.mark.parametrize(
    ("body", "complaint", "remedy"),
    [
        (b'{"error": "Not yours"}', "the job is not this token's", "the user that made it"),
        (b"{}", "the job is not this token's", "the user that made it"),
        (b'{"code": 403}', "the job is not this token's", "the user that made it"),
        (b"error code: 1010", "the network edge refused", "another network"),
        (b"<html>Forbidden</html>", "the network edge refused", "another network"),
        (b"", "the network edge refused", "another network"),
    ],
)
def test_403_is_the_service_or_the_edge(body: bytes, complaint: str, remedy: str) -> None:
    """Only the service answers in JSON; what else answers stands before it."""
    error = failure(403, {}, body, now=NOW, whose="777")
    assert type(error) is Forbidden
    assert complaint in error.message
    assert remedy in error.remedy
    assert ("777" in error.message) is ("token" in complaint)


def test_every_5xx_passes_but_596() -> None:
    """Asking again cannot mend an account, though its number is among the 5xx."""
    answers = {status: failure(status, {"retry-after": "60"}, b"", now=NOW) for status in FIVES}
    lasting = [status for status, e in answers.items() if not isinstance(e, PassingTrouble)]
    assert lasting == [596]


@pytest.mark.parametrize(
    "text",
    [
        "Unauthorized",
        "useapi.net \u205d Unauthorized",
        "429 Too Many Requests, retry after 60",
        "Account in error state: 596",
        "No record found",
        "COMPLETED",
    ],
)
@pytest.mark.parametrize(("status", "kind", "_"), STATUSES)
def test_no_text_of_the_service_changes_the_class(
    status: int, kind: type[ServiceError], _: str, text: str
) -> None:
    """Texts change from one day to the next; they are quoted, never matched."""
    error = failure(status, {}, body_saying(text), now=NOW)
    assert type(error) is kind
    assert f"\u201c{text}\u201d" in error.message


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("two\nlines\r\n", r"two\nlines\r\n"),
        ("\x1b[31mred\x1b[0m", r"\x1b[31mred\x1b[0m"),
        ("\u202eevil", r"\u202eevil"),
        ("a\u2028b\u0000c", r"a\u2028b\x00c"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
    ],
)
def test_controls_in_a_text_are_shown_not_obeyed(text: str, shown: str) -> None:
    """The line stays one line and runs one way."""
    message = failure(500, {}, body_saying(text), now=NOW).message
    assert shown in message
    assert message.isprintable()


@pytest.mark.parametrize("text", ["x" * 100_000, "\n" * 100_000, BIDI * 1_000])
@pytest.mark.parametrize("status", [400, 403, 418, 429, 500])
def test_a_long_text_is_cut(status: int, text: str) -> None:
    """The way out is never pushed off the page."""
    error = failure(status, {}, body_saying(text), now=NOW)
    assert len(str(error)) <= LONGEST_LINE
    assert error.remedy in str(error)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("17", 17.0),
        (" 17 ", 17.0),
        ("1.5", 1.5),
        ("0", 0.0),
        ("999999999", 999_999_999.0),
        ("Wed, 25 Nov 2026 07:28:00 GMT", 1_680.0),
        ("Wednesday, 25-Nov-26 07:28:00 GMT", 1_680.0),
        ("2026-11-25T07:28:00Z", 1_680.0),
        # the past means now
        ("Wed, 25 Nov 2026 06:00:00 GMT", 0.0),
        ("1999-01-01T00:00:00Z", 0.0),
        # no hint at all
        (None, None),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("+5", None),
        ("1e3", None),
        ("0x10", None),
        ("nan", None),
        ("inf", None),
        ("\u0661\u0667", None),
        ("\uff11\uff17", None),
        ("\u00b2", None),
        ("9" * 30, None),
        ("9" * 10_000, None),
        ("Wed, 99 Nov 2026 07:28:00 GMT", None),
        ("\0\r\n", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(header: str | None, seconds: float | None) -> None:
    """Anything else is no hint, and never a reason to stumble."""
    headers = {} if header is None else {"retry-after": header}
    moment = ask_again_at(headers, None, now=NOW)
    assert moment == (None if seconds is None else NOW + seconds)


@pytest.mark.parametrize(
    ("document", "seconds"),
    [
        ({"retryAfter": "2026-11-25T07:28:00.000Z"}, 1_680.0),
        ({"retryAt": "2026-11-25T07:28:00.000Z"}, 1_680.0),
        ({"error": {"retryAt": "2026-11-25T07:28:00.000Z"}}, 1_680.0),
        ({"error": {"retryAfter": 20}}, 20.0),
        ({"retryAfter": "2026-11-25T09:28:00+02:00"}, 1_680.0),
        ({"retryAfter": "2026-11-25T07:28:00"}, 1_680.0),
        ({"retryAfter": 17}, 17.0),
        ({"retryAfter": 2.5}, 2.5),
        ({"retryAfter": "17"}, 17.0),
        ({"retryAfter": "2020-01-01T00:00:00Z"}, 0.0),
        ({"retryAfter": -17}, None),
        ({"retryAfter": True}, None),
        ({"retryAfter": None}, None),
        ({"retryAfter": ["17"]}, None),
        ({"retryAfter": {"seconds": 17}}, None),
        ({"retryAfter": "2026-13-45T99:99:99Z"}, None),
        ({"error": "retryAfter 17"}, None),
        ({"error": ["retryAfter"]}, None),
        ([{"retryAfter": 17}], None),
        ("retryAfter", None),
        (None, None),
    ],
    ids=lambda value: repr(value)[:50],
)
def test_the_body_may_tell_when_to_ask_again(document: Any, seconds: float | None) -> None:
    """In two places and by two names, as seconds or as a date."""
    moment = ask_again_at({}, document, now=NOW)
    assert moment == (None if seconds is None else NOW + seconds)


@pytest.fixture
def in_tokyo(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """This process runs nine hours east of UTC."""
    with monkeypatch.context() as there:
        there.setenv("TZ", "JST-9")
        time.tzset()
        yield
    time.tzset()


def test_a_date_without_a_zone_is_utc_everywhere(in_tokyo: None) -> None:
    """The service's clock counts, not the one on the user's wall."""
    for hint in ("2026-11-25T07:28:00", "Wed, 25 Nov 2026 07:28:00"):
        assert ask_again_at({"retry-after": hint}, None, now=NOW) == NOW + 1_680


@pytest.mark.parametrize(
    "hint", [10**400, -(10**400), 10**20, 1e308], ids=["1e400", "-1e400", "1e20", "1e308"]
)
def test_a_number_beyond_all_time_makes_nothing_stumble(hint: float) -> None:
    """JSON can hold any number; a far moment, or none, is what it means."""
    body = json.dumps({"error": "busy", "retryAfter": hint}).encode()
    error = failure(429, {}, body, now=NOW)
    assert isinstance(error, RateLimited)
    assert error.retry_at is None or error.retry_at > NOW + 1e9


def test_the_latest_hint_holds() -> None:
    """Several hints in one answer: asking before any of them would be asking too early."""
    document = {"retryAfter": 5, "error": {"retryAt": "2026-11-25T07:01:00Z"}}
    assert ask_again_at({"retry-after": "30"}, document, now=NOW) == NOW + 60
    assert ask_again_at({"retry-after": "90"}, document, now=NOW) == NOW + 90
    assert ask_again_at({"retry-after": "garbage"}, document, now=NOW) == NOW + 60


@pytest.mark.parametrize("status", [408, 409, 429, 500, 503, 524])
def test_every_passing_trouble_carries_its_hint(status: int) -> None:
    """A 503 with Retry-After is waited for like a 429."""
    error = failure(status, {"retry-after": "17"}, b"<html>", now=NOW)
    assert isinstance(error, PassingTrouble)
    assert error.retry_at == NOW + 17
    without = failure(status, {}, b"", now=NOW)
    assert isinstance(without, PassingTrouble)
    assert without.retry_at is None
