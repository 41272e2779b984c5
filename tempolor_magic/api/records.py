"""Music: what the service tells of a job, of a submission and of a file. Pure.

Nothing in a body can make reading it raise anything but ``Garbled``; see ``fields``. The
untouched document stays in ``raw``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from tempolor_magic.api import fields
from tempolor_magic.api.fields import Garbled


class Status(StrEnum):
    """The service's own states of a job."""

    GENERATING = "GENERATING"
    FAILED = "FAILED"
    COMPLETED = "COMPLETED"


# Beyond these a number is no music: beats per minute, seconds, and what any generator takes.
_FASTEST, _LONGEST, _LARGEST_SEED = 1_000.0, 86_400.0, 2**64
_BY_CODE = {0: Status.GENERATING, 10: Status.FAILED, 30: Status.COMPLETED}


@dataclass(frozen=True, slots=True)
class Record:
    """What the service knows of one job. Source: ``GET /music/{job_id}``.

    Times are epoch seconds, ``duration`` is seconds, ``progress`` is percent in 0..100.
    ``None`` and ``""`` mean the record does not tell.
    """

    job_id: str
    status: Status | None = None
    status_code: int | None = None
    final: bool = False
    progress: float | None = None
    title: str = ""
    cover_url: str = ""
    created_at: float | None = None
    updated_at: float | None = None
    style: str = ""
    mood: str = ""
    key: str = ""
    bpm: float | None = None
    duration: float | None = None
    seed: int | None = None
    chords: str = ""
    model: str = ""
    prompt: str = ""
    lyrics: str = ""
    waveform_url: str = ""
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def id(self) -> str:
        """The same as ``job_id``: every listed thing has an id."""
        return self.job_id


@dataclass(frozen=True, slots=True)
class Submission:
    """What a submission made. Source: ``POST /music/song``.

    ``unlimited`` tells whether the account is on the unlimited plan, ``None`` if not said.
    """

    job_ids: tuple[str, ...]
    unlimited: bool | None = None
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class DownloadLink:
    """Where a file can be fetched. Source: ``GET /music/download/{job_id}``.

    ``seconds_left`` is the lifetime as told, ``None`` when it is missing or not positive:
    the service has been seen to tell 0 for links that work.
    """

    url: str
    seconds_left: float | None = None
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)


def read_record(document: Any, job_id: str) -> Record:
    """Read the answer to a question about *job_id*.

    Raises:
        Garbled: It is no record, or the record of another job.
    """
    if not isinstance(document, dict) or "records" in document:
        raise Garbled("the answer is not the record of a job")
    told = document.get("job_id")
    if told is not None and told != job_id:
        raise Garbled("the answer is about another job")
    if told is None and not {"status", "status_name", "status_final"} & document.keys():
        raise Garbled("the answer is not the record of a job")
    return _record(document, job_id)


def read_submission(document: Any) -> Submission:
    """Read the answer to a submission.

    Raises:
        Garbled: It names no job.
    """
    told = fields.mapping(document)
    ids = tuple(job for job in fields.texts(told.get("jobs")) if job)
    if not ids:
        raise Garbled("the answer names no job")
    return Submission(ids, fields.as_kind(bool, told.get("unlimited")), raw=told)


def read_download_link(document: Any) -> DownloadLink:
    """Read where a file can be fetched.

    Raises:
        Garbled: It holds no URL.
    """
    told = fields.mapping(document)
    url = fields.text(told.get("url"))
    if not url:
        raise Garbled("the answer holds no download URL")
    return DownloadLink(url, fields.positive(told.get("remainSeconds")), raw=told)


def listed_record(raw: dict[str, Any]) -> Record | None:
    """Read one record of a list; ``None`` if it does not tell which job it is about."""
    job_id = fields.text(raw.get("job_id"))
    return _record(raw, job_id) if job_id else None


def _record(raw: dict[str, Any], job_id: str) -> Record:
    material = fields.mapping(raw.get("musicMaterial"))
    extended = fields.mapping(raw.get("ltmMaterialExtendDto"))
    code = fields.as_kind(int, raw.get("status"))
    status = _status(code, raw.get("status_name"))
    return Record(
        job_id=job_id,
        status=status,
        status_code=code,
        final=_is_final(raw.get("status_final"), status),
        progress=fields.percent(raw.get("progress")),
        title=fields.text(raw.get("titleEn")),
        cover_url=fields.text(raw.get("cover")),
        created_at=fields.seconds(raw.get("createTime")),
        updated_at=fields.seconds(raw.get("updateTime")),
        style=fields.text(material.get("style")),
        mood=fields.text(material.get("mood")),
        key=fields.text(material.get("key")),
        bpm=fields.positive(material.get("bpm"), most=_FASTEST),
        duration=fields.positive(material.get("dur"), most=_LONGEST),
        seed=_seed(material.get("seed")),
        chords=fields.text(material.get("chord")),
        model=fields.text(extended.get("modelShowName")),
        prompt=fields.text(extended.get("prompt")) or fields.text(material.get("otherInfo")),
        lyrics=fields.text(extended.get("lyricsPrompt")),
        waveform_url=fields.text(material.get("waveformUrl")),
        raw=raw,
    )


def _status(code: int | None, name: Any) -> Status | None:
    """The known state, by number first; the names are what people read."""
    if code in _BY_CODE:
        return _BY_CODE[code]
    return Status(name) if isinstance(name, str) and name in set(Status) else None


def _is_final(told: Any, status: Status | None) -> bool:
    """``status_final`` decides; without it a known state does; unknown ones keep waiting."""
    if isinstance(told, bool):
        return told
    return status in {Status.FAILED, Status.COMPLETED}


def _seed(value: Any) -> int | None:
    found = fields.as_kind(int, value)
    return found if found is not None and abs(found) < _LARGEST_SEED else None
