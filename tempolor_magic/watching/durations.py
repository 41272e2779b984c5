"""How long jobs of one kind take, as far as earlier ones tell. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

# What is published of such jobs: most take one to five minutes.
USUAL_DURATION = 130.0
_USUAL_SPREAD = 0.65
# The published figures count as much as so many jobs of one's own.
_USUAL_COUNTS = 3
# So many jobs are not like the earlier ones.
_UNLIKE = 0.1
# Half of erfc(deviations / √2) is the share of a normal distribution above so many deviations.
_HALF_ROOT = math.sqrt(0.5)
_USUAL_SCALE = _HALF_ROOT / _USUAL_SPREAD
_HALF_ALIKE, _HALF_UNLIKE = (1 - _UNLIKE) / 2, _UNLIKE / 2


@dataclass(frozen=True, slots=True)
class Durations:
    """How long jobs of one kind take. All three are natural logarithms of seconds.

    Most are spread around ``middle``, normally and by ``spread``; a few, which are unlike
    earlier jobs, around ``usual``.
    """

    middle: float = math.log(USUAL_DURATION)
    spread: float = _USUAL_SPREAD
    usual: float = math.log(USUAL_DURATION)

    @classmethod
    def learn(cls, seconds: Iterable[float] = (), *, speed: float = 1.0) -> Durations:
        """From earlier jobs of that kind and model; without any, from what is published.

        Args:
            seconds: What each took, on the watcher's own clock. Anything not above zero is
                passed over.
            speed: How many times as fast as life the service runs.
        """
        usual = math.log(USUAL_DURATION / speed)
        logs = [math.log(each) for each in seconds if 0 < each < math.inf]
        counts = _USUAL_COUNTS + len(logs)
        middle = (_USUAL_COUNTS * usual + sum(logs)) / counts
        squares = sum((each - middle) ** 2 for each in logs)
        spread = math.sqrt((_USUAL_COUNTS * _USUAL_SPREAD**2 + squares) / counts)
        return cls(middle, spread, usual)

    def beyond(self, seconds: float) -> float:
        """The share of jobs that take longer than *seconds*."""
        if not 0 < seconds < math.inf:
            return 0.0 if seconds > 0 else 1.0
        log = math.log(seconds)
        # Asked some hundred times for each question about a job: what is called here counts.
        alike = math.erfc((log - self.middle) / self.spread * _HALF_ROOT)
        unlike = math.erfc((log - self.usual) * _USUAL_SCALE)
        return _HALF_ALIKE * alike + _HALF_UNLIKE * unlike
