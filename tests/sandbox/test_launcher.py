"""The sandbox as a process: started, shared, called and stopped."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tempolor_magic.sandbox import announcement, launcher
from tempolor_magic.sandbox.launcher import Running, SandboxError

ROOT = Path(launcher.__file__).parents[2]


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder of its own for each test; whatever runs in it ends with the test."""
    yield tmp_path
    launcher.stop(tmp_path)


def call(running: Running, method: str, path: str, body: object = None) -> tuple[int, object]:
    """One API call over the real socket: status and document."""
    address = urlsplit(running.url)
    assert address.hostname is not None
    connection = HTTPConnection(address.hostname, address.port, timeout=10)
    headers = {"Authorization": f"Bearer {running.token}"}
    connection.request(method, address.path + path, json.dumps(body), headers)
    answer = connection.getresponse()
    document = json.loads(answer.read())
    connection.close()
    return answer.status, document


def test_start_share_call_stop(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second start finds the first one's sandbox; after the stop nothing is left."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert launcher.find(folder) is None
    assert not launcher.stop(folder)
    running, fresh = launcher.start(folder, speed=30)
    assert (fresh, running.speed) == (True, 30)
    assert launcher.start(folder, speed=2) == (running, False)
    assert launcher.find(folder) == running
    status, said = call(running, "POST", "/music/song", {"prompt": "rain"})
    assert status == 200
    assert isinstance(said, dict)
    status, said = call(running, "GET", f"/music/{said['jobs'][0]}")
    assert isinstance(said, dict)
    assert (status, said["status_name"]) == (200, "GENERATING")
    announce = folder / "sandbox.json"
    if os.name == "posix":
        assert announce.stat().st_mode & 0o777 == 0o600
    assert running.token not in repr(running)
    assert launcher.stop(folder)
    assert not announce.exists()
    assert launcher.find(folder) is None


def test_starts_at_the_same_time_share_one_process(folder: Path) -> None:
    """Four at once: one starts it, all get it."""
    with ThreadPoolExecutor(4) as threads:
        started = list(threads.map(lambda _: launcher.start(folder, speed=30), range(4)))
    assert len({running.pid for running, _ in started}) == 1
    assert sorted(fresh for _, fresh in started) == [False, False, False, True]
    assert not (folder / "sandbox.lock").exists()


def test_a_start_that_fails_says_why(folder: Path) -> None:
    """The last line of the process's log is in the message, and the lock is free again."""
    with pytest.raises(SandboxError, match="above zero"):
        launcher.start(folder, speed=-1)
    with pytest.raises(SandboxError, match="No such file"):
        launcher.start(folder, speed=1, python=str(folder / "no-python"))
    assert not (folder / "sandbox.lock").exists()


def test_what_a_dead_process_left_is_no_hindrance(folder: Path) -> None:
    """An announcement nobody answers for and an old lock are swept away."""
    gone = Running("http://127.0.0.1:9/v1/tempolor", "user:1-x", 999_999, 1.0)
    announcement.write(folder / "sandbox.json", gone)
    lock = folder / "sandbox.lock"
    lock.touch()
    os.utime(lock, (0, 0))
    assert launcher.find(folder) is None
    running, fresh = launcher.start(folder, speed=30)
    assert fresh
    assert running != gone


@pytest.mark.parametrize("content", ["", "{", "[]", '{"url": "x"}', '{"url": 1, "token": 2}'])
def test_a_broken_announcement_is_none(folder: Path, content: str) -> None:
    """Nothing readable means no sandbox."""
    (folder / "sandbox.json").write_text(content)
    assert launcher.find(folder) is None


def test_the_token_is_sent_to_loopback_only(folder: Path) -> None:
    """An announcement that points elsewhere is not followed."""
    elsewhere = Running("http://192.0.2.1:80/v1/tempolor", "user:1-x", 1, 1.0)
    announcement.write(folder / "sandbox.json", elsewhere)
    assert launcher.find(folder) is None


def test_an_announcement_is_withdrawn_by_its_owner_only(tmp_path: Path) -> None:
    """A successor's file stays."""
    path = tmp_path / "deep" / "sandbox.json"
    first, second = (Running("http://127.0.0.1:9", f"user:{n}-x", n, 1.0) for n in (1, 2))
    announcement.write(path, first)
    announcement.write(path, second)
    announcement.withdraw(path, first)
    assert announcement.read(path) == second
    announcement.withdraw(path, second)
    assert not path.exists()


def run_by_hand(announce: Path, *more: str) -> subprocess.Popen[bytes]:
    """The sandbox as a person would start it."""
    command = [sys.executable, "-m", "tempolor_magic.sandbox", "--announce", str(announce), *more]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)


