"""The line of a terminal that goes on while jobs are waited for."""

from __future__ import annotations

from dataclasses import replace
from io import StringIO

from samples import NOW, make_snapshot

from tempolor_magic.view.ticker import Ticker
from tempolor_magic.watching.snapshot import State


def test_the_line_is_written_over_and_only_for_news() -> None:
    """The same news twice writes nothing; in the end the line is empty."""
    out = StringIO()
    ticker = Ticker(out)
    job = make_snapshot(State.GENERATING, progress=10.0)
    ticker.show([job], NOW)
    once = out.getvalue()
    ticker.show([job], NOW)
    assert out.getvalue() == once
    ticker.show([replace(job, progress=20.0)], NOW)
    assert "20 %" in out.getvalue().rpartition("\r")[2]
    assert "\n" not in out.getvalue()
    ticker.clear()
    assert out.getvalue().endswith("\r\x1b[K")


def test_many_jobs_are_told_as_counts() -> None:
    """One line has no room for a hundred jobs."""
    out = StringIO()
    Ticker(out).show([make_snapshot(State.GENERATING)] * 100, NOW)
    assert "100 jobs: 100 generating" in out.getvalue()


def test_nothing_shown_leaves_nothing_to_clear() -> None:
    """A wait that ends at once writes nothing."""
    out = StringIO()
    Ticker(out).clear()
    assert out.getvalue() == ""
