"""Taking any piece of audio apart: a call that answers only when it is done."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tempolor_magic.sandbox import parameters, uploads
from tempolor_magic.sandbox.calls import bodies
from tempolor_magic.sandbox.calls.door import Door, files_url

_LONGEST_TITLE = 256
_STATE_SPLITTING, _STATE_DONE = 1, 2
_UNFINISHED_WORDS = "no zip"


class StemsCalls:
    """``/music/stems-splitter``.

    The stems are those of a piece of the sandbox's own, chosen by the upload's content: it cannot
    hear what it is given. A ``title`` with the words ``no zip`` gets the answer without an archive.
    """

    def __init__(self, door: Door) -> None:
        self._door = door
        self._world = door.world

    def routes(self) -> Iterator[Route]:
        """The path of this room."""
        yield from self._door.route("POST", "/music/stems-splitter", self.split)

    async def split(self, request: HttpRequest) -> Response:
        """POST /music/stems-splitter."""
        self._world.account(request.query_params.get("user_id", ""))
        given = parameters.text(request.query_params, "title", longest=_LONGEST_TITLE)
        kind, content = await bodies.file(request, uploads.AUDIO)
        title = given or f"audio_file.{uploads.AUDIO[kind]}"
        if _UNFINISHED_WORDS in title.casefold():
            return JSONResponse({"state": _STATE_SPLITTING, "title": title})
        seed = await run_in_threadpool(_seed_of, content)
        link = self._world.split(seed, now=self._door.now())
        url = f"{files_url(request)}/{link.path}"
        return JSONResponse({"state": _STATE_DONE, "title": title, "stemsZipUrl": url})


def _seed_of(content: bytes) -> int:
    return int.from_bytes(hashlib.sha256(content).digest()[:4])
