"""The service's documents as values: nothing in a body makes reading it raise."""

from __future__ import annotations

import copy
import random
from dataclasses import replace
from typing import Any

import pytest
from samples import CREATED, FINISHED, ID, OTHER_ID, make_document, make_record
from spoiling import any_value

from tempolor_magic.api.fields import Garbled, read_document
from tempolor_magic.api.records import (
    DownloadLink,
    Record,
    Status,
    Submission,
    read_download_link,
    read_record,
    read_submission,
)

# The name in the body, the attribute, a value of the service, and what it means.
TEXTS = [
    ("titleEn", "title"),
    ("cover", "cover_url"),
    ("style", "style"),
    ("mood", "mood"),
    ("key", "key"),
    ("chord", "chords"),
    ("modelShowName", "model"),
    ("lyricsPrompt", "lyrics"),
    ("prompt", "prompt"),
    ("waveformUrl", "waveform_url"),
]
NUMBERS: list[tuple[str, str, float, float]] = [
    ("progress", "progress", 35, 35.0),
    ("createTime", "created_at", 1_716_565_425_000, CREATED),
    ("updateTime", "updated_at", 1_716_565_700_123, FINISHED + 0.123),
    ("bpm", "bpm", 92.5, 92.5),
    ("dur", "duration", 181, 181.0),
    ("seed", "seed", 7, 7),
]
GARBAGE: list[Any] = [None, [], {}, [1], {"a": 1}, True, False]
NO_NUMBER: list[Any] = ["", "x", "nan", "inf", "1e999", "-", "%", "1,5"]
GENERATING, FAILED, COMPLETED = Status.GENERATING, Status.FAILED, Status.COMPLETED


def without(*names: str, **changes: Any) -> dict[str, Any]:
    """A document that lacks some of its fields."""
    return {name: v for name, v in make_document(**changes).items() if name not in names}


@pytest.mark.parametrize(("name", "attribute"), TEXTS)
def test_texts_are_taken_as_they_are(name: str, attribute: str) -> None:
    """What the service writes is what the record holds."""
    text = "L'\u00e9t\u00e9 <b>\u202e\n"
    assert getattr(make_record(**{name: text}), attribute) == text


@pytest.mark.parametrize(("name", "attribute", "told", "meant"), NUMBERS)
def test_numbers_have_one_unit(name: str, attribute: str, told: float, meant: float) -> None:
    """Milliseconds become seconds; the rest keeps its number."""
    assert getattr(make_record(**{name: told}), attribute) == pytest.approx(meant, abs=1e-6)


@pytest.mark.parametrize("value", [*GARBAGE, 250, -1, 10**30, 1.5], ids=repr)
@pytest.mark.parametrize(("name", "attribute"), TEXTS)
def test_a_text_of_another_type_is_unknown(name: str, attribute: str, value: Any) -> None:
    """It reads as empty, and the rest of the record is as before."""
    record = make_record(**{name: value})
    assert getattr(record, attribute) == ""
    assert (record.status, record.final, record.bpm) == (COMPLETED, True, 130)


@pytest.mark.parametrize(
    ("name", "attribute", "value"),
    [
        *((name, known, v) for name, known, _, _ in NUMBERS for v in [*GARBAGE, *NO_NUMBER]),
        *((name, known, v) for name, known, _, _ in NUMBERS[:-1] for v in (10**400, -(10**400))),
        ("seed", "seed", 1.5),
    ],
    ids=lambda value: repr(value)[:20],
)
def test_a_number_of_another_type_is_unknown(name: str, attribute: str, value: Any) -> None:
    """It reads as None, and the rest of the record is as before."""
    record = make_record(**{name: value})
    assert getattr(record, attribute) is None
    assert (record.status, record.final, record.title) == (COMPLETED, True, "Epic Orchestral")


@pytest.mark.parametrize(
    ("name", "attribute", "unknown"),
    [
        *((name, attribute, "") for name, attribute in TEXTS),
        *((name, attribute, None) for name, attribute, _, _ in NUMBERS),
    ],
)
def test_any_field_may_be_missing(name: str, attribute: str, unknown: str | None) -> None:
    """Without it that one attribute is unknown, and all the others are as before."""
    document = make_document()
    for part in (document, document["musicMaterial"], document["ltmMaterialExtendDto"]):
        part.pop(name, None)
    before: dict[str, Any] = {attribute: unknown, "raw": document}
    assert read_record(document, ID) == replace(make_record(), **before)


@pytest.mark.parametrize("name", ["musicMaterial", "ltmMaterialExtendDto"])
def test_a_whole_part_may_be_missing(name: str) -> None:
    """It is as good as empty."""
    document = without(name)
    record = read_record(document, ID)
    assert record == replace(make_record(**{name: {}}), raw=document)
    assert (record.status, record.final, record.title) == (COMPLETED, True, "Epic Orchestral")


