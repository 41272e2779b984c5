"""Bytes that are remembered for a while, within a limit. Pure."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Generic, TypeVar

_Key = TypeVar("_Key", bound=Hashable)


class Store(Generic[_Key]):
    """Keeps contents up to *most_bytes* in sum; what was not used for longest goes first.

    The newest is always kept, however large.
    """

    def __init__(self, *, most_bytes: int) -> None:
        self._most = most_bytes
        self._kept: dict[_Key, bytes] = {}
        self.size = 0

    def get(self, key: _Key) -> bytes | None:
        """What is kept there, or ``None``."""
        content = self._kept.pop(key, None)
        if content is not None:
            self._kept[key] = content
        return content

    def put(self, key: _Key, content: bytes) -> None:
        """Keep *content* there."""
        self.drop(key)
        self._kept[key] = content
        self.size += len(content)
        while self.size > self._most and len(self._kept) > 1:
            self.drop(next(iter(self._kept)))

    def drop(self, key: _Key) -> None:
        """Forget what is there, if anything."""
        self.size -= len(self._kept.pop(key, b""))
