"""A job as the document that ``GET /music/{job_id}`` answers. Pure.

All 58 names of the published example are there with the example's types, whatever the job's state.
"""

from __future__ import annotations

from tempolor_magic.sandbox.jobs import Job, Status
from tempolor_magic.sandbox.orders import Kind

Document = dict[str, object]


def record(job: Job, *, now: float, files: str) -> Document:
    """The record of *job* at *now*; *files* is where covers and waveforms are served."""
    done = job.status(now) is Status.COMPLETED
    return {
        **_identity(job),
        **_state(job, now),
        "titleEn": job.song.title if done else "",
        "cover": f"{files}/{job.item}.png",
        "mp3OssId": _storage_key(job, "mp3") if done else "",
        "wavOssId": _storage_key(job, "wav") if done else "",
        "ossWatermarkMp3": "",
        "officialPlaylistSong": False,
        **dict.fromkeys(("downloadTotal", "likeTotal", "collectTotal", "materialQualityScore"), 0),
        **dict.fromkeys(("readStatus", "downloadStatus"), False),
        "musicMaterial": _material(job, files if done else None),
        "ltmMaterialExtendDto": _making(job),
        "canExtend": True,
        **dict.fromkeys(("canEditLyrics", "canFixVocals"), job.order.kind is Kind.SONG),
        "canReplaced": False,
    }


def _identity(job: Job) -> Document:
    item = job.item
    return {
        "job_id": job.id,
        **dict.fromkeys(("itemId", "genItemId", "rootItemId", "parentItemId"), item),
        "userId": job.account,
        "bizType": "ai_material_music",
        **dict.fromkeys(("childType", "matChildType"), "lyric_to_material"),
        "sourceType": "sm_user_gen",
        **dict.fromkeys(("editType", "operatorType"), "gen"),
    }


def _state(job: Job, now: float) -> Document:
    status = job.status(now)
    return {
        "status": int(status),
        "status_name": status.name,
        "status_final": status is not Status.GENERATING,
        "progress": job.progress(now),
        "createTime": _milliseconds(job.life.submitted_at),
        "updateTime": _milliseconds(min(now, job.life.ended_at)),
    }


def _material(job: Job, files: str | None) -> Document:
    """About the music; what only a finished song has is empty without *files*."""
    song = job.song
    return {
        "style": song.style,
        "chord": song.chords,
        "mood": song.mood,
        "inst": "drums, bass, pads, plucked synth, lead",
        **dict.fromkeys(("instInfo", "scene"), ""),
        "otherInfo": job.order.prompt,
        "otherInfoCn": "",
        "key": song.key,
        "bpm": song.bpm,
        "dur": round(song.seconds) if files else 0,
        "seed": song.seed,
        "waveformUrl": f"{files}/{job.item}.json" if files else "",
    }


def _making(job: Job) -> Document:
    order, prompt = job.order, job.order.prompt
    sung = (order.lyrics or job.song.lyrics) if order.kind is Kind.SONG else ""
    return {
        "lyricsPrompt": sung,
        "description": prompt,
        "ltmVocalModel": bool(order.artist_voice or order.cloned_voice),
        "ltmMidiModel": bool(order.midi),
        "genItemId": job.item,
        "prompt": prompt,
        "genMode": 0,
        "model": f"sandbox-{order.running_model}",
        "modelShowName": order.running_model,
    }


def _storage_key(job: Job, kind: str) -> str:
    # A key of the service's storage, not a URL: the published example looks like one, too.
    return f"ai_material/ai_material/{kind}/{job.item}.{kind}"


def _milliseconds(seconds: float) -> int:
    return int(seconds * 1000)
