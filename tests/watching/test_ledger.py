"""What was asked for before: who gets an ask, and what a second run of it meets."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from tempolor_magic.api.orders import InstrumentalOrder, Order, SongOrder
from tempolor_magic.watching.journal import store_in
from tempolor_magic.watching.ledger import (
    BEAT,
    Ask,
    Ledger,
    Lost,
    Made,
    Occasion,
    Ours,
    UnderWay,
    content_hash,
)

RAIN = content_hash(SongOrder(prompt="rain"))


class Time:
    """Epoch seconds that stand still."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time() -> Time:
    """The ledgers' clock."""
    return Time()


@pytest.fixture
def ledger(tmp_path: Path, time: Time) -> Ledger:
    """One kernel's ledger."""
    return Ledger(store_in(tmp_path), now=time)


@pytest.fixture
def other(tmp_path: Path, time: Time) -> Ledger:
    """Another kernel's, on the same file."""
    return Ledger(store_in(tmp_path), now=time)


def ask(
    cell: str = "c1", ordinal: int = 0, content: str = RAIN, url: str = "u", user: str = "1"
) -> Ask:
    """An ask at a place."""
    return Ask(url, user, content, Occasion(cell, ordinal))


def ours(ledger: Ledger, what: Ask) -> int:
    """The number of an ask that nobody has made."""
    claim = ledger.claim(what)
    assert isinstance(claim, Ours)
    return claim.number


def make(ledger: Ledger, what: Ask, *job_ids: str) -> int:
    """Ask, send and be answered."""
    number = ours(ledger, what)
    ledger.sending(number)
    assert ledger.made(number, job_ids)
    return number


def test_what_was_made_is_met_again(ledger: Ledger, other: Ledger) -> None:
    """By the same kernel and by another one."""
    make(ledger, ask(), "j1", "j2")
    for each in (ledger, other):
        claim = each.claim(ask())
        assert isinstance(claim, Made)
        assert claim.job_ids == ("j1", "j2")


@pytest.mark.parametrize(
    "different",
    [
        ask(cell="c2"),
        ask(ordinal=1),
        ask(content=content_hash(SongOrder(prompt="snow"))),
        ask(url="sandbox"),
        ask(user="2"),
    ],
)
def test_what_differs_is_another_ask(ledger: Ledger, different: Ask) -> None:
    """In its cell, its count, its content, its service or its user."""
    make(ledger, ask(), "j1")
    ours(ledger, different)


@pytest.mark.parametrize(
    "order",
    [
        SongOrder(prompt="rain", lyrics="la"),
        SongOrder(prompt="rain", model="v3"),
        SongOrder(prompt="rain "),
        InstrumentalOrder(prompt="rain"),
        InstrumentalOrder(prompt="rain", bpm=80),
    ],
)
def test_every_part_of_an_order_counts(order: Order) -> None:
    """A changed word makes another piece; what is kept of it is a hash."""
    assert content_hash(order) != RAIN
    assert content_hash(order) == content_hash(order)
    assert "rain" not in content_hash(order)


def test_two_kernels_at_once_get_it_once(ledger: Ledger, other: Ledger) -> None:
    """The second sees that it is under way."""
    ours(ledger, ask())
    assert other.claim(ask()) == UnderWay()


