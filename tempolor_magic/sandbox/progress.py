"""How a job's progress creeps: every job has a shape of its own. Pure.

A shape maps the share of the time that has passed to a whole percent and never goes back. It
promises nothing about when a job ends: like the service's, the number is for the eye.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """The shapes there are."""

    LINEAR = "linear"
    SLOW_START = "slow start"
    QUICK_START = "quick start"
    WAVES = "waves"
    STEPS = "steps"


@dataclass(frozen=True, slots=True)
class Shape:
    """One job's way from 0 to 99. ``bend`` is from 1 to 2 and says how far it is from a line."""

    kind: Kind
    bend: float

    def percent(self, share: float) -> int:
        """Whole percents, 0 to 99, once *share* (0 to 1) of the time has passed."""
        share = min(1.0, max(0.0, share))
        return max(0, min(99, int(100 * self._bent(share))))

    def _bent(self, share: float) -> float:
        match self.kind:
            case Kind.LINEAR:
                return share
            case Kind.SLOW_START:
                return float(share**self.bend)
            case Kind.QUICK_START:
                return 1 - float((1 - share) ** self.bend)
            case Kind.WAVES:
                # The slope, 1 + cos at most, is never negative: it slows down and never turns back.
                turns = 2 * math.pi * 3
                return share + math.sin(turns * share) / turns * (self.bend - 1)
            case Kind.STEPS:
                steps = round(4 * self.bend)
                return math.floor(share * steps) / steps


def draw_shape(rng: random.Random) -> Shape:
    """A shape by chance."""
    return Shape(rng.choice(list(Kind)), rng.uniform(1.2, 1.9))
