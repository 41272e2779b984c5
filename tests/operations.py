"""Every call of the service as the clients make it, and a service that answers by script."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from fakes import BASE_URL, EPOCH, TOKEN, Answer
from samples import ID

from tempolor_magic.api.client import AsyncClient
from tempolor_magic.api.orders import InstrumentalOrder, SongOrder
from tempolor_magic.api.wire import Upload
from tempolor_magic.errors import TempolorError

VECTORS = Path(__file__).parent / "vectors"
INDEX = {row["file"]: row for row in json.loads((VECTORS / "index.json").read_text())}

VOICE_ID = ID.replace("-job:", "-voice:")
MIDI_ID = ID.replace("-job:", "-midi:")
RECORDING = Upload(b"ID3 a recording", "audio/mpeg")
MELODY = Upload(b"MThd a melody", "audio/midi")


@dataclass(frozen=True)
class Operation:
    """One call: the method of the clients, what it is asked, and what must be sent for it.

    ``target`` is the raw path and query below the base URL, ``body`` what goes up. ``good`` is
    the vector that answers it.
    """

    name: str
    asked: tuple[Any, ...] = ()
    target: str = ""
    good: str = ""
    named: Mapping[str, Any] = field(default_factory=dict)
    body: bytes = b""
    media_type: str = ""


NAMED = {"account": "me@mail.com", "cursor": "a b/&=+é"}
NAMED_TARGET = "user_id=me%40mail.com&cursor=a%20b%2F%26%3D%2B%C3%A9"

OPERATIONS: dict[str, Operation] = {
    "POST /music/song": Operation(
        "submit",
        (SongOrder(prompt="rain"),),
        "/music/song",
        "post-music-song.200.reconstructed.json",
        body=b'{"prompt":"rain"}',
        media_type="application/json",
    ),
    "POST /music/instrumental": Operation(
        "submit",
        (InstrumentalOrder(prompt="rain", bpm=70),),
        "/music/instrumental",
        "post-music-instrumental.200.reconstructed.json",
        body=b'{"prompt":"rain","bpm":70}',
        media_type="application/json",
    ),
    "GET /music/{job_id}": Operation(
        "job", (ID,), f"/music/{ID}", "get-music-job.200.completed.json"
    ),
    "GET /music/": Operation(
        "library",
        (),
        f"/music/?type=instrumental&{NAMED_TARGET}",
        "get-music.200.reconstructed.json",
        {"kind": "instrumental", **NAMED},
    ),
    "DELETE /music/{job_id}": Operation(
        "delete", (ID,), f"/music/{ID}", "delete-music-job.200.json"
    ),
    "GET /music/download/{job_id}": Operation(
        "download_link",
        (ID, "wav"),
        f"/music/download/{ID}?file_format=wav",
        "get-download.200.json",
    ),
    "POST /music/stems-splitter/": Operation(
        "split_stems",
        (RECORDING, "100198329"),
        "/music/stems-splitter/?user_id=100198329",
        "post-stems-splitter.200.json",
        body=RECORDING.content,
        media_type="audio/mpeg",
    ),
    "GET /music/artist-voices/": Operation(
        "artist_voices",
        (),
        f"/music/artist-voices/?{NAMED_TARGET}",
        "get-artist-voices.200.json",
        NAMED,
    ),
    "GET /music/cloned-voices/": Operation(
        "cloned_voices",
        (),
        f"/music/cloned-voices/?{NAMED_TARGET}",
        "get-cloned-voices.200.json",
        NAMED,
    ),
    "POST /music/cloned-voices/": Operation(
        "clone_voice",
        (" My voice & I ", RECORDING, "100198329"),
        "/music/cloned-voices/?name=My%20voice%20%26%20I&user_id=100198329",
        "post-cloned-voices.200.json",
        body=RECORDING.content,
        media_type="audio/mpeg",
    ),
    "DELETE /music/cloned-voices/{clonedVoiceItemId}": Operation(
        "delete_cloned_voice",
        (VOICE_ID,),
        f"/music/cloned-voices/{VOICE_ID}",
        "delete-cloned-voice.200.json",
    ),
    "GET /music/midi/": Operation(
        "midi_files", (), f"/music/midi/?{NAMED_TARGET}", "get-midi.200.json", NAMED
    ),
    "POST /music/midi/": Operation(
        "add_midi",
        ("Für Elise", MELODY),
        "/music/midi/?name=F%C3%BCr%20Elise",
        "post-midi.200.json",
        body=MELODY.content,
        media_type="audio/midi",
    ),
    # Its page is not known; it is taken to answer as the other deletions do.
    "DELETE /music/midi/{midiItemId}": Operation(
        "delete_midi", (MIDI_ID,), f"/music/midi/{MIDI_ID}", "delete-cloned-voice.200.json"
    ),
    "GET /scheduler/": Operation("running", (), "/scheduler/", "get-scheduler.200.json"),
    "GET /scheduler/available": Operation(
        "slots", (), "/scheduler/available", "get-scheduler-available.200.json"
    ),
    "DELETE /scheduler/{job_id}": Operation(
        "cancel", (ID,), f"/scheduler/{ID}", "delete-scheduler-job.204.txt"
    ),
    "GET /accounts": Operation("accounts", (), "/accounts", "get-accounts.200.json"),
    "GET /accounts/{user_id}": Operation(
        "account", ("user_id1",), "/accounts/user_id1", "get-account.200.json"
    ),
}
MAKING = [name for name in OPERATIONS if name.startswith("POST ")]


class Script(httpx.AsyncBaseTransport):
    """Gives its answers in order, the last one for ever; ``sent`` is what was asked."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.sent: list[httpx.Request] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        self.sent.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if answer.error is not None:
            raise answer.error("scripted", request=request)
        return httpx.Response(
            answer.status, headers=answer.headers, stream=httpx.ByteStream(answer.body)
        )

    @property
    def targets(self) -> list[str]:
        """The raw paths and queries asked for, below the base URL."""
        base = httpx.URL(BASE_URL).raw_path
        return [request.url.raw_path.removeprefix(base).decode() for request in self.sent]


def vector(file: str) -> Answer:
    """The answer of that file."""
    row = INDEX[file]
    return Answer(row["status"], (VECTORS / file).read_bytes(), row["headers"])


def operation_of(file: str) -> Operation:
    """The call that file answers."""
    row = INDEX[file]
    return OPERATIONS[f"{row['method']} {row['path'].partition('?')[0]}"]


def call(script: Script, operation: Operation) -> Any:
    """What the call comes to, through a client that is new and closed in the end."""

    async def made() -> Any:
        async with client_of(script) as client:
            return await getattr(client, operation.name)(*operation.asked, **operation.named)

    return asyncio.run(made())


def outcomes(script: Script, operation: Operation) -> list[Any]:
    """What the call comes to with each answer of the script: a value, or an error of the tree."""

    async def made() -> list[Any]:
        found = []
        async with client_of(script) as client:
            for _ in list(script.answers):
                try:
                    ask = getattr(client, operation.name)
                    found.append(await ask(*operation.asked, **operation.named))
                except TempolorError as error:
                    found.append(error)
        return found

    return asyncio.run(made())


def client_of(script: Script) -> AsyncClient:
    """A client of the scripted service."""
    return AsyncClient(TOKEN, base_url=BASE_URL, now=lambda: EPOCH, transport=script)
