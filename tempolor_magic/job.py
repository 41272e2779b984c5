"""A job as users hold it, with the methods of ``concurrent.futures.Future``."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from tempolor_magic.api.records import Record
from tempolor_magic.errors import TempolorError
from tempolor_magic.fetching import fetch
from tempolor_magic.view import text, words
from tempolor_magic.view.frontend import execution, has_widgets
from tempolor_magic.view.output import LiveOutput, Outputs, static_bundle
from tempolor_magic.waiting import wait_for
from tempolor_magic.watching.snapshot import Snapshot, State
from tempolor_magic.watching.watch import Watch

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
            if self.done():
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
        """Call ``call(job)`` when the watch is over, on a thread of its own; at once if it is.

        So it may take its time and may wait, unlike an observer of a panel's traits.
        """

        def begin(_: object) -> None:
            threading.Thread(
                target=call, args=(self,), name="tempolor_callback", daemon=True
            ).start()

        self.watch.future.add_done_callback(begin)

    def __await__(self) -> Generator[Any, None, Record]:
        return self._awaited().__await__()

    async def _awaited(self) -> Record:
        try:
            # Shielded: cancelling the one who waits must not end the watch of all others.
            return await asyncio.shield(asyncio.wrap_future(self.watch.future))
        finally:
            self._outputs.confirm()

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
            to: A file, or a folder to make a file in; default the folder that is set with
                ``%config TempolorMagics.output``, else the working folder.
            overwrite: Fetch it again if the file exists. Without it the file of this very job
                is kept and returned; any other is an error.

        Raises:
            UsageError: The file exists or can't be written.
            FileNotServed: The service did not serve it in time; the job is completed all the same.
            DownloadFailed: The file could not be fetched whole.
            TempolorError: The job has no result, as :meth:`result` tells.
        """
        wish = self.watch.poller.saver.wish(format, to, overwrite=overwrite)
        (path,) = fetch([self.watch], wish, self._outputs)
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
        later = self.watch.poller.loop.later
        output = LiveOutput(panel, now=self._now, later=later, stay_live=live, embed=embed)
        output.open([snapshot])

        def show(latest: Snapshot) -> None:
            output.show([latest])

        self.watch.subscribe(show)
        self._outputs.add(output, lambda: self.watch.unsubscribe(show))
        self.watch.shown_again(embed=embed)

    def mark_displayed(self) -> None:
        """Show nothing as the value of this execution: its card is elsewhere."""
        self._displayed_in = execution()

    def _save_quietly(self) -> None:
        saver = self.watch.poller.saver
        saver.begin_quietly(self.watch, saver.wish())

    def _now(self) -> float:
        return self.watch.connection.clock.monotonic()

    def _ipython_display_(self) -> None:
        """One card per execution: what the magic has just shown is not shown again."""
        if self._displayed_in is None or self._displayed_in != execution():
            self.display()

    def __repr__(self) -> str:
        return f"<Job {text.card(words.face(self.watch.snapshot, now=self._now()))}>"


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
