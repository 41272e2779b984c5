"""An output of a cell: live while there is news, static in the end, so that the file keeps it.

The static bundle replaces the live one through the output's display id, without the widget view:
with both in the file, JupyterLab would look for a widget that is gone. That works from the
loop's thread and while another cell is busy.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Sequence
from typing import Any

from IPython.core.getipython import get_ipython
from IPython.core.interactiveshell import InteractiveShell
from IPython.display import display

from tempolor_magic.view import html, text, words
from tempolor_magic.view.belongings import Belongings
from tempolor_magic.view.frontend import execution
from tempolor_magic.watching.snapshot import Snapshot

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
Bundle = dict[str, Any]
Later = Callable[[float, Callable[[], None]], object]

# Seconds for which the widget stays after the end.
_HEARD_SECONDS = 1.5


def static_bundle(snapshots: Sequence[Snapshot], now: float, *, embed: bool = False) -> Bundle:
    """What a file keeps of one job, or of many; with the entire audio where it was fetched."""
    faces = [words.face(snapshot, now=now, embed=embed, still=True) for snapshot in snapshots]
    if len(faces) == 1:
        return {"text/html": html.static_card(faces[0]), "text/plain": text.card(faces[0])}
    return {"text/html": html.static_table(faces), "text/plain": text.table(faces)}


def gallery_bundle(snapshots: Sequence[Snapshot], *, kind: str, has_more: bool) -> Bundle:
    """A page of the library, as a file keeps it: covers, players and what is known of each."""
    faces = [words.face(snapshot, now=time.monotonic()) for snapshot in snapshots]
    heading = words.gallery_heading(len(faces), kind)
    return {
        "text/html": html.gallery(faces, heading=heading, has_more=has_more),
        "text/plain": text.gallery(faces, heading=heading, has_more=has_more),
    }


def gallery_output(
    snapshots: Sequence[Snapshot], *, kind: str, has_more: bool
) -> Callable[[Sequence[Snapshot]], None]:
    """Display a page of the library; what comes back replaces it by the same with news."""
    shell, display_id = get_ipython(), uuid.uuid4().hex
    show_bundle(gallery_bundle(snapshots, kind=kind, has_more=has_more), display_id)

    def show(latest: Sequence[Snapshot]) -> None:
        _replace(shell, gallery_bundle(latest, kind=kind, has_more=has_more), display_id)

    return show


def show_bundle(bundle: Bundle, display_id: str | None = None, *, in_place: bool = False) -> None:
    """Display a bundle in the current cell.

    Args:
        bundle: What to show.
        display_id: A name for what is to be replaced later.
        in_place: Replace what has that name.
    """
    display(bundle, raw=True, display_id=display_id, update=in_place)  # type: ignore[no-untyped-call]


class LiveOutput:
    """One output that shows a panel until every job is over, then a static bundle.

    Args:
        panel: The widget to begin with; ``None`` shows the static bundle at once.
        now: Monotonic seconds.
        later: Calls a function on the loop's thread after so many seconds.
        stay_live: Never replace the widget.
        embed: Have the static bundle hold the entire audio where it was fetched.
    """

    def __init__(
        self,
        panel: Any,
        *,
        now: Callable[[], float],
        later: Later,
        stay_live: bool = False,
        embed: bool = False,
    ) -> None:
        self._panel = panel
        self._now = now
        self._later = later
        self._stay_live = stay_live and panel is not None
        self._embed = embed
        self._display_id = uuid.uuid4().hex
        self._shell = get_ipython()
        self._latest: Sequence[Snapshot] = ()
        # Which bundle went out last, told by its hash: with sound in it, it is large.
        self._kept: int | None = None
        # The execution under which the kept bundle went out, until that is known to have arrived.
        self._kept_under: object = None
        self._publishing = threading.RLock()
        self._ending = False

    def open(self, snapshots: Sequence[Snapshot]) -> None:
        """Display it in the current cell."""
        self._latest = snapshots
        bundle = self._bundle()
        if self._panel is None:
            self._kept = _hash(bundle)
        else:
            view = {"version_major": 2, "version_minor": 0, "model_id": self._panel.model_id}
            bundle = {WIDGET_VIEW: view, "text/plain": bundle["text/plain"]}
        show_bundle(bundle, self._display_id)

    def show(self, snapshots: Sequence[Snapshot]) -> None:
        """Show news. Safe on the loop's thread."""
        self._latest = snapshots
        if self._panel is not None:
            self._panel.show(snapshots[0] if len(snapshots) == 1 else snapshots)
        if not self._is_to_be_kept:
            return
        if self._panel is None or self._kept is not None:
            self.keep()
        elif not self._ending:
            # A screen reader gets to hear of the end before its words are replaced.
            self._ending = True
            self._later(_HEARD_SECONDS, self.keep)

    def keep(self) -> None:
        """Put what is known now into the file, in place of the widget."""
        with self._publishing:
            bundle = self._bundle()
            if _hash(bundle) != self._kept:
                self._kept, self._kept_under = _hash(bundle), execution()
                _replace(self._shell, bundle, self._display_id)

    def confirm(self) -> None:
        """Have the file hold the end now. On the kernel's thread, in a cell that has waited.

        What went out under another cell is sent once more: a headless runner hears only what
        belongs to the cell it runs, and would leave a live card of a job that ended in between.
        """
        with self._publishing:
            if self._is_to_be_kept:
                self.keep()
            if self._kept_under not in {None, execution()}:
                _replace(self._shell, self._bundle(), self._display_id)
            self._kept_under = None

    def drop_panel(self, *, still_shown: bool) -> None:
        """Do without the widget from now on.

        Args:
            still_shown: A page may show it: leave what is known now in its place. The end will
                still come there.
        """
        if self._panel is None:
            return
        if still_shown:
            self.keep()
        self._panel.close()
        self._panel = None

    def _bundle(self) -> Bundle:
        return static_bundle(self._latest, self._now(), embed=self._embed)

    @property
    def is_live(self) -> bool:
        """Whether it has a widget."""
        return self._panel is not None

    @property
    def is_over(self) -> bool:
        """Whether every job of it is over."""
        return all(snapshot.state.is_over for snapshot in self._latest)

    @property
    def _is_to_be_kept(self) -> bool:
        return self.is_over and not (self._stay_live and self._panel is not None)


