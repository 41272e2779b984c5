"""Anything a document, a hint or an id may turn into: strategies for properties that hold always.

How many examples a property is tried with can be set in ``TEMPOLOR_TEST_EXAMPLES``.
"""

from __future__ import annotations

import json
import os
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from operations import INDEX, VECTORS
from samples import ID, make_document

EXAMPLES = int(os.environ.get("TEMPOLOR_TEST_EXAMPLES", "2000"))
# Time limits would tell of the machine, and the examples here are large by nature.
SHORTER = settings(
    max_examples=EXAMPLES // 4,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
THOROUGH = settings(SHORTER, max_examples=EXAMPLES)

# What other services, other languages and other years put where a number or a text should be.
ODD: list[Any] = [None, True, False, 0, 1, -1, 10, 20, 30, 250, 1e308, -1e308, 10**400, "", " "]
ODD += [
    "45%",
    "30",
    "nan",
    "Infinity",
    "COMPLETED",
    "FAILED",
    "GENERATING",
    "\0",
    "\u202e",
    "\ud800",
]
ODD += [ID, "null", "2024-05-24T15:43:45Z", [], {}, [[]], "<b>&amp;", "x" * 1_000]
VALUES = st.recursive(
    st.one_of(
        st.sampled_from(ODD),
        st.integers(-(2**70), 2**70),
        st.floats(allow_nan=False, allow_infinity=False),
        st.text(max_size=20),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)


def _records() -> list[dict[str, Any]]:
    """Every record of a job that is among the vectors."""
    names = [name for name in INDEX if "get-music-job.200" in name]
    return [json.loads((VECTORS / name).read_text(encoding="utf-8")) for name in names]


def _places(document: Any) -> list[tuple[Any, ...]]:
    """The ways to all parts of a document."""
    named = document.items() if isinstance(document, dict) else enumerate(document)
    ways: list[tuple[Any, ...]] = []
    for name, part in named:
        ways.append((name,))
        if isinstance(part, dict | list):
            ways += [(name, *way) for way in _places(part)]
    return ways


def _changed(document: Any, way: tuple[Any, ...], value: Any) -> Any:
    """The same with another part at the end of *way*; ``...`` for none at all."""
    copy = dict(document) if isinstance(document, dict) else list(document)
    name, rest = way[0], way[1:]
    if rest:
        copy[name] = _changed(copy[name], rest, value)
    elif value is ...:
        del copy[name]
    else:
        copy[name] = value
    return copy


@st.composite
def documents(draw: st.DrawFn) -> Any:
    """A record of a job in which some parts are lost, or something else."""
    document: Any = draw(st.sampled_from([make_document(), *_records()]))
    document["job_id"] = ID
    for _ in range(draw(st.integers(0, 5))):
        places = _places(document)
        if not places:
            break
        value = draw(st.one_of(st.just(...), VALUES))
        document = _changed(document, draw(st.sampled_from(places)), value)
    return document


@st.composite
def bodies(draw: st.DrawFn) -> bytes:
    """The bytes such a record comes as; now and then some of them are lost or wrong."""
    text = json.dumps(draw(documents()), ensure_ascii=draw(st.booleans()))
    body = bytearray(text.encode("utf-8", "surrogatepass"))
    if draw(st.integers(0, 4)) == 0:
        place = draw(st.integers(0, len(body) - 1))
        match draw(st.sampled_from(["cut", "wrong", "more"])):
            case "cut":
                del body[place:]
            case "wrong":
                body[place] = draw(st.integers(0, 255))
            case _:
                body[place:place] = draw(st.binary(min_size=1, max_size=5))
    return bytes(body)


@st.composite
def almost_ids(draw: st.DrawFn) -> str:
    """An id, or what is left of one after some changes."""
    text = list(draw(st.sampled_from([ID, "user:1-tempolor:a-job:b", ID.replace(":", "%3A"), ""])))
    pieces = st.one_of(
        st.characters(), st.sampled_from(["/", "..", "?", "#", "%2F", "\\", ":", "-job:", "\r\n"])
    )
    for _ in range(draw(st.integers(0, 4))):
        place = draw(st.integers(0, len(text)))
        gone = draw(st.integers(0, 3))
        text[place : place + gone] = draw(st.lists(pieces, max_size=3))
    return "".join(text)


IDS = st.one_of(
    almost_ids(),
    st.from_regex(r"user:\d{1,9}-tempolor:[!-~]{1,9}-job:[!-~]{1,20}", fullmatch=True),
    st.from_regex(r"user:[0-9]{1,9}-tempolor:[\w.@]{1,9}-job:[\w.~-]{1,20}", fullmatch=True),
)
