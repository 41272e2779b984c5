"""Names of files, made from titles that hold anything."""

from __future__ import annotations

import re

import pytest
from samples import BIDI

from tempolor_magic.api.formats import MP3, STEMS, WAV, Format
from tempolor_magic.api.ids import parse_job_id
from tempolor_magic.watching.naming import file_name

ITEM = "abcdef123456789"
JOB = parse_job_id(f"user:4711-tempolor:100198329-job:{ITEM}")
# The shortest limit of a file system in use, and what stands behind a name while it is fetched.
NAME_BYTES = 143
PART = ".4f697084.b5e29458.part"
RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)", re.IGNORECASE)


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Epic Orchestral", "Epic Orchestral"),
        ("", "tempolor"),
        ("   ", "tempolor"),
        ("a/b:c?d*e<f>g|h\\i", "a b c d e f g h i"),
        ("../../etc/passwd", "etc passwd"),
        ("🎵🎵", "tempolor"),
        ("Rain 🎵 2", "Rain 2"),
        ("Ночь", "Ночь"),
        ("夜曲", "夜曲"),
        ("हिन्दी गीत", "हिन्दी गीत"),
        ("Cafe\u0301", "Café"),
        ("con", "con_"),
        ("LPT1", "LPT1_"),
        ("Con amore", "Con amore"),
        ("x\u202egnp.exe\n", "x gnp exe"),
        (f"a{BIDI}b", "a b"),
        ("tab\there\0nul", "tab here nul"),
        ("Don't (Stop), me & you+", "Don't (Stop), me & you+"),
        ("-rf --no", "rf --no"),
        ("ends in dots...", "ends in dots"),
        ("$HOME `id` %PATH%", "HOME id PATH"),
        ("\ud800 half", "half"),
        ("\uff0fetc\uff0fpasswd", "etc passwd"),
    ],
)
def test_file_names_are_safe_everywhere(title: str, name: str) -> None:
    """They come from the title, and the item keeps them apart."""
    assert file_name(title, JOB, MP3) == f"{name} {ITEM}.mp3"


@pytest.mark.parametrize(("kind", "ending"), [(MP3, ".mp3"), (WAV, ".wav"), (STEMS, " stems.zip")])
def test_the_files_of_a_job_have_names_of_their_own(kind: Format, ending: str) -> None:
    """None takes the place of another."""
    assert file_name("Rain", JOB, kind) == f"Rain {ITEM}{ending}"


@pytest.mark.parametrize("letter", ["x", "é", "夜", "🎵", "e\u0301", "क\u094d", "\ufdfa", "a b "])
@pytest.mark.parametrize("item", [ITEM, "i" * 230])
def test_a_long_title_makes_a_name_that_no_disk_refuses(letter: str, item: str) -> None:
    """Counted in bytes, with what is added to it on the way; and no letter is cut in half."""
    job_id = parse_job_id(f"user:1-tempolor:2-job:{item}")
    name = file_name(letter * 5000, job_id, STEMS)
    assert len(f"{name}{PART}".encode()) <= NAME_BYTES
    assert "\ufffd" not in name


def test_long_items_stay_apart() -> None:
    """What is cut off is told by a mark."""
    one, other = (parse_job_id(f"user:1-tempolor:2-job:{'i' * 200}{n}") for n in "ab")
    assert file_name("Rain", one, MP3) != file_name("Rain", other, MP3)


@pytest.mark.parametrize("title", ["con", "NUL", "aux", "com1", "", "."])
@pytest.mark.parametrize("item", [ITEM, ".x", "...", "~", "a.b"])
def test_no_name_is_a_device_of_windows_or_hidden(title: str, item: str) -> None:
    """What stands before the first dot decides there, without blanks at its end."""
    name = file_name(title, parse_job_id(f"user:1-tempolor:2-job:{item}"), MP3)
    assert not RESERVED.fullmatch(name.partition(".")[0].rstrip())
    assert not name.startswith((".", " ", "-"))
    assert not name.endswith((".", " "))
