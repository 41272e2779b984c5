"""What may be asked for: tables of bodies."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tempolor_magic.sandbox.formats import Format
from tempolor_magic.sandbox.harmony import KEYS
from tempolor_magic.sandbox.orders import Kind, Order, read_instrumental, read_song
from tempolor_magic.sandbox.refusals import Refused
from tempolor_magic.sandbox.songs import Wish

READERS = [read_song, read_instrumental]


def refusal_of(read: Callable[[object], Order], document: object) -> str:
    """Why that body is none."""
    with pytest.raises(Refused) as caught:
        read(document)
    assert caught.value.status == 400
    return str(caught.value)


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize(
    "document",
    [
        [],
        None,
        {},
        {"prompt": "  "},
        {"prompt": 7},
        {"prompt": "x" * 2001},
        {"prompt": "x", "user_id": 7},
        {"prompt": "x", "replyUrl": "y" * 1025},
        {"prompt": "x", "replyRef": "y" * 1025},
        {"prompt": "x", "maxJobs": 0},
        {"prompt": "x", "maxJobs": True},
        {"prompt": "x", "maxJobs": "many"},
    ],
)
def test_orders_out_of_bounds_are_refused(read: Callable[[object], Order], document: Any) -> None:
    """400, whichever kind of music it is."""
    assert refusal_of(read, document)


@pytest.mark.parametrize(
    ("read", "more"),
    [
        (read_song, {"lyrics": "y" * 3001}),
        (read_song, {"lyrics": ["la"]}),
        (read_song, {"model_song": ["v3"]}),
        (read_instrumental, {"bpm": 49}),
        (read_instrumental, {"bpm": 191}),
        (read_instrumental, {"bpm": 80.5}),
        (read_instrumental, {"bpm": "80.5"}),
        (read_instrumental, {"bpm": "\uff19\uff10"}),
        (read_instrumental, {"bpm": "1" * 5000}),
        (read_instrumental, {"tonality": "C"}),
        (read_instrumental, {"tonality": "H:major"}),
        (read_instrumental, {"tonality": "Gb:major"}),
        (read_instrumental, {"chords": "C" * 201}),
        (read_instrumental, {"chord": "C" * 201}),
        (read_instrumental, {"chords": ["C"]}),
    ],
)
def test_each_kind_has_bounds_of_its_own(
    read: Callable[[object], Order], more: dict[str, Any]
) -> None:
    """The message names the parameter."""
    assert f"Parameter {next(iter(more))} " in refusal_of(read, {"prompt": "x", **more})


def test_an_order_at_the_limits_is_taken() -> None:
    """2000, 3000 and 1024 characters are still fine; null counts as missing."""
    song = read_song(
        {"prompt": "x" * 2000, "lyrics": "y" * 3000, "model_song": None, "replyRef": "z" * 1024}
    )
    assert (len(song.prompt), len(song.lyrics), len(song.reply_ref)) == (2000, 3000, 1024)
    music = read_instrumental({"prompt": "x", "bpm": 190, "chords": "C" * 200, "tonality": None})
    assert (music.wish.bpm, len(music.wish.chords), music.wish.key) == (190, 200, "")


@pytest.mark.parametrize("key", KEYS)
def test_all_documented_keys_are_taken(key: str) -> None:
    """Twelve notes, major and minor."""
    assert read_instrumental({"prompt": "x", "tonality": key}).wish.key == key


@pytest.mark.parametrize(
    ("fields", "wish"),
    [
        ({}, Wish()),
        ({"bpm": "", "tonality": "", "chords": ""}, Wish()),
        ({"bpm": "50"}, Wish(bpm=50)),
        ({"chord": "C F"}, Wish(chords="C F")),
        ({"chords": " C F ", "chord": "G"}, Wish(chords="C F")),
    ],
)
def test_forms_carry_numbers_as_text(fields: dict[str, Any], wish: Wish) -> None:
    """And leave empty what was not filled in."""
    assert read_instrumental({"prompt": "x", **fields}).wish == wish


@pytest.mark.parametrize(
    ("kind", "asked", "runs"),
    [
        (Kind.SONG, "", "v4.8"),
        (Kind.SONG, "v3.5", "v4.8"),
        (Kind.SONG, "v4.5+", "v4.8"),
        (Kind.SONG, "v5 preview", "v5 preview"),
        (Kind.INSTRUMENTAL, "", "i4"),
        (Kind.INSTRUMENTAL, "i3.5 beta", "i4"),
        (Kind.INSTRUMENTAL, "i5", "i5"),
    ],
)
def test_retired_models_are_replaced_by_the_newest(kind: Kind, asked: str, runs: str) -> None:
    """Silently, as seen at the service; unknown names pass."""
    assert Order("rain", model=asked, kind=kind).running_model == runs


def test_a_prompt_may_ask_for_trouble() -> None:
    """To fail, or never to have one of the formats."""
    assert Order("oh Please Fail now").is_doomed
    assert not Order("please, fail").is_doomed
    without = Order("rain, please no WAV")
    assert [kind for kind in Format if without.is_without(kind)] == [Format.WAV]
