"""A dozen invented singers, and what is told of them. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tempolor_magic.sandbox.songs import Song, draw_song

Document = dict[str, object]

_TASTER_BARS = 4


@dataclass(frozen=True, slots=True)
class Voice:
    """A singer. No two have the same weight; the list shows the heaviest first."""

    item: str
    name: str
    labels: tuple[str, ...]
    weight: int

    @property
    def taster(self) -> Song:
        """A few bars to know the voice by."""
        return replace(draw_song(self.weight), bars=_TASTER_BARS)


_NAMES = {
    "Harbour Baritone": ("male", "deep", "warm"),
    "Glass Soprano": ("female", "soprano", "clear"),
    "Gravel Road": ("male", "rough", "blues"),
    "Velvet Alto": ("female", "alto", "soft"),
    "Attic Tenor": ("male", "tenor", "bright"),
    "Paper Whisper": ("female", "breathy", "intimate"),
    "Night Bus": ("male", "low", "calm"),
    "Copper Belt": ("female", "powerful", "musical"),
    "Tin Radio": ("male", "vintage", "nasal"),
    "Winter Choirgirl": ("female", "young", "pure"),
    "Desert Drawl": ("male", "country", "slow"),
    "Neon Mezzo": ("female", "mezzo", "pop"),
}
VOICES = tuple(
    Voice(f"voice_{20_417 + 311 * i}", name, labels, weight=100 - 5 * i)
    for i, (name, labels) in enumerate(_NAMES.items())
)


def find(item: str) -> Voice | None:
    """The voice with that ``itemId``, or ``None``."""
    return next((voice for voice in VOICES if voice.item == item), None)


def record(voice: Voice, *, files: str) -> Document:
    """An entry of ``GET /music/artist-voices``; *files* is where files are served."""
    sound = f"{files}/voices/{voice.item}.mp3"
    return {
        "ucid": "9999999",
        "bizType": "ai_voice_cloned",
        "itemId": voice.item,
        "name": voice.name,
        "resourceUrl": sound,
        "coverUrl": f"{files}/voices/{voice.item}.png",
        "vocalUrl": sound,
        "weight": voice.weight,
        "isAddRel": False,
        "relSource": "",
        "labels": list(voice.labels),
    }
