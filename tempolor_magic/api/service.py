"""One question to the service, and what becomes of its answer: a value, or an error of the tree.

Nothing here retries or sleeps; whoever asked decides.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from tempolor_magic.api.credentials import Token
from tempolor_magic.api.failures import failure, hinted, is_unclear
from tempolor_magic.api.fields import Garbled, mapping, read_document
from tempolor_magic.api.subjects import Subject
from tempolor_magic.api.wire import Answer, Patience, Upload, Wire
from tempolor_magic.errors import NothingSent, UnknownOutcome, Unreachable

T = TypeVar("T")


class Service:
    """The service as it answers one token.

    Args:
        wire: Carries the requests.
        token: Whose things are one's own.
        now: Epoch seconds, for answers that say when to ask again.
    """

    def __init__(self, wire: Wire, token: Token, now: Callable[[], float]) -> None:
        self._wire = wire
        self._token = token
        self._now = now

    async def ask(
        self,
        read: Callable[[Any], T],
        path: str,
        about: Subject,
        query: Mapping[str, str] | None = None,
    ) -> T:
        """Get a document and *read* it.

        Raises:
            ServiceError: An error answer, by its HTTP status.
            Unreachable: No answer, or not the document that was asked for.
        """
        return self.value(read, await self._wire.exchange("GET", path, query=query), about)

    async def remove(self, path: str, about: Subject) -> None:
        """Have something deleted.

        Raises:
            ServiceError: An error answer, by its HTTP status.
            Unreachable: No answer, or not a confirmation; deleting again does no harm.
        """
        answer = await self._wire.exchange("DELETE", path)
        self._raise_failure(answer, about)
        if answer.body.strip():
            self.value(_read_confirmation, answer, about)

    async def make(  # noqa: PLR0913  # all but the first three by name
        self,
        read: Callable[[Answer], T],
        path: str,
        about: Subject,
        *,
        query: Mapping[str, str] | None = None,
        document: Mapping[str, Any] | None = None,
        upload: Upload | None = None,
        patience: Patience | None = None,
    ) -> T:
        """Have something made that costs or stays. It is sent once.

        Raises:
            UsageError: It fits into no request; nothing was sent.
            NothingSent: There was no connection; nothing was made.
            ServiceError: An error answer; nothing was made.
            UnknownOutcome: It went out, and no clear answer came.
        """
        may, remedy = about.lost
        lost = UnknownOutcome(f"no clear answer came: {may}", remedy)
        try:
            answer = await self._wire.exchange(
                "POST", path, query=query, document=document, upload=upload, patience=patience
            )
        except NothingSent:
            raise
        except Unreachable:
            raise lost from None
        if is_unclear(answer.status):
            lost.retry_at = hinted(answer.headers, answer.body, now=self._now())
            raise lost
        self._raise_failure(answer, about)
        try:
            return read(answer)
        except Garbled:
            raise lost from None

    async def answer(self, path: str) -> Answer:
        """The answer to a GET, whatever its status.

        Raises:
            Unreachable: There was none.
        """
        return await self._wire.exchange("GET", path)

    def value(self, read: Callable[[Any], T], answer: Answer, about: Subject) -> T:
        """What *answer* tells. Raises like :meth:`ask`."""
        self._raise_failure(answer, about)
        try:
            return read(read_document(answer.body))
        except Garbled as error:
            complaint = str(error)
        # Not inside: the frames of the reading hold the body, which may hold credentials.
        raise Unreachable(complaint, "try again in a minute")

    def _raise_failure(self, answer: Answer, about: Subject) -> None:
        if answer.is_success:
            return
        raise failure(
            answer.status,
            answer.headers,
            answer.body,
            now=self._now(),
            about=about,
            whose="" if about.owner == self._token.user else about.owner,
        )


def _read_confirmation(document: Any) -> None:
    """Any object will do that speaks of neither an error nor a failure.

    Raises:
        Garbled: It confirms nothing.
    """
    told = mapping(document)
    if not told or "error" in told or told.get("result") is False:
        raise Garbled("the service did not confirm it")
