"""The pretend service's state: jobs, slots, and what can be seen of them when. Pure.

There is no clock in here and nothing happens by itself: every question comes with its ``now``
(epoch seconds), every chance comes from the seed. A world with the same seed makes the same songs.
"""

from __future__ import annotations

import hmac
import random
import re
from collections.abc import Mapping
from dataclasses import dataclass

from tempolor_magic.sandbox import pages, progress, records, refusals, schedule, songs, voices
from tempolor_magic.sandbox.accounts import FIRST, choose
from tempolor_magic.sandbox.formats import Format
from tempolor_magic.sandbox.ids import Id, Thing, draw_item, read_id
from tempolor_magic.sandbox.jobs import Job
from tempolor_magic.sandbox.links import Link, Signer
from tempolor_magic.sandbox.lives import Durations
from tempolor_magic.sandbox.orders import Kind, Order
from tempolor_magic.sandbox.uploads import Uploads

_TOKEN = re.compile(r"user:([0-9]+)-\S+", re.ASCII)
_PAGE_SIZE = 20


@dataclass(frozen=True, slots=True)
class Request:
    """One API call that came in; *path* is below the base path, *query* as it was sent."""

    method: str
    path: str
    now: float
    job_id: str | None = None
    query: str = ""


class World:
    """One user's worth of service.

    Args:
        token: The only token it takes, ``user:<number>-<secret>``.
        seed: Where all chance comes from.
        speed: How much faster than life; all durations but *url_seconds* are divided by it.
        slots: How many jobs an account may run at once.
        accounts: The TemPolor accounts and their slots, if not one account with *slots*.
        song_seconds: How long a piece takes; ``None`` draws it for each job.
        gap_seconds: How long a completed job's MP3 is not served yet.
        wav_seconds: How much longer its WAV is not.
        stems_seconds: How much longer than the MP3 its stems are not.
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
        accounts: Mapping[str, int] | None = None,
        song_seconds: float | None = None,
        gap_seconds: float = 6.0,
        wav_seconds: float = 9.0,
        stems_seconds: float = 20.0,
        register_seconds: float = 0.0,
        url_seconds: float = 3600.0,
    ) -> None:
        spoken = _TOKEN.fullmatch(token)
        if spoken is None:
            raise ValueError("a token looks like user:<number>-<secret>")
        if speed <= 0:
            raise ValueError("speed must be above zero")
        if accounts is not None and any(most < 1 for most in accounts.values()):
            raise ValueError("an account has at least one slot")
        self.speed = speed
        self.slots = slots
        self.requests: list[Request] = []
        self._accounts = accounts
        self._token = token.encode()
        self._user = spoken[1]
        self._durations = Durations(
            speed, song_seconds, register_seconds, gap_seconds, wav_seconds, stems_seconds
        )
        self._rng = random.Random(seed)  # noqa: S311 - music, not secrets
        self._signer = Signer(self._token, seconds=url_seconds)
        self._jobs: dict[str, Job] = {}
        self._untracked: set[str] = set()
        self._deleted: set[str] = set()
        self._splits: dict[str, int] = {}
        self.uploads = Uploads(user=self._user, rng=self._rng, speed=speed)

    def is_token(self, token: str) -> bool:
        """Whether it is ours; takes the same time whatever is wrong with it."""
        return hmac.compare_digest(token.encode(), self._token)

    # Accounts

    @property
    def limits(self) -> dict[str, int]:
        """How many jobs each account may run at once."""
        only = {str(FIRST): self.slots}
        return dict(only if self._accounts is None else self._accounts)

    def account(self, user_id: str) -> str:
        """The account that a list or an upload is meant for; with a single one it goes unsaid.

        Raises:
            Refused: 400 when several could be meant; 404 when it is unknown.
        """
        known = self.limits
        if not user_id and len(known) > 1:
            raise refusals.bad_request("Parameter user_id is required with several accounts")
        account = user_id or next(iter(known), "")
        if account not in known:
            raise refusals.no_account(account)
        return account

    # Jobs

    def submit(self, order: Order, *, now: float) -> Job:
        """Start a job at the account that was asked for, or at the one with most free slots.

        Raises:
            Refused: 404 when an account, a voice or a MIDI piece is unknown; 400 when they do not
                belong together; 429 when all slots are taken.
        """
        limits = {account: order.max_jobs or most for account, most in self.limits.items()}
        ends = {account: self._ends(account, now) for account in self._takers(order, now)}
        job = self._draw(order, choose(ends, limits, now=now), now)
        self._jobs[job.item] = job
        return job

    def running(self, now: float) -> int:
        """How many jobs hold a slot."""
        return sum(job.is_running(now) for job in self._jobs.values())

    def made(self) -> int:
        """How many jobs there have been."""
        return len(self._jobs)

    def jobs(self) -> list[Job]:
        """Every job there has been, oldest first, whatever became of it."""
        return list(self._jobs.values())

    def job(self, job_id: str, *, now: float) -> Job:
        """The job of that id.

        Raises:
            Refused: 400 when no id looks like this; 404 when the job is unknown, deleted or not
                shown yet.
        """
        said = read_id(job_id, Thing.JOB)
        if said is None:
            raise refusals.bad_id("job_id")
        job = self.item(said.item, now=now)
        if job is None or job.id != job_id:
            raise refusals.no_record(job_id)
        return job

    def item(self, item: str, *, now: float) -> Job | None:
        """The shown job that made *item*, or ``None``."""
        job = self._jobs.get(item)
        return job if job is not None and self._is_shown(job, now) else None

    def record(self, job_id: str, *, now: float, files: str) -> records.Document:
        """What ``GET /music/{job_id}`` answers; *files* is where files are served.

        Raises:
            Refused: As :meth:`job`.
        """
        return records.record(self.job(job_id, now=now), now=now, files=files)

    def listing(
        self, kind: Kind, *, user_id: str, cursor: str, now: float, files: str
    ) -> records.Document:
        """A page of an account's jobs, running ones among them, newest first.

        Raises:
            Refused: As :meth:`account`; 400 when the cursor is none of ours.
        """
        account = self.account(user_id)
        its = [
            job
            for job in reversed(self._jobs.values())
            if job.account == account and job.order.kind is kind and self._is_shown(job, now)
        ]
        page = pages.turn(its, cursor=cursor, size=_PAGE_SIZE, number=lambda job: job.number)
        return page.document([records.record(job, now=now, files=files) for job in page.entries])

    def delete(self, job_id: str, *, now: float) -> None:
        """Forget a finished job: no call knows it from now on.

        Raises:
            Refused: As :meth:`job`; 409 while it is being made.
        """
        job = self.job(job_id, now=now)
        if job.is_running(now):
            raise refusals.still_generating()
        self._deleted.add(job.item)

    # Files

    def link(self, job_id: str, *, now: float, kind: Format = Format.MP3) -> Link:
        """A fresh address of the job's file.

        Raises:
            Refused: As :meth:`job`; 400 while running and when failed; 404 in the gap.
        """
        job = self.job(job_id, now=now)
        status = job.status(now)
        if status is not status.COMPLETED:
            raise refusals.not_completed(status)
        if not job.is_served(now, kind):
            raise refusals.no_record(job_id)
        return self._signer.sign(f"{job.item}.{kind.ending}", now=now)

    def is_link(self, path: str, auth_key: str, *, now: float) -> bool:
        """Whether *auth_key* was signed for *path* and is still good."""
        return self._signer.is_good(path, auth_key, now=now)

    def split(self, seed: int, *, now: float) -> Link:
        """The address of stems that were made from an upload: those of the song of that seed."""
        item = draw_item(self._rng)
        self._splits[item] = seed
        return self._signer.sign(f"splits/{item}.zip", now=now)

    def split_seed(self, item: str) -> int | None:
        """The seed of a split, or ``None``."""
        return self._splits.get(item)

    # The scheduler

    def executing(self, now: float) -> list[records.Document]:
        """What ``GET /scheduler`` answers: running jobs of all accounts, oldest first."""
        return [schedule.entry(job, now=now) for job in self._tracked(now)]

    def available(self, now: float) -> list[records.Document]:
        """Free slots by account, as the scheduler sees them: it counts only what it follows."""
        return schedule.availability(self.limits, self._tracked(now))

    def untrack(self, job_id: str, *, now: float) -> None:
        """Take a job off the scheduler. It goes on, and so does its hold on a slot.

        Raises:
            Refused: 400 when no id looks like this; 404 when the scheduler has no such job.
        """
        if read_id(job_id, Thing.JOB) is None:
            raise refusals.bad_id("job_id")
        if job_id not in {job.id for job in self._tracked(now)}:
            raise refusals.not_running()
        self._untracked.add(job_id)

    def _tracked(self, now: float) -> list[Job]:
        return [
            job
            for job in self._jobs.values()
            if job.is_running(now) and job.id not in self._untracked
        ]

    def _is_shown(self, job: Job, now: float) -> bool:
        return job.is_shown(now) and job.item not in self._deleted

    def _ends(self, account: str, now: float) -> list[float]:
        """When the jobs that an account is making end."""
        its = (job for job in self._jobs.values() if job.account == account)
        return [job.life.ended_at for job in its if job.is_running(now)]

    def _takers(self, order: Order, now: float) -> list[str]:
        """The accounts that may take an order: all, or the one it names by itself or its ids."""
        named = {self.account(order.user_id)} if order.user_id else set()
        if order.artist_voice and voices.find(order.artist_voice) is None:
            raise refusals.no_record(order.artist_voice)
        for thing, upload_id in ((Thing.VOICE, order.cloned_voice), (Thing.MIDI, order.midi)):
            if upload_id:
                upload = self.uploads.find(thing, upload_id)
                if not upload.is_ready(now):
                    raise refusals.bad_request(f"{upload_id} is still being made")
                named.add(upload.account)
        if len(named) > 1:
            raise refusals.bad_request(f"These belong to several accounts: {sorted(named)}")
        if not self.limits:
            raise refusals.no_account("")
        return list(named or self.limits)

    def _draw(self, order: Order, account: str, now: float) -> Job:
        rng = random.Random(self._rng.getrandbits(64))  # noqa: S311 - music, not secrets
        item = draw_item(rng)
        return Job(
            id=str(Id(self._user, account, Thing.JOB, item)),
            number=len(self._jobs) + 1,
            item=item,
            account=account,
            order=order,
            song=songs.draw_song(rng.getrandbits(31), order.wish),
            shape=progress.draw_shape(rng),
            life=self._durations.draw_life(order, rng, now=now),
            stuck_at=rng.randint(20, 80) if order.is_doomed else None,
        )
