"""How long earlier jobs took, as the journal remembers it."""

from __future__ import annotations

import anyio
import anyio.to_thread

from tempolor_magic.watching.connection import Connection
from tempolor_magic.watching.durations import Durations
from tempolor_magic.watching.journal import Journal

# Seconds. A job more or less among the earlier ones makes no difference.
_FRESH = 300.0

_Key = tuple[Connection, str, str]


class Experience:
    """Durations of earlier jobs by service, kind and model; read once in a while.

    Args:
        journal: Where they are.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._reading = anyio.Lock()
        self._known: dict[_Key, tuple[float, Durations]] = {}

    async def of(self, connection: Connection, *, kind: str, model: str) -> Durations:
        """How long such jobs take; off the loop, since it may wait for a disk."""
        key, now = (connection, kind, model), connection.clock.monotonic()
        async with self._reading:
            read_at, durations = self._known.get(key, (now - _FRESH, Durations()))
            if now - read_at >= _FRESH:
                took = await anyio.to_thread.run_sync(
                    lambda: self._journal.durations(connection.base_url, kind=kind, model=model)
                )
                durations = Durations.learn(took, speed=connection.speed)
                self._known[key] = now, durations
        return durations
