"""What the front end tells of itself and of the cell that runs. Everything may be unknown."""

from __future__ import annotations

from typing import Any

from IPython.core.getipython import get_ipython


def has_widgets() -> bool:
    """Whether this is a kernel: only there a widget can reach a page."""
    return getattr(get_ipython(), "kernel", None) is not None


def execution() -> object:
    """What tells one execution of a cell from another; ``None`` outside IPython.

    The request's id where there is one: counts stand still for silent executions.
    """
    shell = get_ipython()
    if shell is None:
        return None
    request = _request()
    return request.get("header", request).get("msg_id") or shell.execution_count


def cell() -> str:
    """The id of the cell that is running; empty where the front end does not tell."""
    known = _request().get("metadata", {}).get("cellId")
    return known if isinstance(known, str) else ""


def runs_each_cell_once() -> bool:
    """Whether a notebook runs from top to bottom without anybody there, or Python without one.

    Headless runners tell no cells, and that nobody can be asked.
    """
    if get_ipython() is None:
        return True
    return _request().get("content", {}).get("allow_stdin") is False


def registered(magics: str) -> Any:
    """The instance of a class of magics that the shell knows; ``None`` if it knows none."""
    shell = get_ipython()
    return None if shell is None else shell.magics_manager.registry.get(magics)


def _request() -> dict[str, Any]:
    parent = getattr(get_ipython(), "parent_header", None)
    return parent if isinstance(parent, dict) else {}
