"""Files of the practice service: formats, parts, signatures, and each rendered once."""

from __future__ import annotations

import asyncio
import io
import json
import zipfile
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from practice import AUDIO, FakeStudio, Service

from tempolor_magic.sandbox import ranges
from tempolor_magic.sandbox.formats import Format
from tempolor_magic.sandbox.music import STEMS
from tempolor_magic.sandbox.songs import draw_song
from tempolor_magic.sandbox.store import Store

KINDS = [
    ("mp3", "audio/mpeg", b"\xff"),
    ("wav", "audio/wav", b"RIFF"),
    ("stems", "application/zip", b"PK"),
]


def renders(service: Service) -> int:
    """How often the service's studio rendered."""
    assert isinstance(service.studio, FakeStudio)
    return service.studio.renders


@pytest.mark.parametrize(("kind", "media_type", "magic"), KINDS)
def test_a_piece_comes_in_three_formats(kind: str, media_type: str, magic: bytes) -> None:
    """Each with its type, its length, and the bytes that its readers look for."""
    service = Service()
    answer = service.call("GET", service.link(service.finished(), kind), token=None)
    assert (answer.status_code, answer.headers["content-type"]) == (200, media_type)
    assert int(answer.headers["content-length"]) == len(answer.content)
    assert answer.content.startswith(magic)


def test_stems_are_an_archive_of_four() -> None:
    """One WAV for each, and the archive is intact."""
    service = Service()
    content = service.fetch(service.link(service.finished(), "stems"))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == [f"{name}.wav" for name in STEMS]


@pytest.mark.parametrize("kind", list(Format))
def test_a_file_can_be_sought_in(kind: str) -> None:
    """Whole, a part, the end, and beyond it, as a media player or a second try asks."""
    service = Service()
    url = service.link(service.finished(), kind)
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


@pytest.mark.parametrize("kind", list(Format))
def test_a_file_needs_its_signature(kind: str) -> None:
    """403 without it, with a wrong one, and when its time is over."""
    service = Service()
    url = service.link(service.finished(), kind)
    bare = url.partition("?")[0]
    assert service.call("GET", bare).status_code == 403
    assert service.call("GET", f"{url}0", token=None).status_code == 403
    service.time += 3602
    assert service.call("GET", url, token=None).status_code == 403
    assert renders(service) == 0


def test_a_part_of_a_certain_version_is_the_whole() -> None:
    """Files here have no version to compare with, so ``If-Range`` never fits."""
    service = Service()
    url = service.link(service.finished())
    wish = {"Range": "bytes=0-9", "If-Range": '"abc"'}
    answer = service.call("GET", url, token=None, headers=wish)
    assert (answer.status_code, answer.content) == (200, service.fetch(url))


def test_a_head_tells_the_length_without_the_file() -> None:
    """As a careful client asks before it fetches."""
    service = Service()
    url = service.link(service.finished(), "wav")
    answer = service.call("HEAD", url, token=None)
    assert (answer.status_code, answer.headers["accept-ranges"]) == (200, "bytes")
    assert int(answer.headers["content-length"]) == len(service.fetch(url))


def test_an_address_of_one_file_opens_no_other() -> None:
    """The signature holds for the name with its ending."""
    service = Service()
    url = service.link(service.finished())
    for ending in (".wav", ".zip"):
        assert service.call("GET", url.replace(".mp3", ending), token=None).status_code == 403


def test_deleted_pieces_have_no_files() -> None:
    """An address that is still good leads nowhere."""
    service = Service()
    job_id = service.finished()
    url = service.link(job_id)
    service.call("DELETE", f"/music/{job_id}")
    assert service.call("GET", url, token=None).status_code == 404


def test_split_stems_can_be_fetched() -> None:
    """The same upload gets the same stems, another one others; the address is signed."""
    service = Service()

    def stems(content: bytes) -> str:
        path = "/music/stems-splitter/"
        _, said = service.said("POST", path, headers=AUDIO, content=content)
        return str(said["stemsZipUrl"])

    urls = [stems(content) for content in (b"one", b"one", b"two")]
    for url in urls:
        assert zipfile.ZipFile(io.BytesIO(service.fetch(url))).testzip() is None
    assert (len(set(urls)), renders(service)) == (3, 2)
    assert service.call("GET", urls[0].partition("?")[0], token=None).status_code == 403


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
    url = service.link(service.finished())

    async def eight() -> list[httpx.Response]:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(service.app)) as client:
            calls: list[Coroutine[Any, Any, httpx.Response]] = [client.get(url) for _ in range(8)]
            return await asyncio.gather(*calls)

    assert {answer.status_code for answer in asyncio.run(eight())} == {200}
    service.call("GET", url, token=None)
    assert renders(service) == 1


def test_the_studio_renders_once_for_many_threads() -> None:
    """Who comes second waits for the first; another song is another rendering."""
    studio = FakeStudio()
    song = draw_song(1)
    with ThreadPoolExecutor(8) as threads:
        made = set(threads.map(lambda _: id(studio.file(song, Format.MP3)), range(8)))
    studio.file(draw_song(2), Format.MP3)
    assert (len(made), studio.renders) == (1, 2)
    assert len(json.loads(studio.waveform(song))["peaks"]) == 256
    assert studio.renders == 2


def test_what_the_studio_forgot_it_makes_again_alike() -> None:
    """Memory is limited; a download that goes on later meets the same bytes."""
    studio = FakeStudio(most_bytes=1)
    song = draw_song(1)
    first = studio.file(song, Format.STEMS)
    studio.file(song, Format.WAV)
    assert studio.file(song, Format.STEMS) == first
    assert studio.renders == 3


def test_a_store_keeps_what_was_used_last() -> None:
    """Up to its limit; the newest stays, however large."""
    store: Store[str] = Store(most_bytes=10)
    for name in "abc":
        store.put(name, b"1234")
        store.get("a")
    assert [store.get(name) is not None for name in "abc"] == [True, False, True]
    store.put("a", b"12")
    assert store.size == 6
    store.put("d", b"x" * 99)
    assert (store.get("a"), store.get("c"), store.size) == (None, None, 99)
    store.drop("d")
    store.drop("d")
    assert store.size == 0
