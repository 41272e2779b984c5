"""Cards that anyone can read and use: measured by axe-core, and walked through by keyboard.

The stage is a notebook that shows every state at once; ``docs/gallery.py`` photographs it.
"""

from __future__ import annotations

import base64
import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from IPython.display import display
from lab import CARD, Desk, Lab, Notebook, Service
from playwright.sync_api import Browser, Locator, expect
from samples import CREATED, NOW, make_record, running_record

from tempolor_magic.api.failures import failure
from tempolor_magic.api.ids import JobId, parse_job_id
from tempolor_magic.sandbox.files import cover, mp3
from tempolor_magic.view.output import gallery_bundle, show_bundle, static_bundle
from tempolor_magic.view.panel import Actions, CardPanel, TablePanel
from tempolor_magic.watching import state
from tempolor_magic.watching.snapshot import Snapshot, State, Trouble

pytestmark = pytest.mark.browser

THEMES = {
    "light": "JupyterLab Light",
    "dark": "JupyterLab Dark",
    "contrast": "JupyterLab Dark High Contrast",
}
# What the cells of the stage show.
LIVE, STATIC, LIVE_ERRORS, STATIC_ERRORS, LIVE_TABLE, STATIC_TABLE, LIBRARY = range(1, 8)
CELLS = ("live", "static", "live_errors", "static_errors", "live_table", "static_table", "library")
# As a row, a job that can be heard looks like one that can't.
IN_A_TABLE = (
    *("waiting", "generating", "unknown", "retrying", "limited", "failed"),
    *("timed-out", "stopped", "completed", "saved"),
)
OPENED = "unknown"
IN_THE_LIBRARY = ("generating", "completed", "silent", "saved", "failed", "unheard")
LONG_TITLE = "A Title so long that no card is wide enough to show it to its very end, is it"
# The answers after which asking again can't help: status, and body where it matters.
REFUSALS = {
    "401": (401, b""),
    "402": (402, b""),
    "403": (403, b'{"error":"Unauthorized access"}'),
    "403 of the edge": (403, b"error code: 1010"),
    "404": (404, b""),
    "410": (410, b""),
    "596": (596, b""),
}
# High enough for the whole stage: what is scrolled away can't be judged.
HEIGHT = 40_000

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
# Rules that are broken, rules that are left open, and texts whose contrast was not judged. Marks
# without a letter or a digit are left open by axe; the words beside them have the same colour.
JUDGE = """async (root, tags) => {
    const result = await axe.run(root, {runOnly: {type: "tag", values: tags}})
    const at = node => document.querySelector(node.target[0])
    const is_text = words => /[\\p{L}\\p{N}]/u.test(words)
    const is_mark = node => !is_text(at(node).textContent)
    const tell = (found, but) => found.flatMap(rule => rule.nodes
        .filter(node => rule.id !== but || !is_mark(node))
        .map(node => `${rule.id}: ${node.html}: ${node.failureSummary}`))
    const contrast = result.passes.find(rule => rule.id === "color-contrast")
    const judged = new Set(contrast?.nodes.map(at))
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT)
    const missed = []
    while (walker.nextNode()) {
        const holder = walker.currentNode.parentElement
        const unseen = holder.closest("style, option, audio, progress, .tempolor-said")
        if (!is_text(walker.currentNode.data) || unseen || judged.has(holder)) continue
        if (holder.checkVisibility()) missed.push(holder.outerHTML)
    }
    return {wrong: tell(result.violations), open: tell(result.incomplete, "color-contrast"), missed,
            judged: judged.size}
}"""
# What is spoken: each text that appears in a live region, however it gets there.
LISTEN = """root => {
    window.spoken = []
    const regions = node => node.nodeType === Node.ELEMENT_NODE
        ? [...(node.matches("[aria-live]") ? [node] : []), ...node.querySelectorAll("[aria-live]")]
        : []
    new MutationObserver(changes => {
        for (const change of changes) {
            const target = change.target
            const inside = (target.closest ? target : target.parentElement)?.closest("[aria-live]")
            const found = inside ? [inside] : [...change.addedNodes].flatMap(regions)
            window.spoken.push(...found.map(region => region.textContent.trim()))
        }
    }).observe(root, {subtree: true, childList: true, characterData: true, attributes: true})
}"""
FOCUSED = """() => {
    const at = document.activeElement
    return at.closest(".jp-Cell-outputArea") ? at.textContent.trim() || at.localName : ""
}"""
# Twenty pictures of the browser, however long they take.
PAINTED = """async () => {
    for (let i = 0; i < 20; i++) await new Promise(requestAnimationFrame)
}"""
OVERFLOWING = """root => [...root.querySelectorAll(
    ".tempolor-panel:not(:has(.tempolor-table)), div.tempolor-card, .tempolor-facts"
)].filter(one => one.scrollWidth > one.clientWidth)
  .map(one => `${one.scrollWidth} > ${one.clientWidth}: ${one.outerHTML.slice(0, 200)}`)"""


