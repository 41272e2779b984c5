"""Make the pictures of the README: ``python -m docs.pictures``.

Needs the ``test`` extra and Chromium.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from lab import Desk, chromium, find_chromium, serve_lab, serve_music

PREPARED = "import time\ncompute_something = lambda: time.sleep(0.1)"
CELLS = (
    "%load_ext tempolor_magic",
    "job = %tempolor watch {job_id} --interval 1",
    "while job.progress < 90:      # the kernel is busy; the card goes on\n    compute_something()",
)


def main() -> None:
    """Photograph a running card above a busy cell."""
    path = find_chromium()
    if path is None:
        raise SystemExit("Chromium is not installed: apt-get install chromium")
    with (
        tempfile.TemporaryDirectory() as folder,
        serve_lab(Path(folder)) as lab,
        chromium(path) as browser,
        serve_music(song_seconds=100, seed=3) as service,
    ):
        service.skip(-45)
        job_id = service.submit("a calm piano piece, rain on a window")
        service.skip(45)
        desk = Desk(lab, browser, "watching")
        setup = service.introduction().replace("%load_ext tempolor_magic", PREPARED)
        notebook = desk.open(setup, *(cell.replace("{job_id}", job_id) for cell in CELLS))
        notebook.run(0, 1, 2)
        notebook.start(3)
        notebook.wait_for_state(2, "GENERATING")
        notebook.until(lambda: notebook.progress(2) > 0)
        box = notebook.cell(3).bounding_box()
        top = notebook.cell(1).bounding_box()
        assert box is not None  # noqa: S101  # both were run just now
        assert top is not None  # noqa: S101
        notebook.page.screenshot(
            path=ROOT / "docs" / "images" / "watching.png",
            clip={
                "x": top["x"],
                "y": top["y"],
                "width": 860,
                "height": box["y"] + box["height"] - top["y"] + 6,
            },
        )
        notebook.interrupt()


if __name__ == "__main__":
    main()
