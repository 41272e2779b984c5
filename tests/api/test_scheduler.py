"""What runs, and how much more could: read from whatever the service says."""

from __future__ import annotations

from typing import Any

import pytest
from samples import ID, OTHER_ID

from tempolor_magic.api.fields import Garbled
from tempolor_magic.api.scheduler import (
    AccountSlots,
    RunningJob,
    Slots,
    read_running,
    read_slots,
)

GARBAGE: list[Any] = [None, [], {}, [1], {"a": 1}, True, False, 7, 1.5, 10**400]


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        ("00:00", 0.0),
        ("01:23", 83.0),
        ("1:2", 62.0),
        ("59:59", 3_599.0),
        ("75:02", 4_502.0),
        ("1440:00", 86_400.0),
        ("1:00:01", 3_601.0),
        (" 01:23 ", 83.0),
        ("01:60", None),
        ("-1:00", None),
        ("1", None),
        ("1:2:3:4", None),
        ("\u0661:\u0662\u0663", None),
        ("9" * 1_000 + ":00", None),
        ("soon", None),
        ("", None),
        *((each, None) for each in GARBAGE),
    ],
    ids=lambda value: repr(value)[:20],
)
def test_the_time_a_job_runs_is_minutes_and_seconds(told: Any, seconds: float | None) -> None:
    """The minutes may pass 59; what is no such time is unknown."""
    (job,) = read_running([{"job_id": ID, "elapsed": told}])
    assert job.elapsed == seconds


@pytest.mark.parametrize(
    ("told", "moment"),
    [
        ("2025-05-15T12:34:56.789Z", 1_747_312_496.789),
        ("2025-05-15T14:34:56.789+02:00", 1_747_312_496.789),
        ("2025-05-15T12:34:56", 1_747_312_496.0),
        ("Thu, 15 May 2025 12:34:56 GMT", 1_747_312_496.0),
        ("2025-13-45T99:99:99Z", None),
        ("0001-01-01T00:00:00+23:59", None),
        ("yesterday", None),
        ("", None),
        *((each, None) for each in GARBAGE),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_the_start_of_a_job_is_epoch_seconds(told: Any, moment: float | None) -> None:
    """Without a zone it is UTC; what is no date is unknown."""
    (job,) = read_running([{"job_id": ID, "started": told}])
    assert job.started_at == (None if moment is None else pytest.approx(moment))


def test_what_names_no_job_is_left_out() -> None:
    """The rest of the list is good."""
    entries: list[Any] = [
        None,
        "x",
        1,
        [],
        {},
        {"job_id": 7},
        {"job_id": ""},
        {"job_id": ID},
        {"x": ID},
    ]
    assert read_running([*entries, {"job_id": OTHER_ID}]) == (RunningJob(ID), RunningJob(OTHER_ID))


@pytest.mark.parametrize("document", [None, {}, {"records": []}, "x", 1, {"error": "x"}])
def test_what_is_no_list_of_jobs_is_garbled(document: Any) -> None:
    """It must not pass for "nothing runs"."""
    with pytest.raises(Garbled):
        read_running(document)


@pytest.mark.parametrize(
    ("told", "free"),
    [(0, 0), (9, 9), ("9", 9), (9.0, 9), (-3, 0), (10**30, None), (1.5, None), (True, None)],
)
def test_free_slots_are_a_count(told: Any, free: int | None) -> None:
    """Fewer than none are none; what is no count is unknown."""
    document = {"available": [{"user_id": "1", "maxJobs": 20, "executing": 2, "available": told}]}
    assert read_slots(document).accounts == (AccountSlots("1", 20, 2, free),)


@pytest.mark.parametrize(
    ("document", "slots"),
    [
        ({"executing": [], "available": []}, Slots()),
        ({"executing": None, "available": None}, Slots()),
        ({"available": [{"user_id": "1"}]}, Slots((), (AccountSlots("1"),))),
        ({"available": [{"user_id": 12345}]}, Slots((), (AccountSlots("12345"),))),
        ({"executing": [{"job_id": ID}]}, Slots((RunningJob(ID),))),
        ({"executing": "x", "available": [None, 1, {}, {"maxJobs": 3}]}, Slots()),
    ],
    ids=lambda value: repr(value)[:60],
)
def test_slots_are_read_as_far_as_they_are_told(document: Any, slots: Slots) -> None:
    """Every part may be missing or of another type."""
    assert read_slots(document) == slots


@pytest.mark.parametrize("document", [None, [], {}, "x", {"error": "x"}, {"records": []}])
def test_what_tells_nothing_of_slots_is_garbled(document: Any) -> None:
    """It must not pass for "no slots"."""
    with pytest.raises(Garbled):
        read_slots(document)
