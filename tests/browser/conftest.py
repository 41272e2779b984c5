"""One JupyterLab and one Chromium for all tests of this folder."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

import pytest
from lab import Desk, Lab, Service, chromium, find_chromium, serve_lab, serve_music
from playwright.sync_api import Browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium; without it the tests are skipped, unless the environment says it must be here."""
    path = find_chromium()
    if path is None:
        if os.environ.get("TEMPOLOR_REQUIRE_BROWSER") == "1":
            pytest.fail("Chromium is not installed, and TEMPOLOR_REQUIRE_BROWSER asks for it")
        pytest.skip("Chromium is not installed")
    with chromium(path) as opened:
        yield opened


@pytest.fixture(scope="module")
def lab(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A JupyterLab server, not started where there is no browser for it."""
    with serve_lab(tmp_path_factory.mktemp("lab")) as running:
        yield running


@pytest.fixture
def service() -> Iterator[Service]:
    """A music service whose songs take 100 s of its own time."""
    with serve_music() as running:
        yield running


@pytest.fixture
def desk(lab: Lab, browser: Browser, request: pytest.FixtureRequest) -> Iterator[Desk]:
    """An empty desk; its notebooks are called after the test."""
    name = re.sub(r"\W+", "-", request.node.name.removeprefix("test_")).strip("-")
    empty = Desk(lab, browser, name)
    yield empty
    empty.clear()
