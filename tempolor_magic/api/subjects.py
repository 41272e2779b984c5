"""What calls are about, in the words of their errors. Pure.

The HTTP status tells what happened; whom it happened to, and what to do, depends on the call.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Self

from tempolor_magic.api.ids import ItemId
from tempolor_magic.errors import (
    BadRequest,
    Forbidden,
    JobGone,
    NotFound,
    PassingTrouble,
    ServiceError,
)

# The class of an error, what happened, and the remedy.
Meaning = tuple[type[ServiceError], str, str]


@dataclass(frozen=True, slots=True)
class Subject:
    """What a call is about.

    Args:
        noun: What the service may not know: "the service knows no such …".
        told: Statuses that mean something else here than elsewhere.
        lost: What may have happened when no clear answer comes, and where to look.
        owner: The useapi user the asked-for thing belongs to, by its id.
    """

    noun: str
    told: Mapping[int, Meaning] = field(default_factory=dict)
    lost: tuple[str, str] = ("", "")
    owner: str = ""

    def of(self, item: ItemId) -> Self:
        """The same, about this very thing."""
        return replace(self, owner=item.user)


def _unsent(remedy: str) -> Mapping[int, Meaning]:
    """What 400 and 422 mean for a file."""
    return {
        400: (BadRequest, "the service did not accept the file", remedy),
        422: (BadRequest, "the service could not use the file", "take another recording"),
    }


_SEVERAL = "with several TemPolor accounts, say which one: account="

JOB = Subject(
    "job",
    {
        404: (
            JobGone,
            "the service knows no such job",
            "check the id; deleted jobs don't come back",
        ),
        409: (PassingTrouble, "the job is still being made", "try again when it is final"),
        410: (JobGone, "the job has expired", "make it again: the service keeps jobs for 7 days"),
    },
)
RUNNING_JOB = Subject(
    "running job",
    {404: (NotFound, "the job is not running", "it may have finished: look at its record")},
)
SCHEDULER = Subject(
    "list", {404: (NotFound, "the service has no list of running jobs", "check the base URL")}
)
LIBRARY = Subject("account")
LIBRARY_OF_WHOM = Subject(
    "account", {400: (BadRequest, "the service did not accept the request", _SEVERAL)}
)
VOICE = Subject("voice")
MIDI = Subject("MIDI file")
ACCOUNT = Subject(
    "account",
    {
        403: (
            Forbidden,
            "the account is not this token's",
            "use the token of the user that added it",
        ),
        404: (NotFound, "no such TemPolor account is linked", "see useapi.net, where it is added"),
    },
)
NEW_VOICE = Subject(
    "account",
    _unsent(f"check the recording; {_SEVERAL}"),
    ("the voice may or may not have been cloned", "look at the cloned voices before you try again"),
)
NEW_MIDI = Subject(
    "account",
    _unsent(f"check the file; {_SEVERAL}"),
    ("the file may or may not have been stored", "look at the MIDI files before you try again"),
)
STEMS = Subject(
    "account",
    _unsent(f"check the recording; {_SEVERAL}"),
    ("the stems may or may not be in the making", "look at tempolor.com before you try again"),
)


def order(kind: str) -> Subject:
    """About a ``song`` or an ``instrumental`` that is asked for."""
    return Subject(
        "account",
        {400: (BadRequest, "the service did not accept the request", "check the options")},
        (
            f"the {kind} may or may not be in the making",
            "look at tempolor.com before you ask again; it was not sent twice",
        ),
    )