@pytest.mark.parametrize("value", [None, [], "text", 7, True, [{"bpm": 1}]], ids=repr)
@pytest.mark.parametrize("name", ["musicMaterial", "ltmMaterialExtendDto"])
def test_a_part_of_another_type_is_empty(name: str, value: Any) -> None:
    """All that would stand in it is unknown."""
    record = make_record(**{name: value})
    unknown = (
        (record.style, record.key, record.bpm, record.duration, record.seed)
        if name == "musicMaterial"
        else (record.model, record.prompt, record.lyrics)
    )
    assert not any(unknown)
    assert record.title == "Epic Orchestral"


@pytest.mark.parametrize(
    ("told", "percent"),
    [
        (0, 0.0),
        (45, 45.0),
        (45.6, 45.6),
        ("45", 45.0),
        ("45%", 45.0),
        (" 45% ", 45.0),
        (250, 100.0),
        (10**30, 100.0),
        (-1, 0.0),
        ("-3%", 0.0),
        ("soon", None),
        (None, None),
        ([45], None),
        (True, None),
    ],
)
def test_progress_is_a_percent_or_unknown(told: Any, percent: float | None) -> None:
    """Numbers and text are read, and held within 0 and 100."""
    assert make_record(progress=told).progress == percent


@pytest.mark.parametrize("value", [0, -1, -180.5])
@pytest.mark.parametrize(
    ("name", "attribute"),
    [
        ("bpm", "bpm"),
        ("dur", "duration"),
        ("createTime", "created_at"),
        ("updateTime", "updated_at"),
    ],
)
def test_what_must_be_positive_is_unknown_otherwise(
    name: str, attribute: str, value: float
) -> None:
    """A running job tells a length of 0: that is no length."""
    assert getattr(make_record(**{name: value}), attribute) is None


@pytest.mark.parametrize(
    ("code", "name", "told_final", "status", "final"),
    [
        (0, "GENERATING", False, GENERATING, False),
        (10, "FAILED", True, FAILED, True),
        (30, "COMPLETED", True, COMPLETED, True),
        # only a number, only a name
        (0, None, None, GENERATING, False),
        (10, None, None, FAILED, True),
        (30, None, None, COMPLETED, True),
        (None, "GENERATING", None, GENERATING, False),
        (None, "FAILED", None, FAILED, True),
        (None, "COMPLETED", None, COMPLETED, True),
        # a number may come as text or with a fraction of nothing; it wins over the name
        ("30", None, None, COMPLETED, True),
        (30.0, None, None, COMPLETED, True),
        (0, "COMPLETED", None, GENERATING, False),
        # what this version does not know
        (20, "POST_PROCESSING", False, None, False),
        (20, "POST_PROCESSING", None, None, False),
        (20, "POST_PROCESSING", True, None, True),
        (20, "COMPLETED", None, COMPLETED, True),
        # status_final decides, also against the rest
        (30, "COMPLETED", False, COMPLETED, False),
        (0, "GENERATING", True, GENERATING, True),
        (None, None, True, None, True),
        (None, None, False, None, False),
        # and is not believed when it is not a truth value
        (30, "COMPLETED", "false", COMPLETED, True),
        (0, "GENERATING", "yes", GENERATING, False),
        (0, "GENERATING", 1, GENERATING, False),
        # wrong types
        (True, ["COMPLETED"], None, None, False),
        (None, 30, None, None, False),
        ([30], {"a": 1}, None, None, False),
        (10**400, "", None, None, False),
        (-30, "completed?", None, None, False),
    ],
)
def test_a_status_is_read_by_number_then_name(
    code: Any, name: Any, told_final: Any, status: Status | None, *, final: bool
) -> None:
    """``status_final`` decides whether a job is over; without it only a known status does."""
    record = make_record(status=code, status_name=name, status_final=told_final)
    assert (record.status, record.final) == (status, final)


@pytest.mark.parametrize(
    ("code", "known"), [(20, 20), (30, 30), ("x", None), (None, None), (1.5, None)]
)
def test_the_number_of_an_unknown_status_is_kept(code: Any, known: int | None) -> None:
    """It is what a user can report."""
    assert make_record(status=code).status_code == known


@pytest.mark.parametrize("name", ["status", "status_name", "status_final"])
def test_each_of_the_three_state_fields_may_be_missing(name: str) -> None:
    """Any two of them still tell that the job is completed."""
    record = read_record(without(name), ID)
    assert (record.status, record.final) == (COMPLETED, True)


def test_a_prompt_stands_in_either_of_two_places() -> None:
    """The instrumental's place is read when the song's is empty."""
    assert make_record(prompt="", otherInfo="strings").prompt == "strings"
    assert make_record(prompt="piano", otherInfo="strings").prompt == "piano"


