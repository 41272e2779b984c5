"""The kinds of file that the service makes of a job, each known by its first bytes. Pure.

Source: ``file_format`` of ``GET /music/download/{job_id}``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tempolor_magic.errors import UsageError, shown

# So many bytes tell every kind.
HEAD = 12
# A page or an error in the place of a file is told by its type before a byte of it is read.
_NO_FILE = ("text/", "application/json", "application/xml", "application/xhtml+xml")


def is_mp3(head: bytes) -> bool:
    """Whether a file begins like MPEG audio: a tag, or a frame's eleven sync bits.

    Layer I is left out: its sync is also how UTF-16 text begins.
    """
    if head.startswith(b"ID3"):
        return True
    return len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0 and head[1] & 6 != 6  # noqa: PLR2004


def is_wav(head: bytes) -> bool:
    """Whether a file begins like a WAV: a RIFF of waves."""
    return head[:4] == b"RIFF" and head[8:12] == b"WAVE"


def is_zip(head: bytes) -> bool:
    """Whether a file begins like a ZIP that holds something."""
    return head.startswith(b"PK\x03\x04")


@dataclass(frozen=True, slots=True)
class Format:
    """One kind of file.

    ``name`` is the service's word for it, ``words`` what people call it. ``ending`` closes the
    name of a file; ``fits`` tells by its first ``HEAD`` bytes whether a file is of this kind.
    """

    name: str
    words: str
    ending: str
    fits: Callable[[bytes], bool]

    @property
    def suffix(self) -> str:
        """Of its file names, with the dot."""
        return self.ending[self.ending.rindex(".") :]


MP3 = Format("mp3", "MP3", ".mp3", is_mp3)
WAV = Format("wav", "WAV", ".wav", is_wav)
# Named apart from the other files of the job, since a ZIP could be anything.
STEMS = Format("stems", "ZIP of stems", " stems.zip", is_zip)
FORMATS = {each.name: each for each in (MP3, WAV, STEMS)}


def read_format(text: str) -> Format:
    """The kind called *text*.

    Raises:
        UsageError: There is none of that name.
    """
    found = FORMATS.get(text.strip().lower())
    if found is None:
        raise UsageError(
            f"the format {shown(repr(text), 40)} can't be downloaded",
            f"one of {', '.join(FORMATS)}",
        )
    return found


def is_document(media_type: str) -> bool:
    """Whether a media type is that of a page or an error, which no file of a job is."""
    return media_type.startswith(_NO_FILE) or media_type.endswith(("+xml", "+json"))
