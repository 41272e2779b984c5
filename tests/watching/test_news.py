"""Many jobs, few questions; and right outcomes whatever the lists and the scheduler say."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from fakes import EPOCH, TOKEN, Studio, Twist, told

from tempolor_magic.api.ids import parse_job_id
from tempolor_magic.sandbox.jobs import Job
from tempolor_magic.sandbox.orders import Kind, Order
from tempolor_magic.sandbox.world import World
from tempolor_magic.watching.snapshot import Origin, State
from tempolor_magic.watching.watch import Watch

PATIENCE = 60.0
# What a question every ten seconds about each of so many jobs of 150 s would cost.
ONE_BY_ONE = 15


class Fleet:
    """Jobs that all begin now, and the watches of them."""

    def __init__(self, made: Studio, count: int, *, accounts: int, kinds: int) -> None:
        self.studio = made
        self.made: list[Job] = []
        for number in range(count):
            kind = list(Kind)[number % kinds]
            prompt = "please fail" if number % 5 == 4 else "rain"
            order = Order(prompt, kind=kind, user_id=str(100 + number // kinds % accounts))
            self.made.append(made.world.submit(order, now=made.clock.time()))
        self.watches: list[Watch] = []

    def follow(self, *, kind_known: bool = True, **how: float) -> None:
        """Watch all until they are over."""
        made = self.studio
        with made.clock.held():
            self.watches = [
                made.poller.watch(
                    made.connection,
                    parse_job_id(job.id),
                    origin=Origin(str(job.order.kind)) if kind_known else Origin(),
                    **how,
                )
                for job in self.made
            ]
        for watch in self.watches:
            watch.future.exception(PATIENCE)

    @property
    def is_right(self) -> bool:
        """Whether each ended as the service has it."""
        expected = [State.FAILED if job.order.is_doomed else State.COMPLETED for job in self.made]
        return [watch.snapshot.state for watch in self.watches] == expected

    @property
    def delay(self) -> float:
        """Seconds between the ends and the news of them, on average."""
        ends = [job.life.ended_at - EPOCH for job in self.made]
        heard = [watch.snapshot.moments[-1][1] for watch in self.watches]
        return sum(h - e for h, e in zip(heard, ends, strict=True)) / len(ends)

    def asked(self, part: str = "") -> int:
        """How many questions were asked, of those whose path has *part*."""
        return len([path for path in self.studio.wire.paths if part in path])


@contextmanager
def fleet(
    folder: Path,
    count: int,
    *,
    accounts: int = 1,
    kinds: int = 1,
    song_seconds: float | None = 150.0,
) -> Iterator[Fleet]:
    """A service with so many jobs under way."""
    slots = {str(100 + n): 200 for n in range(accounts)}
    world = World(token=TOKEN, seed=7, song_seconds=song_seconds, accounts=slots)
    made = Studio(folder, world)
    try:
        yield Fleet(made, count, accounts=accounts, kinds=kinds)
    finally:
        made.close()


def test_ten_jobs_cost_little_more_than_one(tmp_path: Path) -> None:
    """One list answers for all: at most forty questions, where one by one asks 150."""
    with fleet(tmp_path, 10) as ten:
        ten.follow()
        assert ten.is_right
        assert ten.asked() <= 40
        assert ten.delay <= 3.0


def test_a_hundred_jobs_cost_a_quarter(tmp_path: Path) -> None:
    """Over ten accounts, songs and instrumentals: the scheduler answers for all lists."""
    with fleet(tmp_path, 100, accounts=10, kinds=2) as hundred:
        hundred.follow()
        assert hundred.is_right
        assert hundred.asked() <= 100 * ONE_BY_ONE / 4
        assert hundred.asked("/scheduler") > 0
        assert hundred.delay <= 3.0


def test_jobs_that_end_at_all_times_cost_less_as_well(tmp_path: Path) -> None:
    """Their ends are spread, so that each needs a look of its own."""
    with fleet(tmp_path, 30, accounts=3, song_seconds=None) as many:
        many.follow()
        assert many.is_right
        assert many.asked() <= 30 * ONE_BY_ONE / 2
        assert many.delay <= 3.0


def test_more_jobs_than_a_page_holds_are_all_found(tmp_path: Path) -> None:
    """Further pages are read as far as watched jobs may be on them."""
    with fleet(tmp_path, 45) as many:
        many.follow()
        assert many.is_right
        assert many.asked() <= 45 * ONE_BY_ONE / 4


def test_a_kind_that_was_not_told_is_learnt(tmp_path: Path) -> None:
    """An id does not tell; the list that shows the job does."""
    with fleet(tmp_path, 10, kinds=2) as many:
        many.follow(kind_known=False)
        assert many.is_right
        assert many.asked() <= 10 * ONE_BY_ONE / 2
        assert many.asked("type=instrumental") > 0


def test_a_plain_interval_asks_about_each_job(tmp_path: Path) -> None:
    """Whoever wants the plain cadence gets it."""
    with fleet(tmp_path, 3) as three:
        three.follow(interval=10.0)
        assert three.is_right
        assert three.asked("type=") == 0


def test_a_plain_interval_is_not_moved_by_news_of_others(tmp_path: Path) -> None:
    """The scheduler's word that a job runs neither hastens nor puts off its next question."""
    with fleet(tmp_path, 13, accounts=3, kinds=2) as many:
        made, (plain, *others) = many.studio, many.made
        steady = parse_job_id(plain.id)
        with made.clock.held():
            watch = made.poller.watch(made.connection, steady, interval=10.0)
            rest = [made.poller.watch(made.connection, parse_job_id(job.id)) for job in others]
        for each in (watch, *rest):
            each.future.exception(PATIENCE)
        own = [
            moment
            for moment, path in zip(made.wire.moments, made.wire.paths, strict=True)
            if plain.id in path
        ]
        assert many.asked("/scheduler") > 0
        assert own == [10.0 * n for n in range(len(own))]


