"""Unfinished files: held by one process, free as soon as that ends, never mixed up."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tempolor_magic.watching.parts import Part, mark_of, sweep

MARK = mark_of("job", "mp3", '"v1"')
HOLD = """
import sys
from pathlib import Path
from tempolor_magic.watching.parts import Part
part = Part.begin(Path(sys.argv[1]), sys.argv[2])
part.write(b"x" * 1000)
part.settle()
print("held", flush=True)
sys.stdin.read()
"""


def test_a_part_of_a_killed_process_is_free_at_once(tmp_path: Path) -> None:
    """While it lives another gets a part of its own; after kill -9 its bytes are taken up."""
    target = tmp_path / "a.mp3"
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(target), MARK],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        assert Part.take_up(target) is None
        own = Part.begin(target, MARK)
        assert own.size == 0
        own.discard()
        holder.kill()
        holder.wait()
    left = Part.take_up(target)
    assert left is not None
    assert (left.size, left.mark) == (1000, MARK)
    left.close()


def test_the_longest_part_is_taken_up_and_held(tmp_path: Path) -> None:
    """A second look finds the next; what is let go of is free again."""
    target = tmp_path / "a[1].mp3"
    for mark, size in (("1" * 8, 10), ("2" * 8, 30), ("3" * 8, 20)):
        part = Part.begin(target, mark)
        part.write(b"x" * size)
        part.close()
    first, second = Part.take_up(target), Part.take_up(target)
    assert first is not None
    assert second is not None
    assert (first.mark, second.mark) == ("2" * 8, "3" * 8)
    first.close()
    again = Part.take_up(target)
    assert again is not None
    assert again.mark == "2" * 8
    again.close()
    second.close()


def test_sweeping_deletes_what_is_free_and_nothing_else(tmp_path: Path) -> None:
    """Not what another writes to, and no file of somebody else."""
    target = tmp_path / "a.mp3"
    others = ["a.mp3.part", "a.mp3.crdownload", "b.mp3.11111111.part", "a.mp3.notes.part"]
    for name in others:
        (tmp_path / name).touch()
    Part.begin(target, "1" * 8).close()
    held = Part.begin(target, "2" * 8)
    sweep(target)
    assert sorted(each.name for each in tmp_path.iterdir()) == sorted([*others, held.path.name])
    held.close()


@pytest.mark.parametrize("overwrite", [True, False])
def test_a_part_becomes_its_target(tmp_path: Path, overwrite: bool) -> None:  # noqa: FBT001
    """One name in the place of the other, with all of its bytes."""
    target = tmp_path / "a.mp3"
    part = Part.begin(target, MARK)
    part.write(b"music")
    part.become(target, overwrite=overwrite)
    assert target.read_bytes() == b"music"
    assert list(tmp_path.iterdir()) == [target]


def test_a_part_replaces_only_if_told_to(tmp_path: Path) -> None:
    """Else it stays, and so does what is there."""
    target = tmp_path / "a.mp3"
    target.write_bytes(b"precious")
    part = Part.begin(target, MARK)
    part.write(b"music")
    with pytest.raises(FileExistsError):
        part.become(target, overwrite=False)
    assert target.read_bytes() == b"precious"
    left = Part.take_up(target)
    assert left is not None
    left.become(target, overwrite=True)
    assert target.read_bytes() == b"music"
