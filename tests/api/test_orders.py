"""What is asked for, as the body of a call; what cannot be is refused before it is sent."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tempolor_magic.api.orders import (
    KEYS,
    Delivery,
    InstrumentalOrder,
    Order,
    SongOrder,
    read_key,
)
from tempolor_magic.errors import UsageError

VECTORS = Path(__file__).parent.parent / "vectors"


@pytest.mark.parametrize("kind", ["song", "instrumental"])
def test_the_published_request_can_be_asked_for(kind: str) -> None:
    """Every field of the published body has a place, under its own name."""
    published = json.loads((VECTORS / f"post-music-{kind}.request.json").read_text("utf-8"))
    order: Order = _song(published) if kind == "song" else _instrumental(published)
    assert order.document() == published


def test_what_was_not_asked_for_is_left_to_the_service() -> None:
    """No empty field is sent."""
    assert SongOrder(prompt="rain").document() == {"prompt": "rain"}
    assert InstrumentalOrder(prompt="rain").document() == {"prompt": "rain"}


def test_a_cloned_voice_is_told_from_an_artists() -> None:
    """By its id: two fields of the wire, one of ours."""
    cloned = "user:1-tempolor:2-voice:abc"
    assert SongOrder(prompt="x", voice="voice_1").document()["artistVoiceItemId"] == "voice_1"
    assert SongOrder(prompt="x", voice=cloned).document()["clonedVoiceItemId"] == cloned


def test_chords_go_by_either_name_of_the_wire() -> None:
    """The service's own pages disagree."""
    order = InstrumentalOrder(prompt="x", chords="C F", chord_field="chord")
    assert order.document() == {"prompt": "x", "chord": "C F"}


@pytest.mark.parametrize(
    ("text", "key"),
    [
        *[(key, key) for key in KEYS],
        ("c:major", "C:major"),
        (" F# minor ", "F#:minor"),
        ("F♯:minor", "F#:minor"),
        ("b♭:Major", "Bb:major"),
        ("bb maj", "Bb:major"),
        ("C#m", "C#:minor"),
        ("Am", "A:minor"),
        ("Eb", "Eb:major"),
    ],
)
def test_a_key_is_read_as_people_write_it(text: str, key: str) -> None:
    """And sent as the service writes it."""
    assert read_key(text) == key


@pytest.mark.parametrize("text", ["H:major", "C:dorian", ":minor", "major", "D#:minor", "m"])
def test_what_is_no_key_is_refused(text: str) -> None:
    """With the notes there are."""
    with pytest.raises(UsageError, match="is no key the service knows"):
        read_key(text)


@pytest.mark.parametrize(
    ("order", "said"),
    [
        (SongOrder(prompt=" \n"), "a song needs a prompt"),
        (SongOrder(prompt="x" * 2_001), "the prompt may have 2,000 characters, not 2,001"),
        (SongOrder(prompt="x", lyrics="x" * 3_001), "the lyrics may have 3,000"),
        (InstrumentalOrder(prompt=""), "an instrumental needs a prompt"),
        (InstrumentalOrder(prompt="x", bpm=49), "49 bpm"),
        (InstrumentalOrder(prompt="x", bpm=191), "191 bpm"),
        (InstrumentalOrder(prompt="x", key="X"), "no key"),
        (InstrumentalOrder(prompt="x", chords="C" * 201), "the chords may have 200"),
        (SongOrder(prompt="x", delivery=Delivery(reply_url="x" * 1_025)), "the reply URL may"),
        (SongOrder(prompt="x", delivery=Delivery(reply_ref="x" * 1_025)), "the reply reference"),
        (SongOrder(prompt="x", delivery=Delivery(max_jobs=0)), "max_jobs must be at least 1"),
    ],
)
def test_what_cannot_be_asked_for_is_told(order: Order, said: str) -> None:
    """Limits are the published ones."""
    with pytest.raises(UsageError, match=said):
        order.document()


@pytest.mark.parametrize(
    "order",
    [
        SongOrder(prompt="x" * 2_000, lyrics="x" * 3_000, model="never heard of"),
        InstrumentalOrder(prompt="x", bpm=50, chords="C" * 200),
        InstrumentalOrder(prompt="x", bpm=190),
    ],
)
def test_the_limits_themselves_are_within(order: Order) -> None:
    """And model names are passed on as they are."""
    assert order.document()["prompt"]


def _song(published: dict[str, Any]) -> SongOrder:
    return SongOrder(
        prompt=published["prompt"],
        lyrics=published.get("lyrics", ""),
        model=published.get("model_song", ""),
        voice=published.get("artistVoiceItemId") or published.get("clonedVoiceItemId") or "",
        midi=published.get("midiItemId", ""),
        delivery=_delivery(published),
    )


def _instrumental(published: dict[str, Any]) -> InstrumentalOrder:
    return InstrumentalOrder(
        prompt=published["prompt"],
        model=published.get("model_instrumental", ""),
        key=published.get("tonality", ""),
        bpm=published.get("bpm"),
        chords=published.get("chords", ""),
        delivery=_delivery(published),
    )


def _delivery(published: dict[str, Any]) -> Delivery:
    return Delivery(
        account=published.get("user_id", ""),
        reply_url=published.get("replyUrl", ""),
        reply_ref=published.get("replyRef", ""),
        max_jobs=published.get("maxJobs"),
    )
