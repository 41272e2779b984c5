"""HTTP in front of the pretend world: paths, and errors as answers. It decides nothing itself.

Everything under ``/v1/tempolor`` needs the token, as at the service. Files lie outside, as on the
service's file network: pieces are protected by the signature in their URL, the rest is open.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route, Router

from tempolor_magic.sandbox.calls.control import ControlCalls
from tempolor_magic.sandbox.calls.door import BASE_PATH, Door
from tempolor_magic.sandbox.calls.music import MusicCalls
from tempolor_magic.sandbox.calls.scheduler import AccountCalls, SchedulerCalls
from tempolor_magic.sandbox.calls.stems import StemsCalls
from tempolor_magic.sandbox.calls.voices import VoiceCalls
from tempolor_magic.sandbox.faults import Faults
from tempolor_magic.sandbox.refusals import Refused
from tempolor_magic.sandbox.shelf import Shelf
from tempolor_magic.sandbox.studio import Studio
from tempolor_magic.sandbox.world import World

__all__ = ["BASE_PATH", "build"]


def build(
    world: World,
    *,
    now: Callable[[], float],
    on_stop: Callable[[], None] | None = None,
    studio: Studio | None = None,
    faults: Faults | None = None,
) -> Starlette:
    """The service as an ASGI app. It is faultless: what spoils answers is wrapped around it.

    Args:
        world: Its state.
        now: The clock, in epoch seconds.
        on_stop: Called when a client asks the sandbox to end.
        studio: Where files are made; a new one unless given.
        faults: What chooses the answers that are spoilt, to be told of new orders.
    """
    door = Door(world, now)
    rooms = (
        StemsCalls(door),
        VoiceCalls(door),
        MusicCalls(door),
        SchedulerCalls(door),
        AccountCalls(door),
        ControlCalls(door, on_stop, faults),
    )
    shelf = Shelf(world, now, studio or Studio())
    return Starlette(
        routes=[
            Mount(BASE_PATH, app=_router(route for room in rooms for route in room.routes())),
            Mount("/files", app=_router(shelf.routes())),
        ],
        exception_handlers={Refused: _refuse, HTTPException: _explain},
    )


def _router(routes: Iterable[Route]) -> Router:
    # The service redirects nothing, and a token should not go where a redirect points.
    return Router(list(routes), redirect_slashes=False)


async def _refuse(request: HttpRequest, error: Exception) -> Response:  # noqa: ARG001
    if not isinstance(error, Refused):  # Starlette's type says less than its table of handlers
        raise error
    return JSONResponse(error.body, error.status, headers=dict(error.headers))


async def _explain(request: HttpRequest, error: Exception) -> Response:  # noqa: ARG001
    if not isinstance(error, HTTPException):
        raise error
    return PlainTextResponse(error.detail, error.status_code, headers=error.headers)
