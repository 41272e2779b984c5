"""The unfinished file beside its target, kept when a download breaks off and taken up by the next.

``song.mp3`` is fetched into ``song.mp3.MARK.part``, where the mark tells of which version of
which file the bytes are. A part only ever grows: starting over makes a new one. One writer holds
it by a lock that ends with its process, so that a part left behind by a killed kernel is free at
once; a second kernel that wants the same file at the same time fetches into a part of its own.
Where files can't be locked (Windows, some network disks) two may write to one part, which does no
harm: equal marks stand for equal bytes at equal places.
"""

from __future__ import annotations

import hashlib
import os
import re
import uuid
from contextlib import suppress
from io import BufferedRandom
from pathlib import Path
from typing import Self

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

_ENDING = ".part"


def mark_of(*what: object) -> str:
    """A short mark for a file and its version."""
    return hashlib.sha256(repr(what).encode()).hexdigest()[:8]


class Part:
    """An open part, held until it is closed. All calls may block for as long as the disk does."""

    def __init__(self, path: Path, file: BufferedRandom, mark: str) -> None:
        self.path = path
        self.mark = mark
        self._file = file
        self.size = file.seek(0, os.SEEK_END)

    @classmethod
    def begin(cls, target: Path, mark: str) -> Self:
        """A new, empty part beside *target*.

        Raises:
            OSError: It can't be made there.
        """
        path = target.with_name(f"{target.name}.{mark}{_ENDING}")
        try:
            file = path.open("x+b")
        except FileExistsError:  # another kernel is at it
            path = target.with_name(f"{target.name}.{mark}.{uuid.uuid4().hex[:8]}{_ENDING}")
            file = path.open("x+b")
        _lock(file)
        return cls(path, file, mark)

    @classmethod
    def take_up(cls, target: Path) -> Self | None:
        """The longest part of *target* that was left behind and that nobody writes to."""
        held = (cls.hold(path, mark) for path, mark in _left_behind(target))
        return next((part for part in held if part is not None), None)

    @classmethod
    def hold(cls, path: Path, mark: str) -> Self | None:
        """The part at *path*, unless somebody else holds it or it has gone."""
        try:
            file = path.open("r+b")
        except OSError:
            return None
        if _lock(file) and _is_still_there(file, path):
            return cls(path, file, mark)
        file.close()
        return None

    def write(self, piece: bytes) -> None:
        """Add *piece* at the end."""
        self._file.write(piece)
        self.size += len(piece)

    def settle(self) -> str:
        """Have all of it on the disk, for what is renamed must outlive a power cut.

        Returns:
            The SHA-256 of its bytes in hexadecimal.
        """
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.seek(0)
        return hashlib.file_digest(self._file, "sha256").hexdigest()

    def head(self, length: int) -> bytes:
        """Its first bytes."""
        self._file.seek(0)
        first = self._file.read(length)
        self._file.seek(0, os.SEEK_END)
        return first

    def become(self, target: Path, *, overwrite: bool) -> None:
        """Give it its final name and let go of it.

        Raises:
            FileExistsError: Somebody has made *target* meanwhile, and it is not to be replaced.
            OSError: It can't be renamed; the part stays.
        """
        try:
            if fcntl is None:  # Windows renames no open file
                self.close()
            if overwrite:
                self.path.replace(target)
            else:
                _rename(self.path, target)
        finally:
            self.close()

    def close(self) -> None:
        """Let go of it; it stays for the next try."""
        if self._file.closed:
            return
        try:
            self._file.flush()
            if fcntl is not None:
                # A child that was forked meanwhile would hold the lock on.
                fcntl.flock(self._file, fcntl.LOCK_UN)
        except OSError:  # a full disk, or one without locks
            pass
        finally:
            self._file.close()

    def discard(self) -> None:
        """Let go of it and delete it."""
        self.close()
        with suppress(OSError):
            self.path.unlink()


def sweep(target: Path) -> None:
    """Delete what was left behind of a file that is whole by now."""
    for path, mark in _left_behind(target):
        part = Part.hold(path, mark)
        if part is not None:
            part.discard()


def _left_behind(target: Path) -> list[tuple[Path, str]]:
    """The parts of *target* and their marks, the longest first."""
    named = re.compile(rf"{re.escape(target.name)}\.([0-9a-f]{{8}})(\.[0-9a-f]{{8}})?\{_ENDING}")
    found = [(path, named.fullmatch(path.name)) for path in target.parent.iterdir()]
    parts = [(path, match[1]) for path, match in found if match]
    return sorted(parts, key=lambda part: _length(part[0]), reverse=True)


def _length(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return -1


def _lock(file: BufferedRandom) -> bool:
    """Whether *file* is ours now; also where nothing can be locked."""
    if fcntl is None:
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a disk without locks
        return True
    return True


def _is_still_there(file: BufferedRandom, path: Path) -> bool:
    """Whether nobody has renamed or replaced it before it was locked."""
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except OSError:
        return False


def _rename(path: Path, target: Path) -> None:
    """Rename, but never over a file that is there: no moment passes between look and deed."""
    if fcntl is None:  # Windows replaces nothing by renaming
        path.rename(target)
        return
    try:
        os.link(path, target)
    except FileExistsError:
        raise
    except OSError:  # a disk without hard links: look first
        if target.exists():
            raise FileExistsError(target) from None
        path.rename(target)
    else:
        path.unlink()
