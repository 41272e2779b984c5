"""A recording taken apart into its voices and instruments. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tempolor_magic.api import fields
from tempolor_magic.api.fields import Garbled


@dataclass(frozen=True, slots=True)
class Stems:
    """The parts of a recording. Source: ``POST /music/stems-splitter/``.

    ``url`` is the ZIP with one file per part, ``""`` when the service has not made it; it gives
    no id to ask again with. ``detail`` is what the service says beside, ``state`` its number.
    """

    url: str = ""
    title: str = ""
    detail: tuple[str, ...] = ()
    state: int | None = None
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)


def read_stems(document: Any) -> Stems:
    """Read the answer to a recording.

    Raises:
        Garbled: It is not about stems.
    """
    told = fields.mapping(document)
    if not {"stemsZipUrl", "state", "title"} & told.keys():
        raise Garbled("the answer is not about stems")
    return Stems(
        fields.text(told.get("stemsZipUrl")),
        fields.text(told.get("title")),
        fields.texts(told.get("detail")),
        fields.count(told.get("state")),
        told,
    )
