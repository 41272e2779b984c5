"""Names of files that are safe on every system. Pure."""

from __future__ import annotations

import hashlib
import re
import unicodedata

from tempolor_magic.api.formats import Format
from tempolor_magic.api.ids import JobId

# Bytes. With the item and what stands behind it while it is fetched, a name stays below the 143
# of an encrypted home, the shortest limit there is.
_LONGEST_TITLE = 72
_LONGEST_ITEM = 32
# Punctuation that no file system minds; everything else between words becomes a blank.
_KEPT = set("-_'\u2019&+,()")
# Devices of Windows, whatever the suffix.
_RESERVED = re.compile(r"(CON|PRN|AUX|NUL|COM[0-9¹²³]|LPT[0-9¹²³])", re.IGNORECASE)


def file_name(title: str, job_id: JobId, kind: Format) -> str:
    """A name for a file of a job: its title as far as it can be, and always its item."""
    return f"{_safe(title) or 'tempolor'} {_item(job_id)}{kind.ending}"


def _safe(title: str) -> str:
    """The words of a title: letters, marks and numbers of every script."""
    plain = unicodedata.normalize("NFKC", title[:1_000])
    spaced = "".join(c if c in _KEPT or unicodedata.category(c)[0] in "LMN" else " " for c in plain)
    words = _cut(" ".join(spaced.split()), _LONGEST_TITLE)
    # A name that begins like an option would be read as one by many a program.
    words = words.strip(" -")
    return f"{words}_" if _RESERVED.fullmatch(words) else words


def _item(job_id: JobId) -> str:
    """The item, without a dot: what stands before one is what Windows looks at."""
    item = job_id.item.replace(".", "_")
    if len(item) <= _LONGEST_ITEM:
        return item
    mark = hashlib.sha256(str(job_id).encode()).hexdigest()[:8]
    return f"{item[: _LONGEST_ITEM - 9]}_{mark}"


def _cut(text: str, longest: int) -> str:
    """As much of *text* as fits into so many bytes of UTF-8, without half a letter."""
    cut = text.encode("utf-8", "replace")[:longest].decode("utf-8", "ignore")
    # A mark belongs to the letter before it: where it was cut off, the letter goes, too.
    if len(cut) < len(text) and unicodedata.category(text[len(cut)])[0] == "M":
        cut = cut.rstrip("".join({c for c in cut if unicodedata.category(c)[0] == "M"}))[:-1]
    return cut
