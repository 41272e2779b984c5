"""The pretend service's state: jobs, slots, and what can be seen of them when. Pure.

There is no clock in here and nothing happens by itself: every question comes with its ``now``
(epoch seconds), every chance comes from the seed. A world with the same seed makes the same songs.
"""

from __future__ import annotations

import hashlib
import hmac
import math
import random
import re
import string
from dataclasses import dataclass

from tempolor_magic.sandbox import progress, records, refusals, songs
from tempolor_magic.sandbox.jobs import Job, Life
from tempolor_magic.sandbox.orders import Order

_TOKEN = re.compile(r"user:([0-9]+)-\S+", re.ASCII)
_JOB_ID = re.compile(r"user:[0-9]+-tempolor:[^\s/?#%\\:]+-job:[A-Za-z0-9_.~-]+", re.ASCII)
_ITEM_LENGTH = 15

# What the few published timings suggest: about two minutes, with a tail to five and more.
_TYPICAL_SECONDS = 134.0
_SPREAD = 0.45


@dataclass(frozen=True, slots=True)
class Request:
    """One API call that came in; *path* is below the base path."""

    method: str
    path: str
    now: float
    job_id: str | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """A signed, passing address of a file: its path with the query, and how long it lives."""

    path: str
    remaining: int


class World:
    """One account's worth of service.

    Args:
        token: The only token it takes, ``user:<number>-<secret>``.
        seed: Where all chance comes from.
        speed: How much faster than life; all durations but *url_seconds* are divided by it.
        slots: How many jobs may run at once.
        account: The TemPolor account, as in job ids.
        song_seconds: How long a song takes; ``None`` draws it for each job.
        gap_seconds: How long a completed song's file is not served yet.
        register_seconds: How long a new job's record is not shown yet.
        url_seconds: How long a signed URL is good.
    """

    def __init__(  # noqa: PLR0913 - a world has many knobs, all by name
        self,
        *,
        token: str,
        seed: int,
        speed: float = 1.0,
        slots: int = 10,
        account: str = "100198329",
        song_seconds: float | None = None,
        gap_seconds: float = 6.0,
        register_seconds: float = 0.0,
        url_seconds: float = 3600.0,
    ) -> None:
        spoken = _TOKEN.fullmatch(token)
        if spoken is None:
            raise ValueError("a token looks like user:<number>-<secret>")
        if speed <= 0:
            raise ValueError("speed must be above zero")
        self.speed = speed
        self.slots = slots
        self.account = account
        self.requests: list[Request] = []
        self._token = token.encode()
        self._user = spoken[1]
        self._song_seconds = song_seconds
        self._gap_seconds = gap_seconds
        self._register_seconds = register_seconds
        self._url_seconds = url_seconds
        self._rng = random.Random(seed)  # noqa: S311 - music, not secrets
        self._jobs: dict[str, Job] = {}

    def is_token(self, token: str) -> bool:
        """Whether it is ours; takes the same time whatever is wrong with it."""
        return hmac.compare_digest(token.encode(), self._token)

    def submit(self, order: Order, *, now: float) -> Job:
        """Start a job.

        Raises:
            Refused: 429, when all slots are taken.
        """
        ends = sorted(job.life.ended_at for job in self._jobs.values() if job.is_running(now))
        if len(ends) >= self.slots:
            # With more jobs than slots, more than one must end before a slot is free.
            freed_at = ends[len(ends) - self.slots]
            raise refusals.all_slots_taken(max(1, math.ceil(freed_at - now)))
        job = self._draw(order, now)
        self._jobs[job.id] = job
        return job

    def running(self, now: float) -> int:
        """How many jobs hold a slot."""
        return sum(job.is_running(now) for job in self._jobs.values())

    def made(self) -> int:
        """How many jobs there have been."""
        return len(self._jobs)

    def job(self, job_id: str, *, now: float) -> Job:
        """The job of that id.

        Raises:
            Refused: 400 when no id looks like this; 404 when the job is unknown or not shown yet.
        """
        if _JOB_ID.fullmatch(job_id) is None:
            raise refusals.bad_job_id()
        job = self._jobs.get(job_id)
        if job is None or not job.is_shown(now):
            raise refusals.no_record(job_id)
        return job

    def record(self, job_id: str, *, now: float, files: str) -> records.Document:
        """What ``GET /music/{job_id}`` answers; *files* is where files are served.

        Raises:
            Refused: As :meth:`job`.
        """
        return records.record(self.job(job_id, now=now), now=now, files=files)

    def link(self, job_id: str, *, now: float) -> Link:
        """A fresh address of the job's MP3.

        Raises:
            Refused: As :meth:`job`; 400 while running and when failed; 404 in the gap.
        """
        job = self.job(job_id, now=now)
        status = job.status(now)
        if status is not status.COMPLETED:
            raise refusals.not_completed(status)
        if not job.is_served(now):
            raise refusals.no_record(job_id)
        expiry = math.ceil(now + self._url_seconds)
        stamp = f"{expiry}-0-0"
        path = f"{job.item}.mp3"
        return Link(
            f"{path}?auth_key={stamp}-{self._signature(path, stamp)}", math.floor(expiry - now)
        )

    def is_link(self, path: str, auth_key: str, *, now: float) -> bool:
        """Whether *auth_key* was signed for *path* and is still good."""
        stamp, _, signature = auth_key.rpartition("-")
        expected = self._signature(path, stamp)
        if not hmac.compare_digest(signature.encode(), expected.encode()):
            return False
        return now <= int(stamp.partition("-")[0])

    def item(self, item: str, *, now: float) -> Job | None:
        """The shown job that made *item*, or ``None``."""
        job = self._jobs.get(self._job_id(item))
        return job if job is not None and job.is_shown(now) else None

    def _draw(self, order: Order, now: float) -> Job:
        rng = random.Random(self._rng.getrandbits(64))  # noqa: S311 - music, not secrets
        item = "".join(rng.choices(string.ascii_lowercase + string.digits, k=_ITEM_LENGTH))
        return Job(
            id=self._job_id(item),
            item=item,
            account=self.account,
            order=order,
            song=songs.draw_song(rng.getrandbits(31)),
            shape=progress.draw_shape(rng),
            life=self._draw_life(rng, now),
            stuck_at=rng.randint(20, 80) if order.is_doomed else None,
        )

    def _draw_life(self, rng: random.Random, now: float) -> Life:
        drawn = rng.lognormvariate(math.log(_TYPICAL_SECONDS), _SPREAD)
        seconds = drawn if self._song_seconds is None else self._song_seconds
        ended_at = now + seconds / self.speed
        return Life(
            submitted_at=now,
            shown_at=now + self._register_seconds / self.speed,
            ended_at=ended_at,
            served_at=ended_at + self._gap_seconds / self.speed,
        )

    def _job_id(self, item: str) -> str:
        return f"user:{self._user}-tempolor:{self.account}-job:{item}"

    def _signature(self, path: str, stamp: str) -> str:
        return hmac.new(self._token, f"{path}-{stamp}".encode(), hashlib.sha256).hexdigest()[:32]
