"""Melodies a song can be sung to. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tempolor_magic.api import fields
from tempolor_magic.api.fields import Garbled


@dataclass(frozen=True, slots=True)
class MidiFile:
    """A MIDI file at the service. Source: ``GET`` and ``POST /music/midi/``.

    ``id`` is what ``SongOrder`` takes as its midi.
    """

    id: str
    name: str = ""
    url: str = ""
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)


def listed_midi(raw: dict[str, Any]) -> MidiFile | None:
    """Read one record of a list; ``None`` if it names no id."""
    midi_id = fields.text(raw.get("midiItemId"))
    if not midi_id:
        return None
    return MidiFile(midi_id, fields.text(raw.get("name")), fields.text(raw.get("midiUrl")), raw)


def read_new_midi(document: Any) -> MidiFile:
    """Read the answer to an uploaded file.

    Raises:
        Garbled: It names no file.
    """
    told = fields.mapping(document)
    made = listed_midi(fields.mapping(told.get("midiRenderVO")))
    if made is None:
        raise Garbled("the answer names no MIDI file")
    return MidiFile(made.id, made.name, made.url, told)
