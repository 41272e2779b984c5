"""Every hostile text in every place of a record, in real pages: shown, and never obeyed."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import hostile
import mistune
import nbformat
import pytest
from fakes import TOKEN
from lab import CARD, PATIENCE, Desk, Notebook
from playwright.sync_api import Browser, Dialog, Locator, Page, expect
from services import serve

from tempolor_magic.api.ids import parse_job_id
from tempolor_magic.api.records import read_record
from tempolor_magic.view import text, words
from tempolor_magic.view.output import static_bundle
from tempolor_magic.watching.snapshot import Snapshot, State

COUNT = len(hostile.TEXTS)
# Elements with their attributes' names: what a text must not be able to change.
_SHAPES = """cards => cards.map(card => [card, ...card.querySelectorAll("*")].map(
    one => one.tagName + " " + one.getAttributeNames().sort().join(" ")
).join("\\n"))"""
_BREAKING = re.compile(
    "[\\x00-\\x08\\x0a-\\x1f\\x7f-\\x9f\\u2028\\u2029\\u061c\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069]"
)


class Tags(HTMLParser):
    """The elements of a page, with their attributes' names."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep what could act."""
        self.found.append(" ".join([tag, *sorted(name for name, _ in attrs)]))


class Guard:
    """What a page did that no text may make it do."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self.foreign: list[str] = []
        self.dialogs: list[str] = []
        page.context.on("request", lambda request: self._note(request.url))
        page.on("dialog", self._dismiss)

    def check(self, *, allowed: frozenset[str] = frozenset()) -> None:
        """Nothing ran, nothing asked, nothing left this machine."""
        assert [url for url in self.foreign if urlsplit(url).hostname not in allowed] == []
        assert self.dialogs == []
        reached = [frame.evaluate("window.reached") for frame in self._page.frames]
        assert not any(reached)

    def _dismiss(self, dialog: Dialog) -> None:
        self.dialogs.append(dialog.message)
        dialog.dismiss()

    def _note(self, url: str) -> None:
        place = urlsplit(url)
        if place.scheme in {"http", "https", "ws", "wss"} and place.hostname != "127.0.0.1":
            self.foreign.append(url)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """Where the service made of hostile texts listens."""
    with serve(hostile.service) as place:
        yield place


def snapshot(job_id: str, state: State) -> Snapshot:
    """A job with a hostile record, as the watching leaves it."""
    record = read_record(hostile.document(job_id), job_id)
    return Snapshot(parse_job_id(job_id), state=state, record=record, progress=record.progress)


def bundles() -> list[dict[str, Any]]:
    """What a file keeps of each completed job."""
    return [static_bundle([snapshot(i, State.COMPLETED)], 0.0) for i in hostile.job_ids("done")]


def shapes(cards: Locator) -> list[str]:
    """The elements of each card."""
    found: list[str] = cards.evaluate_all(_SHAPES)
    return found


def check_shapes(cards: Locator, *, count: int = COUNT) -> None:
    """Every card is built like that of the harmless text."""
    expect(cards).to_have_count(count)
    found = shapes(cards)
    unlike = [(n, hostile.TEXTS[n][:60]) for n, shape in enumerate(found) if shape != found[0]]
    assert unlike == []


def introduction(url: str) -> str:
    """A cell that loads the extension and makes it use the hostile service."""
    given = {"USEAPI_TOKEN": TOKEN, "TEMPOLOR_BASE_URL": url}
    ids = {kind: hostile.job_ids(kind) for kind in ("running", "done", "failed", "refused")}
    return (
        f"import os\nos.environ.update({given!r})\n%load_ext tempolor_magic\n"
        "from tempolor_magic.functions import watch\n"
        "from tempolor_magic.view.output import show_bundle, static_bundle\n"
        f"ids = {ids!r}\n%config TempolorMagics.interval = 600"
    )


def open_notebook(desk: Desk, url: str, *cells: str) -> tuple[Notebook, Guard]:
    """A notebook in Lab with the extension loaded, under guard."""
    notebook = desk.open(introduction(url), *cells)
    guard = Guard(notebook.page)
    notebook.run(*range(len(cells) + 1))
    return notebook, guard


@pytest.mark.browser
def test_live_cards_obey_no_text(desk: Desk, url: str) -> None:
    """Each running job as a card of its own: built alike, and opened to the last line."""
    code = (
        "import ipywidgets\njobs = [watch(i) for i in ids['running']]\n"
        "ipywidgets.VBox([job.panel for job in jobs])"
    )
    notebook, guard = open_notebook(desk, url, code)
    out = notebook.output(1)
    expect(out.locator(f'{CARD}[data-state="GENERATING"]')).to_have_count(COUNT)
    expect(out.locator(".tempolor-facts details")).to_have_count(3 * COUNT)
    check_shapes(out.locator(CARD))
    check_shapes(out.locator(".tempolor-facts"))
    out.locator("details").evaluate_all("all => all.forEach(one => one.open = true)")
    guard.check()


@pytest.mark.browser
@pytest.mark.parametrize("kind", ["running", "done", "failed", "refused"])
def test_tables_obey_no_text(desk: Desk, url: str, kind: str) -> None:
    """All jobs in one table, live and static; each also opened as a card of a live one."""
    code = f"jobs = %tempolor watch {{ids[{kind!r}]}}"
    notebook, guard = open_notebook(desk, url, code, "%tempolor show --live {jobs}")
    state = {"running": "GENERATING", "done": "COMPLETED", "failed": "FAILED"}.get(kind, "ERROR")
    check_shapes(notebook.output(1).locator(f'tr{CARD}[data-state="{state}"]'))
    live = notebook.output(2)
    check_shapes(live.locator(f'tr{CARD}[data-state="{state}"]'))
    opened = [_open(live, number) for number in range(COUNT)]
    unlike = [hostile.TEXTS[n][:60] for n, shape in enumerate(opened) if shape != opened[0]]
    assert unlike == []
    guard.check()


def _open(table: Locator, number: int) -> list[str]:
    """What the card is built of that the list of a live table opens, all of it unfolded."""
    job_id = table.locator(f"tr{CARD}[data-job-id$='{number:04d}']").get_attribute("data-job-id")
    table.locator("select").select_option(index=number + 1)
    card = table.locator(f"div{CARD}")
    expect(card).to_have_attribute("data-job-id", job_id or "")
    expect(table.locator(".tempolor-id")).to_have_text(job_id or "")
    table.locator("details").evaluate_all("all => all.forEach(one => one.open = true)")
    return shapes(card) + shapes(table.locator(".tempolor-facts"))


@pytest.mark.browser
@pytest.mark.parametrize("kind", ["done", "failed", "refused"])
def test_static_cards_obey_no_text(desk: Desk, url: str, kind: str) -> None:
    """What a file keeps, as a trusted output in Lab: built alike, whatever the texts."""
    code = (
        f"jobs = [watch(i) for i in ids[{kind!r}]]\n"
        "errors = [job.exception() for job in jobs]\n"
        "bundles = [static_bundle([job.watch.snapshot], 0.0) for job in jobs]\n"
        "for bundle in bundles[:40]:\n    show_bundle(bundle)"
    )
    # JupyterLab shows fifty outputs of a cell.
    more = "for bundle in bundles[40:]:\n    show_bundle(bundle)"
    notebook, guard = open_notebook(desk, url, code, "%tempolor jobs", more)
    cards = notebook.page.locator(f"div{CARD}")
    check_shapes(cards)
    cards.locator("details").evaluate_all("all => all.forEach(one => one.open = true)")
    rows = notebook.output(2).locator("tr:has(td)")
    expect(rows.nth(COUNT - 1)).to_be_visible()
    check_shapes(rows, count=rows.count())  # earlier tests' jobs are in the journal as well
    expect(notebook.output(2).locator("mjx-container, script, img, a")).to_have_count(0)
    guard.check()


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A notebook file that holds the card of each text, and the table of all."""
    done = [snapshot(job_id, State.COMPLETED) for job_id in hostile.job_ids("done")]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("pass")])
    notebook.cells[0].outputs = [
        nbformat.v4.new_output("display_data", data=data)
        for data in (*bundles(), static_bundle(done, 0.0))
    ]
    path = tmp_path_factory.mktemp("hostile") / "hostile.ipynb"
    nbformat.write(notebook, path)
    return path


