"""Everything this package raises. One tree; every leaf says what to do next.

TempolorError
├── UsageError            the call cannot work as written; nothing was sent
│   ├── InvalidId         not the id that is needed: of a voice, a MIDI file, an account
│   │   └── InvalidJobId  not the id of a music job
│   ├── TokenMissing      no token was found, or what was found is no token
│   ├── UnsafeAddress     a base URL that must not see the token
│   └── MissingExtra      an optional package is not installed
├── ServiceError          the service answered, and the answer is an error (``status``)
│   ├── BadRequest        400
│   ├── Unauthorized      401  the token
│   ├── SubscriptionRequired  402
│   ├── Forbidden         403  someone else's job, or the edge
│   ├── NotFound          404, 410  the service knows no such thing, or no longer
│   │   └── JobGone       a job: unknown, deleted or expired
│   ├── OutOfCredits      412
│   ├── PromptRejected    422
│   ├── AccountBroken     596  the linked TemPolor account
│   └── PassingTrouble    408, 409, 429, 5xx: asking again later is the cure
│       └── RateLimited   429
├── Unreachable           no usable answer: network, time-out, garbled body
│   └── NothingSent       there was not even a connection
├── UnknownOutcome        something that makes or costs went out, and no clear answer came
├── JobFailed             the service gave up on the job
├── WatchTimeout          the deadline of a watch passed; the job may go on
├── WatchStopped          the watch was stopped here; the job goes on
├── DownloadFailed        the file could not be fetched whole
│   └── FileNotServed     the job is made, but this file of it is not there (yet)
├── JournalUnavailable    the file of known jobs can't be read or written
└── SandboxFailed         the sandbox did not start

Outside the tree, because nothing has gone wrong: Interrupted is a KeyboardInterrupt and
StillRunning a TimeoutError that say how to go on, in one line.

No message here ever holds a token, also none that was typed in the wrong place: errors are saved
in notebooks.
"""

from __future__ import annotations

import copy
import re
from concurrent.futures import CancelledError
from typing import Self

# What begins like an id and goes on like none of anything.
_TOKEN = re.compile(r"(user(?::|%3A)\d+-)(?!tempolor(?::|%3A))[!-~]+", re.IGNORECASE)


def without_tokens(text: str) -> str:
    """*text* with whatever has the form of a token cut off behind its number."""
    return _TOKEN.sub(r"\1…", text)


def holds_token(text: str) -> bool:
    """Whether anything in *text* has the form of a token."""
    return _TOKEN.search(text) is not None


def shown(text: str, longest: int = 80) -> str:
    """*text* for a message: controls and direction marks escaped, and cut to *longest*."""
    safe = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text[: longest + 1])
    return safe if len(safe) <= longest else safe[: longest - 1] + "…"


class TempolorError(Exception):
    """Base of all. ``str(error)`` is the one line the user reads.

    Args:
        message: What happened.
        remedy: What to do about it; empty when nothing can be done.
    """

    def __init__(self, message: str, remedy: str = "") -> None:
        self.message = without_tokens(message)
        self.remedy = without_tokens(remedy)
        super().__init__(self.message)

    def __str__(self) -> str:
        return f"{self.message} → {self.remedy}" if self.remedy else self.message

    def saying(self, more: str) -> Self:
        """The same error with *more* to its message; this one may belong to others."""
        said = copy.copy(self)
        said.message = f"{self.message}; {more}"
        said.args = (said.message,)
        return said

    def _render_traceback_(self) -> list[str]:
        """What IPython shows for it: one line. The cell fails all the same."""
        return [f"{type(self).__name__}: {self}"]


class UsageError(TempolorError, ValueError):
    """The call cannot work as written. Nothing was sent."""


class InvalidId(UsageError):
    """Not the id that is needed: of a voice, a MIDI file or an account. Nothing was sent."""


class InvalidJobId(InvalidId):
    """Not the id of a music job. Nothing was sent."""


class TokenMissing(UsageError):
    """No token was found, or what was found is not one. Nothing was sent."""


class UnsafeAddress(UsageError):
    """A base URL that must not see the token. Nothing was sent."""


class MissingExtra(UsageError, ImportError):
    """An optional package is not installed; the remedy is the exact install line."""


class ServiceError(TempolorError):
    """The service answered with an error. ``status`` is the HTTP status."""

    def __init__(self, message: str, remedy: str = "", *, status: int = 0) -> None:
        super().__init__(message, remedy)
        self.status = status


class BadRequest(ServiceError):
    """HTTP 400: the service did not understand the request."""


class Unauthorized(ServiceError):
    """HTTP 401: the token is not accepted."""


class SubscriptionRequired(ServiceError):
    """HTTP 402: the useapi.net subscription is missing or has ended."""


class Forbidden(ServiceError):
    """HTTP 403: another user's job, or the network edge refused the request."""


class NotFound(ServiceError):
    """HTTP 404 or 410: the service knows no such thing, or no longer."""


class JobGone(NotFound):
    """HTTP 404 or 410: no such job, deleted, or kept no longer."""


class OutOfCredits(ServiceError):
    """HTTP 412: the TemPolor account has no credits left."""


class PromptRejected(ServiceError):
    """HTTP 422: the prompt or the lyrics were not accepted."""


class AccountBroken(ServiceError):
    """HTTP 596: the TemPolor account linked at useapi.net no longer works."""


class PassingTrouble(ServiceError):
    """HTTP 408, 409, 429 or 5xx: trouble that usually passes.

    ``retry_at`` is the epoch second the service asked us to wait for, ``None`` without a hint.
    """

    def __init__(
        self, message: str, remedy: str = "", *, status: int = 0, retry_at: float | None = None
    ) -> None:
        super().__init__(message, remedy, status=status)
        self.retry_at = retry_at


class RateLimited(PassingTrouble):
    """HTTP 429: too many requests, or all slots taken. Nothing was made by it."""


class Unreachable(TempolorError):
    """No usable answer: no network, a time-out, or a body that is not what was asked for."""


class NothingSent(Unreachable):
    """There was not even a connection: the service has not heard of the request."""


class UnknownOutcome(TempolorError):
    """A submission or an upload went out and no clear answer came: it may have made something.

    ``retry_at`` is the epoch second the service asked us to wait for, ``None`` without a hint.
    """

    def __init__(self, message: str, remedy: str = "", *, retry_at: float | None = None) -> None:
        super().__init__(message, remedy)
        self.retry_at = retry_at


class JobFailed(TempolorError):
    """The service reports FAILED for the job. It gives no reason."""


class WatchTimeout(TempolorError, TimeoutError):
    """The deadline of a watch passed before the job was final."""


class WatchStopped(TempolorError, CancelledError):
    """The watch was stopped here; the job itself goes on."""


class DownloadFailed(TempolorError):
    """A file could not be fetched whole; the target was not touched."""


class JournalUnavailable(TempolorError):
    """The file of known jobs can't be read or written. Watching does without it."""


class FileNotServed(DownloadFailed):
    """The job is made, but the service did not serve this file of it in time."""


class SandboxFailed(TempolorError):
    """The sandbox process did not start."""


class _OneLine:
    """Shown by IPython as one line, like our errors."""

    def _render_traceback_(self) -> list[str]:
        return [f"{type(self).__name__}: {self}"]


class StillRunning(_OneLine, TimeoutError):
    """The time one was ready to wait has passed; the watch goes on."""


class Interrupted(_OneLine, KeyboardInterrupt):
    """The user stopped waiting. Whatever was waited for goes on."""
