"""What a verb is made of: its name, its options, and how a parsed line becomes a command. Pure."""

from __future__ import annotations

import argparse
import difflib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NoReturn

from tempolor_magic.api.ids import JobId, parse_job_id
from tempolor_magic.errors import UsageError, shown
from tempolor_magic.language.commands import Command
from tempolor_magic.settings import seconds


class Parser(argparse.ArgumentParser):
    """A parser whose complaints are one line and raise instead of leaving the program."""

    def error(self, message: str) -> NoReturn:
        """What argparse calls when a line can't be read."""
        raise UsageError(f"{self.prog}: {shown(message, 160)}", f"{self.prog} --help")


@dataclass(frozen=True, slots=True)
class Verb:
    """One verb: its help, its options and how a parsed line becomes a command.

    ``words`` are what may stand behind it besides ids and options, and ``values`` what may stand
    behind an option; both are for completion.
    """

    name: str
    summary: str
    add_options: Callable[[argparse.ArgumentParser], object]
    make: Callable[[argparse.Namespace, str | None], Command]
    takes_ids: bool = False
    takes_cell: bool = False
    words: tuple[str, ...] = ()
    values: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def parser(self) -> argparse.ArgumentParser:
        """Its argument parser; also what help and completion read."""
        parser = Parser(
            prog=f"%tempolor {self.name}",
            description=self.summary,
            add_help=False,
            allow_abbrev=False,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        self.add_options(parser)
        parser.add_argument("-h", "--help", action="store_true", help="show this and do nothing")
        return parser

    def options(self) -> list[str]:
        """The long options, for completion and for the nearest match."""
        known = self.parser()._option_string_actions  # noqa: SLF001  # argparse tells nowhere else
        return sorted(name for name in known if name.startswith("--"))

    def values_of(self, option: str) -> Sequence[str]:
        """What may stand behind *option*, as far as there is a list of it."""
        known = self.parser()._option_string_actions.get(option)  # noqa: SLF001  # likewise
        closed = known.choices if known is not None and known.choices else ()
        return self.values.get(option, ()) or [str(each) for each in closed]


def nearest(word: str, known: Iterable[str], else_say: str = "") -> str:
    """The remedy for a mistyped *word*: what it is near to, or where to look."""
    # --help is near to any short option, and no answer to it.
    near = difflib.get_close_matches(word, [k for k in known if k != "--help"], n=1, cutoff=0.6)
    return f"did you mean {near[0]}?" if near else else_say or "%tempolor --help lists the verbs"


def choice(text: str, known: Sequence[str], what: str) -> str:
    """*text* if it is one of *known*.

    Raises:
        UsageError: It is not; with the nearest match.
    """
    if text not in known:
        raise UsageError(
            f"{shown(text, 40)} is no {what}", nearest(text, known, f"one of {', '.join(known)}")
        )
    return text


def job_ids(words: Sequence[str]) -> tuple[JobId, ...]:
    """Checked, in order, each once."""
    return tuple(dict.fromkeys(parse_job_id(word) for word in words))


def some_job_ids(words: Sequence[str]) -> tuple[JobId, ...]:
    """At least one."""
    return job_ids(words or [""])


def one_job_id(words: Sequence[str]) -> JobId:
    """Exactly one."""
    ids = some_job_ids(words)
    if len(ids) > 1:
        raise UsageError("this verb takes one job id", "give them one at a time")
    return ids[0]


def optional_seconds(text: str | None, what: str) -> float | None:
    """A duration that may be left out."""
    return None if text is None else seconds(text, what)


def add_ids(parser: argparse.ArgumentParser) -> None:
    """Ids of jobs, as many as there are."""
    parser.add_argument("ids", nargs="*", metavar="JOB_ID", help="user:…-tempolor:…-job:…")


def no_options(_: argparse.ArgumentParser) -> None:
    """A verb that takes nothing."""
