"""Getting all bytes of a file into a part, from where the last try broke off.

A link that has expired is never used again: the service is asked for a fresh one. What comes is
looked at before the first byte is written, so that a page in the place of a file leaves nothing
behind and destroys nothing.
"""

from __future__ import annotations

import zipfile
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from pathlib import Path
from typing import Any

import anyio
from anyio.to_thread import run_sync

from tempolor_magic.api.failures import ask_again_at
from tempolor_magic.api.formats import HEAD, STEMS, Format
from tempolor_magic.api.records import DownloadLink
from tempolor_magic.api.wire import FileStream
from tempolor_magic.errors import DownloadFailed, Unreachable
from tempolor_magic.watching.answers import Meaning, meaning
from tempolor_magic.watching.connection import Connection
from tempolor_magic.watching.links import ask_for_link, not_served
from tempolor_magic.watching.pace import next_poll
from tempolor_magic.watching.parts import Part, mark_of
from tempolor_magic.watching.snapshot import Saving, Snapshot

Tell = Callable[[Saving], object]
Turn = AbstractAsyncContextManager[Any]

_FRESH_LINKS = 2
# Tries in a row that break off, each with next to nothing gained.
_BREAKS = 5
_GAIN = 256 * 1024
# Bytes that must come within the time that is waited for a piece: fewer are a trickle.
_LEAST = 16 * 1024
# Seconds. A host that wants to be left alone for longer is not waited for.
_LONGEST_REST = 5 * 60.0


class _Expired(Exception):
    """The link is good no more."""


class _Unsure(Exception):
    """The file has ended, and nobody has told how long it should be."""


class _StartOver(Unreachable):
    """What was kept can't be gone on from."""


