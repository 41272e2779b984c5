"""download."""

from __future__ import annotations

from pathlib import Path

from tempolor_magic.language import commands
from tempolor_magic.runtime import Runtime
from tempolor_magic.verbs.run import run


@run.register
def _(command: commands.Download, runtime: Runtime) -> Path:
    job = runtime.watch([command.job_id])[0]
    output = command.output if command.output is not None else runtime.settings.output.value
    return job.download(to=output, overwrite=command.overwrite)
