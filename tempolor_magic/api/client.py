"""One method per call of the service.

Nothing here retries or sleeps: an answer is a value or an error, and whoever asked decides.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from os import PathLike
from types import TracebackType
from typing import Any, Self, TypeAlias

from tempolor_magic.api import subjects, walking
from tempolor_magic.api.accounts import Account, read_account, read_accounts
from tempolor_magic.api.credentials import SERVICE_URL, Token, check_base_url
from tempolor_magic.api.fields import read_document
from tempolor_magic.api.files import as_upload
from tempolor_magic.api.formats import read_format
from tempolor_magic.api.ids import (
    JobId,
    MidiId,
    VoiceId,
    parse_account,
    parse_job_id,
    parse_midi_id,
    parse_voice_id,
)
from tempolor_magic.api.midi import MidiFile, listed_midi, read_new_midi
from tempolor_magic.api.orders import KINDS, Order
from tempolor_magic.api.pages import Page, Thing, read_page
from tempolor_magic.api.records import (
    DownloadLink,
    Record,
    Submission,
    listed_record,
    read_download_link,
    read_record,
    read_submission,
)
from tempolor_magic.api.scheduler import RunningJob, Slots, read_running, read_slots
from tempolor_magic.api.service import Service
from tempolor_magic.api.stems import Stems, read_stems
from tempolor_magic.api.uploads import AUDIO, MIDI, check_name
from tempolor_magic.api.voices import (
    ArtistVoice,
    ClonedVoice,
    NewVoice,
    listed_artist_voice,
    listed_cloned_voice,
    read_new_voice,
)
from tempolor_magic.api.wire import FileStream, Patience, Transport, Upload, Wire
from tempolor_magic.errors import UsageError, shown

# What goes up: its bytes and media type, or the path of a file.
File: TypeAlias = Upload | PathLike[str] | str

_NOT_FOUND, _ACCEPTED = 404, 202
# The service holds such a request for 120 s and more before it answers; and what goes up may be
# large, and the way slow.
_FOR_UPLOADS = Patience(piece=300.0, whole=1800.0)


class AsyncClient:
    """The service, call by call, for use on one event loop.

    Every call raises ``UsageError`` for what can't be sent, ``ServiceError`` for an error answer
    (by its HTTP status) and ``Unreachable`` when no answer came that can be read. Calls that make
    something raise ``UnknownOutcome`` instead when it may have been made.

    Args:
        token: A useapi.net token, ``user:<number>-<secret>``.
        base_url: Where the calls go.
        trusted: *token* and *base_url* were both given in code; see ``check_base_url``.
        transport: Another way to carry requests, such as ``httpx.ASGITransport``.
        now: Epoch seconds, for answers that say when to ask again.
        patience: How long to wait for answers.

    Raises:
        TokenMissing: *token* is not one.
        UnsafeAddress: The token must not go to *base_url*.
    """

    def __init__(  # noqa: PLR0913  # all but the first by name
        self,
        token: Token | str,
        *,
        base_url: str = SERVICE_URL,
        now: Callable[[], float] = time.time,
        trusted: bool = True,
        transport: Transport | None = None,
        patience: Patience = Patience(),  # noqa: B008  # a frozen value
    ) -> None:
        try:
            self.token = token if isinstance(token, Token) else Token(token)
        finally:
            del token  # a traceback can show every variable
        self.base_url = check_base_url(base_url, trusted=trusted)
        self._wire = Wire(self.token, self.base_url, transport, patience=patience)
        self._service = Service(self._wire, self.token, now)
        self.is_local = self._wire.is_local
        self.patience = patience

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
        return await self._service.make(
            lambda answer: read_submission(read_document(answer.body)),
            f"/music/{order.kind}",
            subjects.order(order.kind),
            document=order.document(),
        )

    async def job(self, job_id: JobId | str) -> Record:
        """What the service knows of a job. Source: ``GET /music/{job_id}``.

        Raises:
            InvalidJobId: It is no id; nothing was sent.
            ServiceError: An error answer, by its HTTP status.
            Unreachable: No answer, or one that is not the record of this job.
        """
        job = parse_job_id(str(job_id))
        return await self._service.ask(
            lambda document: read_record(document, job.text),
            f"/music/{job}",
            subjects.JOB.of(job),
        )

    async def library(
        self, *, kind: str = "song", account: str = "", cursor: str = ""
    ) -> Page[Record]:
        """A page of the music of an account. Source: ``GET /music/``.

        Args:
            kind: ``song`` or ``instrumental``.
            account: The TemPolor account; it must be named when there are several.
            cursor: Of the page before; empty for the first one. See :meth:`every`.
        """
        if kind not in KINDS:
            raise UsageError(f"{shown(kind)} is no kind of music", f"take {' or '.join(KINDS)}")
        return await self._page(listed_record, "/music/", account, cursor, {"type": kind})

    async def delete(self, job_id: JobId | str) -> None:
        """Delete a job and its music. Source: ``DELETE /music/{job_id}``.

        Raises:
            JobGone: There is no such job.
            PassingTrouble: 409, it is still being made.
        """
        job = parse_job_id(str(job_id))
        await self._service.remove(f"/music/{job}", subjects.JOB.of(job))

    async def download_link(self, job_id: JobId | str, file_format: str = "mp3") -> DownloadLink:
        """Where a finished file is. Source: ``GET /music/download/{job_id}``.

        Args:
            job_id: Of a completed job.
            file_format: ``mp3``, ``wav``, or ``stems`` for a ZIP.

        Raises:
            JobGone: Also for some seconds after COMPLETED, while the file is not served yet.
            ServiceError: Any other error answer.
            Unreachable: No answer, or one without a URL.
        """
        job = parse_job_id(str(job_id))
        return await self._service.ask(
            read_download_link,
            f"/music/download/{job}",
            subjects.JOB.of(job),
            {"file_format": read_format(file_format).name},
        )

    async def split_stems(self, upload: File, account: str = "") -> Stems:
        """Take a recording apart; may take minutes. Source: ``POST /music/stems-splitter/``.

        Args:
            upload: An audio file, or the path of one.
            account: The TemPolor account that does it; it must be named when there are several.

        Returns:
            Its ``url`` is empty when the service has not made the ZIP.
        """
        return await self._service.make(
            lambda answer: read_stems(read_document(answer.body)),
            "/music/stems-splitter/",
            subjects.STEMS,
            query=_named(user_id=_account(account)),
            upload=await as_upload(upload, AUDIO),
            patience=_FOR_UPLOADS,
        )

    async def artist_voices(self, *, account: str = "", cursor: str = "") -> Page[ArtistVoice]:
        """A page of the voices the service offers. Source: ``GET /music/artist-voices/``."""
        return await self._page(listed_artist_voice, "/music/artist-voices/", account, cursor)

    async def cloned_voices(self, *, account: str = "", cursor: str = "") -> Page[ClonedVoice]:
        """A page of the voices of one's own. Source: ``GET /music/cloned-voices/``."""
        return await self._page(listed_cloned_voice, "/music/cloned-voices/", account, cursor)

    async def clone_voice(self, name: str, upload: File, account: str = "") -> NewVoice:
        """Clone a voice; may take minutes. Source: ``POST /music/cloned-voices/``.

        Args:
            name: By which it is found again.
            upload: An audio file, or the path of one.
            account: The TemPolor account it belongs to; it must be named when there are several.

        Returns:
            ``pending`` when the service still works on it.
        """
        return await self._service.make(
            lambda answer: read_new_voice(
                read_document(answer.body), pending=answer.status == _ACCEPTED
            ),
            "/music/cloned-voices/",
            subjects.NEW_VOICE,
            query=_named(name=check_name(name), user_id=_account(account)),
            upload=await as_upload(upload, AUDIO),
            patience=_FOR_UPLOADS,
        )

    async def delete_cloned_voice(self, voice_id: VoiceId | str) -> None:
        """Delete a voice of one's own. Source: ``DELETE /music/cloned-voices/{id}``."""
        voice = parse_voice_id(str(voice_id))
        await self._service.remove(f"/music/cloned-voices/{voice}", subjects.VOICE.of(voice))

    async def midi_files(self, *, account: str = "", cursor: str = "") -> Page[MidiFile]:
        """A page of the MIDI files of an account. Source: ``GET /music/midi/``."""
        return await self._page(listed_midi, "/music/midi/", account, cursor)

    async def add_midi(self, name: str, upload: File, account: str = "") -> MidiFile:
        """Store a melody to sing. Source: ``POST /music/midi/``.

        Args:
            name: By which it is found again.
            upload: A MIDI file, or the path of one.
            account: The TemPolor account it belongs to; it must be named when there are several.
        """
        return await self._service.make(
            lambda answer: read_new_midi(read_document(answer.body)),
            "/music/midi/",
            subjects.NEW_MIDI,
            query=_named(name=check_name(name), user_id=_account(account)),
            upload=await as_upload(upload, MIDI),
            patience=_FOR_UPLOADS,
        )

    async def delete_midi(self, midi_id: MidiId | str) -> None:
        """Delete a MIDI file. Source: ``DELETE /music/midi/{id}``."""
        midi = parse_midi_id(str(midi_id))
        await self._service.remove(f"/music/midi/{midi}", subjects.MIDI.of(midi))

    async def running(self) -> tuple[RunningJob, ...]:
        """The jobs that run, of all accounts. Source: ``GET /scheduler/``."""
        return await self._service.ask(read_running, "/scheduler/", subjects.SCHEDULER)

    async def slots(self) -> Slots:
        """What runs, and what more could. Source: ``GET /scheduler/available``."""
        return await self._service.ask(read_slots, "/scheduler/available", subjects.SCHEDULER)

    async def cancel(self, job_id: JobId | str) -> None:
        """Have a job followed no longer. Source: ``DELETE /scheduler/{job_id}``.

        This frees its slot at useapi.net; the music is still made, and charged.

        Raises:
            NotFound: It does not run, or not any more.
        """
        job = parse_job_id(str(job_id))
        await self._service.remove(f"/scheduler/{job}", subjects.RUNNING_JOB.of(job))

    async def accounts(self) -> tuple[Account, ...]:
        """The TemPolor accounts linked at useapi.net. Source: ``GET /accounts``."""
        answer = await self._service.answer("/accounts")
        if answer.status == _NOT_FOUND and not answer.body.strip():
            return ()
        return self._service.value(read_accounts, answer, subjects.ACCOUNT)

    async def account(self, user_id: str) -> Account:
        """One linked TemPolor account. Source: ``GET /accounts/{user_id}``.

        Raises:
            NotFound: No such account is linked.
        """
        name = parse_account(user_id)
        return await self._service.ask(
            lambda document: read_account(document, name), f"/accounts/{name}", subjects.ACCOUNT
        )

    pages = staticmethod(walking.pages)
    every = staticmethod(walking.every)

    def open_file(
        self, url: str, *, start: int = 0, most: int | None = None, patience: float | None = None
    ) -> AbstractAsyncContextManager[FileStream]:
        """See :meth:`Wire.open_file`."""
        return self._wire.open_file(url, start=start, most=most, patience=patience)

    def is_file_url(self, url: str) -> bool:
        """See :meth:`Wire.is_file_url`."""
        return self._wire.is_file_url(url)

    async def _page(
        self,
        read: Callable[[dict[str, Any]], Thing | None],
        path: str,
        account: str,
        cursor: str,
        asked: Mapping[str, str] | None = None,
    ) -> Page[Thing]:
        named = _named(**(asked or {}), user_id=_account(account), cursor=cursor)
        about = subjects.LIBRARY if account else subjects.LIBRARY_OF_WHOM
        return await self._service.ask(
            lambda document: read_page(document, read), path, about, named
        )


def _account(account: str) -> str:
    return parse_account(account) if account else ""


def _named(**parameters: str) -> dict[str, str]:
    """Those parameters that have a value."""
    return {name: value for name, value in parameters.items() if value}
