"""Where pieces become files, each once, however many ask at the same time.

Its methods take up to a second of computing and may be called from many threads; the app calls
them off its event loop. It keeps what it made in memory, within a limit.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Lock

from tempolor_magic.sandbox import files, music
from tempolor_magic.sandbox.formats import Format
from tempolor_magic.sandbox.music import Stems
from tempolor_magic.sandbox.songs import Song
from tempolor_magic.sandbox.store import Store

_MOST_BYTES = 96 * 1024 * 1024
_WAVEFORM = "waveform"


class Studio:
    """Renders and remembers. *render* is ``music.render_stems``, or something that counts."""

    def __init__(
        self, render: Callable[[Song], Stems] | None = None, *, most_bytes: int = _MOST_BYTES
    ) -> None:
        self._render = render or _perform
        self._lock = Lock()
        # One piece at a time, and always in the same thread: rendering takes up to 170 MB, which
        # the system's allocator would keep for each thread that ever did it.
        self._desk = ThreadPoolExecutor(max_workers=1, thread_name_prefix="studio")
        self._doors: dict[Song, Lock] = {}
        self._kept: Store[tuple[Song, str]] = Store(most_bytes=most_bytes)

    def file(self, song: Song, kind: Format) -> bytes:
        """A file of *song*; whoever comes second waits for the first instead of rendering."""
        return self._product(song, kind)

    def waveform(self, song: Song) -> bytes:
        """The outline of the sound as JSON, made together with the MP3."""
        return self._product(song, _WAVEFORM)

    def _product(self, song: Song, name: str) -> bytes:
        with self._lock:
            door = self._doors.setdefault(song, Lock())
        with door:
            with self._lock:
                found = self._kept.get((song, name))
            return self._made(song, name) if found is None else found

    def _made(self, song: Song, name: str) -> bytes:
        products = self._desk.submit(lambda: _products(self._render(song), name)).result()
        with self._lock:
            for each, content in products.items():
                self._kept.put((song, each), content)
        return products[name]


def _products(stems: Stems, name: str) -> dict[str, bytes]:
    """What is wanted by that name, and what comes with it anyway."""
    match name:
        case Format.STEMS:
            return {name: files.stems_zip(stems)}
        case Format.WAV:
            return {name: files.wav(music.mixed(stems))}
        case _:
            sound = music.mixed(stems)
            waveform = json.dumps({"peaks": files.peaks(sound)}).encode()
            return {Format.MP3: files.mp3(sound), _WAVEFORM: waveform}


def _perform(song: Song) -> Stems:
    return music.render_stems(
        seed=song.seed, bpm=song.bpm, key=song.key, seconds=song.seconds, chords=song.chords
    )
