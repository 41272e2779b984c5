"""An output of a cell: live while there is news, static in the end, so that the file keeps it.

The static bundle replaces the live one through the output's display id, without the widget view:
with both in the file, JupyterLab would look for a widget that is gone. That works from the
loop's thread and while another cell is busy.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Sequence
from typing import Any

from IPython.core.getipython import get_ipython
from IPython.core.interactiveshell import InteractiveShell
from IPython.display import display

from tempolor_magic.view import html, text, words
from tempolor_magic.watching.snapshot import Snapshot

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
Bundle = dict[str, Any]


def has_widgets() -> bool:
    """Whether this is a kernel: only there a widget can reach a page."""
    return getattr(get_ipython(), "kernel", None) is not None


def execution() -> object:
    """What tells one execution of a cell from another; ``None`` outside IPython.

    The request's id where there is one: counts stand still for silent executions.
    """
    shell = get_ipython()
    if shell is None:
        return None
    parent = getattr(shell, "parent_header", None) or {}
    request = parent.get("header", parent).get("msg_id") if isinstance(parent, dict) else None
    return request or shell.execution_count


def static_bundle(snapshots: Sequence[Snapshot], now: float, *, embed: bool = False) -> Bundle:
    """What a file keeps of one job, or of many; with the entire audio where it was fetched."""
    faces = [words.face(snapshot, now=now, embed=embed, still=True) for snapshot in snapshots]
    if len(faces) == 1:
        return {"text/html": html.static_card(faces[0]), "text/plain": text.card(faces[0])}
    return {"text/html": html.static_table(faces), "text/plain": text.table(faces)}


def show_bundle(bundle: Bundle, display_id: str | None = None, *, in_place: bool = False) -> None:
    """Display a bundle in the current cell.

    Args:
        bundle: What to show.
        display_id: A name for what is to be replaced later.
        in_place: Replace what has that name.
    """
    display(bundle, raw=True, display_id=display_id, update=in_place)  # type: ignore[no-untyped-call]


def cell() -> str:
    """The id of the cell that is running; empty where the front end does not tell."""
    parent = getattr(get_ipython(), "parent_header", None) or {}
    known = parent.get("metadata", {}).get("cellId") if isinstance(parent, dict) else None
    return known if isinstance(known, str) else ""


class LiveOutput:
    """One output that shows a panel until every job is over, then a static bundle.

    Args:
        panel: The widget to begin with; ``None`` shows the static bundle at once.
        now: Monotonic seconds.
        stay_live: Never replace the widget.
        embed: Have the static bundle hold the entire audio where it was fetched.
    """

    def __init__(
        self,
        panel: Any,
        *,
        now: Callable[[], float],
        stay_live: bool = False,
        embed: bool = False,
    ) -> None:
        self._panel = panel
        self._now = now
        self._stay_live = stay_live and panel is not None
        self._embed = embed
        self._display_id = uuid.uuid4().hex
        self._shell = get_ipython()
        self._kept: Bundle | None = None
        # The execution under which the kept bundle went out, until that is known to have arrived.
        self._kept_under: object = None
        self._publishing = threading.Lock()
        self._latest: Sequence[Snapshot] = ()
        self.cell = cell()
        self.execution = execution()

    def open(self, snapshots: Sequence[Snapshot]) -> None:
        """Display it in the current cell."""
        self._latest = snapshots
        bundle = static_bundle(snapshots, self._now(), embed=self._embed)
        if self._panel is None:
            self._kept = bundle
        else:
            view = {"version_major": 2, "version_minor": 0, "model_id": self._panel.model_id}
            bundle = {WIDGET_VIEW: view, "text/plain": bundle["text/plain"]}
        show_bundle(bundle, self._display_id)

    def show(self, snapshots: Sequence[Snapshot]) -> None:
        """Show news. Safe on the loop's thread."""
        self._latest = snapshots
        if self._panel is not None:
            self._panel.show(snapshots[0] if len(snapshots) == 1 else snapshots)
        if not self._stay_live and all(snapshot.state.is_over for snapshot in snapshots):
            self._keep()

    def confirm(self) -> None:
        """Send what is kept once more, if it went out under another cell than the present one.

        A headless runner hears only what belongs to the cell it runs: a job that ended between
        two cells would leave its live card in the file.
        """
        with self._publishing:
            if self._kept_under not in {None, execution()} and self._kept is not None:
                _replace(self._shell, self._kept, self._display_id)
            self._kept_under = None

    def close(self, *, still_shown: bool) -> None:
        """Give the panel up.

        Args:
            still_shown: A page may show it: leave what is known now in its place.
        """
        if self._panel is None:
            return
        if still_shown:
            self._keep()
        self._panel.close()
        self._panel = None

    def _keep(self) -> None:
        bundle = static_bundle(self._latest, self._now(), embed=self._embed)
        with self._publishing:
            if bundle != self._kept:
                self._kept, self._kept_under = bundle, execution()
                _replace(self._shell, bundle, self._display_id)


class Outputs:
    """The outputs of a kernel that still get news: bounded, whatever is run again.

    Args:
        most: How many; the oldest beyond that become static.
    """

    def __init__(self, most: int = 50) -> None:
        self._most = most
        self._open: list[tuple[LiveOutput, Callable[[], None]]] = []

    def __len__(self) -> int:
        return len(self._open)

    def add(self, output: LiveOutput, unsubscribe: Callable[[], None]) -> None:
        """Keep *output*; what an earlier run of its cell left behind is not on the page any more.

        Args:
            output: Just displayed.
            unsubscribe: Ends its news.
        """
        for earlier, end in tuple(self._open):
            same_cell = bool(output.cell) and earlier.cell == output.cell
            if same_cell and earlier.execution != output.execution:
                self._give_up(earlier, end, still_shown=False)
        self._open.append((output, unsubscribe))
        while len(self._open) > self._most:
            self._give_up(*self._open[0], still_shown=True)

    def confirm(self) -> None:
        """See :meth:`LiveOutput.confirm`; called on the kernel's thread, in a cell that waits."""
        for output, _ in tuple(self._open):
            output.confirm()

    def _give_up(
        self, output: LiveOutput, unsubscribe: Callable[[], None], *, still_shown: bool
    ) -> None:
        self._open.remove((output, unsubscribe))
        unsubscribe()
        output.close(still_shown=still_shown)


def _replace(shell: InteractiveShell | None, bundle: Bundle, display_id: str) -> None:
    """Replace an output. A terminal can't: it prints what changed when it is next asked."""
    if shell is None or getattr(shell, "kernel", None) is None:
        return
    shell.display_pub.publish(
        data=bundle, metadata={}, transient={"display_id": display_id}, update=True
    )
