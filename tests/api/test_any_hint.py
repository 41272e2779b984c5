"""Whatever an answer says about when to ask again: a moment that is not past, or no hint."""

from __future__ import annotations

import json
import math
from email.utils import format_datetime
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from mutations import SHORTER, VALUES

from tempolor_magic.api.failures import ask_again_at, failure
from tempolor_magic.errors import PassingTrouble, RateLimited

NOW = 1_790_000_000.0
DATES = st.datetimes(timezones=st.timezones())
HEADERS = st.one_of(
    st.none(),
    st.text(max_size=30),
    st.integers(0, 10**20).map(str),
    st.floats().map(str),
    DATES.map(lambda date: date.isoformat()),
    DATES.map(format_datetime),
)
HINTS = st.one_of(VALUES, HEADERS)


def answer(header: str | None, top: Any, inner: Any, named: str) -> tuple[dict[str, str], Any]:
    """Headers and document of an answer with hints in all places where one may stand."""
    headers = {} if header is None else {"retry-after": header}
    return headers, {named: top, "error": {"message": "busy", named: inner}}


ANSWERS = st.builds(answer, HEADERS, HINTS, HINTS, st.sampled_from(["retryAfter", "retryAt"]))


@SHORTER
@given(answer=ANSWERS)
def test_a_hint_is_a_moment_or_none(answer: tuple[dict[str, str], Any]) -> None:
    """Never in the past, never without end, never an exception."""
    moment = ask_again_at(*answer, now=NOW)
    assert moment is None or (math.isfinite(moment) and moment >= NOW)


@SHORTER
@given(answer=ANSWERS, status=st.sampled_from([429, 503]))
def test_a_refusal_carries_its_hint(answer: tuple[dict[str, str], Any], status: int) -> None:
    """As it was sent over the wire; the line that tells of it stays one."""
    headers, document = answer
    body = json.dumps(document).encode("utf-8", "surrogatepass")
    error = failure(status, headers, body, now=NOW)
    assert isinstance(error, RateLimited if status == 429 else PassingTrouble)
    assert str(error).isprintable()
    try:
        read = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        read = None
    assert error.retry_at == ask_again_at(headers, read, now=NOW)


@given(seconds=st.integers(0, 10**8), top=HINTS)
def test_the_longest_of_several_hints_holds(seconds: int, top: Any) -> None:
    """What else is said never shortens one."""
    alone = ask_again_at({"retry-after": str(seconds)}, None, now=NOW)
    both = ask_again_at({"retry-after": str(seconds)}, {"retryAfter": top}, now=NOW)
    assert alone == NOW + seconds
    assert both is not None
    assert both >= alone
