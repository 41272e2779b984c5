"""Peaks are found in whatever shape a waveform file has."""

from __future__ import annotations

from typing import Any

import pytest

from tempolor_magic.api.waveform import BARS, read_peaks

RISING = [n / 10 for n in range(1, 11)]
PERCENTS = tuple(range(10, 101, 10))


@pytest.mark.parametrize(
    "document",
    [
        RISING,
        {"peaks": RISING},
        {"data": {"waveform": {"samples": RISING}}},
        {"data": [int(n * 100) for n in RISING], "bits": 8, "length": 10},
        [[-n, n] for n in RISING],
        {"left": RISING, "right": RISING[:9]},
        {"channels": [RISING, [0.0] * 9]},
        [-n for n in RISING],
    ],
)
def test_the_longest_run_of_numbers_is_the_waveform(document: Any) -> None:
    """A list, one per channel, pairs of minimum and maximum; under any name."""
    assert read_peaks(document) == PERCENTS


@pytest.mark.parametrize(
    "document",
    [
        None,
        {},
        [],
        "0.1,0.2",
        {"peaks": []},
        {"peaks": [0.0] * 50},
        {"peaks": ["a"] * 50},
        {"peaks": [None] * 50},
        [1, 2, 3],
        [True] * 50,
        {"a": {"b": {"c": {"d": {"e": {"f": RISING}}}}}},
    ],
)
def test_what_is_no_waveform_is_none(document: Any) -> None:
    """Nothing is drawn then."""
    assert read_peaks(document) == ()


def test_long_files_become_bars_that_keep_every_beat() -> None:
    """One loud sample among a hundred thousand is seen."""
    samples = [0.1] * 100_000
    samples[77_777] = 1.0
    peaks = read_peaks(samples)
    assert len(peaks) == BARS
    assert peaks.count(100) == 1
    assert peaks[77_777 * BARS // 100_000] == 100


def test_numbers_beyond_any_clock_do_no_harm() -> None:
    """Huge integers are no levels."""
    assert read_peaks([10**400] * 20) == ()
