"""Answers with anything wrong in them, the same in every run."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import Any

from fakes import Answer


def spoilt(good: Answer) -> Iterator[Answer]:
    """The good answer with parts replaced, bytes lost, and other statuses."""
    chance = random.Random(good.body)
    yield good
    for _ in range(60):
        body = bytearray(good.body or b'{"result": true}')
        for _ in range(chance.randrange(1, 4)):
            body[chance.randrange(len(body))] = chance.randrange(256)
        yield Answer(good.status, bytes(body))
        yield Answer(good.status, good.body[: chance.randrange(len(good.body) + 1)])
        yield Answer(chance.randrange(200, 600), good.body)
    document = json.loads(good.body or b'{"result": true}')
    for _ in range(300):
        yield Answer(good.status, json.dumps(mutated(document, chance)).encode())


def mutated(value: Any, chance: random.Random) -> Any:
    """The same with one part replaced by something else, or lost."""
    if isinstance(value, dict) and value and chance.random() < 0.9:
        name = chance.choice(list(value))
        if chance.random() < 0.1:
            return {other: value[other] for other in value if other != name}
        return {**value, name: mutated(value[name], chance)}
    if isinstance(value, list) and value and chance.random() < 0.8:
        place = chance.randrange(len(value))
        return [*value[:place], mutated(value[place], chance), *value[place:]]
    return any_value(chance)


def any_value(chance: random.Random, depth: int = 2) -> Any:
    """Something that JSON can hold."""
    kind = chance.randrange(9 if depth else 7)
    plain: list[Any] = [
        None,
        True,
        False,
        chance.randint(-(10**20), 10**20),
        chance.uniform(-1e300, 1e300),
    ]
    plain += [chance.choice(["", "45%", "nan", "30", "\u202e", "COMPLETED", "\0"]), 10**400]
    if kind == 7:
        return [any_value(chance, depth - 1) for _ in range(3)]
    if kind == 8:
        return {name: any_value(chance, depth - 1) for name in ("bpm", "dur", "prompt", "seed")}
    return plain[kind]
