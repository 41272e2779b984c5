"""The file network: pieces behind signed addresses, pictures and outlines in the open.

Files are as large as 40 MB and are sent a slice at a time, so that a slow reader costs no memory.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request as HttpRequest
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from tempolor_magic.sandbox import files, ranges, songs, voices
from tempolor_magic.sandbox.formats import Format
from tempolor_magic.sandbox.ids import Thing
from tempolor_magic.sandbox.jobs import Job, Status
from tempolor_magic.sandbox.songs import Song
from tempolor_magic.sandbox.studio import Studio
from tempolor_magic.sandbox.voices import Voice
from tempolor_magic.sandbox.world import World

_SLICE = 256 * 1024
_BY_ENDING = {kind.ending: kind for kind in Format}


class Shelf:
    """The files of pieces, voices and uploads."""

    def __init__(self, world: World, now: Callable[[], float], studio: Studio) -> None:
        self._world = world
        self._now = now
        self._studio = studio

    def routes(self) -> Iterator[Route]:
        """The paths below ``/files``."""
        for ending in _BY_ENDING:
            yield Route(f"/{{item}}.{ending}", self.piece)
        yield Route("/{item}.png", self.cover)
        yield Route("/{item}.json", self.waveform)
        yield Route("/splits/{item}.zip", self.split)
        yield Route("/voices/{item}.png", self.portrait)
        yield Route("/voices/{name}", self.voice)
        yield Route("/midi/{name}", self.midi)

    async def piece(self, request: HttpRequest) -> Response:
        """A finished piece in one of its formats, for those whose URL is signed and still good."""
        self._check_signature(request)
        kind = _BY_ENDING[request.url.path.rpartition(".")[2]]
        return await self._made(request, self._job(request, finished=True).song, kind)

    async def split(self, request: HttpRequest) -> Response:
        """The stems of an upload, likewise."""
        self._check_signature(request)
        seed = self._world.split_seed(request.path_params["item"])
        if seed is None:
            raise _nothing_there()
        return await self._made(request, songs.draw_song(seed), Format.STEMS)

    async def cover(self, request: HttpRequest) -> Response:
        """The picture; there from the beginning."""
        return await _picture(request, self._job(request).song)

    async def waveform(self, request: HttpRequest) -> Response:
        """The outline of the sound."""
        song = self._job(request, finished=True).song
        return _sent(
            request, await run_in_threadpool(self._studio.waveform, song), "application/json"
        )

    async def portrait(self, request: HttpRequest) -> Response:
        """The picture of an artist's voice."""
        return await _picture(request, _artist(request.path_params["item"]).taster)

    async def voice(self, request: HttpRequest) -> Response:
        """The taster of an artist's voice, or the recording that a cloned one was made from."""
        name: str = request.path_params["name"]
        upload = self._world.uploads.file(Thing.VOICE, name)
        if upload is not None:
            return _sent(request, upload[1], upload[0].media_type)
        item, _, ending = name.rpartition(".")
        if ending != Format.MP3:
            raise _nothing_there()
        return await self._made(request, _artist(item).taster, Format.MP3)

    async def midi(self, request: HttpRequest) -> Response:
        """An uploaded MIDI piece."""
        upload = self._world.uploads.file(Thing.MIDI, request.path_params["name"])
        if upload is None:
            raise _nothing_there()
        return _sent(request, upload[1], upload[0].media_type)

    def _check_signature(self, request: HttpRequest) -> None:
        path = request.url.path.partition("/files/")[2]
        auth_key = request.query_params.get("auth_key", "")
        if not self._world.is_link(path, auth_key, now=self._now()):
            raise HTTPException(403, "This URL is not signed, or its time is over")

    def _job(self, request: HttpRequest, *, finished: bool = False) -> Job:
        now = self._now()
        job = self._world.item(request.path_params["item"], now=now)
        if job is None or (finished and job.status(now) is not Status.COMPLETED):
            raise _nothing_there()
        return job

    async def _made(self, request: HttpRequest, song: Song, kind: Format) -> Response:
        content = await run_in_threadpool(self._studio.file, song, kind)
        return _sent(request, content, kind.media_type)


def _artist(item: str) -> Voice:
    voice = voices.find(item)
    if voice is None:
        raise _nothing_there()
    return voice


def _nothing_there() -> HTTPException:
    return HTTPException(404, "No such file")


async def _picture(request: HttpRequest, song: Song) -> Response:
    content = await run_in_threadpool(files.cover, seed=song.seed, mood=song.mood)
    return _sent(request, content, "image/png")


def _sent(request: HttpRequest, content: bytes, media_type: str) -> Response:
    """The file or the part of it that was asked for, so that a player can seek."""
    size = len(content)
    # A part is wanted only of a certain version, and none of ours has a name to tell it by.
    asked = None if "if-range" in request.headers else request.headers.get("range")
    part = ranges.wanted(asked, size=size)
    headers = {"Accept-Ranges": "bytes"}
    if part is None:
        return _slices(content, range(size), 200, media_type, headers)
    if not part:
        headers["Content-Range"] = f"bytes */{size}"
        return Response(status_code=416, headers=headers)
    headers["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{size}"
    return _slices(content, part, 206, media_type, headers)


def _slices(
    content: bytes, part: range, status: int, media_type: str, headers: dict[str, str]
) -> Response:
    async def slices() -> AsyncIterator[bytes]:
        for start in range(part.start, part.stop, _SLICE):
            yield content[start : min(start + _SLICE, part.stop)]

    headers["Content-Length"] = str(len(part))
    return StreamingResponse(slices(), status, headers, media_type)
