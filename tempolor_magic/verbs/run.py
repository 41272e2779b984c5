"""One function does every command; each verb registers what it does."""

from __future__ import annotations

from functools import singledispatch

from tempolor_magic.language import commands
from tempolor_magic.runtime import Runtime


@singledispatch
def run(command: commands.Command, runtime: Runtime) -> object:
    """Do what *command* says; what it returns is the value of the cell."""
    raise NotImplementedError(type(command).__name__)


@run.register
def _(command: commands.Help, _: Runtime) -> None:
    print(command.text)  # noqa: T201  # words for the cell it was typed in
