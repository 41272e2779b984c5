"""Nobody who is killed, at whatever moment, loses a job or pays for one twice."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from kills import kill

KILLS = int(os.environ.get("TEMPOLOR_KILLS", "10"))
SEED = int(os.environ.get("TEMPOLOR_KILLS_SEED") or secrets.randbits(32))


def test_a_kill_at_any_moment_loses_no_job_and_makes_none_twice(tmp_path: Path) -> None:
    """Every job that was made is known again, the journal is whole, and so is every file.

    A failure tells the seed: ``TEMPOLOR_KILLS_SEED`` repeats it.
    """
    found = kill(tmp_path, KILLS, seed=SEED)
    harmed = [each for each in found if not each.is_harmless]
    assert not harmed, f"seed {SEED}: {harmed}"
    assert sum(each.made for each in found) > 0
