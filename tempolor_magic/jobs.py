"""Several jobs as users hold them: a sequence, shown as one table."""

from __future__ import annotations

import asyncio
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

from tempolor_magic.api.records import Record
from tempolor_magic.fetching import fetch
from tempolor_magic.job import Job
from tempolor_magic.rows import Row, row, to_pandas
from tempolor_magic.view.frontend import execution, has_widgets
from tempolor_magic.view.output import LiveOutput, Outputs
from tempolor_magic.waiting import wait_for_all
from tempolor_magic.watching.group import Gathering

if TYPE_CHECKING:
    pass


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
        done = await asyncio.gather(*self._jobs, return_exceptions=True)
        for each in done:
            if isinstance(each, BaseException):
                raise each
        return [each for each in done if not isinstance(each, BaseException)]

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
        if not self._jobs:
            return []
        saver = self._jobs[0].watch.poller.saver
        wish = saver.wish(format, to, overwrite=overwrite, several=True)
        return fetch([job.watch for job in self._jobs], wish, self._outputs)

    def stop(self) -> None:
        """Stop watching all; the jobs themselves go on."""
        for job in self._jobs:
            job.stop()

    def rows(self) -> list[Row]:
        """One flat row per job; see :class:`Row` for the columns and their units."""
        return [
            row(
                snapshot.record or Record(str(snapshot.job_id)),
                state=str(snapshot.state),
                kind=snapshot.origin.kind,
                took=snapshot.took,
                file="".join(snapshot.media.saved[-1:]),
            )
            for job in self._jobs
            for snapshot in [job.watch.snapshot]
        ]

    def to_pandas(self) -> Any:
        """The rows as a ``pandas.DataFrame``.

        Raises:
            MissingExtra: pandas is not installed.
        """
        return to_pandas(self.rows())

    def display(self, *, live: bool = False) -> None:
        """Show the table in the current cell: live until all are over, then static.

        Args:
            live: Keep the live widget, also when all are over.
        """
        if not self._jobs:
            return
        self._displayed_in = execution()
        snapshots = [job.watch.snapshot for job in self._jobs]
        first = self._jobs[0].watch
        clock, loop = first.connection.clock, first.poller.loop
        panel = None
        if has_widgets() and (live or not all(s.state.is_over for s in snapshots)):
            from tempolor_magic.view.panel import TablePanel  # noqa: PLC0415  # widgets load late

            actions = {job.watch.job_id: job for job in self._jobs}
            panel = TablePanel(
                snapshots,
                lambda job_id: actions[job_id].actions,
                now=clock.monotonic,
                hand_over=loop.hand_over,
            )
        output = LiveOutput(panel, now=clock.monotonic, later=loop.later, stay_live=live)
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
