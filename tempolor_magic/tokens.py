"""Where the token comes from: environment, keyring, hidden prompt, in this order."""

from __future__ import annotations

from collections.abc import Callable

from tempolor_magic import keychain
from tempolor_magic.api.credentials import Token, read_token
from tempolor_magic.errors import TokenMissing
from tempolor_magic.settings import TOKEN_VARIABLE


class Tokens:
    """The token of the real service, as this kernel knows it.

    Args:
        getenv: Reads a variable of the environment. A function, not the environment itself:
            what holds no secret can't show one.
    """

    def __init__(self, getenv: Callable[[str], str | None]) -> None:
        self._getenv = getenv
        self._typed: Token | None = None
        self._kept: Token | None = None
        self._looked = False
        # Asks through the front end's hidden prompt; None where nobody can be asked.
        self.ask: Callable[[], str] | None = None

    def known(self) -> tuple[Token, str]:
        """The token in force and where it came from, without asking for it.

        Raises:
            TokenMissing: There is none, or what there is is not one.
        """
        found = self._find()
        if found is None:
            raise no_token()
        return found

    def get(self) -> Token:
        """The token in force; asked for where there is none and somebody can be asked.

        Raises:
            TokenMissing: Nobody can be asked, or what was typed is no token.
        """
        found = self._find()
        return found[0] if found else self.type_in()

    def type_in(self, *, keep: bool = False) -> Token:
        """Ask for the token, and use it from now on.

        Args:
            keep: Keep it in the system's keyring, too.

        Raises:
            TokenMissing: Nobody can be asked, or what was typed is no token.
            UsageError: There is no keyring that keeps a secret; the token is used all the same.
        """
        if self.ask is None:
            raise no_token()
        self._typed = Token(self.ask())
        if keep:
            self._typed.give_to(keychain.keep)
        return self._typed

    def forget(self) -> bool:
        """Forget what was typed and what is kept; whether there was anything."""
        known = self._typed is not None
        self._typed = self._kept = None
        self._looked = True
        return keychain.forget() or known

    @property
    def in_environment(self) -> bool:
        """Whether the environment names one: it is stronger than all others."""
        return bool(self._getenv(TOKEN_VARIABLE))

    def _find(self) -> tuple[Token, str] | None:
        if (told := read_token(self._getenv(TOKEN_VARIABLE))) is not None:
            return told, f"environment variable {TOKEN_VARIABLE}"
        if self._typed is not None:
            return self._typed, "typed in this session"
        kept = self._from_keychain()
        return (kept, "the system keyring") if kept else None

    def _from_keychain(self) -> Token | None:
        """Looked up once: a keyring may ask the user for a password each time."""
        if not self._looked:
            self._looked = True
            self._kept = read_token(keychain.read())
        return self._kept


def no_token() -> TokenMissing:
    """The error of a missing token where nobody can be asked for it."""
    return TokenMissing(
        "no token found",
        f"set the environment variable {TOKEN_VARIABLE}, "
        "or try %tempolor sandbox, which needs none",
    )
