"""song, instrumental."""

from __future__ import annotations

from concurrent.futures import Future

from tempolor_magic.api.ids import JobId
from tempolor_magic.api.orders import Order, doubts
from tempolor_magic.errors import Interrupted
from tempolor_magic.job import Job
from tempolor_magic.jobs import Jobs
from tempolor_magic.language import commands
from tempolor_magic.runtime import Runtime
from tempolor_magic.verbs.run import run
from tempolor_magic.verbs.showing import watch_and_show
from tempolor_magic.waiting import wait_for
from tempolor_magic.watching.ledger import Ask, content_hash, prompt_hash
from tempolor_magic.watching.snapshot import Origin
from tempolor_magic.watching.submission import Asking, Progress


@run.register
def _(command: commands.Make, runtime: Runtime) -> Job | Jobs:
    ids = make(runtime, command.order, anew=command.anew)
    return watch_and_show(runtime, ids, command.how, origin=origin_of(command.order))


def make(runtime: Runtime, order: Order, *, anew: bool = False) -> tuple[JobId, ...]:
    """Ask for music and wait for its ids; says what it waits for.

    Run again at the same place of a notebook it gives the jobs made before, unless *anew*.

    Raises:
        UnknownOutcome: No clear answer came, and nothing was found; it was not sent twice.
        TempolorError: The service refused; nothing was made.
    """
    connection, progress = runtime.connection(), Progress()
    content = content_hash(order)
    occasion = runtime.occasions.next(content)
    prompt = prompt_hash(str(order.document()["prompt"]))
    ask = Ask(connection.base_url, connection.user, content, occasion, order.kind, prompt)
    asking = Asking(connection, runtime.ledger, ask, order, progress)
    progress.notices += doubts(order, connection.user)
    asked = runtime.loop.submit(asking.jobs, anew=anew)
    try:
        return wait_for(asked, meanwhile=lambda: _tell(progress))
    except Interrupted:
        raise _interrupted(runtime, asking, asked) from None
    finally:
        _tell(progress)


def origin_of(order: Order) -> Origin:
    """What the jobs of *order* are asked for as."""
    return Origin(order.kind, order.model)


def _tell(progress: Progress) -> None:
    while progress.notices:
        print(progress.notices.pop(0))  # noqa: T201  # a visible wait


def _interrupted(runtime: Runtime, asking: Asking, asked: Future[tuple[JobId, ...]]) -> Interrupted:
    """What is out is followed up without anybody waiting; what is not is taken back."""
    connection, order, progress = asking.connection, asking.order, asking.progress
    if not progress.sent:
        asked.cancel()
        runtime.loop.settle()
        if not progress.sent:  # nor in the moment before it was taken back
            return Interrupted("stopped waiting; nothing was made")

    def follow_up(done: Future[tuple[JobId, ...]]) -> None:
        if not done.cancelled() and done.exception() is None:
            for job_id in done.result():
                runtime.poller.watch(connection, job_id, origin=origin_of(order))

    asked.add_done_callback(follow_up)
    return Interrupted(
        f"stopped waiting; the {order.kind} was sent → run this again: it shows what came of it"
    )
