"""A snapshot as HTML, through auto-escaping templates. Pure: strings out.

Record text is hostile: it stands as element text or in double-quoted title, alt, href and src
attributes, never in style, class or id. Sources of pictures and sound come checked, in ``media``.
"""

from __future__ import annotations

from collections.abc import Sequence

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from tempolor_magic.view import waveform
from tempolor_magic.view.words import Face, in_groups, tally
from tempolor_magic.watching.snapshot import State

_TEMPLATES = Environment(
    loader=PackageLoader("tempolor_magic.view"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.filters["waveform"] = waveform.picture
_TEMPLATES.filters["one_line"] = lambda text: Markup("&#10;").join(text.split("\n"))
# A number and its unit stay on one line.
_TEMPLATES.filters["tight"] = lambda text: text.replace(" ", "\u00a0")
_LONGEST_ROW_TITLE = 24


def live_head(face: Face) -> str:
    """The part of a live card that changes with every tick. Nothing in it can be focused."""
    return _render("live_head.html", face=face)


def live_facts(face: Face, *, saved_by_show: bool = False) -> str:
    """The part of a live card that changes rarely: player, facts, lyrics. Carries the style.

    Args:
        face: What to show.
        saved_by_show: Say how to put the finished card into the notebook file.
    """
    final = face.state in {State.COMPLETED, State.FAILED}
    return _render("live_facts.html", face=face, unsaved=saved_by_show and final)


def live_foot(face: Face) -> str:
    """The part of a live card that changes once per state: the id and the live region.

    What a screen reader says appears in the region a moment after the region itself: text that
    comes along with it would be missed.
    """
    return _render("live_foot.html", face=face)


def live_table(faces: Sequence[Face]) -> str:
    """Many jobs as one table that changes with every tick."""
    return _render("live_table.html", **_table(faces))


def style() -> str:
    """The style element that live cards and tables rely on."""
    return _render("style.html")


def static_card(face: Face) -> str:
    """A card that means something in a saved file, without a kernel, after a sanitizer."""
    return _render("static_card.html", face=face)


def static_table(faces: Sequence[Face]) -> str:
    """Many jobs as a saved table."""
    return _render("static_table.html", **_table(faces))


def gallery(faces: Sequence[Face], *, heading: str, has_more: bool) -> str:
    """A page of the library: a tile for each job, with its player."""
    sandbox = any(face.sandbox for face in faces)
    return _render("gallery.html", faces=faces, heading=heading, has_more=has_more, sandbox=sandbox)


def facts_table(heading: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A plain saved table: the journal, the settings."""
    return _render("facts_table.html", heading=heading, columns=columns, rows=rows)


def saving(words: str, *, percent: int | None = None, saved: Sequence[str] = ()) -> str:
    """A download that is under way, or the names of the files it has made."""
    return _render("saving.html", words=words, percent=percent, saved=saved)


def _table(faces: Sequence[Face]) -> dict[str, object]:
    faces = in_groups(faces)
    done = sum(100.0 if face.over else face.progress or 0.0 for face in faces)
    return {
        "faces": faces,
        "tally": tally(faces),
        "overall": round(done / max(1, len(faces))),
        "sandbox": any(face.sandbox for face in faces),
        "longest": _LONGEST_ROW_TITLE,
    }


def _render(name: str, **values: object) -> str:
    """Without blank lines: in an exported Markdown file they would end the HTML, and what
    follows, text of the record among it, would be read as Markdown.
    """  # noqa: D205  # one reason, no summary
    lines = _TEMPLATES.get_template(name).render(**values).split("\n")
    return "\n".join(line for line in lines if line.strip())
