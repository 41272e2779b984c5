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


def bad_job_id() -> Refused:
    """The id does not have the documented form."""
    return Refused(400, "job_id has incorrect format")


def no_record(job_id: str) -> Refused:
    """Unknown, not shown yet, or its file not served yet: the service tells no difference."""
    return Refused(404, f"No record found for {job_id}")


def not_completed(status: int) -> Refused:
    """A download was asked for before (0), or without (10), a finished song."""
    return Refused(400, f"Generation is not completed yet ({status})")


def all_slots_taken(seconds: int) -> Refused:
    """Nothing was made; a slot frees after *seconds*."""
    return Refused(429, "Too Many Requests", {"Retry-After": str(seconds)})


def bad_request(message: str) -> Refused:
    """Something else about the request is wrong; the wording is the sandbox's own."""
    return Refused(400, message)


def no_such_call(method: str, path: str) -> Refused:
    """A call the sandbox does not know; the wording is the sandbox's own."""
    return Refused(404, f"The sandbox has no {method} {path}")
