"""A real JupyterLab in a real Chromium, and a music service beside it whose clock can be turned."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection, HTTPException
from json import dumps, loads
from pathlib import Path
from typing import Any
from urllib.parse import quote

import nbformat
import uvicorn
from nbformat import v4
from playwright.sync_api import Browser, Locator, Page, Response, WebSocket, expect, sync_playwright

from tempolor_magic.sandbox import launcher
from tempolor_magic.sandbox.app import BASE_PATH, build
from tempolor_magic.sandbox.orders import Order
from tempolor_magic.sandbox.world import World

# Seconds after which what does not happen is taken to never happen. No test waits for it to pass.
PATIENCE = 40.0
TOKEN = "user:12345-secret"
STRANGER = "user:12345-tempolor:100198329-job:abcdef123456789"
CARD = ".tempolor-card"

_LOOPBACK = "127.0.0.1"
_CHROMIUM = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
]
_THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}
_QUIET = {"fetchNews": "false", "checkForUpdates": False}
# A page that looks idle may not have reached its kernel yet, and loses what is run then.
_IS_CONNECTED = """() => {
    const kernel = window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel
    return kernel?.connectionStatus === "connected" && kernel.status === "idle"
}"""


def find_chromium() -> str | None:
    """Where the browser is, if there is one."""
    found = (shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome"))
    return next((path for path in found if path), None)


@contextmanager
def chromium(path: str) -> Iterator[Browser]:
    """The browser, closed in the end.

    While it is open the calling thread counts as running an event loop: keep it to one module.
    """
    expect.set_options(timeout=PATIENCE * 1_000)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=_CHROMIUM)
        yield browser
        browser.close()


@contextmanager
def serve_lab(folder: Path) -> Iterator[Lab]:
    """A JupyterLab that keeps everything in *folder*, and ends with all it has started."""
    lab = Lab(folder)
    try:
        lab.wait_until_ready()
        yield lab
    finally:
        lab.close()


@contextmanager
def serve_music(*, song_seconds: float = 100.0, seed: int = 7) -> Iterator[Service]:
    """A music service of the test's own, on a loopback port."""
    service = Service(song_seconds=song_seconds, seed=seed)
    service.start()
    try:
        yield service
    finally:
        service.stop()


