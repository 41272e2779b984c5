"""What users see and do in JupyterLab, in a real one."""

from __future__ import annotations

import re
from functools import partial
from itertools import pairwise

import pytest
from lab import CARD, STRANGER, Desk, Notebook, Service
from playwright.sync_api import FloatRect, Locator, expect

pytestmark = pytest.mark.browser

WIDGET = ".jupyter-widgets"
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
SANDBOX = "%load_ext tempolor_magic\n%tempolor sandbox --speed 30"
# Runs when an injected picture fails to load, or not at all.
HOSTILE = '<img src=x onerror="window.reached = true"><script>window.reached = true</script>'


def watch(job_id: str, options: str = "--interval 1") -> str:
    """The cell that watches a job; asked for once a second unless told otherwise."""
    return f"%tempolor watch {job_id} {options}"


def watch_new_job(desk: Desk, service: Service, *more: str) -> tuple[Notebook, str]:
    """A notebook with a live card of a running job as the output of cell 1; and the job's id."""
    job_id = service.submit()
    notebook = desk.open(service.introduction(), watch(job_id), *more)
    notebook.run(0, 1)
    notebook.wait_for_state(1, "GENERATING")
    return notebook, job_id


def fact(name: str) -> str:
    """Where a card tells what has that name."""
    return f"span:has(> small:text-is('{name}')) > strong"


def play(audio: Locator) -> None:
    """Play a player's sound, and wait until it is heard."""
    audio.scroll_into_view_if_needed()
    found = audio.evaluate(
        """async audio => {
            await audio.play()
            const from = audio.currentTime
            while (audio.currentTime <= from) await new Promise(requestAnimationFrame)
            audio.pause()
            return [audio.readyState, audio.duration]
        }"""
    )
    assert found[0] >= 1
    assert found[1] > 0


def test_a_busy_cell_does_not_stop_the_card(desk: Desk, service: Service) -> None:
    """While a cell computes, the bar above moves on and the finished card takes its place."""
    notebook, _ = watch_new_job(desk, service, "while True: pass")
    seen = notebook.progress(1)
    notebook.start(2)
    expect(notebook.prompt(2)).to_have_text("[*]:")
    for _ in range(2):
        service.skip(25)
        seen = notebook.wait_for_progress(1, beyond=seen)
    service.skip(100)
    notebook.wait_for_state(1, "COMPLETED")
    expect(notebook.output(1).locator(WIDGET)).to_have_count(0)
    expect(notebook.prompt(2)).to_have_text("[*]:")
    notebook.interrupt()
    notebook.wait_until_ended(2)
    expect(notebook.output(2)).to_contain_text("KeyboardInterrupt")


def test_nothing_is_pushed_while_music_is_made(desk: Desk, service: Service) -> None:
    """From the first card to the saved one it keeps its width, its title and the cell below."""
    job_id = service.submit()
    notebook = desk.open(service.introduction(), watch(job_id), "")
    notebook.run(0)
    service.stop()
    notebook.run(1)
    expect(notebook.card(1, state="WAITING")).to_contain_text("retrying")
    places = [_place(notebook)]
    service.start()
    notebook.wait_for_state(1, "GENERATING")
    places.append(_place(notebook))
    service.skip(100)
    notebook.wait_for_state(1, "COMPLETED")
    expect(notebook.output(1).locator(WIDGET)).to_have_count(0)
    expect(notebook.output(1).locator("audio")).to_be_visible()
    places.append(_place(notebook))
    assert places == [places[0]] * 3


def _place(notebook: Notebook) -> list[float]:
    """The card's width, where its title begins, and where the next cell does."""
    whole = notebook.output(1).locator(f".tempolor-panel, :not(.tempolor-panel *){CARD}")
    title = notebook.output(1).locator("div[title]").first
    card, name, below = (_box(part) for part in (whole, title, notebook.cell(2)))
    return [card["width"], name["x"], name["y"], below["y"]]


def _box(part: Locator) -> FloatRect:
    """Where it is, once it is there: a tick may replace it this very moment."""
    while (box := part.bounding_box()) is None:
        expect(part).to_be_visible()
    return box


