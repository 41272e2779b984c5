"""Reading one value of a document, whatever it turns out to be. Pure.

Every field of the service is optional and may have an unexpected type: such a field is simply
unknown (``None`` or ``""``), and reading it never raises.
"""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")

# The service's documents have four levels; each is a frame on the stack of whatever walks through
# one later on. Its largest lists have some thousand parts; each part costs memory and time, in
# which nothing else in this process goes on.
_DEEPEST, _MOST_PARTS = 64, 200_000
# More of anything that is counted here is no count.
_LARGEST_COUNT = 1_000_000
# A copy of a browser's session with TemPolor. It stands in the documents of accounts, and must
# not be seen wherever it may come to stand.
_SESSION = "requestParams"
_LENGTH = re.compile(r"(?:(?P<h>[0-9]{1,4}):)?(?P<m>[0-9]{1,6}):(?P<s>[0-5]?[0-9])", re.ASCII)


class Garbled(ValueError):
    """A body that is not the document that was asked for."""


def read_document(body: bytes) -> Any:
    """Decode a JSON body, without the credentials of a browser that may be in it.

    Raises:
        Garbled: It is not JSON, or nested deeper or in more parts than any document of the service.
    """
    # Those in texts count, too: real ones are far from so many.
    if sum(map(body.count, (b"[", b"{", b","))) > _MOST_PARTS:
        raise Garbled("the answer has too many parts")
    try:
        document = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise Garbled("the answer is not JSON") from error
    for level, parts in enumerate(_levels(document)):
        if level > _DEEPEST:
            raise Garbled("the answer is nested too deep")
        for part in parts:
            if isinstance(part, dict):
                part.pop(_SESSION, None)
    return document


def _levels(document: Any) -> Iterator[list[Any]]:
    """The objects and lists of a document, level by level."""
    level = [document]
    while level := [each for each in level if isinstance(each, (dict, list))]:  # faster
        yield level
        level = [
            part for each in level for part in (each.values() if isinstance(each, dict) else each)
        ]


def as_kind(kind: type[T], value: Any) -> T | None:
    """*value* as a *kind*, also from text that says one."""
    try:
        return msgspec.convert(value, kind, strict=False)
    except (msgspec.ValidationError, OverflowError):
        return None


def number(value: Any) -> float | None:
    """A finite number."""
    # Before 0.22 msgspec fails inwardly on a whole number that no float can hold.
    if isinstance(value, bool) or (isinstance(value, int) and abs(value) > sys.float_info.max):
        return None
    found = as_kind(float, value)
    return found if found is not None and math.isfinite(found) else None


def positive(value: Any, *, most: float = math.inf) -> float | None:
    """A number above zero and not above *most*."""
    found = number(value)
    return found if found is not None and 0 < found <= most else None


def count(value: Any) -> int | None:
    """A plausible whole number; it may be negative."""
    found = None if isinstance(value, bool) else as_kind(int, value)
    return found if found is not None and abs(found) <= _LARGEST_COUNT else None


def percent(value: Any) -> float | None:
    """Percent in 0..100 from a number or from text such as "45%"."""
    found = number(value.strip().rstrip("% ") if isinstance(value, str) else value)
    return None if found is None else min(100.0, max(0.0, found))


def seconds(value: Any) -> float | None:
    """Epoch milliseconds, as this API writes them, in seconds."""
    found = positive(value)
    return None if found is None else found / 1000


def moment(value: Any) -> float | None:
    """Epoch seconds of a date, in the form of ISO 8601 or of mail; without a zone it is UTC."""
    if not isinstance(value, str):
        return None
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            found = read(value)
            return positive((found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp())
        except (ValueError, TypeError, OverflowError, IndexError):
            continue
    return None


def length(value: Any) -> float | None:
    """Seconds of "MM:SS", in which the minutes may pass 59, or of "H:MM:SS"."""
    found = _LENGTH.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        return None
    return float(int(found["h"] or 0) * 3600 + int(found["m"]) * 60 + int(found["s"]))


def text(value: Any) -> str:
    """Text, and nothing else made into it."""
    return value if isinstance(value, str) else ""


def name(value: Any) -> str:
    """A name, also one of digits that was written as a number."""
    found = None if isinstance(value, str | bool | float) else as_kind(int, value)
    return text(value) if found is None else str(found)


def texts(value: Any) -> tuple[str, ...]:
    """The texts in a list."""
    return tuple(each for each in sequence(value) if isinstance(each, str))


def mapping(value: Any) -> dict[str, Any]:
    """An object; empty if it is none."""
    return value if isinstance(value, dict) else {}


def sequence(value: Any) -> list[Any]:
    """A list; empty if it is none."""
    return value if isinstance(value, list) else []


def mappings(value: Any) -> list[dict[str, Any]]:
    """The objects in a list."""
    return [each for each in sequence(value) if isinstance(each, dict)]
