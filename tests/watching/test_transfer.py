"""Saving over a socket that breaks: the target is whole or absent, and a second try resumes."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from fakes import TOKEN
from filehost import (
    Act,
    Exchange,
    FileHost,
    after,
    authorised,
    cut,
    ignore_range,
    mp3_bytes,
    reset,
    running,
    say,
    stall,
    wav_bytes,
    zip_bytes,
)
from samples import JOB, make_snapshot

from tempolor_magic.api.client import AsyncClient
from tempolor_magic.errors import DownloadFailed, UsageError
from tempolor_magic.watching.clock import SystemClock
from tempolor_magic.watching.connection import Connection
from tempolor_magic.watching.download import read_wish, save
from tempolor_magic.watching.pace import Pace
from tempolor_magic.watching.snapshot import Saving, State

PAGE = say(200, b"<html><body>Please sign in</body></html>")
EXPIRED = say(403, b"expired")
COUNT = 100_000
TRIES = 6  # the first, and five more


@pytest.fixture
def host() -> Iterator[FileHost]:
    """A file host with one MP3."""
    with running(FileHost()) as made:
        yield made


@asynccontextmanager
async def connected(host: FileHost) -> Any:
    """A connection that does not rest for long."""
    async with AsyncClient(TOKEN, base_url=host.url) as client:
        pace = Pace(first_retry=0.01, slowest_retry=0.02)
        yield Connection(client=client, clock=SystemClock(), chance=lambda: 0.0, pace=pace)


def fetch(host: FileHost, to: Path, kind: str = "mp3", **how: Any) -> Path:
    """Save the file of a completed job."""

    async def work() -> Path:
        async with connected(host) as connection:
            wish = read_wish(kind, to, overwrite=how.pop("overwrite", False))
            return await save(connection, make_snapshot(State.COMPLETED), wish, **how)

    return asyncio.run(work())


def parts(folder: Path) -> list[Path]:
    """What is kept of unfinished files."""
    return sorted(folder.glob("*.part"))


@pytest.mark.parametrize(
    ("kind", "content", "media_type", "ending"),
    [
        ("mp3", mp3_bytes(), "audio/mpeg", ".mp3"),
        ("wav", wav_bytes(), "audio/x-wav", ".wav"),
        ("stems", zip_bytes(), "application/zip", " stems.zip"),
    ],
)
def test_a_file_of_each_kind_is_saved_with_its_notes(
    tmp_path: Path, kind: str, content: bytes, media_type: str, ending: str
) -> None:
    """The kind is asked for by its name; nothing but the file and its notes is left."""
    with running(FileHost(content, media_type)) as host:
        path = fetch(host, tmp_path, kind)
    assert path.name == f"Epic Orchestral {JOB.item}{ending}"
    assert path.read_bytes() == content
    (asked,) = [each for each in host.asked if "/download/" in each.path]
    assert asked.query == {"file_format": [kind]}
    assert sorted(each.name for each in tmp_path.iterdir()) == [path.name, f"{path.name}.json"]


def test_the_token_goes_to_the_service_and_never_to_the_file_host(
    host: FileHost, tmp_path: Path
) -> None:
    """However often the file is asked for; and neither it nor an address is in the notes."""
    host.acts = [cut(COUNT), EXPIRED]
    path = fetch(host, tmp_path)
    assert len(host.files) == 3
    assert authorised(host.files) == []
    assert len(authorised(host.asked)) == len(host.asked) - 3
    notes = path.with_name(f"{path.name}.json").read_text()
    for secret in (TOKEN, TOKEN.partition("-")[2], "auth_key", "signed", "/files/"):
        assert secret not in notes
        assert all(secret not in str(each.headers) for each in host.files)


BREAKS: dict[str, Callable[[threading.Event], Act]] = {
    "truncated": lambda _: cut(COUNT),
    "truncated, in chunks": lambda _: cut(COUNT, told="chunks"),
    "reset": lambda arrived: reset(COUNT, arrived),
    "stalled": lambda _: stall(COUNT),
}


@pytest.mark.parametrize("name", BREAKS)
def test_what_breaks_off_goes_on_where_it_broke(host: FileHost, tmp_path: Path, name: str) -> None:
    """Within one call: the rest is asked for, from the same link."""
    arrived = threading.Event()
    host.acts = [BREAKS[name](arrived)]
    path = fetch(host, tmp_path, tell=_tells(arrived), patience=0.5)
    assert path.read_bytes() == host.content
    assert host.starts == [0, COUNT]
    assert len({str(each.query) for each in host.files}) == 1
    assert not parts(tmp_path)


@pytest.mark.parametrize("name", BREAKS)
def test_a_second_try_resumes_what_broke_off_too_often(
    host: FileHost, tmp_path: Path, name: str
) -> None:
    """The target is absent, what has arrived is kept, and the next call asks for the rest only."""
    arrived = threading.Event()
    host.acts = [BREAKS[name](arrived), *[say(503)] * (TRIES - 1)]
    with pytest.raises(DownloadFailed, match="the same line again"):
        fetch(host, tmp_path, tell=_tells(arrived), patience=0.5)
    assert len(host.files) == TRIES
    (part,) = tmp_path.iterdir()
    assert part.read_bytes() == host.content[:COUNT]
    host.asked.clear()
    path = fetch(host, tmp_path)
    assert path.read_bytes() == host.content
    assert host.starts == [COUNT]
    assert not parts(tmp_path)


@pytest.mark.parametrize(
    ("acts", "said"),
    [
        ([EXPIRED] * 3, "time is over"),
        ([PAGE], "a page in the place of the file"),
        ([say(200, b'{"error":"x"}', "application/json")], "a page"),
        ([say(200, b"<?xml?>", "application/xml")], "a page"),
        ([say(302, Location="https://elsewhere.example.com/a.mp3")], "not followed"),
        ([say(418)], "HTTP 418"),
    ],
    ids=["expired", "html", "json", "xml", "redirect", "refused"],
)
def test_a_refusal_keeps_what_has_arrived(
    host: FileHost, tmp_path: Path, acts: list[Act], said: str
) -> None:
    """After a break: nothing is written of what is no file, and a second try resumes."""
    host.acts = [cut(COUNT), *acts]
    with pytest.raises(DownloadFailed, match=said):
        fetch(host, tmp_path)
    assert len(host.files) == 1 + len(acts)
    (part,) = tmp_path.iterdir()
    assert part.read_bytes() == host.content[:COUNT]
    host.asked.clear()
    assert fetch(host, tmp_path).read_bytes() == host.content
    assert host.starts == [COUNT]


@pytest.mark.parametrize(
    "act",
    [
        *(say(200, b"<html></html>", kind) for kind in ("text/html", "audio/mpeg", "")),
        say(200, b"", "audio/mpeg"),
        say(200, wav_bytes(), "audio/mpeg"),
        say(200, "<html>".encode("utf-16"), "audio/mpeg"),
        say(302, Location="https://elsewhere.example.com/a.mp3"),
    ],
)
def test_what_is_no_file_leaves_nothing_and_a_second_try_brings_it(
    host: FileHost, tmp_path: Path, act: Act
) -> None:
    """Whatever is said of its type, its first bytes are looked at before any is written."""
    host.acts = [act]
    with pytest.raises(DownloadFailed):
        fetch(host, tmp_path)
    assert list(tmp_path.iterdir()) == []
    assert fetch(host, tmp_path).read_bytes() == host.content


def test_a_page_with_status_200_does_not_destroy_what_has_arrived(
    host: FileHost, tmp_path: Path
) -> None:
    """A host that ignores the range and sends something else is not believed."""
    host.acts = [cut(COUNT), say(200, b"<html>not audio at all</html>", "audio/mpeg")]
    with pytest.raises(DownloadFailed):
        fetch(host, tmp_path)
    (part,) = parts(tmp_path)
    assert part.read_bytes() == host.content[:COUNT]


def test_an_expired_link_is_never_used_again(host: FileHost, tmp_path: Path) -> None:
    """403 asks the service for a fresh link, twice at most."""
    host.acts = [EXPIRED, cut(COUNT), EXPIRED]
    assert fetch(host, tmp_path).read_bytes() == host.content
    keys = [each.query["auth_key"][0] for each in host.files]
    assert keys == ["signed-1", "signed-2", "signed-2", "signed-3"]


def test_a_service_that_repeats_an_expired_link_is_not_obeyed(
    host: FileHost, tmp_path: Path
) -> None:
    """The dead address is asked for once."""
    host.acts = [EXPIRED] * 9
    host.links = [(200, {"url": f"{host.address}/files/mp3?auth_key=old"})] * 9
    with pytest.raises(DownloadFailed, match="time is over"):
        fetch(host, tmp_path)
    assert len(host.files) == 1


def test_a_host_that_ignores_the_range_is_read_from_the_start(
    host: FileHost, tmp_path: Path
) -> None:
    """The first bytes are not there twice."""
    host.acts = [cut(COUNT), ignore_range]
    assert fetch(host, tmp_path).read_bytes() == host.content
    assert host.starts == [0, COUNT]


@pytest.mark.parametrize("etag", ['"v2"', ""])
def test_a_file_that_has_changed_is_begun_anew(host: FileHost, tmp_path: Path, etag: str) -> None:
    """Another version, told by its mark or by its length, is never mixed with the old one."""
    _leave_a_part(host, tmp_path)
    host.etag, host.content = etag, mp3_bytes(4) + mp3_bytes(310_000)[::-1]
    assert fetch(host, tmp_path).read_bytes() == host.content
    assert host.starts[0] == COUNT
    assert 0 in host.starts
    assert not parts(tmp_path)


def test_a_file_that_has_become_shorter_is_begun_anew(host: FileHost, tmp_path: Path) -> None:
    """416: what was kept is more than there is."""
    _leave_a_part(host, tmp_path)
    host.content = mp3_bytes(5_000)
    assert fetch(host, tmp_path).read_bytes() == host.content


@pytest.mark.parametrize("etag", ['"v1"', ""])
def test_a_part_that_is_whole_already_becomes_the_file(
    host: FileHost, tmp_path: Path, etag: str
) -> None:
    """Left behind just before it got its name: 416 tells that nothing is missing."""
    host.etag = etag
    whole = host.content
    _leave_a_part(host, tmp_path)
    (part,) = parts(tmp_path)
    part.write_bytes(whole)
    assert fetch(host, tmp_path).read_bytes() == whole
    assert host.starts == [len(whole)] if not etag else [len(whole), 0]


@pytest.mark.parametrize(
    ("acts", "starts"),
    [
        ([cut(300_000, told="close")], [0, 300_000]),
        ([cut(COUNT, told="close")], [0, COUNT]),
        ([cut(COUNT, told="close"), cut(COUNT, told="close")], [0, COUNT, 2 * COUNT]),
        ([cut(COUNT, told="close"), ignore_range], [0, COUNT]),
        ([cut(300_000, told="close")] * 2, [0, 300_000]),
        ([cut(300_000, told="chunks")], [0]),
    ],
    ids=["whole", "cut", "cut twice", "cut, no ranges", "whole twice", "whole, in chunks"],
)
def test_an_end_that_nobody_announced_is_asked_about(
    host: FileHost, tmp_path: Path, acts: list[Act], starts: list[int]
) -> None:
    """Without a length a closed connection looks like the end: the host is asked for more."""
    host.etag = ""
    host.acts = acts
    assert fetch(host, tmp_path).read_bytes() == host.content
    assert host.starts[: len(starts)] == starts


def test_passing_trouble_of_the_host_is_waited_for(host: FileHost, tmp_path: Path) -> None:
    """404 while the file has not reached it yet, busy, broken: told, and tried again."""
    host.acts = [say(404), say(429, Retry_After="0"), say(503), say(524)]
    notes: list[str] = []
    path = fetch(host, tmp_path, tell=lambda saving: notes.append(saving.note))
    assert path.read_bytes() == host.content
    assert next(note for note in notes if "HTTP" in note).startswith("the file host has trouble")
    assert len(host.files) == 5


def test_a_host_that_wants_to_be_left_alone_for_long_is_left_alone(
    host: FileHost, tmp_path: Path
) -> None:
    """Neither asked too early nor waited for an hour."""
    host.acts = [say(429, Retry_After="3600")]
    with pytest.raises(DownloadFailed, match="HTTP 429"):
        fetch(host, tmp_path)
    assert len(host.files) == 1


def test_progress_only_grows_and_ends_with_all(host: FileHost, tmp_path: Path) -> None:
    """Through a break, too; the whole is known from the first bytes on."""
    host.acts = [cut(COUNT)]
    told: list[Saving] = []
    fetch(host, tmp_path, tell=told.append)
    amounts = [saving.done for saving in told]
    assert amounts == sorted(amounts)
    assert amounts[-1] == len(host.content)
    assert {saving.whole for saving in told} == {len(host.content)}


def test_cancelling_keeps_what_has_arrived_and_the_same_call_resumes(
    host: FileHost, tmp_path: Path
) -> None:
    """The transfer stops at once; the lock on the part is let go of."""
    host.acts = [stall(COUNT)]

    async def work() -> None:
        arrived = asyncio.Event()

        def tell(saving: Saving) -> None:
            if saving.done == COUNT:
                arrived.set()

        async with connected(host) as connection:
            saving = asyncio.create_task(
                save(connection, make_snapshot(State.COMPLETED), read_wish(to=tmp_path), tell=tell)
            )
            await arrived.wait()
            saving.cancel()
            with suppress(asyncio.CancelledError):
                await saving

    asyncio.run(work())
    (part,) = tmp_path.iterdir()
    assert part.read_bytes() == host.content[:COUNT]
    assert fetch(host, tmp_path).read_bytes() == host.content
    assert host.starts == [0, COUNT]
    assert not parts(tmp_path)


def test_two_at_once_write_parts_of_their_own(host: FileHost, tmp_path: Path) -> None:
    """As two kernels do: both end with the one whole file, and nothing else is left."""
    both = threading.Barrier(2)

    def meet(exchange: Exchange) -> None:
        both.wait(30)
        exchange.send(host.content[COUNT:])

    host.acts = [after(COUNT, meet)] * 2

    async def work() -> tuple[Path, Path]:
        async with connected(host) as one, connected(host) as other:
            wish = read_wish(to=tmp_path)
            job = make_snapshot(State.COMPLETED)
            return await asyncio.gather(save(one, job, wish), save(other, job, wish))

    first, second = asyncio.run(work())
    assert first == second
    assert first.read_bytes() == host.content
    assert host.starts == [0, 0]
    assert sorted(each.name for each in tmp_path.iterdir()) == [first.name, f"{first.name}.json"]


def test_a_zip_that_cannot_be_read_is_no_file(tmp_path: Path) -> None:
    """It has all its bytes and begins like one; without a directory it is given up."""
    broken = zip_bytes()[:-30] + b"\0" * 30
    with running(FileHost(zip_bytes(), "application/zip", etag="")) as host:
        host.acts = [say(200, broken, "application/zip")]
        with pytest.raises(DownloadFailed, match="no ZIP of stems"):
            fetch(host, tmp_path, "stems")
        assert list(tmp_path.iterdir()) == []
        assert fetch(host, tmp_path, "stems").read_bytes() == host.content


def test_what_another_made_meanwhile_is_not_overwritten(host: FileHost, tmp_path: Path) -> None:
    """A file that comes to exist while ours is on its way stays as it is."""
    target = tmp_path / "mine.mp3"

    def interfere(exchange: Exchange) -> None:
        target.write_bytes(b"precious")
        exchange.send(host.content[COUNT:])

    host.acts = [after(COUNT, interfere)]
    with pytest.raises(UsageError, match="left alone"):
        fetch(host, target)
    assert target.read_bytes() == b"precious"
    assert fetch(host, target, overwrite=True).read_bytes() == host.content


def test_notes_that_are_missing_are_made_for_what_is_there(host: FileHost, tmp_path: Path) -> None:
    """Something ended between the file and its notes: the next call mends it, without a request."""
    path = fetch(host, tmp_path)
    notes = path.with_name(f"{path.name}.json")
    before = json.loads(notes.read_text())
    notes.unlink()
    asked = len(host.asked)
    assert fetch(host, tmp_path) == path
    assert len(host.asked) == asked
    after_ = json.loads(notes.read_text())
    assert {**after_, "downloaded": ""} == {**before, "downloaded": ""}


def _leave_a_part(host: FileHost, folder: Path) -> None:
    """End a download in the middle."""
    host.acts = [cut(COUNT), PAGE]
    with pytest.raises(DownloadFailed):
        fetch(host, folder)
    host.asked.clear()
    assert host.acts == []
    assert len(parts(folder)) == 1


def _tells(arrived: threading.Event) -> Callable[[Saving], None]:
    def tell(saving: Saving) -> None:
        if saving.done >= COUNT:
            arrived.set()

    return tell
