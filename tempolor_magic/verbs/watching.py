"""watch, status, wait, stop, show, jobs, resume."""

from __future__ import annotations

from collections.abc import Sequence

from tempolor_magic.api.ids import JobId, parse_job_id
from tempolor_magic.job import Job, Status
from tempolor_magic.jobs import Jobs
from tempolor_magic.language import commands
from tempolor_magic.runtime import Runtime
from tempolor_magic.verbs.run import run
from tempolor_magic.verbs.showing import show, tell_results, wait, watch_and_show
from tempolor_magic.view import html, text
from tempolor_magic.view.frontend import has_widgets
from tempolor_magic.view.output import show_bundle
from tempolor_magic.view.words import moment_text
from tempolor_magic.waiting import answer_to
from tempolor_magic.watching import state
from tempolor_magic.watching.journal import Entry
from tempolor_magic.watching.recovery import recover
from tempolor_magic.watching.snapshot import Snapshot, State

_UNFINISHED = {State.WAITING, State.GENERATING, State.TIMED_OUT}


@run.register
def _(command: commands.Watch, runtime: Runtime) -> Job | Jobs:
    return watch_and_show(runtime, command.ids, command.how)


@run.register
def _(command: commands.AskStatus, runtime: Runtime) -> Status:
    connection = runtime.connection()
    record = answer_to(
        runtime.ask(lambda client: client.job(command.job_id)),
        interrupted="nothing was changed",
    )
    now = connection.clock.monotonic()
    snapshot = Snapshot(command.job_id, sandbox=connection.sandbox)
    seen = state.observe(snapshot, record, now=now, wall=connection.clock.time())
    return Status(seen, now)


@run.register
def _(command: commands.Wait, runtime: Runtime) -> Job | Jobs | None:
    left = _known_or_new(runtime, command.ids) if command.ids else runtime.unsettled()
    # With nothing left the cards of what is over may still look for their sound.
    jobs = left or runtime.watched()
    if not jobs:
        print("Nothing is being watched in this kernel.")  # noqa: T201
        return None
    wait(jobs, command.timeout)
    runtime.outputs.confirm()
    tell_results(left)
    waited = runtime.as_one(jobs)
    if has_widgets():
        # Its cards are where it was shown before, and have just become final.
        waited.mark_displayed()
    return waited


@run.register
def _(command: commands.Stop, runtime: Runtime) -> None:
    wanted = {str(job_id) for job_id in command.ids}
    jobs = [j for j in runtime.watched() if not j.done() and (not wanted or j.job_id in wanted)]
    for job in jobs:
        job.stop()
    count = f"{len(jobs)} watch{'' if len(jobs) == 1 else 'es'}"
    said = f"Stopped {count}; the jobs themselves go on." if jobs else "Nothing to stop."
    print(said)  # noqa: T201


@run.register
def _(command: commands.Show, runtime: Runtime) -> Job | Jobs | None:
    jobs = _known_or_new(runtime, command.ids) if command.ids else runtime.watched()
    if not jobs:
        print("Nothing is being watched in this kernel. %tempolor jobs lists older ones.")  # noqa: T201
        return None
    shown = runtime.as_one(jobs)
    show(shown, live=command.live, embed=command.embed)
    return shown


@run.register
def _(_command: commands.ShowJournal, runtime: Runtime) -> None:
    entries = _entries(runtime)
    count = f"{len(entries)} job{'' if len(entries) == 1 else 's'}"
    heading = f"{count} of user {runtime.connection().user}, newest first"
    columns = ("Title", "State", "Seen", "Id")
    rows = [(e.title or "-", e.state, moment_text(e.first_seen), e.job_id) for e in entries]
    show_bundle(
        {
            "text/html": html.facts_table(heading, columns, rows),
            "text/plain": text.columns(heading, columns, rows),
        }
    )


@run.register
def _(_command: commands.Resume, runtime: Runtime) -> Job | Jobs | None:
    entries = reversed(_entries(runtime))
    known = [parse_job_id(entry.job_id) for entry in entries if entry.state in _UNFINISHED]
    ids = list(dict.fromkeys([*known, *_recovered(runtime)]))
    if not ids:
        print("Nothing to resume: every job this machine knows is final or stopped.")  # noqa: T201
        return None
    return watch_and_show(runtime, ids, commands.Watching())


def _known_or_new(runtime: Runtime, ids: Sequence[JobId]) -> list[Job]:
    """The latest watch of each job, also one that has ended; a new one where there is none."""
    connection = runtime.connection()
    # Of two watches of one id, the one through the service in force; then the latest.
    watched = sorted(runtime.watched(), key=lambda job: job.watch.connection is connection)
    known = {job.job_id: job for job in watched}
    return [known.get(str(job_id)) or runtime.watch([job_id])[0] for job_id in ids]


def _recovered(runtime: Runtime) -> Sequence[JobId]:
    """Jobs that were asked for by a kernel that died before it could write them down."""
    connection, ledger = runtime.connection(), runtime.ledger
    if not runtime.journal.path.exists():
        return ()
    if ledger.loose_ends(connection.base_url, connection.user):
        print("Looking for what was sent and never answered.")  # noqa: T201  # a visible wait
    return answer_to(
        runtime.loop.submit(recover, connection, ledger),
        interrupted="%tempolor resume looks again",
    )


def _entries(runtime: Runtime) -> list[Entry]:
    connection = runtime.connection()
    runtime.journal.flush()
    return runtime.journal.entries(connection.base_url, connection.user)
