"""What each verb does: a command in, what the cell shows and returns out."""

from tempolor_magic.verbs import files, library, making, setup, watching
from tempolor_magic.verbs.run import run

__all__ = ["files", "library", "making", "run", "setup", "watching"]
