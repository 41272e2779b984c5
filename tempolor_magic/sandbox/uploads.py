"""What customers bring: voices to clone and MIDI pieces. Pure.

A name with the word ``slowly`` makes a voice that is still being cloned when the call answers.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from types import MappingProxyType

from tempolor_magic.sandbox import refusals
from tempolor_magic.sandbox.ids import Id, Thing, draw_item, read_id
from tempolor_magic.sandbox.store import Store

# What is taken, and how a file of that kind ends.
AUDIO = MappingProxyType(
    {
        "audio/mpeg": "mp3",
        "audio/wav": "wav",
        "audio/wave": "wav",
        "audio/mp4": "m4a",
        "audio/x-m4a": "m4a",
        "audio/flac": "flac",
        "audio/x-flac": "flac",
    }
)
MIDI = MappingProxyType({"audio/midi": "mid", "audio/x-midi": "mid"})

_ID_NAMES = {Thing.VOICE: "clonedVoiceItemId", Thing.MIDI: "midiItemId"}
_SLOW_WORD = "slowly"
_SLOW_SECONDS = 60.0
# Beyond this the oldest contents are forgotten; their entries stay.
_MOST_BYTES = 64 * 1024 * 1024

Document = dict[str, object]


@dataclass(frozen=True, slots=True)
class Upload:
    """One uploaded file. ``number`` counts all uploads; times are epoch seconds."""

    id: str
    number: int
    item: str
    thing: Thing
    account: str
    name: str
    media_type: str
    uploaded_at: float
    ready_at: float

    @property
    def file_name(self) -> str:
        """Its name on the file network."""
        ending = {**AUDIO, **MIDI}[self.media_type]
        return f"{self.item}.{ending}"

    def is_ready(self, now: float) -> bool:
        """Whether it can be used."""
        return now >= self.ready_at


class Uploads:
    """All uploads of all accounts of a user, whose number is *user*."""

    def __init__(self, *, user: str, rng: random.Random, speed: float) -> None:
        self._user = user
        self._rng = rng
        self._speed = speed
        self._count = 0
        self._there: dict[str, Upload] = {}
        self._contents: Store[str] = Store(most_bytes=_MOST_BYTES)

    def add(  # noqa: PLR0913 - all that an upload is, by name
        self,
        thing: Thing,
        *,
        account: str,
        name: str,
        media_type: str,
        content: bytes,
        now: float,
    ) -> Upload:
        """Take one in."""
        item = draw_item(self._rng)
        self._count += 1
        is_slow = thing is Thing.VOICE and _SLOW_WORD in name.casefold()
        upload = Upload(
            id=str(Id(self._user, account, thing, item)),
            number=self._count,
            item=item,
            thing=thing,
            account=account,
            name=name,
            media_type=media_type,
            uploaded_at=now,
            ready_at=now + (_SLOW_SECONDS / self._speed if is_slow else 0.0),
        )
        self._there[upload.id] = upload
        self._contents.put(upload.id, content)
        return upload

    def of(self, thing: Thing, account: str) -> list[Upload]:
        """An account's uploads of that kind, newest first."""
        its = (u for u in self._there.values() if u.thing is thing and u.account == account)
        return sorted(its, key=lambda upload: upload.number, reverse=True)

    def find(self, thing: Thing, upload_id: str) -> Upload:
        """The upload of that id.

        Raises:
            Refused: 400 when no id of such a thing looks like this; 404 when there is none.
        """
        if read_id(upload_id, thing) is None:
            raise refusals.bad_id(_ID_NAMES[thing])
        upload = self._there.get(upload_id)
        if upload is None:
            raise refusals.no_record(upload_id)
        return upload

    def remove(self, thing: Thing, upload_id: str) -> None:
        """Forget it.

        Raises:
            Refused: As :meth:`find`.
        """
        upload = self.find(thing, upload_id)
        del self._there[upload.id]
        self._contents.drop(upload.id)

    def file(self, thing: Thing, file_name: str) -> tuple[Upload, bytes] | None:
        """The upload that is served under that name, and its content, if it is still there."""
        for upload in self._there.values():
            if upload.thing is thing and upload.file_name == file_name:
                content = self._contents.get(upload.id)
                return None if content is None else (upload, content)
        return None


def voice_record(upload: Upload, *, now: float, files: str) -> Document:
    """An entry of ``GET /music/cloned-voices``; *files* is where files are served."""
    ready = upload.is_ready(now)
    return {
        "isAddRel": False,
        "relSource": "",
        "ucid": upload.account,
        "bizType": "user",
        "operatorType": "gen",
        **dict.fromkeys(("itemId", "rootItemId", "parentItemId"), upload.item),
        "name": upload.name,
        "resourceUrl": f"voice_cloned/audio/{upload.file_name}",
        "coverUrl": "",
        "readStatus": 0,
        "status": 30 if ready else 0,
        "vocalUrl": f"{files}/voices/{upload.file_name}" if ready else "",
        "createTime": int(upload.uploaded_at * 1000),
        "updateTime": int(min(now, upload.ready_at) * 1000),
        "labels": [],
        "clonedVoiceItemId": upload.id,
    }


def midi_record(upload: Upload, *, files: str) -> Document:
    """An entry of ``GET /music/midi``."""
    return {
        "opType": "upload",
        "ucid": upload.account,
        "midiItemId": upload.id,
        "name": upload.name,
        "midiUrl": f"{files}/midi/{upload.file_name}",
    }
