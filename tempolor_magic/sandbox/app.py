"""HTTP in front of the pretend world: routes, tokens, status codes. It decides nothing itself.

Everything under ``/v1/tempolor`` needs the token, as at the service. Files lie outside, as on the
service's file network: an MP3 is protected by the signature in its URL, covers and waveforms are
open.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from functools import wraps

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route

from tempolor_magic.sandbox import files, ranges, refusals
from tempolor_magic.sandbox.jobs import Job, Status
from tempolor_magic.sandbox.orders import read_order
from tempolor_magic.sandbox.refusals import Refused
from tempolor_magic.sandbox.studio import Studio
from tempolor_magic.sandbox.world import Request, World

BASE_PATH = "/v1/tempolor"

_EVERY_METHOD = ["GET", "POST", "PUT", "PATCH", "DELETE"]

_Endpoint = Callable[[HttpRequest], Awaitable[Response]]


def build(
    world: World,
    *,
    now: Callable[[], float],
    on_stop: Callable[[], None] | None = None,
    studio: Studio | None = None,
) -> Starlette:
    """The service as an ASGI app.

    Args:
        world: Its state.
        now: The clock, in epoch seconds.
        on_stop: Called when a client asks the sandbox to end.
        studio: Where files are made; a new one unless given.
    """
    calls = _Calls(world, now, on_stop)
    shelf = _Shelf(world, now, studio or Studio())
    app = Starlette(
        routes=[
            Mount(BASE_PATH, routes=_api_routes(calls)),
            Route("/files/{item}.mp3", shelf.mp3),
            Route("/files/{item}.png", shelf.cover),
            Route("/files/{item}.json", shelf.waveform),
        ],
        exception_handlers={Refused: _refuse, HTTPException: _explain},
    )
    # The service redirects nothing, and a token should not go where a redirect points.
    app.router.redirect_slashes = False
    return app


def _api_routes(calls: _Calls) -> list[Route]:
    counted, guarded = calls.counted, calls.guarded
    return [
        Route("/music/song", counted(calls.song), methods=["POST"]),
        Route("/music/download/{job_id}", counted(calls.download), methods=["GET"]),
        Route("/music/{job_id}", counted(calls.record), methods=["GET"]),
        Route("/sandbox", guarded(calls.about), methods=["GET"]),
        Route("/sandbox/stop", guarded(calls.stop), methods=["POST"]),
        Route("/{rest:path}", counted(calls.unknown), methods=_EVERY_METHOD),
    ]


class _Calls:
    """The calls of the API, and the sandbox's own two."""

    def __init__(
        self, world: World, now: Callable[[], float], on_stop: Callable[[], None] | None
    ) -> None:
        self._world = world
        self._now = now
        self._on_stop = on_stop

    def guarded(self, call: _Endpoint) -> _Endpoint:
        """Let only those through who have the token."""

        @wraps(call)
        async def checked(request: HttpRequest) -> Response:
            scheme, _, token = request.headers.get("authorization", "").partition(" ")
            if scheme != "Bearer" or not self._world.is_token(token):
                raise refusals.unauthorised()
            return await call(request)

        return checked

    def counted(self, call: _Endpoint) -> _Endpoint:
        """Note that the call came, whatever becomes of it, then guard it."""
        guarded = self.guarded(call)

        @wraps(call)
        async def noted(request: HttpRequest) -> Response:
            job_id = _job_id(request) if "job_id" in request.path_params else None
            path = request.url.path.removeprefix(BASE_PATH)
            self._world.requests.append(Request(request.method, path, self._now(), job_id))
            return await guarded(request)

        return noted

    async def song(self, request: HttpRequest) -> Response:
        """POST /music/song."""
        try:
            document = json.loads(await request.body())
        except ValueError:
            raise refusals.bad_request("Request body is not valid JSON") from None
        job = self._world.submit(read_order(document), now=self._now())
        return JSONResponse({"jobs": [job.id], "unlimited": True})

    async def record(self, request: HttpRequest) -> Response:
        """GET /music/{job_id}."""
        shelf = _shelf_url(request)
        return JSONResponse(self._world.record(_job_id(request), now=self._now(), files=shelf))

    async def download(self, request: HttpRequest) -> Response:
        """GET /music/download/{job_id}."""
        link = self._world.link(_job_id(request), now=self._now())
        kind = request.query_params.get("file_format", "mp3")
        if kind != "mp3":
            raise refusals.bad_request(f"file_format {kind} is not made by this sandbox, only mp3")
        url = f"{_shelf_url(request)}/{link.path}"
        return JSONResponse({"url": url, "remainSeconds": link.remaining})

    async def about(self, request: HttpRequest) -> Response:  # noqa: ARG002 - an endpoint's form
        """GET /sandbox: what only a sandbox answers."""
        world = self._world
        running = world.running(self._now())
        return JSONResponse(
            {"sandbox": True, "speed": world.speed, "jobs": world.made(), "running": running}
        )

    async def stop(self, request: HttpRequest) -> Response:  # noqa: ARG002 - an endpoint's form
        """POST /sandbox/stop."""
        if self._on_stop is not None:
            self._on_stop()
        return JSONResponse({"stopping": self._on_stop is not None})

    async def unknown(self, request: HttpRequest) -> Response:
        """Everything else."""
        path = request.url.path.removeprefix(BASE_PATH)
        raise refusals.no_such_call(request.method, path)


