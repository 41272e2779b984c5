"""What Tab offers behind ``%tempolor``."""

from __future__ import annotations

import pytest
from samples import ID, OTHER_ID

from tempolor_magic.language.completion import complete
from tempolor_magic.language.grammar import VERBS

KNOWN = [ID, OTHER_ID]
WATCHING = [
    *("--deadline", "--download", "--embed", "--format", "--help", "--interval"),
    *("--live", "--output", "--wait"),
]
SONG = sorted([*WATCHING, "--account", "--lyrics", "--midi", "--model", "--new", "--voice"])


class Journal:
    """Known ids, and whether they were asked for."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self) -> list[str]:
        """Count the question."""
        self.asked += 1
        return KNOWN


@pytest.mark.parametrize(
    ("line", "word", "offers"),
    [
        ("%tempolor w", "w", ["watch", "wait"]),
        ("%tempolor wat", "wat", ["watch"]),
        ("  %tempolor  s", "s", ["status", "stop", "show", "song", "slots", "sandbox"]),
        ("%%tempolor so", "so", ["song"]),
        ("%tempolor --", "--", ["--help"]),
        ("%tempolor xyzzy", "xyzzy", []),
        ("x = %tempolor w", "w", ["watch", "wait"]),
        ("jobs_1=%tempolor w", "w", ["watch", "wait"]),
        ("a, b = %tempolor w", "w", ["watch", "wait"]),
        ("self.job = %tempolor w", "w", ["watch", "wait"]),
        ("x = %tempolor watch --i", "--i", ["--interval"]),
        ("%tempolor us", "us", KNOWN),
        (f"%tempolor {ID[:-3]}", ID[:-3], [ID]),
        (f"%tempolor {ID} ", "", [OTHER_ID]),
        (f"%tempolor {ID} --", "--", WATCHING),
        ("%tempolor watch ", "", KNOWN),
        ("%tempolor watch user:", "user:", KNOWN),
        (f"%tempolor watch {ID} u", "u", [OTHER_ID]),
        (f"%tempolor watch {ID} {OTHER_ID} u", "u", []),
        ("%tempolor watch -", "-", WATCHING),
        ("%tempolor watch --live --w", "--w", ["--wait"]),
        ("%tempolor watch --live --l", "--l", []),
        ("%tempolor status ", "", KNOWN),
        ("%tempolor download --o", "--o", ["--output", "--overwrite"]),
        ("%tempolor download --format ", "", ["mp3", "wav", "stems"]),
        (f"%tempolor watch {ID} --download --format w", "w", ["wav"]),
        ("%tempolor song rain --format s", "s", ["stems"]),
        ("%tempolor show --", "--", ["--embed", "--help", "--live"]),
        ("%tempolor wait --t", "--t", ["--timeout"]),
        ("%tempolor jobs ", "", []),
        ("%tempolor jobs --", "--", ["--help"]),
        ("%tempolor sandbox ", "", ["start", "stop"]),
        ("%tempolor sandbox sto", "sto", ["stop"]),
        ("%tempolor sandbox --", "--", ["--faults", "--help", "--speed"]),
        ("%tempolor song --", "--", SONG),
        ("%tempolor song u", "u", []),
    ],
)
def test_tab_offers_what_may_stand_there(line: str, word: str, offers: list[str]) -> None:
    """Verbs, options not yet given, and known ids; only what begins as typed."""
    assert complete(line, lambda: KNOWN) == (word, offers)


def test_an_empty_word_offers_every_verb() -> None:
    """All that is built, and nothing that is not."""
    assert complete("%tempolor ", lambda: KNOWN) == ("", [*VERBS, "--help"])


@pytest.mark.parametrize(
    "line",
    [
        "",
        "%tempolor",
        "%tempolors w",
        "%timeit w",
        "tempolor w",
        "import tempolor_magic as tempolor",
        "print('%tempolor w",
        "# %tempolor w",
        "!echo %tempolor w",
        "x = 5 %tempolor w",
        "x %tempolor w",
        "f(x) = %tempolor w",
        "%load_ext tempolor_magic",
    ],
)
def test_other_lines_are_left_alone(line: str) -> None:
    """The user's own code completes as if this were not there."""
    journal = Journal()
    assert complete(line, journal) is None
    assert journal.asked == 0


@pytest.mark.parametrize(
    ("line", "asked"),
    [
        ("%tempolor ", 0),
        ("%tempolor watch --", 0),
        ("%tempolor song a ", 0),
        ("%tempolor jobs ", 0),
        ("%tempolor sandbox ", 0),
        ("%tempolor watch ", 1),
        ("%tempolor u", 1),
    ],
)
def test_the_journal_is_read_only_where_an_id_may_stand(line: str, asked: int) -> None:
    """It is a file, perhaps on a slow disk."""
    journal = Journal()
    complete(line, journal)
    assert journal.asked == asked
