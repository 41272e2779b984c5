"""Voices, MIDI pieces and splitting at the practice service, over HTTP."""

from __future__ import annotations

from typing import Any

import pytest
from practice import AUDIO, MIDI, Service

from tempolor_magic.sandbox import voices
from tempolor_magic.sandbox.songs import draw_song

CLONED, PIECES, SPLITTER = "/music/cloned-voices/", "/music/midi/", "/music/stems-splitter/"
UPLOADS = [(CLONED, AUDIO, "clonedVoiceItemId"), (PIECES, MIDI, "midiItemId")]


def upload(service: Service, path: str, name: str = "mine") -> dict[str, Any]:
    """Bring a file; what is said of it, flat."""
    headers = dict(AUDIO if path == CLONED else MIDI)
    status, said = service.said(
        "POST", path, params={"name": name}, headers=headers, content=name.encode()
    )
    assert status == 200, said
    return {**said, **said.get("midiRenderVO", {})}


def test_the_invented_singers_come_in_pages() -> None:
    """Twelve, each once, the heaviest first; sample and picture can be fetched."""
    service = Service()
    seen, cursor, pages = [], "", 0
    while pages == 0 or cursor:
        page = service.get(f"/music/artist-voices/?cursor={cursor}")
        seen += page["records"]
        cursor, pages = page["cursor"], pages + 1
    assert (pages, len({voice["itemId"] for voice in seen})) == (3, 12)
    weights = [voice["weight"] for voice in seen]
    assert weights == sorted(weights, reverse=True)
    assert service.fetch(seen[0]["vocalUrl"])[0] == 0xFF
    assert service.fetch(seen[0]["coverUrl"]).startswith(b"\x89PNG")


def test_a_taster_is_short() -> None:
    """Four bars of a piece of the singer's own."""
    voice = voices.VOICES[0]
    assert (voice.taster.bars, voice.taster.title) == (4, draw_song(voice.weight).title)


@pytest.mark.parametrize(
    "name", ["voices/voice_0.mp3", "voices/voice_20417.wav", "voices/x.png", "midi/x.mid"]
)
def test_strangers_have_no_files(name: str) -> None:
    """404, as plain text."""
    url = f"http://sandbox:8080/files/{name}"
    assert Service().call("GET", url, token=None).status_code == 404


@pytest.mark.parametrize(("path", "headers", "id_name"), UPLOADS)
def test_what_is_brought_is_listed_and_removed(
    path: str, headers: dict[str, str], id_name: str
) -> None:
    """Newest first, by pages; removed it is unknown, and its file, too."""
    service = Service()
    ids = [upload(service, path, f"no. {n}")[id_name] for n in range(22)]
    first = service.get(path)
    second = service.get(f"{path}?cursor={first['cursor']}")
    records = first["records"] + second["records"]
    assert [record[id_name] for record in records] == ids[::-1]
    assert [record["name"] for record in second["records"]] == ["no. 1", "no. 0"]
    url = records[0]["vocalUrl" if path == CLONED else "midiUrl"]
    answer = service.call("GET", url, token=None)
    assert (answer.content, answer.headers["content-type"]) == (b"no. 21", headers["Content-Type"])
    assert service.said("DELETE", path + ids[21]) == (200, {"result": True})
    gone = {"error": f"No record found for {ids[21]}", "code": 404}
    assert service.said("DELETE", path + ids[21]) == (404, gone)
    wrong = {"error": f"{id_name} has incorrect format", "code": 400}
    for bad in ("nonsense", ids[20].replace("tempolor", "x"), ids[20].replace(":", "%3A")):
        assert service.said("DELETE", path + bad) == (400, wrong)
    assert service.call("GET", url, token=None).status_code == 404


