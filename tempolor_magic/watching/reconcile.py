"""Finding what came of a submission that got no answer, by what the service shows of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Self, TypeVar

import anyio

from tempolor_magic.api.client import AsyncClient
from tempolor_magic.api.ids import parse_job_id
from tempolor_magic.api.orders import Order
from tempolor_magic.api.records import Record
from tempolor_magic.errors import InvalidJobId, PassingTrouble, TempolorError
from tempolor_magic.watching.connection import Connection
from tempolor_magic.watching.ledger import LooseEnd, prompt_hash

T = TypeVar("T")

# Seconds by which the service's clock and ours may differ.
_SKEW = 120.0
# What is not shown at once may be shown a little later: waits as multiples of the first retry.
_PATIENCE = (0, 1, 2, 4, 8)


@dataclass(frozen=True, slots=True)
class Sent:
    """Something that went out, as far as its job can be known again.

    ``prompt`` is a hash, ``sent_at`` are epoch seconds; ``account`` is empty where any account may
    have made it.
    """

    kind: str
    prompt: str
    sent_at: float
    account: str = ""

    @classmethod
    def of_order(cls, order: Order, sent_at: float) -> Self:
        """An order that is still at hand."""
        told = order.document()
        account = str(told.get("user_id") or "")
        return cls(order.kind, prompt_hash(str(told["prompt"])), sent_at, account)

    @classmethod
    def of_loose_end(cls, end: LooseEnd) -> Self:
        """What the ledger remembers."""
        return cls(end.kind, end.prompt, end.sent_at)


async def find_made(
    connection: Connection, sent: Sequence[Sent], *, known: Collection[str], patient: bool = True
) -> list[str]:
    """The id of the job that each of *sent* made; empty for what the service does not show.

    Args:
        connection: Whom to ask.
        sent: What is looked for.
        known: Jobs that came of something else.
        patient: Look again for half a minute; else once.
    """
    found = [""] * len(sent)
    for times in _PATIENCE if patient else _PATIENCE[:1]:
        await connection.clock.wait(anyio.Event(), times * connection.pace.first_retry)
        with suppress(TempolorError):
            records = await _shown(connection, sent)
            for place, each in enumerate(sent):
                found[place] = found[place] or pick(records, each, known={*known, *found})
        if all(found):
            break
    return found


def pick(records: Iterable[Record], sent: Sent, *, known: Collection[str]) -> str:
    """The earliest job that was made for this prompt after it was sent; empty if there is none."""
    fitting = [
        record
        for record in records
        if record.job_id not in known
        and prompt_hash(record.prompt) == sent.prompt
        and (record.created_at is None or record.created_at >= sent.sent_at - _SKEW)
    ]
    first = min(fitting, key=lambda record: record.created_at or sent.sent_at, default=None)
    return first.job_id if first else ""


async def _shown(connection: Connection, sent: Sequence[Sent]) -> Sequence[Record]:
    """Everything the service shows that may be one of *sent*."""
    records = list(await _running(connection))
    for kind, account in dict.fromkeys((each.kind, each.account) for each in sent):
        records += await _listed(connection, kind, account)
    return records


async def _running(connection: Connection) -> Sequence[Record]:
    """The records of all running jobs: a list may not show them yet."""
    records = []
    for job in await _asked(connection, lambda client: client.running()):
        with suppress(InvalidJobId):
            job_id = parse_job_id(job.job_id)
            records.append(await _asked(connection, lambda client, i=job_id: client.job(i)))  # type: ignore[misc]
    return records


async def _listed(connection: Connection, kind: str, account: str) -> Sequence[Record]:
    """The newest jobs of a kind, of every account that may have made it."""
    records: list[Record] = []
    for each in [account] if account else await _accounts(connection):
        page = await _asked(
            connection,
            lambda client, of=each: client.library(kind=kind, account=of),  # type: ignore[misc]
        )
        records += page.items
    return records


async def _accounts(connection: Connection) -> Sequence[str]:
    slots = await _asked(connection, lambda client: client.slots())
    return [each.account for each in slots.accounts] or [""]


async def _asked(connection: Connection, call: Callable[[AsyncClient], Awaitable[T]]) -> T:
    """One question in its turn; a wish to be left alone is heeded by all."""
    clock = connection.clock
    try:
        async with connection.turn():
            return await call(connection.client)
    except PassingTrouble as error:
        if error.retry_at is not None:
            connection.pause(clock.monotonic() + max(0.0, error.retry_at - clock.time()))
        raise
