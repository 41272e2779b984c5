"""Making music once: lost answers, busy services, second runs, two kernels at once."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

import httpx
import pytest
from fakes import BASE_URL, TOKEN, Answer, Studio, studio, told

from tempolor_magic.api.ids import JobId
from tempolor_magic.api.orders import InstrumentalOrder, Order, SongOrder
from tempolor_magic.errors import (
    NothingSent,
    OutOfCredits,
    PromptRejected,
    RateLimited,
    TempolorError,
    UnknownOutcome,
)
from tempolor_magic.watching.journal import store_in
from tempolor_magic.watching.ledger import BEAT, Ask, Ledger, Occasion, content_hash
from tempolor_magic.watching.submission import Asking, Progress

RAIN = SongOrder(prompt="rain")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A service, and somebody who asks."""
    with studio(tmp_path) as made:
        yield Desk(made, tmp_path)


class Desk:
    """Asks as a cell does; ``told`` is what the user was told of the last ask."""

    def __init__(self, made: Studio, folder: Path) -> None:
        self.studio = made
        self.folder = folder
        self.told: list[str] = []

    def ask(
        self,
        order: Order = RAIN,
        *,
        cell: str = "c1",
        ordinal: int = 0,
        anew: bool = False,
        kernel: Ledger | None = None,
    ) -> tuple[str, ...]:
        """Ask and wait."""
        return ids(self.begin(order, cell=cell, ordinal=ordinal, anew=anew, kernel=kernel))

    def begin(
        self,
        order: Order = RAIN,
        *,
        cell: str = "c1",
        ordinal: int = 0,
        anew: bool = False,
        kernel: Ledger | None = None,
    ) -> Future[tuple[JobId, ...]]:
        """Ask without waiting."""
        made, progress = self.studio, Progress()
        self.told = progress.notices
        ask = Ask(BASE_URL, made.connection.user, content_hash(order), Occasion(cell, ordinal))
        asking = Asking(made.connection, kernel or made.ledger, ask, order, progress)
        return made.loop.submit(asking.jobs, anew=anew)

    def other_kernel(self) -> Ledger:
        """Another kernel's view of the same file."""
        return Ledger(store_in(self.folder), now=self.studio.clock.time)

    @property
    def posts(self) -> int:
        """How often something was sent that may cost credits."""
        return len([1 for _, request in self.studio.wire.sent if request.method == "POST"])

    @property
    def made(self) -> int:
        """How many jobs the service has made."""
        return self.studio.world.made()


def ids(asked: Future[tuple[JobId, ...]]) -> tuple[str, ...]:
    """What came of it."""
    return tuple(str(job_id) for job_id in asked.result(30))


def test_a_cell_run_again_shows_what_it_has_made(desk: Desk) -> None:
    """And says so, and how to get another."""
    first = desk.ask()
    assert desk.told == []
    assert desk.ask() == first
    assert "--new makes another" in desk.told[0]
    assert desk.posts == 1


def test_another_one_is_made_when_that_is_asked_for(desk: Desk) -> None:
    """From then on, that one is shown."""
    first = desk.ask()
    second = desk.ask(anew=True)
    assert second != first
    assert desk.ask() == second
    assert desk.made == 2


def test_a_loop_of_five_makes_five_however_often_it_runs(desk: Desk) -> None:
    """Each ask of the second run meets its own of the first."""
    runs = [[desk.ask(ordinal=n) for n in range(5)] for _ in range(2)]
    assert runs[0] == runs[1]
    assert len(set(runs[0])) == 5
    assert desk.made == 5


@pytest.mark.parametrize(
    ("order", "cell"),
    [(SongOrder(prompt="snow"), "c1"), (InstrumentalOrder(prompt="rain"), "c1"), (RAIN, "c2")],
)
def test_other_content_and_other_cells_make_their_own(desk: Desk, order: Order, cell: str) -> None:
    """Only the very same is the same."""
    desk.ask()
    desk.ask(order, cell=cell)
    assert desk.made == 2


