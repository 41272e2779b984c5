"""What is in force and where it came from. Strongest first: argument, %config, environment,
default. The token has a way of its own: environment or hidden prompt, never an argument.
"""  # noqa: D205  # one list, no summary

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tempolor_magic.api.credentials import SERVICE_URL
from tempolor_magic.errors import UsageError, shown

TOKEN_VARIABLE = "USEAPI_TOKEN"  # noqa: S105  # the name of a variable, no secret
URL_VARIABLE = "TEMPOLOR_BASE_URL"
DEFAULT_DEADLINE = 30 * 60.0
SHORTEST_INTERVAL = 0.5
_UNITS = {"": 1.0, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0}
_LONGEST = 30 * 24 * 3600.0


@dataclass(frozen=True, slots=True)
class Setting:
    """A value and where it came from, in words."""

    value: Any
    origin: str


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be set. ``interval`` is ``None`` for the default pace; seconds."""

    base_url: Setting
    interval: Setting
    deadline: Setting
    output: Setting


def read_settings(config: Mapping[str, Any], getenv: Callable[[str], str | None]) -> Settings:
    """What holds now.

    Args:
        config: The traits of ``TempolorMagics`` that the user set; unset ones are missing.
        getenv: Reads a variable of the environment.

    Raises:
        UsageError: A value that can't be.
    """
    configured = {name: value for name, value in config.items() if value not in (None, "")}

    def pick(name: str, default: Any, variable: str = "") -> Setting:
        if name in configured:
            return Setting(configured[name], f"%config TempolorMagics.{name}")
        if variable and (value := getenv(variable)):
            return Setting(value, f"environment variable {variable}")
        return Setting(default, "default")

    deadline = pick("deadline", DEFAULT_DEADLINE)
    interval = pick("interval", None)
    return Settings(
        base_url=pick("base_url", SERVICE_URL, URL_VARIABLE),
        interval=Setting(
            None if interval.value is None else interval_seconds(str(interval.value)),
            interval.origin,
        ),
        deadline=Setting(seconds(str(deadline.value), "deadline"), deadline.origin),
        output=pick("output", None),
    )


def interval_seconds(text: str) -> float:
    """Read the time between two questions about a job.

    Raises:
        UsageError: It is none, or so short that it would be a load on the service.
    """
    value = seconds(text, "interval")
    if value < SHORTEST_INTERVAL:
        raise UsageError(
            f"{value:g} s between two questions is too short", f"at least {SHORTEST_INTERVAL:g} s"
        )
    return value


def seconds(text: str, what: str) -> float:
    """Read a duration such as ``90``, ``90s``, ``15m``, ``1.5h``.

    Raises:
        UsageError: It is none, not positive, or longer than 30 days.
    """
    found = re.fullmatch(r"([0-9]{1,9}(?:\.[0-9]*)?)\s*(s|m|min|h)?", text.strip(), re.ASCII)
    value = float(found[1]) * _UNITS[found[2] or ""] if found else 0.0
    if not 0 < value <= _LONGEST:
        raise UsageError(
            f"{shown(text, 40) or 'nothing'} is no {what}",
            "write seconds, or a number with s, m or h: 15m",
        )
    return value
