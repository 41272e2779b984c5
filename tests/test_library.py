"""What the service keeps, from the notebook: list, slots, cancel, delete; and the token."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes import TOKEN, quick_studio
from kernels import Kernel, kernel
from services import practice_app, practice_world, serve

from tempolor_magic.sandbox.orders import Order
from tempolor_magic.sandbox.world import World

WIDGET = "application/vnd.jupyter.widget-view+json"
# Everything that is reached from a page, but for what it shares with others.
_HELD = """import gc, types
from tempolor_magic.watching.connection import Connection
from tempolor_magic.watching.loop import Loop
held, left = {}, [vars(page)]
while left:
    thing = left.pop()
    if id(thing) not in held and not isinstance(thing, (Connection, Loop, type, types.ModuleType)):
        held[id(thing)] = thing
        left += gc.get_referents(thing)
records = [each for each in held.values() if type(each).__name__ == "Record"]
data = [each[:20] for each in held.values() if isinstance(each, str) and each.startswith("data:")]
print(len(records), "records,", data, "as data")"""


@pytest.fixture(scope="module")
def world() -> World:
    """A service with 26 finished songs."""
    made = practice_world(song_seconds=200.0)
    made.slots = 200
    long_ago = time.time() - 600
    for number in range(26):
        made.submit(Order(f"song {number}"), now=long_ago + number)
    return made


@pytest.fixture(scope="module")
def k(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    """A kernel that uses it."""
    folder = tmp_path_factory.mktemp("library")
    with (
        serve(practice_app(world, studio=quick_studio())) as url,
        kernel(folder, USEAPI_TOKEN=TOKEN, TEMPOLOR_BASE_URL=url) as running,
    ):
        assert not running.run("%load_ext tempolor_magic").error
        yield running


def test_the_library_comes_page_by_page(k: Kernel) -> None:
    """A static gallery with covers and players; then the rest; then no more."""
    first = k.run("page = %tempolor list")
    assert len(first.bundles) == 1
    bundle = first.of_type("update_display_data")[-1]["data"]
    assert WIDGET not in bundle
    html = bundle["text/html"]
    assert html.count('class="tempolor-card"') == 20
    assert html.count("<img ") == 20
    assert html.count("<audio ") == 20
    assert "%tempolor list --more" in html
    assert "20 songs of the library, newest first" in bundle["text/plain"]
    more = k.run("rest = %tempolor list --more").of_type("update_display_data")
    second = more[-1]["data"]["text/html"]
    assert second.count('class="tempolor-card"') == 6
    assert "--more" not in second
    assert "that was the last page" in k.run("%tempolor list --more").error
    assert k.run("print(len({r.job_id for r in [*page, *rest]}))").text == "26\n"


def test_a_page_does_not_hold_on_to_what_it_shows(k: Kernel) -> None:
    """A kernel keeps every page that a cell returned, and pictures and sound are large."""
    shown = k.run("page = %tempolor list").of_type("update_display_data")[-1]["data"]["text/html"]
    assert shown.count("data:audio/mpeg;base64,") == 20
    assert k.run(_HELD).text == "20 records, [] as data\n"


def test_a_page_is_typed_rows_and_a_frame(k: Kernel) -> None:
    """One row per job, with units; no prompt and no lyrics in it."""
    k.run("page = %tempolor list")
    row = k.run("print(page.rows()[5])").text
    assert "state='COMPLETED'" in row
    assert "took_s=4.0" in row
    assert "song 1" not in row
    told = k.run("frame = page.to_pandas(); print(frame.shape, *frame.dtypes.astype(str))").text
    assert told.startswith("(20, 16)")
    assert told.count("Float64") == 3
    assert told.count("datetime64[ms, UTC]") == 2


def test_the_library_can_be_read_whole_from_python(k: Kernel) -> None:
    """Page after page, as one iteration."""
    told = k.run(
        "import tempolor_magic as tempolor\nprint(len(list(tempolor.library())),"
        " len(list(tempolor.library(kind='instrumental'))))"
    )
    assert told.text == "26 0\n"
    assert "is no kind of music" in k.run("tempolor.library(kind='noise')").error


def test_a_type_that_is_none_gets_the_nearest(k: Kernel) -> None:
    """One line."""
    assert "did you mean instrumental?" in k.run("%tempolor list --type instrumentl").error


def test_slots_are_told_per_account(k: Kernel) -> None:
    """How many run, and how many more may begin."""
    (bundle,) = k.run("%tempolor slots").bundles
    assert "Account" in bundle["text/plain"]
    assert "200" in bundle["text/plain"]


def test_cancelling_says_what_it_does_and_asks(k: Kernel, world: World) -> None:
    """It is no cancelling: the music is made and billed all the same."""
    job_id = world.submit(Order("to be forgotten"), now=time.time()).id
    request = k.start(f"%tempolor cancel {job_id}", allow_stdin=True)
    question = k.answer_prompt("n")["content"]["prompt"]
    assert "TemPolor still makes it and bills it" in question
    assert "nothing was done" in k.finish(request).error
    assert "add --yes" in k.run(f"%tempolor cancel {job_id}").error
    assert "still made" in k.run(f"%tempolor cancel {job_id} --yes").text
    assert k.run(f"job = %tempolor watch {job_id} --interval 0.5\njob.result().final").bundles


def test_deleting_asks_and_tells_each(k: Kernel, world: World) -> None:
    """One that is still being made is left alone."""
    old = [world.submit(Order("old"), now=time.time() - 500).id for _ in range(2)]
    running = world.submit(Order("running"), now=time.time()).id
    request = k.start(f"%tempolor delete {old[0]} {old[1]}", allow_stdin=True)
    assert "2 jobs would be deleted" in k.answer_prompt("yes")["content"]["prompt"]
    assert k.finish(request).text.count("Deleted: ") == 2
    assert "being made" in k.run(f"%tempolor delete {running} --yes").error
    gone = k.run(f"%tempolor status {old[0]}").error
    assert gone.startswith("JobGone")
    assert "\n" not in gone


def test_the_token_is_typed_kept_and_forgotten(tmp_path: Path) -> None:
    """In a keyring that the next kernel reads; no output shows its secret part."""
    (tmp_path / "file_keyring.py").write_text(_KEYRING, "utf-8")
    given = {
        "PYTHONPATH": f"{tmp_path}:{_python_path()}",
        "PYTHON_KEYRING_BACKEND": "file_keyring.Keyring",
        "KEYRING_FILE": str(tmp_path / "secrets"),
    }
    with kernel(tmp_path, **given) as one:
        one.run("%load_ext tempolor_magic")
        request = one.start("%tempolor login --keyring", allow_stdin=True)
        question = one.answer_prompt(TOKEN)
        assert question["content"]["password"]
        assert "is kept in the keyring" in one.finish(request).text
    with kernel(tmp_path, **given) as two:
        two.run("%load_ext tempolor_magic")
        told = two.run("%tempolor config").bundles[0]["text/plain"]
        assert "the system keyring" in told
        assert "forgotten" in two.run("%tempolor logout").text
        assert "no token found" in two.run("%tempolor config").bundles[0]["text/plain"]
        assert "no token to forget" in two.run("%tempolor logout").text
    secret = TOKEN.partition("-")[2]
    assert secret not in str(one.heard) + str(two.heard)


def _python_path() -> str:
    return os.environ.get("PYTHONPATH", "")


_KEYRING = """
import json, os, pathlib
from keyring.backend import KeyringBackend

FILE = pathlib.Path(os.environ["KEYRING_FILE"])

class Keyring(KeyringBackend):
    priority = 1
    def get_password(self, service, username):
        return json.loads(FILE.read_text()).get(username) if FILE.exists() else None
    def set_password(self, service, username, password):
        FILE.write_text(json.dumps({username: password}))
    def delete_password(self, service, username):
        FILE.unlink()
"""
