"""Clicks on a card's buttons, which come on whatever thread the kernel delivers them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fakes import TOKEN
from kernels import Kernel, kernel
from services import Steady, serve

pytestmark = pytest.mark.kernel


@pytest.fixture(scope="module")
def steady(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Kernel, Steady]]:
    """A kernel with the extension, and a service that says GENERATING for ever."""
    service, folder = Steady(), tmp_path_factory.mktemp("clicks")
    with (
        serve(service) as url,
        kernel(folder, USEAPI_TOKEN=TOKEN, TEMPOLOR_BASE_URL=url) as running,
    ):
        assert not running.run("%load_ext tempolor_magic").error
        yield running, service


@pytest.mark.parametrize("way", ["shell", "subshell"])
def test_a_click_while_a_cell_is_busy_is_heeded(steady: tuple[Kernel, Steady], way: str) -> None:
    """At once or after the cell: one watch is stopped, the cell and the other one go on."""
    k, service = steady
    subshell = k.new_subshell() if way == "subshell" else ""
    if way == "subshell" and not subshell:
        pytest.skip("ipykernel has subshells from 7 on")
    other, stopped = (f"user:4711-tempolor:100198329-job:{way}{n}" for n in range(2))
    service.progress, heard = 35, len(k.heard)
    k.run(f"other = %tempolor watch {other} --interval 0.5")
    k.run(f"job = %tempolor watch {stopped} --interval 600")
    cell = k.start("while other.progress != 99: pass")
    k.click("Stop watching", subshell=subshell)
    service.progress = 99
    assert not k.finish(cell).error
    k.listen(lambda m: f'data-job-id="{stopped}" data-state="STOPPED"' in str(m["content"]))
    assert k.run("print(job.state, other.state)").text == "STOPPED GENERATING\n"
    assert not [m for m in k.heard[heard:] if m["msg_type"] == "error"]
    assert not [m for m in k.heard[heard:] if m["content"].get("name") == "stderr"]
