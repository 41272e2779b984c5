"""What can be asked for, as frozen values: one command per verb. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from tempolor_magic.api.ids import JobId
from tempolor_magic.errors import UsageError


@dataclass(frozen=True, slots=True)
class Watching:
    """How to watch: seconds, ``None`` for what the settings say."""

    interval: float | None = None
    deadline: float | None = None
    wait: bool = False
    live: bool = False
    embed: bool = False


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
class Song:
    """Ask for a song, then watch it."""

    prompt: str
    lyrics: str
    model: str
    how: Watching


@dataclass(frozen=True, slots=True)
class Download:
    """Save the audio of a job."""

    job_id: JobId
    output: str | None
    overwrite: bool


@dataclass(frozen=True, slots=True)
class Sandbox:
    """Start, use or stop the practice service."""

    stop: bool
    speed: float


@dataclass(frozen=True, slots=True)
class ShowConfig:
    """What is in force."""


@dataclass(frozen=True, slots=True)
class Help:
    """Words to print."""

    text: str


Command = (
    Watch | AskStatus | Wait | Stop | Show | ShowJournal | Resume | Song | Download | Sandbox
    | ShowConfig | Help
)  # fmt: skip

LONGEST_PROMPT = 2_000
LONGEST_LYRICS = 3_000


def check_song(prompt: str, lyrics: str) -> None:
    """Check the documented limits before anything is spent.

    Raises:
        UsageError: A prompt that is empty or too long, or lyrics that are too long.
    """
    if not prompt.strip():
        raise UsageError("a song needs a prompt", "%tempolor song a calm piano piece, 80 bpm")
    for what, text, most in (
        ("prompt", prompt, LONGEST_PROMPT),
        ("lyrics", lyrics, LONGEST_LYRICS),
    ):
        if len(text) > most:
            raise UsageError(f"the {what} may have {most:,} characters, this has {len(text):,}")
