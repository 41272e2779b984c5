"""Which answers are spoilt: the line that orders it, and what it comes to."""

from __future__ import annotations

import random
from collections import Counter
from itertools import islice

import pytest

from tempolor_magic.sandbox.faults import (
    FAMILIES,
    KINDS,
    Call,
    Faults,
    FaultsError,
    Plan,
    Rate,
    Script,
    call_of,
    names,
    read_plan,
)

ID = "user:1-tempolor:2-job:abcdef123456789"
JOB = (ID, "abcdef123456789", "1")


def faults(line: str) -> Faults:
    """A line being carried out, the same in every run."""
    return Faults(random.Random(7), read_plan(line))


def drawn(line: str, calls: int, call: Call = Call.RECORD, job: tuple[str, ...] = JOB) -> list[str]:
    """The names of what happens to so many answers; empty where nothing does."""
    going = faults(line)
    found = (going.next(call, job) for _ in range(calls))
    return [kind.name if kind else "" for kind in found]


@pytest.mark.parametrize(
    ("line", "plan"),
    [
        ("none", Plan()),
        ("", Plan()),
        (" 0.3 ", Plan(rates=(Rate(0.3),), text="0.3")),
        (".5", Plan(rates=(Rate(0.5),), text=".5")),
        ("0", Plan(rates=(Rate(0.0),), text="0")),
        ("1:503", Plan(rates=(Rate(1.0, ("503",)),), text="1:503")),
        (
            "0.2:429, 503,reset",
            Plan(rates=(Rate(0.2, (*FAMILIES["429"], "503", "reset")),), text="0.2:429, 503,reset"),
        ),
        ("503,ok,cut", Plan((Script((("503",), (), ("cut",))),), text="503,ok,cut")),
        ("5xx", Plan((Script((FAMILIES["5xx"],)),), text="5xx")),
        (f"job={ID}:596", Plan((Script((("596",),), ID),), text=f"job={ID}:596")),
        (
            "posts:reset;files:0.5:cut",
            Plan(
                (Script((("reset",),), calls=frozenset({Call.MAKE})),),
                (Rate(0.5, ("cut",), frozenset({Call.FILE})),),
                "posts:reset;files:0.5:cut",
            ),
        ),
        (
            "job=2:503,ok; 0.1",
            Plan((Script((("503",), ()), "2"),), (Rate(0.1),), "job=2:503,ok; 0.1"),
        ),
    ],
)
def test_a_line_orders_faults(line: str, plan: Plan) -> None:
    """By share, by kind, in an order, about a job; several at once."""
    assert read_plan(line) == plan


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("4o4", "there is no fault “4o4”; there is 404"),
        ("xyzzy", "there is no fault “xyzzy”; there is 429, 503, reset, truncated"),
        ("0.2:", "there is no fault “”"),
        ("0.2:503,", "there is no fault “”"),
        ("1.5", "1.5 is no share of the answers: take one from 0 to 1"),
        ("2", "there is no fault “2”"),
        ("-0.1", "there is no fault “-0.1”"),
        ("30%", "there is no fault “30%”"),
        ("job=1", "“job=1” names no kind of fault: write job=ID:503,596"),
        ("job=:503", "“job=:503” names no kind of fault"),
        ("0.3;", "there is no fault “”"),
        ("files:", "there is no fault “”"),
        ("songs:503", "there is no fault “songs:503”"),
        ("\u202e" * 100, "there is no fault “"),
    ],
)
def test_a_line_that_orders_nothing_known_is_refused_in_one_line(line: str, said: str) -> None:
    """With what is nearest, or a few that there are."""
    with pytest.raises(FaultsError) as caught:
        read_plan(line)
    assert str(caught.value).startswith(said)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    ("method", "path", "call"),
    [
        ("GET", f"/music/{ID}", Call.RECORD),
        ("GET", "/music", Call.LIST),
        ("GET", "/music/", Call.LIST),
        ("GET", "/scheduler/", Call.LIST),
        ("GET", "/music/midi/", Call.LIST),
        ("GET", "/scheduler/available", Call.DETAIL),
        ("GET", f"/music/download/{ID}", Call.DETAIL),
        ("GET", "/accounts", Call.DETAIL),
        ("POST", "/music/song", Call.MAKE),
        ("POST", "/music/stems-splitter/", Call.MAKE),
        ("DELETE", f"/music/{ID}", Call.REMOVE),
        ("GET", "/files/abcdef123456789.mp3", Call.FILE),
        ("GET", "/sandbox", None),
        ("POST", "/sandbox/stop", None),
    ],
)
def test_every_request_asks_for_something(method: str, path: str, call: Call | None) -> None:
    """The sandbox's own calls are never spoilt: it must be found and stopped."""
    assert call_of(method, path) is call


