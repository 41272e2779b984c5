"""A ``%tempolor`` line, and the cell below it, read as a command. Pure: knows no IPython.

The table ``VERBS`` is the grammar: parsing, help and completion are read from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn

from tempolor_magic.errors import UsageError, shown
from tempolor_magic.language import files, library, making, setup, watching
from tempolor_magic.language.commands import Command, Help
from tempolor_magic.language.line import Expand, Word, expand_word, split
from tempolor_magic.language.syntax import Verb, nearest
from tempolor_magic.version import __version__

VERBS: dict[str, Verb] = {
    verb.name: verb for room in (watching, making, files, library, setup) for verb in room.VERBS
}


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
    if words[:1] == ["--version"]:
        return Help(f"tempolor_magic {__version__}")
    if (not words and cell is None) or words[:1] in (["-h"], ["--help"], ["help"]):
        named = VERBS.get(words[1]) if words[1:] else None
        return Help(named.parser().format_help() if named else overview())
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
        raise UsageError(f"there is no verb {shown(first, 40)}", nearest(first.lower(), VERBS))
    return VERBS["watch"], words


def _refuse_option(verb: Verb, word: str) -> NoReturn:
    option = word.split("=", maxsplit=1)[0]
    what = "option" if option.startswith("-") else "word"
    raise UsageError(
        f"%tempolor {verb.name} has no {what} {shown(option, 40)}",
        nearest(option, verb.options(), f"%tempolor {verb.name} --help"),
    )
