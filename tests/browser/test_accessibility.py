"""Cards that anyone can read and use: measured by axe-core, and walked through by keyboard.

The stage is a notebook that shows every state at once; ``docs/gallery.py`` photographs it.
"""

from __future__ import annotations

import base64
import random
from collections.abc import Iterator
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from IPython.display import display
from lab import CARD, Desk, Lab
from playwright.sync_api import Browser, Locator, expect
from samples import CREATED, NOW, make_record, running_record

from tempolor_magic.api.failures import failure
from tempolor_magic.api.ids import JobId, parse_job_id
from tempolor_magic.sandbox.files import cover, mp3
from tempolor_magic.view.output import show_bundle, static_bundle
from tempolor_magic.view.panel import Actions, CardPanel, TablePanel
from tempolor_magic.watch import state
from tempolor_magic.watch.snapshot import Snapshot, State, Trouble

pytestmark = pytest.mark.browser

THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}
# What the cells of the stage show.
LIVE, STATIC, LIVE_TABLE, STATIC_TABLE = range(1, 5)
# As a row, a job that can be heard looks like one that can't.
TITLES = (
    "",
    "Rain on the Window",
    "Paper Boats",
    "Harbour Lights",
    "A Long Way Home",
    "Snow before Morning",
    "Night Train to the Sea",
    "Low Clouds",
    "",
    "Seven Lanterns",
    "Slow Carousel",
)
IN_A_TABLE = ("waiting", "generating", "unknown", "busy", "failed", "stopped", "completed")
OPENED = "unknown"
# High enough for the whole stage: what is scrolled away can't be judged.
HEIGHT = 12_000

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
# Only what was found wanting or could not be judged, and the texts whose contrast was.
JUDGE = """async (root, tags) => {
    const result = await axe.run(root, {runOnly: {type: "tag", values: tags}})
    const tell = found => found.flatMap(rule => rule.nodes.map(
        node => `${rule.id} ${node.target}: ${node.html}: ${node.failureSummary}`
    ))
    const contrast = result.passes.find(rule => rule.id === "color-contrast")
    const judged = new Set(contrast?.nodes.map(node => document.querySelector(node.target[0])))
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT)
    const missed = []
    while (walker.nextNode()) {
        const holder = walker.currentNode.parentElement
        const unseen = holder.closest("style, option, audio, progress, .tempolor-said")
        if (!walker.currentNode.data.trim() || unseen || judged.has(holder)) continue
        if (holder.checkVisibility()) missed.push(holder.outerHTML)
    }
    return {wrong: tell(result.violations), open: tell(result.incomplete), missed,
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
            const inside = change.target.parentElement?.closest("[aria-live]")
            const found = inside ? [inside] : [...change.addedNodes].flatMap(regions)
            window.spoken.push(...found.map(region => region.textContent.trim()))
        }
    }).observe(root, {subtree: true, childList: true, characterData: true, attributes: true})
}"""
FOCUSED = """() => {
    const at = document.activeElement
    return at.closest(".jp-Cell-outputArea") ? at.title || at.textContent.trim() : ""
}"""
# Twenty pictures of the browser, however long they take.
PAINTED = """async () => {
    for (let i = 0; i < 20; i++) await new Promise(requestAnimationFrame)
}"""
OVERFLOWING = """root => [...root.querySelectorAll(
    ".tempolor-panel, .tempolor-card, .tempolor-facts, .tempolor-table"
)].filter(one => !one.closest("table") && one.scrollWidth > one.clientWidth)
  .map(one => `${one.scrollWidth} > ${one.clientWidth}: ${one.outerHTML.slice(0, 200)}`)"""