def test_a_share_of_all_answers_is_spoilt_in_every_way_that_passes() -> None:
    """Nothing that would end a watch is among it, and no kind is left out."""
    happened = Counter(drawn("0.3", 10_000))
    assert happened.pop("") == pytest.approx(7_000, rel=0.03)
    assert set(happened) == {kind.name for kind in KINDS.values() if Call.RECORD in kind.passing}
    assert not set(happened) & {"401", "402", "403", "404", "410", "596", "moved", "edge"}


@pytest.mark.parametrize("call", Call)
def test_every_kind_fits_a_call_and_every_call_has_kinds(call: Call) -> None:
    """A kind without a call would be a word without a meaning."""
    assert [kind for kind in KINDS.values() if call in kind.passing]
    assert all(kind.passing or kind.named for kind in KINDS.values())
    assert set(names()) == {*KINDS, *FAMILIES, "ok"}


def test_a_share_of_some_kinds_spoils_only_what_they_fit() -> None:
    """A list body can stand for a record, and for nothing else."""
    assert set(drawn("1:list,expired", 50)) == {"list"}
    assert set(drawn("1:list,expired", 50, Call.FILE)) == {"expired"}
    assert set(drawn("1:list,expired", 50, Call.MAKE)) == {""}


def test_a_script_is_followed_and_then_over() -> None:
    """An entry that does not fit a call waits for one that it fits."""
    assert drawn("503,ok,cut", 5) == ["503", "", "cut", "", ""]
    going = faults("list,reset")
    happened = [going.next(call) for call in (Call.MAKE, Call.RECORD, Call.MAKE, Call.MAKE)]
    assert [kind and kind.name for kind in happened] == [None, "list", "reset", None]


@pytest.mark.parametrize("name", JOB)
def test_the_answers_about_a_job_end_with_the_last_entry_for_good(name: str) -> None:
    """The job by any of its names; others are left alone."""
    line = f"job={name}:503,ok,596"
    assert drawn(line, 5) == ["503", "", "596", "596", "596"]
    assert drawn(line, 3, job=("another", "2")) == ["", "", ""]


def test_what_is_said_of_a_job_is_stronger_than_a_share() -> None:
    """So one job can be spared, or alone be hit for sure."""
    assert set(drawn("1:503; job=1:ok", 20)) == {""}
    assert set(drawn("1:503; job=1:410", 20)) == {"410"}


def test_what_is_said_of_some_calls_leaves_the_others_alone() -> None:
    """Lost submissions while everything else is fine, and the other way round."""
    assert drawn("posts:reset,cut", 3, Call.MAKE) == ["reset", "cut", ""]
    assert drawn("posts:reset,cut", 3, Call.RECORD) == ["", "", ""]
    assert set(drawn("reads:1:503", 9, Call.LIST)) == {"503"}
    assert set(drawn("reads:1:503", 9, Call.FILE)) == {""}


def test_a_family_stands_for_all_of_its_forms() -> None:
    """Each of them comes up."""
    assert set(drawn("1:429", 200)) == set(FAMILIES["429"])
    assert set(drawn(",".join(["5xx"] * 200), 200)) == set(FAMILIES["5xx"])


def test_a_new_order_takes_the_place_of_the_old_one() -> None:
    """Scripts begin anew."""
    going = faults("503,cut")
    assert [kind and kind.name for kind in (going.next(Call.RECORD),)] == ["503"]
    going.order(read_plan("503,cut"))
    happened = list(islice(iter(lambda: going.next(Call.RECORD), None), 5))
    assert [kind.name for kind in happened if kind] == ["503", "cut"]
