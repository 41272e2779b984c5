"""What Tab offers behind ``%tempolor``: verbs and options of the grammar, ids of the journal."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from tempolor_magic.language.grammar import VERBS

_LINE = re.compile(r"^\s*(?:[\w.,\s]+=\s*)?%%?tempolor\s+(?P<rest>.*)$")


def complete(line: str, known_ids: Callable[[], Sequence[str]]) -> tuple[str, list[str]] | None:
    """The word under the cursor and what it may become; ``None`` for lines that are not ours.

    Args:
        line: The line up to the cursor.
        known_ids: Asked for only where an id may stand.
    """
    found = _LINE.match(line)
    if found is None:
        return None
    *before, word = re.split(r"\s+", found["rest"])
    return word, [each for each in _candidates(before, word, known_ids) if each.startswith(word)]


def _candidates(
    before: Sequence[str], word: str, known_ids: Callable[[], Sequence[str]]
) -> list[str]:
    verb = VERBS.get(before[0]) if before else None
    if not before:
        return [*VERBS, "--help", *(known_ids() if word else ())]
    verb = verb or VERBS["watch"]
    if word.startswith("-"):
        return [option for option in verb.options() if option not in before]
    if values := verb.values_of(before[-1]):
        return list(values)
    if verb.words:
        return list(verb.words) if len(before) == 1 else []
    return [each for each in known_ids() if each not in before] if verb.takes_ids else []
