"""What many outputs cost the page: ``python -m benchmarks.heavy_page`` (``test`` extra, Chromium).

A table of 1,000 running jobs, and 100 cards below each other, in a real JupyterLab: the time until
they stand on the page, the page's script memory against the same notebook without outputs, and
the frames a second while it scrolls through the cards.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from lab import Desk, Notebook, chromium, find_chromium, serve_lab
from services import Steady, serve

SETUP = """import os
os.environ.update(USEAPI_TOKEN="user:4711-only.for.this", TEMPOLOR_BASE_URL={url!r})
%load_ext tempolor_magic
import tempolor_magic as tempolor
ids = [f"user:4711-tempolor:1-job:{{n:015}}" for n in range(1000)]"""
TABLE = "%tempolor watch {ids}"
# JupyterLab shows no more than 50 outputs of one cell, so a hundred cards take two cells. The
# package keeps 50 outputs live: the older half becomes static.
SHOW = "from IPython.display import display\nfor each in ids[{}:{}]: display(tempolor.watch(each))"
CARDS = (SHOW.format(0, 50), SHOW.format(50, 100))
SCROLL = """async () => {
    const box = document.querySelector('.jp-WindowedPanel-outer') || document.scrollingElement;
    let frames = 0; const begun = performance.now();
    while (performance.now() - begun < 3000) {
        box.scrollTop += 40;
        if (box.scrollTop + box.clientHeight >= box.scrollHeight - 1) box.scrollTop = 0;
        await new Promise(requestAnimationFrame); frames += 1;
    }
    return frames / 3;
}"""


def main() -> None:
    """Measure and print."""
    path = find_chromium()
    if path is None:
        raise SystemExit("Chromium is not installed: apt-get install chromium")
    with (
        tempfile.TemporaryDirectory() as folder,
        serve(Steady()) as url,
        serve_lab(Path(folder)) as lab,
        chromium(path) as browser,
    ):
        figures: dict[str, float] = {}
        for what, codes, rows in (("1,000-row table", (TABLE,), 1000), ("100 cards", CARDS, 50)):
            desk = Desk(lab, browser, what.replace(",", "").replace(" ", "-"))
            notebook = desk.open(SETUP.format(url=url), *codes)
            notebook.run(0)
            before = _memory(notebook)
            begun = time.perf_counter()
            for number in range(1, len(codes) + 1):
                notebook.start(number)
                cards = notebook.output(number).locator(".tempolor-card")
                notebook.until(lambda cards=cards, rows=rows: cards.count() >= rows)
            figures[f"{what}: seconds until it stands"] = time.perf_counter() - begun
            figures[f"{what}: MB of script memory"] = (_memory(notebook) - before) / 1e6
            figures[f"{what}: frames a second while scrolling"] = notebook.page.evaluate(SCROLL)
            desk.clear()
    print("| what | figure |\n|---|---|")  # noqa: T201
    for name, figure in figures.items():
        print(f"| {name} | {figure:.1f} |")  # noqa: T201
    print(json.dumps(figures))  # noqa: T201


def _memory(notebook: Notebook) -> float:
    """Bytes in use by scripts, after collecting what nobody holds."""
    session: Any = notebook.page.context.new_cdp_session(notebook.page)
    session.send("HeapProfiler.collectGarbage")
    session.send("Performance.enable")
    metrics = session.send("Performance.getMetrics")["metrics"]
    return float(next(m["value"] for m in metrics if m["name"] == "JSHeapUsedSize"))


if __name__ == "__main__":
    main()
