"""What becomes of answers that are spoilt on their way, over real sockets."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import pytest
from fakes import TOKEN
from services import HARM, under_fire
from underfire import JOBS, PACE, PATIENCE, Desk, run

from tempolor_magic.api.client import AsyncClient
from tempolor_magic.api.orders import SongOrder
from tempolor_magic.api.records import Record
from tempolor_magic.api.wire import CONNECTIONS
from tempolor_magic.errors import (
    AccountBroken,
    BadRequest,
    DownloadFailed,
    Forbidden,
    JobGone,
    OutOfCredits,
    PassingTrouble,
    PromptRejected,
    RateLimited,
    SubscriptionRequired,
    TempolorError,
    Unauthorized,
    UnknownOutcome,
    Unreachable,
)
from tempolor_magic.sandbox.faults import KINDS, Call
from tempolor_magic.sandbox.orders import Order
from tempolor_magic.sandbox.world import World
from tempolor_magic.watching.download import read_wish
from tempolor_magic.watching.watch import Watch

T = TypeVar("T")
Ask = Callable[[AsyncClient], Awaitable[object]]

# What asking again does not cure, and what it is told as.
PERMANENT: dict[str, type[TempolorError]] = {
    "400": BadRequest,
    "401": Unauthorized,
    "402": SubscriptionRequired,
    "403": Forbidden,
    "edge": Forbidden,
    "404": JobGone,
    "410": JobGone,
    "412": OutOfCredits,
    "422": PromptRejected,
    "596": AccountBroken,
    "moved": BadRequest,
}
# An answer that is late is none too many, and a list that lies is a list.
ANSWERS = {"late", "missing", "stale", "same-cursor"}
# A connection that ends as if all were well, and what the client makes of it all the same.
LONG = 60.0


def passing(call: Call) -> list[str]:
    """The kinds that asking again cures."""
    return [kind.name for kind in KINDS.values() if call in kind.passing]


def made(*prompts: str, song_seconds: float = 100.0) -> tuple[World, list[str]]:
    """A world at fifty times the speed of life, and the ids of a job for each prompt."""
    world = World(token=TOKEN, seed=3, speed=50, song_seconds=song_seconds, slots=50)
    return world, [world.submit(Order(prompt), now=time.time()).id for prompt in prompts]


def asked(url: str, *calls: Ask) -> list[object]:
    """What each call comes to at one client, one after the other: a value or an error."""

    async def ask_all() -> list[object]:
        async with AsyncClient(TOKEN, base_url=url, patience=PATIENCE) as client:
            return [await outcome(call(client)) for call in calls]

    return asyncio.run(ask_all())


async def outcome(call: Awaitable[T]) -> T | TempolorError:
    """What a call comes to; only errors of ours are an outcome."""
    try:
        return await call
    except TempolorError as error:
        return error


@pytest.mark.parametrize("name", [kind.name for kind in KINDS.values() if kind.fits(Call.RECORD)])
def test_a_spoilt_record_is_an_error_and_the_next_one_is_fine(name: str) -> None:
    """Whatever came over the wire: one line with a remedy, and a client as good as new."""
    world, (job_id,) = made("rain")
    with under_fire(world, name) as (url, spoiling):
        first, second = asked(url, lambda c: c.job(job_id), lambda c: c.job(job_id))
    assert spoiling.spoilt == {name: 1}
    assert not isinstance(second, TempolorError)
    assert isinstance(first, TempolorError) != (name in ANSWERS)
    if isinstance(first, TempolorError):
        assert isinstance(first, PERMANENT.get(name, (PassingTrouble, Unreachable)))
        assert first.remedy
        assert "\n" not in str(first)


@pytest.mark.parametrize("name", [n for n in passing(Call.RECORD) if n.startswith("429")])
def test_every_form_of_a_hint_is_read(name: str) -> None:
    """As the moment it means, to the second; without one there is none."""
    world, (job_id,) = made("rain")
    before = time.time()
    with under_fire(world, name, at=replace(HARM, hint=50.0)) as (url, _):
        (busy,) = asked(url, lambda c: c.job(job_id))
    assert isinstance(busy, RateLimited)
    assert (busy.retry_at is None) == (name == "429-bare")
    assert busy.retry_at is None or before + 50 <= busy.retry_at <= time.time() + 52


@pytest.mark.parametrize("name", passing(Call.LIST))
@pytest.mark.parametrize("call", [lambda c: c.library(), lambda c: c.running()])
def test_a_spoilt_list_is_an_error_or_a_list(name: str, call: Ask) -> None:
    """A list that lies is still one; what is cut short is none."""
    world, _ = made("rain", "wind")
    with under_fire(world, f"{name}") as (url, _):
        first, second = asked(url, call, call)
    assert not isinstance(second, TempolorError)
    assert isinstance(first, PassingTrouble | Unreachable) != (name in ANSWERS)


def test_a_list_that_leads_in_circles_comes_to_an_end() -> None:
    """Every page says that there is another one, and has the same cursor."""
    world, ids = made(*map(str, range(25)))

    async def walk(client: AsyncClient) -> list[str]:
        return [record.job_id async for record in client.every(client.library)]

    with under_fire(world, "1:same-cursor") as (url, spoiling):
        (found,) = asked(url, walk)
    assert isinstance(found, list)
    assert sorted(found) == sorted(ids)
    assert spoiling.answers <= 3


@pytest.mark.parametrize("name", [kind.name for kind in KINDS.values() if kind.fits(Call.MAKE)])
def test_a_spoilt_submission_is_sent_once_and_its_outcome_is_clear_or_unknown(name: str) -> None:
    """No error says "nothing was made" when something may have been."""
    world, _ = made()
    order = SongOrder(prompt="rain")
    with under_fire(world, name) as (url, spoiling):
        (told,) = asked(url, lambda c: c.submit(order))
    assert spoiling.answers == 1
    assert len([r for r in world.requests if r.method == "POST"]) <= 1
    if world.made():
        assert isinstance(told, UnknownOutcome) or name in ANSWERS
    else:
        assert isinstance(told, TempolorError)
    if name in PERMANENT:
        assert type(told) is PERMANENT[name] or name in {"404", "410"}


def test_trickles_and_stalls_leave_no_connection_behind() -> None:
    """More than there are connections hang at once; the next questions find all of them free."""
    world, (job_id,) = made("rain")
    many = 2 * CONNECTIONS

    async def all_at_once(client: AsyncClient) -> list[object]:
        return await asyncio.gather(*(outcome(client.job(job_id)) for _ in range(many)))

    with under_fire(world, ",".join(["trickle", "stall", "hang", "cut"] * 4)) as (url, spoiling):
        hung, fine = asked(url, all_at_once, all_at_once)
    assert isinstance(hung, list)
    assert isinstance(fine, list)
    assert {type(each) for each in hung} == {Unreachable}
    assert {type(each) for each in fine} == {Record}
    assert (spoiling.answers, spoiling.spoilt.total()) == (2 * many, many)


@pytest.mark.parametrize("name", ["redirect", "moved"])
def test_no_redirect_is_followed_to_another_host(name: str) -> None:
    """That host hears nothing at all."""
    world, (job_id,) = made("rain")
    elsewhere, _ = made()
    order = SongOrder(prompt="rain")
    with (
        under_fire(elsewhere, "none") as (other_url, heard),
        under_fire(world, f"1:{name}", at=replace(HARM, elsewhere=other_url)) as (url, _),
    ):
        told = asked(
            url, lambda c: c.job(job_id), lambda c: c.submit(order), lambda c: c.delete(job_id)
        )
    assert all(isinstance(each, TempolorError) for each in told)
    assert heard.answers == 0


def test_what_ends_one_watch_leaves_the_others_alone(tmp_path: Path) -> None:
    """Three jobs: one belongs to a broken account, one has expired, one is made."""
    world, ids = made("rain", "wind", "snow")
    with under_fire(world, "job=1:503,596; job=2:ok,410") as (url, _):
        watches = watched(tmp_path, url, ids, interval=0.5)
    assert [type(watch.snapshot.error) for watch in watches] == [AccountBroken, JobGone, type(None)]
    assert [str(watch.snapshot.state) for watch in watches] == ["ERROR", "ERROR", "COMPLETED"]


def watched(
    folder: Path, url: str, ids: Sequence[str], interval: float | None = None
) -> list[Watch]:
    """Watches of jobs, when all are over."""
    desk = Desk(folder, url)
    try:
        return desk.watch_all(ids, interval=interval)
    finally:
        desk.close()


@pytest.mark.parametrize("name", passing(Call.FILE))
def test_a_spoilt_file_comes_whole_in_the_end(tmp_path: Path, name: str) -> None:
    """Broken off, expired, refused for now: the file on disk is the file of the service."""
    world, (job_id,) = made("rain", song_seconds=1.0)
    with under_fire(world, f"files:{name}") as (url, spoiling):
        spoilt = saved(tmp_path / "first", url, job_id)
        assert spoiling.spoilt == {name: 1}
        whole = saved(tmp_path / "second", url, job_id)
    assert isinstance(spoilt, Path)
    assert isinstance(whole, Path)
    assert spoilt.read_bytes() == whole.read_bytes()


@pytest.mark.parametrize("name", [k.name for k in KINDS.values() if Call.FILE in k.named])
def test_what_is_no_file_leaves_none(tmp_path: Path, name: str) -> None:
    """A page in the place of a file, a way elsewhere, a file that never comes: an error."""
    world, (job_id,) = made("rain", song_seconds=1.0)
    with under_fire(world, f"files:1:{name}") as (url, _):
        told = saved(tmp_path, url, job_id)
    assert isinstance(told, DownloadFailed)
    assert not list(tmp_path.glob("*.mp3"))


def saved(folder: Path, url: str, job_id: str) -> Path | TempolorError:
    """What saving the MP3 of a job comes to, once it is completed."""
    folder.mkdir(exist_ok=True)
    desk = Desk(folder, url)
    try:
        (watch,) = desk.watch_all([job_id])
        saving = desk.poller.saver.begin(watch, read_wish("mp3", folder / "piece.mp3"))
        error = saving.exception(LONG)
        assert error is None or isinstance(error, TempolorError)
        return error or saving.result()
    finally:
        desk.close()


def test_under_fire_every_job_ends_as_it_does_at_the_service(tmp_path: Path) -> None:
    """30 % of all answers are spoilt in every way that passes, while jobs are made and watched."""
    report = run(tmp_path, jobs=JOBS)
    assert report.unhandled == []
    assert report.right == JOBS
    assert (report.early, report.resent) == (0, 0)
    # The test itself must have been under fire.
    assert report.faulty > 0.2 * report.answers
    assert report.kinds > len(passing(Call.RECORD)) - 5


def test_the_pace_under_fire_is_that_of_life_made_faster() -> None:
    """What the tests of this file speed up keeps its proportions."""
    assert PACE.first_retry < PACE.interval < PACE.grace < PACE.deadline
    assert PATIENCE.piece < PATIENCE.whole