class Lab:
    """The server's process."""

    def __init__(self, folder: Path) -> None:
        self.notebooks = folder / "notebooks"
        self.notebooks.mkdir()
        self._data = folder / "share"
        self._log = folder / "lab.log"
        self._port = _free_port()
        self.url = f"http://{_LOOPBACK}:{self._port}"
        self._write_setting(folder, "notification", _QUIET)
        with self._log.open("wb") as log:
            # In a session of its own: Ctrl+C is for the test-run, which then ends the server.
            self._process = subprocess.Popen(
                self._command(),
                cwd=folder,
                env=_environment(folder),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def wait_until_ready(self) -> None:
        """Return once it answers; fail with its log when it does not."""
        ends_at = time.monotonic() + PATIENCE
        while self._process.poll() is None and time.monotonic() < ends_at:
            try:
                self._call("GET", "/api")
            except (OSError, HTTPException):
                time.sleep(0.05)
            else:
                return
        raise AssertionError(f"JupyterLab did not start:\n{self._log.read_text()[-2_000:]}")

    def write(self, name: str, cells: Sequence[str]) -> Path:
        """A notebook with these code cells and no outputs."""
        spec = {"name": "python3", "display_name": "Python 3", "language": "python"}
        notebook = v4.new_notebook(metadata={"kernelspec": spec})
        notebook.cells = [v4.new_code_cell(cell) for cell in cells]
        return self.keep(name, notebook)

    def keep(self, name: str, notebook: Any) -> Path:
        """Put *notebook* where the server sees it, untrusted as all that comes from elsewhere."""
        path = self.notebooks / f"{name}.ipynb"
        nbformat.write(notebook, path)
        return path

    def end_kernels(self) -> None:
        """Shut every kernel down."""
        for session in self._call("GET", "/api/sessions"):
            self._call("DELETE", f"/api/sessions/{session['id']}")

    def close(self) -> None:
        """End the server, its kernels, and the sandbox that a notebook may have started."""
        self._process.terminate()
        try:
            self._process.wait(PATIENCE)
        finally:
            self._process.kill()
            launcher.stop(self._data / "tempolor_magic")

    def _command(self) -> list[str]:
        return [
            *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"),
            "--IdentityProvider.token=",
            "--ServerApp.disable_check_xsrf=True",
            f"--ServerApp.ip={_LOOPBACK}",
            f"--ServerApp.port={self._port}",
            "--ServerApp.port_retries=0",
            f"--ServerApp.root_dir={self.notebooks}",
            "--LabApp.expose_app_in_browser=True",
            "--LabApp.extension_manager=readonly",
        ]

    def _write_setting(self, folder: Path, name: str, values: dict[str, Any]) -> None:
        place = folder / "config" / "lab" / "user-settings" / "@jupyterlab" / "apputils-extension"
        place.mkdir(parents=True)
        (place / f"{name}.jupyterlab-settings").write_text(dumps(values))

    def _call(self, method: str, path: str) -> Any:
        connection = HTTPConnection(_LOOPBACK, self._port, timeout=PATIENCE)
        try:
            connection.request(method, path)
            answer = connection.getresponse()
            body = answer.read()
        finally:
            connection.close()
        if answer.status >= 400:
            raise HTTPException(f"{method} {path}: {answer.status}")
        return loads(body) if body else None


class Notebook:
    """An open notebook, used as a person would: by clicks and keys. Cells count from 0."""

    def __init__(self, page: Page, url: str, path: Path) -> None:
        self.page = page
        self.path = path
        self._url = f"{url}/doc/tree/{quote(path.name)}"
        self._heard: list[bytes] = []
        page.set_default_timeout(PATIENCE * 1_000)
        page.on("websocket", self._listen)
        self.open()

    def open(self) -> None:
        """Load the page, and wait until its kernel can be used."""
        self.page.goto(self._url)
        self.page.wait_for_function(_IS_CONNECTED)

    def cell(self, number: int) -> Locator:
        """One cell."""
        return self.page.locator(".jp-Notebook .jp-Cell").nth(number)

    def output(self, number: int) -> Locator:
        """All outputs of a cell."""
        return self.cell(number).locator(".jp-Cell-outputArea")

    def card(self, number: int, *, state: str = "") -> Locator:
        """The first card in a cell's output, in a certain state if one is given."""
        which = f'{CARD}[data-state="{state}"]' if state else CARD
        return self.output(number).locator(which).first

    def start(self, number: int) -> None:
        """Run a cell, and return at once."""
        self.cell(number).locator(".cm-content").click()
        self.page.keyboard.press("Shift+Enter")

    def run(self, *numbers: int) -> None:
        """Run cells one after the other, each until it has ended."""
        for number in numbers:
            prompt = self.prompt(number)
            before = prompt.inner_text()
            self.start(number)
            expect(prompt).not_to_have_text(before)
            self.wait_until_ended(number)

    def prompt(self, number: int) -> Locator:
        """``[ ]:`` before, ``[*]:`` during and ``[7]:`` after an execution."""
        return self.cell(number).locator(".jp-InputPrompt")

    def wait_until_ended(self, number: int) -> None:
        """Return once the cell is not running any more."""
        expect(self.prompt(number)).to_have_text(re.compile(r"\[\d+\]"))

    def type(self, number: int, code: str) -> None:
        """Put *code* into an empty cell."""
        self.cell(number).locator(".cm-content").click()
        self.page.keyboard.insert_text(code)

    def interrupt(self) -> None:
        """The stop button above the notebook."""
        self.page.locator('[data-command="notebook:interrupt-kernel"]').first.click()

    def progress(self, number: int) -> int:
        """Percent on a cell's first card; -1 while unknown."""
        told = self.card(number).get_attribute("data-progress")
        return int(told) if told else -1

    def wait_for_progress(self, number: int, *, beyond: int) -> int:
        """Return the percent of a cell's card once it is above *beyond*."""
        self.until(lambda: self.progress(number) > beyond)
        return self.progress(number)

    def wait_for_state(self, number: int, state: str) -> Locator:
        """Return a cell's card once it is in *state*."""
        card = self.card(number, state=state)
        card.wait_for()
        return card

    def save(self) -> Any:
        """Save, and return what the file holds then."""
        with self.page.expect_response(self._is_saving):
            self.page.keyboard.press("Control+s")
        return nbformat.read(self.path, as_version=4)

    def reload(self) -> None:
        """Reload the page, and wait until it has its kernel again."""
        self.page.reload()
        self.page.wait_for_function(_IS_CONNECTED)

    def until(self, condition: Callable[[], object]) -> None:
        """Return once *condition* holds."""
        ends_at = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < ends_at, f"not within {PATIENCE} s"
            self.page.wait_for_timeout(50)

    def widget_messages(self) -> int:
        """How many messages of widgets have come from the kernel since the page was made."""
        return sum(b'"comm_msg"' in frame for frame in self._heard)

    def shoot(self, name: str) -> None:
        """Take pictures in both themes, if the environment names a folder for them."""
        folder = os.environ.get("TEMPOLOR_SCREENSHOTS")
        if not folder:
            return
        Path(folder).mkdir(parents=True, exist_ok=True)
        for theme, title in reversed(_THEMES.items()):
            self._change_theme(title)
            self.page.screenshot(path=Path(folder) / f"{name}-{theme}.png")

    def _change_theme(self, theme: str) -> None:
        self.page.evaluate(
            "theme => jupyterapp.commands.execute('apputils:change-theme', {theme})", theme
        )
        body = self.page.locator(f'body[data-jp-theme-name="{theme}"]')
        body.wait_for(state="attached")
        self.page.locator("#jupyterlab-splash").wait_for(state="detached")

    def _listen(self, socket: WebSocket) -> None:
        socket.on("framereceived", lambda frame: self._heard.append(_raw(frame)))

    def _is_saving(self, response: Response) -> bool:
        place = f"/api/contents/{quote(self.path.name)}"
        return response.request.method == "PUT" and place in response.url


class Desk:
    """Where a test lays its notebooks; they are called after it."""

    def __init__(self, lab: Lab, browser: Browser, name: str) -> None:
        self._lab = lab
        self._name = name
        self._context = browser.new_context(viewport={"width": 1000, "height": 1100})

    def open(self, *cells: str) -> Notebook:
        """Open a new notebook with some cells."""
        return self._open(self._lab.write(self._name, cells))

    def open_copy(self, notebook: Any) -> Notebook:
        """Open a notebook that came from elsewhere."""
        return self._open(self._lab.keep(f"{self._name} copy", notebook))

    def clear(self) -> None:
        """Close the pages and end their kernels."""
        self._context.close()
        self._lab.end_kernels()

    def _open(self, path: Path) -> Notebook:
        return Notebook(self._context.new_page(), self._lab.url, path)


class Service:
    """The music service, in this process; ``world.requests`` is every call that came."""

    def __init__(self, *, song_seconds: float, seed: int) -> None:
        self.world = World(token=TOKEN, seed=seed, song_seconds=song_seconds, gap_seconds=0.0)
        self._ahead = 0.0
        self._port = _free_port()
        self._running = ExitStack()

    def now(self) -> float:
        """The time at the service."""
        return time.time() + self._ahead

    def skip(self, seconds: float) -> None:
        """Turn the service's clock ahead."""
        self._ahead += seconds

    def submit(self, prompt: str = "rain") -> str:
        """Have a song made; the id of the job."""
        return str(self.world.submit(Order(prompt), now=self.now()).id)

    def asked_about(self, job_id: str) -> list[float]:
        """The moments at which the job's record was asked for."""
        path = f"/music/{job_id}"
        return [request.now for request in self.world.requests if request.path == path]

    def introduction(self) -> str:
        """A cell that loads the extension and makes it use this service."""
        url = f"http://{_LOOPBACK}:{self._port}{BASE_PATH}"
        given = {"USEAPI_TOKEN": TOKEN, "TEMPOLOR_BASE_URL": url}
        return f"import os\nos.environ.update({given!r})\n%load_ext tempolor_magic"

    def start(self) -> None:
        """Be reachable, at the same address every time."""
        door = self._running.enter_context(socket.socket())
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        door.bind((_LOOPBACK, self._port))
        config = uvicorn.Config(
            build(self.world, now=self.now),
            lifespan="off",
            ws="none",
            log_level="warning",
            timeout_graceful_shutdown=1,
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [door]}, daemon=True)
        thread.start()
        self._running.callback(thread.join)
        self._running.callback(setattr, server, "should_exit", True)  # noqa: FBT003

    def stop(self) -> None:
        """Be unreachable."""
        self._running.close()


def _free_port() -> int:
    with socket.socket() as door:
        door.bind((_LOOPBACK, 0))
        return int(door.getsockname()[1])


def _environment(folder: Path) -> dict[str, str]:
    """Of a user without a token, a past or settings; those of the real one stay untouched."""
    private = {
        "HOME": "home",
        "IPYTHONDIR": "ipython",
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "jupyter",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "XDG_DATA_HOME": "share",
    }
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in {"USEAPI_TOKEN", "TEMPOLOR_BASE_URL"} and not name.startswith("JUPYTER")
    }
    return {**kept, **{name: str(folder / place) for name, place in private.items()}}


def _raw(frame: str | bytes) -> bytes:
    return frame.encode() if isinstance(frame, str) else frame
