"""The notes beside a file: all that tells where it came from, and no secret."""

from __future__ import annotations

import json
from typing import Any

import pytest
from samples import ID, OTHER_ID, make_record, make_snapshot

from tempolor_magic.api.formats import MP3, WAV
from tempolor_magic.version import __version__
from tempolor_magic.watching.sidecar import Contents, is_about, sidecar, sidecar_name
from tempolor_magic.watching.snapshot import State

CONTENTS = Contents("Rain.mp3", 1_234, "ab" * 32, 1_790_000_000.5)
URL = "https://api.useapi.net/v1/tempolor"


def notes(**changes: Any) -> dict[str, Any]:
    """The notes of a completed job, with *changes* to its document."""
    snapshot = make_snapshot(State.COMPLETED, record=make_record(**changes), sandbox=True)
    document = json.loads(sidecar(snapshot, MP3, CONTENTS, base_url=URL))
    assert isinstance(document, dict)
    return document


def test_they_tell_what_it_is_and_where_it_came_from() -> None:
    """Job, kind, file, size, checksum, time in UTC, service, version, what was asked, record."""
    told = notes(titleEn="Rain", prompt="A calm rain", lyricsPrompt="la\nla")
    record = told.pop("record")
    assert told == {
        "job_id": ID,
        "format": "mp3",
        "file": "Rain.mp3",
        "size": 1_234,
        "sha256": "ab" * 32,
        "downloaded": "2026-09-21T14:13:20+00:00",
        "service": URL,
        "sandbox": True,
        "package": f"tempolor_magic {__version__}",
        "asked": {"prompt": "A calm rain", "lyrics": "la\nla", "model": "v3.5"},
    }
    assert record == make_record(titleEn="Rain", prompt="A calm rain", lyricsPrompt="la\nla").raw


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://cdn.example/a.mp3?auth_key=1-0-0-ab", "https://cdn.example/a.mp3"),
        ("https://cdn.example/a.mp3?x=1&X-Amz-Signature=ab", "https://cdn.example/a.mp3"),
        ("https://cdn.example/a.png?width=64", "https://cdn.example/a.png?width=64"),
        ("http://[::1?auth_key=ab", "http://[::1"),
        ("ai_material/mp3/a.mp3", "ai_material/mp3/a.mp3"),
    ],
)
def test_no_signed_address_is_in_them(url: str, kept: str) -> None:
    """Wherever it stands in the record."""
    told = notes(cover=url, waveformUrl=url, extra={"deep": [url]})["record"]
    assert told["cover"] == kept
    assert told["musicMaterial"]["waveformUrl"] == kept
    assert told["extra"] == {"deep": [kept]}


@pytest.mark.parametrize(
    "text", ["夜曲 🎵", "\u202e", "half \ud800", 'quotes " and \\', "</script>"]
)
def test_any_text_survives(text: str) -> None:
    """They are JSON in UTF-8, whatever the record holds."""
    assert notes(titleEn=text)["record"]["titleEn"] == text


def test_they_speak_of_one_job_and_one_kind() -> None:
    """So that a file is never taken for another."""
    snapshot = make_snapshot(State.COMPLETED)
    assert is_about(notes(), snapshot, MP3)
    assert not is_about(notes(), snapshot, WAV)
    assert not is_about({**notes(), "job_id": OTHER_ID}, snapshot, MP3)
    assert not is_about({}, snapshot, MP3)


def test_each_file_of_a_job_has_notes_of_its_own() -> None:
    """The suffix stays in their name."""
    assert sidecar_name("Rain x.mp3") != sidecar_name("Rain x.wav")
    assert sidecar_name("Rain x.mp3").endswith(".json")