@pytest.mark.parametrize(
    ("path", "query", "kind", "content", "words"),
    [
        (CLONED, "?name=x", "audio/mpeg", b"", "Empty file received"),
        (CLONED, "?name=x", "audio/midi", b"x", "Content-Type must be audio/mpeg or audio/wav"),
        (CLONED, "?name=x", "", b"x", "Content-Type must be audio/mpeg or"),
        (CLONED, "", "audio/mpeg", b"x", "Parameter name is required"),
        (CLONED, "?name=%20", "audio/mpeg", b"x", "Parameter name is required"),
        (CLONED, f"?name={'x' * 257}", "audio/mpeg", b"x", "maximum length of 256"),
        (PIECES, "?name=x", "audio/midi", b"", "Empty file received"),
        (PIECES, "?name=x", "audio/mpeg", b"x", "Content-Type must be audio/midi or audio/x-midi"),
        (PIECES, "", "audio/midi", b"x", "Parameter name is required"),
        (SPLITTER, "", "audio/mpeg", b"", "Empty file received"),
        (SPLITTER, "", "text/plain", b"x", "Content-Type must be audio/mpeg or audio/wav"),
    ],
)
def test_uploads_are_refused_with_a_reason(
    path: str, query: str, kind: str, content: bytes, words: str
) -> None:
    """400; nothing is taken in."""
    service = Service()
    headers = {"Content-Type": kind} if kind else {}
    status, said = service.said("POST", path + query, headers=headers, content=content)
    assert (status, said["code"], words in said["error"]) == (400, 400, True)
    if path != SPLITTER:
        assert service.get(path)["records"] == []


@pytest.mark.parametrize("kind", ["mpeg", "wav", "wave", "mp4", "x-m4a", "flac", "x-flac"])
@pytest.mark.parametrize("path", [f"{CLONED}?name=x", SPLITTER])
def test_every_documented_kind_of_audio_is_taken(path: str, kind: str) -> None:
    """Also with parameters behind it and in capitals."""
    headers = {"Content-Type": f"Audio/{kind.upper()}; rate=44100"}
    status, _ = Service().said("POST", path, headers=headers, content=b"x")
    assert status == 200


def test_a_slow_voice_is_accepted_and_ready_later() -> None:
    """202 with a message; it cannot sing before its minute is over."""
    service = Service()
    status, said = service.said("POST", f"{CLONED}?name=Slowly%20Sam", headers=AUDIO, content=b"x")
    assert (status, "still processing" in said["message"], "result" in said) == (202, True, False)
    body = {"prompt": "rain", "clonedVoiceItemId": said["clonedVoiceItemId"]}
    assert service.call("POST", "/music/song", json=body).status_code == 400
    (record,) = service.get(CLONED)["records"]
    assert (record["status"], record["vocalUrl"]) == (0, "")
    service.time += 60
    (record,) = service.get(CLONED)["records"]
    assert (record["status"], service.fetch(record["vocalUrl"])) == (30, b"x")
    assert service.call("POST", "/music/song", json=body).status_code == 200


def test_the_first_midi_is_called_the_first() -> None:
    """And no later one."""
    service = Service()
    assert [upload(service, PIECES)["isFirst"] for _ in range(2)] == [True, False]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("", {"state": 2, "title": "audio_file.mp3"}),
        ("?title=My%20song", {"state": 2, "title": "My song"}),
        ("?title=No%20zip%20yet", {"state": 1, "title": "No zip yet"}),
    ],
)
def test_splitting_is_done_when_there_is_an_archive(query: str, said: dict[str, Any]) -> None:
    """A title with ``no zip`` shows the form without one."""
    status, document = Service().said("POST", SPLITTER + query, headers=AUDIO, content=b"x")
    assert status == 200
    assert ("stemsZipUrl" in document) == (said["state"] == 2)
    assert {name: document[name] for name in said} == said


def test_huge_uploads_are_not_taken_into_memory() -> None:
    """413 beyond 64 MB."""

    async def endless() -> Any:
        for _ in range(65):
            yield b"x" * 1024 * 1024

    answer = Service().call("POST", SPLITTER, headers=AUDIO, content=endless())
    assert (answer.status_code, answer.json()["code"]) == (413, 413)
