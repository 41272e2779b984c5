"""A kernel in which everything goes wrong, a service that repeats the token, and another host."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from kernels import Kernel, Message, kernel
from leaks import TOKEN
from parrots import Answer, Parrot, Stranger
from services import serve

# As somebody would who looks for a fault: all variables of all frames, and every line of the log.
_SETUP = """
import asyncio, logging, os
logging.basicConfig(filename="debug.log", level=logging.DEBUG, force=True)
%load_ext tempolor_magic
%xmode Verbose
import keyring, strongbox
import tempolor_magic as tempolor
from tempolor_magic.api.wire import Patience
from unfolded import forget, tell_all
T, URL, SHORT = os.environ["USEAPI_TOKEN"], os.environ["TEMPOLOR_BASE_URL"], Patience(0.1, 0.2)
"""
_AS_BEFORE = """
os.environ.update(USEAPI_TOKEN=T, TEMPOLOR_BASE_URL=URL)
%config TempolorMagics.base_url = ''
%config TempolorMagics.output = ''
%tempolor stop
forget()
"""


@dataclass
class Scene:
    """A kernel, its folder, and the two hosts it talks to.

    Attributes:
        jobs: How many ids were made up.
        variables: How many variables of frames were looked at.
    """

    kernel: Kernel
    folder: Path
    service: Parrot
    stranger: Stranger
    jobs: int = 0
    variables: int = 0

    def play(self, lines: str, answer: Answer) -> list[Message]:
        """Run *lines* while the service says *answer*; all that is told of it, in every mode."""
        self.service.answer = answer
        told = len(self.kernel.heard)
        replies = [self.run(self.filled(lines)), self.run("%tb Context\n%tb Minimal")]
        return [*self.kernel.heard[told:], *replies]

    def run(self, code: str) -> Message:
        """Run it; the kernel's own answer to that, which holds pages and the error once more."""
        request = self.kernel.start(code)
        self.kernel.finish(request)
        return self.kernel.reply_to(request)

    def unfold(self) -> str:
        """The variables of all our frames behind the last error, which is forgotten then."""
        told = self.kernel.run("tell_all()").text
        self.variables += told.count(" = ")
        return told

    def restore(self) -> None:
        """Set everything as it was; forget the last error."""
        self.kernel.run(_AS_BEFORE)

    def filled(self, lines: str) -> str:
        """*lines* with a job id that was not there before, and with the token."""
        self.jobs += 1
        job_id = f"user:4711-tempolor:1-job:{self.jobs:015}"
        encoded = quote(TOKEN, safe="")
        return lines.replace("ID", job_id).replace("ENCODED", encoded).replace("HERE", TOKEN)


@contextmanager
def playing(folder: Path) -> Iterator[Scene]:
    """A scene in *folder*, which the kernel works and keeps everything in."""
    (folder / "silence.mp3").write_bytes(b"ID3" + bytes(1_000))
    stranger = Stranger()
    with ExitStack() as stack:
        elsewhere = stack.enter_context(serve(stranger)).partition("/v1")[0]
        service = Parrot(elsewhere)
        python_path = [str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")]
        given = {
            "USEAPI_TOKEN": TOKEN,
            "TEMPOLOR_BASE_URL": stack.enter_context(serve(service)),
            "TMPDIR": str(folder),
            "HTTP_PROXY": elsewhere,
            "ALL_PROXY": elsewhere,
            "PYTHON_KEYRING_BACKEND": "strongbox.Safe",
            "PYTHONPATH": os.pathsep.join(python_path),
        }
        k = stack.enter_context(kernel(folder, folder / "kernel.out", **given))
        assert not k.run(_SETUP).error
        yield Scene(k, folder, service, stranger)
