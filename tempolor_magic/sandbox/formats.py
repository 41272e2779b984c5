"""What a finished piece can be fetched as. Pure."""

from __future__ import annotations

from enum import StrEnum


class Format(StrEnum):
    """The values of ``file_format``."""

    MP3 = "mp3"
    WAV = "wav"
    STEMS = "stems"

    @property
    def ending(self) -> str:
        """How the file's name ends, without the dot."""
        return "zip" if self is Format.STEMS else self.value

    @property
    def media_type(self) -> str:
        """What the file network says it is."""
        return {"mp3": "audio/mpeg", "wav": "audio/wav", "zip": "application/zip"}[self.ending]
