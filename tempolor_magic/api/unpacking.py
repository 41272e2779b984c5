"""The body of an answer as it was before it was packed for the way, within a limit. Pure.

A small body can be unpacked into a huge one, so that counting what arrives is not enough: never
more than the limit is unpacked at all.
"""

from __future__ import annotations

import zlib

# What we say we accept. Only this is needed, and each further form is one more way to be hurt.
ACCEPTED = "gzip"
_PLAIN = {"", "identity"}
_GZIP = {"gzip", "x-gzip"}
_GZIP_WINDOW = zlib.MAX_WBITS | 16


class Unreadable(ValueError):
    """A body that can't be unpacked, or that is more than is wanted."""


class Body:
    """A body that arrives in pieces.

    Args:
        encoding: The ``Content-Encoding`` it came with.
        most: Bytes that it may have, unpacked.

    Raises:
        Unreadable: It is packed in a way that was not asked for.
    """

    def __init__(self, encoding: str, most: int) -> None:
        how = encoding.strip().lower()
        if how not in _PLAIN | _GZIP:
            raise Unreadable("the answer is packed in a way that was not asked for")
        self._most = most
        self._unpacked = bytearray()
        self._zip = zlib.decompressobj(_GZIP_WINDOW) if how in _GZIP else None
        self._begun = False

    def add(self, piece: bytes) -> None:
        """Take up what has arrived.

        Raises:
            Unreadable: It is not what it says it is, or more than is wanted.
        """
        self._begun = self._begun or bool(piece)
        self._unpacked += piece if self._zip is None else self._unpack(self._zip, piece)
        if len(self._unpacked) > self._most:
            raise Unreadable("the answer is larger than any document")

    def whole(self) -> bytes:
        """All of it.

        Raises:
            Unreadable: Its end is missing.
        """
        if self._zip and self._begun and not self._zip.eof:
            raise Unreadable("the answer ended too early")
        return bytes(self._unpacked)

    def _unpack(self, packed: zlib._Decompress, piece: bytes) -> bytes:
        # One byte more than is wanted tells that there is more.
        room = self._most + 1 - len(self._unpacked)
        try:
            return packed.decompress(piece, room)
        except zlib.error:
            raise Unreadable("the answer could not be unpacked") from None