def scenes() -> dict[str, Snapshot]:
    """A job at every moment that a view can show, by name."""
    heard = _heard()
    cover = {"cover": heard["cover"]}
    late = Trouble("no answer within 10 s", NOW + 4)
    busy = Trouble("the service is busy (HTTP 429)", NOW + 17, limited=True)
    timed_out, stopped = (
        _running(14, "Seven Lanterns", at=NOW - 1_705),
        _running(15, "Slow Carousel"),
    )
    return {
        "waiting": Snapshot(_id(0)),
        "generating": state.equip(_running(1, "Rain on the Window"), **cover),
        "estimated": replace(
            state.equip(_running(2, "Glass Houses", progress=62), **cover), remaining=58.0
        ),
        "unknown": _running(3, "Paper Boats", progress=None),
        "retrying": state.struggle(_running(4, "Harbour Lights"), late),
        "limited": state.struggle(_running(5, "A Long Way Home"), busy),
        "silent": _made(6, "Snow before Morning", **cover, note="the audio is not ready yet"),
        "completed": _made(7, "Night Train to the Sea", **heard),
        "saved": _made(8, "Blue Hour", **heard, saved="Blue Hour 8.mp3"),
        "unsaved": _made(
            9, "Undertow", **heard, unsaved="no room is left on the disk \u2192 make some"
        ),
        "embedded": _made(10, "Tin Roof", **heard, whole=heard["audio"]),
        "unheard": _made(11, LONG_TITLE, note="nothing to play: the file is no MP3"),
        "sandbox": replace(
            _made(12, "First Attempt at a Waltz", **heard, preview=True), sandbox=True
        ),
        "failed": _over(13, "Low Clouds", status=10, status_name="FAILED"),
        "timed-out": state.end(
            timed_out, State.TIMED_OUT, state.timed_out(timed_out, "within 30 min"), now=NOW
        ),
        "stopped": state.end(stopped, State.STOPPED, state.stopped(stopped), now=NOW),
    }


def errors() -> dict[str, Snapshot]:
    """A watch that has ended for each of the answers after which asking again can't help."""
    return {
        name: state.end(
            Snapshot(_id(0x100 + number)),
            State.ERROR,
            failure(status, {}, body, now=CREATED, whose="777"),
            now=NOW,
        )
        for number, (name, (status, body)) in enumerate(REFUSALS.items())
    }


def show_live() -> None:
    """Display each scene as a live card."""
    _show_cards(scenes())


def show_static() -> None:
    """Display each scene as the card that a file keeps."""
    _show_saved(scenes())


def show_live_errors() -> None:
    """Display each bad end as a live card."""
    _show_cards(errors())


def show_static_errors() -> None:
    """Display each bad end as the card that a file keeps."""
    _show_saved(errors())


def show_live_table() -> None:
    """Display some scenes as a live table."""
    rows = _some(IN_A_TABLE)
    panel = TablePanel(rows, lambda _: _idle(), now=_now, hand_over=lambda show: show())
    display(panel)  # type: ignore[no-untyped-call]


def show_static_table() -> None:
    """Display some scenes as the table that a file keeps."""
    show_bundle(static_bundle(_some(IN_A_TABLE), NOW))


def show_library() -> None:
    """Display some scenes as a page of the library."""
    show_bundle(gallery_bundle(_some(IN_THE_LIBRARY), kind="song", has_more=True))


def _show_cards(snapshots: dict[str, Snapshot]) -> None:
    for snapshot in snapshots.values():
        display(CardPanel(snapshot, _idle(), now=_now, saved_by_show=True))  # type: ignore[no-untyped-call]


def _show_saved(snapshots: dict[str, Snapshot]) -> None:
    for snapshot in snapshots.values():
        show_bundle(static_bundle([snapshot], NOW, embed=bool(snapshot.media.whole)))


def _some(names: Sequence[str]) -> list[Snapshot]:
    """The scenes of these names."""
    known = scenes()
    return [known[name] for name in names]


def _heard() -> dict[str, Any]:
    """A cover, ten seconds of silence, and peaks."""
    drawn = base64.b64encode(cover(seed=4, mood="Nocturnal")).decode()
    silence = base64.b64encode(mp3(np.zeros((441_000, 2), np.float32))).decode()
    rng = random.Random(3)
    return {
        "cover": f"data:image/png;base64,{drawn}",
        "audio": f"data:audio/mpeg;base64,{silence}",
        "peaks": tuple(rng.randint(15, 100) for _ in range(120)),
    }


