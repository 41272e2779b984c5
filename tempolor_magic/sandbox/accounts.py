"""TemPolor accounts: what is told of them, and which of them takes the next job. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from tempolor_magic.sandbox import refusals

Document = dict[str, object]

# The one account of a world that is not told otherwise, of the length that real ones have.
FIRST = 100_198_329

# An account is linked once, by hand, long before anybody makes music with it.
_LINKED_AT = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)


def numbered(count: int, *, slots: int) -> dict[str, int]:
    """So many accounts with so many slots each."""
    return {str(FIRST + i): slots for i in range(count)}


def document(user_id: str, *, max_jobs: int) -> Document:
    """An account as ``GET /accounts`` shows it.

    ``requestParams`` is what a browser would have sent to TemPolor: a credential. The service
    answers it, so the sandbox does, with invented ones; who asks must not pass it on.
    """
    return {
        "user_id": user_id,
        "updated": int(_LINKED_AT.timestamp() * 1000),
        "updatedUTC": _LINKED_AT.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "maxJobs": max_jobs,
        "requestParams": {"token": f"sandbox-credential-of-{user_id}", "deviceId": "sandbox"},
    }


def choose(ends: Mapping[str, Sequence[float]], limits: Mapping[str, int], *, now: float) -> str:
    """The account with most free slots; among equals the first.

    Args:
        ends: For each account that may take the job: when the jobs it is making end.
        limits: How many each may make at once.
        now: In epoch seconds, as the ends are.

    Raises:
        Refused: 429, when all are full; its hint is when the first slot frees.
    """
    free = {account: limits[account] - len(running) for account, running in ends.items()}
    best = max(free, key=lambda account: free[account])
    if free[best] > 0:
        return best
    # With more jobs than slots, more than one must end before a slot is free.
    freed_at = min(sorted(running)[-limits[account]] for account, running in ends.items())
    raise refusals.all_slots_taken(max(1, math.ceil(freed_at - now)))
