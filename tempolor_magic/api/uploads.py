"""What may be uploaded, checked before anything is sent. Pure.

The service looks at the media type, not at the file's name. The types are the published ones.
"""

from __future__ import annotations

from collections.abc import Mapping

from tempolor_magic.api.wire import Upload
from tempolor_magic.errors import UsageError, shown

# The media types the service takes, by the endings of file names; the first type of an ending
# is what such a file is sent as.
AUDIO: Mapping[str, tuple[str, ...]] = {
    ".mp3": ("audio/mpeg",),
    ".wav": ("audio/wav", "audio/wave"),
    ".m4a": ("audio/x-m4a", "audio/mp4"),
    ".mp4": ("audio/mp4",),
    ".flac": ("audio/flac", "audio/x-flac"),
}
MIDI: Mapping[str, tuple[str, ...]] = {
    ".mid": ("audio/midi", "audio/x-midi"),
    ".midi": ("audio/midi", "audio/x-midi"),
}


def upload_of(file_name: str, content: bytes, kinds: Mapping[str, tuple[str, ...]]) -> Upload:
    """A file as an upload, its media type told by the ending of its name.

    Args:
        file_name: Its last part is enough.
        content: The bytes of the file.
        kinds: ``AUDIO`` or ``MIDI``.

    Raises:
        UsageError: The service takes no such files.
    """
    dot = file_name.rfind(".")
    ending = file_name[dot:].lower() if dot >= 0 else ""
    if ending not in kinds:
        raise UsageError(f"{shown(file_name)} can't be uploaded here", f"take {_any(kinds)}")
    return Upload(content, kinds[ending][0])


def check_upload(upload: Upload, kinds: Mapping[str, tuple[str, ...]]) -> Upload:
    """Return *upload*, its media type as the service writes it.

    Raises:
        UsageError: It is empty, or of a type the service does not take. Nothing was sent.
    """
    types = [each for several in kinds.values() for each in several]
    media_type = upload.media_type.strip().lower()
    if media_type not in types:
        raise UsageError(
            f"files of type {shown(upload.media_type)} can't be uploaded here",
            f"the service takes {', '.join(dict.fromkeys(types))}",
        )
    if not upload.content:
        raise UsageError("the file is empty", f"take {_any(kinds)} with something in it")
    return Upload(upload.content, media_type)


def check_name(name: str) -> str:
    """Return *name* without the blanks around it.

    Raises:
        UsageError: It is empty or holds control characters. Nothing was sent.
    """
    bare = name.strip()
    if not bare:
        raise UsageError("it needs a name", "give one by which you find it again")
    if not bare.isprintable():
        raise UsageError(f"{shown(name)} can't be a name", "take letters, digits and blanks")
    return bare


def _any(kinds: Mapping[str, tuple[str, ...]]) -> str:
    *others, last = kinds
    return f"a {', '.join(others)} or {last} file"
