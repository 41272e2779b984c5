"""The verbs that bring files home: download. Pure."""

from __future__ import annotations

import argparse

from tempolor_magic.language.commands import Download
from tempolor_magic.language.saving import add_saving, what_to_save
from tempolor_magic.language.syntax import Verb, add_ids, some_job_ids


def _options_download(parser: argparse.ArgumentParser) -> None:
    add_ids(parser)
    add_saving(parser)
    parser.add_argument("--overwrite", action="store_true", help="replace a file that exists")


VERBS = (
    Verb(
        "download",
        "save the music of jobs, waiting for them first; again goes on where it stopped",
        _options_download,
        lambda asked, _: Download(some_job_ids(asked.ids), what_to_save(asked)),
        takes_ids=True,
    ),
)
