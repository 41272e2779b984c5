"""What each verb does: a command in, what the cell shows and returns out."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import suppress
from functools import singledispatch
from pathlib import Path
from time import monotonic

from tempolor_magic import commands
from tempolor_magic.api.ids import JobId, parse_job_id
from tempolor_magic.errors import Interrupted, UsageError
from tempolor_magic.job import Job, Jobs, Status
from tempolor_magic.runtime import Runtime
from tempolor_magic.view import html, text
from tempolor_magic.view.output import has_widgets, show_bundle
from tempolor_magic.view.ticker import Ticker
from tempolor_magic.view.words import moment_text
from tempolor_magic.waiting import wait_for, wait_for_all
from tempolor_magic.watching import state
from tempolor_magic.watching.journal import Entry
from tempolor_magic.watching.snapshot import Snapshot, State
from tempolor_magic.watching.submission import Progress, submit

_SOUND_SECONDS = 20.0
_UNFINISHED = {State.WAITING, State.GENERATING, State.TIMED_OUT}


@singledispatch
def run(command: commands.Command, runtime: Runtime) -> object:
    """Do what *command* says; what it returns is the value of the cell."""
    raise NotImplementedError(type(command).__name__)


@run.register
def _(command: commands.Help, _: Runtime) -> None:
    print(command.text)  # noqa: T201  # words for the cell it was typed in


@run.register
def _(command: commands.Watch, runtime: Runtime) -> Job | Jobs:
    return _watch_and_show(runtime, command.ids, command.how)


@run.register
def _(command: commands.AskStatus, runtime: Runtime) -> Status:
    connection = runtime.connection()
    record = wait_for(
        runtime.loop.submit(connection.client.job, command.job_id),
        interrupted="nothing was changed",
    )
    now = connection.clock.monotonic()
    snapshot = Snapshot(command.job_id, sandbox=connection.sandbox)
    seen = state.observe(snapshot, record, now=now, wall=connection.clock.time())
    return Status(seen, now)


@run.register
def _(command: commands.Wait, runtime: Runtime) -> Job | Jobs | None:
    jobs = _known_or_new(runtime, command.ids) if command.ids else runtime.unsettled()
    if not jobs:
        print("Nothing is left to wait for in this kernel.")  # noqa: T201
        return None
    _wait(jobs, command.timeout)
    _tell_results(jobs)
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
    _show(shown, live=command.live, embed=command.embed)
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
    ids = [parse_job_id(e.job_id) for e in reversed(_entries(runtime)) if e.state in _UNFINISHED]
    if not ids:
        print("Nothing to resume: every job this machine knows is final or stopped.")  # noqa: T201
        return None
    return _watch_and_show(runtime, ids, commands.Watching())


@run.register
def _(command: commands.Song, runtime: Runtime) -> Job | Jobs:
    ids = make_song(runtime, command.prompt, command.lyrics, command.model)
    return _watch_and_show(runtime, ids, command.how)


@run.register
def _(command: commands.Download, runtime: Runtime) -> Path:
    job = runtime.watch([command.job_id])[0]
    output = command.output if command.output is not None else runtime.settings.output.value
    return job.download(to=output, overwrite=command.overwrite)


@run.register
def _(command: commands.Sandbox, runtime: Runtime) -> None:
    if command.stop:
        ended = runtime.stop_sandbox()
        said = "The sandbox has ended" if ended else "No sandbox was running"
        print(f"{said}; the real service is in force.")  # noqa: T201
        return
    running, started = runtime.start_sandbox(command.speed)
    pace = "the usual speed" if running.speed == 1 else f"{running.speed:g} times the usual speed"
    print(  # noqa: T201
        f"The sandbox {'has started' if started else 'was running already'} "
        f"at {pace}: practice music, no token, no credits.\n"
        "%tempolor song PROMPT makes a song; %tempolor sandbox stop goes back to the real service."
    )
    if command.speed not in {running.speed, 1.0}:
        print("For another speed: %tempolor sandbox stop first; its jobs end with it.")  # noqa: T201


@run.register
def _(_command: commands.ShowConfig, runtime: Runtime) -> None:
    settings = runtime.settings
    rows = [
        ("base_url", str(settings.base_url.value), settings.base_url.origin),
        ("token", *_token_row(runtime)),
        ("interval", _seconds_text(settings.interval.value), settings.interval.origin),
        ("deadline", _seconds_text(settings.deadline.value), settings.deadline.origin),
        ("output", settings.output.value or "the working folder", settings.output.origin),
        ("journal", str(runtime.journal.path), "the user's data folder"),
    ]
    columns = ("Setting", "Value", "From")
    show_bundle(
        {
            "text/html": html.facts_table("In force now", columns, rows),
            "text/plain": text.columns("In force now", columns, rows),
        }
    )


def make_song(runtime: Runtime, prompt: str, lyrics: str, model: str) -> tuple[JobId, ...]:
    """Ask for a song and wait for its ids; says so while it waits for a free slot.

    Raises:
        UnknownOutcome: No clear answer came; it was not sent twice.
        TempolorError: The service refused; nothing was made.
    """
    connection, progress = runtime.connection(), Progress()

    def tell() -> None:
        while progress.notices:
            print(progress.notices.pop(0))  # noqa: T201  # a visible wait

    client = connection.client
    asked = runtime.loop.submit(
        submit,
        connection,
        lambda: client.song(prompt=prompt, lyrics=lyrics, model=model),
        progress,
    )
    try:
        return wait_for(asked, meanwhile=tell)
    except Interrupted:
        sent = progress.sent
        asked.cancel()
        said = (
            "the song may be in the making → look at tempolor.com before you ask again"
            if sent
            else "nothing was made"
        )
        raise Interrupted(f"stopped waiting; {said}") from None


def _watch_and_show(runtime: Runtime, ids: Sequence[JobId], how: commands.Watching) -> Job | Jobs:
    jobs = runtime.as_one(runtime.watch(ids, interval=how.interval, deadline=how.deadline))
    _show(jobs, live=how.live, embed=how.embed)
    if how.wait:
        each = list(jobs) if isinstance(jobs, Jobs) else [jobs]
        _wait(each)
        _tell_results(each)
        if not has_widgets():
            # A terminal can't change what it has printed: print how it ended.
            _show(jobs, live=False, embed=False)
    return jobs


def _show(jobs: Job | Jobs, *, live: bool, embed: bool) -> None:
    if isinstance(jobs, Jobs) and embed:
        raise UsageError("a table holds no audio", "give --embed one job at a time")
    if isinstance(jobs, Jobs):
        jobs.display(live=live)
    else:
        jobs.display(live=live, embed=embed)


def _wait(jobs: Sequence[Job], timeout: float | None = None) -> None:
    """Wait until all are final; then give their cards a moment to find the audio.

    It is served some seconds after a job is final, and a headless run would otherwise be over
    before the saved cards have it.
    """
    ticker = Ticker(sys.stdout) if not has_widgets() and sys.stdout.isatty() else None

    def tick() -> None:
        if ticker:
            ticker.show([job.snapshot for job in jobs], monotonic())

    try:
        wait_for_all(
            [job.watch.future for job in jobs],
            timeout,
            meanwhile=tick,
        )
    finally:
        if ticker:
            ticker.clear()
    searches = [job.watch.media for job in jobs if job.watch.media is not None]
    with suppress(TimeoutError):
        wait_for_all(searches, _SOUND_SECONDS)


def _tell_results(jobs: Sequence[Job]) -> None:
    """Raise for the first bad end among jobs that are over."""
    for job in jobs:
        job.watch.told = True
    for job in jobs:
        job.result()


def _known_or_new(runtime: Runtime, ids: Sequence[JobId]) -> list[Job]:
    """The latest watch of each job, also one that has ended; a new one where there is none."""
    connection = runtime.connection()
    # Of two watches of one id, the one through the service in force; then the latest.
    watched = sorted(runtime.watched(), key=lambda job: job.watch.connection is connection)
    known = {job.job_id: job for job in watched}
    return [known.get(str(job_id)) or runtime.watch([job_id])[0] for job_id in ids]


def _entries(runtime: Runtime) -> list[Entry]:
    connection = runtime.connection()
    runtime.journal.flush()
    return runtime.journal.entries(connection.base_url, connection.user)


def _token_row(runtime: Runtime) -> tuple[str, str]:
    try:
        token, origin = runtime.known_token()
    except UsageError as error:
        return str(error), ""
    return str(token), origin


def _seconds_text(value: float | None) -> str:
    if value is None:
        return "the default pace"
    return f"{value:g} s" if value < 120 else f"{value / 60:g} min"  # noqa: PLR2004
