"""Widgets that show snapshots and report clicks. They hold no job state and do no I/O.

Every widget is built when the panel is, on the thread of the cell; later only values change, so
that showing a snapshot is safe on the loop's thread. Made of ipywidgets' own widgets, without
JavaScript of ours. Setting the value of an HTML widget closes open details and stops a playing
audio, so what ticks and what can be opened or played live in two widgets; a third is the live
region of screen readers.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import ipywidgets as widgets
from ipywidgets.widgets.widget_string import HTMLStyle
from traitlets import Any as AnyTrait
from traitlets import Float, Unicode

from tempolor_magic.api.ids import JobId
from tempolor_magic.view import html, words
from tempolor_magic.watching.snapshot import Snapshot

log = logging.getLogger("tempolor_magic")
Action = Callable[[], None]

# No job is opened. A Dropdown shows an option of value None as if nothing were chosen.
_NONE = -1
_DOWNLOAD = "Download"


@dataclass(frozen=True, slots=True)
class Actions:
    """What the buttons do. Each must return at once, on whatever thread it is clicked."""

    stop: Action
    refresh: Action
    download: Action


class CardPanel(widgets.VBox):  # type: ignore[misc]  # ipywidgets ships no types
    """A card of one job, an ordinary widget for any layout.

    ``state``, ``progress`` (percent or ``None``) and ``record`` can be observed and linked; they
    are read-only. Observers run on the watching thread.

    Args:
        snapshot: What to show first.
        actions: What the buttons do.
        now: Monotonic seconds, to age the clock on the card.
        saved_by_show: Say, once the job is over, how the file gets the card.
    """

    state = Unicode(read_only=True)
    progress = Float(None, allow_none=True, read_only=True)
    record = AnyTrait(None, allow_none=True, read_only=True)

    def __init__(
        self,
        snapshot: Snapshot,
        actions: Actions,
        *,
        now: Callable[[], float],
        saved_by_show: bool = False,
    ) -> None:
        self._now = now
        self._snapshot = snapshot
        look = _Look()
        face = words.face(snapshot, now=now())
        self._card = _Card(look, face, lambda: actions, saved_by_show=saved_by_show)
        super().__init__(self._card.children, layout=look.layout, _dom_classes=("tempolor-panel",))
        self._expose(snapshot)

    def close(self) -> None:
        """Take the panel and all that it is made of off the page."""
        _close_all(self, self._card.everything)

    def show(self, snapshot: Snapshot) -> None:
        """Show *snapshot*; one that equals the last sends nothing."""
        before, self._snapshot = self._snapshot, snapshot
        if not words.look_alike(before, snapshot):
            self._card.show(words.face(snapshot, now=self._now()))
            self.children = self._card.children
        self._expose(snapshot)

    def _expose(self, snapshot: Snapshot) -> None:
        """Tell observers. Those are the user's: one that fails must not stop the panel."""
        told = {
            "state": str(snapshot.state),
            "progress": snapshot.progress,
            "record": snapshot.record,
        }
        for name, value in told.items():
            try:
                self.set_trait(name, value)
            except Exception:
                log.exception("an observer of %s of %r failed", name, self)

    def __repr__(self) -> str:
        return f"Panel({self._snapshot.job_id}, {self._snapshot.state})"


