"""The oldest versions that are promised are those that ``.ci/versions`` tries."""

from __future__ import annotations

import re
import tomllib
from itertools import chain
from pathlib import Path

TESTS = Path(__file__).parent
# ``name>=1.2``, and what else is asked of its version.
_BOUND = re.compile(r"(?P<name>[\w-]+)>=(?P<lowest>[\d.]+)(?:,.*)?")


def test_the_lowest_versions_are_the_bounds_of_the_project() -> None:
    """Every dependency but the project's own extras has a bound, and just that is constrained."""
    project = tomllib.loads((TESTS.parent / "pyproject.toml").read_text())["project"]
    asked = chain(project["dependencies"], *project["optional-dependencies"].values())
    others = {each for each in asked if not each.startswith(project["name"])}
    bounds = {each: _BOUND.fullmatch(each) for each in others}
    assert all(bounds.values()), bounds
    lowest = {f"{bound['name']}=={bound['lowest']}" for bound in bounds.values() if bound}
    lines = (TESTS / "lowest.txt").read_text().splitlines()
    assert [line for line in lines if not line.startswith("#")] == sorted(lowest)