def _running(number: int, title: str, *, at: float = NOW, **changes: Any) -> Snapshot:
    """A job whose first answer came 95 s after it was made."""
    record = running_record(**{"titleEn": title, "updateTime": None, **changes})
    return state.observe(Snapshot(_id(number)), record, now=at, wall=CREATED + 95)


def _over(number: int, title: str, **changes: Any) -> Snapshot:
    """A job that was watched from 95 s on, and was over 275 s after it was made: 130 s ago."""
    begun = _running(number, title, at=NOW - 310)
    record = make_record(titleEn=title, **changes)
    return state.observe(begun, record, now=NOW - 130, wall=CREATED + 275)


def _made(number: int, title: str, **media: Any) -> Snapshot:
    """As ``_over``, completed and with what can be seen and heard of it."""
    return state.equip(_over(number, title), **media)


def _id(number: int) -> JobId:
    return parse_job_id(f"user:12345-tempolor:100198329-job:{number:015x}")


def _now() -> float:
    return NOW


def _idle() -> Actions:
    return Actions(*(lambda: None,) * 3)


class Stage:
    """The notebook with all scenes as its outputs, on a page that is high enough for them."""

    def __init__(self, desk: Desk) -> None:
        folders = [str(Path(__file__).parent), str(Path(__file__).parent.parent)]
        first = f"import sys\nsys.path[:0] = {folders}\nimport {Path(__file__).stem} as stage"
        self.notebook = desk.open(first, *(f"stage.show_{what}()" for what in CELLS))
        self.page = self.notebook.page
        self.page.set_viewport_size({"width": 1000, "height": HEIGHT})
        self.page.evaluate("jupyterapp.shell.collapseLeft()")
        self.notebook.run(*range(len(CELLS) + 1))
        number = IN_A_TABLE.index(OPENED) + 1
        choice = self.output(LIVE_TABLE).locator("select")
        choice.select_option(index=number)
        expect(self.output(LIVE_TABLE).locator(f"div{CARD}")).to_be_visible()
        for cell, shown in (
            *((LIVE, scenes()), (STATIC, scenes())),
            *((LIVE_ERRORS, errors()), (STATIC_ERRORS, errors())),
        ):
            expect(self.outputs(cell)).to_have_count(len(shown))
            expect(self.output(cell).locator(CARD)).to_have_count(len(shown))
            for audio in self.output(cell).locator("audio").all():
                expect(audio).to_have_js_property("readyState", 4)

    def output(self, cell: int) -> Locator:
        """All that a cell shows."""
        return self.notebook.output(cell)

    def outputs(self, cell: int) -> Locator:
        """What a cell shows, each by itself."""
        return self.output(cell).locator(".jp-OutputArea-output")

    def unfold(self) -> None:
        """Open all that is folded."""
        self.page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")

    def light(self, theme: str) -> None:
        """Show it in one of the themes."""
        self.notebook._change_theme(THEMES[theme])


@pytest.fixture(scope="module")
def stage(lab: Lab, browser: Browser) -> Iterator[Stage]:
    """The stage, set once."""
    desk = Desk(lab, browser, "stage")
    yield Stage(desk)
    desk.clear()


@pytest.mark.parametrize("cell", range(1, len(CELLS) + 1), ids=CELLS)
@pytest.mark.parametrize("theme", list(THEMES))
def test_axe_finds_nothing(stage: Stage, theme: str, cell: int) -> None:
    """No rule of WCAG 2.1 A and AA is broken or left open, and no text's contrast goes unjudged."""
    stage.light(theme)
    stage.unfold()
    # Lab's page has no height, and what is outside of the body axe takes for invisible.
    stage.page.evaluate("document.body.style.height = '100vh'")
    stage.page.evaluate(files("axe_playwright_python").joinpath("axe.min.js").read_text())
    found = [output.evaluate(JUDGE, RULES) for output in stage.outputs(cell).all()]
    for flaw in ("wrong", "open", "missed"):
        assert [each[flaw] for each in found if each[flaw]] == []
    assert all(each["judged"] for each in found)


def test_a_state_is_spoken_once(desk: Desk, service: Service) -> None:
    """Over a job's whole life: no tick, no trouble and no sound that arrives says it again."""
    job_id = service.submit()
    notebook = desk.open(service.introduction(), f"%tempolor watch {job_id} --interval 1 --live")
    notebook.run(0)
    service.stop()
    notebook.cell(1).evaluate(LISTEN)
    notebook.run(1)
    expect(notebook.card(1, state="WAITING")).to_contain_text("retrying")
    service.start()
    notebook.wait_for_state(1, "GENERATING")
    seen = notebook.progress(1)
    for _ in range(3):
        service.skip(20)
        seen = notebook.wait_for_progress(1, beyond=seen)
    service.skip(100)
    notebook.wait_for_state(1, "COMPLETED")
    for arriving in ("audio", "img[alt=Cover]", "img[alt=Waveform]"):
        expect(notebook.output(1).locator(arriving)).to_be_visible()
    title = notebook.card(1).locator("bdi").inner_text()
    item = job_id.rpartition(":")[2]
    assert notebook.page.evaluate("window.spoken") == [
        f"Waiting for the service: {item}",
        f"Music is being made: {item}",
        f"Music is ready: {title}",
    ]


