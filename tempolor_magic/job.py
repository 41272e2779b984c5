"""What users hold: a job or several, with the methods of ``concurrent.futures.Future``."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, overload

from tempolor_magic.api.records import Record
from tempolor_magic.errors import TempolorError
from tempolor_magic.fetching import fetch
from tempolor_magic.view import text, words
from tempolor_magic.view.output import (
    LiveOutput,
    Outputs,
    execution,
    has_widgets,
    static_bundle,
)
from tempolor_magic.waiting import wait_for, wait_for_all
from tempolor_magic.watching.download import read_wish
from tempolor_magic.watching.group import Gathering
from tempolor_magic.watching.poller import Watch
from tempolor_magic.watching.snapshot import Snapshot, State

if TYPE_CHECKING:
    from tempolor_magic.embed import Panel
    from tempolor_magic.view.panel import Actions

T = TypeVar("T")


class Job:
    """A music job being watched. All properties are the latest known and never block."""

    def __init__(self, watch: Watch, outputs: Outputs) -> None:
        self.watch = watch
        self._outputs = outputs
        self._displayed_in: object = None

    @property
    def job_id(self) -> str:
        """The id, as the service writes it."""
        return str(self.watch.job_id)

    @property
    def state(self) -> str:
        """``WAITING``, ``GENERATING``, ``COMPLETED``, ``FAILED``, ``STOPPED``, ``TIMED_OUT`` or
        ``ERROR``.
        """  # noqa: D205  # one list, no summary
        return str(self.watch.snapshot.state)

    @property
    def progress(self) -> float | None:
        """Percent in 0..100, ``None`` while unknown. For the eye only."""
        return self.watch.snapshot.progress

    @property
    def record(self) -> Record | None:
        """What the service last told; ``record.raw`` is the untouched JSON."""
        return self.watch.snapshot.record

    @property
    def elapsed(self) -> float | None:
        """Seconds since the job was created; ``None`` before the first answer."""
        return self.watch.snapshot.elapsed(self._now())

    @property
    def snapshot(self) -> Snapshot:
        """Everything known at this moment, as one frozen value."""
        return self.watch.snapshot

    @property
    def stopped(self) -> bool:
        """Whether the watch was stopped here, which is nobody's failure."""
        return self.watch.snapshot.state is State.STOPPED

    def done(self) -> bool:
        """Whether nothing more will come: not WAITING and not GENERATING."""
        return self.watch.snapshot.state.is_over

    def result(self, timeout: float | None = None) -> Record:
        """Wait for the final record.

        Args:
            timeout: Seconds to wait at most; ``None`` waits until the watch is over.

        Raises:
            TimeoutError: *timeout* passed; the watch goes on.
            JobFailed: The service reports FAILED.
            WatchTimeout: The deadline of the watch passed.
            WatchStopped: The watch was stopped.
            TempolorError: Asking again cannot help, such as a refused token.
        """
        try:
            return wait_for(self.watch.future, timeout)
        finally:
            # A card shown a moment ago may not have been told yet that the job is over.
            self.watch.poller.loop.settle()
            self._outputs.confirm()

    def exception(self, timeout: float | None = None) -> BaseException | None:
        """Wait like :meth:`result` and return its error, ``None`` when the job completed."""
        try:
            self.result(timeout)
        except TempolorError as error:
            return error
        return None

    def add_done_callback(self, call: Callable[[Job], object]) -> None:
        """Call ``call(job)`` when the watch is over, on the watching thread; at once if it is."""
        self.watch.future.add_done_callback(lambda _: call(self))

    def __await__(self) -> Generator[Any, None, Record]:
        # Shielded: cancelling the one who waits must not end the watch of all others.
        return asyncio.shield(asyncio.wrap_future(self.watch.future)).__await__()

    def stop(self) -> None:
        """Stop watching; the job itself goes on."""
        self.watch.stop()

    def refresh(self) -> None:
        """Ask the service now instead of at the next tick."""
        self.watch.refresh()

    def download(
        self,
        format: str = "mp3",  # noqa: A002  # the service's own word for it
        to: str | Path | None = None,
        *,
        overwrite: bool = False,
    ) -> Path:
        """Save a file of the job, with a JSON file of notes beside it, and return its path.

        Waits for the job first. Interrupting stops the transfer; calling it again goes on from
        where it broke off.

        Args:
            format: ``mp3``, ``wav``, or ``stems`` (a ZIP).
            to: A file, or a folder to make a file in; default the working folder.
            overwrite: Fetch it again if the file exists. Without it the file of this very job
                is kept and returned; any other is an error.

        Raises:
            UsageError: The file exists or can't be written.
            FileNotServed: The service did not serve it in time; the job is completed all the same.
            DownloadFailed: The file could not be fetched whole.
            TempolorError: The job has no result, as :meth:`result` tells.
        """
        (path,) = fetch([self.watch], read_wish(format, to, overwrite=overwrite), self._outputs)
        return path

    @property
    def panel(self) -> Panel:
        """A new panel of this job, an ordinary widget for ``VBox``, ``Tab`` and dashboards."""
        from tempolor_magic.embed import Panel  # noqa: PLC0415  # widgets load when first used

        return Panel(self)

    @property
    def actions(self) -> Actions:
        """What the buttons of this job's cards do; each returns at once."""
        from tempolor_magic.view.panel import Actions  # noqa: PLC0415  # likewise

        return Actions(self.watch.stop, self.watch.refresh, self._save_quietly)

    def display(self, *, live: bool = False, embed: bool = False) -> None:
        """Show the card in the current cell: live while it runs, static when it is over.

        Args:
            live: Keep the live widget, also when the job is over.
            embed: Put the entire audio (up to 8 MB) into the saved card: links expire.
        """
        self._displayed_in = execution()
        snapshot = self.watch.snapshot
        panel = None
        if has_widgets() and (live or not snapshot.state.is_over):
            from tempolor_magic.view.panel import CardPanel  # noqa: PLC0415  # likewise

            panel = CardPanel(snapshot, self.actions, now=self._now, saved_by_show=True)
        output = LiveOutput(panel, now=self._now, stay_live=live, embed=embed)
        output.open([snapshot])

        def show(latest: Snapshot) -> None:
            output.show([latest])

        self.watch.subscribe(show)
        self._outputs.add(output, lambda: self.watch.unsubscribe(show))
        if embed:
            self.watch.embed()

    def mark_displayed(self) -> None:
        """Show nothing as the value of this execution: its card is elsewhere."""
        self._displayed_in = execution()

    def _save_quietly(self) -> None:
        self.watch.poller.saver.begin_quietly(self.watch, read_wish())

    def _now(self) -> float:
        return self.watch.connection.clock.monotonic()

    def _ipython_display_(self) -> None:
        """One card per execution: what the magic has just shown is not shown again."""
        if self._displayed_in is None or self._displayed_in != execution():
            self.display()

    def __repr__(self) -> str:
        return f"<Job {text.card(words.face(self.watch.snapshot, now=self._now()))}>"


