"""The how-manyth time the same is asked for, as real kernels tell of their cells."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from kernels import Kernel, kernel

pytestmark = pytest.mark.kernel

COUNT = "for _ in range(2): seen = occasions.next('song'); print(seen.cell, seen.ordinal, end=';')"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    """A kernel that counts."""
    with kernel(tmp_path_factory.mktemp("occasions")) as started:
        yield started


@pytest.fixture
def count(running: Kernel) -> Kernel:
    """A kernel that has counted nothing yet."""
    running.run("from tempolor_magic.occasions import Occasions\noccasions = Occasions()")
    return running


def told(running: Kernel, **how: Any) -> str:
    """Run the cell that counts twice."""
    return running.run(COUNT, **how).text


def test_a_loop_counts_and_a_second_run_of_its_cell_begins_anew(count: Kernel) -> None:
    """So that five asks stay five, however often they are run."""
    lab = {"cell_id": "abc", "allow_stdin": True}
    assert told(count, **lab) == "abc 0;abc 1;"
    assert told(count, **lab) == "abc 0;abc 1;"


def test_cells_are_told_apart(count: Kernel) -> None:
    """Two cells that ask for the same ask for two."""
    assert told(count, cell_id="abc", allow_stdin=True) == "abc 0;abc 1;"
    assert told(count, cell_id="xyz", allow_stdin=True) == "xyz 0;xyz 1;"


def test_a_headless_run_counts_through_all_its_cells(count: Kernel) -> None:
    """Its runner names no cells, and runs each once."""
    assert told(count) == " 0; 1;"
    assert told(count) == " 2; 3;"


def test_a_console_counts_each_line_anew(count: Kernel) -> None:
    """Somebody is there who may have typed the same again by mistake."""
    assert told(count, allow_stdin=True) == " 0; 1;"
    assert told(count, allow_stdin=True) == " 0; 1;"


def test_other_content_has_a_count_of_its_own(count: Kernel) -> None:
    """Whatever was asked for in between."""
    said = count.run(
        "print(*(occasions.next(c).ordinal for c in ['rain', 'snow', 'rain', 'snow', 'rain']))"
    )
    assert said.text == "0 0 1 1 2\n"
