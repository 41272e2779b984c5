"""A page of the library, with what can be seen and heard of its jobs."""

from __future__ import annotations

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

# Seconds for all players of a page: a gallery without some of them is better than none.
_PATIENCE = 10.0


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
    with anyio.move_on_after(_PATIENCE):
        async with anyio.create_task_group() as group:
            for snapshot in tuple(snapshots.values()):
                group.start_soon(_equip, connection, snapshot, snapshots)
    return tuple(snapshots.values())


def _snapshot(connection: Connection, record: Record) -> Snapshot:
    clock = connection.clock
    bare = Snapshot(parse_job_id(record.job_id), sandbox=connection.sandbox)
    return state.observe(bare, record, now=clock.monotonic(), wall=clock.time())


async def _equip(
    connection: Connection, snapshot: Snapshot, snapshots: dict[str, Snapshot]
) -> None:
    searches = [find_cover]
    if snapshot.state is State.COMPLETED:
        searches.append(find_audio)
    for search in searches:
        async for found in search(connection, snapshot):
            job_id = str(snapshot.job_id)
            snapshots[job_id] = state.equip(snapshots[job_id], **found)
