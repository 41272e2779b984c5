"""One method per call of the service, over httpx. The only file that knows httpx.

Nothing here retries or sleeps: an answer is a value or an error, and whoever asked decides.
"""

from __future__ import annotations

import platform
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import urlsplit

import httpx

from tempolor_magic.api.credentials import SERVICE_URL, Token, check_base_url, is_loopback
from tempolor_magic.api.failures import failure
from tempolor_magic.api.ids import JobId
from tempolor_magic.api.records import (
    DownloadLink,
    Garbled,
    Record,
    Submission,
    read_document,
    read_download_link,
    read_record,
    read_submission,
)
from tempolor_magic.errors import BadRequest, DownloadFailed, UnknownOutcome, Unreachable
from tempolor_magic.version import __version__

T = TypeVar("T")

USER_AGENT = (
    f"tempolor_magic/{__version__} (httpx/{httpx.__version__}; Python {platform.python_version()})"
)
# More than eight connections at once cost two to three times the CPU per request.
CONNECTIONS = 8
# Seconds. Reading may be slow behind the service's own upstream; connecting is not.
_TIMEOUT = httpx.Timeout(30.0, connect=10.0, pool=None)
_LARGEST_DOCUMENT = 16 * 1024 * 1024


class AsyncClient:
    """The service, call by call, for use on one event loop.

    Args:
        token: A useapi.net token, ``user:<number>-<secret>``.
        base_url: Where the calls go.
        trusted: *token* and *base_url* were both given in code; see ``check_base_url``.
        transport: Another way to carry requests, such as ``httpx.ASGITransport``.
        now: Epoch seconds, for answers that say when to ask again.

    Raises:
        TokenMissing: *token* is not one.
        UnsafeAddress: The token must not go to *base_url*.
    """

    def __init__(
        self,
        token: Token | str,
        *,
        base_url: str = SERVICE_URL,
        now: Callable[[], float] = time.time,
        trusted: bool = True,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.token = Token(token) if isinstance(token, str) else token
        self.base_url = check_base_url(base_url, trusted=trusted)
        self.is_local = is_loopback(urlsplit(self.base_url).hostname)
        self._now = now
        shared: dict[str, Any] = {
            "timeout": _TIMEOUT,
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
        self._service = httpx.AsyncClient(
            headers={"User-Agent": USER_AGENT, "Accept": "application/json"}, **shared
        )
        # Files come from another host, which must never see the token.
        self._files = httpx.AsyncClient(headers={"User-Agent": USER_AGENT}, **shared)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close every connection."""
        await self._service.aclose()
        await self._files.aclose()

    async def job(self, job_id: JobId) -> Record:
        """What the service knows of a job. Source: ``GET /music/{job_id}``.

        Raises:
            ServiceError: An error answer, by its HTTP status.
            Unreachable: No answer, or one that is not the record of this job.
        """
        body = await self._get(f"/music/{job_id}", job_id)
        return _read(lambda: read_record(read_document(body), str(job_id)))

    async def download_link(self, job_id: JobId, file_format: str = "mp3") -> DownloadLink:
        """Where a finished file is. Source: ``GET /music/download/{job_id}``.

        Raises:
            JobGone: Also for some seconds after COMPLETED, while the file is not served yet.
            ServiceError: Any other error answer.
            Unreachable: No answer, or one without a URL.
        """
        body = await self._get(f"/music/download/{job_id}?file_format={file_format}", job_id)
        return _read(lambda: read_download_link(read_document(body)))

    async def song(self, *, prompt: str, lyrics: str = "", model: str = "") -> Submission:
        """Ask for a song; it spends credits. Source: ``POST /music/song``.

        Args:
            prompt: What it should be like, at most 2,000 characters.
            lyrics: At most 3,000 characters; empty lets the model write them.
            model: A model name, passed on unchecked; empty for the service's newest.

        Raises:
            RateLimited: All slots are taken; nothing was made.
            ServiceError: Any other error answer; nothing was made.
            UnknownOutcome: No answer, or a 5xx: the song may be in the making.
        """
        asked = {"prompt": prompt, "lyrics": lyrics, "model_song": model}
        document = {name: value for name, value in asked.items() if value}
        return await self._submit("/music/song", document)

    @asynccontextmanager
    async def open_file(self, url: str, *, most: int | None = None) -> AsyncIterator[FileStream]:
        """Open a file on the file host, without the token.

        Args:
            url: As the service gave it; it must be https, or loopback for a loopback service.
            most: Ask for the first *most* bytes only.

        Raises:
            DownloadFailed: The URL is not acceptable, or the host refused it.
            Unreachable: The host did not answer.
        """
        self._check_file_url(url)
        headers = {"Accept-Encoding": "identity"}
        if most is not None:
            headers["Range"] = f"bytes=0-{most - 1}"
        try:
            async with self._files.stream("GET", url, headers=headers) as answer:
                if not answer.is_success:
                    raise DownloadFailed(
                        f"the file host refused the file (HTTP {answer.status_code})",
                        "try again: the next try asks for a fresh link",
                    )
                yield FileStream(answer)
        except httpx.HTTPError as error:
            raise Unreachable(_network_words(error), "check the network, then try again") from None

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

    def _check_file_url(self, url: str) -> None:
        if not self.is_file_url(url):
            raise DownloadFailed("the service gave a link that is not a safe https address")

    async def _get(self, path: str, job_id: JobId) -> bytes:
        try:
            status, headers, body = await self._exchange("GET", path)
        except httpx.HTTPError as error:
            raise Unreachable(_network_words(error), "check the network and the base URL") from None
        self._raise_failure(status, headers, body, job_id)
        return body

    async def _submit(self, path: str, document: dict[str, str]) -> Submission:
        """A POST that makes something. Anything but a clear answer is an unknown outcome."""
        lost = UnknownOutcome(
            "no clear answer came: the song may or may not be in the making",
            "look at tempolor.com before you ask again; it was not sent twice",
        )
        try:
            status, headers, body = await self._exchange("POST", path, document)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.UnsupportedProtocol) as error:
            raise Unreachable(
                f"{_network_words(error)}; nothing was sent", "check the network and the base URL"
            ) from None
        except httpx.HTTPError:
            raise lost from None
        if status >= 500 and status != 596:  # noqa: PLR2004  # 596 is refused before anything is made
            raise lost
        self._raise_failure(status, headers, body, None)
        try:
            return read_submission(read_document(body))
        except Garbled:
            raise lost from None

    async def _exchange(
        self, method: str, path: str, document: dict[str, str] | None = None
    ) -> tuple[int, dict[str, str], bytes]:
        """One request with the token, its whole answer read."""
        async with self._service.stream(
            method, self.base_url + path, headers=self.token.header(), json=document
        ) as answer:
            body = bytearray()
            async for piece in answer.aiter_bytes():
                body += piece
                if len(body) > _LARGEST_DOCUMENT:
                    raise httpx.DecodingError("the answer is larger than any document")
            headers = {name.lower(): value for name, value in answer.headers.items()}
            return answer.status_code, headers, self.token.without(bytes(body))

    def _raise_failure(
        self, status: int, headers: dict[str, str], body: bytes, job_id: JobId | None
    ) -> None:
        if 200 <= status < 300:  # noqa: PLR2004
            return
        if 300 <= status < 400:  # noqa: PLR2004
            raise BadRequest(
                f"the service answered with a redirect (HTTP {status}), which is not followed",
                "check the base URL",
                status=status,
            )
        foreign = job_id is not None and job_id.user != self.token.user
        whose = job_id.user if job_id and foreign else ""
        raise failure(status, headers, body, now=self._now(), whose=whose)


class FileStream:
    """An open file: its ``length`` in bytes as announced (``None`` if not), and its pieces."""

    def __init__(self, answer: httpx.Response) -> None:
        self._answer = answer
        announced = answer.headers.get("content-length", "")
        self.length = int(announced) if announced.isascii() and announced.isdigit() else None

    async def pieces(self) -> AsyncIterator[bytes]:
        """The bytes as they arrive."""
        async for piece in self._answer.aiter_raw():
            yield piece


def _read(read: Callable[[], T]) -> T:
    try:
        return read()
    except Garbled as error:
        raise Unreachable(str(error), "try again in a minute") from None


def _network_words(error: httpx.HTTPError) -> str:
    """What went wrong on the way, in words that show no URL and no header."""
    if isinstance(error, httpx.ConnectTimeout | httpx.ConnectError):
        return "could not connect to the service"
    if isinstance(error, httpx.TimeoutException):
        return "the service did not answer in time"
    if isinstance(error, httpx.DecodingError):
        return "the answer could not be decoded"
    return "the connection broke"
