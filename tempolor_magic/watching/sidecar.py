"""The notes beside a downloaded file: where it came from and what it is. Pure.

They may hold the prompt and the lyrics, for they lie beside the music on the user's own disk;
never the token, and never an address that was signed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from tempolor_magic.api.formats import Format
from tempolor_magic.version import __version__
from tempolor_magic.watching.snapshot import Snapshot

_SIGNATURES = ("auth_key", "sign", "token", "key-pair-id", "policy", "expires", "x-amz-", "x-oss-")


@dataclass(frozen=True, slots=True)
class Contents:
    """A file on disk. ``saved_at`` is epoch seconds, ``size`` bytes."""

    name: str
    size: int
    sha256: str
    saved_at: float


def sidecar_name(file: str) -> str:
    """The name of the notes to a file; the suffix stays in it, for a job has several files."""
    return f"{file}.json"


def sidecar(snapshot: Snapshot, kind: Format, contents: Contents, *, base_url: str) -> bytes:
    """The notes as JSON in UTF-8.

    Args:
        snapshot: Of the completed job.
        kind: Of the file.
        contents: What lies on the disk.
        base_url: The service it came from.
    """
    record = snapshot.record
    document = {
        "job_id": str(snapshot.job_id),
        "format": kind.name,
        "file": contents.name,
        "size": contents.size,
        "sha256": contents.sha256,
        "downloaded": datetime.fromtimestamp(contents.saved_at, UTC).isoformat(timespec="seconds"),
        "service": base_url,
        "sandbox": snapshot.sandbox,
        "package": f"tempolor_magic {__version__}",
        "asked": {
            "prompt": record.prompt if record else "",
            "lyrics": record.lyrics if record else "",
            "model": record.model if record else "",
        },
        "record": _unsigned(record.raw if record else {}),
    }
    # Half a surrogate pair has no place in UTF-8; escaped it is JSON all the same.
    text = json.dumps(document, indent=1, ensure_ascii=False)
    return f"{text}\n".encode("utf-8", "backslashreplace")


def is_about(told: Mapping[str, Any], snapshot: Snapshot, kind: Format) -> bool:
    """Whether notes speak of this very job and kind."""
    return told.get("job_id") == str(snapshot.job_id) and told.get("format") == kind.name


def _unsigned(value: Any) -> Any:
    """The record, its addresses without the query that a signature is in."""
    if isinstance(value, Mapping):
        return {name: _unsigned(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_unsigned(part) for part in value]
    if isinstance(value, str) and value.startswith(("http://", "https://")):
        return _without_signature(value)
    return value


def _without_signature(url: str) -> str:
    try:
        query = urlsplit(url).query.lower()
    except ValueError:
        return url.partition("?")[0]
    return url.partition("?")[0] if any(name in query for name in _SIGNATURES) else url
