"""The verbs that look after what the service keeps: list, slots, cancel, delete. Pure."""

from __future__ import annotations

import argparse

from tempolor_magic.api.orders import KINDS
from tempolor_magic.language.commands import Cancel, Delete, ListLibrary, ShowSlots
from tempolor_magic.language.syntax import (
    Verb,
    add_ids,
    choice,
    no_options,
    one_job_id,
    some_job_ids,
)


def _options_list(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--type", default="song", metavar="T", help="song (default), instrumental")
    parser.add_argument("--account", metavar="A", help="needed where there are several")
    parser.add_argument("--more", action="store_true", help="the page after the last one shown")


def _list(asked: argparse.Namespace, _: str | None) -> ListLibrary:
    kind = choice(asked.type, KINDS, "type of music")
    return ListLibrary(kind, asked.account or "", asked.more)


def _options_sure(parser: argparse.ArgumentParser) -> None:
    add_ids(parser)
    parser.add_argument("--yes", action="store_true", help="do it without asking")


VERBS = (
    Verb(
        "list",
        "the account's library at the service, page by page",
        _options_list,
        _list,
        values={"--type": KINDS},
    ),
    Verb(
        "slots",
        "how many jobs run, and how many more may begin, per account",
        no_options,
        lambda _asked, _: ShowSlots(),
    ),
    Verb(
        "cancel",
        "have useapi.net forget a running job; it is still made and billed; asks first",
        _options_sure,
        lambda asked, _: Cancel(one_job_id(asked.ids), asked.yes),
        takes_ids=True,
    ),
    Verb(
        "delete",
        "delete finished jobs at the service, for good; asks first",
        _options_sure,
        lambda asked, _: Delete(some_job_ids(asked.ids), asked.yes),
        takes_ids=True,
    ),
)
