"""Jobs as plain text: for terminals and for ``text/plain``."""

from __future__ import annotations

import pytest
from samples import ENDINGS, ID, JOB, NOW, dressed, make_face

from tempolor_magic.view import text
from tempolor_magic.view.words import face
from tempolor_magic.watching.snapshot import Media, State


@pytest.mark.parametrize("state", list(State))
def test_a_card_is_one_line_with_state_id_and_remedy(state: State) -> None:
    """All that a log needs."""
    said = text.card(make_face(state))
    assert said.startswith(str(state))
    assert ID in said
    assert "\n" not in said
    if state in ENDINGS:
        assert ENDINGS[state].remedy in said


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("hostile", ["two\nlines", "a\r\nb", "a\x1b[2Jb", "\u202eabc", "a\u2028b"])
def test_no_text_of_the_service_breaks_the_line(state: State, hostile: str) -> None:
    """A title with line ends or terminal controls is shown, not obeyed."""
    snapshot = dressed(hostile, State.COMPLETED) if state.is_final else dressed(hostile, state)
    seen = face(snapshot, now=NOW)
    assert seen.title in text.card(seen)
    assert seen.title.isprintable()


def test_details_tell_everything_a_line_each() -> None:
    """The card, then the facts with their names, the prompt and the audio."""
    seen = make_face(State.COMPLETED, media=Media(note="the file is not served yet"))
    first, *rest = text.details(seen).splitlines()
    assert first == text.card(seen)
    assert "  Length    3:00" in rest
    assert "  Key       F minor" in rest
    assert "  Prompt    A cinematic piece" in rest
    assert "  Audio     the file is not served yet" in rest
    assert len(rest) == len(seen.facts) + 2


def test_details_of_an_unknown_job_are_its_card() -> None:
    """Nothing is known, nothing is made up."""
    seen = make_face(State.WAITING)
    assert text.details(seen) == text.card(seen)


def test_a_table_counts_and_lists() -> None:
    """A line of counts, then each job."""
    faces = [make_face(State.GENERATING), make_face(State.COMPLETED)]
    head, *rows = text.table(faces).splitlines()
    assert head == "2 jobs: 1 generating, 1 completed"
    assert rows == [f"  {text.card(each)}" for each in faces]


def test_columns_are_aligned() -> None:
    """As wide as the widest cell, without blanks at the end."""
    rows = [("Rain", "COMPLETED", str(JOB)), ("A long title", "FAILED", "x")]
    assert text.columns("2 jobs", ("Title", "State", "Id"), rows).splitlines() == [
        "2 jobs",
        "  Title         State      Id",
        f"  Rain          COMPLETED  {JOB}",
        "  A long title  FAILED     x",
    ]
    assert text.columns("No jobs", ("Title", "Id"), []).splitlines() == ["No jobs", "  Title  Id"]
