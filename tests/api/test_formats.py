"""Kinds of files, told by their first bytes."""

from __future__ import annotations

import pytest

from tempolor_magic.api.formats import FORMATS, HEAD, is_document, read_format
from tempolor_magic.errors import UsageError

HEADS = [
    (b"ID3\x04\x00\x00\x00\x00\x00\x00\x00\x00", "mp3"),
    (b"\xff\xfb\x90\x00", "mp3"),
    (b"\xff\xf3\x40\xc0", "mp3"),
    (b"\xff\xe3\x18\xc4", "mp3"),
    (b"RIFF\x24\x00\x00\x00WAVEfmt ", "wav"),
    (b"PK\x03\x04\x14\x00", "stems"),
    (b"", ""),
    (b"\xff", ""),
    (b"<html><body>", ""),
    (b'{"error":"x"}', ""),
    (b"<?xml version", ""),
    ("<html>".encode("utf-16"), ""),
    (b"RIFF\x24\x00\x00\x00WEBPVP8 ", ""),
    (b"PK\x05\x06" + b"\0" * 18, ""),
    (b"fLaC\x00\x00\x00\x22", ""),
    (b"\x00\x00\x00\x20ftypM4A ", ""),
]


@pytest.mark.parametrize(("head", "name"), HEADS)
def test_a_kind_is_told_by_its_first_bytes(head: bytes, name: str) -> None:
    """Each fits one kind at most; pages and errors fit none."""
    assert [kind.name for kind in FORMATS.values() if kind.fits(head[:HEAD])] == [name] * bool(name)


@pytest.mark.parametrize(
    ("media_type", "document"),
    [
        ("text/html", True),
        ("text/plain", True),
        ("application/json", True),
        ("application/problem+json", True),
        ("application/xml", True),
        ("image/svg+xml", True),
        ("audio/mpeg", False),
        ("application/zip", False),
        ("application/octet-stream", False),
        ("", False),
    ],
)
def test_a_document_is_told_by_its_type(media_type: str, document: bool) -> None:  # noqa: FBT001
    """Hosts that name no type, or any type, are believed by their bytes."""
    assert is_document(media_type) is document


@pytest.mark.parametrize("text", ["mp3", "MP3", " wav ", "stems"])
def test_formats_are_known_by_the_services_names(text: str) -> None:
    """In capitals, too."""
    assert read_format(text).name == text.strip().lower()


@pytest.mark.parametrize("text", ["", "ogg", "zip", "mp3\u202e", "x" * 5000])
def test_another_format_is_refused_in_one_line(text: str) -> None:
    """It names those that there are."""
    with pytest.raises(UsageError, match="one of mp3, wav, stems") as caught:
        read_format(text)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 200
