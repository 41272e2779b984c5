"""What cells have put on the page, and which of it a second run of the cell has replaced."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from tempolor_magic.view.frontend import cell, execution

T = TypeVar("T")


@dataclass(frozen=True)
class _Belonging(Generic[T]):
    thing: T
    cell: str
    execution: object


class Belongings(Generic[T]):
    """Things on the page, oldest first, each with the cell that made it.

    Args:
        give_up: Called with a thing that is not on the page any more.
    """

    def __init__(self, give_up: Callable[[T], object]) -> None:
        self._give_up = give_up
        self._kept: list[_Belonging[T]] = []

    def __len__(self) -> int:
        return len(self._kept)

    def __iter__(self) -> Iterator[T]:
        return iter([each.thing for each in self._kept])

    def add(self, thing: T) -> None:
        """Keep *thing*, and give up what earlier runs of its cell have made."""
        new = _Belonging(thing, cell(), execution())
        for earlier in tuple(self._kept):
            if new.cell and earlier.cell == new.cell and earlier.execution != new.execution:
                self.remove(earlier.thing)
        self._kept.append(new)

    def remove(self, thing: T) -> None:
        """Give up one thing."""
        self.forget(thing)
        self._give_up(thing)

    def close(self) -> None:
        """Give up all."""
        for thing in self:
            self.remove(thing)

    def forget(self, thing: T) -> None:
        """Keep it no longer; whoever calls gives it up."""
        self._kept = [each for each in self._kept if each.thing is not thing]
