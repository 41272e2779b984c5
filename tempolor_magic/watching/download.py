"""Fetching a finished file whole: beside its target first, under its name at the end."""

from __future__ import annotations

import re
import unicodedata
import uuid
from contextlib import suppress
from pathlib import Path

import anyio

from tempolor_magic.api.ids import JobId
from tempolor_magic.errors import DownloadFailed, UsageError
from tempolor_magic.watching.connection import Connection
from tempolor_magic.watching.media import is_mp3, wait_for_link
from tempolor_magic.watching.snapshot import Snapshot

_LONGEST_TITLE = 60
_HEAD = 16


def file_name(title: str, job_id: JobId) -> str:
    """A name that is safe on every system, unique by the item of the job."""
    plain = unicodedata.normalize("NFKC", title)
    words = re.sub(r"[^\w\- ]+", " ", plain).split()
    stem = " ".join(words)[:_LONGEST_TITLE].strip() or "tempolor"
    return f"{stem} {job_id.item}.mp3"


def choose_target(to: str | Path | None, title: str, job_id: JobId) -> tuple[Path, bool]:
    """The file to make, and whether its name is ours.

    Args:
        to: A file, or a folder (anything without a suffix); ``None`` for the working folder.
        title: Of the job, for a name of ours.
        job_id: Likewise.
    """
    wanted = Path.cwd() if to is None else Path(to).expanduser()
    if wanted.suffix and not wanted.is_dir():
        return wanted, False
    return wanted / file_name(title, job_id), True


async def save_mp3(
    connection: Connection,
    snapshot: Snapshot,
    to: str | Path | None = None,
    *,
    overwrite: bool = False,
) -> Path:
    """Fetch the MP3 of a completed job and return the path of the file.

    Args:
        connection: Whom to ask for the link.
        snapshot: Of the job.
        to: See :func:`choose_target`. Bytes gather in a ``.part`` file beside the target, one
            for each call: two downloads of one job must not write into each other's.
        overwrite: Replace a target that exists. Otherwise one whose name is ours holds this
            very job and is kept; any other is an error.

    Raises:
        UsageError: The target exists, or can't be written.
        DownloadFailed: The file is cut short, of another kind, or refused.
    """
    title = snapshot.record.title if snapshot.record else ""
    target, named_here = choose_target(to, title, snapshot.job_id)
    if not overwrite and await anyio.Path(target).exists():
        if named_here:
            return target
        raise UsageError(f"{target} exists and was left alone", "add --overwrite or another name")
    link = await wait_for_link(connection, snapshot)
    part = target.with_name(f"{target.name}.{uuid.uuid4().hex[:8]}.part")
    try:
        await anyio.Path(target.parent).mkdir(parents=True, exist_ok=True)
        await _fetch(connection, link.url, part)
        await anyio.Path(part).replace(target)
    except OSError as error:
        raise UsageError(
            f"{target} can't be written: {error.strerror}", "choose another folder with --output"
        ) from None
    finally:
        with suppress(OSError):  # it was renamed, or could not be made
            await anyio.Path(part).unlink()
    return target


async def _fetch(connection: Connection, url: str, part: Path) -> None:
    done, head = 0, b""
    async with connection.client.open_file(url) as file, await anyio.open_file(part, "wb") as out:
        async for piece in file.pieces():
            await out.write(piece)
            done += len(piece)
            head = (head + piece)[:_HEAD] if len(head) < _HEAD else head
        if file.length is not None and done != file.length:
            raise DownloadFailed(f"the file broke off after {done:,} of {file.length:,} bytes")
    if not is_mp3(head):
        raise DownloadFailed("the file host sent something that is no MP3", "try again in a minute")
