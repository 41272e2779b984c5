"""The service call by call from plain Python, without an event loop of the caller's."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Future
from types import TracebackType
from typing import Any, Concatenate, ParamSpec, Self, TypeVar

from tempolor_magic.api.client import AsyncClient
from tempolor_magic.api.credentials import SERVICE_URL, read_token
from tempolor_magic.api.pages import MOST_PAGES, Page, Thing, Walk
from tempolor_magic.api.wire import Transport
from tempolor_magic.errors import TokenMissing
from tempolor_magic.settings import TOKEN_VARIABLE
from tempolor_magic.waiting import answer_to, stopping_says
from tempolor_magic.watching.loop import Loop

T = TypeVar("T")
P = ParamSpec("P")

_INTERRUPTED = "what was asked for may have reached the service all the same"


def _waited(
    call: Callable[Concatenate[AsyncClient, P], Coroutine[Any, Any, T]],
) -> Callable[Concatenate[Client, P], T]:
    """The same call, waited for. Its name, signature and help are those of *call*."""

    @functools.wraps(call)
    def method(self: Client, /, *args: P.args, **named: P.kwargs) -> T:
        return self._wait(call, *args, **named)

    method.__qualname__ = f"Client.{call.__name__}"
    method.__module__ = __name__
    return method


class Client:
    """The calls of :class:`AsyncClient`, each waited for. Use it in a ``with`` block.

    Waiting can be interrupted; then nobody learns what the service answers.

    Args:
        token: A useapi.net token; default the environment variable ``USEAPI_TOKEN``.
        base_url: Where calls go. Another host than the service's needs *token*, too.
        transport: Another way to carry requests, such as ``httpx.ASGITransport``.

    Raises:
        TokenMissing: There is no token, or it is not one.
        UnsafeAddress: The token must not go to *base_url*.
    """

    def __init__(
        self,
        token: str | None = None,
        *,
        base_url: str = SERVICE_URL,
        transport: Transport | None = None,
    ) -> None:
        trusted = token is not None
        try:
            held = read_token(os.environ.get(TOKEN_VARIABLE) if token is None else token)
        finally:
            del token  # a traceback can show every variable
        if held is None:
            raise TokenMissing("no token found", f"give token=, or set {TOKEN_VARIABLE}")
        self._client = AsyncClient(held, base_url=base_url, trusted=trusted, transport=transport)
        self._loop = Loop()

    submit = _waited(AsyncClient.submit)
    job = _waited(AsyncClient.job)
    library = _waited(AsyncClient.library)
    delete = _waited(AsyncClient.delete)
    download_link = _waited(AsyncClient.download_link)
    split_stems = _waited(AsyncClient.split_stems)
    artist_voices = _waited(AsyncClient.artist_voices)
    cloned_voices = _waited(AsyncClient.cloned_voices)
    clone_voice = _waited(AsyncClient.clone_voice)
    delete_cloned_voice = _waited(AsyncClient.delete_cloned_voice)
    midi_files = _waited(AsyncClient.midi_files)
    add_midi = _waited(AsyncClient.add_midi)
    delete_midi = _waited(AsyncClient.delete_midi)
    running = _waited(AsyncClient.running)
    slots = _waited(AsyncClient.slots)
    cancel = _waited(AsyncClient.cancel)
    accounts = _waited(AsyncClient.accounts)
    account = _waited(AsyncClient.account)

    @staticmethod
    def pages(
        call: Callable[..., Page[Thing]],
        *,
        cursor: str = "",
        most: int = MOST_PAGES,
        **asked: str,
    ) -> Iterator[Page[Thing]]:
        """:meth:`AsyncClient.pages`, of one of this client's own calls."""
        walk: Walk[Thing] = Walk(cursor, most=most)
        while walk.cursor is not None:
            yield walk.take(call(cursor=walk.cursor, **asked))

    @staticmethod
    def every(
        call: Callable[..., Page[Thing]],
        *,
        cursor: str = "",
        most: int = MOST_PAGES,
        **asked: str,
    ) -> Iterator[Thing]:
        """:meth:`AsyncClient.every`, such as ``client.every(client.library, kind="song")``."""
        for page in Client.pages(call, cursor=cursor, most=most, **asked):
            yield from page

    def close(self) -> None:
        """Close the connections and end the thread."""
        self._loop.close(self._client.aclose)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _wait(
        self,
        call: Callable[Concatenate[AsyncClient, P], Coroutine[Any, Any, T]],
        *args: P.args,
        **named: P.kwargs,
    ) -> T:
        with stopping_says(_INTERRUPTED):  # also before the waiting has begun
            asked: Future[T] = self._loop.submit(call, self._client, *args, **named)
            return answer_to(asked, interrupted=_INTERRUPTED)
