"""The pretend service over HTTP, in this process and on a clock of the test's own."""

from __future__ import annotations

import pytest
from practice import API, Service

STRANGER = "user:12345-tempolor:100198329-job:abcdef123456789"
VOICE, MIDI = (STRANGER.replace("-job:", f"-{thing}:") for thing in ("voice", "midi"))
UNAUTHORISED = {"error": "Unauthorized", "code": 401}

# Every call there is; those without an id also with a slash at the end.
COLLECTIONS = [
    ("POST", "/music/song"),
    ("POST", "/music/instrumental"),
    ("GET", "/music"),
    ("GET", "/music/artist-voices"),
    ("GET", "/music/cloned-voices"),
    ("POST", "/music/cloned-voices"),
    ("GET", "/music/midi"),
    ("POST", "/music/midi"),
    ("POST", "/music/stems-splitter"),
    ("GET", "/scheduler"),
    ("GET", "/scheduler/available"),
    ("GET", "/accounts"),
]
SINGLE = [
    ("GET", f"/music/{STRANGER}"),
    ("DELETE", f"/music/{STRANGER}"),
    ("GET", f"/music/download/{STRANGER}"),
    ("DELETE", f"/music/cloned-voices/{VOICE}"),
    ("DELETE", f"/music/midi/{MIDI}"),
    ("DELETE", f"/scheduler/{STRANGER}"),
    ("GET", "/accounts/100198329"),
]
OTHERS = [("GET", "/sandbox"), ("POST", "/sandbox/stop"), ("GET", "/anything/else")]


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


@pytest.mark.parametrize(("method", "path"), [*COLLECTIONS, *SINGLE, *OTHERS])
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
        ("/music/song", 400, "job_id has incorrect format"),
        ("/nothing/here", 404, "The sandbox has no GET /nothing/here"),
    ],
)
def test_errors_have_the_documented_body(path: str, status: int, message: str) -> None:
    """The message, and the status once more as ``code``."""
    answer = Service().call("GET", path)
    assert (answer.status_code, answer.json()) == (status, {"error": message, "code": status})


@pytest.mark.parametrize(("method", "path"), COLLECTIONS)
def test_a_slash_at_the_end_changes_nothing(method: str, path: str) -> None:
    """The same answer at once: no redirect that a token would have to follow."""
    service = Service()
    answers = [service.call(method, address) for address in (path, f"{path}/")]
    assert answers[0].status_code in {200, 400}
    assert answers[0].status_code == answers[1].status_code
    assert answers[0].content == answers[1].content


@pytest.mark.parametrize("path", ["/files/x.png/", "/files/voices/", "/v1/tempolor/music/x/"])
def test_nothing_is_redirected(path: str) -> None:
    """A path that does not fit is not found; it is not sent elsewhere."""
    address = API.replace("/v1/tempolor", path)
    assert Service().call("GET", address).status_code == 404


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


@pytest.mark.parametrize(("method", "path"), [*COLLECTIONS, *SINGLE])
def test_every_call_is_noted_with_its_query(method: str, path: str) -> None:
    """Whatever becomes of it; the id is told where it is a job's."""
    service = Service()
    service.call(method, f"{path}?cursor=abc")
    (noted,) = service.world.requests
    assert (noted.method, noted.path, noted.query) == (method, path, "cursor=abc")
    assert noted.job_id == (STRANGER if STRANGER in path else None)


def test_the_sandbox_says_what_it_is() -> None:
    """A call the real service does not have; stopping calls back."""
    service = Service()
    service.submit()
    about = service.call("GET", "/sandbox").json()
    assert about == {"sandbox": True, "speed": 1.0, "jobs": 1, "running": 1, "faults": "none"}
    assert service.call("POST", "/sandbox/stop").json() == {"stopping": True}
    assert service.stops == 1
