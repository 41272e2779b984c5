"""Requests to the service and to its file host, carried by httpx. The only file that knows httpx.

Nothing here retries, sleeps or judges: an answer is a status and a body, whatever they say.
"""

from __future__ import annotations

import platform
import re
import weakref
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import anyio
import httpx

from tempolor_magic.api.credentials import Token, is_loopback
from tempolor_magic.api.discretion import Discretion
from tempolor_magic.api.unpacking import ACCEPTED, Body, Unreadable
from tempolor_magic.errors import DownloadFailed, NothingSent, Unreachable, UsageError
from tempolor_magic.version import __version__

USER_AGENT = (
    f"tempolor_magic/{__version__} (httpx/{httpx.__version__}; Python {platform.python_version()})"
)
# Another way to carry requests, for tests that need no socket.
Transport = httpx.AsyncBaseTransport

# More than eight connections at once cost two to three times the CPU per request.
CONNECTIONS = 8
# Seconds.
_CONNECTING = 10.0
_LARGEST_DOCUMENT = 16 * 1024 * 1024
# "bytes 5-9/10" of a part, "bytes */10" of one that can't be had.
_PART = re.compile(r"bytes (?:(?P<first>[0-9]{1,15})-[0-9]+|\*)/(?P<total>[0-9]+|\*)")
_NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.UnsupportedProtocol)


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds to wait: for the next piece of an answer, and for the whole of it.

    Reading may be slow behind the service's own upstream; and what comes byte by byte must end.
    """

    piece: float = 30.0
    whole: float = 60.0


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer of the service. Header names are in lower case.

    It shows no body: some hold credentials.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    @property
    def is_success(self) -> bool:
        """Whether the status is 2xx."""
        return 200 <= self.status < 300  # noqa: PLR2004


@dataclass(frozen=True, slots=True)
class Upload:
    """A body that is a file, and its media type."""

    content: bytes = field(repr=False)
    media_type: str


class Wire:
    """The way to one service, and to the file host behind it, for use on one event loop.

    Args:
        token: Goes to the service with every request, and never to the file host.
        base_url: Checked already: the token may go there.
        transport: Another way to carry requests, such as ``httpx.ASGITransport``.
        patience: How long to wait for answers.
    """

    def __init__(
        self,
        token: Token,
        base_url: str,
        transport: Transport | None = None,
        *,
        patience: Patience = Patience(),  # a frozen value
    ) -> None:
        self._token = token
        self._base_url = base_url
        self._discretion = Discretion(token)
        # For those who forget to close it.
        weakref.finalize(self, self._discretion.end)
        self.patience = patience
        self.is_local = is_loopback(urlsplit(base_url).hostname)
        shared: dict[str, Any] = {
            "follow_redirects": False,
            "limits": httpx.Limits(
                max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS
            ),
            # A proxy can reach neither our loopback nor keep its secrets.
            "trust_env": not self.is_local,
            "transport": transport,
            # Loading the certificates is the slow part of a client: once for both.
            "verify": httpx.create_ssl_context(),
        }
        wanted = {"Accept": "application/json", "Accept-Encoding": ACCEPTED}
        self._service = httpx.AsyncClient(
            headers={"User-Agent": USER_AGENT, **wanted}, cookies=_no_cookies(), **shared
        )
        # Files come from another host, which must never see the token.
        self._files = httpx.AsyncClient(
            headers={"User-Agent": USER_AGENT, "Accept-Encoding": "identity"},
            cookies=_no_cookies(),
            **shared,
        )

    async def aclose(self) -> None:
        """Close every connection."""
        await self._service.aclose()
        await self._files.aclose()
        self._discretion.end()

    async def exchange(  # noqa: PLR0913  # all but the first two by name
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        document: Mapping[str, Any] | None = None,
        upload: Upload | None = None,
        patience: Patience | None = None,
    ) -> Answer:
        """One request with the token, its whole answer read.

        Args:
            method: Of HTTP.
            path: Below the base URL; it stands in the request as it is.
            query: Parameters, encoded here.
            document: The body as JSON.
            upload: The body as a file.
            patience: In the place of what holds for all.

        Raises:
            UsageError: Something in it fits into no request; nothing was sent.
            NothingSent: There was no connection, so the service has not heard of it.
            Unreachable: It went out, and no whole answer came.
        """
        sent: dict[str, Any] = {"json": document}
        headers = httpx.Headers(self._token.header())  # which shows no token, unlike a dict
        if upload is not None:
            sent = {"content": upload.content}
            headers["Content-Type"] = upload.media_type
        wait = patience or self.patience
        try:
            with anyio.fail_after(wait.whole):
                async with self._service.stream(
                    method,
                    self._base_url + path + _query(query),
                    headers=headers,
                    timeout=_timeout(wait.piece),
                    **sent,
                ) as answer:
                    return await self._read(answer)
        except (httpx.InvalidURL, UnicodeError):
            raise UsageError(
                "this can't be written into a request", "shorten it, and leave out odd characters"
            ) from None
        except _NEVER_LEFT as error:
            lost: Unreachable = NothingSent(f"{_words(error)}; nothing was sent", self._remedy)
        except (httpx.HTTPError, Unreadable, TimeoutError) as error:
            lost = Unreachable(_words(error), self._remedy)
        # Not inside: what was caught can quote the answer, and that the token.
        raise lost

    @property
    def _remedy(self) -> str:
        if self.is_local:
            return "is it still running? %tempolor sandbox starts the practice service"
        return "check the network and the base URL"

    async def _read(self, answer: httpx.Response) -> Answer:
        packed = not answer.is_stream_consumed  # some transports hand over what is read already
        encoding = answer.headers.get("content-encoding", "") if packed else ""
        body = Body(encoding, _LARGEST_DOCUMENT)
        async for piece in answer.aiter_raw() if packed else answer.aiter_bytes():
            body.add(piece)
        headers = {
            name.lower(): self._token.without_text(value) for name, value in answer.headers.items()
        }
        return Answer(answer.status_code, headers, self._token.without(body.whole()))

    @asynccontextmanager
    async def open_file(
        self, url: str, *, start: int = 0, most: int | None = None, patience: float | None = None
    ) -> AsyncIterator[FileStream]:
        """Open a file on the file host, without the token. Whatever it answers is an answer.

        Args:
            url: As the service gave it; it must be https, or loopback for a loopback service.
            start: Ask for what comes from this byte on; the answer tells where it begins.
            most: Ask for so many bytes only.
            patience: Seconds to wait for the next piece, in the place of what holds for all.

        Raises:
            DownloadFailed: The URL is not acceptable.
            Unreachable: The host did not answer, or the connection broke in between.
        """
        if not self.is_file_url(url):
            raise _bad_link()
        headers = {}
        if start or most is not None:
            last = "" if most is None else start + most - 1
            headers["Range"] = f"bytes={start}-{last}"
        timeout = _timeout(self.patience.piece if patience is None else patience)
        try:
            async with self._files.stream("GET", url, headers=headers, timeout=timeout) as answer:
                yield FileStream(answer)
        except (httpx.InvalidURL, UnicodeError):
            raise _bad_link() from None
        except httpx.HTTPError as error:
            raise Unreachable(_words(error), "check the network, then try again") from None

    def is_file_url(self, url: str) -> bool:
        """Whether *url* may be fetched or shown: https, or loopback for a loopback service."""
        try:
            parts = urlsplit(url)
            host, _ = parts.hostname, parts.port
        except ValueError:
            return False
        if not host or parts.username or parts.password or not url.isprintable():
            return False
        return parts.scheme == "https" or (
            parts.scheme == "http" and self.is_local and is_loopback(host)
        )


class FileStream:
    """An open file, or what the host says in its place.

    Attributes:
        status: Of HTTP.
        headers: With lower-case names.
        media_type: As announced, without parameters, in lower case; empty if it is not.
        start: The byte of the whole file that comes first.
        total: Bytes of the whole file, ``None`` while the host does not tell.
        ends_surely: Whether an end that comes too early shows itself as an error.
        etag: The host's mark of this version of the file; empty without a strong one.
    """

    def __init__(self, answer: httpx.Response) -> None:
        self._answer = answer
        self.status = answer.status_code
        self.headers = {name.lower(): value for name, value in answer.headers.items()}
        self.media_type = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        etag = self.headers.get("etag", "")
        self.etag = etag if etag.startswith('"') else ""
        length = _number(self.headers.get("content-length", ""))
        part = _PART.fullmatch(self.headers.get("content-range", ""))
        self.start = int(part["first"] or 0) if part else 0
        self.total = _number(part["total"]) if part else length
        chunked = self.headers.get("transfer-encoding", "").lower().endswith("chunked")
        self.ends_surely = self.total is not None or (part is None and chunked)

    @property
    def is_success(self) -> bool:
        """Whether the status is 2xx."""
        return self._answer.is_success

    async def pieces(self) -> AsyncIterator[bytes]:
        """The bytes as they arrive."""
        async for piece in self._answer.aiter_raw():
            yield piece


def _query(parameters: Mapping[str, str] | None) -> str:
    """As it stands behind a path; a blank is %20, which is a blank to every reader."""
    return f"?{urlencode(parameters, quote_via=quote, safe='')}" if parameters else ""


def _number(text: str) -> int | None:
    return int(text) if re.fullmatch("[0-9]{1,15}", text) else None


def _bad_link() -> DownloadFailed:
    return DownloadFailed("the service gave a link that is not a safe https address")


def _no_cookies() -> CookieJar:
    """A jar that takes none: they could hold the token, and would be shown by the library."""
    return CookieJar(DefaultCookiePolicy(allowed_domains=()))


def _timeout(piece: float) -> httpx.Timeout:
    return httpx.Timeout(piece, connect=_CONNECTING, pool=None)


def _words(error: Exception) -> str:
    """What went wrong on the way, in words that show no URL and no header."""
    if isinstance(error, Unreadable):
        return str(error)
    if isinstance(error, httpx.ConnectTimeout | httpx.ConnectError):
        return "could not connect to the service"
    if isinstance(error, httpx.TimeoutException):
        return "the service did not answer in time"
    if isinstance(error, TimeoutError):
        return "the answer did not end in time"
    return "the connection broke"