class Transfer:
    """One file on its way into a part beside its target.

    Args:
        connection: Whom to ask for links, and whose pace to rest at.
        snapshot: Of the completed job.
        kind: Which of its files.
        target: The file it will be; its folder exists.
        tell: Called with how far it is, for each piece and each rest.
        turn: Entered while bytes are on their way.
        patience: Seconds to wait for the next piece; ``None`` for what holds for all.
    """

    def __init__(  # noqa: PLR0913  # the last three by name
        self,
        connection: Connection,
        snapshot: Snapshot,
        kind: Format,
        target: Path,
        *,
        tell: Tell = lambda _: None,
        turn: Turn | None = None,
        patience: float | None = None,
    ) -> None:
        self._connection = connection
        self._snapshot = snapshot
        self._kind = kind
        self._target = target
        self._tell = tell
        self._turn = turn or nullcontext()
        self._patience = connection.client.patience.piece if patience is None else patience
        self._part: Part | None = None
        self._total: int | None = None
        self._dead_links: set[str] = set()
        self._ended_at = -1
        self._retry_at: float | None = None

    async def run(self) -> Part:
        """Bring the file; the part is whole, of the right kind, and still held.

        Raises:
            DownloadFailed: It could not be had. What has arrived is kept.
            OSError: It can't be written.
        """
        url = await self._link()
        try:
            async with self._turn:
                self._part = await run_sync(Part.take_up, self._target)
                await self._until_whole(url)
            return await self._checked()
        except BaseException:  # also when it is cancelled
            if self._part is not None:
                self._part.close()
            raise

    @property
    def _size(self) -> int:
        return self._part.size if self._part else 0

    async def _until_whole(self, url: str) -> None:
        breaks = 0
        while True:
            before = self._size
            try:
                await self._try(url)
            except _Expired:
                url = await self._fresh_link(url)
            except _Unsure:
                continue
            except Unreachable as error:
                breaks = 1 if self._size - before >= _GAIN else breaks + 1
                if breaks > _BREAKS:
                    raise self._broken(error) from None
                await self._rest(error, breaks)
            else:
                return

    async def _try(self, url: str) -> None:
        opened = self._connection.client.open_file(url, start=self._size, patience=self._patience)
        async with opened as file:
            match meaning(file.status, file.media_type):
                case Meaning.SERVED:
                    await self._gather(file)
                case Meaning.BEYOND:
                    await self._accept_end(file)
                case Meaning.EXPIRED:
                    raise _Expired
                case Meaning.PASSING:
                    now = self._connection.clock.time()
                    self._retry_at = ask_again_at(file.headers, None, now=now)
                    raise Unreachable(f"the file host has trouble (HTTP {file.status})")

    async def _gather(self, file: FileStream) -> None:
        """Write what comes; all of it is there when this returns."""
        self._total = file.total
        pieces = self._steady(file.pieces())
        if not self._goes_on(file):
            if file.start != 0:
                await self._forget()
                raise _StartOver("the file is another than before")
            await self._begin(pieces, self._mark(file.etag or file.total))
        async for piece in pieces:
            await self._write(piece)
        if file.total is not None and self._size > file.total:
            await self._forget()
            raise _StartOver("the file is longer than announced")
        if file.total is not None and self._size < file.total:
            raise Unreachable("the file ended too early")
        if not file.ends_surely and self._ended_at != self._size:
            self._ended_at = self._size
            raise _Unsure

    async def _steady(self, pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """The same pieces, as long as they are no trickle."""
        since, come = anyio.current_time(), 0
        async for piece in pieces:
            yield piece
            come += len(piece)
            now = anyio.current_time()
            if now - since > self._patience:
                if come < _LEAST:
                    raise Unreachable("the file hardly came any more")
                since, come = now, 0

    def _goes_on(self, file: FileStream) -> bool:
        """Whether what comes continues the part: from its end, of the same version."""
        if self._part is None or not self._size or file.start != self._size:
            return False
        return self._part.mark in {self._mark(file.etag or file.total), self._mark(None)}

    async def _begin(self, pieces: AsyncIterator[bytes], mark: str) -> None:
        """Make a new part, once the first bytes are those of the right kind."""
        head = b""
        async for piece in pieces:
            head += piece
            if len(head) >= HEAD:
                break
        if not self._kind.fits(head):
            raise self._wrong_kind()
        await self._forget()
        self._part = await run_sync(Part.begin, self._target, mark)
        await self._write(head)

    async def _write(self, piece: bytes) -> None:
        if self._part is not None:
            await run_sync(self._part.write, piece)
            self._tell(Saving(self._size, self._total))

    async def _accept_end(self, file: FileStream) -> None:
        """The host has nothing behind what is there: that is all of it, or too much."""
        size = self._size
        if self._ended_at == size and file.total in {None, size}:
            return
        # Left behind whole: believed if it is of this very length.
        if self._part is not None and file.total == size and self._part.mark == self._mark(size):
            return
        await self._forget()
        raise _StartOver("the file is another than before")

    async def _forget(self) -> None:
        part, self._part = self._part, None
        if part is not None:
            await run_sync(part.discard)

    async def _checked(self) -> Part:
        part = self._part
        if part is None or not await run_sync(_is_whole, part, self._kind):
            await self._forget()
            raise self._wrong_kind()
        return part

    def _mark(self, version: object) -> str:
        """Of this file of this job; *version* as far as the host tells it."""
        return mark_of(str(self._snapshot.job_id), self._kind.name, version)

    async def _link(self) -> str:
        asked = ask_for_link(self._connection, self._snapshot, self._kind)
        async for news in asked:
            if isinstance(news, DownloadLink):
                return news.url
            self._tell(Saving(self._size, self._total, news))
        raise not_served(self._snapshot, self._kind)

    async def _fresh_link(self, dead: str) -> str:
        """Another link than those whose time is over; the service may repeat one for a while."""
        self._dead_links.add(dead)
        over = Unreachable("the file host says that the link's time is over")
        for tries in range(1, _FRESH_LINKS + 1):
            if len(self._dead_links) > _FRESH_LINKS:
                break
            url = await self._link()
            if url not in self._dead_links:
                return url
            await self._rest(over, tries)
        raise DownloadFailed(
            "the file host says of every link that its time is over", "try again in a minute"
        )

    async def _rest(self, error: Unreachable, breaks: int) -> None:
        """Wait before the next try, as long as the host asks for."""
        connection, clock = self._connection, self._connection.clock
        hint = None if self._retry_at is None else connection.moment(self._retry_at)
        self._retry_at, now = None, clock.monotonic()
        due = next_poll(
            connection.pace, now=now, failures=breaks, hint=hint, chance=connection.chance()
        )
        if due - now > _LONGEST_REST:
            raise self._broken(error)
        note = f"{error.message}; going on in {due - now:.0f} s"
        self._tell(Saving(self._size, self._total, note))
        await clock.wait(anyio.Event(), due - now)

    def _broken(self, error: Unreachable) -> DownloadFailed:
        if not self._size:
            return DownloadFailed(f"nothing came: {error.message}", "try again in a minute")
        of = f" of {self._total:,}" if self._total is not None else ""
        return DownloadFailed(
            f"the file broke off after {self._size:,}{of} bytes: {error.message}",
            "what has arrived is kept: the same line again goes on from there",
        )

    def _wrong_kind(self) -> DownloadFailed:
        return DownloadFailed(
            f"the file host sent something that is no {self._kind.words}", "try again in a minute"
        )


def _is_whole(part: Part, kind: Format) -> bool:
    """Whether it is of its kind, as far as can be seen without listening to it."""
    if not kind.fits(part.head(HEAD)):
        return False
    if kind is not STEMS:
        return True
    try:
        with zipfile.ZipFile(part.path) as archive:
            return bool(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return False
