"""Who may see the token: the token itself and the addresses it may go to. Pure."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from html.entities import codepoint2name
from urllib.parse import urlsplit

from tempolor_magic.errors import TokenMissing, UnsafeAddress, holds_token, shown

SERVICE_HOST = "api.useapi.net"
SERVICE_URL = f"https://{SERVICE_HOST}/v1/tempolor"

_TOKEN = re.compile(r"user:(?P<user>[0-9]+)-(?P<secret>[!-~]+)")
# A shorter secret is blacked out together with the number only: it could be part of any word.
_TELLING = 8


class Token:
    """A useapi.net token that never prints whole.

    Only :meth:`header` unwraps it, and :meth:`give_to` for a place that keeps secrets.

    Raises:
        TokenMissing: *text* is not of the form ``user:<number>-<secret>``.
    """

    __slots__ = ("_spellings", "_text", "user")

    def __init__(self, text: str) -> None:
        self.user = "?"  # shown if it turns out to be none
        bare = text.strip().strip("\"'") if isinstance(text, str) else None
        found = None if bare is None else _TOKEN.fullmatch(bare)
        if found is None:
            flaw = "no text" if bare is None else _flaw(bare)
            del text, bare  # a traceback can show every variable
            raise TokenMissing(
                f"the token is {flaw}", "copy it whole from useapi.net: user:<number>-<secret>"
            )
        self._text = found[0]
        self._spellings = _spellings(found["user"], found["secret"])
        self.user = found["user"]

    def header(self) -> dict[str, str]:
        """The one request header that carries it."""
        return {"Authorization": f"Bearer {self._text}"}

    def give_to(self, keep: Callable[[str], object]) -> None:
        """Hand the whole of it to what keeps secrets, such as a keyring."""
        keep(self._text)

    def without(self, body: bytes) -> bytes:
        """*body* with the token blacked out, however it is spelt, should an answer ever echo it."""
        return self._spellings.sub(rb"\1" + "…".encode(), body)

    def without_text(self, text: str) -> str:
        """The same of a text."""
        return self.without(text.encode("utf-8", "surrogatepass")).decode("utf-8", "surrogatepass")

    def __repr__(self) -> str:
        return f"user:{self.user}-…"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Token) and other._text == self._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __reduce__(self) -> str:
        raise TypeError("a token is not pickled")


def read_token(text: str | None) -> Token | None:
    """The token that *text* is; ``None`` without any.

    Raises:
        TokenMissing: It is not of the form of one.
    """
    try:
        return Token(text) if text else None
    finally:
        del text  # a traceback can show every variable


def _spellings(user: str, secret: str) -> re.Pattern[bytes]:
    """The secret in plain and as JSON, addresses, HTML and Python write it; first what stays."""
    before = "" if len(secret) >= _TELLING else "".join(map(_spelt, f"user:{user}-"))
    return re.compile(f"({before}){''.join(map(_spelt, secret))}".encode())


def _spelt(char: str) -> str:
    """A pattern for a character of a token in every form that an answer may give it."""
    code = ord(char)
    forms = [
        rf"\\?{re.escape(char)}",
        rf"\\u00(?i:{code:02x})",
        rf"\\x(?i:{code:02x})",
        rf"%(?i:{code:02x})",
        rf"&#0*{code};",
        rf"&#[xX]0*(?i:{code:x});",
    ]
    if code in codepoint2name:
        forms.append(f"&{codepoint2name[code]};")
    return f"(?:{'|'.join(forms)})"


def _flaw(text: str) -> str:
    """What is wrong with *text*, without showing any of it."""
    if not text:
        return "empty"
    if text.isdigit() or re.fullmatch(r"user:[0-9]+-?", text):
        return "only the user number, its secret part is missing"
    if text.lower().startswith("bearer "):
        return "preceded by the word Bearer, which is added by itself"
    if re.search(r"\s", text):
        return "broken by a blank or a line end"
    if not text.startswith("user:"):
        return "not of the form user:<number>-<secret>"
    return "not complete or holds characters that no token has"


def is_loopback(host: str | None) -> bool:
    """Whether *host* is this very machine."""
    if host is None:
        return False
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def check_base_url(url: str, *, trusted: bool = False) -> str:
    """Return *url* without a trailing slash if the token may go there.

    Args:
        url: The base of every call, such as ``https://api.useapi.net/v1/tempolor``.
        trusted: The caller gave both the URL and the token in code, and means it.

    Raises:
        UnsafeAddress: Plain http to another machine, a host that is not the service's, a token
            in the URL, or not a URL at all.
    """
    url = str(url).strip().rstrip("/")  # also of a URL that is an object
    try:
        parts = urlsplit(url)
        host = parts.hostname
        _ = parts.port
    except ValueError:
        parts, host = urlsplit(""), None
    # urlsplit drops or keeps blanks and controls that the client reads in another way.
    plain = url.isprintable() and not re.search(r"[\s?#]", url)
    if host is None or parts.scheme not in {"http", "https"} or not plain:
        raise UnsafeAddress("the base URL is not a web address", f"the service is {SERVICE_URL}")
    if holds_token(url):
        raise UnsafeAddress(
            "the base URL holds a token",
            "leave it out: addresses are shown, and it is sent in a header",
        )
    if parts.username or parts.password:
        raise UnsafeAddress("the base URL holds a user name or password", "leave them out")
    if is_loopback(host):
        return url
    if parts.scheme != "https":
        raise UnsafeAddress(
            f"plain http to {shown(host, 60)} would show the token to the network", "use https"
        )
    if host != SERVICE_HOST and not trusted:
        raise UnsafeAddress(
            f"the token is not sent to {shown(host, 60)}",
            f"use {SERVICE_URL}, or give Client both token= and base_url=",
        )
    return url
