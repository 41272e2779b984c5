"""Many jobs made and watched while answers are spoilt in every way: does each end as it should?

``python -m benchmarks.faults [--jobs N] [--faults LINE] [--seed N] [--json PATH]`` prints a table
and writes it as JSON. A practice service at fifty times the speed of life, real sockets, the real
client and engine; a share of all answers is spoilt. Needs the ``test`` extra.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from underfire import Report, run

RESULTS = Path(__file__).parent / "results" / "faults.json"
# Seconds a job may take before the run has failed; most of them wait for others.
PATIENCE_A_JOB = 3.0


def main() -> None:
    """Watch, print, write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--jobs", type=int, default=1000)
    parser.add_argument("--faults", default="0.3", help="which answers are spoilt")
    parser.add_argument("--seed", type=int, default=1, help="of all chance at the service")
    parser.add_argument("--json", type=Path, default=RESULTS, help="where the figures go")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        report = run(
            Path(folder),
            jobs=asked.jobs,
            line=asked.faults,
            seed=asked.seed,
            patience=asked.jobs * PATIENCE_A_JOB,
        )
    for line in lines(report):
        print(line)  # noqa: T201  # what it is for
    asked.json.parent.mkdir(parents=True, exist_ok=True)
    asked.json.write_text(json.dumps(asdict(report), indent=1), encoding="utf-8")


def lines(report: Report) -> list[str]:
    """The report as a table."""
    told: dict[str, object] = {
        "jobs": report.jobs,
        "answers": report.answers,
        "of them spoilt": f"{report.faulty:,} ({report.faulty / report.answers:.0%})",
        "in so many ways": report.kinds,
        "jobs that ended here as at the service": report.right,
        "requests sent before a hint was over": report.early,
        "orders sent twice unasked": report.resent,
        "exceptions nobody handled": len(report.unhandled),
        "seconds": f"{report.seconds:.0f}",
    }
    return ["| under fire | |", "|---|---|", *(f"| {k} | {v} |" for k, v in told.items())]


if __name__ == "__main__":
    main()
