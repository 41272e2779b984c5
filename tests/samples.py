"""Jobs at every moment of their lives, as values: what the tables of cases start from."""

from __future__ import annotations

from typing import Any

from tempolor_magic.api.ids import JobId, parse_job_id
from tempolor_magic.api.records import Record, read_record
from tempolor_magic.errors import (
    JobFailed,
    ServiceError,
    TempolorError,
    WatchStopped,
    WatchTimeout,
    shown,
)
from tempolor_magic.view.words import Face, face
from tempolor_magic.watching.snapshot import Media, Snapshot, State, Trouble

ID = "user:12345-tempolor:user_id-job:abcdef123456789"
OTHER_ID = "user:12345-tempolor:user_id-job:fedcba123456789"
THIRD_ID = "user:777-tempolor:100198329-job:x1y2z3x1y2z3x1y"
JOB = parse_job_id(ID)

CREATED = 1_716_565_425.0  # epoch seconds: 2024-05-24 15:43:45 UTC
FINISHED = 1_716_565_700.0  # 275 s later
NOW = 1_000.0  # monotonic seconds of "this very moment"

# The controls that change in which direction a line runs.
BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"

# How a watch can end by itself, with its remedy.
ENDINGS: dict[State, TempolorError] = {
    State.FAILED: JobFailed("the service reports FAILED", "submit it again"),
    State.STOPPED: WatchStopped("the watch was stopped", f"%tempolor watch {ID}"),
    State.TIMED_OUT: WatchTimeout("it was not final in time", "--deadline 1h"),
    State.ERROR: ServiceError("the token is not accepted", "set USEAPI_TOKEN", status=401),
}


def make_document(**changes: Any) -> dict[str, Any]:
    """The body of a completed job; *changes* replace fields, also inside its two parts."""
    material = {
        "style": "Orchestral",
        "chord": "Fm Db Ab Eb",
        "mood": "Tender",
        "otherInfo": "",
        "key": "F:minor",
        "bpm": 130,
        "dur": 180,
        "seed": 1_234_567_890,
        "waveformUrl": "https://example.com/waveform.json",
    }
    extended = {
        "lyricsPrompt": "First line\nSecond line",
        "prompt": "A cinematic piece",
        "modelShowName": "v3.5",
    }
    document = {
        "job_id": ID,
        "status": 30,
        "status_name": "COMPLETED",
        "status_final": True,
        "progress": 100,
        "titleEn": "Epic Orchestral",
        "cover": "https://example.com/cover.png",
        "createTime": int(CREATED * 1000),
        "updateTime": int(FINISHED * 1000),
    }
    for part in (document, material, extended):
        part.update({name: changes.pop(name) for name in list(changes) if name in part})
    whole = {**document, "musicMaterial": material, "ltmMaterialExtendDto": extended}
    return {**whole, **changes}


def make_record(**changes: Any) -> Record:
    """The record of a completed job, with *changes* to its document."""
    return read_record(make_document(**changes), ID)


def running_record(progress: float | None = 35, **changes: Any) -> Record:
    """The record of a job that is being made."""
    state = {"status": 0, "status_name": "GENERATING", "status_final": False}
    return make_record(**{**state, "progress": progress, **changes})


def make_snapshot(
    state: State = State.GENERATING, *, job_id: JobId = JOB, **changes: Any
) -> Snapshot:
    """A job in *state* as the watching leaves it, 95 s old; *changes* replace fields."""
    known: dict[str, Any] = {"error": ENDINGS.get(state)}
    if state is not State.WAITING:
        known |= {"record": running_record(), "progress": 35.0, "born_at": NOW - 95}
    if state is State.COMPLETED:
        known |= {"record": make_record(), "progress": 100.0}
    if state is State.FAILED:
        known |= {"record": make_record(status=10, status_name="FAILED", progress=35)}
    if state.is_over:
        known["took"] = 95.0
    return Snapshot(job_id, state=state, **{**known, **changes})


def make_face(state: State = State.GENERATING, **changes: Any) -> Face:
    """What any view shows of ``make_snapshot``."""
    return face(make_snapshot(state, **changes), now=NOW)


def make_trouble(message: str = "the service is busy", *, seconds: float = 4.0) -> Trouble:
    """Trouble that is tried again in so many seconds."""
    return Trouble(message, NOW + seconds)


def dressed(text: str, state: State, *, job_id: JobId = JOB) -> Snapshot:
    """A job with *text* in every place that can hold text, and a source for every medium.

    Errors, notes and addresses have been made readable before they get here.
    """
    readable = shown(text)
    record = make_record(
        titleEn=text,
        style=text,
        chord=text,
        mood=text,
        key=text,
        lyricsPrompt=text,
        prompt=text,
        modelShowName=text,
        waveformUrl=text,
        cover=text,
        userId=text,
    )
    return make_snapshot(
        state,
        job_id=job_id,
        record=record,
        error=TempolorError(readable, readable) if state in ENDINGS else None,
        trouble=None if state.is_over else make_trouble(text),
        media=Media(
            cover=f"https://files.example/{readable}.png",
            audio="" if state is State.COMPLETED else f"https://files.example/{readable}.mp3",
            preview=True,
            note=readable,
            saved=(readable,),
        ),
    )