def _records(change: Callable[[list[Any]], list[Any]]) -> Twist:
    """Change the records of every list."""

    def twist(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        if "type=" not in str(request.url):
            return answer
        document = answer.json()
        return httpx.Response(200, json={**document, "records": change(document["records"])})

    return twist


def _frozen(part: str) -> Twist:
    """Whatever has *part* in its address answers for ever what it answered first."""
    kept: dict[str, bytes] = {}

    def twist(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        address = str(request.url)
        if part not in address:
            return answer
        return httpx.Response(200, content=kept.setdefault(address, answer.content))

    return twist


def _instead(part: str, status: int, body: object) -> Twist:
    """Whatever has *part* in its address answers this."""

    def twist(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        if part not in str(request.url):
            return answer
        return httpx.Response(status, content=json.dumps(body))

    return twist


def _both(*twists: Twist) -> Twist:
    def twist(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        for each in twists:
            answer = each(request, answer)
        return answer

    return twist


LIES: dict[str, Twist] = {
    "a list that shows nothing": _records(lambda _: []),
    "a list that hides every other job": _records(lambda records: records[::2]),
    "a list that shows running jobs for ever": _frozen("type="),
    "a list of other things": _records(lambda _: [{"job_id": "x"}, 7, None]),
    "a list that is refused": _instead("type=", 400, {"error": "no", "code": 400}),
    "a list that breaks": _instead("type=", 502, "oops"),
    "a list that is no list": _instead("type=", 200, {"oops": True}),
    "a scheduler that shows nothing": _instead("/scheduler", 200, []),
    "a scheduler that shows all for ever": _frozen("/scheduler"),
    "a scheduler that breaks": _instead("/scheduler", 503, "oops"),
    "both for ever": _both(_frozen("type="), _frozen("/scheduler")),
}


@pytest.mark.parametrize("lie", LIES)
def test_the_outcome_is_right_whatever_the_lists_say(tmp_path: Path, lie: str) -> None:
    """And what is not relied on any more is hardly asked: no dearer than one by one."""
    with fleet(tmp_path, 12, accounts=2, kinds=2) as many:
        many.studio.wire.twist = LIES[lie]
        many.follow()
        assert many.is_right
        assert many.asked() <= 12 * ONE_BY_ONE * 1.25
        assert many.delay <= 10.0


def test_a_wish_to_be_left_alone_holds_for_lists_as_well(tmp_path: Path) -> None:
    """No question of the token leaves before its end."""
    with fleet(tmp_path, 10) as ten:
        ten.studio.wire.script.append(told(429, "busy", retry_after="17"))
        ten.follow()
        assert ten.is_right
        moments = ten.studio.wire.moments
        under_way = [moment for moment in moments if 0 < moment < 17]
        assert not under_way
