"""What is being saved in this kernel: once however many ask for it, a few at a time.

Works on the loop's thread; what can be called from any thread says so.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import Future, wait
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio

from tempolor_magic.api.ids import JobId
from tempolor_magic.errors import TempolorError
from tempolor_magic.watching import state
from tempolor_magic.watching.download import Wish, read_wish, save
from tempolor_magic.watching.loop import Loop
from tempolor_magic.watching.snapshot import Saving

if TYPE_CHECKING:
    from tempolor_magic.watching.watch import Watch

AT_ONCE = 4
# Seconds between two looks at how far a file is.
SHORTEST_GAP = 0.5
# Seconds. Letting go of a connection and of a part takes no longer.
_CLOSING_SECONDS = 5.0

_Key = tuple[JobId, str, Path]


@dataclass
class _Running:
    """A file on its way, and how many wait for it."""

    task: asyncio.Task[Path]
    waiting: int = 0


class Saver:
    """Saves files of watched jobs, at most ``AT_ONCE`` at a time; one per kernel."""

    def __init__(self, loop: Loop) -> None:
        self._loop = loop
        self._turn = asyncio.Semaphore(AT_ONCE)
        self._running: dict[_Key, _Running] = {}
        # The folder that is set for files; None for the working folder.
        self.folder: Callable[[], str | None] = lambda: None

    def wish(
        self,
        kind: str = "mp3",
        to: str | Path | None = None,
        *,
        overwrite: bool = False,
        several: bool = False,
    ) -> Wish:
        """See :func:`read_wish`; without *to* it is the folder that is set."""
        place = self.folder() if to is None else to
        return read_wish(kind, place, overwrite=overwrite, several=several)

    def begin(self, watch: Watch, wish: Wish) -> Future[Path]:
        """Save a file of *watch*, once its job is completed. On any thread; returns at once.

        The snapshot tells how far it is, and names the file in the end. The future has its path,
        or what went wrong, which may be the end of the job itself. Cancelling it leaves others
        alone that wait for the same file; without any the transfer stops, and what has arrived
        is kept.
        """
        return self._loop.submit(self._save, watch, wish)

    def begin_quietly(self, watch: Watch, wish: Wish) -> Future[Path]:
        """Likewise; the snapshot tells what went wrong, too."""
        return self._loop.submit(self._save_quietly, watch, wish)

    def stop(self, savings: Sequence[Future[Path]]) -> None:
        """Cancel what :meth:`begin` began, and return when nothing more is written.

        On any thread but the loop's.
        """
        for saving in savings:
            saving.cancel()
        wait([self._loop.submit(self._settle)], _CLOSING_SECONDS)

    async def _save_quietly(self, watch: Watch, wish: Wish) -> Path:
        try:
            return await self._save(watch, wish)
        except Exception as error:
            broke = f"saving broke ({type(error).__name__}); please report it"
            why = str(error) if isinstance(error, TempolorError) else broke
            if watch.snapshot.error is None:  # else the end of the job is what is to be told
                watch.publish(state.equip(watch.snapshot, unsaved=why))
            raise

    async def _save(self, watch: Watch, wish: Wish) -> Path:
        await _until_over(watch)
        key = (watch.job_id, wish.kind.name, wish.target(watch.snapshot))
        path = await self._share(key, lambda: self._fetch(watch, wish))
        saved = dict.fromkeys((*watch.snapshot.media.saved, as_seen_from_here(path)))
        watch.publish(state.equip(watch.snapshot, saved=tuple(saved), unsaved=""))
        return path

    async def _share(self, key: _Key, fetch: Callable[[], Coroutine[Any, Any, Path]]) -> Path:
        """What *fetch* brings, or what is under way for the same file already."""
        while (running := self._running.get(key)) is not None and not running.waiting:
            await asyncio.wait([running.task])  # it was given up and lets go of its part
        if running is None:
            running = self._running[key] = _Running(asyncio.create_task(fetch()))
            running.task.add_done_callback(lambda task: self._forget(key, task))
        running.waiting += 1
        try:
            return await asyncio.shield(running.task)
        finally:
            running.waiting -= 1
            if not running.waiting:
                running.task.cancel()
                await asyncio.wait([running.task])

    def _forget(self, key: _Key, task: asyncio.Task[Path]) -> None:
        del self._running[key]
        if not task.cancelled():
            task.exception()  # looked at: whoever waited for it may have gone

    async def _fetch(self, watch: Watch, wish: Wish) -> Path:
        progress = _Progress(watch)
        try:
            return await save(
                watch.connection, watch.snapshot, wish, tell=progress.tell, turn=self._turn
            )
        finally:
            progress.end()

    async def _settle(self) -> None:
        """Wait for what nobody waits for any more."""
        await asyncio.sleep(0)  # those who were cancelled just now have gone after this
        left = [running.task for running in self._running.values() if not running.waiting]
        if left:
            await asyncio.wait(left)


class _Progress:
    """Publishes how far a file is: news in words at once, bytes now and then."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self._clock = watch.connection.clock
        self._latest = Saving()
        self._note = ""
        self._next_at = 0.0
        self._timer: asyncio.Task[None] | None = None

    def tell(self, saving: Saving) -> None:
        """How far it is now."""
        self._latest = saving
        rest = self._next_at - self._clock.monotonic()
        if rest <= 0 or saving.note != self._note:
            self._publish()
        elif self._timer is None:
            # The last bytes before a long silence are to be told, too.
            self._timer = asyncio.create_task(self._publish_later(rest))

    def end(self) -> None:
        """It is over, whatever became of it."""
        if self._timer is not None:
            self._timer.cancel()
        self._watch.publish(state.equip(self._watch.snapshot, saving=None))

    async def _publish_later(self, seconds: float) -> None:
        await self._clock.wait(anyio.Event(), seconds)
        self._timer = None
        self._publish()

    def _publish(self) -> None:
        self._note = self._latest.note
        self._next_at = self._clock.monotonic() + SHORTEST_GAP
        self._watch.publish(state.equip(self._watch.snapshot, saving=self._latest))


async def _until_over(watch: Watch) -> None:
    """Return when the job is completed, or raise what became of it."""
    over = asyncio.wrap_future(watch.future)
    over.add_done_callback(lambda done: done.cancelled() or done.exception())
    await asyncio.shield(over)


def as_seen_from_here(path: Path) -> str:
    """As seen from the working folder, where that is shorter: notebooks travel."""
    folder = Path.cwd()
    return str(path.relative_to(folder) if path.is_relative_to(folder) else path)
