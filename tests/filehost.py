"""A service and its file host on one real socket, which breaks in every way that networks do."""

from __future__ import annotations

import json
import re
import socket
import socketserver
import struct
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from urllib.parse import parse_qs, urlsplit
from zipfile import ZipFile

from samples import make_document

BASE_PATH = "/v1/tempolor"
PATIENCE = 30.0


def mp3_bytes(length: int = 300_000) -> bytes:
    """Something that begins like an MP3, no two places of which are alike."""
    return b"\xff\xfb\x90\x00" + _noise(length - 4)


def wav_bytes(length: int = 400_000) -> bytes:
    """Likewise, a WAV."""
    return b"RIFF" + struct.pack("<I", length - 8) + b"WAVEfmt " + _noise(length - 16)


def zip_bytes() -> bytes:
    """A ZIP of two stems."""
    packed = BytesIO()
    with ZipFile(packed, "w") as archive:
        archive.writestr("vocals.wav", wav_bytes(50_000))
        archive.writestr("drums.wav", wav_bytes(60_000))
    return packed.getvalue()


def _noise(length: int) -> bytes:
    return b"".join(struct.pack("<I", n * 2_654_435_761 % 2**32) for n in range(length // 4 + 1))[
        :length
    ]


@dataclass(frozen=True)
class Request:
    """What was asked, header names in lower case."""

    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]

    @property
    def is_file(self) -> bool:
        """Whether all of a file is wanted, or the rest of it; a player wants its beginning."""
        first_bytes = re.fullmatch(r"bytes=0-\d+", self.headers.get("range", ""))
        return self.path.startswith("/files/") and not first_bytes

    @property
    def start(self) -> int:
        """The first byte asked for."""
        found = re.fullmatch(r"bytes=(\d+)-", self.headers.get("range", ""))
        return int(found[1]) if found else 0


