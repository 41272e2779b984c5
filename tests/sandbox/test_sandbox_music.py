"""Making, finding, fetching and deleting music at the practice service, over HTTP."""

from __future__ import annotations

from typing import Any

import pytest
from practice import API, MIDI, Service

STRANGER = "user:12345-tempolor:100198329-job:abcdef123456789"
FULL = {
    "prompt": "rain\non tin",
    "tonality": "Eb:minor",
    "bpm": 96,
    "chords": "Ebm Cb Gb Db",
    "model_instrumental": "i9",
    "replyUrl": "https://example.com/callback",
    "replyRef": "märz",
    "maxJobs": 3,
}
AS_TEXT = {name: str(value) for name, value in FULL.items()}


def record_of(service: Service, job_id: str) -> dict[str, Any]:
    """The record as it is now."""
    record = service.get(f"/music/{job_id}")
    assert isinstance(record, dict)
    return record


@pytest.mark.parametrize(
    "dress",
    [
        {"json": FULL},
        {"data": AS_TEXT},
        {"files": {name: (None, value) for name, value in AS_TEXT.items()}},
    ],
    ids=["json", "form", "multipart"],
)
def test_an_instrumental_is_what_was_asked_for(dress: dict[str, Any]) -> None:
    """In all three dresses of a body: tempo, key, chords and model are in the record."""
    service = Service()
    status, said = service.said("POST", "/music/instrumental", **dress)
    assert status == 200, said
    record = record_of(service, said["jobs"][0])
    material, making = record["musicMaterial"], record["ltmMaterialExtendDto"]
    assert (material["bpm"], material["key"]) == (96, "Eb:minor")
    assert material["chord"] == "Ebm Cb Gb Db"
    assert (making["prompt"], making["modelShowName"]) == ("rain\non tin", "i9")
    assert (making["lyricsPrompt"], record["canEditLyrics"]) == ("", False)
    (entry,) = service.get("/scheduler/")
    assert (entry["replyUrl"], entry["replyRef"]) == (FULL["replyUrl"], "märz")


def test_both_names_of_the_chords_are_read() -> None:
    """The published page says chords, the vendor's newer collection says chord."""
    service = Service()
    ids = [service.submit_instrumental(**{name: "C F G"}) for name in ("chords", "chord")]
    assert [record_of(service, i)["musicMaterial"]["chord"] for i in ids] == ["C F G"] * 2


def test_a_song_keeps_its_lyrics() -> None:
    """What was written is sung; what only an instrumental knows is passed over."""
    service = Service()
    lyrics = "[Verse]\nla {la}\n\nla\n"
    asked = {"prompt": "rain", "lyrics": lyrics, "bpm": 999, "tonality": "H:dur"}
    for dress in ({"json": asked}, {"files": {n: (None, str(v)) for n, v in asked.items()}}):
        _, said = service.said("POST", "/music/song", **dress)
        making = record_of(service, said["jobs"][0])["ltmMaterialExtendDto"]
        assert making["lyricsPrompt"] == lyrics


@pytest.mark.parametrize("path", ["/music/song", "/music/instrumental"])
@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("", "application/json"),
        ("{", ""),
        ("[]", "application/json"),
        ("{}", "application/json; charset=utf-8"),
        ('{"prompt": ""}', "application/json"),
        (b"\xff", "application/json"),
        ("[" * 200_000, "application/json"),
        ('{"prompt": "\\ud83c"}', "application/json"),
        ("prompt=rain", "text/plain"),
        ('{"prompt": "rain"}', "audio/mpeg"),
        (b"prompt=\xff", "application/x-www-form-urlencoded"),
        ("lyrics=la", "application/x-www-form-urlencoded"),
        ("prompt=rain", "multipart/form-data"),
        ("--x\r\n\r\nrain\r\n--x--", "multipart/form-data; boundary=x"),
    ],
)
def test_bad_orders_are_refused(path: str, body: str | bytes, kind: str) -> None:
    """400 for anything that is no order; no job is made."""
    service = Service()
    headers = {"Content-Type": kind} if kind else {}
    answer = service.call("POST", path, content=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, 400)
    assert service.world.made() == 0


