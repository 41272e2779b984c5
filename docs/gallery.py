"""Photograph every state in both themes, and the card of the README: ``python -m docs.gallery``.

Needs the ``test`` extra and Chromium. The states are those of the accessibility tests.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT / part) for part in ("docs", "tests", "tests/browser")]

from lab import Desk, Lab, chromium, find_chromium, serve_lab, serve_music  # noqa: E402
from palette import reduced  # noqa: E402
from playwright.sync_api import Browser, Locator  # noqa: E402
from test_accessibility import (  # noqa: E402
    HEIGHT,
    LIBRARY,
    LIVE,
    LIVE_ERRORS,
    LIVE_TABLE,
    PAINTED,
    STATIC,
    STATIC_ERRORS,
    STATIC_TABLE,
    Stage,
    scenes,
)

IMAGES = ROOT / "docs" / "images"
PAGE = ROOT / "docs" / "gallery.md"
THEMES = ("light", "dark")
CARD = ".tempolor-panel, :not(.tempolor-panel *).tempolor-card"
# Clocks and bars stand where the page began to show them.
STILL = """() => document.getAnimations().forEach(one => {
    one.pause()
    one.currentTime = 0
})"""
# Pixels: nothing new is to be seen further down a narrow page.
LONGEST = 900
MEANINGS = {
    "waiting": "no answer yet",
    "generating": "progress is known",
    "estimated": "and so is how long it will take",
    "unknown": "progress is not told",
    "retrying": "the service can't be reached; the next try is counted down to",
    "limited": "HTTP 429: the service said when to ask again",
    "silent": "completed, its audio is not ready yet",
    "completed": "completed, with cover, waveform and player",
    "saved": "downloaded",
    "unsaved": "not downloaded",
    "embedded": "the file holds the audio itself (`--embed`)",
    "unheard": "completed, but nothing to play; and a long title",
    "sandbox": "completed in the sandbox, which embeds a short preview",
    "failed": "the service gave up on the job",
    "timed-out": "the deadline of the watch passed",
    "stopped": "the watch was stopped",
    "errors": "asking again can't help: HTTP 401, 402, 403, 404, 410, 596",
    "table": "many jobs",
}
# A file holds no card of a job that is still being made, and only a file holds audio.
ONLY_LIVE = ("waiting", "generating", "estimated", "unknown", "retrying", "limited")
ONLY_SAVED = ("embedded",)
NARROW = {
    "generating": "a live card",
    "completed": "a saved card",
    "table-live": "a live table",
    "table-saved": "a saved table",
    "library": "the library",
}
PREPARED = "import time\ncompute_something = lambda: time.sleep(0.1)"
# The picture is not to wait for a record that names a cover early.
COVERED = """from tempolor_magic.watching import media, state
async def cover(watch):
    async for found in media.find_cover(watch.connection, watch.snapshot):
        watch.publish(state.equip(watch.snapshot, **found))
