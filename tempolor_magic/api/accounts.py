"""The TemPolor accounts linked at useapi.net. Pure.

Their documents hold a copy of the browser's session, which is dropped when they are decoded; the
rest of a document gets no further than this file.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tempolor_magic.api import fields
from tempolor_magic.api.fields import Garbled


@dataclass(frozen=True, slots=True)
class Account:
    """A linked account. Source: ``GET /accounts``.

    ``updated_at`` is epoch seconds, ``limit`` the number of jobs that may run at once; ``None``
    when not told. There is no ``raw``, since the document holds a credential.
    """

    account: str
    updated_at: float | None = None
    limit: int | None = None


def read_account(document: Any, account: str) -> Account:
    """Read the answer to a question about *account*.

    Raises:
        Garbled: It is not about an account, or about another one.
    """
    if not isinstance(document, dict) or {"user_id", "maxJobs"}.isdisjoint(document):
        raise Garbled("the answer is not about an account")
    told = _account(document, account)
    if told.account != account:
        raise Garbled("the answer is about another account")
    return told


def read_accounts(document: Any) -> tuple[Account, ...]:
    """Read every account, in the service's order.

    Raises:
        Garbled: It is no object of accounts.
    """
    told = fields.mapping(document)
    accounts = [_account(raw, name) for name, raw in told.items() if isinstance(raw, dict)]
    if not isinstance(document, dict) or (told and not accounts):
        raise Garbled("the answer is not a list of accounts")
    return tuple(accounts)


def _account(raw: dict[str, Any], name: str) -> Account:
    return Account(
        fields.name(raw.get("user_id")) or name,
        fields.seconds(raw.get("updated")),
        fields.count(raw.get("maxJobs")),
    )
