"""What a call comes to when the answer is not the one that was hoped for."""

from __future__ import annotations

import httpx
import pytest
from fakes import Answer
from operations import MAKING, OPERATIONS, Operation, Script, call, outcomes, vector
from spoiling import spoilt

from tempolor_magic.errors import (
    BadRequest,
    Forbidden,
    JobGone,
    NotFound,
    NothingSent,
    PassingTrouble,
    PromptRejected,
    RateLimited,
    ServiceError,
    TempolorError,
    UnknownOutcome,
    Unreachable,
    UsageError,
)

ASKING = [name for name in OPERATIONS if name not in MAKING]
BROKEN = [
    Answer(error=error)
    for error in (httpx.ReadTimeout, httpx.WriteTimeout, httpx.ReadError, httpx.RemoteProtocolError)
]
NO_CONNECTION = [Answer(error=error) for error in (httpx.ConnectError, httpx.ConnectTimeout)]
TROUBLE = [
    Answer(status, b'{"error": "trouble"}')
    for status in (408, 500, 502, 503, 504, 520, 524, 530, 599)
]
# A success that holds nothing of use, such as the page of a portal.
EMPTY = [
    Answer(200, body)
    for body in (b"null", b'"x"', b"7", b"<html>", b"[1", b"\xff", b"[" * 99_999, b'{"error": "x"}')
]


@pytest.mark.parametrize("name", MAKING)
def test_no_clear_answer_to_what_makes_something_is_an_unknown_outcome(name: str) -> None:
    """It says what may have been made and where to look, and nothing is sent again."""
    unclear = [*BROKEN, *TROUBLE, *EMPTY, Answer(200, b""), Answer(200, b"{}"), Answer(200, b"[]")]
    script = Script(*unclear)
    for error in outcomes(script, OPERATIONS[name]):
        assert type(error) is UnknownOutcome
        assert "may or may not" in error.message
        assert "before you" in error.remedy
    assert len(script.sent) == len(unclear)


@pytest.mark.parametrize("name", list(OPERATIONS))
def test_without_a_connection_nothing_was_sent(name: str) -> None:
    """The one failure after which even a submission may be repeated without a thought."""
    ends = outcomes(Script(*NO_CONNECTION), OPERATIONS[name])
    assert [type(end) for end in ends] == [NothingSent, NothingSent]


@pytest.mark.parametrize("name", ASKING)
def test_no_answer_to_a_question_is_no_outcome_at_all(name: str) -> None:
    """Nothing was made by it: it may be asked again, and a page of a portal is no answer."""
    ends = outcomes(Script(*BROKEN, *EMPTY), OPERATIONS[name])
    assert {type(end) for end in ends} == {Unreachable}
    ends = outcomes(Script(*TROUBLE), OPERATIONS[name])
    assert {type(end) for end in ends} == {PassingTrouble}


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, BadRequest), (422, TempolorError), (429, RateLimited), (596, ServiceError)],
)
@pytest.mark.parametrize("name", MAKING)
def test_a_clear_refusal_made_nothing(name: str, status: int, kind: type[TempolorError]) -> None:
    """It is told as what it is; 422 is the prompt's fault, or the file's."""
    with pytest.raises(kind) as caught:
        call(Script(Answer(status, b'{"error": "no"}')), OPERATIONS[name])
    assert isinstance(caught.value, ServiceError)
    assert "(HTTP" in caught.value.message
    if status == 422:
        ordered = OPERATIONS[name].name == "submit"
        assert isinstance(caught.value, PromptRejected if ordered else BadRequest)
        assert ("prompt" in str(caught.value)) is ordered


@pytest.mark.parametrize("name", [name for name in ASKING if name.startswith("DELETE")])
def test_a_deletion_is_confirmed_by_any_object_or_by_nothing(name: str) -> None:
    """One of their pages is not known, and 204 has no body."""
    confirmed = [Answer(200, b""), Answer(200, b'{"result": true}'), Answer(200, b'{"done": 1}')]
    assert outcomes(Script(*confirmed), OPERATIONS[name]) == [None, None, None]
    with pytest.raises(Unreachable, match="did not confirm"):
        call(Script(Answer(200, b'{"result": false}')), OPERATIONS[name])


