"""Signed, passing addresses of files, as the service's file network has them. Pure."""

from __future__ import annotations

import hashlib
import hmac
import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Link:
    """An address: its path with the query, and for how many whole seconds it is good."""

    path: str
    remaining: int


class Signer:
    """Signs paths with *secret*; each signature is good for *seconds*."""

    def __init__(self, secret: bytes, *, seconds: float) -> None:
        self._secret = secret
        self._seconds = seconds

    def sign(self, path: str, *, now: float) -> Link:
        """A fresh address of *path*."""
        expiry = math.ceil(now + self._seconds)
        # Like the service's, two addresses of one second differ.
        stamp = f"{expiry}-{int(now * 1000) % 1000}-0"
        address = f"{path}?auth_key={stamp}-{self._signature(path, stamp)}"
        return Link(address, math.floor(expiry - now))

    def is_good(self, path: str, auth_key: str, *, now: float) -> bool:
        """Whether *auth_key* was made for *path* and its time is not over."""
        stamp, _, signature = auth_key.rpartition("-")
        expected = self._signature(path, stamp)
        if not hmac.compare_digest(signature.encode(), expected.encode()):
            return False
        return now <= int(stamp.partition("-")[0])

    def _signature(self, path: str, stamp: str) -> str:
        return hmac.new(self._secret, f"{path}-{stamp}".encode(), hashlib.sha256).hexdigest()[:32]
