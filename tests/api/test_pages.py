"""Lists that come page by page: what is read, and when the turning of pages ends."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from fakes import BASE_URL, TOKEN, Answer
from operations import Script, client_of, vector
from samples import make_document

from tempolor_magic.api.fields import Garbled
from tempolor_magic.api.midi import MidiFile, listed_midi
from tempolor_magic.api.pages import Page, Walk, read_page
from tempolor_magic.api.records import listed_record
from tempolor_magic.clients import Client
from tempolor_magic.errors import Unauthorized, UsageError


def page(ids: str, cursor: str = "", *, more: bool | None = None) -> Page[MidiFile]:
    """A page of things with ids of one letter."""
    items = tuple(MidiFile(letter) for letter in ids)
    return Page(items, cursor, bool(cursor) if more is None else more)


def body(ids: str, cursor: str | None = None, *, more: bool | None = None) -> Answer:
    """The answer such a page comes from; what is ``None`` is missing."""
    document = {"records": [{"midiItemId": letter} for letter in ids]}
    tail = {"cursor": cursor, "hasNext": more}
    known = {name: value for name, value in tail.items() if value is not None}
    return Answer(200, json.dumps({**document, **known}).encode())


@pytest.mark.parametrize(
    ("pages", "seen", "why"),
    [
        ([page("ab", "1"), page("cd")], "abcd", "the last page has no cursor"),
        ([page("ab", "1", more=False), page("cd")], "ab", "the service says it is the last"),
        ([page("ab", "", more=True), page("cd")], "ab", "there is nothing to follow"),
        ([page("", "1"), page("cd")], "", "an empty page"),
        ([page("ab", "1"), page("cd", "1"), page("ef")], "abcd", "the same cursor twice"),
        (
            [page("ab", "1"), page("cd", "2"), page("ef", "1"), page("gh")],
            "abcdef",
            "a cursor of long ago",
        ),
        ([page("ab", "1"), page("ab", "2"), page("cd")], "ab", "a page that brings nothing new"),
        ([page("ab", "1"), page("bc", "2"), page("cd")], "abcd", "things pushed to the next page"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_walk_ends_by_itself(pages: list[Page[MidiFile]], seen: str, why: str) -> None:
    """Whatever the service says, no page is asked for twice and no thing is told twice."""
    walk: Walk[MidiFile] = Walk()
    told = ""
    for each in pages:
        if walk.cursor is None:
            break
        told += "".join(thing.id for thing in walk.take(each))
    assert told == seen
    assert walk.cursor is None


def test_a_walk_begins_where_it_is_told_and_follows_each_cursor() -> None:
    """An opaque word, passed on as it came."""
    walk: Walk[MidiFile] = Walk("x")
    assert walk.cursor == "x"
    walk.take(page("a", "y"))
    assert walk.cursor == "y"
    walk.take(page("b", "x"))
    assert walk.cursor is None


def test_a_walk_has_a_bound_and_says_that_there_was_more() -> None:
    """A list without an end is not read for ever."""
    walk: Walk[MidiFile] = Walk(most=3)
    for number, letter in enumerate("abc"):
        assert walk.cursor is not None
        last = walk.take(page(letter, str(number)))
    assert walk.cursor is None
    assert last.has_more
    assert last.cursor == "2"
    assert Walk(most=0).cursor is None


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"records": []}, page("")),
        ({"records": None}, page("")),
        ({"records": [{"midiItemId": "a"}]}, page("a")),
        ({"records": [{"midiItemId": "a"}] * 3}, page("a")),
        ({"records": [None, 1, "a", [], {}, {"midiItemId": None}, {"midiItemId": "a"}]}, page("a")),
        ({"records": [], "cursor": "1"}, page("", "1", more=True)),
        ({"records": [], "cursor": "1", "hasNext": False}, page("", "1", more=False)),
        ({"records": [], "cursor": "", "hasNext": True}, page("", more=True)),
        ({"records": [], "cursor": None, "hasNext": None}, page("")),
        ({"records": [], "cursor": 7, "hasNext": "yes"}, page("")),
        ({"records": [], "cursor": "x" * 100_000}, page("")),
    ],
    ids=lambda value: repr(value)[:60],
)
def test_a_page_is_read_as_far_as_it_makes_sense(document: Any, expected: Page[MidiFile]) -> None:
    """Things without an id and repetitions are left out; words about pages may be missing."""
    assert read_page(document, listed_midi) == expected
    assert read_page(document, listed_midi).raw is document


@pytest.mark.parametrize(
    "document", [None, [], "x", 1, {}, {"records": {}}, {"records": "x"}, {"error": "x"}]
)
def test_what_is_no_page_is_garbled(document: Any) -> None:
    """It must not pass for an empty list."""
    with pytest.raises(Garbled):
        read_page(document, listed_midi)


def test_a_record_of_a_list_tells_itself_which_job_it_is_about() -> None:
    """One that does not can't be asked for again, and is left out."""
    known, unknown = make_document(), make_document(job_id=None)
    records = read_page({"records": [unknown, known]}, listed_record).items
    assert [record.job_id for record in records] == [known["job_id"]]
    assert records[0].id == known["job_id"]


