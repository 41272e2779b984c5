"""Saving a file of a completed job: beside its target first, under its name when it is whole.

A target is whole or absent. One that exists is left alone, unless it is this very file; then it
is kept and nothing is fetched.
"""

from __future__ import annotations

import hashlib
import json
import os
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from anyio.to_thread import run_sync

from tempolor_magic.api.formats import FORMATS, MP3, Format, read_format
from tempolor_magic.errors import UsageError, holds_token, shown
from tempolor_magic.watching.connection import Connection
from tempolor_magic.watching.naming import file_name
from tempolor_magic.watching.parts import Part, sweep
from tempolor_magic.watching.sidecar import Contents, is_about, sidecar, sidecar_name
from tempolor_magic.watching.snapshot import Snapshot
from tempolor_magic.watching.transfer import Tell, Transfer, Turn


@dataclass(frozen=True, slots=True)
class Wish:
    """Which file is wanted and where it goes: into a folder under a name of ours, or as told.

    ``place`` is absolute, since a working folder may change while a job is waited for.
    """

    kind: Format
    place: Path
    is_folder: bool
    overwrite: bool = False

    def target(self, snapshot: Snapshot) -> Path:
        """The file to make for a job whose title is known."""
        title = snapshot.record.title if snapshot.record else ""
        name = file_name(title, snapshot.job_id, self.kind)
        return self.place / name if self.is_folder else self.place


def read_wish(
    kind: str = MP3.name,
    to: str | Path | None = None,
    *,
    overwrite: bool = False,
    several: bool = False,
) -> Wish:
    """What is asked for, checked before anything is waited for.

    Args:
        kind: ``mp3``, ``wav`` or ``stems``.
        to: A folder (it exists, has no suffix, or ends in a slash), else a file; ``None`` for
            the working folder.
        overwrite: Replace a file that exists.
        several: Files of several jobs are meant, which need a folder.

    Raises:
        UsageError: It can't be meant like this.
    """
    found = read_format(kind)
    wanted = "" if to is None else str(to)
    if holds_token(wanted):
        raise UsageError("this path holds a token", "give another: paths are shown and saved")
    if "\0" in wanted:
        raise UsageError(f"{shown(repr(wanted))} is no path", "give another --output")
    try:
        place = Path.cwd() / _at_home(wanted)
        is_folder = not place.suffix or place.is_dir() or wanted.endswith(("/", os.sep))
    except OSError as error:
        raise _unwritable(Path(wanted), error) from None
    if several and not is_folder:
        raise UsageError(f"{shown(wanted)} is one file for several jobs", "give a folder")
    foreign = {each.suffix for each in FORMATS.values()} - {found.suffix}
    if not is_folder and place.suffix.lower() in foreign:
        raise UsageError(
            f"{shown(wanted)} is no name for a {found.words}", f"end it in {found.suffix}"
        )
    return Wish(found, place, is_folder, overwrite)


def _at_home(wanted: str) -> Path:
    try:
        return Path(wanted).expanduser()
    except RuntimeError:  # a home of nobody: the name is taken as it is
        return Path(wanted)


async def save(  # noqa: PLR0913  # the last three by name
    connection: Connection,
    snapshot: Snapshot,
    wish: Wish,
    *,
    tell: Tell = lambda _: None,
    turn: Turn | None = None,
    patience: float | None = None,
) -> Path:
    """Fetch a file of a completed job, write the notes beside it, and return its path.

    Bytes gather in a part beside the target (see ``parts``), which stays when this fails or is
    cancelled: the next call goes on from there.

    Args:
        connection: Whom to ask.
        snapshot: Of the job.
        wish: Which file, and where.
        tell: See :class:`Transfer`.
        turn: Likewise.
        patience: Likewise.

    Raises:
        UsageError: The target exists, or can't be written.
        FileNotServed: The service did not serve the file in time.
        DownloadFailed: It is cut short, of another kind, or refused.
        TempolorError: The service refused for another reason.
    """
    target = wish.target(snapshot)
    notes = _Notes(snapshot, wish, target, connection.base_url)
    try:
        if not wish.overwrite and await run_sync(notes.find):
            return target
        await run_sync(lambda: target.parent.mkdir(parents=True, exist_ok=True))
        transfer = Transfer(
            connection, snapshot, wish.kind, target, tell=tell, turn=turn, patience=patience
        )
        part = await transfer.run()
        sha256 = await run_sync(_finish, part, target, wish)
        if sha256:
            await run_sync(notes.write, sha256, connection.clock.time())
        else:  # somebody else was quicker
            await run_sync(notes.find)
            await run_sync(sweep, target)
    except OSError as error:
        raise _unwritable(target, error) from None
    return target


def _finish(part: Part, target: Path, wish: Wish) -> str:
    """Rename the part; its checksum, or nothing if the target has come to exist meanwhile."""
    try:
        sha256 = part.settle()
        part.become(target, overwrite=wish.overwrite)
    except FileExistsError:
        return ""
    finally:
        part.close()
    sweep(target)
    return sha256


class _Notes:
    """The notes beside a target. Everything here may block for as long as the disk does."""

    def __init__(self, snapshot: Snapshot, wish: Wish, target: Path, base_url: str) -> None:
        self._snapshot = snapshot
        self._wish = wish
        self._target = target
        self._base_url = base_url
        self._path = target.with_name(sidecar_name(target.name))

    def find(self) -> bool:
        """Whether the target is there and is the file that is wanted.

        Raises:
            UsageError: It is another, or what lies in the place of the notes is.
        """
        told = self._read()
        if self._target.exists():
            # Without notes a name of ours is believed.
            if not (self._wish.is_folder if told is None else self._is_ours(told)):
                raise _left_alone(self._target)
            if told is None:
                self._mend()
            return True
        if told is not None and "job_id" not in told:
            raise _left_alone(self._path)
        return False

    def _is_ours(self, told: Mapping[str, Any]) -> bool:
        return is_about(told, self._snapshot, self._wish.kind)

    def _mend(self) -> None:
        """Make the notes of a file whose saving ended before they were written."""
        with self._target.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        self.write(sha256, self._target.stat().st_mtime)

    def write(self, sha256: str, saved_at: float) -> None:
        """Write the notes, whole or not at all."""
        size = self._target.stat().st_size
        contents = Contents(self._target.name, size, sha256, saved_at)
        document = sidecar(self._snapshot, self._wish.kind, contents, base_url=self._base_url)
        draft = self._path.with_name(f"{self._path.name}.{uuid.uuid4().hex[:8]}.tmp")
        try:
            draft.write_bytes(document)
            draft.replace(self._path)
        finally:
            draft.unlink(missing_ok=True)

    def _read(self) -> Mapping[str, Any] | None:
        """The notes that are there, empty if they can't be read; ``None`` if there are none."""
        try:
            told = json.loads(self._path.read_bytes())
        except FileNotFoundError:
            return None
        except (ValueError, RecursionError):
            return {}
        return told if isinstance(told, dict) else {}


def _unwritable(path: Path, error: OSError) -> UsageError:
    return UsageError(
        f"{shown(str(path), 200)} can't be written: {error.strerror or error}",
        "choose another folder with --output",
    )


def _left_alone(path: Path) -> UsageError:
    return UsageError(f"{path} exists and was left alone", "add --overwrite or another name")