def scenes() -> dict[str, Snapshot]:
    """A job at every moment that a view can show, by name."""
    drawn = base64.b64encode(cover(seed=4, mood="Nocturnal")).decode()
    silence = base64.b64encode(mp3(np.zeros((441_000, 2)))).decode()
    rng = random.Random(3)
    heard = {
        "cover": f"data:image/png;base64,{drawn}",
        "audio": f"data:audio/mpeg;base64,{silence}",
        "peaks": tuple(rng.randint(15, 100) for _ in range(120)),
    }
    made = {"status": 30, "status_name": "COMPLETED", "status_final": True, "progress": 100}
    lost = {"status": 10, "status_name": "FAILED", "status_final": True}
    late = Trouble("no answer within 10 s", NOW + 4)
    busy = Trouble("the service is busy (HTTP 429)", NOW + 17, limited=True)
    refused = failure(401, {}, b"", now=CREATED)
    begun = [_running(number, title) for number, title in enumerate(TITLES)]
    completed = state.equip(_told(begun[6], **made), **heard)
    return {
        "waiting": Snapshot(_id(0)),
        "generating": state.equip(begun[1], cover=heard["cover"]),
        "unknown": _running(2, TITLES[2], progress=None),
        "retrying": state.struggle(begun[3], late),
        "busy": state.struggle(begun[4], busy),
        "silent": state.equip(
            _told(begun[5], **made), cover=heard["cover"], note="the file is not served yet"
        ),
        "completed": completed,
        "failed": _told(begun[7], **lost),
        "error": state.end(Snapshot(_id(8)), State.ERROR, refused, now=NOW),
        "timed-out": state.end(
            begun[9], State.TIMED_OUT, state.timed_out(begun[9], "within 30 min"), now=NOW
        ),
        "stopped": state.end(begun[10], State.STOPPED, state.stopped(begun[10]), now=NOW),
        "sandbox": replace(completed, job_id=_id(11), sandbox=True),
    }


def show_live() -> None:
    """Display each scene as a live card."""
    for snapshot in scenes().values():
        display(CardPanel(snapshot, _idle(), now=_now, saved_by_show=True))  # type: ignore[no-untyped-call]


def show_static() -> None:
    """Display each scene as the card that a file keeps."""
    for snapshot in scenes().values():
        show_bundle(static_bundle([snapshot], NOW))


def show_live_table() -> None:
    """Display some scenes as a live table."""
    panel = TablePanel(_rows(), lambda _: _idle(), now=_now, hand_over=lambda show: show())
    display(panel)  # type: ignore[no-untyped-call]


def show_static_table() -> None:
    """Display some scenes as the table that a file keeps."""
    show_bundle(static_bundle(_rows(), NOW))


def _rows() -> list[Snapshot]:
    known = scenes()
    return [known[name] for name in IN_A_TABLE]


def _running(number: int, title: str, **changes: Any) -> Snapshot:
    """A job whose first answer came 95 s after it was made."""
    record = running_record(**{"titleEn": title, "updateTime": None, **changes})
    return state.observe(Snapshot(_id(number)), record, now=NOW, wall=CREATED + 95)


def _told(snapshot: Snapshot, **changes: Any) -> Snapshot:
    """The job with its last answer, 180 s later."""
    assert snapshot.record is not None
    record = make_record(**{"titleEn": snapshot.record.title, **changes})
    return state.observe(snapshot, record, now=NOW + 180, wall=CREATED + 275)


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
        shows = ("live", "static", "live_table", "static_table")
        self.notebook = desk.open(first, *(f"stage.show_{what}()" for what in shows))
        self.page = self.notebook.page
        self.page.set_viewport_size({"width": 1000, "height": HEIGHT})
        self.page.evaluate("jupyterapp.commands.execute('application:toggle-left-area')")
        self.notebook.run(0, LIVE, STATIC, LIVE_TABLE, STATIC_TABLE)
        number = IN_A_TABLE.index(OPENED) + 1
        choice = self.output(LIVE_TABLE).locator("select")
        choice.select_option(index=number)
        expect(self.output(LIVE_TABLE).locator(f"div{CARD}")).to_be_visible()
        for cell in (LIVE, STATIC):
            expect(self.outputs(cell)).to_have_count(len(scenes()))
            expect(self.output(cell).locator(CARD)).to_have_count(len(scenes()))
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


@pytest.mark.parametrize("cell", [LIVE, STATIC, LIVE_TABLE, STATIC_TABLE])
@pytest.mark.parametrize("theme", list(THEMES))
def test_axe_finds_nothing(stage: Stage, theme: str, cell: int) -> None:
    """No rule of WCAG 2.1 A and AA is broken or left open, and no text's contrast goes unjudged."""
    stage.light(theme)
    stage.unfold()
    # Lab's page has no height, and what is outside of the body axe takes for invisible.
    stage.page.evaluate("document.body.style.height = '100%'")
    stage.page.evaluate(files("axe_playwright_python").joinpath("axe.min.js").read_text())
    found = [output.evaluate(JUDGE, RULES) for output in stage.outputs(cell).all()]
    for flaw in ("wrong", "open", "missed"):
        assert [each[flaw] for each in found if each[flaw]] == []
    assert all(each["judged"] for each in found)
