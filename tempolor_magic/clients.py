"""The service call by call from plain Python, without an event loop of the caller's."""

from __future__ import annotations

import os
from concurrent.futures import Future
from types import TracebackType
from typing import Self, TypeVar

from tempolor_magic.api.client import AsyncClient
from tempolor_magic.api.credentials import SERVICE_URL
from tempolor_magic.api.ids import parse_job_id
from tempolor_magic.api.orders import Order
from tempolor_magic.api.records import DownloadLink, Record, Submission
from tempolor_magic.errors import TokenMissing
from tempolor_magic.settings import TOKEN_VARIABLE
from tempolor_magic.watching.loop import Loop

T = TypeVar("T")


class Client:
    """The calls of :class:`AsyncClient`, each waited for. Use it in a ``with`` block.

    Args:
        token: A useapi.net token; default the environment variable ``USEAPI_TOKEN``.
        base_url: Where calls go. Another host than the service's needs *token*, too.

    Raises:
        TokenMissing: There is no token, or it is not one.
        UnsafeAddress: The token must not go to *base_url*.
    """

    def __init__(self, token: str | None = None, *, base_url: str = SERVICE_URL) -> None:
        text = token if token is not None else os.environ.get(TOKEN_VARIABLE)
        if not text:
            raise TokenMissing("no token found", f"give token=, or set {TOKEN_VARIABLE}")
        self._client = AsyncClient(text, base_url=base_url, trusted=token is not None)
        self._loop = Loop()

    def job(self, job_id: str) -> Record:
        """See :meth:`AsyncClient.job`."""
        return self._wait(self._loop.submit(self._client.job, parse_job_id(job_id)))

    def download_link(self, job_id: str, file_format: str = "mp3") -> DownloadLink:
        """See :meth:`AsyncClient.download_link`."""
        checked = parse_job_id(job_id)
        return self._wait(self._loop.submit(self._client.download_link, checked, file_format))

    def submit(self, order: Order) -> Submission:
        """See :meth:`AsyncClient.submit`. Spends credits."""
        return self._wait(self._loop.submit(self._client.submit, order))

    def close(self) -> None:
        """Close the connections and end the thread."""
        self._wait(self._loop.submit(self._client.aclose))
        self._loop.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @staticmethod
    def _wait(future: Future[T]) -> T:
        return future.result()
