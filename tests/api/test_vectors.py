"""Every body that was ever seen in answer to a call made here, read to what it means.

``vectors/index.json`` tells the status and headers each file came with. What stands in none of
the tables below fails the last test.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from answers import LIBRARY_PAGES, REFUSALS, VALUES
from operations import (
    INDEX,
    OPERATIONS,
    VECTORS,
    Script,
    call,
    operation_of,
    vector,
)
from samples import CREATED, FINISHED, ID, OTHER_ID

from tempolor_magic.api.failures import failure
from tempolor_magic.api.fields import Garbled, read_document
from tempolor_magic.api.pages import Page
from tempolor_magic.api.records import (
    DownloadLink,
    Record,
    Status,
    Submission,
    read_download_link,
    read_record,
    read_submission,
)
from tempolor_magic.errors import (
    AccountBroken,
    BadRequest,
    Forbidden,
    JobGone,
    OutOfCredits,
    PassingTrouble,
    PromptRejected,
    RateLimited,
    ServiceError,
    SubscriptionRequired,
    Unauthorized,
)

NOW = datetime(2026, 11, 25, 7, 0, tzinfo=UTC).timestamp()
HALF_PAST = datetime(2026, 11, 25, 7, 28, tzinfo=UTC).timestamp()

FULL: dict[str, Any] = {
    "job_id": ID,
    "title": "Epic Orchestral",
    "cover_url": "https://example.com/cover.png",
    "created_at": CREATED,
    "updated_at": FINISHED,
    "style": "Orchestral",
    "mood": "",
    "key": "F:minor",
    "bpm": 130.0,
    "duration": 180.0,
    "seed": 1_234_567_890,
    "chords": "",
    "model": "v3.5",
    "prompt": "A cinematic orchestral piece with dramatic string sections",
    "lyrics": "Sample lyrics here",
    "waveform_url": "https://example.com/waveform.json",
}
RECORDS: dict[str, dict[str, Any]] = {
    "get-music-job.200.completed.json": FULL
    | {"status": Status.COMPLETED, "status_code": 30, "final": True, "progress": 100.0},
    "synthetic-get-music-job.200.generating.json": FULL
    | {"status": Status.GENERATING, "status_code": 0, "final": False, "progress": 35.0}
    | {"title": "", "duration": None, "updated_at": 1_716_565_500.0},
    "synthetic-get-music-job.200.generating-minimal.json": {
        "job_id": ID,
        "status": Status.GENERATING,
        "status_code": 0,
    },
    "synthetic-get-music-job.200.failed.json": FULL
    | {"status": Status.FAILED, "status_code": 10, "final": True, "progress": 0.0},
    "synthetic-get-music-job.200.unknown-status.json": FULL
    | {"status": None, "status_code": 20, "final": False, "progress": 99.0},
    "synthetic-get-music-job.200.numeric-only.json": FULL
    | {"status": Status.COMPLETED, "status_code": 30, "final": True, "progress": 100.0},
}
LINKS = {
    "get-download.200.json": DownloadLink(
        "https://ugc-cdn.api.instabeat.ai/ai_material/ai_material/mp3/abcdef123456789.mp3"
        "?auth_key=1747536678-0-0-9c67b3d5f8a2c41e0d7f6eab3f82fb45",
        None,
    ),
}
SUBMISSIONS = {
    "post-music-song.200.reconstructed.json": Submission((ID,), unlimited=True),
    "post-music-instrumental.200.reconstructed.json": Submission((ID,)),
    "synthetic-post-music-song.200.two-jobs.json": Submission((ID, OTHER_ID)),
}
# Bodies that are sent, not answered: see test_orders.
REQUESTS = {"post-music-song.request.json", "post-music-instrumental.request.json"}
GARBLED = [
    "synthetic-200.html.txt",
    "synthetic-200.truncated-json.txt",
    "synthetic-get-music.200.empty.json",
    "synthetic-get-music.200.page1-of-2.json",
    "synthetic-post-music-song.200.no-jobs.json",
]
# The class, a word of the remedy, and the service's own words.
FAILURES: dict[str, tuple[type[ServiceError], str, str]] = {
    "get-music-job.400.bad-id.json": (BadRequest, "check the id", "job_id has incorrect format"),
    "get-music-job.401.json": (Unauthorized, "USEAPI_TOKEN", "Unauthorized"),
    "get-music-job.404.json": (JobGone, "deleted", f"No record found for {ID}"),
    "get-download.400.not-completed.json": (BadRequest, "check", "is not completed yet (0)"),
    "synthetic-get-download.400.failed-job.json": (BadRequest, "check", "not completed yet (10)"),
    "get-download.401.json": (Unauthorized, "USEAPI_TOKEN", "Unauthorized"),
    "get-download.404.json": (JobGone, "deleted", f"No record found for {ID}"),
    "sibling-400.nested.json": (BadRequest, "check", "contains an invalid argument."),
    "sibling-401.prefixed.json": (Unauthorized, "USEAPI_TOKEN", "\u205d Unauthorized"),
    "sibling-402.subscription-expired.json": (
        SubscriptionRequired,
        "renew it at useapi.net",
        "Account has no subscription or subscription expired",
    ),
    "sibling-403.foreign-resource.json": (
        Forbidden,
        "use the token of the user that made it",
        "Unauthorized access to user:12345 detected",
    ),
    "sibling-403.cloudflare-1010.txt": (Forbidden, "try another network", ""),
    "sibling-404.account.json": (JobGone, "deleted", "account john@gmail.com not found"),
    "sibling-408.json": (PassingTrouble, "try again", "Polling timeout"),
    "sibling-409.still-generating.json": (PassingTrouble, "try again", "still generating"),
    "sibling-410.expired.json": (JobGone, "7 days", "Job has expired"),
    "sibling-412.credits.json": (OutOfCredits, "tempolor.com", "requested 3, available 0"),
    "sibling-422.prompt.json": (PromptRejected, "reword", "Your prompt is too short"),
    "sibling-422.moderated.json": (PromptRejected, "reword", "Moderated prompt"),
    "sibling-422.no-error-key.json": (PromptRejected, "reword", "moderation"),
    "sibling-429.no-hint.json": (RateLimited, "wait", "has not been completed yet"),
    "synthetic-429.header-seconds.json": (RateLimited, "wait", "Too Many Requests"),
    "synthetic-429.header-http-date.json": (RateLimited, "wait", "Too Many Requests"),
    "synthetic-429.body-iso.json": (RateLimited, "wait", "no_eligible_account"),
    "synthetic-429.body-retryAt.json": (RateLimited, "wait", "Too many requests"),
    "sibling-500.login.json": (PassingTrouble, "try again", "Login failed: invalid credentials"),
    "sibling-503.nested.json": (PassingTrouble, "try again", "Service temporarily unavailable."),
    "synthetic-524.html.txt": (PassingTrouble, "try again", ""),
    "sibling-596.account-error.json": (AccountBroken, "add the account again", "error state"),
    "sibling-596.pending-error.json": (AccountBroken, "add the account again", "pending error"),
}
HINTS = {
    "sibling-429.no-hint.json": None,
    "synthetic-429.header-seconds.json": NOW + 17,
    "synthetic-429.header-http-date.json": HALF_PAST,
    "synthetic-429.body-iso.json": HALF_PAST,
    "synthetic-429.body-retryAt.json": HALF_PAST,
}


def body_of(file: str) -> bytes:
    """The body as it came."""
    return (VECTORS / file).read_bytes()


def failure_of(file: str, *, now: float = NOW) -> ServiceError:
    """The error that answer becomes."""
    row = INDEX[file]
    headers = {name.lower(): value for name, value in row["headers"].items()}
    return failure(row["status"], headers, body_of(file), now=now)


@pytest.mark.parametrize("file", list(RECORDS))
def test_a_record_is_read_field_by_field(file: str) -> None:
    """Every attribute has the value of the body; ``raw`` is all of it."""
    document = read_document(body_of(file))
    assert read_record(document, ID) == Record(raw=document, **RECORDS[file])
    assert INDEX[file]["status"] == 200


@pytest.mark.parametrize("file", list(LINKS))
def test_a_link_is_read(file: str) -> None:
    """The address with its signature; a lifetime of 0 is none."""
    assert read_download_link(read_document(body_of(file))) == LINKS[file]


@pytest.mark.parametrize("file", list(SUBMISSIONS))
def test_a_submission_is_read(file: str) -> None:
    """One job or several."""
    assert read_submission(read_document(body_of(file))) == SUBMISSIONS[file]


@pytest.mark.parametrize("file", list(VALUES))
def test_a_call_comes_to_a_value(file: str) -> None:
    """Every attribute has the value of the body."""
    assert call(Script(vector(file)), operation_of(file)) == VALUES[file]


@pytest.mark.parametrize("file", list(LIBRARY_PAGES))
def test_a_page_of_the_library_holds_whole_records(file: str) -> None:
    """Each about the job it names itself, as if that job had been asked about."""
    states, cursor, has_more = LIBRARY_PAGES[file]
    document = read_document(body_of(file))
    page = call(Script(vector(file)), OPERATIONS["GET /music/"])
    records = [read_record(raw, raw["job_id"]) for raw in document["records"]]
    assert page == Page(tuple(records), cursor, has_more)
    assert {record.job_id: record.status for record in page} == states


@pytest.mark.parametrize(
    "file",
    [
        *(f for f in VALUES if VALUES[f] is not None and "get-account" not in f),
        *LIBRARY_PAGES,
        *SUBMISSIONS,
        *LINKS,
    ],
)
def test_the_untouched_document_is_kept(file: str) -> None:
    """In ``raw``, of the answer and of each thing in it; accounts alone have none."""
    document = read_document(body_of(file))
    value = call(Script(vector(file)), operation_of(file))
    if isinstance(value, tuple):
        assert [job.raw for job in value] == document
        return
    assert value.raw == document
    if isinstance(value, Page):
        assert [thing.raw for thing in value] == document["records"]


@pytest.mark.parametrize("file", list(REFUSALS))
def test_a_refused_call_raises_what_it_is_about(file: str) -> None:
    """The right class, the service's own words, and a remedy for this very call."""
    kind, remedy, words = REFUSALS[file]
    with pytest.raises(ServiceError) as caught:
        call(Script(vector(file)), operation_of(file))
    assert type(caught.value) is kind
    assert caught.value.status == INDEX[file]["status"]
    assert remedy in caught.value.remedy
    assert words in caught.value.message
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("read", [lambda d: read_record(d, ID), read_submission])
@pytest.mark.parametrize("file", GARBLED)
def test_a_success_without_the_document_asked_for_is_garbled(file: str, read: Any) -> None:
    """HTTP 200 alone means nothing, neither for a job nor for a submission."""
    with pytest.raises(Garbled):
        read(read_document(body_of(file)))


