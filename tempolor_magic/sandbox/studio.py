"""Where songs become files, each once, however many ask at the same time.

Its methods take up to half a second of computing and may be called from many threads; the app calls
them off its event loop. It keeps what it made in memory, the latest songs only.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

from tempolor_magic.sandbox import files, music
from tempolor_magic.sandbox.instruments import Samples
from tempolor_magic.sandbox.songs import Song

_KEPT = 40  # about 400 kB each


@dataclass(frozen=True, slots=True)
class Cut:
    """The files of one song."""

    mp3: bytes
    waveform: bytes


class Studio:
    """Renders and remembers. *render* is ``music.render``, or something that counts."""

    def __init__(self, render: Callable[[Song], Samples] | None = None) -> None:
        self._render = render or _perform
        self._lock = Lock()
        self._doors: dict[int, Lock] = {}
        self._cuts: dict[int, Cut] = {}

    def cut(self, song: Song) -> Cut:
        """The files of *song*; whoever comes second waits for the first instead of rendering."""
        with self._lock:
            door = self._doors.setdefault(song.seed, Lock())
        with door:
            cut = self._cuts.get(song.seed)
            if cut is None:
                cut = self._make(song)
                self._keep(song.seed, cut)
        return cut

    def _make(self, song: Song) -> Cut:
        sound = self._render(song)
        waveform = json.dumps({"peaks": files.peaks(sound)}).encode()
        return Cut(files.mp3(sound), waveform)

    def _keep(self, seed: int, cut: Cut) -> None:
        with self._lock:
            self._cuts[seed] = cut
            while len(self._cuts) > _KEPT:
                self._cuts.pop(next(iter(self._cuts)))


def _perform(song: Song) -> Samples:
    return music.render(seed=song.seed, bpm=song.bpm, key=song.key, seconds=song.seconds)
