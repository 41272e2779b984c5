"""Loading and unloading in an IPython shell."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence

from IPython.core.interactiveshell import InteractiveShell
from traitlets import TraitError

from tempolor_magic.errors import UsageError, without_tokens
from tempolor_magic.magics import TempolorMagics, make_matcher

_MATCHER = "tempolor_matcher"


# Of ipykernel: whatever a thread sends to the page fails there.
_DEAF_KERNELS = ("7.0.0", "7.0.1")


def load(shell: InteractiveShell) -> None:
    """Register the magic and the completion of its arguments.

    Raises:
        UsageError: The kernel is one in which no card could ever be updated.
    """
    version = getattr(sys.modules.get("ipykernel"), "__version__", "")
    if getattr(shell, "kernel", None) is not None and version in _DEAF_KERNELS:
        raise UsageError(
            f"ipykernel {version} can't update a card while it runs",
            "pip install -U ipykernel, then restart the kernel",
        )
    _forget_refused(shell)
    shell.register_magics(TempolorMagics)
    if shell.Completer is not None:
        shell.Completer.custom_matchers.append(make_matcher(_known_ids))


def unload(shell: InteractiveShell) -> None:
    """End every watch of this kernel and take back what :func:`load` registered."""
    for kind in ("line", "cell"):
        shell.magics_manager.magics[kind].pop("tempolor", None)
    shell.magics_manager.registry.pop(TempolorMagics.__name__, None)
    shell.configurables[:] = [c for c in shell.configurables if not isinstance(c, TempolorMagics)]
    if shell.Completer is not None:
        kept = [m for m in shell.Completer.custom_matchers if m.__name__ != _MATCHER]
        shell.Completer.custom_matchers[:] = kept
    runtime = sys.modules.get("tempolor_magic.runtime")
    if runtime is not None and runtime.close_shared():
        print("The sandbox is not in force any more: %tempolor sandbox goes back to it.")  # noqa: T201


def _forget_refused(shell: InteractiveShell) -> None:
    """Drop settings that can't be: IPython keeps what ``%config`` was refused, and hands it on."""
    kept = shell.config.get(TempolorMagics.__name__, {})
    trial = TempolorMagics()
    for name, value in dict(kept).items():
        try:
            setattr(trial, name, value)
        except TraitError as error:
            del kept[name]
            print(f"Note: TempolorMagics.{name} is not set: {without_tokens(str(error))}")  # noqa: T201


def _known_ids() -> Sequence[str]:
    """Ids from the journal; pressing Tab starts neither a thread nor a request."""
    from tempolor_magic.watching import journal  # noqa: PLC0415  # loads late

    known = journal.Journal(journal.store_in(journal.default_folder()), now=time.time)
    return known.recent_ids()
