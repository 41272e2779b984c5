"""list, slots, cancel, delete."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from tempolor_magic.api.client import AsyncClient
from tempolor_magic.api.scheduler import Slots
from tempolor_magic.collection import Library, Page
from tempolor_magic.errors import Interrupted, UsageError
from tempolor_magic.language import commands
from tempolor_magic.runtime import Runtime
from tempolor_magic.verbs.run import run
from tempolor_magic.view import html, text
from tempolor_magic.view.output import show_bundle
from tempolor_magic.view.words import clock_text
from tempolor_magic.waiting import answer_to

T = TypeVar("T")


@run.register
def _(command: commands.ListLibrary, runtime: Runtime) -> Page:
    if not command.more:
        runtime.library = Library(runtime, kind=command.kind, account=command.account)
    if runtime.library is None:
        raise UsageError("nothing was listed yet in this kernel", "%tempolor list")
    page = runtime.library.next_page()
    page.display()
    return page


@run.register
def _(_command: commands.ShowSlots, runtime: Runtime) -> None:
    slots = _ask(runtime, lambda client: client.slots(), interrupted="nothing was changed")
    columns = ("Account", "Running", "Free", "Limit")
    rows = [(a.account, _count(a.running), _count(a.free), _count(a.limit)) for a in slots.accounts]
    show_bundle(
        {
            "text/html": html.facts_table(_slots_heading(slots), columns, rows),
            "text/plain": text.columns(_slots_heading(slots), columns, rows),
        }
    )


@run.register
def _(command: commands.Cancel, runtime: Runtime) -> None:
    job_id = command.job_id
    _make_sure(
        f"useapi.net would forget {job_id}; TemPolor still makes it and bills it. Do it?",
        command.sure,
    )
    _ask(runtime, lambda client: client.cancel(job_id))
    print(f"Forgotten by the scheduler: {job_id}. It is still made, and can be watched.")  # noqa: T201


@run.register
def _(command: commands.Delete, runtime: Runtime) -> None:
    count = len(command.ids)
    what = str(command.ids[0]) if count == 1 else f"{count} jobs"
    _make_sure(f"{what} would be deleted at the service, for good. Do it?", command.sure)
    for job_id in command.ids:
        _ask(runtime, lambda client, each=job_id: client.delete(each))  # type: ignore[misc]
        print(f"Deleted: {job_id}")  # noqa: T201  # told one by one: a later one may fail


def _ask(
    runtime: Runtime,
    call: Callable[[AsyncClient], Coroutine[Any, Any, T]],
    *,
    interrupted: str = "it may have been done → %tempolor list",
) -> T:
    """One question, waited for."""
    return answer_to(runtime.ask(call), interrupted=interrupted)


def _make_sure(question: str, sure: bool) -> None:  # noqa: FBT001  # an answer given before
    """Ask before something that can't be undone.

    Raises:
        UsageError: The answer was no, or nobody can be asked.
    """
    if sure:
        return
    try:
        answer = input(f"{question} [y/N] ")
    except KeyboardInterrupt:
        raise Interrupted("nothing was done") from None
    except Exception:  # noqa: BLE001  # each kind of front end has its own "can't ask"
        raise UsageError("nobody can be asked here", "add --yes if you are sure") from None
    if answer.strip().lower() not in {"y", "yes"}:
        raise UsageError("nothing was done")


def _slots_heading(slots: Slots) -> str:
    count = len(slots.running)
    longest = max((job.elapsed or 0.0 for job in slots.running), default=0.0)
    since = f", the longest for {clock_text(longest)}" if longest else ""
    return f"{count} job{'' if count == 1 else 's'} running{since}"


def _count(number: int | None) -> str:
    return "" if number is None else str(number)
