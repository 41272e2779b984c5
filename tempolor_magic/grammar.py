"""A ``%tempolor`` line, and the cell below it, read as a command. Pure: knows no IPython.

The table ``VERBS`` is the grammar: parsing, help and completion are read from it.
"""

from __future__ import annotations

import argparse
import difflib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NoReturn

from tempolor_magic.api.ids import JobId, parse_job_id
from tempolor_magic.commands import (
    AskStatus,
    Command,
    Download,
    Help,
    Resume,
    Sandbox,
    Show,
    ShowConfig,
    ShowJournal,
    Song,
    Stop,
    Wait,
    Watch,
    Watching,
    check_song,
)
from tempolor_magic.errors import UsageError, shown
from tempolor_magic.line import Expand, Word, expand_word, split
from tempolor_magic.settings import seconds


class _Parser(argparse.ArgumentParser):
    """A parser whose complaints are one line and raise instead of leaving the program."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{self.prog}: {shown(message, 160)}", f"{self.prog} --help")


@dataclass(frozen=True, slots=True)
class Verb:
    """One verb: its help, its options and how a parsed line becomes a command."""

    name: str
    summary: str
    add_options: Callable[[argparse.ArgumentParser], object]
    make: Callable[[argparse.Namespace, str | None], Command]
    takes_ids: bool = False
    takes_cell: bool = False

    def parser(self) -> argparse.ArgumentParser:
        """Its argument parser; also what help and completion read."""
        parser = _Parser(
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


def parse(line: str, cell: str | None = None, *, expand: Expand = lambda word: (word,)) -> Command:
    """Read a line and the cell below it.

    Args:
        line: What stands behind ``%tempolor``.
        cell: The cell's body; ``None`` for a line magic.
        expand: Turns a word with ``{name}`` or ``$name`` into the ids it stands for. Called for
            verbs that take ids only: prompts and lyrics stay as they are.

    Raises:
        UsageError: With the nearest match, where there is one.
    """
    words = split(line)
    if (not words and cell is None) or words[:1] in (["-h"], ["--help"], ["help"]):
        return Help(overview())
    verb, rest = _find_verb(words)
    if cell is not None and not verb.takes_cell:
        raise UsageError(
            f"%tempolor {verb.name} takes no cell body", f"%tempolor {verb.name} --help"
        )
    if verb.takes_ids:
        rest = [Word(part) for word in rest for part in _some(word, expand_word(word, expand))]
    asked, unknown = verb.parser().parse_known_intermixed_args(rest)
    if asked.help:
        return Help(verb.parser().format_help())
    if unknown:
        _refuse_option(verb, unknown[0])
    return verb.make(asked, cell)


def _some(word: Word, parts: Sequence[str]) -> Sequence[str]:
    """An empty list must not read as "no id: all of them"."""
    if not parts:
        raise UsageError(f"{shown(word, 60)} holds no job", "name a variable that holds a job")
    return parts


def overview() -> str:
    """All verbs, a line each."""
    longest = max(len(name) for name in VERBS)
    verbs = "\n".join(f"  {v.name:<{longest}}  {v.summary}" for v in VERBS.values())
    return (
        "%tempolor JOB_ID …        watch music jobs, live in the cell\n"
        "%tempolor VERB …          do one of these:\n\n"
        f"{verbs}\n\n"
        "%tempolor VERB --help     tells the options of a verb.\n"
        "{name} and $name stand for the ids in a variable.\n"
        "No token yet? %tempolor sandbox starts a practice service that needs none."
    )


def _find_verb(words: Sequence[Word]) -> tuple[Verb, Sequence[Word]]:
    if not words:
        return VERBS["watch"], words
    first = words[0]
    if first in VERBS:
        return VERBS[first], words[1:]
    if first.isalpha():
        raise UsageError(f"there is no verb {shown(first, 40)}", _nearest(first.lower(), VERBS))
    return VERBS["watch"], words


def _refuse_option(verb: Verb, word: str) -> NoReturn:
    option = word.split("=", maxsplit=1)[0]
    what = "option" if option.startswith("-") else "word"
    raise UsageError(
        f"%tempolor {verb.name} has no {what} {shown(option, 40)}",
        _nearest(option, verb.options(), f"%tempolor {verb.name} --help"),
    )


def _nearest(word: str, known: Sequence[str] | dict[str, Verb], else_say: str = "") -> str:
    # --help is near to any short option, and no answer to it.
    near = difflib.get_close_matches(word, [k for k in known if k != "--help"], n=1, cutoff=0.6)
    return f"did you mean {near[0]}?" if near else else_say or "%tempolor --help lists the verbs"


def _ids(words: Sequence[str]) -> tuple[JobId, ...]:
    """Checked, in order, each once."""
    return tuple(dict.fromkeys(parse_job_id(word) for word in words))


def _some_ids(words: Sequence[str]) -> tuple[JobId, ...]:
    return _ids(words or [""])


def _optional(text: str | None, what: str) -> float | None:
    return None if text is None else seconds(text, what)


def _how(asked: argparse.Namespace) -> Watching:
    return Watching(
        interval=_optional(asked.interval, "interval"),
        deadline=_optional(asked.deadline, "deadline"),
        wait=asked.wait,
        live=asked.live,
        embed=asked.embed,
    )


def _song(asked: argparse.Namespace, cell: str | None) -> Song:
    words = asked.prompt
    prompt = str(words[0]) if len(words) == 1 else " ".join(word.raw for word in words)
    if cell is not None and asked.lyrics:
        raise UsageError("lyrics stand in the cell and in --lyrics", "keep one of them")
    lyrics = (asked.lyrics or cell or "").strip("\n")
    check_song(prompt, lyrics)
    return Song(prompt, lyrics, asked.model or "", _how(asked))


def _sandbox(asked: argparse.Namespace, _: str | None) -> Sandbox:
    if asked.action not in {"start", "stop"}:
        raise UsageError(
            f"the sandbox can't {shown(asked.action, 40)}",
            _nearest(asked.action, ["start", "stop"], "%tempolor sandbox start|stop"),
        )
    try:
        speed = float(asked.speed)
    except ValueError:
        speed = 0.0
    if not 0.1 <= speed <= 1000:  # noqa: PLR2004  # beyond, nothing can be watched any more
        raise UsageError(f"{shown(asked.speed, 40)} is no speed", "a number from 0.1 to 1000")
    return Sandbox(stop=asked.action == "stop", speed=speed)


def _add_ids(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("ids", nargs="*", metavar="JOB_ID", help="user:…-tempolor:…-job:…")


def _add_watching(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--interval", metavar="S", help="ask every S seconds")
    parser.add_argument(
        "--deadline", metavar="D", help="give up after D: 90, 15m, 1h (default 30m)"
    )
    parser.add_argument("--wait", action="store_true", help="block until final")
    parser.add_argument("--live", action="store_true", help="keep the widget in the end")
    _add_embed(parser)


def _add_embed(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--embed", action="store_true", help="audio into the file, up to 8 MB")


def _options_watch(parser: argparse.ArgumentParser) -> None:
    _add_ids(parser)
    _add_watching(parser)


def _options_wait(parser: argparse.ArgumentParser) -> None:
    _add_ids(parser)
    parser.add_argument("--timeout", metavar="D", help="stop waiting after D: 90, 15m, 1h")


def _options_show(parser: argparse.ArgumentParser) -> None:
    _add_ids(parser)
    parser.add_argument("--live", action="store_true", help="a widget, also when it is over")
    _add_embed(parser)


def _options_song(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("prompt", nargs="*", metavar="PROMPT", help="at most 2,000 characters")
    parser.add_argument("--lyrics", metavar="TEXT", help="at most 3,000 characters")
    parser.add_argument("--model", metavar="M", help="a model name, passed on as it is")
    _add_watching(parser)


def _options_download(parser: argparse.ArgumentParser) -> None:
    _add_ids(parser)
    parser.add_argument("--output", metavar="PATH", help="a file or a folder")
    parser.add_argument("--overwrite", action="store_true", help="replace a file that exists")


def _options_sandbox(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", nargs="?", default="start", metavar="start|stop")
    parser.add_argument("--speed", default="1", metavar="X", help="X times as fast (default 1)")


def _one_id(words: Sequence[str]) -> JobId:
    ids = _some_ids(words)
    if len(ids) > 1:
        raise UsageError("this verb takes one job id", "give them one at a time")
    return ids[0]


def _no_options(_: argparse.ArgumentParser) -> None:
    """A verb that takes nothing."""


VERBS: dict[str, Verb] = {
    verb.name: verb
    for verb in (
        Verb(
            "watch",
            "watch jobs, live in the cell; the kernel stays free",
            _options_watch,
            lambda asked, _: Watch(_some_ids(asked.ids), _how(asked)),
            takes_ids=True,
        ),
        Verb(
            "status",
            "ask once and show the metadata",
            _add_ids,
            lambda asked, _: AskStatus(_one_id(asked.ids)),
            takes_ids=True,
        ),
        Verb(
            "wait",
            "block, interruptibly, until jobs are final; no id: all watched",
            _options_wait,
            lambda asked, _: Wait(_ids(asked.ids), _optional(asked.timeout, "timeout")),
            takes_ids=True,
        ),
        Verb(
            "stop",
            "stop watching here, the job itself goes on; no id: all",
            _add_ids,
            lambda asked, _: Stop(_ids(asked.ids)),
            takes_ids=True,
        ),
        Verb(
            "show",
            "show the card again; no id: all watched",
            _options_show,
            lambda asked, _: Show(_ids(asked.ids), asked.live, asked.embed),
            takes_ids=True,
        ),
        Verb(
            "jobs",
            "the jobs this machine has seen with this token, newest first",
            _no_options,
            lambda _asked, _: ShowJournal(),
        ),
        Verb(
            "resume",
            "after a restart: watch again what was not final",
            _no_options,
            lambda _asked, _: Resume(),
        ),
        Verb(
            "song",
            "make a song (spends credits), then watch it; %%tempolor song: lyrics in the cell",
            _options_song,
            _song,
            takes_cell=True,
        ),
        Verb(
            "download",
            "save the MP3 of a job, waiting for it first",
            _options_download,
            lambda asked, _: Download(_one_id(asked.ids), asked.output, asked.overwrite),
            takes_ids=True,
        ),
        Verb(
            "sandbox",
            "start (or stop) a practice service on this machine; it needs no token",
            _options_sandbox,
            _sandbox,
        ),
        Verb(
            "config",
            "what is in force and where it came from",
            _no_options,
            lambda _asked, _: ShowConfig(),
        ),
    )
}
