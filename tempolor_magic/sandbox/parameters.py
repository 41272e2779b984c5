"""One value of a request at a time, checked. Pure.

Forms carry every value as text, JSON carries numbers; both are read. Missing and null are empty.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from tempolor_magic.sandbox import refusals

Fields = Mapping[str, object]


def text(fields: Fields, name: str, *, longest: int) -> str:
    """A text of at most *longest* characters.

    Raises:
        Refused: 400, as all of these.
    """
    value = fields.get(name)
    if value is None:
        return ""
    if not isinstance(value, str) or not _is_sendable(value):
        raise refusals.bad_request(f"Parameter {name} must be a string")
    if len(value) > longest:
        raise refusals.bad_request(
            f"Parameter {name} exceeds the maximum length of {longest} characters"
        )
    return value


def needed(fields: Fields, name: str, *, longest: int) -> str:
    """A text that is not blank."""
    value = text(fields, name, longest=longest)
    if not value.strip():
        raise refusals.bad_request(f"Parameter {name} is required")
    return value


def whole(fields: Fields, name: str, *, lowest: int, highest: int) -> int | None:
    """A whole number within both limits, or ``None``."""
    value = fields.get(name)
    if value is None or value == "":
        return None
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10:  # noqa: PLR2004 - longer ones are out of any bounds
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not lowest <= value <= highest:
        raise refusals.bad_request(
            f"Parameter {name} must be a whole number from {lowest} to {highest}"
        )
    return value


def one_of(fields: Fields, name: str, choices: Collection[str]) -> str:
    """One of the *choices*, or empty."""
    value = text(fields, name, longest=100)
    if value and value not in choices:
        raise refusals.bad_request(f"Parameter {name} must be one of {', '.join(choices)}")
    return value


def _is_sendable(text: str) -> bool:
    """Whether it can be told again: half a surrogate pair, which JSON allows, can't."""
    return not any("\ud800" <= character <= "\udfff" for character in text)