def test_the_file_keeps_a_card_that_plays(desk: Desk) -> None:
    """A finished song of the sandbox is a static card that plays, also after a reload."""
    notebook = desk.open(SANDBOX, "%tempolor song a calm piano")
    notebook.run(0, 1)
    card = notebook.wait_for_state(1, "COMPLETED")
    expect(card).to_contain_text("SANDBOX")
    expect(notebook.output(1).locator(WIDGET)).to_have_count(0)
    play(card.locator("audio"))
    notebook.shoot("completed-static")
    (output,) = notebook.save().cells[1].outputs
    assert set(output.data) == {"text/html", "text/plain"}
    notebook.reload()
    play(notebook.card(1, state="COMPLETED").locator("audio"))


def test_a_reload_brings_the_live_card_back(desk: Desk, service: Service) -> None:
    """It goes on where it was; what the file can't get by itself, it says how to put there."""
    notebook, job_id = watch_new_job(desk, service, "", "")
    service.skip(25)
    seen = notebook.wait_for_progress(1, beyond=0)
    notebook.shoot("generating")
    notebook.save()
    notebook.reload()
    notebook.wait_for_state(1, "GENERATING")
    service.skip(25)
    notebook.wait_for_progress(1, beyond=seen)
    service.skip(100)
    notebook.wait_for_state(1, "COMPLETED")
    expect(notebook.output(1)).to_contain_text(f"%tempolor show {job_id}")
    notebook.type(2, f"%tempolor show {job_id}")
    notebook.run(2)
    notebook.wait_for_state(2, "COMPLETED")
    (output,) = notebook.save().cells[2].outputs
    assert WIDGET_VIEW not in output.data


def test_two_cards_share_one_poller(desk: Desk, service: Service) -> None:
    """A second card of a job costs no request and always shows the same."""
    job_id = service.submit()
    notebook = desk.open(service.introduction(), watch(job_id), watch(job_id, ""))
    notebook.run(0, 1, 2)
    notebook.wait_for_state(2, "GENERATING")
    begun = len(service.asked_about(job_id))
    notebook.until(lambda: len(service.asked_about(job_id)) >= begun + 4)
    asked = service.asked_about(job_id)
    assert all(later - earlier > 0.9 for earlier, later in pairwise(asked))
    service.skip(100)
    cards = [notebook.wait_for_state(cell, "COMPLETED") for cell in (1, 2)]
    for card in cards:
        expect(card.locator("audio")).to_be_visible()
    assert cards[0].inner_text() == cards[1].inner_text()
    links = [r for r in service.world.requests if r.path == f"/music/download/{job_id}"]
    assert len(links) == 1


def test_an_untrusted_copy_means_the_same(desk: Desk, service: Service) -> None:
    """Words and looks survive the sanitizer, and nothing in a file from elsewhere runs."""
    job_id = service.submit()
    service.skip(100)
    notebook = desk.open(service.introduction(), watch(job_id))
    notebook.run(0, 1)
    card = notebook.wait_for_state(1, "COMPLETED")
    card.locator("audio").wait_for()
    title, key, tempo = (
        card.locator(where).first.inner_text() for where in ("bdi", fact("Key"), fact("Tempo"))
    )
    looks = _size(card)
    kept = notebook.save()
    kept.cells[1].outputs[0].data["text/html"] += HOSTILE
    copy = desk.open_copy(kept)
    shown = copy.output(1)
    for word in ("Completed", title, key, tempo, job_id):
        assert word
        expect(shown).to_contain_text(word)
    expect(shown.locator("[data-job-id]")).to_have_count(0)  # or it was not sanitized
    expect(shown.locator("audio")).to_be_visible()
    assert _size(shown.locator(CARD)) == looks
    copy.shoot("completed-untrusted")
    assert copy.page.evaluate("window.reached") is None


def _size(card: Locator) -> tuple[float, float]:
    box = card.bounding_box()
    assert box
    return box["width"], box["height"]


