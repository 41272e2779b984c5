"""Finding what came of a submission that got no answer, by what the service shows of it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Iterable, Sequence
from contextlib import aclosing, suppress
from typing import TypeVar

import anyio

from tempolor_magic.api.client import AsyncClient
from tempolor_magic.api.ids import JobId, parse_job_id
from tempolor_magic.api.orders import Order
from tempolor_magic.api.pages import Page, Walk
from tempolor_magic.api.records import Record
from tempolor_magic.errors import InvalidJobId, TempolorError
from tempolor_magic.watching.connection import Connection

T = TypeVar("T")

# Seconds by which the service's clock and ours may differ.
_SKEW = 120.0
# What is not shown at once may be shown a little later: waits as multiples of the first retry.
_PATIENCE = (0, 1, 2, 4, 8)
# Pages of a list to look through: what was made just now is in front.
_MOST_PAGES = 5


async def find_made(
    connection: Connection, order: Order, *, sent_at: float, known: Collection[str]
) -> str:
    """The id of the job that *order* made; empty when the service shows none in half a minute.

    Args:
        connection: Whom to ask.
        order: What was sent.
        sent_at: When, in epoch seconds.
        known: Jobs that came of something else.
    """
    for times in _PATIENCE:
        await connection.clock.wait(anyio.Event(), times * connection.pace.first_retry)
        shown = _shown(connection, order, since=sent_at - _SKEW, known=known)
        async with aclosing(shown):
            async for records in shown:
                if found := pick(records, order, sent_at=sent_at, known=known):
                    return found
    return ""


def pick(records: Iterable[Record], order: Order, *, sent_at: float, known: Collection[str]) -> str:
    """The earliest job that was made for this prompt after it was sent; empty if there is none."""
    prompt = str(order.document()["prompt"]).strip()
    fitting = [
        record
        for record in records
        if record.job_id not in known
        and record.prompt.strip() == prompt
        and (record.created_at is None or record.created_at >= sent_at - _SKEW)
    ]
    first = min(fitting, key=lambda record: record.created_at or sent_at, default=None)
    return first.job_id if first else ""


async def _shown(
    connection: Connection, order: Order, *, since: float, known: Collection[str]
) -> AsyncGenerator[Sequence[Record], None]:
    """What the service shows of its kind made since then: lists, then what runs by itself.

    A list may not show what runs yet.
    """
    for account in await _accounts(connection, order):
        walk: Walk[Record] = Walk(most=_MOST_PAGES)
        while walk.cursor is not None:
            page = await _page(connection, order, account, walk.cursor)
            if page is None:
                break
            yield walk.take(page).items
            if not _is_newer(page, since):
                break
    for job_id in await _running(connection):
        if job_id.text not in known:
            record = await _asked(connection, lambda client, i=job_id: client.job(i))  # type: ignore[misc]
            yield [record] if record else []


async def _page(
    connection: Connection, order: Order, account: str, cursor: str
) -> Page[Record] | None:
    return await _asked(
        connection,
        lambda client: client.library(kind=order.kind, account=account, cursor=cursor),
    )


def _is_newer(page: Page[Record], since: float) -> bool:
    """Whether all of it was made since then: the next page may hold what is looked for."""
    return all(record.created_at is not None and record.created_at > since for record in page)


async def _accounts(connection: Connection, order: Order) -> Sequence[str]:
    told = order.document().get("user_id")
    if told:
        return [str(told)]
    slots = await _asked(connection, lambda client: client.slots())
    return [each.account for each in slots.accounts] if slots and slots.accounts else [""]


async def _running(connection: Connection) -> Sequence[JobId]:
    running = await _asked(connection, lambda client: client.running()) or ()
    ids = []
    for job in running:
        with suppress(InvalidJobId):
            ids.append(parse_job_id(job.job_id))
    return ids


async def _asked(connection: Connection, call: Callable[[AsyncClient], Awaitable[T]]) -> T | None:
    """One question; no answer to it is no reason to give up on the others."""
    try:
        return await connection.ask(call)
    except TempolorError:
        return None