@pytest.mark.parametrize(
    "lost",
    [
        httpx.ReadTimeout,
        httpx.ReadError,
        httpx.RemoteProtocolError,
        httpx.WriteError,
    ],
)
def test_a_lost_answer_is_found_and_nothing_is_sent_again(
    desk: Desk, lost: type[httpx.TransportError]
) -> None:
    """The service has made the job; the user is told which."""
    desk.studio.wire.lose_next_answer(lost)
    (found,) = desk.ask()
    assert desk.posts == desk.made == 1
    assert desk.told[0].startswith("No answer came. It is not sent again")
    assert desk.told[1] == f"Found: it has made {found}"
    assert desk.ask() == (found,)


@pytest.mark.parametrize("status", [500, 502, 503, 504, 524])
def test_a_broken_server_is_a_lost_answer(desk: Desk, status: int) -> None:
    """It may have made the job before it broke."""
    desk.studio.wire.lose_next_answer(Answer(status, b"<html>oops</html>"))
    (found,) = desk.ask()
    assert desk.posts == desk.made == 1
    assert found in desk.told[1]


@pytest.mark.parametrize("body", [b"", b"{}", b'{"jobs": []}', b"<html>", b'{"jobs": [7]}'])
def test_an_answer_that_names_no_job_is_a_lost_answer(desk: Desk, body: bytes) -> None:
    """2xx says that something was done, and not what."""
    desk.studio.wire.lose_next_answer(Answer(200, body))
    assert len(desk.ask()) == 1
    assert desk.posts == desk.made == 1