class TablePanel(widgets.VBox):  # type: ignore[misc]  # ipywidgets ships no types
    """Many jobs: one table in one HTML widget, and a Dropdown that opens a job as a card.

    Args:
        snapshots: What to show first; the jobs and their order stay.
        actions_of: The buttons' actions for a job.
        now: Monotonic seconds.
        hand_over: Runs a function on the thread that shows snapshots.
    """

    def __init__(
        self,
        snapshots: Sequence[Snapshot],
        actions_of: Callable[[JobId], Actions],
        *,
        now: Callable[[], float],
        hand_over: Callable[[Action], None],
    ) -> None:
        self._now = now
        self._snapshots = tuple(snapshots)
        self._actions_of = actions_of
        self._opened = _NONE
        look = _Look()
        self._rows = look.html(self._table_html())
        options = [("Open a job …", _NONE)]
        options += [(f"{i + 1}  {s.job_id.item}", i) for i, s in enumerate(self._snapshots)]
        self._choice = widgets.Dropdown(
            options=options, description="Card of", layout=look.layout, style=look.text
        )
        self._choice.observe(lambda change: hand_over(lambda: self._open(change["new"])), "value")
        self._card = _Card(look, None, self._opened_actions)
        super().__init__(self._parts(), layout=look.layout, _dom_classes=("tempolor-panel",))

    def close(self) -> None:
        """Take the panel and all that it is made of off the page."""
        _close_all(self, (self._rows, self._choice, *self._card.everything))

    def show(self, snapshots: Sequence[Snapshot]) -> None:
        """Show *snapshots*, of the same jobs in the same order; equal ones send nothing."""
        before, self._snapshots = self._snapshots, tuple(snapshots)
        if all(map(words.look_alike, before, self._snapshots)):
            return
        self._rows.value = self._table_html()
        if self._opened != _NONE:
            self._open(self._opened)

    def _open(self, index: int) -> None:
        self._opened = index
        opened = None if index == _NONE else self._snapshots[index]
        self._card.show(words.face(opened, now=self._now()) if opened else None)
        self.children = self._parts()

    def _parts(self) -> tuple[widgets.Widget, ...]:
        return (self._rows, self._choice, *self._card.children)

    def _table_html(self) -> str:
        return html.live_table(
            [words.face(s, now=self._now(), brief=True) for s in self._snapshots]
        )

    def _opened_actions(self) -> Actions | None:
        if self._opened == _NONE:
            return None
        return self._actions_of(self._snapshots[self._opened].job_id)

    def __repr__(self) -> str:
        return f"Panel of {len(self._snapshots)} jobs"


def _close_all(panel: widgets.VBox, parts: Sequence[widgets.Widget]) -> None:
    """A closed box leaves its children alive in the kernel: close them, too."""
    for widget in parts:
        widget.close()
    widgets.VBox.close(panel)


class _Look:
    """One Layout and one style of each kind, shared by all widgets of a panel.

    Each that a widget makes for itself would be one more message to the page.
    """

    def __init__(self) -> None:
        self.layout = widgets.Layout()
        self.text = HTMLStyle()
        self.button = widgets.ButtonStyle()

    def html(self, value: str) -> widgets.HTML:
        return widgets.HTML(value, layout=self.layout, style=self.text)


class _Card:
    """The widgets of one card; ``children`` are those in use."""

    def __init__(
        self,
        look: _Look,
        face: words.Face | None,
        actions: Callable[[], Actions | None],
        *,
        saved_by_show: bool = False,
    ) -> None:
        self._saved_by_show = saved_by_show
        self._head = look.html(self._head_html(face))
        self._said = look.html(html.said(face) if face else "")
        self._facts = look.html(self._facts_html(face))

        def button(label: str, tip: str, act: Callable[[Actions], None]) -> widgets.Button:
            made = widgets.Button(
                description=label, tooltip=tip, layout=look.layout, style=look.button
            )
            made.on_click(lambda _: act(chosen) if (chosen := actions()) else None)
            return made

        stop = button("Stop watching", "The job itself goes on", lambda chosen: chosen.stop())
        refresh = button("Refresh", "Ask the service now", lambda chosen: chosen.refresh())
        self._running = (stop, refresh)
        self._completed = button(_DOWNLOAD, "Save the MP3", lambda chosen: chosen.download())
        self.children = self._in_use(face)
        parts = (self._head, self._said, self._facts, *self._running, self._completed)
        self.everything = (*parts, look.layout, look.text, look.button)

    def show(self, face: words.Face | None) -> None:
        """Show *face*, or nothing."""
        self._head.value = self._head_html(face)
        self._said.value = html.said(face) if face else ""
        self._facts.value = self._facts_html(face)
        # How far a download is stands on its button: the smallest message there can be.
        saving = face is not None and face.saving
        self._completed.description = f"Saving {saving}" if saving else _DOWNLOAD
        self.children = self._in_use(face)

    def _head_html(self, face: words.Face | None) -> str:
        return html.live_head(face) if face else ""

    def _facts_html(self, face: words.Face | None) -> str:
        """Also carries the style element, which a table without an opened job needs as well."""
        if face is None:
            return html.style()
        return html.live_facts(face, saved_by_show=self._saved_by_show)

    def _in_use(self, face: words.Face | None) -> tuple[widgets.Widget, ...]:
        if face is None:
            return (self._facts,)
        buttons = self._running if not face.over else (self._completed,) * face.completed
        return (self._head, self._said, *buttons, self._facts)
