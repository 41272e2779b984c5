"""The verbs that look at jobs: watch, status, wait, stop, show, jobs, resume. Pure."""

from __future__ import annotations

import argparse

from tempolor_magic.language.commands import (
    AskStatus,
    Resume,
    Show,
    ShowJournal,
    Stop,
    Wait,
    Watch,
    Watching,
)
from tempolor_magic.language.saving import add_download, what_to_download
from tempolor_magic.language.syntax import (
    Verb,
    add_ids,
    job_ids,
    no_options,
    one_job_id,
    optional_seconds,
    some_job_ids,
)
from tempolor_magic.settings import interval_seconds


def add_watching(parser: argparse.ArgumentParser) -> None:
    """The options of every verb that ends in watching."""
    parser.add_argument("--interval", metavar="S", help="ask every S seconds")
    parser.add_argument(
        "--deadline", metavar="D", help="give up after D: 90, 15m, 1h (default 30m)"
    )
    parser.add_argument("--wait", action="store_true", help="block until final")
    parser.add_argument("--live", action="store_true", help="keep the widget in the end")
    _add_embed(parser)
    add_download(parser)


def how(asked: argparse.Namespace) -> Watching:
    """What :func:`add_watching` has read."""
    return Watching(
        interval=None if asked.interval is None else interval_seconds(asked.interval),
        deadline=optional_seconds(asked.deadline, "deadline"),
        wait=asked.wait,
        live=asked.live,
        embed=asked.embed,
        save=what_to_download(asked),
    )


def _add_embed(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--embed", action="store_true", help="audio into the file, up to 8 MB")


def _options_watch(parser: argparse.ArgumentParser) -> None:
    add_ids(parser)
    add_watching(parser)


def _options_wait(parser: argparse.ArgumentParser) -> None:
    add_ids(parser)
    parser.add_argument("--timeout", metavar="D", help="stop waiting after D: 90, 15m, 1h")


def _options_show(parser: argparse.ArgumentParser) -> None:
    add_ids(parser)
    parser.add_argument("--live", action="store_true", help="a widget, also when it is over")
    _add_embed(parser)


VERBS = (
    Verb(
        "watch",
        "watch jobs, live in the cell; the kernel stays free",
        _options_watch,
        lambda asked, _: Watch(some_job_ids(asked.ids), how(asked)),
        takes_ids=True,
    ),
    Verb(
        "status",
        "ask once and show the metadata",
        add_ids,
        lambda asked, _: AskStatus(one_job_id(asked.ids)),
        takes_ids=True,
    ),
    Verb(
        "wait",
        "block, interruptibly, until jobs are final; no id: all watched",
        _options_wait,
        lambda asked, _: Wait(job_ids(asked.ids), optional_seconds(asked.timeout, "timeout")),
        takes_ids=True,
    ),
    Verb(
        "stop",
        "stop watching here, the job itself goes on; no id: all",
        add_ids,
        lambda asked, _: Stop(job_ids(asked.ids)),
        takes_ids=True,
    ),
    Verb(
        "show",
        "show the card again; no id: all watched",
        _options_show,
        lambda asked, _: Show(job_ids(asked.ids), asked.live, asked.embed),
        takes_ids=True,
    ),
    Verb(
        "jobs",
        "the jobs this machine has seen with this token, newest first",
        no_options,
        lambda _asked, _: ShowJournal(),
    ),
    Verb(
        "resume",
        "after a restart: watch again what was not final",
        no_options,
        lambda _asked, _: Resume(),
    ),
)
