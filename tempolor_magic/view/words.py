"""A snapshot in words: what every view says, said in one place. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tempolor_magic.errors import shown
from tempolor_magic.view.prose import prose, raw, readable
from tempolor_magic.view.times import (
    Stamp,
    clock_text,
    exact_text,
    moment_text,
    remaining_text,
    rhythm_text,
    stamps,
    wait_text,
)
from tempolor_magic.watching.snapshot import Saving, Snapshot, State

__all__ = [
    "Face",
    "Stamp",
    "clock_text",
    "face",
    "gallery_heading",
    "in_groups",
    "key_text",
    "line",
    "look_alike",
    "moment_text",
    "name",
    "tally",
]

_STATE_WORDS = {
    State.WAITING: "Waiting for the first answer",
    State.GENERATING: "Generating",
    State.COMPLETED: "Completed",
    State.FAILED: "Failed",
    State.STOPPED: "Stopped watching",
    State.TIMED_OUT: "Gave up watching",
    State.ERROR: "Error",
}
# What a screen reader says, once per state.
_SAID = {
    State.WAITING: "Waiting for the service",
    State.GENERATING: "Music is being made",
    State.COMPLETED: "Music is ready",
    State.FAILED: "Music has failed",
    State.STOPPED: "No longer watching",
    State.TIMED_OUT: "Gave up watching",
    State.ERROR: "Watching ended with an error",
}
# Said by shape, not by colour alone.
_MARKS = {
    State.WAITING: "○",
    State.GENERATING: "●",
    State.COMPLETED: "✓",
    State.FAILED: "✕",
    State.STOPPED: "■",
    State.TIMED_OUT: "■",
    State.ERROR: "!",
}
# Trouble that passes: the next try is up to us, or the service said when.
_RETRYING, _HELD = ("↻", "Retrying"), ("‖", "On hold")
# Which jobs come first where many are listed: what runs, what needs a look, what is done.
_ORDER = (
    State.GENERATING,
    State.WAITING,
    State.FAILED,
    State.ERROR,
    State.TIMED_OUT,
    State.STOPPED,
    State.COMPLETED,
)
# One word where a column has room for no more.
_BRIEF = {
    State.WAITING: "Waiting",
    State.STOPPED: "Stopped",
    State.TIMED_OUT: "Timed out",
}
_LONGEST_TITLE = 80


@dataclass(frozen=True, slots=True)
class Face:
    """All that any view of a job shows. Text is plain text: whoever renders it escapes it.

    ``clock`` is the age of a running job in whole seconds, for a clock that ticks by itself;
    ``retry_in`` counts down to the next try. Both are ``None`` when there is nothing to count.
    ``limited`` tells that the service said when that is; ``again`` announces it in words.
    ``remaining`` is rounded so coarsely that it seldom changes; empty while it is not known.
    ``blamed`` tells that something went wrong, which stopping a watch is not.
    ``saving`` is how far a download is, empty when there is none.
    ``whole`` tells that the entire audio is in ``audio`` itself.
    """

    job_id: str
    item: str
    said: str
    state: str
    over: bool
    completed: bool
    sandbox: bool
    title: str
    words: str
    brief: str
    mark: str
    progress: int | None
    percent: str
    clock: int | None
    since: str
    elapsed: str
    lasted: str
    remaining: str
    trouble: str
    sign: str
    limited: bool
    again: str
    retry_in: int | None
    retry_words: str
    rhythm: str
    error: str
    blamed: bool
    remedy: str
    cover: str
    audio: str
    preview: bool
    whole: bool
    note: str
    saving: str
    saving_note: str
    saved: tuple[str, ...]
    unsaved: str
    peaks: tuple[int, ...]
    timeline: tuple[tuple[str, str], ...]
    facts: tuple[tuple[str, str], ...]
    stamps: tuple[Stamp, ...]
    prompt: str
    lyrics: str
    raw: str


def face(
    snapshot: Snapshot, *, now: float, embed: bool = False, still: bool = False, brief: bool = False
) -> Face:
    """What to show of *snapshot* at the monotonic moment *now*.

    Args:
        snapshot: What is known.
        now: Ages the clocks.
        embed: Play the entire audio from the page itself, where it was fetched.
        still: It will not be looked after: say of a download that there is one, not how far.
        brief: For a row of a live table, which has no room for facts, prompt, lyrics and JSON.
    """
    record, media, state = snapshot.record, snapshot.media, snapshot.state
    elapsed = snapshot.elapsed(now)
    running = not state.is_over
    trouble = snapshot.trouble
    sign, in_brief = _in_brief(snapshot)
    whole = media.whole if embed else ""
    title = readable(record.title, _LONGEST_TITLE) if record else ""
    # Rounded down: 100 % is said of nothing that is still being made.
    progress = None if snapshot.progress is None else int(snapshot.progress)
    return Face(
        job_id=str(snapshot.job_id),
        item=snapshot.job_id.item,
        state=str(state),
        over=state.is_over,
        completed=state is State.COMPLETED,
        sandbox=snapshot.sandbox,
        # Without the title while it may still change: that would be spoken again.
        said=f"{_SAID[state]}: {(title if state.is_over else '') or snapshot.job_id.item}",
        title=title,
        words=_STATE_WORDS[state],
        brief=in_brief,
        mark=_MARKS[state],
        progress=progress,
        percent="" if progress is None else f"{progress} %",
        clock=int(elapsed) if running and elapsed is not None else None,
        since=_since(snapshot),
        elapsed="" if elapsed is None else clock_text(elapsed),
        lasted=_lasted(snapshot),
        remaining=remaining_text(snapshot.remaining) if running else "",
        trouble=shown(trouble.message, 200) if trouble else "",
        sign=sign,
        limited=trouble is not None and trouble.limited,
        again="asking again in" if trouble and trouble.limited else "retrying in",
        retry_in=max(0, round(trouble.retry_at - now)) if trouble else None,
        retry_words=wait_text(trouble.retry_at - now) if trouble else "",
        rhythm=rhythm_text(snapshot.every) if running else "",
        error=_told_once(snapshot),
        blamed=state in {State.FAILED, State.ERROR, State.TIMED_OUT},
        remedy=snapshot.error.remedy if snapshot.error else "",
        cover=media.cover,
        audio=whole or media.audio,
        preview=media.preview and not whole,
        whole=bool(whole),
        note=media.note,
        saving=_how_far(media.saving, still=still) if media.saving else "",
        saving_note=shown(media.saving.note, 200) if media.saving else "",
        saved=tuple(shown(name, 300) for name in media.saved),
        unsaved=shown(media.unsaved, 300),
        peaks=media.peaks,
        timeline=_timeline(snapshot),
        facts=() if brief else _facts(snapshot),
        stamps=() if brief else stamps(snapshot, now),
        prompt=prose(record.prompt) if record and not brief else "",
        lyrics=prose(record.lyrics) if record and not brief else "",
        raw=raw(record.raw) if record and state.is_over and not brief else "",
    )


def look_alike(before: Snapshot, after: Snapshot) -> bool:
    """Whether two snapshots look the same: news that nobody would see is not sent."""
    return before == after or face(before, now=0.0) == face(after, now=0.0)


def _in_brief(snapshot: Snapshot) -> tuple[str, str]:
    """The sign of a trouble, and one word where a column has room for no more."""
    if snapshot.trouble:
        return _HELD if snapshot.trouble.limited else _RETRYING
    return "", _BRIEF.get(snapshot.state, _STATE_WORDS[snapshot.state])


def _lasted(snapshot: Snapshot) -> str:
    """How long a final job took; of a watch that ended earlier, how old its job was then."""
    if not snapshot.state.is_over or snapshot.took is None:
        return ""
    told = clock_text(snapshot.took)
    return f"after {told}" if snapshot.state.is_final else f"{told} after its creation"


def _told_once(snapshot: Snapshot) -> str:
    """What went wrong, without the id: every view tells that elsewhere."""
    error = snapshot.error
    return error.message.replace(f" for {snapshot.job_id}", "") if error else ""


def amount_text(count: float) -> str:
    """Bytes as ``640 kB`` or ``4.2 MB``."""
    return f"{count / 1e6:.1f} MB" if count >= 1e6 else f"{count / 1e3:.0f} kB"  # noqa: PLR2004


def _how_far(saving: Saving, *, still: bool) -> str:
    if still or not saving.done:
        return "…"
    if not saving.whole:
        return amount_text(saving.done)
    return f"{100 * saving.done // saving.whole} %"


def _since(snapshot: Snapshot) -> str:
    """The exact time behind a clock, for those who point at it."""
    created = snapshot.record.created_at if snapshot.record else None
    return f"created {exact_text(created)}" if created else ""


def name(snapshot: Snapshot, *, longest: int) -> str:
    """What to call a job in a list: its title, or the end of its id."""
    title = readable(snapshot.record.title, longest) if snapshot.record else ""
    return title or snapshot.job_id.item


def key_text(key: str) -> str:
    """``F:minor`` as ``F minor``."""
    return shown(key.replace(":", " "), 20)


def gallery_heading(count: int, kind: str) -> str:
    """What a page of the library holds."""
    if not count:
        return f"No {kind}s in the library"
    return f"{count} {kind}{'' if count == 1 else 's'} of the library, newest first"


def line(face: Face) -> str:
    """The whole job in one line of text."""
    facts = dict(face.facts)
    told = [
        "sandbox" if face.sandbox else "",
        f"{face.state} {face.percent}".strip() if not face.over else face.state,
        f"saving {face.saving}" if face.saving else "",
        face.title,
        *(facts.get(name, "") for name in ("Length", "Key", "Tempo")),
        face.lasted if face.over else f"{face.elapsed} elapsed" if face.elapsed else "",
        face.remaining,
        f"{face.error} → {face.remedy}" if face.remedy else face.error,
        f"{face.trouble}, {face.again} {face.retry_words}" if face.trouble else "",
        f"saved as {', '.join(face.saved)}" if face.saved else "",
        "" if face.job_id in face.error + face.remedy else face.job_id,
    ]
    return " · ".join(part for part in told if part)


def tally(faces: tuple[Face, ...]) -> str:
    """How many jobs are in which state, in words."""
    counts = {str(state): 0 for state in _STATE_WORDS}
    for each in faces:
        counts[each.state] += 1
    parts = [f"{n} {name.lower().replace('_', ' ')}" for name, n in counts.items() if n]
    return f"{len(faces)} job{'' if len(faces) == 1 else 's'}: {', '.join(parts)}"


def in_groups(faces: Sequence[Face]) -> tuple[Face, ...]:
    """Grouped by state, as they came within a group."""
    return tuple(sorted(faces, key=lambda face: _ORDER.index(State(face.state))))


def _timeline(snapshot: Snapshot) -> tuple[tuple[str, str], ...]:
    """When the job was seen to enter each state, counted from its creation."""
    born = snapshot.born_at
    if born is None:
        return ()
    seen = [(state, max(0.0, at - born)) for state, at in snapshot.moments]
    if snapshot.took is not None and seen:
        seen[-1] = (seen[-1][0], snapshot.took)
    return tuple((_STATE_WORDS[state], clock_text(at)) for state, at in seen)


def _facts(snapshot: Snapshot) -> tuple[tuple[str, str], ...]:
    record = snapshot.record
    if record is None:
        return ()
    created = moment_text(record.created_at) if record.created_at else ""
    finished = moment_text(record.updated_at) if record.updated_at else ""
    rows = (
        ("Length", clock_text(record.duration) if record.duration else ""),
        ("Key", key_text(record.key)),
        ("Tempo", f"{record.bpm:g} bpm" if record.bpm else ""),
        ("Style", shown(record.style)),
        ("Mood", shown(record.mood)),
        ("Chords", shown(record.chords)),
        ("Model", _model(snapshot.origin.model, record.model)),
        ("Seed", "" if record.seed is None else str(record.seed)),
        ("Created", created),
        ("Finished", finished if snapshot.state.is_final else ""),
    )
    return tuple((name, value) for name, value in rows if value)


def _model(asked: str, told: str) -> str:
    """The model that made it; the service may have taken another than was asked for."""
    if not told or not asked or asked == told:
        return shown(told)
    return f"{shown(told)} (asked for {shown(asked, 40)})"
