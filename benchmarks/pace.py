"""What an adaptive pace saves: requests and delay, simulated job by job.

``python -m benchmarks.pace [--jobs N] [--seed S] [--json PATH]`` prints tables and writes the
figures as JSON. No request is sent and no time passes: a job is a duration and a course of
progress (:mod:`benchmarks.families`), a poller is a row of moments. The first read of every
poller is at second 0, the last one is the first that finds the job over; the delay from its end
to that read counts as half a second at least.

*Cold*, the pace knows what is published of durations; *warm*, 30 earlier jobs, others for every
job. It never learns which family a job is of.
"""

from __future__ import annotations

import argparse
import itertools
import json
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.families import MEDIAN, OTHERS, SEVEN, Draw, MadeUpJob, make_durations, make_jobs
from tempolor_magic.watching.durations import Durations
from tempolor_magic.watching.estimate import History
from tempolor_magic.watching.pace import Pace, next_poll

RESULTS = Path(__file__).parent / "results" / "pace.json"
LEAST_DELAY = 0.5
JOURNAL = 30
PLAIN = "every 10 s"

# The moments of the reads of a job; asked for the next only while the job is not over.
Reads = Callable[[MadeUpJob, int], Iterator[float]]


@dataclass(frozen=True, slots=True)
class Figures:
    """Of many jobs watched by one poller. Delays are seconds."""

    requests: float
    delay: float
    delay_p95: float

    @property
    def cost(self) -> float:
        """Requests x delay: the same for every fixed interval, as long as it is short."""
        return self.requests * self.delay


def every(seconds: float) -> Reads:
    """A read at a fixed interval."""
    return lambda _job, _number: (seconds * n for n in itertools.count())


def doubling(first: float, longest: float) -> Reads:
    """Exponential intervals."""

    def reads(_job: MadeUpJob, _number: int) -> Iterator[float]:
        now, interval = 0.0, first
        while True:
            yield now
            now, interval = now + interval, min(longest, 2 * interval)

    return reads


def adaptive(journal: str | None) -> Reads:
    """The pace under test; *journal* is the seed of the earlier jobs it knows, if any."""
    pace = Pace()

    def reads(job: MadeUpJob, number: int) -> Iterator[float]:
        known = [] if journal is None else make_durations(JOURNAL, f"{journal}, {number}")
        durations, history, now = Durations.learn(known), History(), 0.0
        while True:
            yield now
            history = history.asked(now).seen(now, job.progress(now))
            now = next_poll(pace, now=now, history=history, durations=durations)

    return reads


def watch_all(jobs: Sequence[MadeUpJob], reads: Reads) -> Figures:
    """Follow every job to its end."""
    watched = [_watch(job, reads(job, number)) for number, job in enumerate(jobs)]
    delays = sorted(delay for _, delay in watched)
    return Figures(
        requests=statistics.fmean(count for count, _ in watched),
        delay=statistics.fmean(delays),
        delay_p95=delays[int(0.95 * len(delays))],
    )


def measure(draw: Draw, count: int, seed: str, *, median: float = MEDIAN) -> dict[str, Figures]:
    """One family with every poller. *median* is that of these jobs, not of the earlier ones."""
    jobs = make_jobs(draw, count, seed, median=median)
    pollers = {
        PLAIN: every(10),
        "every 2 s": every(2),
        "every 0.5 s": every(0.5),
        "doubling, 1 to 20 s": doubling(1, 20),
        "adaptive, cold": adaptive(None),
        "adaptive, warm": adaptive(f"earlier than {seed}"),
    }
    return {name: watch_all(jobs, reads) for name, reads in pollers.items()}


def gain(figures: dict[str, Figures], poller: str) -> float:
    """How many times lower requests x delay are than at a fixed 10 s."""
    return figures[PLAIN].cost / figures[poller].cost