def test_a_service_that_stalls_is_not_searched_for_ever(desk: Desk) -> None:
    """A minute after it began nobody looks once more; the next run of the cell does."""
    made = desk.studio

    def stall(request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        made.clock.sleep(25)
        return httpx.Response(503, request=request, content=answer.content)

    made.wire.lose_next_answer(httpx.ReadError)
    made.wire.twist = stall
    with pytest.raises(UnknownOutcome, match="run this again"):
        desk.ask()
    searched = len(made.wire.sent) - 1
    assert 2 <= searched <= 4
    made.wire.twist = None
    assert len(desk.ask()) == 1


def test_a_hundred_lost_answers_are_a_hundred_jobs(tmp_path: Path) -> None:
    """Exactly one for each ask, and each is told."""
    with studio(tmp_path, slots=200) as made:
        desk = Desk(made, tmp_path)
        found = set()
        for n in range(100):
            made.wire.lose_next_answer(httpx.ReadError)
            (job_id,) = desk.ask(ordinal=n)
            assert desk.told[-1] == f"Found: it has made {job_id}"
            found.add(job_id)
        assert desk.posts == desk.made == len(found) == 100


def test_what_never_arrived_is_not_sent_by_itself(desk: Desk) -> None:
    """Nobody can tell it from a lost answer: it stays open, and the user decides."""
    desk.studio.wire.script.append(Answer(error=httpx.ReadTimeout))
    with pytest.raises(UnknownOutcome, match=r"it looks before it sends; --new sends another"):
        desk.ask()
    with pytest.raises(UnknownOutcome):
        desk.ask()
    assert (desk.posts, desk.made) == (1, 0)
    desk.ask(anew=True)
    assert (desk.posts, desk.made) == (2, 1)


def test_a_job_that_is_shown_late_is_found_by_the_next_run(tmp_path: Path) -> None:
    """The service registered it after the search had ended."""
    with studio(tmp_path, register_seconds=100.0) as made:
        desk = Desk(made, tmp_path)
        made.wire.lose_next_answer(httpx.ReadError)
        with pytest.raises(UnknownOutcome):
            desk.ask()
        made.pass_time(120.0)
        (found,) = desk.ask()
        assert found in desk.told[-1]
        assert desk.posts == desk.made == 1


def test_without_a_connection_nothing_was_sent(desk: Desk) -> None:
    """It is no unknown outcome, and the next run sends."""
    desk.studio.wire.script.append(Answer(error=httpx.ConnectError))
    with pytest.raises(NothingSent, match="nothing was sent"):
        desk.ask()
    desk.ask()
    assert desk.made == 1


@pytest.mark.parametrize(
    ("status", "kind"), [(412, OutOfCredits), (422, PromptRejected), (401, TempolorError)]
)
def test_a_refusal_made_nothing_and_leaves_nothing(
    desk: Desk, status: int, kind: type[TempolorError]
) -> None:
    """Once its cause is mended the same cell asks again."""
    desk.studio.wire.script.append(told(status, "no"))
    with pytest.raises(kind):
        desk.ask()
    desk.ask()
    assert desk.made == 1


def test_a_full_house_is_waited_for(tmp_path: Path) -> None:
    """429 made nothing: it is sent again, not before the hint, and every ask gets its job."""
    with studio(tmp_path, slots=2, song_seconds=60.0) as made:
        desk = Desk(made, tmp_path)
        asked = [desk.begin(ordinal=n) for n in range(6)]
        assert len({job for each in asked for job in ids(each)}) == 6
        assert desk.made == 6


def test_a_spent_quota_is_told_at_once(desk: Desk) -> None:
    """A hint hours away is no busy moment."""
    desk.studio.wire.script.append(told(429, "later", retry_after="7200"))
    with pytest.raises(RateLimited, match="no slot within 5 min, nothing was made"):
        desk.ask()
    assert desk.posts == 1


def test_two_kernels_at_once_make_it_once(desk: Desk) -> None:
    """The second waits for the first and shows the same job."""
    first, second = desk.begin(), desk.begin(kernel=desk.other_kernel())
    assert ids(first) == ids(second)
    assert desk.posts == 1


def test_a_kernel_that_died_while_sending_is_followed_up(desk: Desk) -> None:
    """The next one looks for what came of it."""
    order, ledger = RAIN, desk.other_kernel()
    ask = Ask(BASE_URL, "4711", content_hash(order), Occasion("c1", 0))
    row = ledger.claim(ask)
    ledger.sending(row.number)  # type: ignore[union-attr]  # nobody has asked before
    job_id = str(desk.studio.submit("rain"))
    desk.studio.pass_time(10 * BEAT)
    assert desk.ask() == (job_id,)
    assert desk.posts == 0


def test_a_failed_job_is_not_shown_again_silently(desk: Desk) -> None:
    """Another is made, and that is said."""
    order = SongOrder(prompt="please fail")
    first = desk.ask(order)
    desk.studio.pass_time(200.0)
    second = desk.ask(order)
    assert second != first
    assert "has failed: making another" in desk.told[0]


def test_a_deleted_job_is_not_shown_again_silently(desk: Desk) -> None:
    """Another is made, and that is said."""
    first = desk.ask()
    desk.studio.pass_time(200.0)
    desk.studio.wire.script.append(told(404, "No record found"))
    second = desk.ask()
    assert second != first
    assert "is deleted or expired: making another" in desk.told[0]


def test_a_service_that_cannot_tell_is_given_the_benefit(desk: Desk) -> None:
    """A job made before is shown although its state can't be asked for now."""
    first = desk.ask()
    desk.studio.pass_time(200.0)
    desk.studio.wire.script.append(told(503, "oops"))
    assert desk.ask() == first


def test_an_unusable_ledger_is_told_and_no_reason_to_refuse(desk: Desk) -> None:
    """Music is made; that a second run would make more is said before."""
    (desk.folder / "elsewhere").write_text("a file where a folder should be")
    ledger = Ledger(store_in(desk.folder / "elsewhere"), now=desk.studio.clock.time)
    desk.ask(kernel=ledger)
    assert "run again, this would make another" in desk.told[0]


def test_what_was_asked_for_is_in_no_file(desk: Desk) -> None:
    """Submissions are kept as hashes, and the token not at all."""
    desk.ask(SongOrder(prompt="a very private prompt", lyrics="and lyrics"))
    content = store_in(desk.folder).path.read_bytes()
    for secret in (b"private", b"lyrics", TOKEN.partition("-")[2].encode()):
        assert secret not in content
