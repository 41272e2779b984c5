"""What can be asked for, as frozen values: one command per verb. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from tempolor_magic.api.ids import JobId
from tempolor_magic.api.orders import Order


@dataclass(frozen=True, slots=True)
class Save:
    """Which file of a job to save, and where to; ``None`` for where the settings say."""

    format: str = "mp3"
    output: str | None = None
    overwrite: bool = False


@dataclass(frozen=True, slots=True)
class Watching:
    """How to watch: seconds, ``None`` for what the settings say.

    ``save`` is what happens by itself when a job is completed.
    """

    interval: float | None = None
    deadline: float | None = None
    wait: bool = False
    live: bool = False
    embed: bool = False
    save: Save | None = None


@dataclass(frozen=True, slots=True)
class Watch:
    """Watch jobs and show them."""

    ids: tuple[JobId, ...]
    how: Watching


@dataclass(frozen=True, slots=True)
class AskStatus:
    """Ask once."""

    job_id: JobId


@dataclass(frozen=True, slots=True)
class Wait:
    """Block until jobs are final; no id means all that are watched."""

    ids: tuple[JobId, ...]
    timeout: float | None


@dataclass(frozen=True, slots=True)
class Stop:
    """Stop watching; no id means all."""

    ids: tuple[JobId, ...]


@dataclass(frozen=True, slots=True)
class Show:
    """Show cards again; no id means all that are watched."""

    ids: tuple[JobId, ...]
    live: bool = False
    embed: bool = False


@dataclass(frozen=True, slots=True)
class ShowJournal:
    """What this machine knows."""


@dataclass(frozen=True, slots=True)
class Resume:
    """Watch again what was not final."""


@dataclass(frozen=True, slots=True)
class Make:
    """Ask for music, then watch it; ``anew`` even if this very cell has made it before."""

    order: Order
    how: Watching
    anew: bool = False


@dataclass(frozen=True, slots=True)
class Download:
    """Save a file of each job."""

    ids: tuple[JobId, ...]
    save: Save = Save()


@dataclass(frozen=True, slots=True)
class ListLibrary:
    """Show a page of the account's library at the service; ``more`` goes on after the last one."""

    kind: str
    account: str
    more: bool


@dataclass(frozen=True, slots=True)
class ShowSlots:
    """Show how many jobs may still begin, per account."""


@dataclass(frozen=True, slots=True)
class Cancel:
    """Have the service forget a running job; ``sure`` without asking."""

    job_id: JobId
    sure: bool


@dataclass(frozen=True, slots=True)
class Delete:
    """Delete jobs at the service; ``sure`` without asking."""

    ids: tuple[JobId, ...]
    sure: bool


@dataclass(frozen=True, slots=True)
class Login:
    """Ask for the token; ``keep`` it in the system's keyring."""

    keep: bool


@dataclass(frozen=True, slots=True)
class Logout:
    """Forget the token."""


@dataclass(frozen=True, slots=True)
class Sandbox:
    """Start, use or stop the practice service."""

    stop: bool
    speed: float
    # Which of its answers it spoils; None leaves that as it is.
    faults: str | None = None


@dataclass(frozen=True, slots=True)
class ShowConfig:
    """What is in force."""


@dataclass(frozen=True, slots=True)
class Help:
    """Words to print."""

    text: str


Command = (
    Watch | AskStatus | Wait | Stop | Show | ShowJournal | Resume | Make | Download | ListLibrary
    | ShowSlots | Cancel | Delete | Login | Logout | Sandbox | ShowConfig | Help
)  # fmt: skip
