"""Voices to sing with and MIDI pieces to start from: listing, uploading, removing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tempolor_magic.sandbox import pages, parameters, uploads, voices
from tempolor_magic.sandbox.calls import bodies
from tempolor_magic.sandbox.calls.door import Door, files_url, raw_id
from tempolor_magic.sandbox.ids import Thing
from tempolor_magic.sandbox.pages import Page
from tempolor_magic.sandbox.uploads import Upload

_LONGEST_NAME = 256
_VOICES_PAGE, _UPLOADS_PAGE = 5, 20


class VoiceCalls:
    """``/music/artist-voices``, ``/music/cloned-voices`` and ``/music/midi``."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._world = door.world

    def routes(self) -> Iterator[Route]:
        """The paths of this room."""
        route = self._door.route
        yield from route("GET", "/music/artist-voices", self.artists)
        yield from route("GET", "/music/cloned-voices", self.cloned)
        yield from route("POST", "/music/cloned-voices", self.clone)
        yield from route("DELETE", "/music/cloned-voices/{voice_id}", self.remove_voice)
        yield from route("GET", "/music/midi", self.midi)
        yield from route("POST", "/music/midi", self.add_midi)
        yield from route("DELETE", "/music/midi/{midi_id}", self.remove_midi)

    async def artists(self, request: HttpRequest) -> Response:
        """GET /music/artist-voices."""
        self._account(request)
        page = pages.turn(
            voices.VOICES,
            cursor=request.query_params.get("cursor", ""),
            size=_VOICES_PAGE,
            number=lambda voice: voice.weight,
        )
        records = [voices.record(voice, files=files_url(request)) for voice in page.entries]
        time = int(self._door.now() * 1000)
        return JSONResponse({**page.document(records), "sysTime": time})

    async def cloned(self, request: HttpRequest) -> Response:
        """GET /music/cloned-voices."""
        page, now, files = self._page(request, Thing.VOICE), self._door.now(), files_url(request)
        records = [uploads.voice_record(each, now=now, files=files) for each in page.entries]
        return JSONResponse(page.document(records))

    async def clone(self, request: HttpRequest) -> Response:
        """POST /music/cloned-voices."""
        upload = await self._upload(request, Thing.VOICE, uploads.AUDIO)
        ids = {"itemId": upload.item, "clonedVoiceItemId": upload.id}
        if upload.is_ready(self._door.now()):
            return JSONResponse({"result": True, **ids})
        # The service answers so when it has waited for two minutes; the sandbox says it at once.
        message = "Voice cloning is still processing after 120 seconds. Please check back later."
        return JSONResponse({**ids, "message": message}, 202)

    async def remove_voice(self, request: HttpRequest) -> Response:
        """DELETE /music/cloned-voices/{clonedVoiceItemId}."""
        self._world.uploads.remove(Thing.VOICE, raw_id(request))
        return JSONResponse({"result": True})

    async def midi(self, request: HttpRequest) -> Response:
        """GET /music/midi."""
        page, files = self._page(request, Thing.MIDI), files_url(request)
        records = [uploads.midi_record(each, files=files) for each in page.entries]
        return JSONResponse(page.document(records))

    async def add_midi(self, request: HttpRequest) -> Response:
        """POST /music/midi."""
        is_first = not self._world.uploads.of(Thing.MIDI, self._account(request))
        upload = await self._upload(request, Thing.MIDI, uploads.MIDI)
        entry = uploads.midi_record(upload, files=files_url(request))
        return JSONResponse({"isFirst": is_first, "midiRenderVO": entry})

    async def remove_midi(self, request: HttpRequest) -> Response:
        """DELETE /music/midi/{midiItemId}."""
        self._world.uploads.remove(Thing.MIDI, raw_id(request))
        return JSONResponse({"result": True})

    def _account(self, request: HttpRequest) -> str:
        return self._world.account(request.query_params.get("user_id", ""))

    def _page(self, request: HttpRequest, thing: Thing) -> Page[Upload]:
        return pages.turn(
            self._world.uploads.of(thing, self._account(request)),
            cursor=request.query_params.get("cursor", ""),
            size=_UPLOADS_PAGE,
            number=lambda upload: upload.number,
        )

    async def _upload(self, request: HttpRequest, thing: Thing, kinds: Mapping[str, str]) -> Upload:
        account = self._account(request)
        name = parameters.needed(request.query_params, "name", longest=_LONGEST_NAME)
        kind, content = await bodies.file(request, kinds)
        return self._world.uploads.add(
            thing,
            account=account,
            name=name,
            media_type=kind,
            content=content,
            now=self._door.now(),
        )
