"""How far downloads are, in words."""

from __future__ import annotations

import pytest
from samples import NOW, make_record, make_snapshot

from tempolor_magic.view import html, words
from tempolor_magic.view.progress import Line, line
from tempolor_magic.watching.snapshot import Media, Saving, Snapshot, State


def saving(done: int = 0, whole: int | None = None, note: str = "") -> Snapshot:
    """A completed job whose file is being saved."""
    media = Media(saving=Saving(done, whole, note))
    return make_snapshot(State.COMPLETED, record=make_record(titleEn="Rain"), media=media)


MADE = make_snapshot(State.COMPLETED, record=make_record(titleEn="Rain"))
UNMADE = make_snapshot(State.GENERATING)


@pytest.mark.parametrize(
    ("snapshots", "done", "told"),
    [
        ([UNMADE], 0, Line("Waiting for Epic Orchestral · Generating · 35 %", 35)),
        ([MADE], 0, Line("Saving Rain")),
        ([saving(note="not served yet")], 0, Line("Saving Rain · not served yet")),
        ([saving(640_000)], 0, Line("Saving Rain · 640 kB")),
        ([saving(1_200_000, 4_800_000)], 0, Line("Saving Rain · 25 %, 1.2 MB of 4.8 MB", 25)),
        ([saving(4_799_999, 4_800_000)], 0, Line("Saving Rain · 99 %, 4.8 MB of 4.8 MB", 99)),
        ([MADE, UNMADE], 1, Line("1 of 2 done · 1 still in the making")),
        (
            [MADE, saving(500_000, 1_000_000), saving(1_500_000, 3_000_000, "busy")],
            1,
            Line("1 of 3 done · saving 2 · 50 %, 2.0 MB of 4.0 MB · busy", 50),
        ),
        ([saving(500_000, 1_000_000), saving(1)], 0, Line("0 of 2 done · saving 2 · 500 kB")),
    ],
)  # fmt: skip
def test_a_download_is_told_in_one_line(snapshots: list[Snapshot], done: int, told: Line) -> None:
    """Of one job by its title, of several by counts; percent where the whole is known."""
    assert line(snapshots, done, now=NOW) == told


@pytest.mark.parametrize(
    ("state", "moving", "still"),
    [
        (Saving(), "…", "…"),
        (Saving(640_000), "640 kB", "…"),
        (Saving(333, 1_000), "33 %", "…"),
        (Saving(1_000, 1_000), "100 %", "…"),
    ],
)
def test_what_a_file_keeps_does_not_count(state: Saving, moving: str, still: str) -> None:
    """A saved card would be replaced with every tick, and tell an old number for ever."""
    snapshot = make_snapshot(State.COMPLETED, media=Media(saving=state))
    assert words.face(snapshot, now=NOW).saving == moving
    assert words.face(snapshot, now=NOW, still=True).saving == still


def test_the_page_shows_a_bar_and_in_the_end_the_names() -> None:
    """What is known is a native progress element; names are escaped."""
    bar = html.saving("Saving <b>", percent=45)
    assert '<progress max="100" value="45" aria-label="Saving &lt;b&gt;"' in bar
    assert "<progress" not in html.saving("Saving")
    done = html.saving("", saved=["a <b>.mp3", "c.wav"])
    assert "Saved as <code>a &lt;b&gt;.mp3</code>" in done
    assert "Saved as <code>c.wav</code>" in done
    assert "<progress" not in done
