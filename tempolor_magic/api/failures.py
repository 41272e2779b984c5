"""Which error an answer is, from its HTTP status; and when to ask again. Pure.

The service's texts change and come in many shapes, so they are quoted, never matched.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from tempolor_magic.api.records import Garbled, read_document
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
    shown,
)

TOO_MANY_REQUESTS = 429
# A number this large is a moment, not a delay: epoch seconds, and from the second on ms.
_EPOCH_SECONDS, _EPOCH_MS = 1e9, 1e12
_FARTHEST = 1e14  # JSON can hold numbers that no clock can
# What asking again later cures. 596 is numerically among the 5xx and is not one of them.
_PASSING = {408, 409, 425, TOO_MANY_REQUESTS}
_SERVER_TROUBLE = range(500, 600)

_KINDS: dict[int, tuple[type[ServiceError], str, str]] = {
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
    404: (JobGone, "the service knows no such job", "check the id; deleted jobs don't come back"),
    410: (JobGone, "the job has expired", "make it again: the service keeps jobs for 7 days"),
    412: (OutOfCredits, "the TemPolor account is out of credits", "top it up at tempolor.com"),
    422: (PromptRejected, "the prompt was not accepted", "reword the prompt or the lyrics"),
    596: (
        AccountBroken,
        "the linked TemPolor account no longer works",
        "add the account again at useapi.net",
    ),
}


def failure(
    status: int, headers: Mapping[str, str], body: bytes, *, now: float, whose: str = ""
) -> ServiceError:
    """The error an answer stands for.

    Args:
        status: The HTTP status, anything but 2xx.
        headers: With lower-case names.
        body: As received; any shape.
        now: Epoch seconds, to turn "in 17 seconds" into a moment.
        whose: Whose job it is when that is not the token's user, for 403.
    """
    document = _document(body)
    said = _quoted(document)
    if status == 403:  # noqa: PLR2004  # the one status whose remedy depends on more than itself
        return _forbidden(said, document, whose)
    if status in _KINDS:
        kind, what, remedy = _KINDS[status]
        return kind(f"{what} (HTTP {status}{said})", remedy, status=status)
    retry_at = ask_again_at(headers, document, now=now)
    if status == TOO_MANY_REQUESTS:
        return RateLimited(
            f"the service is busy (HTTP 429{said})",
            "wait for a free slot",
            status=status,
            retry_at=retry_at,
        )
    if status in _PASSING or status in _SERVER_TROUBLE:
        return PassingTrouble(
            f"the service has trouble (HTTP {status}{said})",
            "try again in a minute",
            status=status,
            retry_at=retry_at,
        )
    return BadRequest(
        f"the service answered in an unexpected way (HTTP {status}{said})",
        "check the base URL and the network",
        status=status,
    )


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
    return _date(text)


def _moment_of_number(hint: float, now: float) -> float:
    if hint >= _EPOCH_MS:
        return hint / 1000
    return hint if hint >= _EPOCH_SECONDS else now + hint


def _date(text: str) -> float | None:
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = read(text)
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
        except (ValueError, TypeError, OverflowError, IndexError):
            continue
    return None


def _forbidden(said: str, document: Any, whose: str) -> Forbidden:
    if document is None:
        return Forbidden(
            f"the network edge refused the request (HTTP 403{said})",
            "a proxy or firewall may rewrite requests; try another network",
            status=403,
        )
    owner = f", it belongs to useapi.net user {whose}" if whose else ""
    return Forbidden(
        f"the job is not this token's{owner} (HTTP 403{said})",
        "use the token of the user that made it",
        status=403,
    )


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
