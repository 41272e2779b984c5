"""The system's keyring as a place for the token. The only file that knows the keyring library.

A keyring that writes plain text is none: a token belongs into no file that a backup carries away.
"""

from __future__ import annotations

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
    from keyring.errors import KeyringError  # noqa: PLC0415  # likewise

    try:
        _check_backend()
        return keyring.get_password(_SERVICE, _NAME)
    except (KeyringError, UsageError):
        return None


def keep(token: str) -> None:
    """Keep the token there.

    Raises:
        MissingExtra: The library is not installed.
        UsageError: There is no keyring that keeps a secret, or it refused.
    """
    if not is_installed():
        raise MissingExtra("keeping the token needs keyring", "pip install keyring")
    import keyring  # noqa: PLC0415  # only when asked for
    from keyring.errors import KeyringError  # noqa: PLC0415  # likewise

    _check_backend()
    try:
        keyring.set_password(_SERVICE, _NAME, token)
    except KeyringError as error:
        raise UsageError(f"the keyring refused ({type(error).__name__})", _REMEDY) from None


def forget() -> bool:
    """Remove the token from there; whether there was one."""
    if read() is None:
        return False
    import keyring  # noqa: PLC0415  # read() has loaded it

    keyring.delete_password(_SERVICE, _NAME)
    return True


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
