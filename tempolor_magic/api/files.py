"""A file of one's own as an upload."""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike

import anyio

from tempolor_magic.api.uploads import check_upload, upload_of
from tempolor_magic.api.wire import Upload
from tempolor_magic.errors import UsageError, shown


async def as_upload(
    given: Upload | PathLike[str] | str, kinds: Mapping[str, tuple[str, ...]]
) -> Upload:
    """*given*, or the file of that path, checked.

    Raises:
        UsageError: It can't be read, is empty, or of a type the service does not take.
    """
    if isinstance(given, Upload):
        return check_upload(given, kinds)
    try:
        path = await anyio.Path(given).expanduser()
        content = await path.read_bytes()
    except (OSError, RuntimeError, ValueError) as error:
        why = getattr(error, "strerror", None) or "it is no path"
        raise UsageError(f"{shown(str(given))} can't be read: {why}", "check the path") from None
    return check_upload(upload_of(path.name, content, kinds), kinds)
