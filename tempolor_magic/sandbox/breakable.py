"""uvicorn, with each connection's transport handed to the app: to break what HTTP would keep."""

from __future__ import annotations

import asyncio

from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from tempolor_magic.sandbox.spoiling import TRANSPORT


class Breakable(H11Protocol):
    """HTTP whose requests carry the transport they came by, as an extension of their scope.

    Give it to ``uvicorn.Config`` as ``http``.
    """

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Hand *transport* to whatever answers on this connection."""
        super().connection_made(transport)
        served = self.app

        async def with_transport(scope: Scope, receive: Receive, send: Send) -> None:
            extensions = {**scope.get("extensions", {}), TRANSPORT: transport}
            await served({**scope, "extensions": extensions}, receive, send)

        self.app = with_transport