class _Shelf:
    """The files of the songs."""

    def __init__(self, world: World, now: Callable[[], float], studio: Studio) -> None:
        self._world = world
        self._now = now
        self._studio = studio

    async def mp3(self, request: HttpRequest) -> Response:
        """The song itself, whole or in part, for those whose URL is signed and still good."""
        now = self._now()
        item = request.path_params["item"]
        auth_key = request.query_params.get("auth_key", "")
        if not self._world.is_link(f"{item}.mp3", auth_key, now=now):
            raise HTTPException(403, "This URL is not signed, or its time is over")
        cut = await run_in_threadpool(self._studio.cut, self._job(request, finished=True).song)
        return _bytes_of(cut.mp3, request)

    async def cover(self, request: HttpRequest) -> Response:
        """The picture; there from the beginning."""
        song = self._job(request).song
        content = await run_in_threadpool(files.cover, seed=song.seed, mood=song.mood)
        return Response(content, media_type="image/png")

    async def waveform(self, request: HttpRequest) -> Response:
        """The outline of the sound."""
        cut = await run_in_threadpool(self._studio.cut, self._job(request, finished=True).song)
        return Response(cut.waveform, media_type="application/json")

    def _job(self, request: HttpRequest, *, finished: bool = False) -> Job:
        now = self._now()
        job = self._world.item(request.path_params["item"], now=now)
        if job is None or (finished and job.status(now) is not Status.COMPLETED):
            raise HTTPException(404, "No such file")
        return job


def _job_id(request: HttpRequest) -> str:
    """The id exactly as sent: the service takes it raw, so percent-encoded is a wrong form."""
    raw: bytes = request.scope.get("raw_path") or request.scope["path"].encode()
    return raw.rpartition(b"/")[2].decode("latin-1")


def _shelf_url(request: HttpRequest) -> str:
    """Where files are, under whatever name the client reached us."""
    return f"{request.url.scheme}://{request.url.netloc}/files"


def _bytes_of(content: bytes, request: HttpRequest) -> Response:
    """The file or the part of it that was asked for, so that a player can seek."""
    size = len(content)
    part = ranges.wanted(request.headers.get("range"), size=size)
    headers = {"Accept-Ranges": "bytes"}
    if part is None:
        return Response(content, media_type="audio/mpeg", headers=headers)
    if not part:
        headers["Content-Range"] = f"bytes */{size}"
        return Response(status_code=416, headers=headers)
    headers["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{size}"
    return Response(content[part.start : part.stop], 206, media_type="audio/mpeg", headers=headers)


async def _refuse(request: HttpRequest, error: Exception) -> Response:  # noqa: ARG001
    if not isinstance(error, Refused):  # Starlette's type says less than its table of handlers
        raise error
    return JSONResponse(error.body, error.status, headers=dict(error.headers))


async def _explain(request: HttpRequest, error: Exception) -> Response:  # noqa: ARG001
    if not isinstance(error, HTTPException):
        raise error
    return PlainTextResponse(error.detail, error.status_code, headers=error.headers)