def test_a_whole_list_is_read_on_an_event_loop() -> None:
    """Page by page or thing by thing, with every argument passed on."""
    script = Script(body("ab", "x/y"), body("bc", "z"), body("d"))

    async def read() -> list[str]:
        async with client_of(script) as client:
            return [midi.id async for midi in client.every(client.midi_files, account="1")]

    assert asyncio.run(read()) == ["a", "b", "c", "d"]
    assert script.targets == [
        "/music/midi/?user_id=1",
        "/music/midi/?user_id=1&cursor=x%2Fy",
        "/music/midi/?user_id=1&cursor=z",
    ]


def test_a_whole_list_is_read_without_an_event_loop() -> None:
    """The same in a plain for loop."""
    script = Script(body("ab", "1"), body("bc", "2"), body("d"))
    with Client(TOKEN, base_url=BASE_URL, transport=script) as client:
        assert [midi.id for midi in client.every(client.midi_files)] == ["a", "b", "c", "d"]
        script.answers = [body("ab", "1"), body("bc", "2"), body("d")]
        pages = client.pages(client.midi_files, most=2)
        assert [[midi.id for midi in each] for each in pages] == [["a", "b"], ["c"]]


@pytest.mark.parametrize("kind", ["song", "instrumental"])
def test_the_library_is_walked_by_kind(kind: str) -> None:
    """Songs and instrumentals are lists of their own."""
    script = Script(
        vector("synthetic-get-music.200.page1-of-2.json"),
        vector("get-music.200.reconstructed.json"),
    )
    with Client(TOKEN, base_url=BASE_URL, transport=script) as client:
        assert len(list(client.every(client.library, kind=kind))) == 3
    assert [target.partition("&")[0] for target in script.targets] == [f"/music/?type={kind}"] * 2


def test_a_kind_of_music_that_is_none_is_not_asked_for() -> None:
    """The service would answer with something else."""
    script = Script(body(""))
    with (
        Client(TOKEN, base_url=BASE_URL, transport=script) as client,
        pytest.raises(UsageError, match="song or instrumental"),
    ):
        client.library(kind="songs")
    assert script.sent == []


def test_a_walk_that_is_refused_half_way_has_told_what_came_before() -> None:
    """The error is the call's own."""
    script = Script(body("ab", "1"), Answer(401, b"{}"))
    seen: list[str] = []
    with Client(TOKEN, base_url=BASE_URL, transport=script) as client:
        with pytest.raises(Unauthorized):
            seen.extend(midi.id for midi in client.every(client.midi_files))
        assert len(script.sent) == 2
    assert seen == ["a", "b"]
