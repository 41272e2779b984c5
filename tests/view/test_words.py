"""What every view says of a job: plain words, made once."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from samples import (
    BIDI,
    ENDINGS,
    ID,
    NOW,
    make_face,
    make_record,
    make_snapshot,
    make_trouble,
    running_record,
)

from tempolor_magic.errors import TempolorError
from tempolor_magic.view.words import (
    face,
    key_text,
    line,
    look_alike,
    tally,
)
from tempolor_magic.watching.snapshot import Media, Saving, State

# State, its words, its one word, and whether a clock runs.
FACES = [
    (State.WAITING, "Waiting for the first answer", "Waiting", None),
    (State.GENERATING, "Generating", "Generating", 95),
    (State.COMPLETED, "Completed", "Completed", None),
    (State.FAILED, "Failed", "Failed", None),
    (State.STOPPED, "Stopped watching", "Stopped", None),
    (State.TIMED_OUT, "Gave up watching", "Timed out", None),
    (State.ERROR, "Error", "Error", None),
]


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("F:minor", "F minor"),
        ("Bb:major", "Bb major"),
        ("", ""),
        ("a\nb", r"a\nb"),
        ("x" * 99, "x" * 19 + "\u2026"),
    ],
)
def test_keys_are_written_as_musicians_do(key: str, text: str) -> None:
    """Whatever else stands there is shown, safe and short."""
    assert key_text(key) == text


def test_every_state_has_a_face() -> None:
    """The table below leaves none out."""
    assert [state for state, _, _, _ in FACES] == list(State)


@pytest.mark.parametrize(("state", "words", "brief", "clock"), FACES)
def test_a_face_tells_its_state(state: State, words: str, brief: str, clock: int | None) -> None:
    """In words, in one word, and with a clock as long as it runs and its age is known."""
    seen = make_face(state)
    assert (seen.state, seen.words, seen.brief, seen.clock) == (str(state), words, brief, clock)
    assert (seen.over, seen.completed) == (state.is_over, state is State.COMPLETED)
    assert (seen.job_id, seen.item) == (ID, "abcdef123456789")
    assert seen.rhythm == ("" if state.is_over else "checked when news is likely")
    assert seen.elapsed == ("" if state is State.WAITING else "1:35")


@pytest.mark.parametrize("state", list(ENDINGS))
def test_a_bad_end_tells_what_to_do(state: State) -> None:
    """Message and remedy of its error, apart."""
    seen = make_face(state)
    assert (seen.error, seen.remedy) == (ENDINGS[state].message, ENDINGS[state].remedy)


@pytest.mark.parametrize(
    ("progress", "percent"),
    [(None, ""), (0.0, "0 %"), (35.0, "35 %"), (35.4, "35 %"), (99.9, "99 %"), (100.0, "100 %")],
)
def test_progress_is_a_whole_percent_or_nothing(progress: float | None, percent: str) -> None:
    """Unknown progress is not 0 %."""
    seen = make_face(progress=progress)
    assert seen.percent == percent
    assert (seen.progress is None) is (progress is None)


@pytest.mark.parametrize(
    ("seconds", "retry_in"), [(4.0, 4), (3.6, 4), (0.2, 0), (-9.0, 0), (200, 200)]
)
def test_trouble_counts_down(seconds: float, retry_in: int) -> None:
    """The notice and the seconds to the next try; one brief word in a table."""
    seen = make_face(trouble=make_trouble("the service is busy", seconds=seconds))
    assert (seen.trouble, seen.retry_in, seen.brief) == (
        "the service is busy",
        retry_in,
        "Retrying",
    )
    assert seen.words == "Generating"
    assert (seen.sign, seen.again, seen.limited) == ("↻", "retrying in", False)


def test_a_wait_that_was_asked_for_is_no_retrying() -> None:
    """The service says when it wants to be asked: other words, another sign."""
    seen = make_face(trouble=replace(make_trouble("busy", seconds=17), limited=True))
    assert (seen.sign, seen.brief, seen.again) == ("‖", "On hold", "asking again in")
    assert (seen.limited, seen.retry_in) == (True, 17)


def test_a_failed_job_is_not_named_in_its_own_card() -> None:
    """The id stands elsewhere; everything else of the message stays."""
    error = TempolorError(f"the service reports FAILED for {ID}; it gives no reason", "again")
    seen = make_face(State.FAILED, error=error)
    assert seen.error == "the service reports FAILED; it gives no reason"
    assert line(seen).count(ID) == 1


@pytest.mark.parametrize("state", list(State))
def test_a_time_says_whose_it_is(state: State) -> None:
    """A final job took so long; a watch that ended before has no time but its job's age."""
    told = "after 1:35" if state.is_final else "1:35 after its creation" if state.is_over else ""
    assert make_face(state).lasted == told
    assert make_face(state, took=None, born_at=None).lasted == ""


