"""Which answers of the pretend service are spoilt, as one line of text orders it. Pure.

A line has parts, separated by semicolons:

- ``0.3``: so large a share of all answers, of every kind that passes;
- ``0.2:429,503,reset``: so large a share, of these kinds only;
- ``429,ok,reset``: the next answers in this order, then no more;
- ``job=1:503,596``: the answers about one job in this order, the last one for good. The job is
  named by its whole id, by the last part of it, or by its number: the first one made is 1;
- ``files:…``, and likewise ``reads``, ``posts``, ``deletes``: any of these, of such answers only;
- ``none``: nothing is spoilt.

What ends a watch for good reason (401, 596 and the like) happens only where it is named. ``429``
and ``5xx`` stand for all their forms. How an answer is spoilt is known by ``damage``.
"""

from __future__ import annotations

import random
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from enum import Enum, auto

NONE, UNSPOILT = "none", "ok"


class FaultsError(ValueError):
    """A line that orders faults and can't be read; the message is one line."""


class Call(Enum):
    """What a request asks for."""

    RECORD = auto()  # one job
    LIST = auto()
    DETAIL = auto()  # any other document
    MAKE = auto()
    REMOVE = auto()
    FILE = auto()


_READS = frozenset({Call.RECORD, Call.LIST, Call.DETAIL})
_DOCUMENTS = _READS | {Call.MAKE, Call.REMOVE}
_ALL = _DOCUMENTS | {Call.FILE}
_FILES = frozenset({Call.FILE})
_SCOPES = {
    "reads": _READS,
    "posts": frozenset({Call.MAKE}),
    "deletes": frozenset({Call.REMOVE}),
    "files": _FILES,
}
_NONE: frozenset[Call] = frozenset()


@dataclass(frozen=True, slots=True)
class Kind:
    """One way to spoil an answer.

    Args:
        name: As it is ordered.
        passing: The calls that a good client lives through it at, by asking again.
        named: Further calls at which it happens, but only by name.
        spoils: It spoils the answer that was to be given, so that the request was carried out.
        refuses: The request is not carried out. If neither, chance decides.
    """

    name: str
    passing: frozenset[Call] = _NONE
    named: frozenset[Call] = _NONE
    spoils: bool = False
    refuses: bool = False

    def fits(self, call: Call) -> bool:
        """Whether it can happen to an answer of that call."""
        return call in self.passing or call in self.named


KINDS = {
    kind.name: kind
    for kind in (
        # Busy, with every form of a hint when to ask again, and without one.
        Kind("429-seconds", _ALL, refuses=True),
        Kind("429-date", _ALL, refuses=True),
        Kind("429-body", _DOCUMENTS, refuses=True),
        Kind("429-nested", _DOCUMENTS, refuses=True),
        Kind("429-bare", _ALL, refuses=True),
        # Trouble.
        Kind("408", _DOCUMENTS),
        Kind("409", frozenset({Call.DETAIL, Call.REMOVE}), refuses=True),
        Kind("500", _ALL),
        Kind("502", _ALL),
        Kind("503", _ALL),
        Kind("503-hint", _ALL),
        Kind("504", _ALL),
        Kind("52x", _ALL),
        # Elsewhere for now, and elsewhere for good.
        Kind("redirect", _DOCUMENTS, _FILES, refuses=True),
        Kind("moved", named=_ALL, refuses=True),
        # The connection: broken before the head or inside the body, silent, or slow.
        Kind("reset", _ALL),
        Kind("cut", _ALL, spoils=True),
        Kind("stall", _ALL),
        Kind("hang", _ALL, spoils=True),
        Kind("trickle", _DOCUMENTS, _FILES, spoils=True),
        Kind("late", _ALL, spoils=True),
        # A success that holds something else than what was asked for.
        Kind("truncated", _DOCUMENTS, spoils=True),
        Kind("html", _DOCUMENTS, _FILES),
        Kind("empty", _DOCUMENTS - {Call.REMOVE}),
        Kind("null", _DOCUMENTS),
        Kind("array", _DOCUMENTS - {Call.LIST}),
        Kind("deep", _DOCUMENTS),
        Kind("giant", _DOCUMENTS),
        Kind("bomb", _DOCUMENTS),
        Kind("encoding", _DOCUMENTS, spoils=True),
        # A Content-Length below and beyond the truth.
        Kind("short", _DOCUMENTS - {Call.REMOVE}, spoils=True),
        Kind("long", _ALL, spoils=True),
        # The right form, and yet not the truth.
        Kind("wrong-job", frozenset({Call.RECORD}), spoils=True),
        Kind("list", frozenset({Call.RECORD}), spoils=True),
        Kind("missing", frozenset({Call.LIST}), spoils=True),
        Kind("stale", frozenset({Call.LIST}), spoils=True),
        Kind("same-cursor", frozenset({Call.LIST}), spoils=True),
        # A link whose time is over.
        Kind("expired", _FILES, refuses=True),
        # What asking again does not cure.
        *(
            Kind(name, named=_DOCUMENTS, refuses=True)
            for name in ("400", "401", "402", "403", "edge", "410", "412", "422", "596")
        ),
        Kind("404", named=_ALL, refuses=True),
    )
}
FAMILIES = {
    "429": tuple(name for name in KINDS if name.startswith("429-")),
    "5xx": ("500", "502", "503", "503-hint", "504", "52x"),
}


