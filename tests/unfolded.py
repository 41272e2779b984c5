"""All that a debugger could show of an error: the variables of every frame it came through.

Our errors show themselves in one line; but whoever raises another one from them, or keeps reports
of crashes, gets to see the frames.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import dropwhile
from traceback import walk_tb
from types import FrameType

_LATEST = ("last_exc", "last_type", "last_value", "last_traceback")


def variables(error: BaseException | None) -> Iterator[str]:
    """Those of our own frames and of all below them, also of errors that this one hides.

    The frames of whoever called us are left out: what stands there is theirs.
    """
    if error is None:
        return
    frames = [frame for frame, _ in walk_tb(error.__traceback__)]
    for frame in dropwhile(lambda frame: not _is_ours(frame), frames):
        code = frame.f_code
        for name, value in frame.f_locals.items():
            yield f"{code.co_filename}, {code.co_name}: {name} = {_written(value)}"
    yield f"{type(error).__name__}: {error} {_written(error)} {vars(error)}"
    yield from variables(error.__cause__)
    if error.__context__ is not error.__cause__:
        yield from variables(error.__context__)


def tell_all() -> None:
    """In a kernel: print those of the latest error, and forget it."""
    for line in variables(getattr(sys, "last_value", None)):
        print(line)  # noqa: T201  # for whoever listens to the kernel
    forget()


def forget() -> None:
    """Forget the latest error."""
    for name in _LATEST:
        vars(sys).pop(name, None)


def _is_ours(frame: FrameType) -> bool:
    return str(frame.f_globals.get("__name__", "")).startswith("tempolor_magic")


def _written(value: object) -> str:
    try:
        return repr(value)
    except Exception as error:  # noqa: BLE001  # of an object that is not yet whole
        return f"{type(value).__name__}, which can't be written ({error!r})"
