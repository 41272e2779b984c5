"""The practice service held to what the real one was seen to answer.

For every published body of a call: the same status, and the same names and types all the way down.
Errors have the same words, too.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from practice import AUDIO, MIDI, Service

FOLDER = Path(__file__).parents[1] / "vectors"
INDEX = {row["file"]: row for row in json.loads((FOLDER / "index.json").read_text())}

# The account and the ids of the published examples.
ACCOUNT = "user_id"
JOB = "user:12345-tempolor:user_id-job:abcdef123456789"
VOICE, PIECE = (JOB.replace("-job:", f"-{thing}:") for thing in ("voice", "midi"))
CLONED, PIECES, SPLITTER = "/music/cloned-voices/", "/music/midi/", "/music/stems-splitter/"
REPLY = {"replyUrl": "https://example.com/callback", "replyRef": "my-reference"}

Play = Callable[[Service], httpx.Response]


def plain(method: str, path: str, **more: Any) -> Play:
    """One call and nothing before it."""
    return lambda service: service.call(method, path, **more)


def record(*, after: float = 0, prompt: str = "rain") -> Play:
    """The record of a song, so many seconds after it was ordered."""

    def play(service: Service) -> httpx.Response:
        job_id = service.submit(prompt)
        service.time += after
        return service.call("GET", f"/music/{job_id}")

    return play


def download(*, after: float, prompt: str = "rain") -> Play:
    """The address of its file, likewise."""

    def play(service: Service) -> httpx.Response:
        job_id = service.submit(prompt)
        service.time += after
        return service.call("GET", f"/music/download/{job_id}")

    return play


def listing(service: Service) -> httpx.Response:
    """The library, with a finished song in it."""
    service.finished()
    return service.call("GET", "/music/")


def full_page(service: Service) -> httpx.Response:
    """The first page of a longer library, with a failed and a running song."""
    for _ in range(20):
        service.submit("please fail", maxJobs=20)
    service.time += 100
    service.submit()
    return service.call("GET", "/music/")


def deletion(*, after: float) -> Play:
    """A song deleted so many seconds after it was ordered."""

    def play(service: Service) -> httpx.Response:
        job_id = service.submit()
        service.time += after
        return service.call("DELETE", f"/music/{job_id}")

    return play


def cancelling(service: Service) -> httpx.Response:
    """A running song taken off the scheduler."""
    return service.call("DELETE", f"/scheduler/{service.submit()}")


def running(path: str, **more: Any) -> Play:
    """The scheduler with a running song."""

    def play(service: Service) -> httpx.Response:
        service.submit(**REPLY)
        service.time += 80
        if more:
            service.submit(**more)
        return service.call("GET", path)

    return play


def clone(name: str = "mine", content: bytes = b"sound") -> Play:
    """A voice brought to be cloned."""
    return plain("POST", CLONED, params={"name": name}, headers=AUDIO, content=content)


def cloned_voices(service: Service) -> httpx.Response:
    """Two of them listed."""
    clone()(service), clone()(service)
    return service.call("GET", CLONED)


def cloned_voice_removed(service: Service) -> httpx.Response:
    """One of them removed."""
    voice_id = clone()(service).json()["clonedVoiceItemId"]
    return service.call("DELETE", CLONED + voice_id)


def midi(kind: dict[str, str]) -> Play:
    """A MIDI piece brought."""
    return plain("POST", PIECES, params={"name": "mine"}, headers=kind, content=b"MThd")


def midi_listed(service: Service) -> httpx.Response:
    """One of them listed."""
    midi(MIDI)(service)
    return service.call("GET", PIECES)


def second_midi(service: Service) -> httpx.Response:
    """The first is called the first, this one is not."""
    midi(MIDI)(service)
    return midi(MIDI)(service)


def split(**params: str) -> Play:
    """A piece of audio taken apart."""
    return plain("POST", SPLITTER, params=params, headers=AUDIO, content=b"sound")


def full_house(service: Service) -> httpx.Response:
    """An order too many."""
    for _ in range(10):
        service.submit()
    return service.call("POST", "/music/song", json={"prompt": "rain"})


ANSWERS: dict[str, Play] = {
    "get-music-job.200.completed.json": record(after=100),
    "synthetic-get-music-job.200.generating.json": record(after=50),
    "synthetic-get-music-job.200.failed.json": record(after=100, prompt="please fail"),
    "get-music-job.400.bad-id.json": plain("GET", "/music/nonsense"),
    "get-music-job.404.json": plain("GET", f"/music/{JOB}"),
    "get-music.200.reconstructed.json": listing,
    "synthetic-get-music.200.empty.json": plain("GET", "/music/"),
    "synthetic-get-music.200.page1-of-2.json": full_page,
    "delete-music-job.200.json": deletion(after=100),
    "delete-music-job.400.json": plain("DELETE", "/music/nonsense"),
    "delete-music-job.404.json": plain("DELETE", f"/music/{JOB}"),
    "sibling-409.still-generating.json": deletion(after=50),
    "get-download.200.json": download(after=106),
    "get-download.400.not-completed.json": download(after=50),
    "synthetic-get-download.400.failed-job.json": download(after=100, prompt="please fail"),
    "get-download.404.json": plain("GET", f"/music/download/{JOB}"),
    "post-music-song.200.reconstructed.json": plain("POST", "/music/song", json={"prompt": "x"}),
    "post-music-instrumental.200.reconstructed.json": plain(
        "POST", "/music/instrumental", json={"prompt": "x"}
    ),
    "synthetic-429.header-seconds.json": full_house,
    "post-stems-splitter.200.json": split(),
    "synthetic-post-stems-splitter.200.no-zip.json": split(title="no zip"),
    "post-stems-splitter.400.json": plain("POST", SPLITTER, headers=AUDIO),
    "get-scheduler.200.json": running("/scheduler/"),
    "synthetic-get-scheduler.200.empty.json": plain("GET", "/scheduler/"),
    "synthetic-get-scheduler.200.two.json": running("/scheduler/", prompt="wind"),
    "get-scheduler-available.200.json": running("/scheduler/available"),
    "delete-scheduler-job.204.txt": cancelling,
    "delete-scheduler-job.400.json": plain("DELETE", "/scheduler/nonsense"),
    "delete-scheduler-job.404.json": plain("DELETE", f"/scheduler/{JOB}"),
    "get-account.200.json": plain("GET", f"/accounts/{ACCOUNT}"),
    "get-account.404.empty.txt": plain("GET", "/accounts/nobody"),
    "get-artist-voices.200.json": plain("GET", "/music/artist-voices/"),
    "get-cloned-voices.200.json": cloned_voices,
    "post-cloned-voices.200.json": clone(),
    "post-cloned-voices.202.json": clone("slowly"),
    "post-cloned-voices.400.json": clone(content=b""),
    "delete-cloned-voice.200.json": cloned_voice_removed,
    "delete-cloned-voice.400.json": plain("DELETE", f"{CLONED}nonsense"),
    "delete-cloned-voice.404.json": plain("DELETE", CLONED + VOICE),
    "get-midi.200.json": midi_listed,
    "post-midi.200.json": second_midi,
    "post-midi.400.json": midi(AUDIO),
}
# In worlds of their own.
NO_ACCOUNT = "get-accounts.404.empty.txt"
TWO_ACCOUNTS = "get-accounts.200.json"
UNAUTHORISED = {
    "get-music-job.401.json": ("GET", f"/music/{JOB}"),
    "get-music.401.json": ("GET", "/music/"),
    "delete-music-job.401.json": ("DELETE", f"/music/{JOB}"),
    "get-download.401.json": ("GET", f"/music/download/{JOB}"),
    "post-stems-splitter.401.json": ("POST", SPLITTER),
    "get-scheduler.401.json": ("GET", "/scheduler/"),
    "get-scheduler-available.401.json": ("GET", "/scheduler/available"),
    "delete-scheduler-job.401.json": ("DELETE", f"/scheduler/{JOB}"),
    "get-accounts.401.json": ("GET", "/accounts"),
    "get-account.401.json": ("GET", f"/accounts/{ACCOUNT}"),
    "get-artist-voices.401.json": ("GET", "/music/artist-voices/"),
    "get-cloned-voices.401.json": ("GET", CLONED),
    "post-cloned-voices.401.json": ("POST", CLONED),
    "delete-cloned-voice.401.json": ("DELETE", CLONED + VOICE),
    "get-midi.401.json": ("GET", PIECES),
    "post-midi.401.json": ("POST", PIECES),
}
REQUESTS = ("post-music-song.request.json", "post-music-instrumental.request.json")
# The page shows a place holder instead of words.
WORDLESS = "post-stems-splitter.400.json"


def published(file: str) -> Any:
    """The body in that file."""
    return json.loads((FOLDER / file).read_bytes())


def check_alike(ours: Any, theirs: Any, place: str = "") -> None:
    """The same names and types. An empty example says nothing of what may be in it."""
    if isinstance(theirs, dict) and theirs:
        assert isinstance(ours, dict), place
        assert ours.keys() == theirs.keys(), place
        for name in theirs:
            check_alike(ours[name], theirs[name], f"{place}/{name}")
    elif isinstance(theirs, list) and theirs:
        assert isinstance(ours, list), place
        assert ours, place
        for entry in ours:
            check_entry(entry, theirs, place)
    else:
        assert type(ours) is type(theirs), place


def check_entry(entry: Any, examples: list[Any], place: str) -> None:
    """Like one of the examples: those with the same names, if there are any."""
    named = [e for e in examples if isinstance(e, dict) and e.keys() == entry.keys()]
    check_alike(entry, (named or examples)[0], f"{place}[]")


@pytest.mark.parametrize("file", list(ANSWERS))
def test_an_answer_is_like_the_published_one(file: str) -> None:
    """Status, names, types; and an error's own words."""
    answer = ANSWERS[file](Service(accounts={ACCOUNT: 10}))
    assert answer.status_code == INDEX[file]["status"]
    if file.endswith(".txt"):
        assert answer.content == (FOLDER / file).read_bytes() == b""
        return
    check_alike(answer.json(), published(file))
    if answer.status_code >= 400 and file != WORDLESS:
        assert answer.json() == published(file)


