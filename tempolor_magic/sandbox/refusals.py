"""The service's error answers, as exceptions that know their status, body and headers. Pure.

Wordings are those of the published pages where a page gives one; the few that are the sandbox's own
are marked. The app turns each into an HTTP answer and never makes one up itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_NOTHING: Mapping[str, str] = MappingProxyType({})


class Refused(Exception):
    """The service will not do it: an HTTP status, a message, perhaps headers."""

    def __init__(self, status: int, message: str, headers: Mapping[str, str] = _NOTHING) -> None:
        super().__init__(message)
        self.status = status
        self.headers = headers

    @property
    def body(self) -> dict[str, object]:
        """The documented error body; ``code`` repeats the HTTP status."""
        return {"error": str(self), "code": self.status}


def unauthorised() -> Refused:
    """No token, or not exactly ours."""
    return Refused(401, "Unauthorized")


def bad_id(name: str) -> Refused:
    """``job_id`` or another id does not have the documented form."""
    return Refused(400, f"{name} has incorrect format")


def no_record(name: str) -> Refused:
    """Unknown, not shown yet, or its file not served yet: the service tells no difference."""
    return Refused(404, f"No record found for {name}")


def not_running() -> Refused:
    """The scheduler has no such job, or has it no more."""
    return Refused(404, "Unable to locate running job_id")


def no_account(user_id: str) -> Refused:
    """No TemPolor account of that id; worded as at a sister service."""
    return Refused(404, f"TemPolor account {user_id} not found")


def still_generating() -> Refused:
    """A running job cannot be deleted; worded as at a sister service."""
    return Refused(
        409,
        "This song is still generating and cannot be deleted yet. "
        "Wait for statusFinal, then delete.",
    )


def not_completed(status: int) -> Refused:
    """A download was asked for before (0), or without (10), a finished song."""
    return Refused(400, f"Generation is not completed yet ({status})")


def all_slots_taken(seconds: int) -> Refused:
    """Nothing was made; a slot frees after *seconds*."""
    return Refused(429, "Too Many Requests", {"Retry-After": str(seconds)})


def empty_file() -> Refused:
    """An upload without content."""
    return Refused(400, "Empty file received")


def wrong_content_type(*kinds: str) -> Refused:
    """An upload of a kind that is not taken."""
    return Refused(400, f"Content-Type must be {' or '.join(kinds)}")


def too_large(most_bytes: int) -> Refused:
    """A body that the sandbox does not take into its memory; the wording is its own."""
    return Refused(413, f"Request body is larger than {most_bytes} bytes")


def bad_request(message: str) -> Refused:
    """Something else about the request is wrong; the wording is the sandbox's own."""
    return Refused(400, message)


def no_such_call(method: str, path: str) -> Refused:
    """A call the sandbox does not know; the wording is the sandbox's own."""
    return Refused(404, f"The sandbox has no {method} {path}")