def test_all_can_be_done_by_keyboard(desk: Desk, service: Service) -> None:
    """Tab goes through in order, Enter and Space act, and a tick takes the focus from nothing."""
    job_id = service.submit()
    notebook = desk.open(service.introduction(), f"%tempolor watch {job_id} --interval 1 --live")
    notebook.run(0, 1)
    notebook.wait_for_state(1, "GENERATING")
    expect(notebook.output(1).locator("summary")).to_have_count(3)
    assert _tab_to(notebook, "Timeline") == [
        "Stop watching",
        "Refresh",
        "Prompt",
        "Lyrics",
        "Timeline",
    ]
    _tab_to(notebook, "Prompt", key="Shift+Tab")
    prompt = notebook.output(1).locator("details", has_text="Prompt")
    for key in ("Enter", "Space", "Enter"):
        was_open = prompt.get_attribute("open") is not None
        notebook.page.keyboard.press(key)
        expect(prompt).to_have_js_property("open", not was_open)
    service.skip(25)
    notebook.wait_for_progress(1, beyond=notebook.progress(1))
    expect(prompt.locator("summary")).to_be_focused()
    expect(prompt).to_have_js_property("open", value=True)
    service.skip(100)
    notebook.wait_for_state(1, "COMPLETED")
    expect(notebook.output(1).locator("audio")).to_be_visible()
    assert _tab_to(notebook, "Download")[-1] == "Download"
    notebook.page.keyboard.press("Space")
    expect(notebook.output(1)).to_contain_text("Saved as")
    expect(notebook.output(1).get_by_role("button", name="Download")).to_be_focused()


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_buttons_obey_both_keys(desk: Desk, service: Service, key: str) -> None:
    """Refresh brings the news at once and keeps the focus; Stop watching stops."""
    job_id = service.submit()
    notebook = desk.open(service.introduction(), f"%tempolor watch {job_id} --interval 600")
    notebook.run(0, 1)
    notebook.wait_for_state(1, "GENERATING")
    service.skip(25)
    seen = notebook.progress(1)
    _tab_to(notebook, "Refresh")
    notebook.page.keyboard.press(key)
    notebook.wait_for_progress(1, beyond=seen)
    expect(notebook.output(1).get_by_role("button", name="Refresh")).to_be_focused()
    _tab_to(notebook, "Stop watching", key="Shift+Tab")
    notebook.page.keyboard.press(key)
    notebook.wait_for_state(1, "STOPPED")


def _tab_to(notebook: Notebook, name: str, *, key: str = "Tab") -> list[str]:
    """Press *key* from cell 1 on until *name* has the focus; the outputs' parts on the way."""
    passed: list[str] = []
    if not notebook.page.evaluate(FOCUSED):
        notebook.prompt(1).click()
    for _ in range(100):
        notebook.page.keyboard.press(key)
        focused = notebook.page.evaluate(FOCUSED)
        passed += [focused] if focused else []
        if focused == name:
            return passed
    raise AssertionError(f"{name} is not reached, only {passed}")


@pytest.mark.parametrize("cell", [LIVE, LIVE_TABLE])
def test_only_clocks_move_where_motion_is_reduced(stage: Stage, cell: int) -> None:
    """No animation but theirs runs, and a bar of unknown length stands still."""
    bar = stage.output(cell).locator("progress:indeterminate").last
    clocks = {"tm-s", "tm-m", "tm-d"}
    stage.page.emulate_media(reduced_motion="reduce")
    running = stage.output(cell).evaluate(
        """root => root.getAnimations({subtree: true})
            .filter(one => one.playState === "running").map(one => one.animationName)"""
    )
    before = bar.screenshot()
    stage.page.evaluate(PAINTED)
    after = bar.screenshot()
    stage.page.emulate_media(reduced_motion="no-preference")
    assert set(running) <= clocks
    assert before == after


@pytest.mark.parametrize("cell", [LIVE, STATIC, LIVE_TABLE])
def test_a_narrow_page_cuts_nothing_off(stage: Stage, cell: int) -> None:
    """On 320 pixels no card needs to be scrolled sideways; tables of data may be."""
    stage.page.set_viewport_size({"width": 320, "height": HEIGHT})
    stage.unfold()
    stage.page.evaluate(PAINTED)
    overflowing = stage.output(cell).evaluate(OVERFLOWING)
    stage.page.set_viewport_size({"width": 1000, "height": HEIGHT})
    assert overflowing == []