def until_announced(announce: Path, process: subprocess.Popen[bytes]) -> Running:
    """Wait for the announcement, or fail with the process."""
    while process.poll() is None:
        running = announcement.read(announce)
        if running is not None:
            return running
        time.sleep(0.02)
    raise AssertionError("the sandbox ended before it began")


@pytest.mark.skipif(os.name != "posix", reason="signals as POSIX has them")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly(tmp_path: Path, number: signal.Signals) -> None:
    """Status 0, nothing said, announcement gone."""
    announce = tmp_path / "here.json"
    with run_by_hand(announce, "--seed", "1") as process:
        running = until_announced(announce, process)
        assert running.pid == process.pid
        process.send_signal(number)
        said, _ = process.communicate(timeout=10)
    assert (process.returncode, said) == (0, b"")
    assert not announce.exists()


def test_it_can_have_several_accounts(tmp_path: Path) -> None:
    """Ten slots each; without any it does not start."""
    announce = tmp_path / "here.json"
    with run_by_hand(announce, "--accounts", "2") as process:
        status, said = call(until_announced(announce, process), "GET", "/scheduler/available")
        process.terminate()
    assert isinstance(said, dict)
    assert status == 200
    assert [account["available"] for account in said["available"]] == [10, 10]
    with run_by_hand(announce, "--accounts", "0") as process:
        assert process.wait(timeout=20) == 2


def test_a_cut_download_can_be_taken_up(folder: Path) -> None:
    """Over the real socket: the first part, then the rest, are the whole."""
    running, _ = launcher.start(folder, speed=1_000_000)
    _, said = call(running, "POST", "/music/instrumental", {"prompt": "rain", "bpm": 190})
    assert isinstance(said, dict)
    _, said = call(running, "GET", f"/music/download/{said['jobs'][0]}?file_format=wav")
    assert isinstance(said, dict)
    parts = [file_of(said["url"], part) for part in ("0-99999", "100000-", "0-")]
    assert [len(part) for part in parts] == [100_000, len(parts[2]) - 100_000, len(parts[2])]
    assert parts[0] + parts[1] == parts[2]
    assert parts[2][:4] == b"RIFF"


def file_of(url: str, part: str) -> bytes:
    """A part of a file, as long as its answer said."""
    address = urlsplit(url)
    assert address.hostname is not None
    connection = HTTPConnection(address.hostname, address.port, timeout=30)
    connection.request("GET", f"{address.path}?{address.query}", None, {"Range": f"bytes={part}"})
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    assert answer.status == 206
    assert int(answer.headers["Content-Length"]) == len(content)
    return content


def test_an_idle_sandbox_ends_by_itself(tmp_path: Path) -> None:
    """Nobody called and no job runs: it goes, and takes its announcement along."""
    announce = tmp_path / "here.json"
    with run_by_hand(announce, "--idle-minutes", "0.001") as process:
        assert process.wait(timeout=20) == 0
    assert not announce.exists()


def test_the_launcher_needs_the_standard_library_only() -> None:
    """It can be asked what is missing where everything is missing."""
    heavy = "{'starlette', 'uvicorn', 'lameenc', 'numpy'}"
    code = (
        "import sys; from tempolor_magic.sandbox import launcher; "
        f"assert not {heavy} & set(sys.modules); print(launcher.missing_packages())"
    )
    answer = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True)
    assert answer.stdout.strip() == b"[]"


def test_the_process_never_sees_the_real_token(monkeypatch: pytest.MonkeyPatch) -> None:
    """It stays behind when the environment is handed on."""
    monkeypatch.setenv("USEAPI_TOKEN", "user:1-real")
    assert "user:1-real" not in launcher._environment().values()


def test_missing_packages_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the names that pip knows."""
    monkeypatch.setattr(launcher, "find_spec", lambda name: None if name == "lameenc" else name)
    assert launcher.missing_packages() == ["lameenc"]
