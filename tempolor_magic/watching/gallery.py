"""A page of the library, with what can be seen and heard of its jobs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress

import anyio

from tempolor_magic.api.ids import parse_job_id
from tempolor_magic.api.pages import Walk
from tempolor_magic.api.records import Record
from tempolor_magic.errors import InvalidJobId
from tempolor_magic.watching import state
from tempolor_magic.watching.connection import Connection
from tempolor_magic.watching.media import find_audio, find_cover
from tempolor_magic.watching.snapshot import Snapshot, State

Show = Callable[[tuple[Snapshot, ...]], object]

# Seconds between two looks at what was found.
_SHORTEST_GAP = 1.0


async def look_up(
    connection: Connection, walk: Walk[Record], *, kind: str, account: str = ""
) -> tuple[Snapshot, ...]:
    """Read the next page of the library. Source: ``GET /music/``.

    Args:
        connection: Whose library.
        walk: Where in it; goes on by one page.
        kind: ``song`` or ``instrumental``.
        account: A TemPolor account; needed where there are several.

    Raises:
        TempolorError: The service refused or did not answer.
    """
    page = await connection.ask(
        lambda client: client.library(kind=kind, account=account, cursor=walk.cursor or "")
    )
    snapshots: dict[str, Snapshot] = {}
    for record in walk.take(page):
        with suppress(InvalidJobId):
            snapshots[record.job_id] = _snapshot(connection, record)
    return tuple(snapshots.values())


async def find_players(connection: Connection, snapshots: Sequence[Snapshot], show: Show) -> None:
    """Find covers and players of the jobs of a page; *show* is told now and then, and at the end.

    Args:
        connection: Whom to ask.
        snapshots: Of the page.
        show: Called on the loop's thread with all of them, in their order.
    """
    found = {str(snapshot.job_id): snapshot for snapshot in snapshots}
    ended = anyio.Event()

    async def tell() -> None:
        told: tuple[Snapshot, ...] = tuple(snapshots)
        while not ended.is_set():
            await connection.clock.wait(ended, _SHORTEST_GAP)
            latest = tuple(found.values())
            if latest != told:
                show(latest)
            told = latest

    async with anyio.create_task_group() as telling:
        telling.start_soon(tell)
        async with anyio.create_task_group() as group:
            for snapshot in snapshots:
                group.start_soon(_equip, connection, snapshot, found)
        ended.set()


def _snapshot(connection: Connection, record: Record) -> Snapshot:
    clock = connection.clock
    bare = Snapshot(parse_job_id(record.job_id), sandbox=connection.sandbox)
    return state.observe(bare, record, now=clock.monotonic(), wall=clock.time())


async def _equip(connection: Connection, snapshot: Snapshot, equipped: dict[str, Snapshot]) -> None:
    searches = [find_cover]
    if snapshot.state is State.COMPLETED:
        searches.append(find_audio)
    job_id = str(snapshot.job_id)
    for search in searches:
        async for found in search(connection, snapshot):
            equipped[job_id] = state.equip(equipped[job_id], **found)
