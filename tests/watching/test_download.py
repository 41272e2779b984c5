"""Where a download goes, what it leaves alone, and what it says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from fakes import TOKEN, Answer, studio
from samples import JOB, make_snapshot

from tempolor_magic.api.formats import is_mp3
from tempolor_magic.errors import DownloadFailed, UsageError
from tempolor_magic.watching.download import read_wish
from tempolor_magic.watching.snapshot import State

PATIENCE = 30.0
NAME = f"Epic Orchestral {JOB.item}"
LINK = b'{"url":"http://127.0.0.1:9/files/a.mp3","remainSeconds":0}'


@pytest.mark.parametrize(
    ("kind", "to", "target"),
    [
        ("mp3", None, f"{NAME}.mp3"),
        ("wav", "new", f"new/{NAME}.wav"),
        ("stems", "a/b c", f"a/b c/{NAME} stems.zip"),
        ("mp3", "v1.5/", f"v1.5/{NAME}.mp3"),
        ("mp3", "there.d", f"there.d/{NAME}.mp3"),
        ("mp3", "a.mp3", "a.mp3"),
        ("wav", "x/a.WAV", "x/a.WAV"),
        ("mp3", "a.audio", "a.audio"),
    ],
)
def test_where_a_download_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, to: str | None, target: str
) -> None:
    """A suffix means a file; an existing folder, a slash at the end, anything else a folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "there.d").mkdir()
    wish = read_wish(kind, to)
    monkeypatch.chdir("/")  # what is asked for now is not moved by what happens later
    assert wish.target(make_snapshot(State.COMPLETED)) == tmp_path / target


def test_home_is_known_by_its_sign(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a shell."""
    monkeypatch.setenv("HOME", str(tmp_path))
    assert read_wish(to="~/songs").place == tmp_path / "songs"


@pytest.mark.parametrize(
    ("kind", "to", "several", "said"),
    [
        ("ogg", None, False, "one of mp3, wav, stems"),
        ("wav", "a.mp3", False, "no name for a WAV → end it in .wav"),
        ("stems", "a.wav", False, "end it in .zip"),
        ("mp3", "a.mp3", True, "one file for several jobs"),
        ("mp3", "a\0b", False, "is no path"),
        ("mp3", TOKEN, False, "this path holds a token"),
        ("mp3", f"music/{TOKEN}.mp3", False, "this path holds a token"),
    ],
)
def test_what_cannot_be_meant_is_told_before_anything_is_waited_for(
    kind: str,
    to: str | None,
    several: bool,  # noqa: FBT001  # a column of a table
    said: str,
) -> None:
    """In one line with a way out."""
    with pytest.raises(UsageError, match=said):
        read_wish(kind, to, several=several)


def test_a_download_is_whole_and_the_host_never_sees_the_token(tmp_path: Path) -> None:
    """The card names it; a second call asks for nothing."""
    with studio(tmp_path / "data", gap_seconds=0, sandbox=True) as s:
        (job,) = s.watch(s.submit())
        path = job.download(to=tmp_path / "music")
        assert is_mp3(path.read_bytes()[:16])
        assert job.record is not None
        assert sorted(each.name for each in path.parent.iterdir()) == [
            path.name,
            f"{path.name}.json",
        ]
        notes = json.loads(path.with_name(f"{path.name}.json").read_text())
        assert (notes["job_id"], notes["sandbox"]) == (job.job_id, True)
        assert notes["size"] == path.stat().st_size
        files = [r for _, r in s.wire.sent if r.url.path.startswith("/files/")]
        assert files
        assert all("authorization" not in r.headers for r in files)
        assert all(TOKEN not in str(r.url) for _, r in s.wire.sent)
        asked = len(s.wire.sent)
        assert job.download(to=tmp_path / "music") == path
        assert len(s.wire.sent) == asked
        assert job.watch.snapshot.media.saved == (str(path),)  # elsewhere: the whole path
        assert job.watch.snapshot.media.saving is None


def test_a_file_of_another_name_is_never_overwritten_silently(tmp_path: Path) -> None:
    """What the user named and what exists is left alone, unless told otherwise or ours."""
    target = tmp_path / "mine.mp3"
    target.write_bytes(b"precious")
    with studio(tmp_path, gap_seconds=0) as s:
        (job,) = s.watch(s.submit())
        with pytest.raises(UsageError, match="left alone"):
            job.download(to=target)
        assert target.read_bytes() == b"precious"
        assert job.download(to=target, overwrite=True) == target
        assert is_mp3(target.read_bytes()[:16])
        (other,) = s.watch(s.submit("wind"))
        with pytest.raises(UsageError, match="left alone"):
            other.download(to=target)
        asked = len(s.wire.sent)
        assert job.download(to=target) == target
        assert len(s.wire.sent) == asked


def test_somebody_elses_notes_are_not_overwritten_either(tmp_path: Path) -> None:
    """A JSON file that is not ours, beside a file that does not exist."""
    target, notes = tmp_path / "mine.mp3", tmp_path / "mine.mp3.json"
    notes.write_text('{"precious": 1}')
    with studio(tmp_path, gap_seconds=0) as s:
        (job,) = s.watch(s.submit())
        with pytest.raises(UsageError, match=r"mine\.mp3\.json exists"):
            job.download(to=target)
        assert notes.read_text() == '{"precious": 1}'
        assert not target.exists()


@pytest.mark.parametrize(
    "answer",
    [
        Answer(200, b"<html>an error page</html>", {"content-type": "audio/mpeg"}),
        Answer(200, b""),
        Answer(302, b"", {"location": "https://elsewhere.example.com/a.mp3"}),
    ],
    ids=["html", "empty", "redirect"],
)
def test_what_is_no_mp3_never_becomes_a_file(tmp_path: Path, answer: Answer) -> None:
    """The target is whole or absent, and nothing else is left behind."""
    folder = tmp_path / "music"
    with studio(tmp_path, gap_seconds=0) as s:
        (job,) = s.watch(s.submit())
        job.result(PATIENCE)
        s.wire.script = [Answer(200, LINK), answer]
        with pytest.raises(DownloadFailed):
            job.download(to=folder)
        assert not list(folder.iterdir())
        assert job.state == "COMPLETED"


@pytest.mark.parametrize("place", ["file/a.mp3", "file/deeper/", "x" * 300 + ".mp3"])
def test_what_cannot_be_written_is_told(tmp_path: Path, place: str) -> None:
    """In one line, and the job stays as it is."""
    (tmp_path / "file").touch()
    with studio(tmp_path / "data", gap_seconds=0) as s:
        (job,) = s.watch(s.submit())
        job.result(PATIENCE)
        with pytest.raises(UsageError, match="can't be written") as caught:
            job.download(to=f"{tmp_path}/{place}")
        assert "--output" in caught.value.remedy
        assert job.state == "COMPLETED"
