"""After the death of a kernel: which jobs it asked for and could not write down any more."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from anyio.to_thread import run_sync

from tempolor_magic.api.ids import JobId, parse_job_id
from tempolor_magic.watching.connection import Connection
from tempolor_magic.watching.ledger import Ledger, LooseEnd
from tempolor_magic.watching.reconcile import Sent, find_made

# Seconds. What was sent longer ago is at the service by now, or never came to be.
_MAY_STILL_COME = 120.0


async def recover(connection: Connection, ledger: Ledger) -> Sequence[JobId]:
    """Jobs that were asked for from this machine and that the journal does not know.

    Some had got an answer and were not watched yet. For what got none the service is searched;
    what is found is noted as what came of its ask.

    Raises:
        JournalUnavailable: It can't be known what was asked for.
    """
    here = connection.base_url, connection.user
    made = await run_sync(ledger.unjournalled, *here)
    ends = await run_sync(ledger.loose_ends, *here)
    found = await _search(connection, ledger, ends) if ends else []
    return [parse_job_id(job_id) for job_id in (*made, *found)]


async def _search(
    connection: Connection, ledger: Ledger, ends: Sequence[LooseEnd]
) -> Sequence[str]:
    known = await run_sync(ledger.jobs_of_others, 0)  # there is no ask of that number
    latest = max(end.sent_at for end in ends)
    jobs = await find_made(
        connection,
        [Sent.of_loose_end(end) for end in ends],
        known=known,
        patient=connection.clock.time() - latest < _MAY_STILL_COME,
    )
    found = [(end, job_id) for end, job_id in zip(ends, jobs, strict=True) if job_id]
    return [
        job_id
        for end, job_id in found
        if await run_sync(partial(ledger.made, end.number, job_ids=[job_id]))
    ]
