"""A watch cell run again and again, as people do: what it leaves in the kernel is bounded."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes import TOKEN
from kernels import Kernel, kernel
from services import Steady, practice_app, practice_world, serve

from tempolor_magic.sandbox.orders import Order

JOB_ID = "user:4711-tempolor:100198329-job:abcdef123456789"
# Seconds, the default.
INTERVAL = 10.0
WATCH = f"job = %tempolor watch {JOB_ID}"
RUNS = 100
# What a front end doesn't name can't be told apart: so many outputs are kept alive at most.
CAP = 50
_INVENTORY = """
import gc, threading
from ipywidgets.widgets.widget import _instances
from tempolor_magic.runtime import shared
gc.collect()
outputs = len(shared().outputs.live)
print(len(_instances), threading.active_count(), len(shared().poller.all()), outputs)
"""


@pytest.fixture
def steady(tmp_path: Path) -> Iterator[tuple[Kernel, Steady]]:
    """A kernel with the extension, and a service that says GENERATING for ever."""
    service = Steady()
    with (
        serve(service) as url,
        kernel(tmp_path, USEAPI_TOKEN=TOKEN, TEMPOLOR_BASE_URL=url) as running,
    ):
        assert not running.run("%load_ext tempolor_magic").error
        yield running, service


def inventory(k: Kernel) -> list[int]:
    """How many widgets, threads, watches and live outputs the kernel holds."""
    return [int(word) for word in k.run(_INVENTORY).text.split()]


def test_running_a_cell_again_leaves_nothing_behind(steady: tuple[Kernel, Steady]) -> None:
    """A hundred runs of one cell hold what one run holds, and ask no more often."""
    k, service = steady
    began = time.monotonic()
    assert not k.run(WATCH, cell_id="one").error
    once = inventory(k)
    for _ in range(RUNS - 1):
        assert not k.run(WATCH, cell_id="one").error
    assert inventory(k) == once
    assert once[2:] == [1, 1]
    assert 1 <= len(service.requests) <= (time.monotonic() - began) / INTERVAL + 1


def test_the_same_interval_again_asks_no_more_often(steady: tuple[Kernel, Steady]) -> None:
    """An option that changes nothing costs no request."""
    k, service = steady
    for _ in range(10):
        assert not k.run(f"{WATCH} --interval 600", cell_id="one").error
    k.run("job.stop()")
    assert len(service.requests) == 1


@pytest.mark.kernel
def test_other_cells_keep_their_cards(steady: tuple[Kernel, Steady]) -> None:
    """Only the cell that ran again loses its earlier card; two in one cell both stay."""
    k, _ = steady
    k.run(WATCH, cell_id="one")
    k.run(f"{WATCH}\n{WATCH}", cell_id="two")
    before = inventory(k)
    assert before[2:] == [1, 3]
    k.run(f"{WATCH}\n{WATCH}", cell_id="two")
    assert inventory(k) == before
    k.run("pass", cell_id="one")
    assert inventory(k) == before


def test_a_front_end_that_names_no_cells_is_bounded_as_well(steady: tuple[Kernel, Steady]) -> None:
    """The oldest cards become static, so that a hundred runs hold no more than fifty."""
    k, service = steady
    began = time.monotonic()
    for _ in range(CAP):
        assert not k.run(WATCH).error
    full = inventory(k)
    assert full[2:] == [1, CAP]
    replaced = len([m for m in k.heard if m["msg_type"] == "update_display_data"])
    for _ in range(RUNS - CAP):
        assert not k.run(WATCH).error
    assert inventory(k) == full
    kept = [m for m in k.heard if m["msg_type"] == "update_display_data"][replaced:]
    assert len({m["content"]["transient"]["display_id"] for m in kept}) == RUNS - CAP
    assert all("tempolor-card" in m["content"]["data"]["text/html"] for m in kept)
    assert 1 <= len(service.requests) <= (time.monotonic() - began) / INTERVAL + 1


def test_a_table_run_again_leaves_nothing_behind(steady: tuple[Kernel, Steady]) -> None:
    """The same of a table of twenty jobs: twenty watches, one table."""
    k, service = steady
    ids = " ".join(f"{JOB_ID[:-2]}{n}" for n in range(10, 30))
    k.run(f"jobs = %tempolor watch {ids} --interval 5", cell_id="one")
    # With the first answers comes the thread that reads what earlier jobs took.
    while len(service.requests) < len(ids.split()):
        service.until_asked(1)
    service.until_asked(1)
    once = inventory(k)
    for _ in range(20):
        assert not k.run(f"jobs = %tempolor watch {ids} --interval 5", cell_id="one").error
    assert inventory(k) == once
    assert once[2:] == [20, 1]


def test_a_card_that_became_static_too_early_still_gets_its_end(tmp_path: Path) -> None:
    """The first of many cards of one running job is given up while it runs, and ends like all."""
    world = practice_world(song_seconds=300.0)
    with serve(practice_app(world)) as url:
        job_id = world.submit(Order("rain"), now=time.time()).id
        with kernel(tmp_path, USEAPI_TOKEN=TOKEN, TEMPOLOR_BASE_URL=url) as k:
            k.run("%load_ext tempolor_magic")
            k.run(f"job = %tempolor watch {job_id} --interval 0.5")
            k.run(f"for _ in range({CAP + 5}): job.display()")
            (first, *_) = [m for m in k.heard if m["msg_type"] == "display_data"]
            k.run("%tempolor wait")
            shown = first["content"]["transient"]["display_id"]
            told = [
                m["content"]["data"]["text/html"]
                for m in k.heard
                if m["msg_type"] == "update_display_data"
                and m["content"]["transient"]["display_id"] == shown
            ]
    assert 'data-state="GENERATING"' in told[0] or 'data-state="WAITING"' in told[0]
    assert 'data-state="COMPLETED"' in told[-1]


def test_panels_in_a_layout_run_again_leave_nothing_behind(
    steady: tuple[Kernel, Steady],
) -> None:
    """A box of a panel, twenty times: the widgets and the listeners of one."""
    k, _ = steady
    k.run(f"import ipywidgets, tempolor_magic as tempolor\n{WATCH}", cell_id="one")
    box = (
        "box = ipywidgets.VBox([job.panel]); job.watch.poller.loop.settle()\n"
        "print(len(job.watch._subscribers))"
    )
    k.run(box, cell_id="two")
    once = inventory(k)[0]
    listeners = {k.run(box, cell_id="two").text for _ in range(20)}
    # The box itself, and its layout, belong to the user.
    assert inventory(k)[0] == once + 20 * 2
    assert len(listeners) == 1
