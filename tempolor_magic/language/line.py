"""A typed line as words: where they begin and end, and what a name in one stands for. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Self

Expand = Callable[[str], Sequence[str]]


class Word(str):
    """One word of a line; ``raw`` is how it was typed, quotes included."""

    __slots__ = ("raw",)
    raw: str

    def __new__(cls, raw: str) -> Self:
        """Drop the quotes around *raw*."""
        found = re.fullmatch(r"""(--[\w-]+=)?(["'])(.*)\2""", raw, re.DOTALL)
        word = super().__new__(cls, (found[1] or "") + found[3] if found else raw)
        word.raw = raw
        return word


def split(line: str) -> list[Word]:
    """Words of a line. Quotes and braces hold words together where a word begins with one.

    So do quotes behind ``--option=``.

    Unlike a shell's, these rules can't fail: an apostrophe inside a word is just that.
    """
    option, braces = r"""--[\w-]+=(?:"[^"]*"|'[^']*')(?=\s|$)""", r"\{(?:[^{}]|\{[^{}]*\})*\}\S*"
    pattern = rf"""{option}|{braces}|"[^"]*"(?=\s|$)|'[^']*'(?=\s|$)|\S+"""
    return [Word(found) for found in re.findall(pattern, line)]


def expand_word(word: Word, expand: Expand) -> Sequence[str]:
    """The ids a word stands for; a quoted or plain word stands for itself."""
    if word.raw[:1] not in "\"'" and re.search(r"[{$]", word):
        return expand(word)
    return (word.raw,)
