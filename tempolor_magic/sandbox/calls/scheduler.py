"""The scheduler's three calls, and the accounts behind it."""

from __future__ import annotations

from collections.abc import Iterator

from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tempolor_magic.sandbox import accounts
from tempolor_magic.sandbox.calls.door import Door, raw_id


class SchedulerCalls:
    """``/scheduler``: what runs, over all accounts."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._world = door.world

    def routes(self) -> Iterator[Route]:
        """The paths of this room."""
        route = self._door.route
        yield from route("GET", "/scheduler", self.executing)
        yield from route("GET", "/scheduler/available", self.available)
        yield from route("DELETE", "/scheduler/{job_id}", self.untrack)

    async def executing(self, request: HttpRequest) -> Response:  # noqa: ARG002 - an endpoint's form
        """GET /scheduler."""
        return JSONResponse(self._world.executing(self._door.now()))

    async def available(self, request: HttpRequest) -> Response:  # noqa: ARG002 - likewise
        """GET /scheduler/available."""
        now = self._door.now()
        executing, available = self._world.executing(now), self._world.available(now)
        return JSONResponse({"executing": executing, "available": available})

    async def untrack(self, request: HttpRequest) -> Response:
        """DELETE /scheduler/{job_id}."""
        self._world.untrack(raw_id(request), now=self._door.now())
        return Response(status_code=204)


class AccountCalls:
    """``/accounts``, to read only: linking one takes credentials, which a sandbox must not see."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._world = door.world

    def routes(self) -> Iterator[Route]:
        """The paths of this room."""
        yield from self._door.route("GET", "/accounts", self.accounts)
        yield from self._door.route("GET", "/accounts/{user_id}", self.account)

    async def accounts(self, request: HttpRequest) -> Response:  # noqa: ARG002 - an endpoint's form
        """GET /accounts."""
        limits = self._world.limits
        if not limits:
            return Response(status_code=404)
        documents = {name: accounts.document(name, max_jobs=limits[name]) for name in limits}
        return JSONResponse(documents)

    async def account(self, request: HttpRequest) -> Response:
        """GET /accounts/{user_id}."""
        name, limits = raw_id(request), self._world.limits
        if name not in limits:
            return Response(status_code=404)
        return JSONResponse(accounts.document(name, max_jobs=limits[name]))
