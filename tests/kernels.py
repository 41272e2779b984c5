"""A real ipykernel, driven over its sockets as a front end would."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from queue import Empty
from types import MappingProxyType
from typing import IO, Any

from jupyter_client.manager import KernelManager

# The environment of a user without settings, whoever runs the tests.
NOBODY = {
    "USEAPI_TOKEN": "",
    "TEMPOLOR_BASE_URL": "",
    "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
}
Message = dict[str, Any]
# Seconds after which a kernel that says nothing is taken to hang. No test waits for it to pass.
PATIENCE = 60.0


class Kernel:
    """One kernel; ``heard`` is everything it has published so far."""

    def __init__(
        self,
        folder: Path,
        environ: dict[str, str],
        streams: Mapping[str, IO[bytes]] = MappingProxyType({}),
    ) -> None:
        self.heard: list[Message] = []
        self._replies: dict[str, Message] = {}
        self._manager = KernelManager(kernel_name="python3")
        self._manager.start_kernel(cwd=str(folder), env={**os.environ, **environ}, **streams)
        self._client = self._manager.client()
        self._client.start_channels()
        self._client.wait_for_ready(timeout=PATIENCE)

    def run(
        self,
        code: str,
        *,
        allow_stdin: bool = False,
        cell_id: str = "",
        patience: float = PATIENCE,
    ) -> Cell:
        """Execute *code* and return what came of it, once the kernel is idle again."""
        request = self.start(code, allow_stdin=allow_stdin, cell_id=cell_id)
        return self.finish(request, patience)

    def start(self, code: str, *, allow_stdin: bool = False, cell_id: str = "") -> str:
        """Send *code*, as JupyterLab does if it comes from a cell, and return the request's id."""
        content = {"code": code, "silent": False, "store_history": True, "stop_on_error": True}
        content |= {"user_expressions": {}, "allow_stdin": allow_stdin}
        metadata = {"cellId": cell_id} if cell_id else {}
        message = self._client.session.msg("execute_request", content, metadata=metadata)
        self._client.shell_channel.send(message)
        return str(message["header"]["msg_id"])

    def finish(self, request: str, patience: float = PATIENCE) -> Cell:
        """Listen until the cell of *request* has ended, and take its reply."""
        self.listen(
            lambda m: (
                m["msg_type"] == "status"
                and m["content"]["execution_state"] == "idle"
                and m["parent_header"].get("msg_id") == request
            ),
            patience,
        )
        # As front ends do: ipykernel 7 may overlook a request that comes while it still replies.
        while request not in self._replies:
            reply = self._client.get_shell_msg(timeout=PATIENCE)
            self._replies[str(reply["parent_header"].get("msg_id"))] = reply
        return Cell([m for m in self.heard if m["parent_header"].get("msg_id") == request])

    def reply_to(self, request: str) -> Message:
        """What the kernel has answered to who sent *request*, once it has; nobody else hears it."""
        return self._replies[request]

    def listen(self, until: Callable[[Message], object], patience: float = PATIENCE) -> Message:
        """The first message heard so far, or from now on, that satisfies *until*."""
        for message in self.heard:
            if until(message):
                return message
        ends_at = time.monotonic() + patience
        while (rest := ends_at - time.monotonic()) > 0:
            try:
                message = self._client.get_iopub_msg(timeout=min(rest, 1.0))
            except Empty:
                continue
            self.heard.append(message)
            if until(message):
                return message
        raise AssertionError(f"not heard within {patience} s")

    def overhear(self, seconds: float) -> list[Message]:
        """Take in whatever is published for so long; it is told here and not kept."""
        kept, self.heard = self.heard, []
        ends_at = time.monotonic() + seconds
        while (rest := ends_at - time.monotonic()) > 0:
            with suppress(Empty):
                self.heard.append(self._client.get_iopub_msg(timeout=min(rest, 1.0)))
        told, self.heard = self.heard, kept
        return told

    def answer_prompt(self, text: str) -> Message:
        """Answer the next question for input, and return the question."""
        question = self._client.get_stdin_msg(timeout=PATIENCE)
        self._client.input(text)
        return question

    def complete(self, code: str) -> list[str]:
        """What Tab offers at the end of *code*."""
        reply = self._client.complete(code, reply=True, timeout=PATIENCE)
        return list(reply["content"]["matches"])

    @property
    def process(self) -> subprocess.Popen[bytes]:
        """Its process, as the operating system has it."""
        provisioner: Any = self._manager.provisioner
        process: subprocess.Popen[bytes] = provisioner.process
        return process

    def restart(self) -> None:
        """What Kernel > Restart does: it is killed if it does not go."""
        self._manager.restart_kernel()
        self._client.wait_for_ready(timeout=PATIENCE)

    def new_subshell(self) -> str:
        """Begin a subshell, as JupyterLab does for widgets; its id, empty if there are none.

        ipykernel has them from 7 on.
        """
        told = self._client.kernel_info(reply=True, timeout=PATIENCE)["content"]
        if "kernel subshells" not in told.get("supported_features", []):
            return ""
        self._client.control_channel.send(self._client.session.msg("create_subshell_request"))
        answer = self._client.get_control_msg(timeout=PATIENCE)
        return str(answer["content"]["subshell_id"])

    def click(self, label: str, *, subshell: str = "") -> None:
        """Click the button of the latest card that says *label*, by way of a subshell if given."""
        opened = [m["content"] for m in self.heard if m["msg_type"] == "comm_open"]
        buttons = [c for c in opened if c["data"]["state"].get("description") == label]
        content = {"comm_id": buttons[-1]["comm_id"]}
        content["data"] = {"method": "custom", "content": {"event": "click"}}
        message = self._client.session.msg("comm_msg", content)
        message["header"] |= {"subshell_id": subshell} if subshell else {}
        self._client.shell_channel.send(message)

    def interrupt(self) -> None:
        """What Kernel > Interrupt does."""
        self._manager.interrupt_kernel()

    def kill(self) -> None:
        """End it as a crash would."""
        self._manager.shutdown_kernel(now=True)

    def close(self) -> None:
        """End it politely."""
        self._client.stop_channels()
        if self._manager.has_kernel:
            self._manager.shutdown_kernel()


