"""One method per call of the service.

Nothing here retries or sleeps: an answer is a value or an error, and whoever asked decides.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from types import TracebackType
from typing import Self, TypeVar

from tempolor_magic.api.credentials import SERVICE_URL, Token, check_base_url
from tempolor_magic.api.failures import failure
from tempolor_magic.api.ids import JobId
from tempolor_magic.api.orders import Order
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
from tempolor_magic.api.wire import PATIENCE, Answer, FileStream, Transport, Wire
from tempolor_magic.errors import BadRequest, NothingSent, UnknownOutcome, Unreachable

T = TypeVar("T")

_ACCOUNT_BROKEN = 596


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
        transport: Transport | None = None,
    ) -> None:
        self.token = Token(token) if isinstance(token, str) else token
        self.base_url = check_base_url(base_url, trusted=trusted)
        self._now = now
        self._wire = Wire(self.token, self.base_url, transport)
        self.is_local = self._wire.is_local

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
        await self._wire.aclose()

    async def job(self, job_id: JobId) -> Record:
        """What the service knows of a job. Source: ``GET /music/{job_id}``.

        Raises:
            ServiceError: An error answer, by its HTTP status.
            Unreachable: No answer, or one that is not the record of this job.
        """
        body = await self._ask("GET", f"/music/{job_id}", job_id)
        return _read(lambda: read_record(read_document(body), str(job_id)))

    async def download_link(self, job_id: JobId, file_format: str = "mp3") -> DownloadLink:
        """Where a finished file is. Source: ``GET /music/download/{job_id}``.

        Raises:
            JobGone: Also for some seconds after COMPLETED, while the file is not served yet.
            ServiceError: Any other error answer.
            Unreachable: No answer, or one without a URL.
        """
        body = await self._ask(
            "GET", f"/music/download/{job_id}", job_id, query={"file_format": file_format}
        )
        return _read(lambda: read_download_link(read_document(body)))

    async def submit(self, order: Order) -> Submission:
        """Ask for music; it spends credits. Source: ``POST /music/song`` or ``/instrumental``.

        Anything but a clear answer is an unknown outcome.

        Raises:
            UsageError: It cannot be asked for like this; nothing was sent.
            NothingSent: The service could not be reached; nothing was made.
            RateLimited: All slots are taken; nothing was made.
            ServiceError: Any other error answer; nothing was made.
            UnknownOutcome: No answer, or a 5xx: the music may be in the making.
        """
        lost = UnknownOutcome(
            f"no clear answer came: the {order.kind} may or may not be in the making",
            "look at tempolor.com before you ask again; it was not sent twice",
        )
        document = order.document()
        try:
            answer = await self._wire.exchange("POST", f"/music/{order.kind}", document=document)
        except NothingSent:
            raise
        except Unreachable:
            raise lost from None
        if answer.status >= 500 and answer.status != _ACCOUNT_BROKEN:  # noqa: PLR2004
            raise lost
        self._raise_failure(answer, None)
        try:
            return read_submission(read_document(answer.body))
        except Garbled:
            raise lost from None

    def open_file(
        self, url: str, *, start: int = 0, most: int | None = None, patience: float = PATIENCE
    ) -> AbstractAsyncContextManager[FileStream]:
        """See :meth:`Wire.open_file`."""
        return self._wire.open_file(url, start=start, most=most, patience=patience)

    def is_file_url(self, url: str) -> bool:
        """See :meth:`Wire.is_file_url`."""
        return self._wire.is_file_url(url)

    async def _ask(
        self,
        method: str,
        path: str,
        job_id: JobId | None = None,
        *,
        query: dict[str, str] | None = None,
    ) -> bytes:
        """The body of a call that makes nothing."""
        answer = await self._wire.exchange(method, path, query=query)
        self._raise_failure(answer, job_id)
        return answer.body

    def _raise_failure(self, answer: Answer, job_id: JobId | None) -> None:
        status = answer.status
        if answer.is_success:
            return
        if 300 <= status < 400:  # noqa: PLR2004
            raise BadRequest(
                f"the service answered with a redirect (HTTP {status}), which is not followed",
                "check the base URL",
                status=status,
            )
        foreign = job_id is not None and job_id.user != self.token.user
        whose = job_id.user if job_id and foreign else ""
        raise failure(status, answer.headers, answer.body, now=self._now(), whose=whose)


def _read(read: Callable[[], T]) -> T:
    try:
        return read()
    except Garbled as error:
        raise Unreachable(str(error), "try again in a minute") from None