class Jobs(Sequence[Job]):
    """Several jobs, in the order they were asked for; shown as one table."""

    def __init__(self, jobs: Sequence[Job], outputs: Outputs) -> None:
        self._jobs = tuple(jobs)
        self._outputs = outputs
        self._displayed_in: object = None

    @overload
    def __getitem__(self, index: int) -> Job: ...
    @overload
    def __getitem__(self, index: slice) -> Jobs: ...
    def __getitem__(self, index: int | slice) -> Job | Jobs:
        if isinstance(index, slice):
            return Jobs(self._jobs[index], self._outputs)
        return self._jobs[index]

    def __len__(self) -> int:
        return len(self._jobs)

    def __iter__(self) -> Iterator[Job]:
        return iter(self._jobs)

    def done(self) -> bool:
        """Whether all are over."""
        return all(job.done() for job in self._jobs)

    def result(self, timeout: float | None = None) -> list[Record]:
        """Wait for all; the records in order.

        Raises:
            TimeoutError: *timeout* seconds passed for all together.
            TempolorError: Of the first job, in order, that has no record; all are waited for.
        """
        wait_for_all([job.watch.future for job in self._jobs], timeout)
        return [job.result() for job in self._jobs]

    def __await__(self) -> Generator[Any, None, list[Record]]:
        return self._results().__await__()

    async def _results(self) -> list[Record]:
        futures = [asyncio.shield(asyncio.wrap_future(job.watch.future)) for job in self._jobs]
        await asyncio.wait(futures)
        return [future.result() for future in futures]

    def download(
        self,
        format: str = "mp3",  # noqa: A002  # the service's own word for it
        to: str | Path | None = None,
        *,
        overwrite: bool = False,
    ) -> list[Path]:
        """Save a file of each as :meth:`Job.download` does, four at a time; the paths in order.

        What is there already is skipped.

        Raises:
            TempolorError: Of the first job, in order, whose file is not there; all are tried, and
                it tells how many were saved.
        """
        wish = read_wish(format, to, overwrite=overwrite, several=True)
        return fetch([job.watch for job in self._jobs], wish, self._outputs)

    def stop(self) -> None:
        """Stop watching all; the jobs themselves go on."""
        for job in self._jobs:
            job.stop()

    def display(self, *, live: bool = False) -> None:
        """Show the table in the current cell: live until all are over, then static.

        Args:
            live: Keep the live widget, also when all are over.
        """
        if not self._jobs:
            return
        self._displayed_in = execution()
        snapshots = [job.watch.snapshot for job in self._jobs]
        clock = self._jobs[0].watch.connection.clock
        panel = None
        if has_widgets() and (live or not all(s.state.is_over for s in snapshots)):
            from tempolor_magic.view.panel import TablePanel  # noqa: PLC0415  # widgets load late

            actions = {job.watch.job_id: job for job in self._jobs}
            panel = TablePanel(
                snapshots,
                lambda job_id: actions[job_id].actions,
                now=clock.monotonic,
                hand_over=self._jobs[0].watch.poller.loop.hand_over,
            )
        output = LiveOutput(panel, now=clock.monotonic, stay_live=live)
        output.open(snapshots)
        gathering = Gathering([job.watch for job in self._jobs], output.show)
        self._outputs.add(output, gathering.close)

    def mark_displayed(self) -> None:
        """Show nothing as the value of this execution: the table is elsewhere."""
        self._displayed_in = execution()

    def _ipython_display_(self) -> None:
        if self._displayed_in is None or self._displayed_in != execution():
            self.display()

    def __repr__(self) -> str:
        return f"<Jobs {len(self._jobs)}: {', '.join(job.state for job in self._jobs[:10])}>"


class Status:
    """What one question about a job told; nothing is being watched."""

    def __init__(self, snapshot: Snapshot, now: float) -> None:
        self.snapshot = snapshot
        self._now = now

    @property
    def state(self) -> str:
        """The job's state, as in :attr:`Job.state`."""
        return str(self.snapshot.state)

    @property
    def record(self) -> Record | None:
        """What the service told; ``record.raw`` is the untouched JSON."""
        return self.snapshot.record

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        bundle = static_bundle([self.snapshot], self._now)
        return {**bundle, "text/plain": repr(self)}

    def __repr__(self) -> str:
        return text.details(words.face(self.snapshot, now=self._now))
