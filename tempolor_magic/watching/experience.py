"""How long earlier jobs took, as the journal remembers it."""

from __future__ import annotations

import asyncio

import anyio.to_thread

from tempolor_magic.watching.connection import Connection
from tempolor_magic.watching.durations import Durations
from tempolor_magic.watching.journal import Journal

# Seconds. A job more or less among the earlier ones makes no difference.
_FRESH = 300.0

_Key = tuple[Connection, str, str]


class Experience:
    """Durations of earlier jobs by service, kind and model; read once in a while. On the loop.

    Args:
        journal: Where they are.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._known: dict[_Key, Durations] = {}
        self._read_at: dict[_Key, float] = {}
        self._reading: set[asyncio.Task[None]] = set()

    def of(self, connection: Connection, *, kind: str, model: str) -> Durations:
        """How long such jobs take, as far as that is known by now: nobody waits for the disk."""
        key, now = (connection, kind, model), connection.clock.monotonic()
        if now - self._read_at.get(key, now - _FRESH) >= _FRESH:
            self._read_at[key] = now
            reading = asyncio.create_task(self._read(key))
            self._reading.add(reading)
            reading.add_done_callback(self._reading.discard)
        return self._known.get(key) or Durations.learn(speed=connection.speed)

    async def _read(self, key: _Key) -> None:
        connection, kind, model = key
        took = await anyio.to_thread.run_sync(
            lambda: self._journal.durations(connection.base_url, kind=kind, model=model)
        )
        self._known[key] = Durations.learn(took, speed=connection.speed)
