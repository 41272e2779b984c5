"""The ``%tempolor`` magic: a line becomes a command, the runtime does it. No logic here.

What is imported at the top is all that ``%load_ext`` loads; the rest waits for the first verb.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, cast

from IPython.core.completer import CompletionContext, SimpleCompletion, context_matcher
from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magic import Magics, line_cell_magic, magics_class, no_var_expand
from traitlets import Float, TraitError, Unicode, Union, validate

from tempolor_magic import settings
from tempolor_magic.api.credentials import check_base_url
from tempolor_magic.errors import Interrupted, UsageError, holds_token, shown

if TYPE_CHECKING:
    from tempolor_magic.runtime import Runtime


@magics_class
class TempolorMagics(Magics):
    """Settings of ``%tempolor``, such as ``%config TempolorMagics.deadline = "15m"``."""

    base_url = Unicode("", help="Where calls go; https, or loopback.").tag(config=True)
    interval = Union([Float(), Unicode()], default_value="", help="Ask every so many seconds.").tag(
        config=True
    )
    deadline = Union(
        [Float(), Unicode()], default_value="", help="Give up watching after: 90, 15m, 1h."
    ).tag(config=True)
    output = Unicode("", help="Folder for downloads.").tag(config=True)

    @validate("interval", "deadline")
    def _check_duration(self, proposal: dict[str, Any]) -> Any:
        """Refuse a bad value where it is set, not where it is used."""
        value, name = proposal["value"], proposal["trait"].name
        if value == "":
            return value
        if name == "interval":
            return _checked(settings.interval_seconds, value)
        return _checked(settings.seconds, value, name)

    @validate("base_url")
    def _check_address(self, proposal: dict[str, Any]) -> Any:
        return _checked(check_base_url, proposal["value"]) if proposal["value"] else ""

    @validate("output")
    def _check_folder(self, proposal: dict[str, Any]) -> Any:
        if holds_token(proposal["value"]):
            raise TraitError("this path holds a token → give another: it would be shown")
        return proposal["value"]

    @no_var_expand
    @line_cell_magic
    def tempolor(self, line: str, cell: str | None = None) -> object:
        """Watch and make TemPolor music from a cell.

        ``%tempolor --help`` lists the verbs, ``%tempolor VERB --help`` tells the options of one.
        ``%tempolor JOB_ID`` watches a music job, live in the cell; the kernel stays free.
        No token yet? ``%tempolor sandbox`` starts a practice service that needs none.
        """
        from tempolor_magic.language import grammar  # noqa: PLC0415  # loaded by the first line

        command = grammar.parse(line, cell, expand=self._expand)
        from tempolor_magic import verbs  # noqa: PLC0415  # loaded by the first verb
        from tempolor_magic.runtime import shared  # noqa: PLC0415  # likewise

        runtime = shared()
        try:
            return verbs.run(command, runtime)
        finally:
            if warning := runtime.journal.take_warning():
                print(f"Note: {warning}")  # noqa: T201  # once, in the cell that met it

    def equip(self, runtime: Runtime) -> None:
        """Have *runtime* heed ``%config`` and ask here for a token."""
        runtime.config = self._configured
        runtime.tokens.ask = self._ask_token

    def _running_shell(self) -> InteractiveShell:
        if self.shell is None:
            raise UsageError("there is no IPython shell to look names up in")
        return self.shell

    def _configured(self) -> dict[str, Any]:
        return {
            name: getattr(self, name) for name in ("base_url", "interval", "deadline", "output")
        }

    def _expand(self, word: str) -> Sequence[str]:
        """The ids in ``{expression}`` or ``$name``: text, a job, or a list of them."""
        if word.startswith("{") and word.endswith("}"):
            return _ids_in(self._evaluate(word[1:-1], word), word)
        if word.startswith("$"):
            return _ids_in(self._evaluate(word[1:], word), word)
        shell = self._running_shell()
        return (str(shell.var_expand(word)),)  # type: ignore[no-untyped-call]

    def _evaluate(self, expression: str, word: str) -> Any:
        shell = self._running_shell()
        try:
            # The user's own words in the user's own namespace, as IPython expands {…} itself.
            return eval(expression, shell.user_global_ns, shell.user_ns)  # noqa: S307
        except Exception as error:  # noqa: BLE001  # whatever the user's expression raises
            raise UsageError(
                f"{shown(word, 60)} can't be read: {shown(str(error), 100)}",
                "name a variable that holds a job or its id",
            ) from None

    @staticmethod
    def _ask_token() -> str:
        """Ask through the front end's hidden prompt."""
        from getpass import getpass  # noqa: PLC0415  # only when there is something to ask

        from tempolor_magic.tokens import no_token  # noqa: PLC0415  # already loaded then

        try:
            return getpass("useapi.net token (user:<number>-<secret>): ")
        except KeyboardInterrupt:
            raise Interrupted("no token was given, nothing was sent") from None
        except Exception:  # noqa: BLE001  # each kind of front end has its own "can't ask"
            raise no_token() from None


def _checked(check: Callable[..., Any], value: Any, *more: str) -> Any:
    """*value* if *check* lets it pass; traitlets takes back what raises its own error only."""
    try:
        check(str(value), *more)
    except UsageError as error:
        raise TraitError(str(error)) from None
    return value


def _ids_in(value: Any, word: str) -> list[str]:
    if isinstance(value, str):
        return [value]
    job_id = getattr(value, "job_id", None)
    if isinstance(job_id, str):
        return [job_id]
    if isinstance(value, list | tuple | set | Sequence):
        return [each for part in value for each in _ids_in(part, word)]
    raise UsageError(
        f"{shown(word, 60)} holds {shown(repr(value), 40)}, which is not a job",
        "name a variable that holds a job or its id",
    )


def make_matcher(known_ids: Callable[[], Sequence[str]]) -> Callable[..., Any]:
    """A matcher for IPython's completer that answers for ``%tempolor`` lines only."""

    @context_matcher()  # type: ignore[untyped-decorator]
    def tempolor_matcher(context: CompletionContext) -> dict[str, Any]:
        if "tempolor" not in context.line_with_cursor:
            return {"completions": []}
        from tempolor_magic.language.completion import complete  # noqa: PLC0415  # loads late

        found = complete(context.line_with_cursor[: context.cursor_position], known_ids)
        if found is None:
            return {"completions": []}
        word, options = found
        return {
            "completions": [SimpleCompletion(text=option, type="param") for option in options],
            "matched_fragment": word,
            "suppress": True,
            "ordered": True,
        }

    return cast(Callable[..., Any], tempolor_matcher)