def test_an_embedded_piece_is_played_whole_where_it_is_embedded() -> None:
    """And is no preview there; elsewhere it is."""
    media = Media(audio="https://x/a", preview=True, whole="data:audio/mpeg;base64,AA")
    snapshot = make_snapshot(State.COMPLETED, media=media)
    kept, live = face(snapshot, now=NOW, embed=True), face(snapshot, now=NOW)
    assert (kept.audio, kept.whole, kept.preview) == (media.whole, True, False)
    assert (live.audio, live.whole, live.preview) == (media.audio, False, True)


def test_a_finished_record_becomes_facts() -> None:
    """Those that are known, in a fixed order."""
    assert make_face(State.COMPLETED).facts == (
        ("Length", "3:00"),
        ("Key", "F minor"),
        ("Tempo", "130 bpm"),
        ("Style", "Orchestral"),
        ("Mood", "Tender"),
        ("Chords", "Fm Db Ab Eb"),
        ("Model", "v3.5"),
        ("Seed", "1234567890"),
        ("Created", "2024-05-24 15:43 UTC"),
        ("Finished", "2024-05-24 15:48 UTC"),
    )


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({"dur": 0}, "Length"),
        ({"key": ""}, "Key"),
        ({"bpm": None}, "Tempo"),
        ({"style": []}, "Style"),
        ({"mood": ""}, "Mood"),
        ({"chord": None}, "Chords"),
        ({"modelShowName": 3.5}, "Model"),
        ({"seed": None}, "Seed"),
        ({"createTime": "x"}, "Created"),
        ({"updateTime": 1e305}, "Finished"),
    ],
)
def test_what_is_not_known_is_left_out(changes: dict[str, Any], missing: str) -> None:
    """No empty rows, no zeros, and the other facts stay."""
    known = dict(make_face(State.COMPLETED).facts)
    seen = dict(make_face(State.COMPLETED, record=make_record(**changes)).facts)
    assert {name: known[name] for name in known if name != missing} == seen


def test_a_running_job_is_not_finished() -> None:
    """Its update time is not shown as its end; a seed of 0 is a seed."""
    seen = dict(make_face(record=running_record(seed=0)).facts)
    assert "Finished" not in seen
    assert seen["Seed"] == "0"


def test_tempo_keeps_only_the_digits_it_needs() -> None:
    """130 stays 130, and a half stays a half."""
    for told, text in ((130, "130 bpm"), (92.5, "92.5 bpm"), (120.0, "120 bpm")):
        assert dict(make_face(record=running_record(bpm=told)).facts)["Tempo"] == text


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("Epic Orchestral", "Epic Orchestral"),
        ("", ""),
        ("\u00c9t\u00e9 \u2013 \u590f \U0001f3b5", "\u00c9t\u00e9 \u2013 \u590f \U0001f3b5"),
        ("two\nlines\tand\0more", r"two\nlines\tand\x00more"),
        ("\u202eevil\u2066", r"\u202eevil\u2066"),
        ("x" * 500, "x" * 79 + "\u2026"),
        # blanks of other scripts are blanks, and a joined emoji is one picture
        ("\u591c\u306b\u3000\u99c6\u3051\u308b", "\u591c\u306b \u99c6\u3051\u308b"),
        ("no\u00a0break", "no break"),
        ("\U0001f469\u200d\U0001f3a4", "\U0001f469\u200d\U0001f3a4"),
    ],
)
def test_a_title_is_shown_on_one_line(title: str, shown: str) -> None:
    """As it is written where that is harmless, escaped where it is not, and cut when long."""
    assert make_face(record=running_record(titleEn=title)).title == shown


@pytest.mark.parametrize(
    ("lyrics", "shown"),
    [
        ("[Verse]\nla la\n\nla", "[Verse]\nla la\n\nla"),
        ("la\r\nla\u2028la", "la\nla\nla"),
        ("la\u202ela", r"la\u202ela"),
        ("\tindented", "    indented"),
        ("", ""),
    ],
)
def test_lyrics_keep_their_lines(lyrics: str, shown: str) -> None:
    """A line end is a line end, and nothing else is a control."""
    assert make_face(State.COMPLETED, record=make_record(lyricsPrompt=lyrics)).lyrics == shown


