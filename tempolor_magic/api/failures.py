"""Which error an answer is, from its HTTP status; and when to ask again. Pure.

The service's texts change and come in many shapes, so they are quoted, never matched.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from tempolor_magic.api import fields
from tempolor_magic.api.fields import Garbled, read_document
from tempolor_magic.api.subjects import JOB, Meaning, Subject
from tempolor_magic.errors import (
    AccountBroken,
    BadRequest,
    Forbidden,
    NotFound,
    OutOfCredits,
    PassingTrouble,
    PromptRejected,
    RateLimited,
    ServiceError,
    SubscriptionRequired,
    Unauthorized,
    shown,
)

_FORBIDDEN = 403
# A number this large is a moment, not a delay: epoch seconds, and from the second on ms.
_EPOCH_SECONDS, _EPOCH_MS = 1e9, 1e12
_FARTHEST = 1e14  # JSON can hold numbers that no clock can
# What asking again later cures. 596 is numerically among the 5xx and is not one of them.
_PASSING = {408, 409, 425}
_SERVER_TROUBLE = range(500, 600)
_REDIRECTS = range(300, 400)
# Elsewhere for now: a page of maintenance or the door of a network, which may be gone in a minute.
_DETOUR = (
    PassingTrouble,
    "the service sends us elsewhere for now, which is not followed",
    "try again in a minute; does this network ask for a login?",
)
# After these a request may have been carried out all the same.
_UNCLEAR = {302, 303, 408, *_SERVER_TROUBLE} - {596}

_MEANINGS: dict[int, Meaning] = {
    **dict.fromkeys((302, 303, 307), _DETOUR),
    400: (BadRequest, "the service did not accept the request", "check the id and the options"),
    401: (
        Unauthorized,
        "the token is not accepted",
        "copy it whole from useapi.net and set USEAPI_TOKEN",
    ),
    402: (
        SubscriptionRequired,
        "no active useapi.net subscription",
        "renew it at useapi.net, then try again",
    ),
    404: (NotFound, "the service knows no such {noun}", "check the id"),
    410: (NotFound, "the service keeps the {noun} no longer", "make it again"),
    412: (OutOfCredits, "the TemPolor account is out of credits", "top it up at tempolor.com"),
    422: (PromptRejected, "the prompt was not accepted", "reword the prompt or the lyrics"),
    429: (RateLimited, "the service is busy", "wait for a free slot"),
    596: (
        AccountBroken,
        "the linked TemPolor account no longer works",
        "add the account again at useapi.net",
    ),
}
_FROM_THE_EDGE = (
    Forbidden,
    "the network edge refused the request",
    "a proxy or firewall may rewrite requests; try another network",
)
_TROUBLE = (PassingTrouble, "the service has trouble", "try again in a minute")
_REDIRECT = (
    BadRequest,
    "the service answered with a redirect, which is not followed",
    "check the base URL",
)
_UNEXPECTED = (
    BadRequest,
    "the service answered in an unexpected way",
    "check the base URL and the network",
)


def failure(  # noqa: PLR0913  # an answer and its circumstances, all but three by name
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    *,
    now: float,
    about: Subject = JOB,
    whose: str = "",
) -> ServiceError:
    """The error an answer stands for.

    Args:
        status: The HTTP status, anything but 2xx.
        headers: With lower-case names.
        body: As received; any shape.
        now: Epoch seconds, to turn "in 17 seconds" into a moment.
        about: What was asked about.
        whose: Whose it is when that is not the token's user, for 403.
    """
    document = _document(body)
    kind, what, remedy = _meaning(status, about, whose, from_service=document is not None)
    message = f"{what.format(noun=about.noun)} (HTTP {status}{_quoted(document)})"
    if not issubclass(kind, PassingTrouble):
        return kind(message, remedy, status=status)
    retry_at = ask_again_at(headers, document, now=now)
    return kind(message, remedy, status=status, retry_at=retry_at)


def is_unclear(status: int) -> bool:
    """Whether an answer with *status* leaves open if the request was carried out."""
    return status in _UNCLEAR


def hinted(headers: Mapping[str, str], body: bytes, *, now: float) -> float | None:
    """The same as :func:`ask_again_at`, of an answer whose body is not read yet."""
    return ask_again_at(headers, _document(body), now=now)


def ask_again_at(headers: Mapping[str, str], document: Any, *, now: float) -> float | None:
    """The epoch second the service asks to be left alone until; ``None`` without a hint.

    Read from ``Retry-After`` (seconds or a date) and from ``retryAfter`` / ``retryAt`` in the
    body or in its ``error``. The latest of them holds; one that lies in the past means now.
    """
    top: dict[str, Any] = document if isinstance(document, dict) else {}
    error = top.get("error")
    inner: dict[str, Any] = error if isinstance(error, dict) else {}
    hints = [headers.get("retry-after")]
    hints += [part.get(name) for part in (top, inner) for name in ("retryAfter", "retryAt")]
    moments = [m for m in (_moment(hint, now) for hint in hints) if m is not None]
    return max(now, *moments) if moments else None


def _moment(hint: Any, now: float) -> float | None:
    if isinstance(hint, bool) or hint is None:
        return None
    if isinstance(hint, int | float):
        return _moment_of_number(float(hint), now) if 0 <= hint <= _FARTHEST else None
    if not isinstance(hint, str):
        return None
    text = hint.strip()
    if re.fullmatch(r"[0-9]{1,14}(\.[0-9]+)?", text, re.ASCII):
        return _moment_of_number(float(text), now)
    return fields.moment(text)


def _moment_of_number(hint: float, now: float) -> float:
    if hint >= _EPOCH_MS:
        return hint / 1000
    return hint if hint >= _EPOCH_SECONDS else now + hint


def _meaning(status: int, about: Subject, whose: str, *, from_service: bool) -> Meaning:
    """The most special of what a status can mean; all but 403 depend on nothing else."""
    if status == _FORBIDDEN and not from_service:
        return _FROM_THE_EDGE
    if status in about.told:
        return about.told[status]
    if status == _FORBIDDEN:
        owner = f", it belongs to useapi.net user {whose}" if whose else ""
        what = f"the {{noun}} is not this token's{owner}"
        return Forbidden, what, "use the token of the user that made it"
    if status in _MEANINGS:
        return _MEANINGS[status]
    if status in _PASSING or status in _SERVER_TROUBLE:
        return _TROUBLE
    return _REDIRECT if status in _REDIRECTS else _UNEXPECTED


def _document(body: bytes) -> Any:
    try:
        return read_document(body)
    except Garbled:
        return None


def _quoted(document: Any) -> str:
    """The service's own words, ready to stand behind the status."""
    if not isinstance(document, dict):
        return ""
    said = document.get("error") or document.get("message") or document.get("reason")
    if isinstance(said, dict):
        said = said.get("message")
    return f": “{shown(said, 160)}”" if isinstance(said, str) and said else ""
