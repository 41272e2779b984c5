"""A practice service in a process of its own, asked over its pipes by ``benchmarks.fleet``.

Every line that comes in is answered by one line of JSON. ``begin`` makes the jobs and tells of each
``id``, ``kind`` and the epoch second of its end; ``count`` tells how many requests of which call
there have been. It ends with its input.
"""

from __future__ import annotations

import argparse
import json
import socket
import sys
import threading
import time
from collections import Counter
from typing import Any

import uvicorn

from tempolor_magic.sandbox.app import BASE_PATH, build
from tempolor_magic.sandbox.orders import Kind, Order
from tempolor_magic.sandbox.world import Request, World

TOKEN = "user:4711-only.for.this.measurement"  # noqa: S105  # opens nothing


def main() -> None:
    """Serve until the input ends."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--jobs", type=int, required=True)
    parser.add_argument("--accounts", type=int, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--spread", type=float, required=True)
    asked = parser.parse_args()
    slots = {str(100 + n): asked.jobs for n in range(asked.accounts)}
    world = World(token=TOKEN, seed=7, song_seconds=asked.seconds, accounts=slots)
    tell(f"http://127.0.0.1:{serve(world)}{BASE_PATH}")
    for line in sys.stdin:
        tell(begin(world, asked) if line.strip() == "begin" else count(world.requests))


def serve(world: World) -> int:
    """Serve *world* in a thread; its port."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    config = uvicorn.Config(build(world, now=time.time), log_level="critical", lifespan="off")
    server = uvicorn.Server(config)
    threading.Thread(target=server.run, args=([listener],), daemon=True).start()
    return int(listener.getsockname()[1])


def begin(world: World, asked: argparse.Namespace) -> list[dict[str, Any]]:
    """Jobs over all accounts, songs and instrumentals, begun evenly over the last seconds."""
    now, made = time.time(), []
    for number in range(asked.jobs):
        account = number % asked.accounts
        # Where there is one account, there is one kind: one list.
        kind = list(Kind)[number // asked.accounts % 2 if asked.accounts > 1 else 0]
        order = Order("rain", kind=kind, user_id=str(100 + account))
        age = asked.spread * (asked.jobs - number - 0.5) / asked.jobs
        made.append(world.submit(order, now=now - age))
    return [{"id": job.id, "kind": str(job.order.kind), "end": job.life.ended_at} for job in made]


def count(requests: list[Request]) -> dict[str, int]:
    """How many of which call."""
    return dict(Counter(_call(request) for request in requests))


def _call(request: Request) -> str:
    if "scheduler" in request.path:
        return "scheduler"
    return "record" if request.job_id else "list"


def tell(answer: object) -> None:
    """One line of JSON."""
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
