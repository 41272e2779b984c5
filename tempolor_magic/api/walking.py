"""Reading a whole list, page by page, on an event loop."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

from tempolor_magic.api.pages import MOST_PAGES, Page, Thing, Walk


async def pages(
    call: Callable[..., Awaitable[Page[Thing]]],
    *,
    cursor: str = "",
    most: int = MOST_PAGES,
    **asked: str,
) -> AsyncIterator[Page[Thing]]:
    """Yield the pages of a list as they are read; what comes twice is yielded once.

    Args:
        call: ``client.library``, ``.artist_voices``, ``.cloned_voices`` or ``.midi_files``.
        cursor: Where to begin.
        most: Pages to read at most; the last one's ``has_more`` says whether there are others.
        asked: Passed on to *call*: ``kind``, ``account``.

    Raises:
        TempolorError: As *call* does; pages that were yielded before are good.
    """
    walk: Walk[Thing] = Walk(cursor, most=most)
    while walk.cursor is not None:
        yield walk.take(await call(cursor=walk.cursor, **asked))


async def every(
    call: Callable[..., Awaitable[Page[Thing]]],
    *,
    cursor: str = "",
    most: int = MOST_PAGES,
    **asked: str,
) -> AsyncIterator[Thing]:
    """Yield every thing of a list. Arguments and errors are those of :func:`pages`."""
    async for page in pages(call, cursor=cursor, most=most, **asked):
        for thing in page:
            yield thing
