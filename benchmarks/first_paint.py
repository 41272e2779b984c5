"""How long the prompt is away: ``%load_ext`` and ``watch`` in a running kernel.

``python -m benchmarks.first_paint [--json PATH]`` prints a table of medians in milliseconds and
writes them as JSON. Each figure is the time from sending the cell to the kernel being idle again,
over real kernel sockets, against a service in another process that takes two seconds for every
answer. Needs the ``test`` extra.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from kernels import Kernel, kernel

RESULTS = Path(__file__).parent / "results" / "first_paint.json"
ROUNDS = 5
TOKEN = "user:4711-only.for.this.measurement"  # noqa: S105  # opens nothing
SLOW_SERVICE = """
import asyncio, sys, uvicorn
async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    await asyncio.sleep(2)
    job_id = scope["path"].rpartition("/")[2]
    body = '{"job_id":"%s","status":0,"status_final":false,"progress":35}' % job_id
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": body.encode()})
import socket
listener = socket.socket(); listener.bind(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off")).run([listener])
"""


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--json", type=Path, default=RESULTS, help="where the figures go")
    asked = parser.parse_args()
    with subprocess.Popen(  # noqa: S603  # our own program, above
        [sys.executable, "-c", SLOW_SERVICE], stdout=subprocess.PIPE, text=True
    ) as service:
        assert service.stdout is not None  # noqa: S101  # asked for above
        port = service.stdout.readline().strip()
        try:
            figures = measure(f"http://127.0.0.1:{port}/v1/tempolor")
        finally:
            service.terminate()
    print(f"| what (median of {ROUNDS}) | ms |\n|---|---|")  # noqa: T201
    for what, milliseconds in figures.items():
        print(f"| {what} | {milliseconds:.0f} |")  # noqa: T201
    asked.json.parent.mkdir(parents=True, exist_ok=True)
    document = {"rounds": ROUNDS, "milliseconds": figures}
    asked.json.write_text(json.dumps(document, indent=1), encoding="utf-8")


def measure(url: str) -> dict[str, float]:
    """The median of each figure, in milliseconds."""
    taken: dict[str, list[float]] = {}
    for number in range(ROUNDS):
        with (
            tempfile.TemporaryDirectory() as folder,
            kernel(Path(folder), USEAPI_TOKEN=TOKEN, TEMPOLOR_BASE_URL=url) as k,
        ):
            k.run("pass")
            note = taken.setdefault
            note("an empty cell, for comparison", []).append(_milliseconds(k, "pass"))
            note("%load_ext tempolor_magic", []).append(
                _milliseconds(k, "%load_ext tempolor_magic")
            )
            note("the first watch, which loads the libraries", []).append(
                _milliseconds(k, f"%tempolor watch {_ids(number, 1, 'a')}")
            )
            note("watch of 1 id", []).append(
                _milliseconds(k, f"%tempolor watch {_ids(number, 1, 'b')}")
            )
            note("watch of 100 ids", []).append(
                _milliseconds(k, f"%tempolor watch {_ids(number, 100, 'c')}")
            )
    return {what: statistics.median(values) for what, values in taken.items()}


def _ids(number: int, count: int, mark: str) -> str:
    return " ".join(f"user:4711-tempolor:1-job:{mark}{number:04}{n:010}" for n in range(count))


def _milliseconds(k: Kernel, code: str) -> float:
    began = time.perf_counter()
    cell = k.run(code)
    took = time.perf_counter() - began
    if cell.error:
        raise SystemExit(cell.error)
    return took * 1000


if __name__ == "__main__":
    main()
