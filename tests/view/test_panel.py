"""What a panel sends to the page, counted in a real kernel: only what is new."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kernels import Kernel, kernel

TESTS = Path(__file__).parent.parent
PREPARED = f"""
import sys
sys.path[:0] = [{str(TESTS)!r}]
from dataclasses import replace
from samples import NOW, make_record, make_snapshot, running_record
from tempolor_magic.api.ids import parse_job_id
from tempolor_magic.view.panel import Actions, CardPanel, TablePanel
from tempolor_magic.watching.snapshot import Media, State
clicks = []
idle = Actions(*(lambda name=name: clicks.append(name) for name in ("stop", "refresh", "download")))
time = [NOW]
"""
TABLE = """
jobs = [
    make_snapshot(job_id=parse_job_id(f"user:1-tempolor:2-job:abcdef12345678{n}"), record=None)
    for n in range(3)
]
table = TablePanel(jobs, lambda _: idle, now=lambda: time[0], hand_over=lambda call: call())
table.children[1].value = 1
"""
CARD = """
done = make_snapshot(State.COMPLETED, media=Media(audio="https://x/a.mp3"), born_at=NOW - 500)
card = CardPanel(done, idle, now=lambda: time[0])
"""


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    """One kernel for all, without the extension: panels need none."""
    with kernel(tmp_path_factory.mktemp("panels")) as running:
        assert not running.run(PREPARED).error
        yield running


def changes(running: Kernel, code: str) -> list[dict[str, Any]]:
    """What each message of *code* changed, as the page is told."""
    cell = running.run(code)
    assert not cell.error
    return [message["data"]["state"] for message in cell.of_type("comm_msg")]


def test_a_title_names_its_job_in_the_list_once_it_is_known(kept: Kernel) -> None:
    """One message for the list; what is opened stays open, and no other tick names anything."""
    kept.run(TABLE)
    titled = "jobs[1] = replace(jobs[1], record=running_record(titleEn='Paper Boats'))"
    told = changes(kept, f"{titled}\ntable.show(jobs)")
    (names,) = [change["_options_labels"] for change in told if "_options_labels" in change]
    assert names[1:] == ["1 · abcdef123456780", "2 · Paper Boats", "3 · abcdef123456782"]
    assert not [change for change in told if "children" in change]
    assert kept.run("print(table.children[1].value, clicks)").text == "1 []\n"
    ticks = changes(kept, "table.show([replace(job, progress=50.0) for job in jobs])")
    assert [set(change) for change in ticks] == [{"value"}] * 2  # the rows, and the opened head


def test_a_table_that_looks_the_same_sends_nothing(kept: Kernel) -> None:
    """Also when time has passed: clocks run in the page."""
    kept.run(TABLE)
    assert changes(kept, "time[0] += 60\ntable.show(list(jobs))") == []


def test_naming_the_saved_file_does_not_stop_the_music(kept: Kernel) -> None:
    """Minutes after the end one small part changes, and not the one with the player and ages."""
    kept.run(CARD)
    saved = "card.show(replace(done, media=replace(done.media, saved='a.mp3')))"
    (told,) = changes(kept, f"time[0] += 300\n{saved}")
    assert "Saved as" in told["value"]
    assert "<audio" not in told["value"]


def test_news_of_the_sound_brings_the_ages_up_to_date(kept: Kernel) -> None:
    """What holds them is sent anyway."""
    kept.run(CARD)
    more = "card.show(replace(done, media=replace(done.media, peaks=(50,) * 120)))"
    (told,) = changes(kept, f"time[0] = NOW + 700\n{more}")
    assert "--d:-1200s" in told["value"]


def test_the_end_leaves_the_parts_that_stay_in_place(kept: Kernel) -> None:
    """Only buttons change: what is before them is neither made anew nor moved."""
    kept.run("running = make_snapshot()\ncard = CardPanel(running, idle, now=lambda: NOW)")
    order = "print([id(part) for part in card.children])"
    before = kept.run(order).text.strip("[]\n").split(", ")
    kept.run("card.show(make_snapshot(State.COMPLETED))")
    after = kept.run(order).text.strip("[]\n").split(", ")
    assert (len(before), len(after)) == (5, 4)
    assert before[:3] == after[:3]
    assert not set(before[3:]) & set(after[3:])
