"""How long things take at the pretend service, and what chance decides about a job. Pure."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass

from tempolor_magic.sandbox.formats import Format
from tempolor_magic.sandbox.jobs import Life
from tempolor_magic.sandbox.orders import Order

# What the few published timings suggest: about two minutes, with a tail to five and more.
_TYPICAL_SECONDS = 134.0
_SPREAD = 0.45


@dataclass(frozen=True, slots=True)
class Durations:
    """In seconds, before *speed* divides them. ``song`` of ``None`` is drawn for each job.

    ``gap`` goes from a job's end to its MP3; ``wav`` and ``stems`` come on top of that.
    """

    speed: float
    song: float | None
    register: float
    gap: float
    wav: float
    stems: float

    def draw_life(self, order: Order, rng: random.Random, *, now: float) -> Life:
        """The life of a job that was ordered now."""
        drawn = rng.lognormvariate(math.log(_TYPICAL_SECONDS), _SPREAD)
        ended_at = now + (drawn if self.song is None else self.song) / self.speed
        served_at = ended_at + self.gap / self.speed

        def file_at(kind: Format, seconds: float) -> float:
            return math.inf if order.is_without(kind) else served_at + seconds / self.speed

        return Life(
            submitted_at=now,
            shown_at=now + self.register / self.speed,
            ended_at=ended_at,
            served_at=file_at(Format.MP3, 0),
            wav_at=file_at(Format.WAV, self.wav),
            stems_at=file_at(Format.STEMS, self.stems),
        )