def test_no_direction_mark_survives_anywhere() -> None:
    """Not in the title, not in a fact, not in prose, not in the raw record, not in a notice."""
    record = make_record(
        **dict.fromkeys(("titleEn", "style", "mood", "key", "chord", "modelShowName"), BIDI),
        lyricsPrompt=BIDI,
        prompt=BIDI,
    )
    for snapshot in (
        make_snapshot(State.COMPLETED, record=record),
        make_snapshot(record=record, trouble=make_trouble(BIDI)),
    ):
        assert not set(repr(face(snapshot, now=NOW))) & set(BIDI)


def test_the_raw_record_is_there_when_the_job_is_over() -> None:
    """The untouched JSON with every field, also unknown ones; a long one is cut."""
    record = make_record(newField={"a": [1, None]})
    assert json.loads(make_face(State.COMPLETED, record=record).raw) == record.raw
    assert make_face(record=record).raw == ""
    assert make_face(State.ERROR, record=None).raw == ""
    assert len(make_face(State.FAILED, record=make_record(x="x" * 10**6)).raw) <= 20_000


@pytest.mark.parametrize(
    ("state", "changes", "text"),
    [
        (State.WAITING, {}, "WAITING | ID"),
        (
            State.GENERATING,
            {"record": running_record(titleEn="", dur=0)},
            "GENERATING 35 % | F minor | 130 bpm | 1:35 elapsed | ID",
        ),
        (
            State.GENERATING,
            {"record": None, "trouble": make_trouble("busy"), "progress": None, "sandbox": True},
            "sandbox | GENERATING | 1:35 elapsed | busy, retrying in 4 s | ID",
        ),
        (
            State.COMPLETED,
            {"media": Media(saved=("a",))},
            "COMPLETED | Epic Orchestral | 3:00 | F minor | 130 bpm | after 1:35 | saved as a | ID",
        ),
        (
            State.COMPLETED,
            {"media": Media(saving=Saving(450, 1_000)), "record": make_record(titleEn="Rain")},
            "COMPLETED | saving 45 % | Rain | 3:00 | F minor | 130 bpm | after 1:35 | ID",
        ),
        (
            State.FAILED,
            {"record": None},
            "FAILED | after 1:35 | the service reports FAILED \u2192 submit it again | ID",
        ),
        (
            State.STOPPED,
            {"record": None, "took": None, "born_at": None},
            "STOPPED | the watch was stopped \u2192 %tempolor watch ID",
        ),
        (
            State.ERROR,
            {"record": None, "error": TempolorError(f"no {ID}", "look")},
            "ERROR | 1:35 after its creation | no ID \u2192 look",
        ),
    ],
)
def test_a_job_in_one_line(state: State, changes: dict[str, Any], text: str) -> None:
    """What is known, in one order; the id is at the end, unless the error tells it."""
    assert line(make_face(state, **changes)) == text.replace("|", "\u00b7").replace("ID", ID)


@pytest.mark.parametrize(
    ("states", "text"),
    [
        ([State.GENERATING], "1 job: 1 generating"),
        ([State.COMPLETED] * 3, "3 jobs: 3 completed"),
        (
            [State.TIMED_OUT, State.FAILED, State.WAITING, State.FAILED],
            "4 jobs: 1 waiting, 2 failed, 1 timed out",
        ),
    ],
)
def test_many_jobs_are_counted(states: list[State], text: str) -> None:
    """Each state that occurs, in the order of a job's life."""
    assert tally(tuple(make_face(state) for state in states)) == text


@pytest.mark.parametrize(
    ("changes", "alike"),
    [
        ({}, True),
        ({"progress": 36.0, "record": running_record(36.0)}, False),
        ({"progress": 36.0}, False),
        ({"record": running_record(99)}, True),
        ({"record": running_record(readStatus=True, updateTime=1_716_565_999_000)}, True),
        ({"record": running_record(titleEn="New")}, False),
        ({"record": running_record(mood="New")}, False),
        ({"trouble": make_trouble()}, False),
        ({"media": Media(cover="https://x/c.png")}, False),
        ({"every": 5.0}, False),
        ({"remaining": 42.0}, False),
        ({"state": State.WAITING}, False),
    ],
)
def test_news_that_nobody_would_see_is_no_news(changes: dict[str, Any], *, alike: bool) -> None:
    """A record that differs only in what is not shown looks the same."""
    before = make_snapshot(record=running_record(), progress=35.0)
    assert look_alike(before, replace(before, **changes)) is alike


@pytest.mark.parametrize(
    ("before", "after", "alike"), [(42.0, 38.0, True), (42.0, 37.0, False), (1_000.0, 992.0, True)]
)
def test_what_is_left_makes_no_ticks(before: float, after: float, *, alike: bool) -> None:
    """Only the rounded number is seen."""
    running = make_snapshot(remaining=before)
    assert look_alike(running, replace(running, remaining=after)) is alike
