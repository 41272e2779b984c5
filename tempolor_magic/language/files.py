"""The verbs that bring files home: download. Pure."""

from __future__ import annotations

import argparse

from tempolor_magic.language.commands import Download
from tempolor_magic.language.syntax import Verb, add_ids, one_job_id


def _options_download(parser: argparse.ArgumentParser) -> None:
    add_ids(parser)
    parser.add_argument("--output", metavar="PATH", help="a file or a folder")
    parser.add_argument("--overwrite", action="store_true", help="replace a file that exists")


VERBS = (
    Verb(
        "download",
        "save the MP3 of a job, waiting for it first",
        _options_download,
        lambda asked, _: Download(one_job_id(asked.ids), asked.output, asked.overwrite),
        takes_ids=True,
    ),
)
