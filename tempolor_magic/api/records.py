"""The service's documents as typed values. Pure, tolerant: nothing in a body can make it raise.

Every field of the service is optional and may have an unexpected type; such a field is simply
unknown (``None``). The untouched document stays in ``raw``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")


class Status(StrEnum):
    """The service's own states of a job."""

    GENERATING = "GENERATING"
    FAILED = "FAILED"
    COMPLETED = "COMPLETED"


# Beyond these a number is no music: beats per minute, seconds, and what any generator takes.
_FASTEST, _LONGEST, _LARGEST_SEED = 1_000.0, 86_400.0, 2**64
_BY_CODE = {0: Status.GENERATING, 10: Status.FAILED, 30: Status.COMPLETED}


class Garbled(ValueError):
    """A body that is not the document that was asked for."""


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


@dataclass(frozen=True, slots=True)
class Submission:
    """What a submission made. Source: ``POST /music/song``.

    ``unlimited`` tells whether the account is on the unlimited plan, ``None`` if not said.
    """

    job_ids: tuple[str, ...]
    unlimited: bool | None = None


@dataclass(frozen=True, slots=True)
class DownloadLink:
    """Where a file can be fetched. Source: ``GET /music/download/{job_id}``.

    ``seconds_left`` is the lifetime as told, ``None`` when it is missing or not positive:
    the service has been seen to tell 0 for links that work.
    """

    url: str
    seconds_left: float | None = None


def read_document(body: bytes) -> Any:
    """Decode a JSON body.

    Raises:
        Garbled: It is not JSON.
    """
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise Garbled("the answer is not JSON") from error


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
    jobs = document.get("jobs") if isinstance(document, dict) else None
    ids = tuple(j for j in jobs if isinstance(j, str) and j) if isinstance(jobs, list) else ()
    if not ids:
        raise Garbled("the answer names no job")
    return Submission(ids, _as(bool, document.get("unlimited")))


def read_download_link(document: Any) -> DownloadLink:
    """Read where a file can be fetched.

    Raises:
        Garbled: It holds no URL.
    """
    url = document.get("url") if isinstance(document, dict) else None
    if not isinstance(url, str) or not url:
        raise Garbled("the answer holds no download URL")
    left = _number(document.get("remainSeconds"))
    return DownloadLink(url, left if left and left > 0 else None)


def _record(raw: dict[str, Any], job_id: str) -> Record:
    material = _mapping(raw.get("musicMaterial"))
    extended = _mapping(raw.get("ltmMaterialExtendDto"))
    code = _as(int, raw.get("status"))
    status = _status(code, raw.get("status_name"))
    return Record(
        job_id=job_id,
        status=status,
        status_code=code,
        final=_is_final(raw.get("status_final"), status),
        progress=_percent(raw.get("progress")),
        title=_text(raw.get("titleEn")),
        cover_url=_text(raw.get("cover")),
        created_at=_seconds(raw.get("createTime")),
        updated_at=_seconds(raw.get("updateTime")),
        style=_text(material.get("style")),
        mood=_text(material.get("mood")),
        key=_text(material.get("key")),
        bpm=_positive(material.get("bpm"), most=_FASTEST),
        duration=_positive(material.get("dur"), most=_LONGEST),
        seed=_seed(material.get("seed")),
        chords=_text(material.get("chord")),
        model=_text(extended.get("modelShowName")),
        prompt=_text(extended.get("prompt")) or _text(material.get("otherInfo")),
        lyrics=_text(extended.get("lyricsPrompt")),
        waveform_url=_text(material.get("waveformUrl")),
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


def _as(kind: type[T], value: Any) -> T | None:
    try:
        return msgspec.convert(value, kind, strict=False)
    except (msgspec.ValidationError, OverflowError):
        return None


def _number(value: Any) -> float | None:
    number = None if isinstance(value, bool) else _as(float, value)
    return number if number is not None and math.isfinite(number) else None


def _positive(value: Any, *, most: float = math.inf) -> float | None:
    number = _number(value)
    return number if number is not None and 0 < number <= most else None


def _seed(value: Any) -> int | None:
    number = _as(int, value)
    return number if number is not None and abs(number) < _LARGEST_SEED else None


def _percent(value: Any) -> float | None:
    """Percent in 0..100 from a number or from text such as "45%"."""
    number = _number(value.strip().rstrip("% ") if isinstance(value, str) else value)
    return None if number is None else min(100.0, max(0.0, number))


def _seconds(value: Any) -> float | None:
    """Epoch milliseconds, as this API writes them, in seconds."""
    number = _positive(value)
    return None if number is None else number / 1000


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
