"""The verbs that set things up: login, logout, sandbox, config. Pure."""

from __future__ import annotations

import argparse

from tempolor_magic.errors import UsageError, shown
from tempolor_magic.language.commands import Login, Logout, Sandbox, ShowConfig
from tempolor_magic.language.syntax import Verb, nearest, no_options
from tempolor_magic.sandbox.faults import FaultsError, names, read_plan

_SLOWEST, _FASTEST = 0.1, 1000  # beyond, nothing can be watched any more


def _options_login(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--keyring", action="store_true", help="keep it in the keyring of the system"
    )


def _options_sandbox(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", nargs="?", default="start", metavar="start|stop")
    parser.add_argument("--speed", default="1", metavar="X", help="X times as fast (default 1)")
    parser.add_argument(
        "--faults",
        metavar="SPEC",
        help="spoil answers, to see what becomes of it: 0.3 for 30 %% of them, 0.2:429,reset for "
        "these kinds, 429,ok,reset for an order, job=1:596 for the first job; none ends it. "
        f"The kinds are {', '.join(names())}",
    )


def _sandbox(asked: argparse.Namespace, _: str | None) -> Sandbox:
    if asked.action not in {"start", "stop"}:
        raise UsageError(
            f"the sandbox can't {shown(asked.action, 40)}",
            nearest(asked.action, ["start", "stop"], "%tempolor sandbox start|stop"),
        )
    stop = asked.action == "stop"
    return Sandbox(stop, _speed(asked.speed), _faults(asked.faults))


def _speed(text: str) -> float:
    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    if not _SLOWEST <= speed <= _FASTEST:
        raise UsageError(f"{shown(text, 40)} is no speed", "a number from 0.1 to 1000")
    return speed


def _faults(line: str | None) -> str | None:
    try:
        return None if line is None else read_plan(line).text
    except FaultsError as error:
        raise UsageError(str(error), "%tempolor sandbox --help") from None


VERBS = (
    Verb(
        "login",
        "ask for the token in a hidden prompt; --keyring keeps it",
        _options_login,
        lambda asked, _: Login(asked.keyring),
    ),
    Verb(
        "logout",
        "forget the token, in the keyring as well",
        no_options,
        lambda _asked, _: Logout(),
    ),
    Verb(
        "sandbox",
        "start (or stop) a practice service on this machine; it needs no token",
        _options_sandbox,
        _sandbox,
        words=("start", "stop"),
    ),
    Verb(
        "config",
        "what is in force and where it came from",
        no_options,
        lambda _asked, _: ShowConfig(),
    ),
)
