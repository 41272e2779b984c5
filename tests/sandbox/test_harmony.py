"""Chords and keys: what is read, and which notes go with it."""

from __future__ import annotations

import pytest

from tempolor_magic.sandbox.harmony import (
    KEYS,
    Chord,
    likely_key,
    read_chords,
    read_key,
    scale_over,
    triad,
)

C, F, G, AM = Chord(0, (0, 4, 7)), Chord(5, (0, 4, 7)), Chord(7, (0, 4, 7)), Chord(9, (0, 3, 7))


@pytest.mark.parametrize(
    ("text", "chords"),
    [
        ("C F G Am", (C, F, G, AM)),
        ("C,F;G|Am", (C, F, G, AM)),
        ("C-F-G-Am", (C, F, G, AM)),
        ("C - F > G | Am |", (C, F, G, AM)),
        ("A-", (AM,)),
        ("Amin Cmaj CM", (AM, C, C)),
        ("C#m7b5", (Chord(1, (0, 3, 6, 10)),)),
        ("D♭maj7 Cb", (Chord(1, (0, 4, 7, 11)), Chord(11, (0, 4, 7)))),
        ("G7/B", (Chord(7, (0, 4, 7, 10)),)),
        (
            "Bdim B° F+ Gsus",
            (*[Chord(11, (0, 3, 6))] * 2, Chord(5, (0, 4, 8)), Chord(7, (0, 5, 7))),
        ),
        ("something sad, then C", (C,)),
        ("H Cx c IV", ()),
        ("", ()),
    ],
)
def test_chords_are_read_from_a_line(text: str, chords: tuple[Chord, ...]) -> None:
    """In the usual spellings and with the usual signs between; the rest is passed over."""
    assert read_chords(text) == chords


@pytest.mark.parametrize("key", KEYS)
def test_over_its_own_chords_a_key_stays_itself(key: str) -> None:
    """Seven degrees from the root of each of its triads are its own seven notes."""
    scale = read_key(key)
    for degree in range(7):
        chord = triad(scale, degree)
        over = scale_over(chord, scale)
        assert over.classes == scale.classes
        assert {over.pitch(step, floor=0) % 12 for step in (0, 2, 4)} == chord.classes
        assert list(over.intervals) == sorted(over.intervals)


@pytest.mark.parametrize("symbol", ["F#", "Bbm7", "E7", "Caug", "Dsus2", "G6", "Ebdim7"])
def test_over_a_foreign_chord_its_tones_come_first(symbol: str) -> None:
    """Degrees 0, 2 and 4 are the chord's, rising; only notes of chord and key are used."""
    (chord,), key = read_chords(symbol), read_key("C:major")
    over = scale_over(chord, key)
    assert [over.intervals[step] for step in (0, 2, 4)] == list(chord.intervals[:3])
    assert list(over.intervals) == sorted(over.intervals)
    assert over.classes <= chord.classes | key.classes


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("C F G Am", "C:major"),
        ("Am F C G", "A:minor"),
        ("G D Em C", "G:major"),
        ("Ebm Cb Gb Db", "Eb:minor"),
        ("F#m", "F#:minor"),
    ],
)
def test_chords_tell_their_key(text: str, key: str) -> None:
    """The one that holds their tones and begins at home."""
    assert likely_key(read_chords(text)) == key


def test_no_chords_tell_no_key() -> None:
    """There is nothing to go by."""
    with pytest.raises(ValueError, match="no chords"):
        likely_key(())
