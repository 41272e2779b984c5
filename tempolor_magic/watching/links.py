"""Waiting for the address of a completed job's file.

COMPLETED is not "can be fetched": for some seconds there is no file, the WAV and the stems come
after the MP3, and sometimes they never do. Each answer brings its own hint when to ask again.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import anyio

from tempolor_magic.api.formats import MP3, Format
from tempolor_magic.api.records import DownloadLink, Status
from tempolor_magic.errors import (
    BadRequest,
    DownloadFailed,
    FileNotServed,
    JobGone,
    PassingTrouble,
    TempolorError,
    Unreachable,
)
from tempolor_magic.watching.connection import Connection
from tempolor_magic.watching.pace import next_poll
from tempolor_magic.watching.snapshot import Snapshot

# Seconds for which a completed job's file may be missing before that is told.
PATIENCE = 120.0
# The service makes WAV and stems when the MP3 is there already.
LONGER_PATIENCE = 600.0
_GENERATING, _FAILED = "0", "10"


async def wait_for_link(
    connection: Connection, snapshot: Snapshot, kind: Format = MP3
) -> DownloadLink:
    """The address of a completed job's file, waited for while it is not served yet.

    Raises:
        FileNotServed: It was not served in time.
        TempolorError: The service refused for another reason.
    """
    async for news in ask_for_link(connection, snapshot, kind):
        if isinstance(news, DownloadLink):
            return news
    raise not_served(snapshot, kind)


async def ask_for_link(
    connection: Connection, snapshot: Snapshot, kind: Format = MP3
) -> AsyncIterator[str | DownloadLink]:
    """Yield a note for each question in vain, and the link in the end if there is one.

    Raises:
        TempolorError: Asking again can't help.
    """
    clock, failures = connection.clock, 0
    patience = PATIENCE if kind is MP3 else LONGER_PATIENCE
    gives_up_at = clock.monotonic() + patience
    while clock.monotonic() < gives_up_at:
        hint = None
        try:
            async with connection.turn():
                link = await connection.client.download_link(snapshot.job_id, kind.name)
        except (JobGone, BadRequest, PassingTrouble, Unreachable) as error:
            final = await _final(connection, snapshot, error)
            if final is not None:
                raise final from None
            if isinstance(error, PassingTrouble):
                hint = connection.heed(error)
            failures += 1
            yield f"the service does not serve the {_name(kind)} yet"
        else:
            yield link
            return
        now = clock.monotonic()
        due = next_poll(
            connection.pace, now=now, failures=failures, hint=hint, chance=connection.chance()
        )
        await clock.wait(anyio.Event(), due - now)
    yield f"the service did not serve the {_name(kind)} in time"


def not_served(snapshot: Snapshot, kind: Format) -> FileNotServed:
    """The error of a file that did not come; the job itself is done all the same."""
    if kind is MP3:
        return FileNotServed(
            f"{snapshot.job_id} is made, but its file is not served yet",
            f"%tempolor download {snapshot.job_id}",
        )
    return FileNotServed(
        f"{snapshot.job_id} is made, but its {kind.words} is not served after "
        f"{LONGER_PATIENCE / 60:.0f} min and may never be",
        f"take the MP3: %tempolor download {snapshot.job_id}",
    )


def _name(kind: Format) -> str:
    return "file" if kind is MP3 else kind.words


async def _final(
    connection: Connection, snapshot: Snapshot, error: TempolorError
) -> TempolorError | None:
    """What to raise if asking again can't help: after 410, and any 400 but "not completed yet".

    The number behind those words is the job's state. One that is not known is looked up in the
    record, since only that decides.
    """
    if isinstance(error, JobGone) and error.status != 404:  # noqa: PLR2004
        return error
    if not isinstance(error, BadRequest):
        return None
    told = re.search(r"not completed yet \((-?[0-9]+)\)", error.message)
    if told is None:
        return error
    failed = told[1] == _FAILED
    if told[1] not in {_GENERATING, _FAILED}:
        failed = await _has_failed(connection, snapshot)
    if not failed:
        return None
    return DownloadFailed(
        f"the service says that {snapshot.job_id} failed, so there is no file",
        f"look at it again: %tempolor status {snapshot.job_id}",
    )


async def _has_failed(connection: Connection, snapshot: Snapshot) -> bool:
    try:
        record = await connection.ask(lambda client: client.job(snapshot.job_id))
    except (PassingTrouble, Unreachable):
        return False
    return record.final and record.status is not Status.COMPLETED