def test_an_endless_body_is_not_taken() -> None:
    """413 beyond a megabyte, which no form needs."""
    service = Service()
    answer = service.call("POST", "/music/song", content=b"x" * 1_100_000)
    assert (answer.status_code, answer.json()["code"]) == (413, 413)


def test_above_the_slots_comes_429_with_a_hint() -> None:
    """Header in whole seconds, documented body, and the hint is true."""
    service = Service(slots=1)
    service.submit()
    answer = service.call("POST", "/music/song", json={"prompt": "rain"})
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "100")
    assert answer.json() == {"error": "Too Many Requests", "code": 429}
    service.time += 100
    assert service.submit()


def refusal_of(service: Service, path: str) -> tuple[int, str]:
    """Why there is no download."""
    status, said = service.said("GET", f"/music/download/{path}")
    assert said["code"] == status
    return status, said["error"]


def test_downloads_are_refused_as_documented() -> None:
    """Not completed, failed, in the gap, and formats that do not exist."""
    service = Service()
    job_id, doomed = service.submit(), service.submit("please fail")
    assert refusal_of(service, job_id) == (400, "Generation is not completed yet (0)")
    service.time += 100
    assert refusal_of(service, doomed) == (400, "Generation is not completed yet (10)")
    assert refusal_of(service, job_id) == (404, f"No record found for {job_id}")
    service.time += 6
    status, message = refusal_of(service, f"{job_id}?file_format=ogg")
    assert (status, "mp3, wav, stems" in message) == (400, True)


def test_wav_and_stems_come_later_than_the_mp3() -> None:
    """Until then they are not found, though the piece is completed."""
    service = Service()
    job_id = service.submit()
    there: dict[str, int] = {}
    for seconds in range(1, 131):
        service.time += 1
        for kind in ("mp3", "wav", "stems"):
            path = f"/music/download/{job_id}?file_format={kind}"
            status, _ = service.said("GET", path)
            if status == 200:
                there.setdefault(kind, seconds)
            else:
                assert status == (400 if seconds < 100 else 404)
    assert there == {"mp3": 106, "wav": 115, "stems": 126}


def listed(service: Service, query: str = "") -> tuple[list[str], str]:
    """The ids of a page, and the next cursor."""
    page = service.get(f"/music/?{query}")
    assert page["hasNext"] == bool(page["cursor"])
    return [record["job_id"] for record in page["records"]], page["cursor"]


def test_the_library_is_told_page_by_page() -> None:
    """Twenty on a page, newest first, running ones among them; each exactly once."""
    service = Service(slots=50)
    made = [service.submit() for _ in range(41)]
    first, cursor = listed(service)
    second, cursor_2 = listed(service, f"cursor={cursor}")
    third, cursor_3 = listed(service, f"cursor={cursor_2}")
    assert first + second + third == made[::-1]
    assert ([len(page) for page in (first, second, third)], cursor_3) == ([20, 20, 1], "")


def test_pages_stand_still_while_jobs_come_and_go() -> None:
    """What is made or deleted meanwhile shifts nothing."""
    service = Service(slots=50)
    made = [service.submit() for _ in range(25)]
    service.time += 100
    first, cursor = listed(service)
    service.submit()
    service.call("DELETE", f"/music/{first[-1]}")
    second, _ = listed(service, f"cursor={cursor}")
    assert first + second == made[::-1]


def test_songs_and_instrumentals_are_listed_apart() -> None:
    """Songs by default; full records as they are asked for one by one."""
    service = Service()
    song, instrumental = service.submit(), service.submit_instrumental()
    service.time += 30
    for query, job_id in (("", song), ("type=song", song), ("type=instrumental", instrumental)):
        assert service.get(f"/music?{query}")["records"] == [record_of(service, job_id)]
    assert record_of(service, song)["status_name"] == "GENERATING"


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        ("type=songs", 400, "type"),
        ("cursor=abc", 400, "cursor has incorrect format"),
        ("cursor=YWZ0ZXI6eA==", 400, "cursor has incorrect format"),
        ("cursor=%C3%A9", 400, "cursor has incorrect format"),
        ("user_id=555", 404, "TemPolor account 555 not found"),
    ],
)
def test_lists_are_refused_when_they_make_no_sense(query: str, status: int, words: str) -> None:
    """Unknown types, foreign cursors, unknown accounts."""
    answer, said = Service().said("GET", f"/music/?{query}")
    assert (answer, words in said["error"]) == (status, True)