class Exchange:
    """One request and the connection it came by."""

    def __init__(self, host: FileHost, request: Request, connection: socket.socket) -> None:
        self.host = host
        self.request = request
        self._connection = connection

    def head(self, status: int, **headers: object) -> None:
        """The status line and the headers."""
        lines = [f"HTTP/1.1 {status} Told", "Connection: close"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        self.send("\r\n".join([*lines, "", ""]).encode())

    def send(self, data: bytes) -> None:
        """Bytes of the body."""
        self._connection.sendall(data)

    def reset(self) -> None:
        """Break the connection hard: no orderly end reaches the other side."""
        self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._connection.close()

    def until_gone(self) -> None:
        """Say nothing more until the other side has gone."""
        self._connection.settimeout(PATIENCE)
        while self._connection.recv(1024):
            pass


Act = Callable[[Exchange], None]


@dataclass
class FileHost:
    """What it has, what it will do to the next requests for files, and what it was asked.

    ``acts`` are done one for each request; after them files are served as they should be.
    ``links`` are answers to questions for an address, likewise: a status and a body. ``told`` are
    answers of the service that stay, by the end of the path.
    """

    content: bytes = field(default_factory=mp3_bytes)
    media_type: str = "audio/mpeg"
    etag: str = '"v1"'
    acts: list[Act] = field(default_factory=list)
    links: list[tuple[int, object]] = field(default_factory=list)
    told: dict[str, tuple[int, object]] = field(default_factory=dict)
    asked: list[Request] = field(default_factory=list)
    address: str = ""
    made_links: int = 0

    @property
    def url(self) -> str:
        """The base URL of the service."""
        return f"{self.address}{BASE_PATH}"

    @property
    def files(self) -> list[Request]:
        """The requests for files, in order."""
        return [each for each in self.asked if each.is_file]

    @property
    def starts(self) -> list[int]:
        """Where each of them wanted to begin."""
        return [each.start for each in self.files]

    def answer(self, exchange: Exchange) -> None:
        """What the service says, or what is done to the file."""
        request = exchange.request
        if request.path.startswith("/files/"):
            acts = self.acts if request.is_file else []
            (acts.pop(0) if acts else serve_well)(exchange)
            return
        status, document = self._say(request)
        body = json.dumps(document).encode()
        exchange.head(status, Content_Length=len(body), Content_Type="application/json")
        exchange.send(body)

    def _say(self, request: Request) -> tuple[int, object]:
        for ending, answer in self.told.items():
            if request.path.endswith(ending):
                return answer
        if "/download/" in request.path:
            return self._link(request.query["file_format"][0])
        return 200, make_document(job_id=request.path.rpartition("/")[2])

    def _link(self, kind: str) -> tuple[int, object]:
        if self.links:
            return self.links.pop(0)
        self.made_links += 1
        url = f"{self.address}/files/{kind}?auth_key=signed-{self.made_links}"
        return 200, {"url": url, "remainSeconds": 0}


def serve_well(exchange: Exchange) -> None:
    """The file, or the part of it that was asked for."""
    host, start = exchange.host, exchange.request.start
    total = len(host.content)
    shared = {"ETag": host.etag, "Accept_Ranges": "bytes", "Content_Type": host.media_type}
    if start >= total:
        exchange.head(416, Content_Range=f"bytes */{total}", Content_Length=0, **shared)
        return
    body = host.content[start:]
    if start:
        shared["Content_Range"] = f"bytes {start}-{total - 1}/{total}"
    exchange.head(206 if start else 200, Content_Length=len(body), **shared)
    exchange.send(body)


def ignore_range(exchange: Exchange) -> None:
    """The whole file, whatever was asked for."""
    host = exchange.host
    exchange.head(200, Content_Length=len(host.content), Content_Type=host.media_type)
    exchange.send(host.content)


def say(status: int, body: bytes = b"", media_type: str = "text/html", **headers: object) -> Act:
    """Something else in the place of the file."""

    def act(exchange: Exchange) -> None:
        exchange.head(status, Content_Length=len(body), Content_Type=media_type, **headers)
        exchange.send(body)

    return act


def cut(count: int, *, told: str = "length") -> Act:
    """End in good order after *count* bytes of what was asked for.

    Args:
        count: Bytes that are sent.
        told: How the end is told of: ``length`` announces all bytes, ``chunks`` would end in an
            empty one, ``close`` ends with the connection.
    """

    def act(exchange: Exchange) -> None:
        host, start = exchange.host, exchange.request.start
        body = host.content[start:]
        headers: dict[str, object] = {"Content_Type": host.media_type, "ETag": host.etag}
        if told == "length":
            headers["Content_Length"] = len(body)
        elif told == "chunks":
            headers["Transfer_Encoding"] = "chunked"
        if start:
            total = len(host.content) if told == "length" else "*"
            headers["Content_Range"] = f"bytes {start}-{len(host.content) - 1}/{total}"
        exchange.head(206 if start else 200, **headers)
        sent = body[:count]
        exchange.send(f"{len(sent):x}\r\n".encode() + sent + b"\r\n" if told == "chunks" else sent)
        if told == "chunks" and count >= len(body):
            exchange.send(b"0\r\n\r\n")

    return act


def after(count: int, then: Callable[[Exchange], object]) -> Act:
    """Send *count* bytes of what was asked for, then do something."""

    def act(exchange: Exchange) -> None:
        cut(count)(exchange)
        then(exchange)

    return act


def stall(count: int) -> Act:
    """Fall silent after *count* bytes."""
    return after(count, Exchange.until_gone)


def reset(count: int, arrived: threading.Event) -> Act:
    """Break the connection hard once *arrived* tells that the first *count* bytes are there."""

    def break_it(exchange: Exchange) -> None:
        assert arrived.wait(PATIENCE)
        exchange.reset()

    return after(count, break_it)


@contextmanager
def running(host: FileHost) -> Iterator[FileHost]:
    """Serve *host* in threads of the test's own process."""

    class Handler(socketserver.StreamRequestHandler):
        """One request for each connection."""

        def handle(self) -> None:
            request = _read(iter(self.rfile.readline, b""))
            if request is not None:
                host.asked.append(request)
                try:
                    host.answer(Exchange(host, request, self.connection))
                except OSError:
                    return  # the other side has gone

        def finish(self) -> None:
            try:
                super().finish()
            except OSError:
                return

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        allow_reuse_address = True

    with Server(("127.0.0.1", 0), Handler) as server:
        host.address = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield host
        finally:
            server.shutdown()
            thread.join(PATIENCE)


def _read(lines: Iterator[bytes]) -> Request | None:
    first = next(lines, b"").decode().split()
    if len(first) != 3:
        return None
    headers: dict[str, str] = {}
    for line in lines:
        name, _, value = line.decode().strip().partition(":")
        if not name:
            break
        headers[name.lower()] = value.strip()
    parts = urlsplit(first[1])
    return Request(parts.path, parse_qs(parts.query), headers)


def authorised(requests: Sequence[Request]) -> list[Request]:
    """Those that carried a token."""
    return [each for each in requests if "authorization" in each.headers]
