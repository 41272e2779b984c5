"""What a completed job can show and play."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from fakes import Answer, Studio, studio, told

from tempolor_magic.api.formats import is_mp3
from tempolor_magic.api.ids import parse_job_id
from tempolor_magic.errors import DownloadFailed
from tempolor_magic.job import Job
from tempolor_magic.watching.media import image_kind
from tempolor_magic.watching.snapshot import Media, Snapshot

PATIENCE = 30.0
ITEM = "abcdef123456789"
JOB = parse_job_id(f"user:4711-tempolor:100198329-job:{ITEM}")


def test_a_job_nobody_looks_at_asks_for_no_audio(tmp_path: Path) -> None:
    """Only what is shown costs the question for its audio."""
    with studio(tmp_path) as s:
        (job,) = s.watch(s.submit())
        job.result(PATIENCE)
        assert not [path for path in s.wire.paths if "download" in path]


def test_audio_is_found_once_it_is_served(tmp_path: Path) -> None:
    """404 for a while is normal: a note first, then a preview of checked bytes."""
    with studio(tmp_path, gap_seconds=15) as s:
        job, seen = _completed(s)
        media = [m for i, m in enumerate(seen) if i == 0 or m != seen[i - 1]]
        assert any("not serve the file yet" in m.note for m in media)
        assert media[-1].note == ""
        assert media[-1].preview
        assert media[-1].cover.startswith("data:image/png;base64,iVBOR")
        kind, _, data = media[-1].audio.partition(",")
        assert kind == "data:audio/mpeg;base64"
        assert is_mp3(base64.b64decode(data))
        assert job.state == "COMPLETED"


def test_the_waveform_is_found_and_the_whole_audio_only_when_asked_for(tmp_path: Path) -> None:
    """Peaks come with every shown job; the entire audio for outputs that hold it."""
    with studio(tmp_path, gap_seconds=0) as s:
        job, seen = _completed(s)
        assert len(seen[-1].peaks) == 120
        assert not any(media.whole for media in seen)
        job.watch.shown_again(embed=True)
        while not seen[-1].whole:
            s.loop.submit(_nothing).result(PATIENCE)
        sound = base64.b64decode(seen[-1].whole.partition(",")[2])
        path = job.download(to=tmp_path)
        assert sound == path.read_bytes()
        assert all(
            "authorization" not in r.headers for _, r in s.wire.sent if "/files/" in str(r.url)
        )


def test_audio_larger_than_the_limit_is_not_embedded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A note says so; the preview stays."""
    monkeypatch.setattr("tempolor_magic.watching.media.LARGEST_EMBEDDED", 1000)
    with studio(tmp_path, gap_seconds=0) as s:
        job, seen = _completed(s)
        job.watch.shown_again(embed=True)
        while "larger" not in seen[-1].note:
            s.loop.submit(_nothing).result(PATIENCE)
        assert seen[-1].audio
        assert not seen[-1].whole


def test_two_views_of_a_job_share_the_question_for_its_audio(tmp_path: Path) -> None:
    """However many look, the link is asked for once."""
    with studio(tmp_path, gap_seconds=0) as s:
        job, _ = _completed(s)
        job.watch.subscribe(lambda _: None)
        job.download(to=tmp_path)
        assert len([p for p in s.wire.paths if "download" in p]) == 2  # the view's and ours


def test_a_file_that_is_never_served_is_told_and_the_job_stays_completed(tmp_path: Path) -> None:
    """The search ends by itself."""
    with studio(tmp_path, gap_seconds=10_000) as s:
        job, seen = _completed(s, until="in time")
        assert "in time" in seen[-1].note
        assert job.state == "COMPLETED"


@pytest.mark.parametrize(
    "url",
    [
        "http://cdn.example.com/a.mp3",
        "javascript:alert(1)",
        "data:audio/mpeg;base64,AAAA",
        "//cdn.example.com/a.mp3",
        "ftp://cdn.example.com/a.mp3",
        "https://user:password@cdn.example.com/a.mp3",
        "https:///a.mp3",
        "http://[::1",
        "https://cdn.example.com/\u202ea.mp3",
    ],
)
def test_a_link_that_is_no_safe_address_is_neither_shown_nor_fetched(
    tmp_path: Path, url: str
) -> None:
    """Only https, or loopback for a loopback service, becomes a source."""
    with studio(tmp_path, gap_seconds=0) as s:
        assert not s.client.is_file_url(url)
        (job,) = s.watch(s.submit())
        job.result(PATIENCE)
        s.wire.script = [Answer(200, b'{"url":"' + url.encode() + b'","remainSeconds":9}')]
        asked = len(s.wire.sent)
        with pytest.raises(DownloadFailed):
            job.download(to=tmp_path)
        assert len(s.wire.sent) == asked + 1


def test_a_redirect_of_the_service_is_not_followed(tmp_path: Path) -> None:
    """The token goes nowhere but to the base URL."""
    with studio(tmp_path) as s:
        s.wire.script = [Answer(301, b"", {"location": "https://elsewhere.example.com/x"})]
        (job,) = s.watch(JOB)
        assert "redirect" in str(job.exception(PATIENCE))
        assert len(s.wire.sent) == 1


def test_a_redirect_for_now_is_not_followed_and_survived(tmp_path: Path) -> None:
    """A network's login page or a page of maintenance: the next question may find the service."""
    with studio(tmp_path) as s:
        s.wire.script = [
            Answer(status, b"", {"location": "https://elsewhere.example.com/x"})
            for status in (302, 303, 307)
        ]
        (job,) = s.watch(s.submit())
        assert job.result(PATIENCE).final
        assert {request.url.host for _, request in s.wire.sent} == {"127.0.0.1"}


def test_the_job_page_of_the_wrong_token_is_told_with_its_owner(tmp_path: Path) -> None:
    """403 on a job of another user compares the user numbers."""
    with studio(tmp_path) as s:
        s.wire.script = [told(403, "Unauthorized access")]
        (job,) = s.watch(parse_job_id(f"user:99-tempolor:1-job:{ITEM}"))
        assert "useapi.net user 99" in str(job.exception(PATIENCE))


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"\x89PNG\r\n\x1a\n....", "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"RIFF....WEBPVP8 ", "image/webp"),
        (b"<svg onload=alert(1)>", ""),
        (b"GIF89a", ""),
        (b"", ""),
    ],
)
def test_only_pictures_we_know_are_shown(head: bytes, kind: str) -> None:
    """A picture's kind is read from its bytes, never from what is said of it."""
    assert image_kind(head) == kind


def _completed(s: Studio, until: str = "") -> tuple[Job, list[Media]]:
    """A completed job that was looked at, and every media it had, up to the last."""
    seen: list[Media] = []
    found: list[Snapshot] = []

    def note(snapshot: Snapshot) -> None:
        seen.append(snapshot.media)
        ready = until in snapshot.media.note if until else bool(snapshot.media.audio)
        if ready:
            found.append(snapshot)

    with s.clock.held():
        (job,) = s.watch(s.submit())
        job.watch.subscribe(note)
    job.result(PATIENCE)
    while not found:
        s.until_sent(0)
        s.loop.submit(_nothing).result(PATIENCE)
    return job, seen


async def _nothing() -> None:
    """A turn of the loop."""
