"""song, instrumental."""

from __future__ import annotations

from tempolor_magic.api.ids import JobId
from tempolor_magic.api.orders import Order
from tempolor_magic.errors import Interrupted
from tempolor_magic.job import Job, Jobs
from tempolor_magic.language import commands
from tempolor_magic.runtime import Runtime
from tempolor_magic.verbs.run import run
from tempolor_magic.verbs.showing import watch_and_show
from tempolor_magic.waiting import wait_for
from tempolor_magic.watching.submission import Progress, submit


@run.register
def _(command: commands.Make, runtime: Runtime) -> Job | Jobs:
    return watch_and_show(runtime, make(runtime, command.order), command.how)


def make(runtime: Runtime, order: Order) -> tuple[JobId, ...]:
    """Ask for music and wait for its ids; says so while it waits for a free slot.

    Raises:
        UnknownOutcome: No clear answer came; it was not sent twice.
        TempolorError: The service refused; nothing was made.
    """
    connection, progress = runtime.connection(), Progress()

    def tell() -> None:
        while progress.notices:
            print(progress.notices.pop(0))  # noqa: T201  # a visible wait

    client = connection.client
    asked = runtime.loop.submit(submit, connection, lambda: client.submit(order), progress)
    try:
        return wait_for(asked, meanwhile=tell)
    except Interrupted:
        sent = progress.sent
        asked.cancel()
        said = (
            f"the {order.kind} may be in the making → look at tempolor.com before you ask again"
            if sent
            else "nothing was made"
        )
        raise Interrupted(f"stopped waiting; {said}") from None
