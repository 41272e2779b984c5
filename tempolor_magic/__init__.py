"""Watch TemPolor music jobs live in a notebook cell, without blocking the kernel.

In a notebook: ``%load_ext tempolor_magic``, then ``%tempolor --help``. From Python::

    import tempolor_magic as tempolor

    job = tempolor.watch("user:…-tempolor:…-job:…")
    job.result()

Everything below is loaded when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from tempolor_magic.version import __version__

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from tempolor_magic import errors
    from tempolor_magic.api.client import AsyncClient
    from tempolor_magic.api.orders import Delivery, InstrumentalOrder, SongOrder
    from tempolor_magic.api.wire import Upload
    from tempolor_magic.clients import Client
    from tempolor_magic.embed import Panel
    from tempolor_magic.functions import instrumental, library, song, watch
    from tempolor_magic.job import Job
    from tempolor_magic.jobs import Jobs

__all__ = [
    "AsyncClient",
    "Client",
    "Delivery",
    "InstrumentalOrder",
    "Job",
    "Jobs",
    "Panel",
    "SongOrder",
    "Upload",
    "__version__",
    "errors",
    "instrumental",
    "library",
    "song",
    "watch",
]

_HOMES = {
    "AsyncClient": "tempolor_magic.api.client",
    "Client": "tempolor_magic.clients",
    "Delivery": "tempolor_magic.api.orders",
    "InstrumentalOrder": "tempolor_magic.api.orders",
    "Job": "tempolor_magic.job",
    "Jobs": "tempolor_magic.jobs",
    "Panel": "tempolor_magic.embed",
    "instrumental": "tempolor_magic.functions",
    "library": "tempolor_magic.functions",
    "SongOrder": "tempolor_magic.api.orders",
    "Upload": "tempolor_magic.api.wire",
    "song": "tempolor_magic.functions",
    "watch": "tempolor_magic.functions",
}


def __getattr__(name: str) -> Any:
    if name == "errors":
        return import_module("tempolor_magic.errors")
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Register ``%tempolor``; called by ``%load_ext tempolor_magic``."""
    from tempolor_magic.extension import load  # noqa: PLC0415  # needs IPython

    load(shell)


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """Take everything back; called by ``%unload_ext tempolor_magic``."""
    from tempolor_magic.extension import unload  # noqa: PLC0415  # needs IPython

    unload(shell)
