"""Long lists a page at a time. Pure.

A cursor says after which entry to go on, not at which place of the list: what is added in front or
removed in between shifts nothing and shows nothing twice.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from tempolor_magic.sandbox import refusals

_Entry = TypeVar("_Entry")
_WORD = b"after:"


@dataclass(frozen=True, slots=True)
class Page(Generic[_Entry]):
    """Some entries, and the cursor of the next page: empty on the last one."""

    entries: Sequence[_Entry]
    cursor: str

    def document(self, records: Sequence[object]) -> dict[str, object]:
        """The service's form of a page that shows *records*."""
        return {"records": records, "hasNext": bool(self.cursor), "cursor": self.cursor}


def turn(
    entries: Sequence[_Entry], *, cursor: str, size: int, number: Callable[[_Entry], int]
) -> Page[_Entry]:
    """The page of *entries* that *cursor* stands for; an empty one is the first.

    Args:
        entries: All of them, in an order in which their numbers fall.
        cursor: From the page before.
        size: Entries on a page.
        number: An entry's number, never the same twice.

    Raises:
        Refused: 400, when the cursor is none of ours.
    """
    if cursor:
        last = _read(cursor)
        entries = [entry for entry in entries if number(entry) < last]
    shown, more = entries[:size], len(entries) > size
    return Page(shown, _write(number(shown[-1])) if more else "")


def _write(number: int) -> str:
    return base64.urlsafe_b64encode(_WORD + str(number).encode()).decode()


def _read(cursor: str) -> int:
    try:
        said = base64.b64decode(cursor.encode(), altchars=b"-_", validate=True)
        return int(said.removeprefix(_WORD)) if said.startswith(_WORD) else _refuse()
    except (binascii.Error, ValueError):
        return _refuse()


def _refuse() -> int:
    raise refusals.bad_id("cursor") from None
