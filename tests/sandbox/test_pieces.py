"""Whether what was asked for is heard: in the downloaded files, decoded again."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np
import pytest
from listening import heard_bpm, heard_classes, heard_scale, mp3_seconds, wav_samples
from practice import Service

from tempolor_magic.sandbox.harmony import read_chords, read_key
from tempolor_magic.sandbox.instruments import SAMPLE_RATE, Samples
from tempolor_magic.sandbox.music import STEMS, mixed, render_stems
from tempolor_magic.sandbox.songs import Wish, draw_song
from tempolor_magic.sandbox.studio import Studio

CHORDS = "Bb Gm Eb F"


@cache
def downloaded() -> tuple[Mapping[str, Any], dict[str, bytes]]:
    """The record and the files of one instrumental that was asked for in detail."""
    service = Service(studio=Studio())
    job_id = service.submit_instrumental(tonality="Bb:major", bpm=97, chords=CHORDS)
    service.time += 200
    material = service.get(f"/music/{job_id}")["musicMaterial"]
    return material, {
        kind: service.fetch(service.link(job_id, kind)) for kind in ("mp3", "wav", "stems")
    }


@cache
def stems() -> dict[str, Samples]:
    """The archive's stems."""
    with zipfile.ZipFile(io.BytesIO(downloaded()[1]["stems"])) as archive:
        return {name: wav_samples(archive.read(f"{name}.wav")) for name in STEMS}


def test_a_wav_is_what_its_record_says() -> None:
    """Tempo, scale and length of the decoded sound."""
    material, contents = downloaded()
    sound = wav_samples(contents["wav"])
    assert (material["bpm"], material["key"], material["chord"]) == (97, "Bb:major", CHORDS)
    assert abs(heard_bpm(sound, near=97) - 97) <= 1
    assert heard_scale(sound) == read_key("Bb:major").classes
    assert abs(len(sound) / SAMPLE_RATE - material["dur"]) < 0.5
    assert abs(mp3_seconds(contents["mp3"]) - material["dur"]) < 0.5


def test_the_stems_add_up_to_the_piece() -> None:
    """Sample for sample, but for rounding; and no stem is the piece, or silent."""
    whole = wav_samples(downloaded()[1]["wav"])
    parts = stems()
    total = np.sum(list(parts.values()), axis=0)
    assert float(np.max(np.abs(total - whole))) < 4 / 32767
    for sound in parts.values():
        loudness = float(np.sqrt(np.mean(sound**2)))
        assert 0.005 < loudness < 0.9 * float(np.sqrt(np.mean(whole**2)))


def test_each_stem_is_an_instrument_of_its_own() -> None:
    """The stems are unlike each other."""
    mono = [sound.mean(axis=1) for sound in stems().values()]
    likeness = np.abs(np.corrcoef(mono)) - np.eye(len(mono))
    assert float(np.max(likeness)) < 0.3


def test_the_chords_are_heard_one_a_bar() -> None:
    """The strongest tones of the harmony are those of the chord that was asked for."""
    bar = 4 * 60 / 97 * SAMPLE_RATE
    chords = read_chords(CHORDS)
    for i in range(8):
        # Neighbouring bars ring into each other at the edges.
        heard = stems()["harmony"][round((i + 0.3) * bar) : round((i + 0.95) * bar)]
        assert heard_classes(heard, 3) == chords[i % 4].classes


@pytest.mark.parametrize("bpm", [50, 63, 80, 120, 174, 190])
def test_every_allowed_tempo_is_kept(bpm: int) -> None:
    """From the slowest to the fastest."""
    song = draw_song(5, Wish(bpm=bpm))
    sound = sum(render_stems(seed=5, bpm=bpm, key=song.key, seconds=song.seconds).values())
    assert isinstance(sound, np.ndarray)
    assert (song.bpm, abs(heard_bpm(sound, near=bpm) - bpm) <= 1) == (bpm, True)


@pytest.mark.parametrize("bpm", range(50, 191))
def test_every_tempo_has_a_length_that_rounds_well(bpm: int) -> None:
    """About 24 to 48 s, whole bars, told and heard within half a second."""
    for chords in ("", "C F G Am", "C " * 90):
        seconds = draw_song(bpm, Wish(bpm=bpm, chords=chords)).seconds
        assert 23.5 < seconds < 48.5
        assert abs(seconds - round(seconds)) < 0.4


def test_a_piece_is_long_enough_for_its_chords() -> None:
    """Each has its bar, as long as forty-eight seconds hold them all."""
    lines = ["C F G Am " * 4, "C F G Am Dm Em"]
    songs = [draw_song(seed, Wish(bpm=100, chords=line)) for seed in range(20) for line in lines]
    assert all(song.bars >= len(read_chords(song.chords)) for song in songs)


@pytest.mark.parametrize(
    ("wish", "keys"),
    [
        (Wish(key="F#:major"), {"F#:major"}),
        (Wish(chords="C F G Am"), {"C:major"}),
        (Wish(key="G:major", chords="C F G Am"), {"G:major"}),
        (Wish(chords="la la la"), None),
    ],
)
def test_the_key_is_the_asked_one_or_that_of_the_chords(wish: Wish, keys: set[str] | None) -> None:
    """Chance decides only where nothing was said."""
    drawn = {draw_song(seed, wish).key for seed in range(30)}
    assert drawn == keys if keys else len(drawn) > 5


@pytest.mark.parametrize("seed", [72, 114, 170, 288])
def test_stems_never_clip(seed: int) -> None:
    """Even where two of them work against each other, as in these; the piece is softer then."""
    song = draw_song(seed)
    stems = render_stems(seed=seed, bpm=song.bpm, key=song.key, seconds=12.0)
    loudest = max(float(np.max(np.abs(sound))) for sound in stems.values())
    assert 0.98 < loudest <= 0.991
    assert float(np.max(np.abs(mixed(stems)))) < 0.88
