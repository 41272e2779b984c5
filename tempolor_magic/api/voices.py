"""Voices a song can be sung with: artists' voices, and cloned ones. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tempolor_magic.api import fields
from tempolor_magic.api.fields import Garbled

# As for music, this is what a finished one says; no other number is documented.
_READY = 30


@dataclass(frozen=True, slots=True)
class ArtistVoice:
    """A voice the service offers. Source: ``GET /music/artist-voices/``.

    ``id`` is what ``SongOrder`` takes as its voice.
    """

    id: str
    name: str = ""
    labels: tuple[str, ...] = ()
    sample_url: str = ""
    cover_url: str = ""
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class ClonedVoice:
    """A voice of one's own. Source: ``GET /music/cloned-voices/``.

    ``id`` is what ``SongOrder`` takes as its voice. Times are epoch seconds. ``ready`` is
    ``None`` when the service does not tell.
    """

    id: str
    name: str = ""
    ready: bool | None = None
    sample_url: str = ""
    created_at: float | None = None
    updated_at: float | None = None
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class NewVoice:
    """A voice that was just cloned. Source: ``POST /music/cloned-voices/``.

    ``pending``: the service still works on it, and says so in ``message``.
    """

    id: str
    pending: bool = False
    message: str = ""
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)


def listed_artist_voice(raw: dict[str, Any]) -> ArtistVoice | None:
    """Read one record of a list; ``None`` if it names no id."""
    voice_id = fields.text(raw.get("itemId"))
    if not voice_id:
        return None
    return ArtistVoice(
        voice_id,
        name=fields.text(raw.get("name")),
        labels=fields.texts(raw.get("labels")),
        sample_url=fields.text(raw.get("vocalUrl")) or fields.text(raw.get("resourceUrl")),
        cover_url=fields.text(raw.get("coverUrl")),
        raw=raw,
    )


def listed_cloned_voice(raw: dict[str, Any]) -> ClonedVoice | None:
    """Read one record of a list; ``None`` if it names no id."""
    voice_id = fields.text(raw.get("clonedVoiceItemId"))
    status = fields.count(raw.get("status"))
    if not voice_id:
        return None
    return ClonedVoice(
        voice_id,
        name=fields.text(raw.get("name")),
        ready=None if status is None else status == _READY,
        sample_url=fields.text(raw.get("vocalUrl")),
        created_at=fields.seconds(raw.get("createTime")),
        updated_at=fields.seconds(raw.get("updateTime")),
        raw=raw,
    )


def read_new_voice(document: Any, *, pending: bool = False) -> NewVoice:
    """Read the answer to a recording.

    Args:
        document: The body.
        pending: The service answered 202: it goes on working.

    Raises:
        Garbled: It names no voice.
    """
    told = fields.mapping(document)
    voice_id = fields.text(told.get("clonedVoiceItemId"))
    if not voice_id:
        raise Garbled("the answer names no voice")
    return NewVoice(voice_id, pending, fields.text(told.get("message")), told)
