"""What is written for users says what there is."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

import tempolor_magic
from tempolor_magic.language.grammar import VERBS, overview

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_each_verb_is_in_the_readme_and_in_the_help(verb: str) -> None:
    """With every option that it has."""
    assert re.search(rf"`%tempolor {verb}\b", README)
    assert re.search(rf"^  {verb} ", overview(), re.MULTILINE)
    options = set(VERBS[verb].options()) - {
        "--help",
        "--interval",
        "--deadline",
        "--wait",
        "--live",
    }
    for option in options:
        assert f"{option}" in README


def test_the_readme_names_no_verb_that_is_not_built() -> None:
    """Every ``%tempolor WORD`` is a verb or stands for an id."""
    named = set(re.findall(r"%tempolor ([a-z]+)\b(?!:)", README))
    assert named <= set(VERBS)


@pytest.mark.parametrize("name", [d.split(">")[0].lower() for d in PROJECT["dependencies"]])
def test_each_dependency_is_justified(name: str) -> None:
    """In a line of the README's table."""
    assert re.search(rf"^\| {re.escape(name)} \|", README, re.MULTILINE | re.IGNORECASE)


def test_pictures_of_the_readme_exist() -> None:
    """No broken picture on the first page."""
    pictures = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", README)
    assert pictures
    assert [p for p in pictures if not (ROOT / p).is_file()] == []


def test_public_names_are_there_and_documented() -> None:
    """Each loads when it is first used, and says what it is."""
    for name in tempolor_magic.__all__:
        assert getattr(tempolor_magic, name).__doc__


@pytest.mark.parametrize("name", sorted(set(tempolor_magic.__all__) - {"errors", "__version__"}))
def test_no_module_stands_in_the_place_of_a_public_name(name: str) -> None:
    """Python puts a sub-module over a name of the package as soon as anything imports it."""
    package = ROOT / "tempolor_magic"
    assert not (package / name).exists()
    assert not (package / f"{name}.py").exists()


def test_an_unknown_name_is_an_attribute_error() -> None:
    """As for any module."""
    with pytest.raises(AttributeError, match="no attribute 'wach'"):
        _ = tempolor_magic.wach
