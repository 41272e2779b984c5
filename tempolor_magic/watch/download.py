"""Fetching a finished file whole: beside its target first, under its name at the end."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from pathlib import Path

import anyio

from tempolor_magic.api.ids import JobId
from tempolor_magic.errors import DownloadFailed, UsageError
from tempolor_magic.watch.connection import Connection
from tempolor_magic.watch.media import is_mp3, wait_for_link
from tempolor_magic.watch.snapshot import Snapshot

_LONGEST_TITLE = 60
_HEAD = 16


def file_name(title: str, job_id: JobId) -> str:
    """A name that is safe on every system, unique by the item of the job."""
    plain = unicodedata.normalize("NFKC", title)
    words = re.sub(r"[^\w\- ]+", " ", plain).split()
    stem = " ".join(words)[:_LONGEST_TITLE].strip() or "tempolor"
    return f"{stem} {job_id.item}.mp3"


async def save_mp3(
    connection: Connection,
    snapshot: Snapshot,
    target: Path,
    *,
    overwrite: bool = False,
    progress: Callable[[int, int | None], None] = lambda _done, _whole: None,
) -> Path:
    """Fetch the MP3 of a completed job to *target*.

    Args:
        connection: Whom to ask for the link.
        snapshot: Of the job.
        target: The file to make. Bytes gather in a ``.part`` file beside it.
        overwrite: Replace *target* if it exists.
        progress: Told the bytes so far and the whole, ``None`` if not announced.

    Raises:
        UsageError: *target* exists, or its folder can't be written.
        DownloadFailed: The file is cut short, of another kind, or refused.
    """
    if await anyio.Path(target).exists() and not overwrite:
        raise UsageError(f"{target} exists and was left alone", "add --overwrite, or --output PATH")
    part = target.with_name(target.name + ".part")
    link = await wait_for_link(connection, snapshot)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        await _fetch(connection, link.url, part, progress)
        part.replace(target)
    except OSError as error:
        raise UsageError(f"{target} can't be written: {error.strerror}", "give --output") from None
    finally:
        part.unlink(missing_ok=True)
    return target


async def _fetch(
    connection: Connection,
    url: str,
    part: Path,
    progress: Callable[[int, int | None], None],
) -> None:
    done, head = 0, b""
    async with connection.client.open_file(url) as file, await anyio.open_file(part, "wb") as out:
        async for piece in file.pieces():
            await out.write(piece)
            done += len(piece)
            head = (head + piece)[:_HEAD] if len(head) < _HEAD else head
            progress(done, file.length)
        if file.length is not None and done != file.length:
            raise DownloadFailed(f"the file broke off after {done:,} of {file.length:,} bytes")
    if not is_mp3(head):
        raise DownloadFailed("the file host sent something that is no MP3", "try again in a minute")
