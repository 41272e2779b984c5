"""A snapshot as plain text, for terminals, logs and ``text/plain``. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from tempolor_magic.view.words import Face, line, tally


def card(face: Face) -> str:
    """The line of a job; a finished one is followed by what else is known of it."""
    return line(face)


def details(face: Face) -> str:
    """Everything known of a job, a line each: for front ends that show text only."""
    rows = [line(face)]
    rows += [f"  {name:<9} {value}" for name, value in face.facts]
    if face.prompt:
        rows.append(f"  Prompt    {face.prompt}")
    if face.note:
        rows.append(f"  Audio     {face.note}")
    return "\n".join(rows)


def table(faces: Sequence[Face]) -> str:
    """Many jobs: a line of counts, then a line each."""
    return "\n".join([tally(tuple(faces)), *(f"  {line(face)}" for face in faces)])


def gallery(faces: Sequence[Face], *, heading: str, has_more: bool) -> str:
    """A page of the library, a line each."""
    more = ["  …  %tempolor list --more"] if has_more else []
    return "\n".join([heading, *(f"  {line(face)}" for face in faces), *more])


def columns(heading: str, names: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A heading and aligned columns."""
    table = [names, *rows]
    widths = [max(len(row[i]) for row in table) for i in range(len(names))]
    lines = ["  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)) for row in table]
    return "\n".join([heading, *(f"  {text.rstrip()}" for text in lines)])
