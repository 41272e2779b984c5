"""The pretend service over HTTP, in this process and on a clock of the test's own."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import numpy as np
import pytest

from tempolor_magic.sandbox import ranges
from tempolor_magic.sandbox.app import build
from tempolor_magic.sandbox.instruments import Samples
from tempolor_magic.sandbox.songs import Song, draw_song
from tempolor_magic.sandbox.studio import Studio
from tempolor_magic.sandbox.world import World

TOKEN = "user:12345-secret"
API = "http://sandbox:8080/v1/tempolor"
STRANGER = "user:12345-tempolor:100198329-job:abcdef123456789"
UNAUTHORISED = {"error": "Unauthorized", "code": 401}


class FakeStudio(Studio):
    """Renders half a second of nothing, and counts how often."""

    def __init__(self) -> None:
        super().__init__(self._silence)
        self.renders = 0

    def _silence(self, _song: Song) -> Samples:
        self.renders += 1
        return np.zeros((22_050, 2), dtype=np.float32)


class Service:
    """The app, its world, and a clock to turn."""

    def __init__(self, *, slots: int = 10) -> None:
        self.time = 1_790_000_000.0
        self.world = World(token=TOKEN, seed=7, song_seconds=100, slots=slots)
        self.studio = FakeStudio()
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

    def submit(self, prompt: str = "rain") -> str:
        """Order a song; its id."""
        answer = self.call("POST", "/music/song", json={"prompt": prompt})
        (job_id,) = answer.json()["jobs"]
        assert isinstance(job_id, str)
        return job_id

    def finished(self) -> str:
        """A job whose files are served."""
        job_id = self.submit()
        self.time += 106
        return job_id

    def mp3_url(self) -> str:
        """The signed address of a finished song."""
        url = self.call("GET", f"/music/download/{self.finished()}").json()["url"]
        assert isinstance(url, str)
        return url


def test_a_song_from_order_to_file() -> None:
    """Submit, watch, download: the answers of each stage have the documented form."""
    service = Service()
    answer = service.call("POST", "/music/song", json={"prompt": "rain"})
    assert (answer.status_code, answer.json()["unlimited"]) == (200, True)
    (job_id,) = answer.json()["jobs"]
    assert service.call("GET", f"/music/{job_id}").json()["status_name"] == "GENERATING"
    service.time += 100
    record = service.call("GET", f"/music/{job_id}").json()
    assert (record["status_name"], record["job_id"]) == ("COMPLETED", job_id)
    service.time += 6
    link = service.call("GET", f"/music/download/{job_id}?file_format=mp3").json()
    assert set(link) == {"url", "remainSeconds"}
    assert link["url"].startswith("http://sandbox:8080/files/")
    song = service.call("GET", link["url"], token=None)
    assert (song.status_code, song.headers["content-type"]) == (200, "audio/mpeg")
    assert song.content[0] == 0xFF


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/music/song"),
        ("GET", "/music/nonsense"),
        ("GET", f"/music/download/{STRANGER}"),
        ("GET", "/sandbox"),
        ("POST", "/sandbox/stop"),
        ("GET", "/anything/else"),
    ],
)
@pytest.mark.parametrize("token", [None, "", "user:12345-secre", "user:12345-secret2", "é"])
def test_without_the_exact_token_nothing_works(method: str, path: str, token: str | None) -> None:
    """401 comes before any other check."""
    service = Service()
    header = {} if token is None else {"Authorization": f"Bearer {token}".encode()}
    answer = service.call(method, path, token=None, headers=header)
    assert (answer.status_code, answer.json()) == (401, UNAUTHORISED)
    assert service.stops == 0


@pytest.mark.parametrize(
    ("path", "status", "message"),
    [
        ("/music/nonsense", 400, "job_id has incorrect format"),
        ("/music/download/nonsense", 400, "job_id has incorrect format"),
        (f"/music/{STRANGER.replace(':', '%3A')}", 400, "job_id has incorrect format"),
        (f"/music/{STRANGER}", 404, f"No record found for {STRANGER}"),
        (f"/music/download/{STRANGER}", 404, f"No record found for {STRANGER}"),
        ("/music/", 404, "The sandbox has no GET /music/"),
    ],
)
def test_errors_have_the_documented_body(path: str, status: int, message: str) -> None:
    """The message, and the status once more as ``code``."""
    answer = Service().call("GET", path)
    assert (answer.status_code, answer.json()) == (status, {"error": message, "code": status})


def test_downloads_are_refused_as_documented() -> None:
    """Not completed, failed, in the gap, and formats the sandbox does not make."""
    service = Service()
    job_id, doomed = service.submit(), service.submit("please fail")

    def refusal(path: str) -> tuple[int, str]:
        answer = service.call("GET", f"/music/download/{path}")
        assert answer.json()["code"] == answer.status_code
        return answer.status_code, answer.json()["error"]

    assert refusal(job_id) == (400, "Generation is not completed yet (0)")
    service.time += 100
    assert refusal(doomed) == (400, "Generation is not completed yet (10)")
    assert refusal(job_id) == (404, f"No record found for {job_id}")
    service.time += 6
    status, message = refusal(f"{job_id}?file_format=wav")
    assert (status, "wav" in message) == (400, True)


@pytest.mark.parametrize("body", ["", "{", "[]", "{}", '{"prompt": ""}', b"\xff"])
def test_bad_orders_are_refused(body: str | bytes) -> None:
    """400 for anything that is no order; no job is made."""
    service = Service()
    answer = service.call("POST", "/music/song", content=body)
    assert (answer.status_code, answer.json()["code"]) == (400, 400)
    assert service.world.made() == 0


def test_above_the_slots_comes_429_with_a_hint() -> None:
    """Header in whole seconds, documented body, and the hint is true."""
    service = Service(slots=1)
    service.submit()
    answer = service.call("POST", "/music/song", json={"prompt": "rain"})
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "100")
    assert answer.json() == {"error": "Too Many Requests", "code": 429}
    service.time += 100
    assert service.submit()


def test_every_api_call_is_counted() -> None:
    """Method, path below the base, time and id; control calls and files are not counted."""
    service = Service()
    job_id = service.finished()
    service.call("GET", f"/music/{job_id}", token=None)
    service.call("GET", "/sandbox")
    service.call("GET", service.call("GET", f"/music/{job_id}").json()["cover"], token=None)
    seen = [(request.method, request.path, request.job_id) for request in service.world.requests]
    path = f"/music/{job_id}"
    assert seen == [("POST", "/music/song", None), ("GET", path, job_id), ("GET", path, job_id)]
    assert service.world.requests[-1].now == service.time


def test_the_sandbox_says_what_it_is() -> None:
    """A call the real service does not have; stopping calls back."""
    service = Service()
    service.submit()
    about = service.call("GET", "/sandbox").json()
    assert about == {"sandbox": True, "speed": 1.0, "jobs": 1, "running": 1}
    assert service.call("POST", "/sandbox/stop").json() == {"stopping": True}
    assert service.stops == 1


def test_an_mp3_can_be_sought_in() -> None:
    """Whole, a part, the end, and beyond it, as a media player asks."""
    service = Service()
    url = service.mp3_url()
    whole = service.call("GET", url, token=None)
    size = len(whole.content)
    assert (whole.headers["accept-ranges"], int(whole.headers["content-length"])) == ("bytes", size)
    for asked, part, told in (
        ("bytes=0-99", whole.content[:100], f"bytes 0-99/{size}"),
        ("bytes=500-", whole.content[500:], f"bytes 500-{size - 1}/{size}"),
        ("bytes=-50", whole.content[-50:], f"bytes {size - 50}-{size - 1}/{size}"),
    ):
        answer = service.call("GET", url, token=None, headers={"Range": asked})
        assert (answer.status_code, answer.content) == (206, part)
        assert answer.headers["content-range"] == told
        assert int(answer.headers["content-length"]) == len(part)
    beyond = service.call("GET", url, token=None, headers={"Range": f"bytes={size}-"})
    assert (beyond.status_code, beyond.headers["content-range"]) == (416, f"bytes */{size}")


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, None),
        ("bytes=0-0,5-6", None),
        ("items=0-5", None),
        ("bytes=-", None),
        ("bytes=9-3", None),
        ("bytes=0-", range(100)),
        ("bytes=90-500", range(90, 100)),
        ("bytes=-500", range(100)),
        ("bytes=-0", range(100, 100)),
        ("bytes=100-", range(100, 100)),
    ],
)
def test_ranges_are_read_as_rfc_9110_has_it(header: str | None, expected: range | None) -> None:
    """One range of bytes counts; anything else means the whole file."""
    assert ranges.wanted(header, size=100) == expected


def test_an_mp3_needs_its_signature() -> None:
    """403 without it, with a wrong one, and when its time is over."""
    service = Service()
    url = service.mp3_url()
    bare = url.partition("?")[0]
    assert service.call("GET", bare).status_code == 403
    assert service.call("GET", f"{url}0", token=None).status_code == 403
    service.time += 3602
    assert service.call("GET", url, token=None).status_code == 403
    assert service.studio.renders == 0


def test_cover_and_waveform_are_open() -> None:
    """The cover from the beginning, the waveform when there is a song; strangers are 404."""
    service = Service()
    job_id = service.submit()
    running = service.call("GET", f"/music/{job_id}").json()
    cover = service.call("GET", running["cover"], token=None)
    assert (cover.status_code, cover.headers["content-type"]) == (200, "image/png")
    waveform_url = running["cover"].replace(".png", ".json")
    assert service.call("GET", waveform_url, token=None).status_code == 404
    service.time += 100
    done = service.call("GET", f"/music/{job_id}").json()
    assert done["musicMaterial"]["waveformUrl"] == waveform_url
    assert len(service.call("GET", waveform_url, token=None).json()["peaks"]) == 256
    assert service.call("GET", "http://sandbox:8080/files/no.png", token=None).status_code == 404


def test_a_song_is_rendered_once_however_many_ask() -> None:
    """Requests at the same time, and later ones, share one rendering."""
    service = Service()
    url = service.mp3_url()

    async def eight() -> list[httpx.Response]:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(service.app)) as client:
            calls: list[Coroutine[Any, Any, httpx.Response]] = [client.get(url) for _ in range(8)]
            return await asyncio.gather(*calls)

    assert {answer.status_code for answer in asyncio.run(eight())} == {200}
    service.call("GET", url, token=None)
    assert service.studio.renders == 1


def test_the_studio_renders_once_for_many_threads() -> None:
    """Who comes second waits for the first; another song is another rendering."""
    studio = FakeStudio()
    song = draw_song(1)
    with ThreadPoolExecutor(8) as threads:
        cuts = set(threads.map(lambda _: id(studio.cut(song)), range(8)))
    studio.cut(draw_song(2))
    assert (len(cuts), studio.renders) == (1, 2)
    assert len(json.loads(studio.cut(song).waveform)["peaks"]) == 256
