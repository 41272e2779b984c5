"""download."""

from __future__ import annotations

from pathlib import Path

from tempolor_magic.fetching import GOES_ON, fetch
from tempolor_magic.language import commands
from tempolor_magic.runtime import Runtime
from tempolor_magic.verbs.run import run
from tempolor_magic.verbs.showing import wish_for
from tempolor_magic.view.saving import SavingOutput
from tempolor_magic.watching.saving import as_seen_from_here


@run.register
def _(command: commands.Download, runtime: Runtime) -> Path | list[Path]:
    wish = wish_for(runtime, command.save, several=len(command.ids) > 1)
    watches = [job.watch for job in runtime.watch(command.ids)]
    output = SavingOutput(lambda: [watch.snapshot for watch in watches])
    try:
        paths = fetch(watches, wish, runtime.outputs, meanwhile=output.tick)
    except BaseException as error:
        stopped = isinstance(error, KeyboardInterrupt)
        saved = [name for watch in watches for name in watch.snapshot.media.saved]
        output.end(saved, said=f"Stopped: {GOES_ON}" if stopped else "Not saved")
        raise
    output.end([as_seen_from_here(path) for path in paths])
    return paths[0] if len(paths) == 1 else paths