@pytest.mark.parametrize(
    ("name", "kind", "message", "remedy"),
    [
        ("DELETE /music/{job_id}", PassingTrouble, "still being made", "when it is final"),
        ("GET /music/{job_id}", PassingTrouble, "still being made", "try again"),
        ("GET /music/", PassingTrouble, "has trouble", "try again"),
    ],
)
def test_a_job_that_is_still_made_can_not_be_deleted_yet(
    name: str, kind: type[TempolorError], message: str, remedy: str
) -> None:
    """409 of a job says what it waits for; 409 of anything else says nothing of jobs."""
    with pytest.raises(kind, match=message) as caught:
        call(Script(vector("sibling-409.still-generating.json")), OPERATIONS[name])
    assert remedy in caught.value.remedy


@pytest.mark.parametrize("name", list(OPERATIONS))
def test_404_names_what_is_not_there(name: str) -> None:
    """A job is gone; a job that does not run, a voice, an account are something else."""
    operation = OPERATIONS[name]
    with pytest.raises(NotFound) as caught:
        call(Script(Answer(404, b'{"error": "no"}')), operation)
    is_job = operation.name in {"job", "delete", "download_link"}
    assert isinstance(caught.value, JobGone) is is_job
    of_jobs = is_job or operation.name in {"running", "slots", "cancel"}
    assert ("job" in str(caught.value)) is of_jobs


@pytest.mark.parametrize(
    "name", [name for name in OPERATIONS if "job" not in name and "scheduler" not in name]
)
def test_what_is_no_job_is_not_called_one(name: str) -> None:
    """Whatever the status, the words are about what was asked."""
    refused = [Answer(status, b'{"error": "no"}') for status in range(300, 600)]
    for error in outcomes(Script(*refused), OPERATIONS[name]):
        assert isinstance(error, TempolorError)
        assert "job" not in str(error)
        assert "{" not in str(error)


@pytest.mark.parametrize("name", [name for name in ASKING if "user_id=" in OPERATIONS[name].target])
def test_a_list_of_nobody_in_particular_asks_for_an_account(name: str) -> None:
    """With several accounts the service takes no list without one of them named."""
    refused = Answer(400, b'{"error": "user_id is required"}')
    with pytest.raises(BadRequest) as caught:
        call(Script(refused), Operation(OPERATIONS[name].name))
    assert "account=" in caught.value.remedy
    with pytest.raises(BadRequest) as caught:
        call(Script(refused), OPERATIONS[name])
    assert "account=" not in caught.value.remedy


@pytest.mark.parametrize(
    ("name", "noun"),
    [
        ("DELETE /music/{job_id}", "job"),
        ("DELETE /music/cloned-voices/{clonedVoiceItemId}", "voice"),
        ("DELETE /music/midi/{midiItemId}", "MIDI file"),
    ],
)
def test_a_thing_of_somebody_else_is_told_whose_it_is(name: str, noun: str) -> None:
    """403 names the user in the id, unless that is the token's own."""
    operation = OPERATIONS[name]
    refused = Script(Answer(403, b'{"error": "no"}'))
    with pytest.raises(Forbidden, match=f"the {noun} is not .* useapi.net user 12345"):
        call(refused, operation)
    own = operation.asked[0].replace("12345", "4711")
    with pytest.raises(Forbidden) as caught:
        call(refused, Operation(operation.name, (own,)))
    assert "belongs to" not in caught.value.message


@pytest.mark.parametrize(
    "asked",
    [
        Operation("library", named={"cursor": "x" * 100_000}),
        Operation("library", named={"cursor": "\ud800"}),
        Operation("library", named={"account": "user:1-tempolor:a-job:b"}),
        Operation("library", named={"account": ".."}),
        Operation("account", ("",)),
        Operation("download_link", (OPERATIONS["GET /music/{job_id}"].asked[0], "\ud800")),
    ],
    ids=lambda operation: f"{operation.name} {str(operation.named)[:30]}",
)
def test_what_fits_into_no_request_is_the_mistake_of_the_caller(asked: Operation) -> None:
    """Nothing is sent, and nothing of the HTTP library comes through."""
    script = Script(Answer(200, b"{}"))
    with pytest.raises(UsageError):
        call(script, asked)
    assert script.sent == []


@pytest.mark.parametrize("name", list(OPERATIONS))
def test_no_answer_makes_a_call_raise_anything_else(name: str) -> None:
    """Hundreds of spoilt ones: a value, or an error of the tree that is one readable line."""
    operation = OPERATIONS[name]
    answers = list(spoilt(vector(operation.good)))
    ends = outcomes(Script(*answers), operation)
    errors = [end for end in ends if isinstance(end, TempolorError)]
    assert len(ends) == len(answers) > 400
    assert 0 < len(errors) < len(ends)
    assert all(str(error).isprintable() for error in errors)
