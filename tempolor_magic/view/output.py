"""An output of a cell: live while there is news, static in the end, so that the file keeps it.

The static bundle replaces the live one through the output's display id, without the widget view:
with both in the file, JupyterLab would look for a widget that is gone. That works from the
loop's thread and while another cell is busy.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from typing import Any

from IPython.core.getipython import get_ipython
from IPython.core.interactiveshell import InteractiveShell
from IPython.display import display

from tempolor_magic.view import html, text, words
from tempolor_magic.watch.snapshot import Snapshot

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


def static_bundle(snapshots: Sequence[Snapshot], now: float) -> Bundle:
    """What a file keeps of one job, or of many."""
    faces = [words.face(snapshot, now=now) for snapshot in snapshots]
    if len(faces) == 1:
        return {"text/html": html.static_card(faces[0]), "text/plain": text.card(faces[0])}
    return {"text/html": html.static_table(faces), "text/plain": text.table(faces)}


def show_bundle(bundle: Bundle, display_id: str | None = None) -> None:
    """Display a bundle in the current cell, under a display id if it is to be replaced."""
    display(bundle, raw=True, display_id=display_id)  # type: ignore[no-untyped-call]


class LiveOutput:
    """One output that shows a panel until every job is over, then a static bundle.

    Args:
        panel: The widget to begin with; ``None`` shows the static bundle at once.
        now: Monotonic seconds.
        stay_live: Never replace the widget.
    """

    def __init__(self, panel: Any, *, now: Callable[[], float], stay_live: bool = False) -> None:
        self._panel = panel
        self._now = now
        self._stay_live = stay_live and panel is not None
        self._display_id = uuid.uuid4().hex
        self._shell = get_ipython()
        self._kept: Bundle | None = None

    def open(self, snapshots: Sequence[Snapshot]) -> None:
        """Display it in the current cell."""
        bundle = static_bundle(snapshots, self._now())
        if self._panel is not None:
            bundle = {
                WIDGET_VIEW: {
                    "version_major": 2,
                    "version_minor": 0,
                    "model_id": self._panel.model_id,
                },
                "text/plain": bundle["text/plain"],
            }
        else:
            self._kept = bundle
        show_bundle(bundle, self._display_id)

    def show(self, snapshots: Sequence[Snapshot]) -> None:
        """Show news. Safe on the loop's thread."""
        if self._panel is not None:
            self._panel.show(snapshots[0] if len(snapshots) == 1 else snapshots)
        if self._stay_live or not all(snapshot.state.is_over for snapshot in snapshots):
            return
        bundle = static_bundle(snapshots, self._now())
        if bundle != self._kept:
            self._kept = bundle
            _replace(self._shell, bundle, self._display_id)


def _replace(shell: InteractiveShell | None, bundle: Bundle, display_id: str) -> None:
    """Replace an output. A terminal can't: it prints what changed when it is next asked."""
    if shell is None or getattr(shell, "kernel", None) is None:
        return
    shell.display_pub.publish(
        data=bundle, metadata={}, transient={"display_id": display_id}, update=True
    )
