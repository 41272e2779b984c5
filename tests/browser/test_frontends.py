"""The card where else notebooks are used: Notebook 7, Voilà, without a kernel, started anew."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from urllib.parse import quote, urlsplit

import nbformat
import pytest
from lab import _IS_CONNECTED, CARD, PATIENCE, Desk, Lab, Notebook, Service
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, expect

pytestmark = pytest.mark.browser

QUICKSTART = Path(__file__).parent.parent.parent / "notebooks" / "quickstart.ipynb"
CELL = ".jp-Notebook .jp-Cell"
WIDGET = ".jupyter-widgets"
WATCHED, TABLE, BESIDE, SHOWN = (5, 6), 8, 14, 20


class ClassicNotebook(Lab):
    """A Notebook 7 server, which also renders dashboards: Voilà is an extension of it."""

    def _command(self) -> list[str]:
        start, module, name, *options = super()._command()
        assert (module, name) == ("-m", "jupyterlab")
        kept = [option for option in options if not option.startswith("--LabApp")]
        return [start, module, "notebook", *kept, "--JupyterNotebookApp.expose_app_in_browser=True"]


class Complaints:
    """What a page complained about in its console, but for what is missing of other hosts."""

    def __init__(self, page: Page) -> None:
        self.heard: list[str] = []
        page.on("pageerror", lambda error: self.heard.append(str(error)))
        page.on("console", self._note)

    def _note(self, message: ConsoleMessage) -> None:
        host = urlsplit(message.location["url"]).hostname
        if message.type == "error" and host in {None, "127.0.0.1"}:
            self.heard.append(f"{message.text} at {message.location}")


@contextmanager
def serve_notebook(folder: Path) -> Iterator[Lab]:
    """A Notebook 7 server that keeps everything in *folder*."""
    server = ClassicNotebook(folder)
    try:
        server.wait_until_ready()
        yield server
    finally:
        server.close()


@pytest.fixture(scope="module")
def classic(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """Notebook 7 and Voilà."""
    with serve_notebook(tmp_path_factory.mktemp("classic")) as running:
        yield running


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """An empty page, large enough for a notebook."""
    context = browser.new_context(viewport={"width": 1000, "height": 1100})
    empty = context.new_page()
    empty.set_default_timeout(PATIENCE * 1_000)
    yield empty
    context.close()


def put_quickstart(server: Lab, name: str) -> Path:
    """A fresh copy of the shipped notebook, with less to wait for."""
    notebook = nbformat.read(QUICKSTART, as_version=4)
    notebook.metadata.pop("widgets", None)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
            cell.source = cell.source.replace("--speed 6", "--speed 60")
            cell.source = cell.source.replace("20_000_000", "200_000")
    return server.keep(name, notebook)


def completed(place: Page | Locator) -> Locator:
    """The cards of completed jobs, each alone; not the rows of tables."""
    return place.locator(f'div{CARD}[data-state="COMPLETED"]')


def test_notebook_7_runs_the_quickstart(classic: Lab, page: Page) -> None:
    """Live cards appear, move and become static ones; the console stays clean."""
    complaints = Complaints(page)
    path = put_quickstart(classic, "in notebook 7")
    page.goto(f"{classic.url}/notebooks/{quote(path.name)}")
    page.wait_for_function(_IS_CONNECTED)
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    cells = page.locator(CELL)
    expect(cells.nth(WATCHED[0]).locator(f"{WIDGET} {CARD}").first).to_be_visible()
    for number in (*WATCHED, SHOWN):
        expect(completed(cells.nth(number))).to_have_count(1)
        expect(cells.nth(number).locator(WIDGET)).to_have_count(0)
    expect(cells.nth(TABLE).locator(f'tr{CARD}[data-state="COMPLETED"]')).to_have_count(2)
    expect(completed(cells.nth(BESIDE))).to_have_count(1)
    expect(cells.nth(BESIDE).get_by_text("I rate it", exact=True)).to_be_visible()
    # Notebook 7 itself complains of a setting without a schema.
    assert [said for said in complaints.heard if "'schema'" not in said] == []


def test_voila_shows_the_quickstart(classic: Lab, page: Page) -> None:
    """Rendered after all cells have run: every card is there, the panel among its widgets too."""
    complaints = Complaints(page)
    path = put_quickstart(classic, "in voila")
    page.goto(f"{classic.url}/voila/render/{quote(path.name)}")
    expect(completed(page)).to_have_count(len(WATCHED) + 2)
    expect(page.locator(f'tr{CARD}[data-state="COMPLETED"]')).to_have_count(2)
    expect(page.get_by_text("I rate it", exact=True)).to_be_visible()
    # Voilà itself complains of a module that it shares with other extensions.
    assert [said for said in complaints.heard if "shared module" not in said] == []


def test_voila_keeps_a_card_alive(classic: Lab, page: Page, service: Service) -> None:
    """A job that is still running when the page has been rendered goes on in it."""
    job_id = service.submit()
    path = classic.write("alive", [service.introduction(), f"%tempolor {job_id} --interval 1"])
    page.goto(f"{classic.url}/voila/render/{quote(path.name)}")
    card = page.locator(CARD)
    expect(card).to_have_attribute("data-state", "GENERATING")
    service.skip(100)
    expect(card).to_have_attribute("data-state", "COMPLETED")
    expect(page.locator("audio")).to_be_visible()


def test_a_foreign_notebook_without_a_kernel_tells_all(lab: Lab, page: Page) -> None:
    """Of the shipped notebook, not trusted and not run, the cards can be read."""
    notebook = nbformat.read(QUICKSTART, as_version=4)
    strange = {"name": "elsewhere", "display_name": "Elsewhere", "language": "elsewhere"}
    notebook.metadata.update(kernelspec=strange, language_info={"name": "elsewhere"})
    html, plain = (
        notebook.cells[WATCHED[0]].outputs[0].data[kind] for kind in ("text/html", "text/plain")
    )
    path = lab.keep("from elsewhere", notebook)
    page.goto(f"{lab.url}/doc/tree/{quote(path.name)}")
    dialog = page.locator(".jp-Dialog")
    dialog.locator("select").select_option("null")
    dialog.locator(".jp-mod-accept").click()
    shown = page.locator(CELL).nth(WATCHED[0]).locator(CARD)
    expect(shown).to_be_visible()
    assert "data-job-id" in html
    expect(shown).not_to_have_attribute("data-job-id", "")  # or it was not sanitized
    _, state, title, _, key, tempo, *_ = plain.split(" · ")
    assert state == "COMPLETED"
    expect(shown.locator("bdi")).to_have_text(title)
    told = shown.locator("strong").all_inner_texts()
    assert (told.count(key), told.count(tempo)) == (1, 1)
    for word in ("Completed", "user:", "SANDBOX"):
        expect(shown).to_contain_text(word)
    shown.get_by_text("Lyrics", exact=True).click()
    expect(shown.get_by_text("[Verse]").first).to_be_visible()


def test_two_tabs_show_one_watch(desk: Desk, lab: Lab, service: Service) -> None:
    """The same notebook in another tab costs no request, and both cards move."""
    job_id = service.submit()
    notebook = desk.open(service.introduction(), f"%tempolor {job_id} --interval 1")
    notebook.run(0, 1)
    notebook.wait_for_state(1, "GENERATING")
    notebook.save()
    other = Notebook(notebook.page.context.new_page(), lab.url, notebook.path)
    other.wait_for_state(1, "GENERATING")
    begun = len(service.asked_about(job_id))
    notebook.until(lambda: len(service.asked_about(job_id)) >= begun + 3)
    asked = service.asked_about(job_id)
    assert all(later - earlier > 0.9 for earlier, later in pairwise(asked))
    service.skip(25)
    for tab in (notebook, other):
        tab.wait_for_progress(1, beyond=0)
    service.skip(100)
    notebook.wait_for_state(1, "COMPLETED")
    other.wait_for_state(1, "COMPLETED")


def test_a_cleared_output_stays_cleared(desk: Desk, service: Service) -> None:
    """The watch goes on behind it, brings nothing back, and can be shown again."""
    job_id = service.submit()
    cells = (f"job = %tempolor {job_id} --interval 1", "job.result().final", "%tempolor show")
    notebook = desk.open(service.introduction(), *cells)
    notebook.run(0, 1)
    notebook.wait_for_state(1, "GENERATING")
    notebook.page.get_by_role("menuitem", name="Edit", exact=True).click()
    notebook.page.get_by_role("menuitem", name="Clear Outputs of All Cells").click()
    expect(notebook.page.locator(CARD)).to_have_count(0)
    service.skip(100)
    notebook.run(2)
    expect(notebook.output(2)).to_contain_text("True")
    expect(notebook.page.locator(CARD)).to_have_count(0)
    notebook.run(3)
    notebook.wait_for_state(3, "COMPLETED")
    expect(notebook.page.locator(CARD)).to_have_count(1)


def test_a_restarted_kernel_shows_each_card_once(desk: Desk, service: Service) -> None:
    """What the old kernel left goes when its cell runs again; the new card lives and ends."""
    job_id = service.submit()
    notebook = desk.open(service.introduction(), f"%tempolor {job_id} --interval 1")
    notebook.run(0, 1)
    notebook.wait_for_state(1, "GENERATING")
    notebook.run(0, 1)
    expect(notebook.page.locator(CARD)).to_have_count(1)
    notebook.page.get_by_role("menuitem", name="Kernel", exact=True).click()
    notebook.page.get_by_role("menuitem", name=re.compile("^Restart Kernel\u2026")).click()
    with notebook.page.expect_response(re.compile("/restart")):
        notebook.page.locator(".jp-Dialog .jp-mod-accept").click()
    notebook.page.wait_for_function(_IS_CONNECTED)
    notebook.run(0, 1)
    notebook.wait_for_state(1, "GENERATING")
    expect(notebook.page.locator(CARD)).to_have_count(1)
    service.skip(25)
    notebook.wait_for_progress(1, beyond=0)
    service.skip(100)
    notebook.wait_for_state(1, "COMPLETED")
    expect(notebook.page.locator(CARD)).to_have_count(1)
    expect(notebook.output(1).locator(WIDGET)).to_have_count(0)
