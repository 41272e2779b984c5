"""Finding what came of a submission that got no answer, by what the service shows of it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Iterable, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import Self, TypeVar

import anyio

from tempolor_magic.api.client import AsyncClient
from tempolor_magic.api.ids import JobId, parse_job_id
from tempolor_magic.api.orders import Order
from tempolor_magic.api.pages import Page, Walk
from tempolor_magic.api.records import Record
from tempolor_magic.errors import InvalidJobId, TempolorError
from tempolor_magic.watching.connection import Connection
from tempolor_magic.watching.ledger import LooseEnd, prompt_hash

T = TypeVar("T")

# Seconds by which the service's clock and ours may differ.
_SKEW = 120.0
# What is not shown at once may be shown a little later: waits as multiples of the first retry.
_PATIENCE = (0, 1, 2, 4, 8)
# Seconds after which nobody looks once more: a service that stalls takes long for each answer.
_LONGEST = 60.0
# Pages of a list to look through: what was made just now is in front.
_MOST_PAGES = 5


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
        patient: Look again for half a minute, or a whole one where answers are slow; else once.
    """
    found = [""] * len(sent)
    ends_at = connection.clock.monotonic() + _LONGEST
    for times in _PATIENCE if patient else _PATIENCE[:1]:
        await connection.clock.wait(anyio.Event(), times * connection.pace.first_retry)
        shown = _shown(connection, sent, known=known)
        async with aclosing(shown):
            async for records in shown:
                for place, each in enumerate(sent):
                    found[place] = found[place] or pick(records, each, known={*known, *found})
                if all(found):
                    return found
        if connection.clock.monotonic() > ends_at:
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


async def _shown(
    connection: Connection, sent: Sequence[Sent], *, known: Collection[str]
) -> AsyncGenerator[Sequence[Record], None]:
    """What the service shows that may be one of *sent*: lists, then what runs by itself.

    A list may not show what runs yet.
    """
    since = min(each.sent_at for each in sent) - _SKEW
    for kind, told in dict.fromkeys((each.kind, each.account) for each in sent):
        for account in [told] if told else await _accounts(connection):
            walk: Walk[Record] = Walk(most=_MOST_PAGES)
            while walk.cursor is not None:
                page = await _page(connection, kind, account, walk.cursor)
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
    connection: Connection, kind: str, account: str, cursor: str
) -> Page[Record] | None:
    return await _asked(
        connection, lambda client: client.library(kind=kind, account=account, cursor=cursor)
    )


def _is_newer(page: Page[Record], since: float) -> bool:
    """Whether all of it was made since then: the next page may hold what is looked for."""
    return all(record.created_at is not None and record.created_at > since for record in page)


async def _accounts(connection: Connection) -> Sequence[str]:
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
