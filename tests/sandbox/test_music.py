"""Whether the music keeps what its record promises: tempo, key, length, and no two alike."""

from __future__ import annotations

import struct
import zlib

import numpy as np
import pytest
from listening import heard_bpm, heard_scale, mp3_seconds

from tempolor_magic.sandbox import files, music
from tempolor_magic.sandbox.harmony import KEYS, read_key
from tempolor_magic.sandbox.instruments import SAMPLE_RATE, Samples
from tempolor_magic.sandbox.songs import MOODS, draw_song

SEEDS = (1, 2, 3, 4, 5, 6)


def rendered(seed: int) -> Samples:
    """The sound of that song."""
    song = draw_song(seed)
    return music.render(seed=song.seed, bpm=song.bpm, key=song.key, seconds=song.seconds)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_tempo_is_the_recorded_one(seed: int) -> None:
    """Beats repeat at the record's bpm."""
    bpm = draw_song(seed).bpm
    assert abs(heard_bpm(rendered(seed), near=bpm) - bpm) <= 1


@pytest.mark.parametrize("seed", SEEDS)
def test_the_key_is_the_recorded_one(seed: int) -> None:
    """No other scale holds as much of the sound."""
    assert heard_scale(rendered(seed)) == read_key(draw_song(seed).key).classes


@pytest.mark.parametrize("seed", SEEDS)
def test_the_sound_is_clean(seed: int) -> None:
    """Loud enough, never clipped, silent at both ends, no offset, alive in both ears."""
    song, sound = draw_song(seed), rendered(seed)
    assert sound.shape == (round(song.seconds * SAMPLE_RATE), 2)
    assert 0.8 < np.max(np.abs(sound)) < 0.95
    assert np.max(np.abs(sound[[0, -1]])) < 0.001
    assert abs(float(sound.mean())) < 0.01
    assert 0.03 < float(np.sqrt(np.mean(sound**2))) < 0.5
    assert not np.array_equal(sound[:, 0], sound[:, 1])


def test_every_key_and_any_length_can_be_played() -> None:
    """All 24 keys, and lengths that are no whole bar."""
    for key, seconds in zip(KEYS, np.linspace(1.0, 6.0, len(KEYS)), strict=True):
        sound = music.render(seed=1, bpm=101, key=key, seconds=float(seconds))
        assert len(sound) == round(seconds * SAMPLE_RATE)


def test_seeds_differ_and_repeat() -> None:
    """The same seed sounds the same, another one does not."""

    def tune(seed: int) -> Samples:
        return music.render(seed=seed, bpm=120, key="C:major", seconds=8.0)

    assert np.array_equal(tune(1), tune(1))
    tunes = [tune(seed) for seed in range(8)]
    likeness = np.corrcoef([sound.mean(axis=1) for sound in tunes])
    assert np.max(likeness - np.eye(8)) < 0.98


@pytest.mark.parametrize("seed", SEEDS)
def test_an_mp3_lasts_as_long_as_its_record_says(seed: int) -> None:
    """Counted by its frames; half a second is the tolerance."""
    song = draw_song(seed)
    content = files.mp3(rendered(seed))
    assert abs(mp3_seconds(content) - round(song.seconds)) < 0.5


def test_peaks_are_those_of_the_samples() -> None:
    """256 numbers from 0 to 1, found again in the sound."""
    sound = np.zeros((25_600, 2), dtype=np.float32)
    sound[1_050, 1] = -0.5
    peaks = files.peaks(sound)
    assert len(peaks) == files.PEAKS
    assert (peaks[10], sum(peaks)) == (0.5, 0.5)
    assert max(files.peaks(rendered(1))) == pytest.approx(0.89, abs=0.01)


@pytest.mark.parametrize("mood", MOODS)
def test_covers_are_small_valid_pictures(mood: str) -> None:
    """A PNG of 240 by 240 within 12 kB, intact to its last chunk."""
    for seed in range(12):
        picture = files.cover(seed=seed, mood=mood)
        assert len(picture) <= 12_000
        assert picture.startswith(b"\x89PNG\r\n\x1a\n")
        chunks = png_chunks(picture)
        assert struct.unpack_from(">II", chunks["IHDR"]) == (240, 240)
        assert len(zlib.decompress(chunks["IDAT"])) == 240 * 241
        assert list(chunks)[-1] == "IEND"


def png_chunks(picture: bytes) -> dict[str, bytes]:
    """The chunks by kind, each with a right checksum."""
    place, chunks = 8, {}
    while place < len(picture):
        length, kind = struct.unpack_from(">I4s", picture, place)
        content = picture[place + 8 : place + 8 + length]
        (checksum,) = struct.unpack_from(">I", picture, place + 8 + length)
        assert checksum == zlib.crc32(kind + content)
        chunks[kind.decode()] = content
        place += 12 + length
    return chunks


def test_covers_differ() -> None:
    """By seed and by mood; an unknown mood gets a picture, too."""
    pictures = {files.cover(seed=seed, mood=mood) for seed in range(5) for mood in (*MOODS, "?")}
    assert len(pictures) >= 5 * len(MOODS)
