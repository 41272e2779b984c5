"""Compound ids: ``user:<number>-tempolor:<account>-job:<item>`` and its two sisters. Pure."""

from __future__ import annotations

import random
import re
import string
from dataclasses import dataclass
from enum import StrEnum

_FORM = re.compile(
    r"user:(?P<user>[0-9]+)-tempolor:(?P<account>[^\s/?#%\\:]+)"
    r"-(?P<thing>job|voice|midi):(?P<item>[A-Za-z0-9_.~-]+)",
    re.ASCII,
)


class Thing(StrEnum):
    """What has an id of this form."""

    JOB = "job"
    VOICE = "voice"
    MIDI = "midi"


@dataclass(frozen=True, slots=True)
class Id:
    """An id's parts; ``str`` puts them together."""

    user: str
    account: str
    thing: Thing
    item: str

    def __str__(self) -> str:
        return f"user:{self.user}-tempolor:{self.account}-{self.thing}:{self.item}"


def read_id(text: str, thing: Thing) -> Id | None:
    """The parts of *text* if it has the form of such a thing's id, else ``None``."""
    form = _FORM.fullmatch(text)
    if form is None or form["thing"] != thing:
        return None
    return Id(form["user"], form["account"], thing, form["item"])


def draw_item(rng: random.Random) -> str:
    """A new item's part of an id, like those published: fifteen small letters and digits."""
    return "".join(rng.choices(string.ascii_lowercase + string.digits, k=15))
