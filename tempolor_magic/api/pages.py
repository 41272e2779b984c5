"""Lists that come page by page, and when to stop turning pages. Pure.

The service's cursors are opaque, and a list may change while it is read: new things at its front
push others onto the next page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Generic, Protocol, TypeVar

from tempolor_magic.api import fields
from tempolor_magic.api.fields import Garbled

# At about twenty things a page, more than anybody has made.
MOST_PAGES = 1_000
# A longer cursor would not fit into the address of a request.
_LONGEST_CURSOR = 8_192


class Listed(Protocol):
    """A thing in a list."""

    @property
    def id(self) -> str:
        """What tells it from all others."""


Thing = TypeVar("Thing", bound=Listed)


@dataclass(frozen=True, slots=True)
class Page(Generic[Thing]):
    """One page of a list. It can be iterated itself.

    ``cursor`` asks for the next page, ``""`` if there is none. ``has_more`` is what the service
    says of further pages, and without a word of it whether there is a cursor.
    """

    items: tuple[Thing, ...]
    cursor: str = ""
    has_more: bool = False
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    def __iter__(self) -> Iterator[Thing]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)


def read_page(document: Any, read: Callable[[dict[str, Any]], Thing | None]) -> Page[Thing]:
    """Read a page. What is no object, names no id or comes twice is left out.

    Args:
        document: ``{"records": […], "hasNext": bool, "cursor": str}``.
        read: Reads one of its records; ``None`` if that names no id.

    Raises:
        Garbled: It is no page.
    """
    told = fields.mapping(document)
    if "records" not in told or not isinstance(told["records"], list | None):
        raise Garbled("the answer is not a page of a list")
    things: dict[str, Thing] = {}
    for thing in map(read, fields.mappings(told["records"])):
        if thing is not None:
            things.setdefault(thing.id, thing)
    cursor = fields.text(told.get("cursor"))
    if len(cursor) > _LONGEST_CURSOR:
        cursor = ""
    has_more = told.get("hasNext")
    return Page(
        tuple(things.values()),
        cursor,
        has_more if isinstance(has_more, bool) else bool(cursor),
        told,
    )


class Walk(Generic[Thing]):
    """A walk through a list, page by page: asks for nothing itself.

    It ends with a page that is said to be the last, gives no cursor or one that was followed
    before, or brings nothing new; and after so many pages. Whether the service had more is in
    the last page's ``has_more``.

    Args:
        cursor: Where to begin; ``""`` is the beginning.
        most: Pages to read at most.
    """

    def __init__(self, cursor: str = "", *, most: int = MOST_PAGES) -> None:
        self.cursor: str | None = cursor if most > 0 else None
        self._most = most
        self._followed: set[str] = set()
        self._known: set[str] = set()

    def take(self, page: Page[Thing]) -> Page[Thing]:
        """Return *page* without what was on earlier ones; ``cursor`` is then the next to follow.

        ``cursor`` is ``None`` when the walk has ended.
        """
        self._followed.add(self.cursor or "")
        fresh = tuple(thing for thing in page.items if thing.id not in self._known)
        self._known.update(thing.id for thing in fresh)
        goes_on = (
            page.has_more
            and page.cursor not in {"", *self._followed}
            and bool(fresh)
            and len(self._followed) < self._most
        )
        self.cursor = page.cursor if goes_on else None
        return replace(page, items=fresh)
