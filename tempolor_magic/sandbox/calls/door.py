"""What every call goes through: it is noted, and its token is looked at."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from functools import wraps

from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.routing import Route

from tempolor_magic.sandbox import refusals
from tempolor_magic.sandbox.world import Request, World

BASE_PATH = "/v1/tempolor"

Endpoint = Callable[[HttpRequest], Awaitable[Response]]


class Door:
    """Lets calls in to *world*; *now* is the clock, in epoch seconds."""

    def __init__(self, world: World, now: Callable[[], float]) -> None:
        self.world = world
        self.now = now

    def route(self, method: str, path: str, call: Endpoint) -> Iterator[Route]:
        """A call of the API, with and without a slash at the end.

        The service's pages have one where its newer collection of calls has none, and a redirect
        from one to the other is no place to send a token to.
        """
        noted = self._noted(call)
        yield Route(path, noted, methods=[method])
        if not path.endswith("}"):
            yield Route(f"{path}/", noted, methods=[method])

    def guarded(self, call: Endpoint) -> Endpoint:
        """Let only those through who have the token."""

        @wraps(call)
        async def checked(request: HttpRequest) -> Response:
            scheme, _, token = request.headers.get("authorization", "").partition(" ")
            if scheme != "Bearer" or not self.world.is_token(token):
                raise refusals.unauthorised()
            return await call(request)

        return checked

    def _noted(self, call: Endpoint) -> Endpoint:
        """Note that the call came, whatever becomes of it, then guard it."""
        guarded = self.guarded(call)

        @wraps(call)
        async def noted(request: HttpRequest) -> Response:
            job_id = raw_id(request) if "job_id" in request.path_params else None
            path = request.url.path.removeprefix(BASE_PATH)
            self.world.requests.append(
                Request(request.method, path, self.now(), job_id, request.url.query)
            )
            return await guarded(request)

        return noted


def raw_id(request: HttpRequest) -> str:
    """The id exactly as sent: the service takes it raw, so percent-encoded is a wrong form."""
    raw: bytes = request.scope.get("raw_path") or request.scope["path"].encode()
    return raw.rpartition(b"/")[2].decode("latin-1")


def files_url(request: HttpRequest) -> str:
    """Where files are, under whatever name the client reached us."""
    return f"{request.url.scheme}://{request.url.netloc}/files"
