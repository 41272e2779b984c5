"""Photograph every state in both themes, and the card of the README: ``python -m docs.gallery``.

Needs the ``test`` extra and Chromium. The states are those of the accessibility tests.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "browser")]

from lab import Desk, Lab, chromium, find_chromium, serve_lab, serve_music  # noqa: E402
from playwright.sync_api import Browser, Locator  # noqa: E402
from test_accessibility import LIVE, LIVE_TABLE, STATIC, STATIC_TABLE, THEMES, Stage, scenes  # noqa: E402

IMAGES = ROOT / "docs" / "images"
PAGE = ROOT / "docs" / "gallery.md"
# Clocks and bars stand where the page began to show them.
STILL = """() => document.getAnimations().forEach(one => {
    one.pause()
    one.currentTime = 0
})"""
MEANINGS = {
    "waiting": "no answer yet",
    "generating": "progress is known",
    "unknown": "progress is not told",
    "retrying": "the service can't be reached, the next try is counted down to",
    "busy": "HTTP 429, the next try is counted down to",
    "silent": "completed, its file is not served yet",
    "completed": "completed, with cover, waveform and player",
    "failed": "the service gave up on the job",
    "error": "asking again can't help",
    "timed-out": "the deadline of the watch passed",
    "stopped": "the watch was stopped",
    "sandbox": "completed in the sandbox",
    "table": "many jobs",
}
PREPARED = "import time\ncompute_something = lambda: time.sleep(0.1)"
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
    with (
        tempfile.TemporaryDirectory() as folder,
        serve_lab(Path(folder)) as lab,
        chromium(path) as browser,
    ):
        photograph_watching(lab, browser)  # in the theme that Lab begins with
        photograph_states(lab, browser)
    PAGE.write_text(page(), encoding="utf-8")


def photograph_states(lab: Lab, browser: Browser) -> None:
    """Every state, live and saved, in every theme."""
    stage = Stage(Desk(lab, browser, "gallery"))
    shown: list[tuple[str, Locator]] = []
    for cell, kind in ((LIVE, "live"), (STATIC, "saved")):
        cards = stage.outputs(cell).locator(
            ".tempolor-panel, :not(.tempolor-panel *).tempolor-card"
        )
        shown += [(f"{name}-{kind}", cards.nth(i)) for i, name in enumerate(scenes())]
    shown.append(("table-live", stage.output(LIVE_TABLE).locator(".tempolor-panel")))
    shown.append(("table-saved", stage.output(STATIC_TABLE).locator(".tempolor-table")))
    for theme in THEMES:
        stage.light(theme)
        stage.page.mouse.move(0, 0)
        stage.page.evaluate(STILL)
        for name, card in shown:
            card.screenshot(path=IMAGES / f"{name}-{theme}.png")


def photograph_watching(lab: Lab, browser: Browser) -> None:
    """A running card above a busy cell, for the README."""
    with serve_music(song_seconds=100, seed=3) as service:
        service.skip(-45)
        job_id = service.submit("a calm piano piece, rain on a window")
        service.skip(45)
        setup = service.introduction().replace("%load_ext tempolor_magic", PREPARED)
        cells = (cell.replace("{job_id}", job_id) for cell in CELLS)
        notebook = Desk(lab, browser, "watching").open(setup, *cells)
        notebook.run(0, 1, 2)
        notebook.start(3)
        notebook.wait_for_state(2, "GENERATING")
        notebook.until(lambda: notebook.progress(2) > 0)
        top, bottom = notebook.cell(1).bounding_box(), notebook.cell(3).bounding_box()
        if top is None or bottom is None:
            raise SystemExit("The cells that were run are not on the page")
        notebook.page.screenshot(
            path=IMAGES / "watching.png",
            clip={
                "x": top["x"],
                "y": top["y"],
                "width": 860,
                "height": bottom["y"] + bottom["height"] - top["y"] + 6,
            },
        )
        notebook.interrupt()


def page() -> str:
    """The gallery as Markdown."""
    parts = ["# Gallery\n\nEvery state of a card; made by `python -m docs.gallery`."]
    for kind, heading in (("live", "Live in a notebook"), ("saved", "Saved in the file")):
        rows = [f"## {heading}\n", "| State | " + " | ".join(THEMES) + " |", "| --- | --- | --- |"]
        for name, meaning in MEANINGS.items():
            pictures = [
                f"![{name}, {kind}, {theme} theme: {meaning}](images/{name}-{kind}-{theme}.png)"
                for theme in THEMES
            ]
            rows.append(f"| **{name}**<br>{meaning} | " + " | ".join(pictures) + " |")
        parts.append("\n".join(rows))
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    main()
