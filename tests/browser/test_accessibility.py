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
from lab import CARD, STRANGER, Desk, Lab, Notebook, Service
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
# What follows each other when all goes well; when it does, a file holds one of the latter.
RUNNING = ("waiting", "generating", "estimated", "unknown", "retrying", "limited")
HEARD = ("silent", "completed", "saved", "unsaved", "embedded", "sandbox")
GOOD_LIFE = (*RUNNING, *HEARD)
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
UNCOVERED = """.tempolor-panel [style*=opacity], .tempolor-card [style*=opacity], .tempolor-quiet,
.tempolor-panel tr, .tempolor-table [style*=opacity], .tempolor-gallery [style*=opacity]
{position: relative}"""
# What is spoken: each text that appears in a live region, however it gets there; and whether it
# was there to be read before its region was, when a screen reader does not listen yet.
LISTEN = """root => {
    window.spoken = []
    window.missed = []
    const regions = node => node.nodeType === Node.ELEMENT_NODE
        ? [...(node.matches("[aria-live]") ? [node] : []), ...node.querySelectorAll("[aria-live]")]
        : []
    new MutationObserver(changes => {
        for (const change of changes) {
            const target = change.target
            const inside = (target.closest ? target : target.parentElement)?.closest("[aria-live]")
            const found = inside ? [inside] : [...change.addedNodes].flatMap(regions)
            window.spoken.push(...found.map(region => region.textContent.trim()))
            window.missed.push(...found.filter(region => region.innerText.trim()))
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
OVERFLOWING = """root => {
    const all = [...root.querySelectorAll(`.tempolor-panel, div.tempolor-card, .tempolor-facts,
        .tempolor-table, .tempolor-table tr, .tempolor-gallery`)]
    return [all.length, all.filter(one => one.scrollWidth > one.clientWidth)
        .map(one => `${one.scrollWidth} > ${one.clientWidth}: ${one.outerHTML.slice(0, 200)}`)]
}"""
PLACES = "all => all.map(one => [one.offsetLeft, one.getBoundingClientRect().top])"
# The card's width, its title's place in it, and the height that the output takes.
MEASURE = """output => {
    const card = output.querySelector(".tempolor-panel, .tempolor-card").getBoundingClientRect()
    const title = output.querySelector("div[title]").getBoundingClientRect()
    return [card.width, title.left - card.left, title.top - card.top,
            output.closest(".jp-OutputArea-child").getBoundingClientRect().height]
}"""


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
        "saved": _made(8, "Blue Hour", **heard, saved=("Blue Hour 8.mp3",)),
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

    def unfold(self, *, is_open: bool = True) -> None:
        """Open all that is folded, or fold it again."""
        self.page.locator("details").evaluate_all(
            "(all, open) => all.forEach(one => one.open = open)", is_open
        )

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
    # Text of less than full opacity, unless positioned, axe takes for covered by what is around it.
    stage.page.add_style_tag(content=UNCOVERED)
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
    notebook = _listen_to(desk, service, job_id)
    expect(notebook.card(1, state="WAITING")).to_contain_text("retrying")
    _be_reachable(notebook, service)
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
    _check_spoken(notebook, job_id, "Music is being made", "Music is ready", named=title)


@pytest.mark.parametrize(
    ("state", "options", "said"),
    [
        (State.FAILED, "", "Music has failed"),
        (State.STOPPED, "", "No longer watching"),
        (State.TIMED_OUT, "--deadline 6", "Gave up watching"),
    ],
)
def test_a_bad_end_is_spoken_once(
    desk: Desk, service: Service, state: State, options: str, said: str
) -> None:
    """Whatever ends a watch: the service, the one who watches, or the clock."""
    job_id = service.submit("please fail")
    notebook = _listen_to(desk, service, job_id, options)
    _be_reachable(notebook, service)
    notebook.wait_for_state(1, "GENERATING")
    if state is State.FAILED:
        service.skip(200)
    elif state is State.STOPPED:
        notebook.output(1).get_by_role("button", name="Stop watching").click()
    notebook.wait_for_state(1, state)
    _check_spoken(notebook, job_id, "Music is being made", said)


def test_an_error_is_spoken_once(desk: Desk, service: Service) -> None:
    """Of a watch that ends before there was an answer."""
    notebook = _listen_to(desk, service, STRANGER)
    _be_reachable(notebook, service)
    notebook.wait_for_state(1, "ERROR")
    _check_spoken(notebook, STRANGER, "Watching ended with an error")


def _listen_to(desk: Desk, service: Service, job_id: str, options: str = "") -> Notebook:
    """A notebook that watches a job whose service is not reachable yet, and its every word."""
    line = f"%tempolor watch {job_id} --interval 1 --live {options}"
    notebook = desk.open(service.introduction(), line)
    notebook.run(0)
    service.stop()
    notebook.cell(1).evaluate(LISTEN)
    notebook.run(1)
    notebook.wait_for_state(1, "WAITING")
    return notebook


def _be_reachable(notebook: Notebook, service: Service) -> None:
    """Nobody waits for the next try: the user asks for news."""
    service.start()
    notebook.output(1).get_by_role("button", name="Refresh").click()


def _check_spoken(notebook: Notebook, job_id: str, *said: str, named: str = "") -> None:
    """Each state once, to a region that was already there, and the last is left to be read."""
    item = job_id.rpartition(":")[2]
    states = ("Waiting for the service", *said)
    expected = [f"{each}: {item}" for each in states[:-1]] + [f"{said[-1]}: {named or item}"]
    assert notebook.page.evaluate("window.spoken") == expected
    assert notebook.page.evaluate("window.missed.length") == 0
    region = notebook.output(1).get_by_role("status")
    expect(region).to_have_text(expected[-1], use_inner_text=True)


def test_all_can_be_done_by_keyboard(desk: Desk, service: Service) -> None:
    """Tab goes through in order, Enter and Space act, and a tick takes the focus from nothing."""
    job_id = service.submit()
    notebook = desk.open(service.introduction(), f"%tempolor watch {job_id} --interval 1 --live")
    notebook.run(0, 1)
    notebook.wait_for_state(1, "GENERATING")
    expect(notebook.output(1).locator("summary")).to_have_count(3)
    assert _tab_to(notebook, "Refresh") == [
        "Prompt",
        "Lyrics",
        "Timeline",
        "Stop watching",
        "Refresh",
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
    clocks = {"tm-s", "tm-m", "tm-h", "tm-d"}
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


@pytest.fixture
def narrow(stage: Stage) -> Iterator[Stage]:
    """The stage on a page of 320 pixels."""
    stage.page.set_viewport_size({"width": 320, "height": HEIGHT})
    stage.page.evaluate(PAINTED)
    yield stage
    stage.page.set_viewport_size({"width": 1000, "height": HEIGHT})
    stage.page.evaluate(PAINTED)


def test_a_narrow_page_cuts_nothing_off(narrow: Stage) -> None:
    """On 320 pixels nothing needs to be scrolled sideways, neither a card nor a table."""
    narrow.unfold()
    narrow.page.evaluate(PAINTED)
    found = [narrow.output(number).evaluate(OVERFLOWING) for number in range(1, len(CELLS) + 1)]
    assert all(looked_at for looked_at, _ in found)
    assert {
        name: too_wide for name, (_, too_wide) in zip(CELLS, found, strict=True) if too_wide
    } == {}


def test_a_narrow_card_has_facts_in_two_columns_and_its_buttons_in_one_row(narrow: Stage) -> None:
    """As many as can be read, and as few rows as possible."""
    card = narrow.output(LIVE).locator(".tempolor-panel").nth(list(scenes()).index("generating"))
    facts = card.locator(".tempolor-facts small").evaluate_all(PLACES)
    assert len({left for left, _ in facts}) == 2
    assert len({top for _, top in facts}) == 3
    buttons = card.locator("button").evaluate_all(PLACES)
    assert len(buttons) == 2
    assert len({top for _, top in buttons}) == 1


def test_a_card_is_as_wide_and_as_high_in_its_whole_good_life(stage: Stage) -> None:
    """What comes keeps its place before, what is below is not pushed, and titles stand still."""
    stage.unfold(is_open=False)
    live = [_measured(stage, LIVE, name) for name in GOOD_LIFE]
    saved = [_measured(stage, STATIC, name) for name in GOOD_LIFE if name in HEARD]
    assert len({*live, *saved}) == 1


def test_every_card_is_equally_wide_and_has_its_title_in_the_same_place(stage: Stage) -> None:
    """Of each state, live and saved: they are replaced by each other."""
    places = {_measured(stage, cell, name)[:3] for cell in (LIVE, STATIC) for name in scenes()}
    assert len(places) == 1


def _measured(stage: Stage, cell: int, name: str) -> tuple[float, ...]:
    """Of one card: width, where its title begins, height of all it takes from the page."""
    output = stage.outputs(cell).nth(list(scenes()).index(name))
    measured: list[float] = output.evaluate(MEASURE)
    return tuple(measured)


def test_waveform_player_and_bar_end_where_the_card_does(stage: Stage) -> None:
    """One right edge for all, and a button that is no wider than its word needs."""
    edges = set()
    for name, parts in (("generating", "progress"), ("completed", "audio, img[alt=Waveform]")):
        card = stage.output(LIVE).locator(".tempolor-panel").nth(list(scenes()).index(name))
        boxes = [part.bounding_box() for part in card.locator(f"{parts}, button").all()]
        edges |= {box["x"] + box["width"] for box in (boxes[0], boxes[-1]) if box}
        assert all(box and box["width"] < 130 for box in boxes if box and box["height"] == 28)
    assert len(edges) == 1
