"""Files that go up: which ones the service takes, checked before anything is sent."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from operations import MELODY, RECORDING, Operation, Script, call, vector

from tempolor_magic.api.uploads import AUDIO, MIDI, check_name, check_upload, upload_of
from tempolor_magic.api.wire import Upload
from tempolor_magic.errors import UsageError

VOICE = Script(vector("post-cloned-voices.200.json"))


@pytest.mark.parametrize(
    ("name", "kinds", "media_type"),
    [
        ("a.mp3", AUDIO, "audio/mpeg"),
        ("a.b.WAV", AUDIO, "audio/wav"),
        ("a.m4a", AUDIO, "audio/x-m4a"),
        ("a.mp4", AUDIO, "audio/mp4"),
        ("a.flac", AUDIO, "audio/flac"),
        ("a.mid", MIDI, "audio/midi"),
        ("a.MIDI", MIDI, "audio/midi"),
    ],
)
def test_the_ending_tells_the_media_type(name: str, kinds: Any, media_type: str) -> None:
    """In any case of letters."""
    assert upload_of(name, b"x", kinds) == Upload(b"x", media_type)


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("a.ogg", AUDIO),
        ("a", AUDIO),
        ("", AUDIO),
        ("a.mid", AUDIO),
        ("a.mp3", MIDI),
        ("mp3", AUDIO),
    ],
)
def test_other_files_are_refused_with_the_endings_that_are_taken(name: str, kinds: Any) -> None:
    """The line says which."""
    with pytest.raises(UsageError) as caught:
        upload_of(name, b"x", kinds)
    assert all(ending in caught.value.remedy for ending in kinds)


@pytest.mark.parametrize(
    "media_type",
    [
        "audio/mpeg",
        "audio/wav",
        "audio/wave",
        "audio/mp4",
        "audio/x-m4a",
        "audio/flac",
        "audio/x-flac",
        " Audio/MPEG ",
    ],
)
def test_every_documented_type_of_audio_is_taken(media_type: str) -> None:
    """And sent as the service writes it."""
    checked = check_upload(Upload(b"x", media_type), AUDIO)
    assert checked.media_type == media_type.strip().lower()


@pytest.mark.parametrize(
    ("upload", "kinds", "said"),
    [
        (Upload(b"x", "audio/mp3"), AUDIO, "audio/mpeg, audio/wav"),
        (Upload(b"x", ""), AUDIO, "audio/mpeg"),
        (Upload(b"x", "audio/mpeg; x=y"), AUDIO, "audio/mpeg"),
        (Upload(b"x", "audio/mpeg\r\nX: y"), AUDIO, r"\\r\\n"),
        (MELODY, AUDIO, "audio/mpeg"),
        (RECORDING, MIDI, "audio/midi, audio/x-midi"),
        (Upload(b"x", "audio/mid"), MIDI, "audio/midi"),
        (Upload(b"", "audio/mpeg"), AUDIO, "the file is empty"),
        (Upload(b"", "audio/x-midi"), MIDI, "the file is empty"),
    ],
)
def test_what_the_service_would_refuse_is_not_sent(upload: Upload, kinds: Any, said: str) -> None:
    """A type it does not know, or nothing at all."""
    with pytest.raises(UsageError, match=said):
        check_upload(upload, kinds)


@pytest.mark.parametrize("name", ["", "  ", "\n", "a\0b", "a\nb", "\ud800"])
def test_a_name_is_needed(name: str) -> None:
    """One that can be read again."""
    with pytest.raises(UsageError, match="name"):
        check_name(name)


@pytest.mark.parametrize("written", [str, Path])
def test_a_file_goes_up_by_its_path(written: Any, tmp_path: Path) -> None:
    """Its bytes and the type of its ending."""
    path = tmp_path / "my voice.wav"
    path.write_bytes(b"RIFF sound")
    call(VOICE, Operation("clone_voice", ("me", written(path))))
    request = VOICE.sent[-1]
    assert request.content == b"RIFF sound"
    assert request.headers["content-type"] == "audio/wav"


def test_the_home_folder_is_understood(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in every shell."""
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "a.flac").write_bytes(b"fLaC")
    call(VOICE, Operation("clone_voice", ("me", "~/a.flac")))
    assert VOICE.sent[-1].content == b"fLaC"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("missing.mp3", "can't be read: No such file"),
        ("folder.mp3", "can't be read: Is a directory"),
        ("a\0b.mp3", "can't be read"),
        ("notes.txt", "can't be uploaded here"),
        ("empty.mp3", "the file is empty"),
    ],
)
def test_a_file_that_can_not_go_up_is_told(name: str, said: str, tmp_path: Path) -> None:
    """Before anything is sent."""
    (tmp_path / "folder.mp3").mkdir()
    (tmp_path / "notes.txt").write_bytes(b"x")
    (tmp_path / "empty.mp3").touch()
    script = Script(vector("post-cloned-voices.200.json"))
    with pytest.raises(UsageError, match=said) as caught:
        call(script, Operation("clone_voice", ("me", f"{tmp_path}/{name}")))
    assert str(caught.value).isprintable()
    assert script.sent == []


def test_an_upload_does_not_print_its_content() -> None:
    """It may be megabytes of somebody's voice."""
    assert repr(RECORDING) == "Upload(media_type='audio/mpeg')"
