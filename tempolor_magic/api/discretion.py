"""What keeps the token out of the log of the library that carries the requests.

It logs no request's headers, but those of every answer, the words behind its status and what is
wrong with it; and a service that echoes the token can do so in any of these.
"""

from __future__ import annotations

import logging

from tempolor_magic.api.credentials import Token

_LOGGERS = (
    "httpx",
    "httpcore.connection",
    "httpcore.http11",
    "httpcore.http2",
    "httpcore.proxy",
    "httpcore.socks",
)


class Discretion(logging.Filter):
    """Blacks out *token* in whatever these loggers say, as long as it is in force."""

    def __init__(self, token: Token) -> None:
        super().__init__()
        self._token = token
        for name in _LOGGERS:
            logging.getLogger(name).addFilter(self)

    def filter(self, record: logging.LogRecord) -> bool:
        """Let everything pass, without the token."""
        record.msg, record.args = self._token.without_text(record.getMessage()), ()
        return True

    def end(self) -> None:
        """Look no further."""
        for name in _LOGGERS:
            logging.getLogger(name).removeFilter(self)
