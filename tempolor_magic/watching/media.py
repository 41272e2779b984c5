"""Finding what a completed job can show and play.

The service names storage keys, not files: the address of the audio is asked for once per shown
job, and for some seconds after COMPLETED there is none. A loopback service can't be reached from
the browser of a remote hub, so its cover and a short preview travel inside the page.
"""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator

import anyio

from tempolor_magic.api.fields import Garbled, read_document
from tempolor_magic.api.records import DownloadLink
from tempolor_magic.api.waveform import read_peaks
from tempolor_magic.errors import (
    BadRequest,
    DownloadFailed,
    JobGone,
    PassingTrouble,
    TempolorError,
    Unreachable,
)
from tempolor_magic.watching.connection import Connection
from tempolor_magic.watching.pace import next_poll
from tempolor_magic.watching.snapshot import Snapshot

# Seconds for which a completed job's file may be missing before that is told.
PATIENCE = 120.0
PREVIEW_BYTES = 64 * 1024
_LARGEST_COVER = 64 * 1024
_LARGEST_WAVEFORM = 512 * 1024
# What a notebook still opens quickly with, as base64.
LARGEST_EMBEDDED = 8 * 1024 * 1024

# Fields of Media, as they become known.
Found = dict[str, object]


async def find_cover(connection: Connection, snapshot: Snapshot) -> AsyncIterator[Found]:
    """Yield the checked source of the cover, if there is one."""
    url = snapshot.record.cover_url if snapshot.record else ""
    if not url or not connection.client.is_file_url(url):
        return
    if not connection.client.is_local:
        yield {"cover": url}
        return
    picture = await _first_bytes(connection, url, _LARGEST_COVER)
    kind = image_kind(picture)
    if kind:
        yield {"cover": _data_url(kind, picture)}


async def find_audio(connection: Connection, snapshot: Snapshot) -> AsyncIterator[Found]:
    """Yield a note while the file is not served yet, then its checked source."""
    try:
        async for news in _wait_for_link(connection, snapshot):
            if isinstance(news, str):
                yield {"note": news}
            else:
                yield await _playable(connection, news.url)
    except TempolorError as error:
        yield {"note": f"nothing to play: {error.message}"}


async def find_waveform(connection: Connection, snapshot: Snapshot) -> AsyncIterator[Found]:
    """Yield the peaks of the waveform, if there is one and it can be read."""
    url = snapshot.record.waveform_url if snapshot.record else ""
    if not url or not connection.client.is_file_url(url):
        return
    body = await _first_bytes(connection, url, _LARGEST_WAVEFORM)
    try:
        peaks = read_peaks(read_document(body))
    except Garbled:
        return
    if peaks:
        yield {"peaks": peaks}


async def find_whole(connection: Connection, snapshot: Snapshot) -> AsyncIterator[Found]:
    """Yield the entire audio as data, or a note why not."""
    try:
        link = await wait_for_link(connection, snapshot)
    except TempolorError as error:
        yield {"note": f"not embedded: {error.message}"}
        return
    sound = await _first_bytes(connection, link.url, LARGEST_EMBEDDED + 1)
    if len(sound) > LARGEST_EMBEDDED:
        yield {"note": "not embedded: the audio is larger than 8 MB"}
    elif is_mp3(sound):
        yield {"whole": _data_url("audio/mpeg", sound)}
    else:
        yield {"note": "not embedded: the audio could not be fetched"}


async def wait_for_link(connection: Connection, snapshot: Snapshot) -> DownloadLink:
    """The address of a completed job's file, waited for while it is not served yet.

    Raises:
        DownloadFailed: It was not served in time.
        TempolorError: The service refused for another reason.
    """
    async for news in _wait_for_link(connection, snapshot):
        if isinstance(news, DownloadLink):
            return news
    raise DownloadFailed(
        f"{snapshot.job_id} is made, but its file is not served yet",
        f"%tempolor download {snapshot.job_id}",
    )


def image_kind(head: bytes) -> str:
    """The media type of a picture by its first bytes; empty if it is none we show."""
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    return "image/webp" if head[:4] == b"RIFF" and head[8:12] == b"WEBP" else ""


def is_mp3(head: bytes) -> bool:
    """Whether a file begins like MPEG audio: a tag, or a frame's eleven sync bits."""
    return head.startswith(b"ID3") or (
        len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0  # noqa: PLR2004
    )


async def _wait_for_link(
    connection: Connection, snapshot: Snapshot
) -> AsyncIterator[str | DownloadLink]:
    clock, failures = connection.clock, 0
    gives_up_at = clock.monotonic() + PATIENCE
    while clock.monotonic() < gives_up_at:
        hint = None
        try:
            async with connection.turn():
                link = await connection.client.download_link(snapshot.job_id)
        except (JobGone, BadRequest, PassingTrouble, Unreachable) as error:
            if _is_permanent(error):
                raise
            if isinstance(error, PassingTrouble) and error.retry_at is not None:
                hint = clock.monotonic() + max(0.0, error.retry_at - clock.time())
                connection.pause(hint)
            failures += 1
            yield "the service does not serve the file yet"
        else:
            yield link
            return
        now = clock.monotonic()
        due = next_poll(
            connection.pace, now=now, failures=failures, hint=hint, chance=connection.chance()
        )
        await clock.wait(anyio.Event(), due - now)
    yield "the service did not serve the file in time"


def _is_permanent(error: TempolorError) -> bool:
    """410, and any 400 but "not completed yet (0)": the record has already told it is done."""
    if isinstance(error, JobGone):
        return error.status != 404  # noqa: PLR2004
    return isinstance(error, BadRequest) and "(0)" not in error.message


async def _playable(connection: Connection, url: str) -> Found:
    if not connection.client.is_file_url(url):
        return {"note": "nothing to play: the link is not a safe https address"}
    if not connection.client.is_local:
        return {"audio": url, "note": ""}
    sound = await _first_bytes(connection, url, PREVIEW_BYTES)
    if not is_mp3(sound):
        return {"note": "nothing to play: the file is no MP3"}
    return {"audio": _data_url("audio/mpeg", sound), "preview": True, "note": ""}


async def _first_bytes(connection: Connection, url: str, most: int) -> bytes:
    """The beginning of a file; empty if it can't be had, since it is only for the eye or ear."""
    body = bytearray()
    try:
        async with connection.client.open_file(url, most=most) as file:
            async for piece in file.pieces():
                body += piece
                if len(body) >= most:
                    break
    except (DownloadFailed, Unreachable):
        return b""
    return bytes(body[:most])


def _data_url(kind: str, body: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(body).decode()}"