def test_the_document_stays_untouched() -> None:
    """``raw`` is the very document, with fields nobody knows, and nothing in it was changed."""
    document = make_document(newField=[1, {"a": None}])
    before = copy.deepcopy(document)
    record = read_record(document, ID)
    assert record.raw is document
    assert document == before


def test_a_record_without_its_id_is_about_the_job_asked_for() -> None:
    """Every field is optional, so is this one."""
    assert read_record({"status": 30}, ID).job_id == ID


@pytest.mark.parametrize(
    ("document", "why"),
    [
        (make_document(job_id=OTHER_ID), "another job"),
        (make_document(job_id=ID + "x"), "another job"),
        (make_document(job_id=""), "another job"),
        (make_document(job_id=12), "another job"),
        (make_document(job_id=[ID]), "another job"),
        ({"records": [], "hasNext": False, "cursor": ""}, "not the record"),
        ({"records": [make_document()]}, "not the record"),
        (make_document(records=[]), "not the record"),
        ([make_document()], "not the record"),
        ([], "not the record"),
        ({}, "not the record"),
        ({"result": True}, "not the record"),
        (None, "not the record"),
        ("COMPLETED", "not the record"),
        (30, "not the record"),
        (True, "not the record"),
    ],
)
def test_what_is_not_the_record_of_the_job_is_refused(document: Any, why: str) -> None:
    """An answer about anything else must never decide a job."""
    with pytest.raises(Garbled, match=why):
        read_record(document, ID)


def test_no_document_makes_reading_raise() -> None:
    """Two thousand records with anything in any field are read."""
    chance = random.Random(20)
    for _ in range(2_000):
        document = {name: any_value(chance) for name in make_document()} | {"job_id": ID}
        record = read_record(document, ID)
        assert isinstance(record, Record)
        assert isinstance(record.title, str)
        assert record.progress is None or 0 <= record.progress <= 100


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"{",
        b'{"job_id": "user',
        b"<html></html>",
        b"error code: 1010",
        b"NaN",
        b"{'a': 1}",
        b'{"a": "\xff\xfe"}',
        b'"\\ud800"',
        b'{"a": 1} {"b": 2}',
        b"[" * 100_000,
        b"1e999",
        b"1" * 5_000,
    ],
    ids=lambda body: repr(body[:20]),
)
def test_a_body_that_is_no_json_is_garbled(body: bytes) -> None:
    """Whatever the decoder stumbles over is this one error."""
    with pytest.raises(Garbled):
        read_document(body)


@pytest.mark.parametrize(
    ("body", "document"),
    [(b"null", None), (b"[]", []), (b' {"a": [1, 2.5, "\\u00e9"]} ', {"a": [1, 2.5, "\u00e9"]})],
)
def test_json_is_decoded(body: bytes, document: Any) -> None:
    """Any JSON value may be a document."""
    assert read_document(body) == document


@pytest.mark.parametrize(
    ("document", "submission"),
    [
        ({"jobs": [ID]}, Submission((ID,))),
        ({"jobs": [ID], "unlimited": True}, Submission((ID,), unlimited=True)),
        ({"jobs": [ID, OTHER_ID], "unlimited": False}, Submission((ID, OTHER_ID), unlimited=False)),
        ({"jobs": [None, ID, "", 7]}, Submission((ID,))),
        ({"jobs": [ID], "unlimited": "perhaps"}, Submission((ID,))),
    ],
)
def test_a_submission_tells_its_jobs(document: Any, submission: Submission) -> None:
    """All of them, and the plan where it is told."""
    assert read_submission(document) == submission


@pytest.mark.parametrize(
    "document",
    [{}, {"jobs": []}, {"jobs": None}, {"jobs": ID}, {"jobs": [None, 1, ""]}, [ID], None, "x"],
    ids=repr,
)
def test_a_submission_without_a_job_is_garbled(document: Any) -> None:
    """It must not pass for a submission that made nothing."""
    with pytest.raises(Garbled):
        read_submission(document)


@pytest.mark.parametrize(
    ("told", "left"),
    [(3600, 3600.0), ("60", 60.0), (0, None), (-5, None), (None, None), ("x", None), ([], None)],
)
def test_a_link_may_tell_how_long_it_lives(told: Any, left: float | None) -> None:
    """What is not positive is no lifetime: links with 0 have been seen to work."""
    link = read_download_link({"url": "https://files.example/a.mp3", "remainSeconds": told})
    assert link == DownloadLink("https://files.example/a.mp3", left)


@pytest.mark.parametrize(
    "document", [{}, {"url": ""}, {"url": None}, {"url": ["https://x"]}, [], None, "https://x"]
)
def test_a_link_without_an_address_is_garbled(document: Any) -> None:
    """There is nothing to fetch."""
    with pytest.raises(Garbled):
        read_download_link(document)