def _hash(bundle: Bundle) -> int:
    return hash(tuple(bundle.items()))


class Outputs:
    """The outputs of a kernel that still get news: bounded, whatever is run again.

    Args:
        most_live: How many with a widget; older ones do without.
        most: How many in all; beyond that the oldest that is over gets no more news.
    """

    def __init__(self, most_live: int = 50, most: int = 500) -> None:
        self._most_live = most_live
        self._most = most
        self._unsubscribe: dict[LiveOutput, Callable[[], None]] = {}
        self._open: Belongings[LiveOutput] = Belongings(self._give_up)

    def __len__(self) -> int:
        return len(self._open)

    @property
    def live(self) -> list[LiveOutput]:
        """Those with a widget, oldest first."""
        return [output for output in self._open if output.is_live]

    def add(self, output: LiveOutput, unsubscribe: Callable[[], None]) -> None:
        """Keep *output*; what an earlier run of its cell left behind is not on the page any more.

        Args:
            output: Just displayed.
            unsubscribe: Ends its news.
        """
        self._unsubscribe[output] = unsubscribe
        self._open.add(output)
        for spare in self.live[: -self._most_live]:
            spare.drop_panel(still_shown=True)
        if len(self._open) > self._most:
            over = [each for each in self._open if each.is_over]
            self._open.remove((over or list(self._open))[0])

    def confirm(self) -> None:
        """See :meth:`LiveOutput.confirm`."""
        for output in self._open:
            output.confirm()

    def close(self) -> None:
        """Put what is known now in the place of every widget; nothing gets news any more."""
        for output in self._open:
            self._unsubscribe.pop(output)()
            output.drop_panel(still_shown=True)
        self.forget()

    def forget(self) -> None:
        """Hold none any more, and leave all as they are."""
        self._unsubscribe = {}
        self._open = Belongings(self._give_up)

    def _give_up(self, output: LiveOutput) -> None:
        self._unsubscribe.pop(output)()
        output.drop_panel(still_shown=False)


def _replace(shell: InteractiveShell | None, bundle: Bundle, display_id: str) -> None:
    """Replace an output. A terminal can't: it prints what changed when it is next asked."""
    if shell is None or getattr(shell, "kernel", None) is None:
        return
    shell.display_pub.publish(
        data=bundle, metadata={}, transient={"display_id": display_id}, update=True
    )
