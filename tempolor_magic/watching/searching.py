"""The search for what a watched job can show and play. Works on the loop's thread."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING

from tempolor_magic.watching import state
from tempolor_magic.watching.connection import Connection
from tempolor_magic.watching.media import Found, find_audio, find_cover, find_waveform, find_whole
from tempolor_magic.watching.snapshot import Snapshot, State

if TYPE_CHECKING:
    from tempolor_magic.watching.watch import Watch

Find = Callable[[Connection, Snapshot], AsyncIterator[Found]]

# Seconds. Links to files expire, after hours as a rule: an older one is asked for again when the
# card is shown again.
_FRESH = 30 * 60.0


class Search:
    """Brings a job's cover as soon as it is known, and waveform and sound once it is completed.

    Each is looked for once, however many look at the job, and only if somebody does.
    """

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self._wants_whole = False
        self._cover: Future[None] | None = None
        # The search for the sound; None while there can be none.
        self.sound: Future[None] | None = None
        self._sound_at = 0.0

    def look(self) -> None:
        """Begin what can be begun; called whenever there is news."""
        record, over = self._watch.snapshot.record, self._watch.snapshot.state.is_over
        if not self._watch.is_shown:
            return
        if self._cover is None and record is not None and (record.cover_url or over):
            self._cover = self._begin(find_cover)
        if self.sound is None and self._watch.snapshot.state is State.COMPLETED:
            self._sound_at = self._now()
            self.sound = self._begin(find_waveform, find_audio, *self._whole())

    def look_again(self) -> None:
        """Shown again: look anew for what was not found, or may be good no more."""
        found = self._watch.snapshot.media.audio and self._now() - self._sound_at < _FRESH
        if self.sound is not None and self.sound.done() and not found:
            self.sound = None
        self.look()

    def want_whole(self) -> None:
        """Bring the entire audio as well, for outputs that hold it."""
        if self._wants_whole and self._watch.snapshot.media.whole:
            return
        self._wants_whole = True
        if self.sound is not None and self.sound.done():
            self.sound = self._begin(find_whole)

    def _whole(self) -> tuple[Find, ...]:
        return (find_whole,) if self._wants_whole else ()

    def _begin(self, *finds: Find) -> Future[None]:
        return self._watch.poller.loop.submit(self._bring, finds)

    async def _bring(self, finds: tuple[Find, ...]) -> None:
        """Publish each thing as it comes."""
        watch = self._watch
        for find in finds:
            async for found in find(watch.connection, watch.snapshot):
                watch.publish(state.equip(watch.snapshot, **found))

    def _now(self) -> float:
        return self._watch.connection.clock.monotonic()