@pytest.mark.parametrize("file", list(FAILURES))
def test_an_error_becomes_the_right_class_with_its_remedy(file: str) -> None:
    """By the status; the service's words are quoted, and the whole is one line."""
    kind, remedy, words = FAILURES[file]
    error = failure_of(file)
    assert type(error) is kind
    assert error.status == INDEX[file]["status"]
    assert remedy in error.remedy
    assert words in error.message
    assert str(error).isprintable()


@pytest.mark.parametrize("file", list(HINTS))
def test_a_429_tells_the_moment_to_ask_again(file: str) -> None:
    """Seconds count from now, dates do not, and a date that has passed means now."""
    error = failure_of(file)
    assert isinstance(error, RateLimited)
    assert error.retry_at == HINTS[file]
    later = failure_of(file, now=HALF_PAST + 60)
    assert isinstance(later, RateLimited)
    if error.retry_at == HALF_PAST:
        assert later.retry_at == HALF_PAST + 60


def test_every_vector_has_its_place() -> None:
    """Files, index and the tables above name the same bodies."""
    calls = {*VALUES, *LIBRARY_PAGES, *REFUSALS}
    told = {*RECORDS, *LINKS, *SUBMISSIONS, *GARBLED, *FAILURES, *REQUESTS, *calls}
    there = {path.name for path in VECTORS.iterdir()} - {"index.json"}
    assert told == there == set(INDEX)
    assert {f for f in FAILURES if INDEX[f]["status"] == 429} == set(HINTS)
