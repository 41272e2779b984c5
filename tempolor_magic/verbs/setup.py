"""login, logout, sandbox, config."""

from __future__ import annotations

from tempolor_magic.api.credentials import check_base_url
from tempolor_magic.errors import UsageError
from tempolor_magic.language import commands
from tempolor_magic.runtime import Runtime
from tempolor_magic.sandbox.faults import NONE
from tempolor_magic.settings import TOKEN_VARIABLE
from tempolor_magic.verbs.run import run
from tempolor_magic.view import html, text
from tempolor_magic.view.output import show_bundle


@run.register
def _(command: commands.Login, runtime: Runtime) -> None:
    token = runtime.tokens.type_in(keep=command.keep)
    where = "in the keyring of this system" if command.keep else "until this kernel ends"
    print(f"{token} is kept {where}.")  # noqa: T201  # without its secret part
    if runtime.tokens.in_environment:
        print(f"But {TOKEN_VARIABLE} is set, and stronger.")  # noqa: T201
    if runtime.in_sandbox:
        print("The sandbox is in force: %tempolor sandbox stop goes back to the real service.")  # noqa: T201


@run.register
def _(_command: commands.Logout, runtime: Runtime) -> None:
    forgotten = runtime.tokens.forget()
    print("The token is forgotten." if forgotten else "There was no token to forget.")  # noqa: T201
    if runtime.tokens.in_environment:
        print(f"{TOKEN_VARIABLE} is still set in the environment of this kernel.")  # noqa: T201


@run.register
def _(command: commands.Sandbox, runtime: Runtime) -> None:
    if command.stop:
        ended = runtime.stop_sandbox()
        said = "The sandbox has ended" if ended else "No sandbox was running"
        print(f"{said}; the real service is in force.")  # noqa: T201
        return
    running, started = runtime.start_sandbox(command.speed, command.faults)
    pace = "the usual speed" if running.speed == 1 else f"{running.speed:g} times the usual speed"
    print(  # noqa: T201
        f"The sandbox {'has started' if started else 'was running already'} "
        f"at {pace}: practice music, no token, no credits.\n"
        "%tempolor song PROMPT makes a song; %tempolor sandbox stop goes back to the real service."
    )
    if command.faults is not None:
        none = command.faults == NONE
        print(f"{'No' if none else 'By order, some'} answers are spoilt: {command.faults}.")  # noqa: T201
    if command.speed not in {running.speed, 1.0}:
        print("For another speed: %tempolor sandbox stop first; its jobs end with it.")  # noqa: T201


@run.register
def _(_command: commands.ShowConfig, runtime: Runtime) -> None:
    settings = runtime.settings
    rows = [
        ("base_url", _address_text(settings.base_url.value), settings.base_url.origin),
        ("token", *_token_row(runtime)),
        ("interval", _seconds_text(settings.interval.value), settings.interval.origin),
        ("deadline", _seconds_text(settings.deadline.value), settings.deadline.origin),
        ("output", settings.output.value or "the working folder", settings.output.origin),
        ("journal", str(runtime.journal.path), "the user's data folder"),
    ]
    columns = ("Setting", "Value", "From")
    show_bundle(
        {
            "text/html": html.facts_table("In force now", columns, rows),
            "text/plain": text.columns("In force now", columns, rows),
        }
    )


def _address_text(url: str) -> str:
    """The address, or what is wrong with it: a wrong one may hold a secret."""
    try:
        return check_base_url(url)
    except UsageError as error:
        return str(error)


def _token_row(runtime: Runtime) -> tuple[str, str]:
    try:
        token, origin = runtime.known_token()
    except UsageError as error:
        return str(error), ""
    return str(token), origin


def _seconds_text(value: float | None) -> str:
    if value is None:
        return "the default pace"
    return f"{value:g} s" if value < 120 else f"{value / 60:g} min"  # noqa: PLR2004