job.watch.poller.loop.submit(cover, job.watch).result()"""
CELLS = (
    "%load_ext tempolor_magic",
    "job = %tempolor watch {job_id} --interval 1",
    "while job.progress < 90:      # the kernel is busy; the card goes on\n    compute_something()",
)


def main() -> None:
    """Take all pictures, and write the page that shows them."""
    path = find_chromium()
    if path is None:
        raise SystemExit("Chromium is not installed: apt-get install chromium")
    IMAGES.mkdir(exist_ok=True)
    for former in IMAGES.glob("*.png"):
        former.unlink()
    with (
        tempfile.TemporaryDirectory() as folder,
        serve_lab(Path(folder)) as lab,
        chromium(path) as browser,
    ):
        photograph_watching(lab, browser)  # in the theme that Lab begins with
        photograph_states(lab, browser)
        helper = browser.new_page()
        for picture in IMAGES.glob("*.png"):
            picture.write_bytes(reduced(picture.read_bytes(), helper))
    PAGE.write_text(page(), encoding="utf-8")


def photograph_states(lab: Lab, browser: Browser) -> None:
    """Every state, live and saved, in every theme; then some of them on a narrow page."""
    stage = Stage(Desk(lab, browser, "gallery"))
    shown = _places(stage)
    for theme in THEMES:
        stage.light(theme)
        stage.page.mouse.move(0, 0)
        stage.page.evaluate(STILL)
        for name, place in shown.items():
            _photograph(stage, place, f"{name}-{theme}")
    stage.light(THEMES[0])
    stage.page.set_viewport_size({"width": 320, "height": HEIGHT})
    stage.page.evaluate(PAINTED)
    stage.page.evaluate(STILL)
    for name in NARROW:
        place = shown.get(name) or shown.get(f"{name}-live") or shown[f"{name}-saved"]
        _photograph(stage, place, f"{name}-narrow")


def _places(stage: Stage) -> dict[str, Locator]:
    """Where each picture is to be taken, by its name."""
    shown: dict[str, Locator] = {}
    for cell, kind, left_out in ((LIVE, "live", ONLY_SAVED), (STATIC, "saved", ONLY_LIVE)):
        cards = stage.output(cell).locator(CARD)
        names = {f"{name}-{kind}": i for i, name in enumerate(scenes()) if name not in left_out}
        shown |= {name: cards.nth(i) for name, i in names.items()}
    return shown | {
        "errors-live": stage.output(LIVE_ERRORS).locator(CARD),
        "errors-saved": stage.output(STATIC_ERRORS).locator(CARD),
        "table-live": stage.output(LIVE_TABLE).locator(".tempolor-panel"),
        "table-saved": stage.output(STATIC_TABLE).locator(".tempolor-table"),
        "library": stage.output(LIBRARY).locator(".tempolor-gallery"),
    }


def _photograph(stage: Stage, place: Locator, name: str) -> None:
    """All that *place* finds, in one picture."""
    boxes = [box for one in place.all() if (box := one.bounding_box())]
    left, top = (min(box[side] for box in boxes) for side in ("x", "y"))
    right = max(box["x"] + box["width"] for box in boxes)
    bottom = max(box["y"] + box["height"] for box in boxes)
    height = min(bottom - top, LONGEST if name.endswith("narrow") else bottom - top)
    stage.page.screenshot(
        path=IMAGES / f"{name}.png",
        clip={"x": left, "y": top, "width": right - left, "height": height},
    )


def photograph_watching(lab: Lab, browser: Browser) -> None:
    """A running card above a busy cell, for the README."""
    with serve_music(song_seconds=100, seed=3) as service:
        service.skip(-45)
        job_id = service.submit("a calm piano piece, rain on a window")
        service.skip(45)
        setup = service.introduction().replace("%load_ext tempolor_magic", PREPARED)
        cells = (cell.replace("{job_id}", job_id) for cell in CELLS)
        notebook = Desk(lab, browser, "watching").open(setup, *cells, COVERED)
        notebook.run(0, 1, 2)
        notebook.wait_for_state(2, "GENERATING")
        notebook.run(4)
        notebook.start(3)
        notebook.card(2).locator("img").wait_for()
        top, bottom = notebook.cell(1).bounding_box(), notebook.cell(3).bounding_box()
        if top is None or bottom is None:
            raise SystemExit("The cells that were run are not on the page")
        notebook.page.screenshot(
            path=IMAGES / "watching.png",
            clip={
                "x": top["x"],
                "y": top["y"],
                "width": 860,
                "height": bottom["y"] + bottom["height"] - top["y"],
            },
        )
        notebook.interrupt()


def page() -> str:
    """The gallery as Markdown."""
    parts = ["# Gallery\n\nEvery state of a card; made by `python -m docs.gallery`."]
    parts.append(
        "A card keeps its width and its height from the first answer to the player, live and saved."
    )
    for kind, heading, left_out in (
        ("live", "Live in a notebook", ONLY_SAVED),
        ("saved", "Saved in the file", ONLY_LIVE),
    ):
        shown = {name: told for name, told in MEANINGS.items() if name not in left_out}
        parts.append(f"## {heading}\n\n" + _in_both_themes(shown, kind))
    library = "`%tempolor list`: a page of the library"
    parts.append(f"## The library\n\n{_in_both_themes({'library': library})}")
    narrow = [
        f"![{told} on a narrow page](images/{name}-narrow.png)" for name, told in NARROW.items()
    ]
    parts.append(
        "## On 320 pixels\n\n"
        f"| {' | '.join(NARROW.values())} |\n|{' --- |' * len(NARROW)}\n| {' | '.join(narrow)} |"
    )
    return "\n\n".join(parts) + "\n"


def _in_both_themes(shown: dict[str, str], kind: str = "") -> str:
    """A row for each name, with its meaning and a picture for each theme."""
    rows = ["| State | " + " | ".join(THEMES) + " |", "| --- | --- | --- |"]
    for name, told in shown.items():
        place = f"{name}-{kind}" if kind else name
        alt = ", ".join(part for part in (name, kind) if part)
        pictures = [
            f"![{alt}, {theme} theme: {told}](images/{place}-{theme}.png)" for theme in THEMES
        ]
        rows.append(f"| **{name}**<br>{told} | " + " | ".join(pictures) + " |")
    return "\n".join(rows)


if __name__ == "__main__":
    main()