def test_a_list_of_several_accounts_wants_to_know_which() -> None:
    """400 without ``user_id``, on every list; each account has its own."""
    service = Service(accounts={"111": 1, "222": 1})
    ids = {user: service.submit(user_id=user) for user in ("222", "111")}
    for path in ("/music/", "/music/artist-voices", "/music/cloned-voices", "/music/midi"):
        status, said = service.said("GET", path)
        assert (status, "user_id" in said["error"]) == (400, True)
    for user, job_id in ids.items():
        assert f"-tempolor:{user}-job:" in job_id
        assert listed(service, f"user_id={user}")[0] == [job_id]


def test_a_deleted_job_is_gone_everywhere() -> None:
    """True once, then not found; the list and the download know it no more."""
    service = Service()
    job_id = service.finished()
    assert service.said("DELETE", f"/music/{job_id}") == (200, {"result": True})
    gone = (404, {"error": f"No record found for {job_id}", "code": 404})
    assert service.said("GET", f"/music/{job_id}") == gone
    assert service.said("DELETE", f"/music/{job_id}") == gone
    assert service.said("GET", f"/music/download/{job_id}") == gone
    assert listed(service)[0] == []
    assert service.world.made() == 1


def test_a_running_job_is_not_deleted() -> None:
    """409 until it is final; a failed one can go."""
    service = Service()
    job_id = service.submit("please fail")
    status, said = service.said("DELETE", f"/music/{job_id}")
    assert (status, said["code"]) == (409, 409)
    assert record_of(service, job_id)["status"] == 0
    service.time += 100
    assert service.said("DELETE", f"/music/{job_id}") == (200, {"result": True})


@pytest.mark.parametrize(
    ("asked", "status", "words"),
    [
        ({"artistVoiceItemId": "voice_0"}, 404, "No record found for voice_0"),
        ({"clonedVoiceItemId": "voice_20417"}, 400, "clonedVoiceItemId has incorrect format"),
        ({"clonedVoiceItemId": STRANGER}, 400, "clonedVoiceItemId has incorrect format"),
        ({"midiItemId": STRANGER.replace("job", "midi")}, 404, "No record found for user:12345"),
        ({"user_id": "555"}, 404, "TemPolor account 555 not found"),
        ({"maxJobs": 0}, 400, "maxJobs"),
        ({"replyRef": "x" * 1025}, 400, "replyRef exceeds the maximum length of 1024"),
    ],
)
def test_a_song_of_unknown_parts_is_refused(asked: dict[str, Any], status: int, words: str) -> None:
    """Voices, MIDI pieces and accounts must exist; nothing is made."""
    service = Service()
    answer, said = service.said("POST", "/music/song", json={"prompt": "rain", **asked})
    assert (answer, words in said["error"]) == (status, True)
    assert service.world.made() == 0


def test_a_song_goes_where_its_voice_and_its_midi_are() -> None:
    """To their account, even without ``user_id``; not where they are not."""
    service = Service(accounts={"111": 5, "222": 1})
    path = "/music/midi/?name=tune&user_id=222"
    _, said = service.said("POST", path, headers=MIDI, content=b"MThd")
    midi = said["midiRenderVO"]["midiItemId"]
    voice = service.get("/music/artist-voices/?user_id=222")["records"][0]["itemId"]
    job_id = service.submit(midiItemId=midi, artistVoiceItemId=voice)
    assert "-tempolor:222-" in job_id
    making = record_of(service, job_id)["ltmMaterialExtendDto"]
    assert (making["ltmMidiModel"], making["ltmVocalModel"]) == (True, True)
    body = {"prompt": "rain", "midiItemId": midi, "user_id": "111"}
    assert service.call("POST", "/music/song", json=body).status_code == 400


def test_files_lie_where_the_service_was_asked() -> None:
    """Addresses carry the host that the client used."""
    service = Service()
    record = record_of(service, service.finished())
    assert record["cover"].startswith(API.replace("/v1/tempolor", "/files/"))
