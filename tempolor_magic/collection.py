"""The account's library at the service, as users hold it: pages of records, shown as a gallery."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, overload

from tempolor_magic.api.pages import Walk
from tempolor_magic.api.records import Record
from tempolor_magic.errors import UsageError
from tempolor_magic.rows import Row, row, to_pandas
from tempolor_magic.view.frontend import execution
from tempolor_magic.view.output import gallery_output
from tempolor_magic.waiting import answer_to, wait_for
from tempolor_magic.watching.connection import Connection
from tempolor_magic.watching.gallery import find_players, look_up
from tempolor_magic.watching.loop import Loop
from tempolor_magic.watching.snapshot import Snapshot

if TYPE_CHECKING:
    from tempolor_magic.runtime import Runtime


# Seconds.
_PATIENCE = 10.0


class Page(Sequence[Record]):
    """Some records of the library, in the service's order: newest first.

    Args:
        snapshots: The records, as jobs that are not watched.
        loop: Where their covers and players are looked for.
        connection: Likewise.
        kind: ``song`` or ``instrumental``.
        has_more: Whether the service has further pages.
    """

    def __init__(
        self,
        snapshots: Sequence[Snapshot],
        *,
        loop: Loop,
        connection: Connection,
        kind: str,
        has_more: bool,
    ) -> None:
        self._snapshots = tuple(snapshots)
        self._loop = loop
        self._connection = connection
        self.kind = kind
        self.has_more = has_more
        self._displayed_in: object = None

    @overload
    def __getitem__(self, index: int) -> Record: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Record]: ...
    def __getitem__(self, index: int | slice) -> Record | Sequence[Record]:
        return self._records[index]

    def __len__(self) -> int:
        return len(self._snapshots)

    def __iter__(self) -> Iterator[Record]:
        return iter(self._records)

    @property
    def _records(self) -> tuple[Record, ...]:
        return tuple(s.record for s in self._snapshots if s.record is not None)

    def rows(self) -> list[Row]:
        """One flat row per job; see :class:`Row` for the columns and their units."""
        return [
            row(s.record, state=str(s.state), kind=self.kind)
            for s in self._snapshots
            if s.record is not None
        ]

    def to_pandas(self) -> Any:
        """The rows as a ``pandas.DataFrame``.

        Raises:
            MissingExtra: pandas is not installed.
        """
        return to_pandas(self.rows())

    def display(self) -> None:
        """Show the gallery in the current cell; covers and players come as they are found.

        Waits a moment for them, so that a notebook that runs without anybody has them in its file.
        They are not kept here: IPython's ``Out`` holds on to pages, and what they show is large.
        """
        self._displayed_in = execution()
        show = gallery_output(self._snapshots, kind=self.kind, has_more=self.has_more)
        asked = self._loop.submit(find_players, self._connection, self._snapshots, show)
        with suppress(TimeoutError):
            wait_for(asked, _PATIENCE, interrupted="the players still come")

    def _ipython_display_(self) -> None:
        """One gallery per execution: what the magic has just shown is not shown again."""
        if self._displayed_in is None or self._displayed_in != execution():
            self.display()

    def __repr__(self) -> str:
        more = ", and more" if self.has_more else ""
        return f"<Page {len(self)} of kind {self.kind}{more}>"


class Library:
    """The library of one account and kind, read page by page.

    Args:
        runtime: Whose service.
        kind: ``song`` or ``instrumental``.
        account: A TemPolor account; needed where there are several.
    """

    def __init__(self, runtime: Runtime, *, kind: str = "song", account: str = "") -> None:
        self._loop = runtime.loop
        self._connection = runtime.connection()
        self._kind = kind
        self._account = account
        self._walk: Walk[Record] = Walk()

    def next_page(self) -> Page:
        """The next page; waits for the service. Source: ``GET /music/``.

        Raises:
            UsageError: The last page was read already.
            TempolorError: The service refused or did not answer.
        """
        if self._walk.cursor is None:
            raise UsageError("that was the last page", "%tempolor list begins anew")
        asked = self._loop.submit(
            look_up, self._connection, self._walk, kind=self._kind, account=self._account
        )
        found = answer_to(asked, interrupted="nothing was changed")
        return Page(
            found,
            loop=self._loop,
            connection=self._connection,
            kind=self._kind,
            has_more=self._walk.cursor is not None,
        )

    def __iter__(self) -> Iterator[Record]:
        """Every record of what is left, page after page."""
        while self._walk.cursor is not None:
            yield from self.next_page()
