"""The practice service over HTTP, in this process and on a clock of the test's own."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import httpx
import numpy as np

from tempolor_magic.sandbox.app import build
from tempolor_magic.sandbox.music import STEMS, Stems
from tempolor_magic.sandbox.songs import Song
from tempolor_magic.sandbox.studio import Studio
from tempolor_magic.sandbox.world import World

TOKEN = "user:12345-secret"
API = "http://sandbox:8080/v1/tempolor"
AUDIO = {"Content-Type": "audio/mpeg"}
MIDI = {"Content-Type": "audio/midi"}


class FakeStudio(Studio):
    """Renders half a second of nothing, and counts how often."""

    def __init__(self, *, most_bytes: int = 10_000_000) -> None:
        super().__init__(self._silence, most_bytes=most_bytes)
        self.renders = 0

    def _silence(self, _song: Song) -> Stems:
        self.renders += 1
        return {name: np.zeros((22_050, 2), dtype=np.float32) for name in STEMS}


class Service:
    """The app, its world, and a clock to turn. Pieces take 100 s, their MP3 comes 6 s later."""

    def __init__(
        self,
        *,
        slots: int = 10,
        accounts: Mapping[str, int] | None = None,
        studio: Studio | None = None,
    ) -> None:
        self.time = 1_790_000_000.0
        self.world = World(token=TOKEN, seed=7, song_seconds=100, slots=slots, accounts=accounts)
        self.studio = studio or FakeStudio()
        self.stops = 0
        self.app = build(
            self.world, now=lambda: self.time, on_stop=self.count_stop, studio=self.studio
        )

    def count_stop(self) -> None:
        """What the app calls when asked to end."""
        self.stops += 1

    def call(
        self, method: str, url: str, *, token: str | None = TOKEN, **more: Any
    ) -> httpx.Response:
        """One request; paths are below the base path."""
        headers = {**more.pop("headers", {})}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        url = url if url.startswith("http") else API + url
        return asyncio.run(self._send(method, url, headers=headers, **more))

    async def _send(self, method: str, url: str, **more: Any) -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(self.app)) as client:
            return await client.request(method, url, **more)

    def said(self, method: str, url: str, **more: Any) -> tuple[int, Any]:
        """The status and the document of one call."""
        answer = self.call(method, url, **more)
        return answer.status_code, answer.json()

    def get(self, url: str) -> Any:
        """The document of a call that succeeds."""
        status, document = self.said("GET", url)
        assert status == 200, document
        return document

    def fetch(self, url: str) -> bytes:
        """A file, asked for as a player does: without the token."""
        answer = self.call("GET", url, token=None)
        assert answer.status_code == 200, answer.text
        return answer.content

    def submit(self, prompt: str = "rain", **more: Any) -> str:
        """Order a song; its id."""
        return self._ordered("/music/song", {"prompt": prompt, **more})

    def submit_instrumental(self, prompt: str = "rain", **more: Any) -> str:
        """Order an instrumental; its id."""
        return self._ordered("/music/instrumental", {"prompt": prompt, **more})

    def _ordered(self, path: str, body: Mapping[str, Any]) -> str:
        status, document = self.said("POST", path, json=body)
        assert status == 200, document
        (job_id,) = document["jobs"]
        assert isinstance(job_id, str)
        return job_id

    def finished(self, **more: Any) -> str:
        """A song of which everything is served."""
        job_id = self.submit(**more)
        self.time += 200
        return job_id

    def link(self, job_id: str, kind: str = "mp3") -> str:
        """The signed address of a finished piece."""
        url = self.get(f"/music/download/{job_id}?file_format={kind}")["url"]
        assert isinstance(url, str)
        return url
