"""Making music, finding it again, fetching it and deleting it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tempolor_magic.sandbox import parameters
from tempolor_magic.sandbox.calls import bodies
from tempolor_magic.sandbox.calls.door import Door, files_url, raw_id
from tempolor_magic.sandbox.formats import Format
from tempolor_magic.sandbox.orders import Kind, Order, read_instrumental, read_song


class MusicCalls:
    """``/music`` without what is uploaded."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._world = door.world

    def routes(self) -> Iterator[Route]:
        """The paths of this room; those with an id come last, as they fit anything."""
        route = self._door.route
        yield from route("POST", "/music/song", self.song)
        yield from route("POST", "/music/instrumental", self.instrumental)
        yield from route("GET", "/music", self.listing)
        yield from route("GET", "/music/download/{job_id}", self.download)
        yield from route("GET", "/music/{job_id}", self.record)
        yield from route("DELETE", "/music/{job_id}", self.delete)

    async def song(self, request: HttpRequest) -> Response:
        """POST /music/song."""
        job_id = await self._submit(request, read_song)
        return JSONResponse({"jobs": [job_id], "unlimited": True})

    async def instrumental(self, request: HttpRequest) -> Response:
        """POST /music/instrumental; ``unlimited`` was seen in answers to songs only."""
        job_id = await self._submit(request, read_instrumental)
        return JSONResponse({"jobs": [job_id]})

    async def listing(self, request: HttpRequest) -> Response:
        """GET /music."""
        asked = request.query_params
        kind = Kind(parameters.one_of(asked, "type", tuple(Kind)) or Kind.SONG)
        return JSONResponse(
            self._world.listing(
                kind,
                user_id=asked.get("user_id", ""),
                cursor=asked.get("cursor", ""),
                now=self._door.now(),
                files=files_url(request),
            )
        )

    async def record(self, request: HttpRequest) -> Response:
        """GET /music/{job_id}."""
        now, files = self._door.now(), files_url(request)
        return JSONResponse(self._world.record(raw_id(request), now=now, files=files))

    async def delete(self, request: HttpRequest) -> Response:
        """DELETE /music/{job_id}."""
        self._world.delete(raw_id(request), now=self._door.now())
        return JSONResponse({"result": True})

    async def download(self, request: HttpRequest) -> Response:
        """GET /music/download/{job_id}."""
        kind = parameters.one_of(request.query_params, "file_format", tuple(Format)) or Format.MP3
        link = self._world.link(raw_id(request), now=self._door.now(), kind=Format(kind))
        url = f"{files_url(request)}/{link.path}"
        return JSONResponse({"url": url, "remainSeconds": link.remaining})

    async def _submit(self, request: HttpRequest, read: Callable[[object], Order]) -> str:
        order = read(await bodies.form(request))
        return self._world.submit(order, now=self._door.now()).id
