"""The verbs that make music: song, instrumental. They spend credits. Pure."""

from __future__ import annotations

import argparse

from tempolor_magic.api.orders import KEYS, Delivery, InstrumentalOrder, Order, SongOrder
from tempolor_magic.errors import UsageError, shown
from tempolor_magic.language.commands import Make
from tempolor_magic.language.syntax import Verb
from tempolor_magic.language.watching import add_watching, how


def _options_song(parser: argparse.ArgumentParser) -> None:
    _add_prompt(parser)
    parser.add_argument("--lyrics", metavar="TEXT", help="at most 3,000 characters")
    parser.add_argument("--voice", metavar="ID", help="an artist's voice, or a cloned one")
    parser.add_argument("--midi", metavar="ID", help="a melody to sing")
    _add_common(parser)


def _options_instrumental(parser: argparse.ArgumentParser) -> None:
    _add_prompt(parser)
    parser.add_argument("--bpm", metavar="N", help="50 to 190 beats per minute")
    parser.add_argument("--key", metavar="K", help="such as C:major or F#:minor")
    parser.add_argument("--chords", metavar="C", help='such as "C F G Am"')
    _add_common(parser)


def _add_prompt(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("prompt", nargs="*", metavar="PROMPT", help="at most 2,000 characters")


def _add_common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--model", metavar="M", help="a model name, passed on as it is")
    parser.add_argument("--account", metavar="A", help="the TemPolor account that makes it")
    parser.add_argument("--new", action="store_true", help="make another, even if this one exists")
    add_watching(parser)


def _song(asked: argparse.Namespace, cell: str | None) -> Make:
    if cell is not None and asked.lyrics:
        raise UsageError("lyrics stand in the cell and in --lyrics", "keep one of them")
    order = SongOrder(
        prompt=_prompt(asked),
        lyrics=(asked.lyrics or cell or "").strip("\n"),
        model=asked.model or "",
        voice=asked.voice or "",
        midi=asked.midi or "",
        delivery=Delivery(account=asked.account or ""),
    )
    return _make(asked, order)


def _instrumental(asked: argparse.Namespace, cell: str | None) -> Make:
    prompt = _prompt(asked)
    if cell is not None and cell.strip() and prompt:
        raise UsageError("a prompt stands in the line and in the cell", "keep one of them")
    order = InstrumentalOrder(
        prompt=prompt or (cell or "").strip(),
        model=asked.model or "",
        key=asked.key or "",
        bpm=_bpm(asked.bpm),
        chords=asked.chords or "",
        delivery=Delivery(account=asked.account or ""),
    )
    return _make(asked, order)


def _make(asked: argparse.Namespace, order: Order) -> Make:
    order.document()  # complains about what can't be asked for, before anything else happens
    return Make(order, how(asked), anew=asked.new)


def _prompt(asked: argparse.Namespace) -> str:
    words = asked.prompt
    return str(words[0]) if len(words) == 1 else " ".join(word.raw for word in words)


def _bpm(text: str | None) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit()):
        raise UsageError(f"{shown(text, 40)} is no tempo", "a whole number of bpm, 50 to 190")
    return int(text[:9])


VERBS = (
    Verb(
        "song",
        "make a song (spends credits), then watch it; %%tempolor song: lyrics in the cell",
        _options_song,
        _song,
        takes_cell=True,
    ),
    Verb(
        "instrumental",
        "make a piece without singing; %%tempolor instrumental: prompt in the cell",
        _options_instrumental,
        _instrumental,
        takes_cell=True,
        values={"--key": KEYS},
    ),
)
