"""The card as an ordinary widget, for layouts, dashboards and Voilà."""

from __future__ import annotations

from tempolor_magic.api.ids import parse_job_id
from tempolor_magic.job import Job
from tempolor_magic.runtime import shared
from tempolor_magic.view.panel import CardPanel


class Panel(CardPanel):
    """A live card of a job for ``VBox``, ``Tab`` and the like; any number per job.

    It never replaces its own output. ``state``, ``progress`` (percent or ``None``) and
    ``record`` are read-only traits to observe and link; observers run on the watching thread.

    Args:
        job: A job, or the id of one, which is then watched.

    Raises:
        UsageError: The id is none, or there is no token.
    """

    def __init__(self, job: Job | str) -> None:
        runtime = shared()
        if isinstance(job, str):
            job = runtime.watch([parse_job_id(job)])[0]
        self._watch = watch = job.watch
        super().__init__(watch.snapshot, job.actions, now=watch.connection.clock.monotonic)
        watch.subscribe(self.show)
        # A cell that runs again has made a new one; the old one is not on the page any more.
        self._panels = runtime.panels
        self._panels.add(self)

    def close(self) -> None:
        """Take the panel off the page; the watch goes on."""
        self._watch.unsubscribe(self.show)
        self._panels.forget(self)
        super().close()