class Cell:
    """What came of one execution."""

    def __init__(self, messages: list[Message]) -> None:
        self.messages = messages

    def of_type(self, kind: str) -> list[dict[str, Any]]:
        """The contents of all messages of one type."""
        return [m["content"] for m in self.messages if m["msg_type"] == kind]

    @property
    def text(self) -> str:
        """What was printed."""
        return "".join(c["text"] for c in self.of_type("stream"))

    @property
    def error(self) -> str:
        """The traceback as shown; empty when the cell did not fail."""
        return "\n".join(line for c in self.of_type("error") for line in c["traceback"])

    @property
    def bundles(self) -> list[dict[str, Any]]:
        """What was displayed or returned."""
        kinds = ("display_data", "execute_result")
        return [c["data"] for kind in kinds for c in self.of_type(kind)]


@contextmanager
def kernel(folder: Path, said: Path | None = None, /, **environ: str) -> Iterator[Kernel]:
    """A kernel whose data folder is *folder*, without a token unless one is given.

    Args:
        folder: It works there.
        said: A file for what its process writes to its own output, past all front ends.
        environ: Variables of its environment.
    """
    clean = {**NOBODY, "XDG_DATA_HOME": str(folder)}
    with said.open("wb") if said else nullcontext() as file:
        streams: dict[str, IO[bytes]] = {"stdout": file, "stderr": file} if file else {}
        running = Kernel(folder, {**clean, **environ}, streams)
    try:
        yield running
    finally:
        running.close()
