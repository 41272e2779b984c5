"""What is in force, and where it came from."""

from __future__ import annotations

from typing import Any

import pytest

from tempolor_magic.api.credentials import SERVICE_URL
from tempolor_magic.errors import UsageError
from tempolor_magic.settings import (
    DEFAULT_DEADLINE,
    URL_VARIABLE,
    Setting,
    read_settings,
    seconds,
)

LOCAL = "http://127.0.0.1:8765/v1/tempolor"
NOTHING = dict[str, str]().get  # an environment without a variable


def test_without_anything_the_defaults_hold() -> None:
    """The service, the default pace, half an hour, the working folder; and they say so."""
    settings = read_settings({}, NOTHING)
    assert settings.base_url == Setting(SERVICE_URL, "default")
    assert settings.interval == Setting(None, "default")
    assert settings.deadline == Setting(DEFAULT_DEADLINE, "default") == Setting(1_800.0, "default")
    assert settings.output == Setting(None, "default")


@pytest.mark.parametrize(
    ("config", "environ", "value", "origin"),
    [
        ({}, {}, SERVICE_URL, "default"),
        ({}, {URL_VARIABLE: LOCAL}, LOCAL, f"environment variable {URL_VARIABLE}"),
        ({"base_url": "https://x"}, {}, "https://x", "%config TempolorMagics.base_url"),
        (
            {"base_url": "https://x"},
            {URL_VARIABLE: LOCAL},
            "https://x",
            "%config TempolorMagics.base_url",
        ),
        # what is empty is not set
        ({"base_url": ""}, {URL_VARIABLE: LOCAL}, LOCAL, f"environment variable {URL_VARIABLE}"),
        ({"base_url": None}, {URL_VARIABLE: ""}, SERVICE_URL, "default"),
    ],
)
def test_the_strongest_source_wins_and_is_named(
    config: dict[str, Any], environ: dict[str, str], value: str, origin: str
) -> None:
    """``%config``, then the environment, then the default."""
    assert read_settings(config, environ.get).base_url == Setting(value, origin)


@pytest.mark.parametrize(
    ("name", "told", "value"),
    [
        ("interval", "5", 5.0),
        ("interval", 2.5, 2.5),
        ("interval", "1m", 60.0),
        ("deadline", "1h", 3_600.0),
        ("deadline", 90, 90.0),
        ("output", "songs", "songs"),
    ],
)
def test_config_sets_the_others(name: str, told: Any, value: Any) -> None:
    """As numbers or as text; the rest keeps its default."""
    settings = read_settings({name: told}, {"TEMPOLOR_INTERVAL": "7"}.get)
    assert getattr(settings, name) == Setting(value, f"%config TempolorMagics.{name}")
    others = {"base_url", "interval", "deadline", "output"} - {name}
    assert {getattr(settings, other).origin for other in others} == {"default"}


def test_no_setting_holds_a_token() -> None:
    """It has a way of its own, and never shows among the settings."""
    secret = "user:12345-hush"
    variables = {"USEAPI_TOKEN": secret, "TEMPOLOR_TOKEN": secret}
    settings = read_settings({"token": secret}, variables.get)
    assert "hush" not in repr(settings)


@pytest.mark.parametrize("name", ["interval", "deadline"])
@pytest.mark.parametrize(
    "told", [0, -1, "soon", "1d", True, [5], {}, "5 5", "x" * 10_000, "\u202e"]
)
def test_a_value_that_cannot_be_is_one_line(name: str, told: Any) -> None:
    """It says which setting, and what to write."""
    with pytest.raises(UsageError, match=f"is no {name}") as caught:
        read_settings({name: told}, NOTHING)
    assert "15m" in caught.value.remedy
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) <= 150


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("90", 90.0),
        ("90s", 90.0),
        ("90 s", 90.0),
        (" 15m ", 900.0),
        ("15min", 900.0),
        ("1.5h", 5_400.0),
        ("0.5", 0.5),
        ("5.", 5.0),
        ("720h", 2_592_000.0),
    ],
)
def test_durations_are_seconds_minutes_or_hours(text: str, value: float) -> None:
    """A number alone is seconds; thirty days is the most."""
    assert seconds(text, "deadline") == value


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "0", "0s", "-5", "+5", "1e3", "nan", "inf", "soon", ".5", "5,5", "1d", "5x"),
        *("m", "5 m m", "1h30m", "721h", "9" * 9, "9" * 400, "\u0661\u0660", "\uff15", "5\n5"),
    ],
    ids=lambda text: ascii(text)[:20],
)
def test_anything_else_is_no_duration(text: str) -> None:
    """Nothing is guessed."""
    with pytest.raises(UsageError, match="is no deadline"):
        seconds(text, "deadline")
