"""The system's keyring as a place for the token. The only file that knows the keyring library.

A keyring that writes plain text is none: a token belongs into no file that a backup carries away.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec

from tempolor_magic.errors import MissingExtra, UsageError

_SERVICE = "tempolor_magic"
_NAME = "useapi.net token"
_UNSAFE_MODULES = ("keyring.backends.fail", "keyring.backends.null", "keyrings.alt")
_REMEDY = "set USEAPI_TOKEN instead, or set up the keyring of your system"


def is_installed() -> bool:
    """Whether the library is there; nothing is loaded to find out."""
    return find_spec("keyring") is not None


def read() -> str | None:
    """The token kept there; ``None`` if there is none, or no keyring to be trusted."""
    if not is_installed():
        return None
    import keyring  # noqa: PLC0415  # only when nothing else has told a token

    try:
        _check_backend()
        return keyring.get_password(_SERVICE, _NAME)
    except Exception:  # noqa: BLE001  # a backend raises whatever its system does
        return None


def keep(token: str) -> None:
    """Keep *token* in the system's keyring.

    Raises:
        MissingExtra: The library is not installed.
        UsageError: There is no keyring that keeps a secret, or it refused.
    """
    try:
        if not is_installed():
            raise MissingExtra("keeping the token needs keyring", "pip install keyring")
        import keyring  # noqa: PLC0415  # only when asked for

        _check_backend()
        why = _refusal(keyring.set_password, _SERVICE, _NAME, token)
    finally:
        del token  # a traceback can show every variable
    if why:
        raise UsageError(f"the keyring refused ({why})", _REMEDY)


def forget() -> bool:
    """Remove the token from there; whether there was one.

    Raises:
        UsageError: The keyring refused.
    """
    if read() is None:
        return False
    import keyring  # noqa: PLC0415  # read() has loaded it

    if why := _refusal(keyring.delete_password, _SERVICE, _NAME):
        raise UsageError(f"the keyring refused ({why})", "remove it with your system's own tool")
    return True


def _refusal(call: Callable[..., object], *told: str) -> str:
    """The name of the error that *call* ends in, empty if it ends well.

    The error itself goes no further: the frames of a backend show the token in its traceback.
    """
    try:
        call(*told)
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001  # whatever its system raises
        return type(error).__name__
    return ""


def _check_backend() -> None:
    """Refuse a keyring that is none.

    Raises:
        UsageError: It writes plain text, or there is none.
    """
    import keyring  # noqa: PLC0415  # loaded by whoever calls

    backend = keyring.get_keyring()
    # A chain asks its parts in turn: the first that can would keep the token.
    parts = getattr(backend, "backends", None) or [backend]
    module = type(parts[0]).__module__
    if module.startswith(_UNSAFE_MODULES) or "plaintext" in type(parts[0]).__name__.lower():
        what = "no keyring" if module.startswith("keyring.") else "only a plain-text keyring"
        raise UsageError(f"there is {what} on this machine: the token was not kept", _REMEDY)
