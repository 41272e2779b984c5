"""What only a sandbox answers: what it is, what it spoils, and that it will end."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tempolor_magic.sandbox import refusals
from tempolor_magic.sandbox.calls import bodies
from tempolor_magic.sandbox.calls.door import BASE_PATH, Door
from tempolor_magic.sandbox.faults import NONE, Faults, FaultsError, read_plan

_EVERY_METHOD = ("GET", "POST", "PUT", "PATCH", "DELETE")


class ControlCalls:
    """``/sandbox``, not noted among the calls of the API, and whatever does not exist, which is."""

    def __init__(
        self, door: Door, on_stop: Callable[[], None] | None, faults: Faults | None
    ) -> None:
        self._door = door
        self._world = door.world
        self._on_stop = on_stop
        self._faults = faults

    def routes(self) -> Iterator[Route]:
        """The paths of this room; the last one fits anything."""
        guarded = self._door.guarded
        yield Route("/sandbox", guarded(self.about), methods=["GET"])
        yield Route("/sandbox/faults", guarded(self.order_faults), methods=["POST"])
        yield Route("/sandbox/stop", guarded(self.stop), methods=["POST"])
        for method in _EVERY_METHOD:
            yield from self._door.route(method, "/{rest:path}", self.unknown)

    async def about(self, request: HttpRequest) -> Response:  # noqa: ARG002 - an endpoint's form
        """GET /sandbox."""
        world = self._world
        return JSONResponse(
            {
                "sandbox": True,
                "speed": world.speed,
                "jobs": world.made(),
                "running": world.running(self._door.now()),
                "faults": self._faults.plan.text if self._faults else NONE,
            }
        )

    async def order_faults(self, request: HttpRequest) -> Response:
        """POST /sandbox/faults with a line that orders them, as JSON."""
        line = await bodies.form(request)
        if self._faults is None or not isinstance(line, str):
            raise refusals.bad_request("No faults can be ordered like this")
        try:
            self._faults.order(read_plan(line))
        except FaultsError as error:
            raise refusals.bad_request(str(error)) from None
        return JSONResponse({"faults": self._faults.plan.text})

    async def stop(self, request: HttpRequest) -> Response:  # noqa: ARG002 - an endpoint's form
        """POST /sandbox/stop."""
        if self._on_stop is not None:
            self._on_stop()
        return JSONResponse({"stopping": self._on_stop is not None})

    async def unknown(self, request: HttpRequest) -> Response:
        """Everything else."""
        path = request.url.path.removeprefix(BASE_PATH)
        raise refusals.no_such_call(request.method, path)
