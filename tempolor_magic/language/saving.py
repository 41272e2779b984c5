"""The options that say which file to save and where to. Pure."""

from __future__ import annotations

import argparse

from tempolor_magic.api.formats import FORMATS, MP3
from tempolor_magic.errors import UsageError
from tempolor_magic.language.commands import Save


def add_saving(parser: argparse.ArgumentParser) -> None:
    """What to save, and where to."""
    parser.add_argument(
        "--format",
        choices=tuple(FORMATS),
        metavar="F",
        help=f"{', '.join(FORMATS)} (a ZIP); default mp3",
    )
    parser.add_argument("--output", metavar="PATH", help="a folder, or a file for one job")


def what_to_save(asked: argparse.Namespace) -> Save:
    """What :func:`add_saving` has read."""
    overwrite = getattr(asked, "overwrite", False)
    return Save(asked.format or MP3.name, asked.output, overwrite)


def add_download(parser: argparse.ArgumentParser) -> None:
    """Saving as a part of watching."""
    parser.add_argument("--download", action="store_true", help="save the music when it is done")
    add_saving(parser)


def what_to_download(asked: argparse.Namespace) -> Save | None:
    """What :func:`add_download` has read.

    Raises:
        UsageError: It says how, but not that anything is to be saved.
    """
    if asked.download:
        return what_to_save(asked)
    for option in ("format", "output"):
        if getattr(asked, option):
            raise UsageError(f"--{option} says how to save, but nothing is to be", "add --download")
    return None
