"""Finding what came of a submission that got no answer, by what the service shows of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from contextlib import suppress
from typing import TypeVar

import anyio

from tempolor_magic.api.client import AsyncClient
from tempolor_magic.api.ids import parse_job_id
from tempolor_magic.api.orders import Order
from tempolor_magic.api.records import Record
from tempolor_magic.errors import InvalidJobId, TempolorError
from tempolor_magic.watching.connection import Connection

T = TypeVar("T")

# Seconds by which the service's clock and ours may differ.
_SKEW = 120.0
# What is not shown at once may be shown a little later: waits as multiples of the first retry.
_PATIENCE = (0, 1, 2, 4, 8)


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
        # Running ones, too, and each by itself: a list may not show them yet.
        records = [*await _listed(connection, order), *await _running(connection, known)]
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


async def _listed(connection: Connection, order: Order) -> Sequence[Record]:
    """The newest jobs of its kind, of every account that may have made it."""
    records: list[Record] = []
    for account in await _accounts(connection, order):
        page = await _asked(
            connection,
            lambda client, of=account: client.library(kind=order.kind, account=of),  # type: ignore[misc]
        )
        records += page.items if page else ()
    return records


async def _accounts(connection: Connection, order: Order) -> Sequence[str]:
    told = order.document().get("user_id")
    if told:
        return [str(told)]
    slots = await _asked(connection, lambda client: client.slots())
    return [each.account for each in slots.accounts] if slots and slots.accounts else [""]


async def _running(connection: Connection, known: Collection[str]) -> Sequence[Record]:
    """The records of all running jobs but those that came of something else."""
    records = []
    for job in await _asked(connection, lambda client: client.running()) or ():
        if job.job_id in known:
            continue
        with suppress(InvalidJobId):
            job_id = parse_job_id(job.job_id)
            record = await _asked(connection, lambda client, i=job_id: client.job(i))  # type: ignore[misc]
            records += [record] if record else []
    return records


async def _asked(connection: Connection, call: Callable[[AsyncClient], Awaitable[T]]) -> T | None:
    """One question; no answer to it is no reason to give up on the others."""
    try:
        return await connection.ask(call)
    except TempolorError:
        return None
