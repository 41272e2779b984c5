"""The token is never seen, whatever goes wrong: in outputs, tracebacks, logs, files, elsewhere.

A kernel whose errors are shown with every variable, whose log is kept whole, and a service that
repeats the token in whatever it says. That the search finds it is tried in ``test_leaks``.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest
from leaks import TOKEN, in_files, in_messages, traces, write_notebook
from mishaps import LINES, MISTAKES, PAIRS, PLACED
from parrots import ANSWERS, Answer
from scenes import Scene, playing


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """One for all scenarios: what one leaves behind, the next ones may bring to light."""
    with playing(tmp_path_factory.mktemp("scene")) as made:
        yield made


@pytest.mark.parametrize("name", [name for name in ANSWERS if name != "silence"])
def test_no_answer_brings_it_to_light(scene: Scene, name: str) -> None:
    """However the service repeats it, asked once."""
    _unseen(scene, LINES["status"], ANSWERS[name])
    if ANSWERS[name].status == 429:
        scene.run("%reload_ext tempolor_magic")  # who asks next need not wait


@pytest.mark.parametrize(("line", "name"), PAIRS)
def test_no_call_brings_it_to_light(scene: Scene, line: str, name: str) -> None:
    """Whatever was asked for when the service repeated it."""
    asked = len(scene.service.heard)
    _unseen(scene, LINES[line], ANSWERS[name])
    assert len(scene.service.heard) > asked


@pytest.mark.parametrize("name", PLACED)
def test_no_token_in_its_place_is_shown(scene: Scene, name: str) -> None:
    """Nor what was meant to be one."""
    _unseen(scene, PLACED[name], ANSWERS["401"])
    scene.restore()


@pytest.mark.parametrize("name", MISTAKES)
def test_no_mistake_brings_it_to_light(scene: Scene, name: str) -> None:
    """What was put in the wrong place is not said again; the frames hold what the user gave."""
    assert in_messages(scene.play(MISTAKES[name], ANSWERS["a final record"])) == []
    scene.restore()


KEYRINGS = {
    "Safe": (TOKEN, ""),
    "Locked": (TOKEN, "UsageError: the keyring refused (PasswordSetError)"),
    "Broken": (TOKEN, "UsageError: the keyring refused (RuntimeError)"),
    "Dismissed": (TOKEN, "UsageError: the keyring refused (KeyboardInterrupt)"),
    "PlaintextKeyring": (TOKEN, "UsageError: there is only a plain-text keyring"),
    "Untrue": (TOKEN, ""),
    "Safe, of more than a token": (f"Bearer {TOKEN}", "TokenMissing: the token is preceded by"),
}


@pytest.mark.parametrize("name", KEYRINGS)
def test_a_token_that_is_typed_is_not_said(scene: Scene, name: str) -> None:
    """The prompt hides it, whatever becomes of keeping it and of reading it in the next kernel."""
    k, told = scene.kernel, len(scene.kernel.heard)
    typed, error = KEYRINGS[name]
    keyring = name.partition(",")[0]
    k.run(f"keyring.set_keyring(strongbox.{keyring}()); del os.environ['USEAPI_TOKEN']")
    request = k.start("%tempolor login --keyring", allow_stdin=True)
    assert k.answer_prompt(typed)["content"]["password"]
    assert k.finish(request).error.startswith(error)
    frames = scene.unfold()
    k.run("%reload_ext tempolor_magic\n%tempolor config")
    k.run(scene.filled("%tempolor status ID"))
    frames += scene.unfold()
    k.run("%tempolor logout")
    frames += scene.unfold()
    scene.restore()
    assert in_messages([*k.heard[told:], k.reply_to(request)]) == []
    assert traces(frames) == []


def test_who_stops_waiting_is_not_shown_it(scene: Scene) -> None:
    """In the middle of a request, with all its frames."""
    k, told = scene.kernel, len(scene.kernel.heard)
    scene.service.answer = ANSWERS["silence"]
    asked = len(scene.service.heard)
    request = k.start(scene.filled("%tempolor status ID"))
    scene.service.until_asked(asked + 1)
    k.interrupt()
    assert "Interrupted" in k.finish(request).error
    frames = scene.unfold()
    assert in_messages([*k.heard[told:], k.reply_to(request)]) == []
    assert traces(frames) == []


def test_nothing_that_is_kept_holds_it(scene: Scene) -> None:
    """Journal, sidecars, log, temporary files, a saved notebook; nor did the other host get it."""
    k = scene.kernel
    scene.play("%tempolor watch ID --live", ANSWERS["a record"])
    state = "import ipywidgets, json; print(json.dumps(ipywidgets.Widget.get_manager_state()))"
    widgets = k.run(state).text
    assert '"HTMLModel"' in widgets
    write_notebook(scene.folder / "saved.ipynb", k.heard, widgets)
    k.run("logging.shutdown()")
    _there_is_something_to_find(scene)
    assert in_files(scene.folder) == []
    assert [each for each in scene.stranger.heard if traces(each)] == []


def test_the_service_is_told_it_in_one_header_only(scene: Scene) -> None:
    """Never in an address, which servers and proxies write down."""
    scene.play("%tempolor status ID", ANSWERS["401"])
    assert set(scene.service.named) == {f"Bearer {TOKEN}"}
    assert [each for each in scene.service.heard if traces(each)] == []


def _unseen(scene: Scene, lines: str, answer: Answer) -> None:
    told = scene.play(lines, answer)
    frames = scene.unfold()
    assert in_messages(told) == []
    assert [line for line in frames.splitlines() if traces(line)] == []


def _there_is_something_to_find(scene: Scene) -> None:
    """The log is one of requests, the journal has jobs, and so on; else nothing was looked at."""
    log = (scene.folder / "debug.log").read_text(encoding="utf-8")
    assert "HTTP Request: GET http://127.0.0.1" in log
    assert "no music" in log
    assert list((scene.folder / "music").glob("*.json"))
    assert (scene.folder / "kernel.out").stat().st_size
    journal = next(scene.folder.rglob("journal.sqlite3"))
    with closing(sqlite3.connect(journal)) as file:
        assert file.execute("SELECT count(*) FROM jobs").fetchone()[0] > 10
    assert any(b".mp3" in each for each in scene.stranger.heard)
    assert scene.variables > 1_000