def test_record_text_does_not_run(desk: Desk, service: Service) -> None:
    """A prompt that is markup is shown as text, live and static."""
    job_id = service.submit(HOSTILE)
    notebook = desk.open(service.introduction(), watch(job_id))
    notebook.run(0, 1)
    notebook.wait_for_state(1, "GENERATING")
    notebook.output(1).get_by_text("Prompt", exact=True).click()
    expect(notebook.output(1)).to_contain_text(HOSTILE)
    service.skip(100)
    notebook.wait_for_state(1, "COMPLETED")
    notebook.output(1).get_by_text("Prompt", exact=True).click()
    expect(notebook.output(1)).to_contain_text(HOSTILE)
    assert notebook.page.evaluate("window.reached") is None


def test_a_panel_in_a_layout_goes_on(desk: Desk, service: Service) -> None:
    """A card among other widgets moves, finishes and stays what it is."""
    job_id = service.submit()
    code = (
        "import tempolor_magic as tempolor\nfrom ipywidgets import Label, VBox\n"
        f"job = tempolor.watch('{job_id}', interval=1)\nVBox([job.panel, Label('beside it')])"
    )
    notebook = desk.open(service.introduction(), code)
    notebook.run(0, 1)
    notebook.wait_for_state(1, "GENERATING")
    seen = notebook.progress(1)
    service.skip(25)
    notebook.wait_for_progress(1, beyond=seen)
    service.skip(100)
    notebook.wait_for_state(1, "COMPLETED")
    expect(notebook.output(1).locator("audio")).to_be_visible()
    expect(notebook.output(1).get_by_text("beside it")).to_be_visible()
    expect(notebook.output(1).locator("button")).to_have_text(["Download"])


def test_the_clock_ticks_without_a_message(desk: Desk, service: Service) -> None:
    """Seconds pass on the card while neither service nor kernel says anything."""
    job_id = service.submit()
    notebook = desk.open(service.introduction(), watch(job_id, "--interval 600"))
    notebook.run(0, 1)
    notebook.wait_for_state(1, "GENERATING")
    expect(notebook.output(1)).to_contain_text("Tempo")  # told last
    clock = notebook.card(1).locator(".tmc")
    running = clock.evaluate("clock => clock.getAnimations().map(one => one.playState)")
    assert running
    assert set(running) == {"running"}
    notebook.page.wait_for_load_state("networkidle")
    told, seen = notebook.widget_messages(), notebook.progress(1)
    assert told > 0
    for _ in range(2):
        notebook.until(partial(_has_ticked, clock, _second(clock)))
    assert (notebook.widget_messages(), notebook.progress(1)) == (told, seen)


def _has_ticked(clock: Locator, since: str) -> bool:
    return _second(clock) != since


def _second(clock: Locator) -> str:
    shown = clock.evaluate("clock => getComputedStyle(clock).getPropertyValue('--tm-s')")
    return str(shown).strip()


def test_a_tick_leaves_alone_what_is_in_use(desk: Desk, service: Service) -> None:
    """Opened lyrics stay open, and the focus stays on its button."""
    notebook, _ = watch_new_job(desk, service)
    lyrics = notebook.output(1).locator("details", has_text="Lyrics")
    lyrics.locator("summary").click()
    stop = notebook.output(1).get_by_role("button", name="Stop watching")
    stop.focus()
    service.skip(25)
    notebook.wait_for_progress(1, beyond=notebook.progress(1))
    expect(lyrics).to_have_attribute("open", "")
    expect(stop).to_be_focused()


def test_stop_watching_stops(desk: Desk, service: Service) -> None:
    """A click ends the watch, and with it the requests; the card names the way back."""
    notebook, job_id = watch_new_job(desk, service)
    notebook.output(1).get_by_role("button", name="Stop watching").click()
    card = notebook.wait_for_state(1, "STOPPED")
    expect(card).to_contain_text(f"%tempolor watch {job_id}")
    expect(notebook.output(1).locator("button")).to_have_count(0)
    notebook.shoot("stopped")


def test_refresh_asks_at_once(desk: Desk, service: Service) -> None:
    """A click brings the news that the plain pace would have brought minutes later."""
    job_id = service.submit()
    notebook = desk.open(service.introduction(), watch(job_id, "--interval 600"))
    notebook.run(0, 1)
    notebook.wait_for_state(1, "GENERATING")
    service.skip(100)
    notebook.output(1).get_by_role("button", name="Refresh").click()
    notebook.wait_for_state(1, "COMPLETED")