def convert(saved: Path, kind: str, suffix: str) -> Path:
    """What nbconvert makes of the file."""
    command = [sys.executable, "-m", "nbconvert", "--to", kind, str(saved)]
    subprocess.run(command, check=True, capture_output=True, timeout=PATIENCE)
    return saved.with_suffix(suffix)


@pytest.mark.browser
def test_an_exported_page_obeys_no_text(browser: Browser, saved: Path) -> None:
    """In nbconvert's HTML, which loads its own libraries from the two hosts it names."""
    page = browser.new_context(offline=True).new_page()
    guard = Guard(page)
    page.goto(convert(saved, "html", ".html").as_uri())
    check_shapes(page.locator(f"div{CARD}"))
    check_shapes(page.locator(f"tr{CARD}"))
    page.locator("details").evaluate_all("all => all.forEach(one => one.open = true)")
    guard.check(allowed=frozenset({"cdnjs.cloudflare.com", "cdn.jsdelivr.net", "unpkg.com"}))
    page.context.close()


@pytest.mark.browser
def test_exported_markdown_obeys_no_text(browser: Browser, saved: Path) -> None:
    """Rendered by a program that lets HTML pass, no text becomes a link, a picture or a tag."""
    source = convert(saved, "markdown", ".md").read_text()
    rendered = mistune.create_markdown(escape=False, plugins=["table"])(source)
    assert isinstance(rendered, str)
    page = browser.new_context(offline=True).new_page()
    guard = Guard(page)
    page.set_content(rendered)
    ours = ':not([alt=Cover]):not([src^="data:image/png;base64,"])'
    assert page.locator(f"a[href], img{ours}, script, iframe, form").count() == 0
    guard.check()
    page.context.close()


@pytest.mark.parametrize("number", range(COUNT))
def test_exported_html_of_a_text_is_one_block_of_markdown(number: int) -> None:
    """A blank line would end the block, and what follows would be read as Markdown."""
    for bundle in (bundles()[number], bundles()[0]):
        rendered = mistune.create_markdown(escape=False, plugins=["table"])(bundle["text/html"])
        assert isinstance(rendered, str)
        alike = [t for t in Tags(rendered).found if t != "p"]
        assert alike == Tags(bundle["text/html"]).found


def test_lines_of_text_hold_one_line_and_no_controls() -> None:
    """In a terminal a text can neither move the cursor nor turn the line around nor add one."""
    faces = [
        words.face(snapshot(job_id, state), now=0.0)
        for kind, state in (("running", State.GENERATING), ("done", State.COMPLETED))
        for job_id in hostile.job_ids(kind)
    ]
    assert [f.job_id for f in faces if _BREAKING.search(text.card(f))] == []
    table = text.table(faces).split("\n")
    assert len(table) == len(faces) + 1
    assert not [line for line in table if _BREAKING.search(line)]
    details = [line for face in faces for line in text.details(face).split("\n")]
    assert not [line for line in details if _BREAKING.search(line)]