def call_of(method: str, path: str) -> Call | None:
    """What a request asks for; ``None`` for the sandbox's own calls, which are never spoilt.

    Args:
        method: Of HTTP.
        path: Below the base path, or ``/files/…``.
    """
    if path.startswith("/files/"):
        return Call.FILE
    if path == "/sandbox" or path.startswith("/sandbox/"):
        return None
    if method == "POST":
        return Call.MAKE
    if method == "DELETE":
        return Call.REMOVE
    if re.fullmatch("/music/[^/]*-job:[^/]*", path):
        return Call.RECORD
    return Call.LIST if path.rstrip("/") in _LISTS else Call.DETAIL


_LISTS = frozenset(
    {"/music", "/scheduler", "/music/artist-voices", "/music/cloned-voices", "/music/midi"}
)


@dataclass(frozen=True, slots=True)
class Rate:
    """So large a share of the answers (0 to 1), of these kinds; without any, of all that pass."""

    share: float
    names: tuple[str, ...] = ()
    calls: frozenset[Call] = _ALL

    def pool(self, call: Call) -> list[Kind]:
        """What may happen to an answer of that call."""
        if not self.names:
            return [kind for kind in KINDS.values() if call in kind.passing]
        return [KINDS[name] for name in self.names if KINDS[name].fits(call)]


@dataclass(frozen=True, slots=True)
class Script:
    """The next answers in order; each entry is a choice of kinds, an empty one lets pass.

    ``job`` narrows it to one job, and then the last entry stays for good.
    """

    entries: tuple[tuple[str, ...], ...]
    job: str = ""
    calls: frozenset[Call] = _ALL


@dataclass(frozen=True, slots=True)
class Plan:
    """What a line orders. ``text`` is the line."""

    scripts: tuple[Script, ...] = ()
    rates: tuple[Rate, ...] = ()
    text: str = NONE


def read_plan(line: str) -> Plan:
    """Read a line that orders faults; see above for its form.

    Raises:
        FaultsError: It orders nothing that is known.
    """
    text = line.strip()
    if text in {"", NONE}:
        return Plan()
    parts = [_part(part.strip()) for part in text.split(";")]
    return Plan(
        tuple(part for part in parts if isinstance(part, Script)),
        tuple(part for part in parts if isinstance(part, Rate)),
        text,
    )


def _part(text: str) -> Rate | Script:
    scope, _, rest = text.partition(":")
    if scope in _SCOPES:
        return replace(_part(rest), calls=_SCOPES[scope])
    if text.startswith("job="):
        job, _, names = text.removeprefix("job=").rpartition(":")
        if not job:
            raise FaultsError(f"{_shown(text)} names no kind of fault: write job=ID:503,596")
        return Script(_entries(names), job)
    share, several, names = text.partition(":")
    if re.fullmatch(r"[0-9]?\.[0-9]+|[01]", share, re.ASCII):
        if float(share) > 1:
            raise FaultsError(f"{share} is no share of the answers: take one from 0 to 1")
        chosen = [name for entry in _entries(names) for name in entry] if several else []
        return Rate(float(share), tuple(chosen))
    return Script(_entries(text))


def _entries(names: str) -> tuple[tuple[str, ...], ...]:
    return tuple(_choice(name.strip()) for name in names.split(","))


def _choice(name: str) -> tuple[str, ...]:
    """The kinds that *name* stands for."""
    if name == UNSPOILT:
        return ()
    if name not in KINDS and name not in FAMILIES:
        near = get_close_matches(name, names(), n=1) or ["429", "503", "reset", "truncated"]
        raise FaultsError(f"there is no fault {_shown(name)}; there is {', '.join(near)}")
    return FAMILIES.get(name, (name,))


def names() -> list[str]:
    """Every name of a fault."""
    return [*FAMILIES, *KINDS, UNSPOILT]


def _shown(text: str) -> str:
    return f"“{text[:60] if text.isprintable() else ascii(text)[1:61]}”"


class Faults:
    """A plan being carried out, answer by answer.

    Args:
        chance: Where all chance comes from.
        plan: What is ordered to begin with.
    """

    def __init__(self, chance: random.Random, plan: Plan) -> None:
        self._chance = chance
        self.order(plan)

    def order(self, plan: Plan) -> None:
        """Begin to carry out *plan*, in the place of what was ordered before."""
        self.plan = plan
        # How far each script of the plan is, by its place.
        self._reached: dict[int, int] = {}

    def next(self, call: Call, job: Collection[str] = ()) -> Kind | None:
        """How the next answer is spoilt, or ``None``.

        Args:
            call: What is asked for.
            job: All names of the job it is about.
        """
        for place, script in enumerate(self.plan.scripts):
            left = self._reached.get(place, 0) < len(script.entries)
            if call in script.calls and (script.job in job if script.job else left):
                return self._scripted(place, script, call)
        for rate in self.plan.rates:
            if call in rate.calls and self._chance.random() < rate.share:
                return self._one_of(rate.pool(call))
        return None

    def _scripted(self, place: int, script: Script, call: Call) -> Kind | None:
        """The entry that is due, if it fits; else it waits for a call that it fits."""
        reached = self._reached.get(place, 0)
        entry = script.entries[min(reached, len(script.entries) - 1)]
        fitting = [KINDS[name] for name in entry if KINDS[name].fits(call)]
        if fitting or not entry:
            self._reached[place] = reached + 1
        return self._one_of(fitting)

    def _one_of(self, kinds: Sequence[Kind]) -> Kind | None:
        return self._chance.choice(kinds) if kinds else None
