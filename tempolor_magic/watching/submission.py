"""Asking for something new. A submission goes out once; only a 429, which made nothing, is
followed by another try.
"""  # noqa: D205  # one sentence, no summary

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import anyio

from tempolor_magic.api.ids import JobId, parse_job_id
from tempolor_magic.api.records import Submission
from tempolor_magic.errors import InvalidJobId, RateLimited, UnknownOutcome, shown
from tempolor_magic.watching.connection import Connection

# Seconds. Longer is a spent quota, not a busy moment.
LONGEST_WAIT = 5 * 60.0
_WITHOUT_HINT = 10.0


@dataclass
class Progress:
    """How far a submission is, for whoever waits for it on another thread."""

    sent: bool = False
    notices: list[str] = field(default_factory=list)


async def submit(
    connection: Connection, send: Callable[[], Awaitable[Submission]], progress: Progress
) -> tuple[JobId, ...]:
    """Send until it is taken, waiting for a free slot as long as is sensible.

    Raises:
        RateLimited: No slot within five minutes; nothing was made.
        UnknownOutcome: No clear answer, or one whose job ids can't be read.
        TempolorError: Any other refusal; nothing was made.
    """
    clock = connection.clock
    gives_up_at = clock.monotonic() + LONGEST_WAIT
    while True:
        try:
            async with connection.turn():
                progress.sent = True
                return _read_ids(await send())
        except RateLimited as busy:
            progress.sent = False
            now = clock.monotonic()
            hint = _WITHOUT_HINT * (1 + 2 * connection.chance())
            if busy.retry_at is not None:
                hint = max(0.0, busy.retry_at - clock.time())
            if now + hint > gives_up_at:
                raise RateLimited(
                    f"{busy.message}; no slot within {LONGEST_WAIT / 60:.0f} min, nothing was made",
                    busy.remedy,
                    status=busy.status,
                    retry_at=busy.retry_at,
                ) from None
            progress.notices.append(
                f"All slots are taken, nothing was made; asking again in {hint:.0f} s"
            )
        await clock.wait(anyio.Event(), hint + connection.chance())


def _read_ids(made: Submission) -> tuple[JobId, ...]:
    try:
        return tuple(parse_job_id(text) for text in made.job_ids)
    except InvalidJobId:
        raise UnknownOutcome(
            f"the service made {shown(', '.join(made.job_ids), 200)}, which is no known form of id",
            "look at tempolor.com before you ask again",
        ) from None
