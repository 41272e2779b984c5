"""What a hundred jobs in one shown table cost a real kernel, thread by thread.

``python -m benchmarks.shown_table [--jobs N] [--seconds S] [--song S] [--json PATH]`` prints the
CPU time of each thread of the kernel while the table stands and its jobs progress, beside the same
kernel with nothing loaded, and writes it as JSON. Real time at the speed of life; the practice
service is another process, and a front end listens. Needs the ``test`` extra, and Linux.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from kernels import Kernel, Message, kernel

from benchmarks.fleet import helper
from benchmarks.fleet_service import TOKEN

RESULTS = Path(__file__).parent / "results" / "shown_table.json"
ACCOUNTS = 10
# Seconds in which all that is loaded once is loaded.
SETTLING = 20.0
THREADS = """import json, os, threading
print(json.dumps([os.getpid(), {t.native_id: t.name for t in threading.enumerate()}]))"""


class Threads:
    """The threads of a kernel, and what each has computed."""

    def __init__(self, k: Kernel) -> None:
        pid, names = json.loads(k.run(THREADS).text)
        self._tasks = Path(f"/proc/{pid}/task")
        self._names: dict[int, str] = {pid: "the main thread"}
        self._names |= {int(number): name for number, name in names.items() if int(number) != pid}

    def seconds(self) -> Counter[str]:
        """CPU seconds so far. Threads without a name of Python's are those of ZeroMQ."""
        told: Counter[str] = Counter()
        for task in self._tasks.iterdir():
            # Nanoseconds on the processor; ticks of a hundredth would be too coarse.
            spent = int((task / "schedstat").read_text(encoding="ascii").split()[0])
            told[self._names.get(int(task.name), "ZeroMQ")] += spent / 1e9
        return told


def measure(k: Kernel, seconds: float) -> tuple[dict[str, float], list[Message]]:
    """CPU seconds of each thread over so many seconds, and what a front end heard in them."""
    k.overhear(SETTLING)
    threads = Threads(k)
    before = threads.seconds()
    heard = k.overhear(seconds)
    spent = threads.seconds()
    spent.subtract(before)
    return dict(spent), heard


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--jobs", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=60.0, help="how long is measured")
    parser.add_argument("--song", type=float, default=150.0, help="how long a job takes, seconds")
    parser.add_argument("--json", type=Path, default=RESULTS, help="where the figures go")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, kernel(Path(folder)) as k:
        idle, _ = measure(k, asked.seconds)
    size = ("--jobs", str(asked.jobs), "--accounts", str(ACCOUNTS))
    span = ("--seconds", str(asked.song), "--spread", "10")
    with (
        helper("benchmarks.fleet_service", *size, *span) as service,
        tempfile.TemporaryDirectory() as folder,
        kernel(Path(folder), USEAPI_TOKEN=TOKEN, TEMPOLOR_BASE_URL=service.hear()) as k,
    ):
        service.say("begin")
        ids = " ".join(job["id"] for job in service.hear())
        assert not k.run("%load_ext tempolor_magic").error  # noqa: S101  # nothing to measure
        assert not k.run(f"jobs = %tempolor watch {ids}").error  # noqa: S101  # likewise
        shown, heard = measure(k, asked.seconds)
        changes = [m for m in heard if m["msg_type"].startswith("comm")]
        service.say("count")
        requests = sum(service.hear().values())
    sent = sum(len(json.dumps(message["content"])) for message in changes)
    for line in lines(idle, shown, asked.seconds):
        print(line)  # noqa: T201  # what it is for
    told = f"{len(changes)} messages, {sent / 1000:.0f} kB; {requests} requests since it was shown"
    print(told)  # noqa: T201
    asked.json.parent.mkdir(parents=True, exist_ok=True)
    figures = {"idle": idle, "shown": shown, "messages": len(changes), "bytes": sent}
    document = {"jobs": asked.jobs, "seconds": asked.seconds, "cpus": os.cpu_count(), **figures}
    asked.json.write_text(json.dumps(document, indent=1), encoding="utf-8")


def lines(idle: dict[str, float], shown: dict[str, float], seconds: float) -> list[str]:
    """The figures as Markdown: milliseconds, and in the end the share of one core."""
    rows = ["| thread | idle kernel, ms | with the table, ms |", "|---|---|---|"]
    names = sorted(shown.keys() | idle.keys(), key=lambda name: -shown.get(name, 0.0))
    rows += [f"| {n} | {_ms(idle.get(n, 0.0))} | {_ms(shown.get(n, 0.0))} |" for n in names]
    off = [sum(v for name, v in told.items() if "main" not in name) for told in (idle, shown)]
    shares = " | ".join(f"{each / seconds:.2%}" for each in off)
    return [*rows, f"| all but the main one, of one core | {shares} |"]


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.0f}"


if __name__ == "__main__":
    main()