def decision_time(count: int, seed: int) -> float:
    """Microseconds from an answer to the moment of the next question, on average."""
    spent, reads = 0.0, 0.0
    for name, draw in SEVEN.items():
        jobs = make_jobs(draw, count, f"{name}, {seed}")
        begun = time.perf_counter()
        reads += count * watch_all(jobs, adaptive(None)).requests
        spent += time.perf_counter() - begun
    return 1e6 * spent / reads


def measure_all(draws: dict[str, Draw], count: int, seed: int) -> dict[str, dict[str, Figures]]:
    """Every family with every poller."""
    return {name: measure(draw, count, f"{name}, {seed}") for name, draw in draws.items()}


def _watch(job: MadeUpJob, moments: Iterator[float]) -> tuple[int, float]:
    count, heard = next(
        (count, moment) for count, moment in enumerate(moments, 1) if moment >= job.seconds
    )
    return count, max(LEAST_DELAY, heard - job.seconds)


def _pollers_table(families: dict[str, dict[str, Figures]]) -> Iterator[str]:
    yield "| all seven families | requests a job | delay, s | 95 % within, s | requests x delay |"
    yield "|---|---|---|---|---|"
    for poller in next(iter(families.values())):
        each = [figures[poller] for figures in families.values()]
        requests, delay, p95, cost = (
            statistics.fmean(values)
            for values in zip(
                *((f.requests, f.delay, f.delay_p95, f.cost) for f in each), strict=True
            )
        )
        yield f"| {poller} | {requests:.1f} | {delay:.2f} | {p95:.1f} | {cost:.1f} |"


def _families_table(families: dict[str, dict[str, Figures]]) -> Iterator[str]:
    yield (
        "| progress | requests at 10 s | cold | warm | delay at 10 s | cold | warm "
        "| 95 % within, at 10 s | cold | warm | times less requests x delay, cold | warm |"
    )
    yield "|---|" + "---|" * 11
    pollers = (PLAIN, "adaptive, cold", "adaptive, warm")
    for family, figures in families.items():
        each = [figures[poller] for poller in pollers]
        cells = [f"{f.requests:.1f}" for f in each] + [f"{f.delay:.2f}" for f in each]
        cells += [f"{f.delay_p95:.1f}" for f in each]
        cells += [f"{gain(figures, poller):.2f}" for poller in pollers[1:]]
        yield f"| {family} | {' | '.join(cells)} |"
    means = [
        statistics.geometric_mean(gain(figures, poller) for figures in families.values())
        for poller in pollers[1:]
    ]
    yield "| geometric mean |" + " |" * 9 + f" {means[0]:.2f} | {means[1]:.2f} |"


def _misled(count: int, seed: int) -> dict[str, dict[str, Figures]]:
    """Jobs that take a third or three times of what all earlier ones took."""
    return {
        f"{name}, jobs {times:.2g} times as long": measure(
            SEVEN[name], count, f"{name} {times}, {seed}", median=times * MEDIAN
        )
        for name in ("linear", "no progress field")
        for times in (1 / 3, 3)
    }


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--jobs", type=int, default=400, help="of every family")
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--json", type=Path, default=RESULTS, help="where the figures go")
    asked = parser.parse_args()
    seven = measure_all(SEVEN, asked.jobs, asked.seed)
    others = measure_all(OTHERS, asked.jobs, asked.seed) | _misled(asked.jobs, asked.seed)
    microseconds = decision_time(asked.jobs, asked.seed)
    lines = [*_pollers_table(seven), "", *_families_table(seven), "", *_families_table(others), ""]
    lines.append(f"A decision takes {microseconds:.0f} microseconds on average.")
    print("\n".join(lines))  # noqa: T201  # what it is for
    asked.json.parent.mkdir(parents=True, exist_ok=True)
    told = {
        family: {poller: asdict(f) | {"cost": f.cost} for poller, f in figures.items()}
        for family, figures in (seven | others).items()
    }
    document = {
        "jobs": asked.jobs,
        "seed": asked.seed,
        "decision in microseconds": microseconds,
        "families": told,
    }
    asked.json.write_text(json.dumps(document, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
