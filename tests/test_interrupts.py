"""Kernel > Interrupt and Ctrl-C against a service that does not answer: only the waiting ends."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pexpect
import pytest
from fakes import TOKEN
from kernels import NOBODY, Kernel, Message, kernel
from services import Stalled, practice_app, practice_world, serve

from tempolor_magic.sandbox.orders import Order

PATIENCE = 60.0
OTHER = "user:4711-tempolor:100198329-job:abcdef123456789"
# Tells, from a thread, that the main thread has come to wait.
HELPER = """
import sys, threading, time
import tempolor_magic as tempolor
def tell():
    frame = sys._current_frames()[threading.main_thread().ident]
    while frame is not None and frame.f_code.co_name != "wait_for":
        frame = frame.f_back
    if frame is None:
        threading.Timer(0.02, tell).start()
    else:
        print("it" + " waits", flush=True)
"""
JOB = "job = %tempolor watch {job} --interval 0.5"
JOBS = "jobs = %tempolor watch {job} {other} --interval 0.5"
# What blocks, and what is said when it is interrupted.
CASES = [
    ("%tempolor wait", "the job goes on → %tempolor wait waits again"),
    ("job.result()", "the job goes on → %tempolor wait waits again"),
    ("job.exception(timeout=600)", "the job goes on → %tempolor wait waits again"),
    ("jobs.result()", "the job goes on → %tempolor wait waits again"),
    ("%tempolor watch {job} --wait", "the job goes on → %tempolor wait waits again"),
    ("%tempolor download {job}", "the same line again goes on from there"),
    ("job.download()", "the same line again goes on from there"),
    ("jobs.download(to='music')", "the same line again goes on from there"),
    ("%tempolor song rain", "nothing was made"),
    ("tempolor.song('rain')", "nothing was made"),
    ("%tempolor list", "nothing was changed"),
    ("%tempolor slots", "nothing was changed"),
    ("%tempolor delete {other} --yes", "it may have been done → %tempolor list"),
    ("%tempolor status {other}", "nothing was changed"),
]


def sign_of(code: str) -> str:
    """What is printed once the cell waits for what it is to be interrupted in."""
    return "All slots are taken" if "song" in code else "it waits"


@pytest.mark.kernel
def test_interrupting_a_kernel_ends_the_waiting_and_nothing_else(tmp_path: Path) -> None:
    """One line each time; nothing more is asked, the job is watched on, and comes in the end."""
    world = practice_world()
    service = Stalled(practice_app(world))
    job_id = world.submit(Order("rain"), now=time.time()).id
    with (
        serve(service) as url,
        kernel(tmp_path, USEAPI_TOKEN=TOKEN, TEMPOLOR_BASE_URL=url) as k,
    ):
        k.run(f"%load_ext tempolor_magic\n{HELPER}")
        for line in (JOB, JOBS):
            assert not k.run(line.format(job=job_id, other=OTHER)).error
        service.until(2, "/music/user")
        for code, said in CASES:
            error = interrupted(k, code.format(job=job_id, other=OTHER))
            assert said in error, code
            assert "\n" not in error, error
            service.until(2, "/")  # the two that are watched, and what was asked for is not
        assert k.run("print({job.state, *(each.state for each in jobs)})").text == "{'WAITING'}\n"
        service.open()
        assert k.run("print(job.result(60).final)").text == "True\n"


def interrupted(k: Kernel, code: str) -> str:
    """What a cell says that is interrupted while it waits."""
    heard, sign = len(k.heard), sign_of(code)
    request = k.start(f"tell()\n{code}")

    def waits(message: Message) -> bool:
        return message in k.heard[heard:] and sign in str(message["content"].get("text"))

    k.listen(waits)
    k.interrupt()
    return k.finish(request).error


def test_ctrl_c_in_a_terminal_does_the_same(tmp_path: Path) -> None:
    """IPython without a kernel: one line, the prompt is back, and the job comes in the end."""
    world = practice_world()
    service = Stalled(practice_app(world))
    job_id = world.submit(Order("rain"), now=time.time()).id
    (tmp_path / "helper.py").write_text(HELPER)
    with serve(service) as url, terminal(tmp_path, url) as shell:
        shell.enter("%load_ext tempolor_magic")
        shell.enter("from helper import *")
        shell.enter(JOB.format(job=job_id))
        shell.enter(JOBS.format(job=job_id, other=OTHER))
        for code, said in CASES:
            shell.child.sendline("tell()")
            shell.child.sendline(code.format(job=job_id, other=OTHER))
            shell.child.expect_exact(sign_of(code))
            shell.child.sendintr()
            shell.child.expect_exact("Interrupted: stop")
            shell.child.expect_exact(said)
            shell.until_prompt()
        service.open()
        shell.child.sendline("print('final', job.result(60).final)")
        shell.child.expect_exact("final True")


class Terminal:
    """IPython at a terminal of its own."""

    def __init__(self, child: Any) -> None:
        self.child = child

    def enter(self, line: str) -> None:
        """Type a line and wait for the next prompt."""
        self.child.sendline(line)
        self.until_prompt()

    def until_prompt(self) -> None:
        """Wait until the next line can be typed."""
        self.child.expect(r"In \[\d+\]: ")


@contextmanager
def terminal(folder: Path, url: str) -> Iterator[Terminal]:
    """IPython, at its first prompt."""
    private = {**NOBODY, "USEAPI_TOKEN": TOKEN, "TEMPOLOR_BASE_URL": url, "TERM": "xterm"}
    private |= {name: str(folder / "settings") for name in ("IPYTHONDIR", "XDG_DATA_HOME")}
    child = pexpect.spawn(
        sys.executable,
        ["-m", "IPython", "--no-banner", "--colors=NoColor", "--simple-prompt"],
        cwd=str(folder),
        env={**os.environ, **private},
        dimensions=(60, 400),
        timeout=PATIENCE,
        encoding="utf-8",
    )
    try:
        shell = Terminal(child)
        shell.until_prompt()
        yield shell
    finally:
        child.close(force=True)
