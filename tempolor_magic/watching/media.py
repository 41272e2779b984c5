"""Finding what a completed job can show and play.

The service names storage keys, not files: the address of the audio is asked for once per shown
job, and for some seconds after COMPLETED there is none. A loopback service can't be reached from
the browser of a remote hub, so its cover and a short preview travel inside the page.
"""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator

from tempolor_magic.api.fields import Garbled, read_document
from tempolor_magic.api.formats import is_mp3
from tempolor_magic.api.waveform import read_peaks
from tempolor_magic.errors import DownloadFailed, TempolorError, Unreachable
from tempolor_magic.watching.connection import Connection
from tempolor_magic.watching.links import ask_for_link, wait_for_link
from tempolor_magic.watching.snapshot import Snapshot

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
        async for news in ask_for_link(connection, snapshot):
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


def image_kind(head: bytes) -> str:
    """The media type of a picture by its first bytes; empty if it is none we show."""
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    return "image/webp" if head[:4] == b"RIFF" and head[8:12] == b"WEBP" else ""


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
            if not file.is_success:
                return b""
            async for piece in file.pieces():
                body += piece
                if len(body) >= most:
                    break
    except (DownloadFailed, Unreachable):
        return b""
    return bytes(body[:most])


def _data_url(kind: str, body: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(body).decode()}"
