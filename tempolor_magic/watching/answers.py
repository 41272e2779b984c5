"""What an answer of the file host means. Pure: its status and its type in, a meaning out."""

from __future__ import annotations

from enum import Enum, auto

from tempolor_magic.api.formats import is_document
from tempolor_magic.errors import DownloadFailed, shown

_AGAIN = "try again in a minute: the next try asks for a fresh link"


class Meaning(Enum):
    """What to do about an answer."""

    SERVED = auto()  # read it
    BEYOND = auto()  # what was asked for begins behind the end
    EXPIRED = auto()  # ask the service for a fresh link
    PASSING = auto()  # try again later


_BY_STATUS = {
    200: Meaning.SERVED,
    206: Meaning.SERVED,
    416: Meaning.BEYOND,
    # What hosts of files say of an address whose time is over.
    401: Meaning.EXPIRED,
    403: Meaning.EXPIRED,
    410: Meaning.EXPIRED,
    # The file may not have reached this host yet.
    404: Meaning.PASSING,
    408: Meaning.PASSING,
    425: Meaning.PASSING,
    429: Meaning.PASSING,
}


def meaning(status: int, media_type: str) -> Meaning:
    """What the host says.

    Raises:
        DownloadFailed: Something that no other try would change.
    """
    if 300 <= status < 400:  # noqa: PLR2004
        raise DownloadFailed(
            f"the file host sends us elsewhere (HTTP {status}), which is not followed", _AGAIN
        )
    found = Meaning.PASSING if status >= 500 else _BY_STATUS.get(status)  # noqa: PLR2004
    if found is None:
        raise DownloadFailed(f"the file host refused the file (HTTP {status})", _AGAIN)
    if found is Meaning.SERVED and is_document(media_type):
        raise DownloadFailed(
            f"the file host sent a page in the place of the file ({shown(media_type, 40)})", _AGAIN
        )
    return found
