"""Keyrings of a machine, in memory: one that keeps, and some that don't."""

from __future__ import annotations

import keyring.backend
import keyring.errors


class Safe(keyring.backend.KeyringBackend):
    """A keyring that keeps what it is given."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}
        self.asked = 0

    def get_password(self, service: str, username: str) -> str | None:
        self.asked += 1
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


class PlaintextKeyring(Safe):
    """One that writes a readable file, by its name."""


class Locked(Safe):
    """One that the user does not open."""

    def get_password(self, service: str, username: str) -> str | None:
        raise keyring.errors.KeyringLocked

    def set_password(self, service: str, username: str, password: str) -> None:
        raise keyring.errors.PasswordSetError


class Broken(Safe):
    """One that fails in a way of its own, and says whereby."""

    def set_password(self, service: str, username: str, password: str) -> None:
        raise RuntimeError(f"no bus for {password}")

    def delete_password(self, service: str, username: str) -> None:
        raise RuntimeError(f"no bus for {self.kept[service, username]}")


class Dismissed(Safe):
    """One whose dialog the user interrupts."""

    def set_password(self, service: str, username: str, password: str) -> None:
        raise KeyboardInterrupt


class Untrue(Safe):
    """One that hands out something else than it was given."""

    def get_password(self, service: str, username: str) -> str | None:
        kept = super().get_password(service, username)
        return kept and f"Bearer {kept}"