def test_of_many_threads_one_gets_it(tmp_path: Path, time: Time) -> None:
    """However close together they come."""
    claims = []
    start = threading.Barrier(8)

    def come() -> None:
        ledger = Ledger(store_in(tmp_path), now=time)
        start.wait()
        claims.append(ledger.claim(ask()))

    threads = [threading.Thread(target=come) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([claim for claim in claims if isinstance(claim, Ours)]) == 1
    assert claims.count(UnderWay()) == 7


def test_what_was_refused_can_be_asked_again(ledger: Ledger, other: Ledger) -> None:
    """Nothing was made by it."""
    number = ours(ledger, ask())
    ledger.sending(number)
    ledger.release(number)
    ours(other, ask())


def test_a_dead_kernel_that_had_not_sent_is_replaced(
    ledger: Ledger, other: Ledger, time: Time
) -> None:
    """Whoever shows no sign of life any more has lost its turn; whoever does has not."""
    number = ours(ledger, ask())
    time.now += 3 * BEAT
    ledger.beat(number)
    time.now += 3 * BEAT
    assert other.claim(ask()) == UnderWay()
    time.now += 3 * BEAT
    assert isinstance(other.claim(ask()), Ours)


def test_a_dead_kernel_that_had_sent_leaves_a_lost_ask(
    ledger: Ledger, other: Ledger, time: Time
) -> None:
    """Something may have been made: it must be looked for before anything is sent."""
    number = ours(ledger, ask())
    ledger.sending(number)
    time.now += 10 * BEAT
    assert other.claim(ask()) == Lost(number, 1_000.0)


def test_a_busy_answer_takes_the_sending_back(ledger: Ledger, other: Ledger, time: Time) -> None:
    """429 made nothing: a kernel that dies while it waits for a slot has lost nothing."""
    number = ours(ledger, ask())
    ledger.sending(number)
    ledger.refused(number)
    time.now += 10 * BEAT
    assert isinstance(other.claim(ask()), Ours)


def test_an_unanswered_ask_stays_lost_until_it_is_found(ledger: Ledger, other: Ledger) -> None:
    """And is made from then on."""
    number = ours(ledger, ask())
    ledger.sending(number)
    ledger.lost(number)
    assert other.claim(ask()) == Lost(number, 1_000.0)
    other.made(number, ["j1"])
    assert ledger.claim(ask()) == Made(number, ("j1",), 1_000.0)


def test_a_job_belongs_to_one_ask(ledger: Ledger) -> None:
    """Two asks that were lost at once do not find the same job."""
    make(ledger, ask(), "j1")
    second = ours(ledger, ask(ordinal=1))
    assert ledger.jobs_of_others(second) == {"j1"}
    assert not ledger.made(second, ["j1"])
    assert ledger.made(second, ["j2"])


def test_another_one_takes_the_place_of_the_first(ledger: Ledger) -> None:
    """Later runs show the newest."""
    number = make(ledger, ask(), "j1")
    assert ledger.take(ask()) == Ours(number)
    ledger.sending(number)
    ledger.made(number, ["j2"])
    assert ledger.claim(ask()) == Made(number, ("j2",), 1_000.0)


def test_of_two_who_replace_a_failed_job_one_does(ledger: Ledger, other: Ledger) -> None:
    """The other finds it under way."""
    make(ledger, ask(), "j1")
    first, second = ledger.claim(ask()), other.claim(ask())
    assert isinstance(first, Made)
    assert isinstance(second, Made)
    assert ledger.take_over(first)
    assert not other.take_over(second)
    assert other.claim(ask()) == UnderWay()


def test_without_cells_asks_are_counted_through(ledger: Ledger) -> None:
    """The third such ask of a headless run is the third of every headless run."""
    numbers = [make(ledger, ask(cell="", ordinal=n), f"j{n}") for n in range(3)]
    again = [ledger.claim(ask(cell="", ordinal=n)) for n in range(3)]
    assert [claim.number for claim in again if isinstance(claim, Made)] == numbers
    ours(ledger, ask(cell="", ordinal=3))


def test_a_headless_run_knows_what_cells_have_made(ledger: Ledger) -> None:
    """A notebook run by hand first, and then without anybody, spends nothing twice."""
    make(ledger, ask(cell="c1"), "j1")
    make(ledger, ask(cell="c2"), "j2")
    claims = [ledger.claim(ask(cell="", ordinal=n)) for n in range(2)]
    assert [claim.job_ids for claim in claims if isinstance(claim, Made)] == [("j1",), ("j2",)]


def test_cells_know_what_a_headless_run_has_made(ledger: Ledger) -> None:
    """And each takes one over."""
    make(ledger, ask(cell="", ordinal=0), "j1")
    make(ledger, ask(cell="", ordinal=1), "j2")
    claims = [ledger.claim(ask(cell=cell)) for cell in ("c1", "c2", "c1")]
    made = [claim.job_ids for claim in claims if isinstance(claim, Made)]
    assert made == [("j1",), ("j2",), ("j1",)]
    ours(ledger, ask(cell="c3"))
