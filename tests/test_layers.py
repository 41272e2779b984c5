"""The walls of the house: who may import whom, and which files stay pure."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "tempolor_magic"
NAME = "tempolor_magic"

# Each room and file, and what of ours it may import. Longest match wins; down only.
MAY_IMPORT: dict[str, tuple[str, ...]] = {
    "version": (),
    "errors": (),
    "api": ("api", "errors", "version"),
    "settings": ("api.credentials", "errors"),
    "language": (
        "language",
        "api.formats",
        "api.ids",
        "api.orders",
        "errors",
        "sandbox.faults",
        "settings",
        "version",
    ),
    "fetching": ("errors", "view.frontend", "view.output", "waiting", "watching"),
    "watching": ("watching", "api", "errors", "version"),
    "view": ("view", "watching.snapshot", "api.ids", "errors"),
    "clients": ("api", "errors", "settings", "waiting", "watching.loop"),
    "waiting": ("errors", "watching.loop"),
    "rows": ("api.records", "errors"),
    "collection": (
        "api",
        "errors",
        "rows",
        "runtime",
        "view.frontend",
        "view.output",
        "waiting",
        "watching",
    ),
    "job": ("api", "errors", "fetching", "view", "waiting", "watching", "embed"),
    "jobs": ("api", "errors", "fetching", "job", "rows", "view", "waiting", "watching"),
    "keychain": ("errors",),
    "tokens": ("api.credentials", "errors", "keychain", "settings"),
    "occasions": ("view.frontend", "watching.ledger"),
    "runtime": (
        "api",
        "errors",
        "collection",
        "job",
        "jobs",
        "occasions",
        "sandbox.launcher",
        "settings",
        "tokens",
        "view.belongings",
        "view.frontend",
        "view.output",
        "view.panel",
        "watching",
    ),
    "embed": ("api", "job", "jobs", "runtime", "view"),
    "verbs": (
        "verbs",
        "api",
        "errors",
        "fetching",
        "job",
        "jobs",
        "collection",
        "language.commands",
        "runtime",
        "sandbox.faults",
        "settings",
        "view",
        "waiting",
        "watching",
    ),
    "functions": ("api", "collection", "errors", "job", "jobs", "runtime", "verbs.making"),
    "magics": (
        "api.credentials",
        "errors",
        "language",
        "runtime",
        "settings",
        "tokens",
        "verbs",
    ),
    "extension": ("errors", "magics", "watching.journal"),
    "sandbox": ("sandbox",),
    "__init__": (
        "extension",
        "version",
        "errors",
        "api",
        "clients",
        "embed",
        "functions",
        "job",
        "jobs",
    ),
}

# One file each knows these libraries; everything else is shielded from them.
ONLY_IN = {
    "httpx": {"api/wire.py"},
    "ipywidgets": {"view/panel.py"},
    "jinja2": {"view/html.py"},
    "msgspec": {"api/fields.py"},
    "platformdirs": {"watching/journal.py"},
    "sqlite3": {"watching/store.py", "watching/ledger.py"},
    "uvicorn": {"sandbox/server.py", "sandbox/breakable.py"},
    "keyring": {"keychain.py"},
    "numpy": {f"sandbox/{name}.py" for name in ("files", "instruments", "music")},
    "lameenc": {"sandbox/files.py"},
}

PURE = (
    "errors.py",
    "language/commands.py",
    "language/completion.py",
    "language/files.py",
    "language/grammar.py",
    "language/library.py",
    "language/line.py",
    "language/making.py",
    "language/saving.py",
    "language/setup.py",
    "language/syntax.py",
    "language/watching.py",
    "settings.py",
    "rows.py",
    "api/formats.py",
    "api/ids.py",
    "api/orders.py",
    "api/records.py",
    "api/failures.py",
    "api/accounts.py",
    "api/credentials.py",
    "api/fields.py",
    "api/midi.py",
    "api/pages.py",
    "api/scheduler.py",
    "api/stems.py",
    "api/subjects.py",
    "api/unpacking.py",
    "api/uploads.py",
    "api/voices.py",
    "api/waveform.py",
    "watching/answers.py",
    "watching/naming.py",
    "watching/pace.py",
    "watching/sidecar.py",
    "watching/durations.py",
    "watching/estimate.py",
    "watching/shapes.py",
    "watching/state.py",
    "watching/snapshot.py",
    "view/words.py",
    "view/html.py",
    "view/progress.py",
    "view/text.py",
    "sandbox/accounts.py",
    "sandbox/composition.py",
    "sandbox/damage.py",
    "sandbox/faults.py",
    "sandbox/files.py",
    "sandbox/formats.py",
    "sandbox/harmony.py",
    "sandbox/ids.py",
    "sandbox/instruments.py",
    "sandbox/jobs.py",
    "sandbox/links.py",
    "sandbox/lives.py",
    "sandbox/music.py",
    "sandbox/orders.py",
    "sandbox/pages.py",
    "sandbox/parameters.py",
    "sandbox/progress.py",
    "sandbox/ranges.py",
    "sandbox/records.py",
    "sandbox/refusals.py",
    "sandbox/schedule.py",
    "sandbox/songs.py",
    "sandbox/store.py",
    "sandbox/uploads.py",
    "sandbox/voices.py",
    "sandbox/world.py",
)
IMPURE = {"time", "os", "asyncio", "anyio", "threading", "socket", "secrets", "subprocess", "uuid"}

FILES = sorted(path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("file", FILES)
def test_imports_run_downward_only(file: str) -> None:
    """A file imports of ours only what its row allows."""
    room = _row(file)
    for target in _ours(file):
        allowed = any(target == a or target.startswith(f"{a}.") for a in MAY_IMPORT[room])
        assert allowed, f"{file} imports {target}, which the row of {room!r} does not allow"


@pytest.mark.parametrize("file", FILES)
def test_a_library_is_known_in_one_place(file: str) -> None:
    """So that each can be changed in one place."""
    for library in _imports(file):
        homes = ONLY_IN.get(library.split(".")[0], {file})
        assert file in homes, f"{file} imports {library}, which belongs into {homes}"


@pytest.mark.parametrize("file", PURE)
def test_a_pure_file_knows_no_clock_and_no_outside(file: str) -> None:
    """Time and chance come in as arguments."""
    touched = {name.split(".")[0] for name in _imports(file)} & IMPURE
    assert not touched, f"{file} imports {touched}"
    source = (PACKAGE / file).read_text(encoding="utf-8")
    for word in (".now(", ".utcnow(", "open(", "await ", "random.random("):
        assert word not in source, f"{file} uses {word}"


def test_every_file_stands_in_a_row() -> None:
    """The table has no holes and no row without a file."""
    assert {_row(file) for file in FILES} == set(MAY_IMPORT)


def _row(file: str) -> str:
    first = file.split("/", maxsplit=1)[0]
    return first.removesuffix(".py")


def _imports(file: str) -> list[str]:
    """The modules a file imports, wherever in it."""
    tree = ast.parse((PACKAGE / file).read_text(encoding="utf-8"))
    found: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            found += _modules(node)
    return found


def _modules(node: ast.ImportFrom) -> list[str]:
    module = node.module or ""
    if module != NAME and not module.startswith(f"{NAME}."):
        return [module]
    below = PACKAGE / module.removeprefix(NAME).lstrip(".").replace(".", "/")
    names = [alias.name for alias in node.names]
    parts = [n for n in names if (below / f"{n}.py").exists() or (below / n).is_dir()]
    return [f"{module}.{part}" for part in parts] or [module]


def _ours(file: str) -> list[str]:
    return [m.removeprefix(f"{NAME}.") for m in _imports(file) if m.startswith(f"{NAME}.")]