def test_download_saves_beside_the_notebook(desk: Desk, service: Service) -> None:
    """The button of a live card that is completed saves the whole MP3 and names the file."""
    job_id = service.submit()
    service.skip(100)
    notebook = desk.open(service.introduction(), watch(job_id, "--live"))
    notebook.run(0, 1)
    notebook.wait_for_state(1, "COMPLETED")
    notebook.shoot("completed-live")
    notebook.output(1).get_by_role("button", name="Download").click()
    expect(notebook.output(1)).to_contain_text("Saved as")
    (saved,) = notebook.path.parent.glob(f"*{job_id.rpartition(':')[2]}.mp3")
    expect(notebook.output(1)).to_contain_text(saved.name)
    assert saved.read_bytes()[:2] in {b"ID", b"\xff\xfb"}
    expect(notebook.output(1).locator(WIDGET).first).to_be_visible()


def test_a_failed_job_has_a_face(desk: Desk, service: Service) -> None:
    """It ends as a static card that tells what to do."""
    job_id = service.submit("please fail")
    service.skip(200)
    notebook = desk.open(service.introduction(), watch(job_id))
    notebook.run(0, 1)
    _expect_bad_end(notebook, "FAILED", job_id, "submit it again")


def test_an_unknown_job_has_a_face(desk: Desk) -> None:
    """The watch ends as a static card that tells what to do."""
    notebook = desk.open(SANDBOX, watch(STRANGER, ""))
    notebook.run(0, 1)
    _expect_bad_end(notebook, "ERROR", STRANGER, "What to do")


def _expect_bad_end(notebook: Notebook, state: str, job_id: str, remedy: str) -> None:
    card = notebook.wait_for_state(1, state)
    expect(card).to_contain_text(remedy)
    expect(card).to_contain_text(job_id)
    expect(notebook.output(1).locator(WIDGET)).to_have_count(0)
    notebook.shoot(state.lower())


def test_trouble_passes(desk: Desk, service: Service) -> None:
    """While the service is gone the card counts down to the next try; then it goes on."""
    notebook, _ = watch_new_job(desk, service)
    seen = notebook.progress(1)
    service.stop()
    expect(notebook.card(1)).to_contain_text("retrying in")
    expect(notebook.card(1, state="GENERATING")).to_be_visible()
    notebook.shoot("retrying")
    service.start()
    service.skip(25)
    notebook.wait_for_progress(1, beyond=seen)
    expect(notebook.card(1)).not_to_contain_text("retrying")


def test_many_jobs_are_one_table(desk: Desk, service: Service) -> None:
    """Each job has a row, the list opens one as a card below, and the end is one static table."""
    prompts = ["rain", "please fail", "snow", "wind"]
    ids = [service.submit(prompt) for prompt in prompts[:3]]
    service.skip(50)
    ids.append(service.submit(prompts[3]))
    notebook = desk.open(service.introduction(), watch(" ".join(ids)))
    notebook.run(0, 1)
    rows = notebook.output(1).locator(f"tr{CARD}")
    expect(rows).to_have_count(4)
    expect(notebook.output(1).locator(f'tr{CARD}[data-state="GENERATING"]')).to_have_count(4)
    service.skip(55)
    expect(notebook.output(1).locator(f'tr{CARD}[data-state="COMPLETED"]')).to_have_count(2)
    expect(rows.nth(1)).to_have_attribute("data-state", "FAILED")
    notebook.output(1).locator("select").select_option(f"4 · {ids[3].rpartition(':')[2]}")
    opened = notebook.output(1).locator(f"div{CARD}")
    expect(opened).to_have_attribute("data-job-id", ids[3])
    notebook.shoot("table-live")
    service.skip(50)
    expect(notebook.output(1).locator(WIDGET)).to_have_count(0)
    expect(rows.nth(3)).to_have_attribute("data-state", "COMPLETED")
    expect(notebook.output(1)).to_contain_text(re.compile("4 jobs: 3 completed, 1 failed"))
    notebook.shoot("table-static")