@pytest.mark.parametrize("file", list(UNAUTHORISED))
def test_without_a_token_the_answer_is_the_published_one(file: str) -> None:
    """Word by word."""
    answer = Service(accounts={ACCOUNT: 10}).call(*UNAUTHORISED[file], token=None)
    assert (answer.status_code, answer.json()) == (401, published(file))


def test_without_an_account_the_answer_is_the_published_one() -> None:
    """Nothing."""
    answer = Service(accounts={}).call("GET", "/accounts")
    assert (answer.status_code, answer.content) == (404, (FOLDER / NO_ACCOUNT).read_bytes())


def test_an_account_is_keyed_by_its_id() -> None:
    """As published, however many there are."""
    service = Service(accounts={"user_id1": 10, "user_id2": 20})
    ours, theirs = service.get("/accounts"), published(TWO_ACCOUNTS)
    check_alike(ours, theirs)
    assert {n: a["maxJobs"] for n, a in ours.items()} == {"user_id1": 10, "user_id2": 20}


@pytest.mark.parametrize("file", REQUESTS)
def test_the_published_orders_are_taken(file: str) -> None:
    """As they stand, but for the voice, which must exist here."""
    service = Service(accounts={ACCOUNT: 10})
    body = published(file)
    if "clonedVoiceItemId" in body:
        body["clonedVoiceItemId"] = clone()(service).json()["clonedVoiceItemId"]
    status, said = service.said("POST", INDEX[file]["path"], json=body)
    assert (status, len(said["jobs"])) == (200, 1)


def test_every_published_body_has_its_place() -> None:
    """No body of a call of the service is left out."""
    ours = {*ANSWERS, *UNAUTHORISED, *REQUESTS, NO_ACCOUNT, TWO_ACCOUNTS}
    service = {
        file
        for file, row in INDEX.items()
        if row["kind"] in {"documented", "reconstructed"} and row["path"].startswith("/")
    }
    # Linking an account takes a credential; the sandbox does not.
    linking = {file for file in service if INDEX[file]["path"] == "/accounts" and "post" in file}
    assert service - linking <= ours <= set(INDEX)
