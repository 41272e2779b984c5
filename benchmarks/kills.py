"""Scripts and kernels that are killed: ``python -m benchmarks.kills [--kills N] [--seed S]``.

Each asks a practice service in another process for three songs, watches and saves them, and is
killed by SIGKILL at a moment that chance has drawn: before a song is sent, while it is asked for,
when it is made and not answered, answered and not written down, watched, over, or half saved.
Somebody resumes, at once or later, and runs the same again. The table tells how many jobs were
made, lost and made twice. It needs the ``test`` extra.
"""

from __future__ import annotations

import argparse
import json
import secrets
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from kills import KINDS, Aftermath, kill

RESULTS = Path(__file__).parent / "results" / "kills.json"
COLUMNS = "| killed while | kills | jobs made by then | lost | made twice | damage | not saved |"


def table(found: Sequence[Aftermath]) -> Iterator[str]:
    """The figures as Markdown."""
    yield COLUMNS
    yield "|---" * (COLUMNS.count("|") - 1) + "|"
    for kind in KINDS:
        yield row(kind, [each for each in found if each.moment.kind == kind])
    yield row("all", found)


def row(name: str, some: Sequence[Aftermath]) -> str:
    """One line of the table."""
    harm = [
        sum(len(what) for what in whats)
        for whats in zip(
            *((each.lost, each.made_twice, each.damage, each.unsaved) for each in some),
            strict=True,
        )
    ] or [0, 0, 0, 0]
    cells = [len(some), sum(each.made for each in some), *harm]
    return f"| {name} | {' | '.join(map(str, cells))} |"


def main() -> None:
    """Kill, print, write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=secrets.randbits(32))
    parser.add_argument("--json", type=Path, default=RESULTS, help="where the figures go")
    asked = parser.parse_args()
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        found = kill(Path(folder), asked.kills, seed=asked.seed)
    print("\n".join(table(found)))  # noqa: T201  # what it is for
    print(f"Seed {asked.seed}, {time.monotonic() - begun:.0f} s.")  # noqa: T201  # likewise
    for each in found:
        if not each.is_harmless:
            print(each)  # noqa: T201  # likewise
    asked.json.parent.mkdir(parents=True, exist_ok=True)
    document = {"seed": asked.seed, "kills": [asdict(each) for each in found]}
    asked.json.write_text(json.dumps(document, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
