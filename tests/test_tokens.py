"""Where the token comes from, in which order, and what is done with it."""

from __future__ import annotations

from typing import TypeVar

import keyring
import keyring.backend
import keyring.backends.chainer
import keyring.backends.fail
import pytest
from fakes import TOKEN
from strongbox import Broken, Dismissed, Locked, PlaintextKeyring, Safe, Untrue
from unfolded import variables

from tempolor_magic import keychain
from tempolor_magic.errors import TokenMissing, UsageError
from tempolor_magic.tokens import Tokens

Backend = TypeVar("Backend", bound=keyring.backend.KeyringBackend)
OTHER = "user:99-another.secret"


@pytest.fixture
def safe() -> Safe:
    """The machine's keyring for one test."""
    return use(Safe())


@pytest.fixture(autouse=True)
def no_keyring() -> None:
    """Tests that say nothing of a keyring have none."""
    use(keyring.backends.fail.Keyring())


def use(backend: Backend) -> Backend:
    """Make *backend* the machine's keyring."""
    keyring.set_keyring(backend)
    return backend


def tokens(environment: str | None = None, typed: str | None = None) -> Tokens:
    """The tokens of a kernel."""
    made = Tokens({"USEAPI_TOKEN": environment}.get)
    if typed is not None:
        made.ask = lambda: typed
    return made


def test_the_environment_is_stronger_than_all(safe: Safe) -> None:
    """Then what is typed, then the keyring."""
    keychain.keep(OTHER)
    assert tokens().known()[1] == "the system keyring"
    kernel = tokens(typed=TOKEN)
    kernel.type_in()
    assert kernel.known()[1] == "typed in this session"
    assert tokens(environment=TOKEN).known()[1] == "environment variable USEAPI_TOKEN"


def test_who_can_be_asked_is_asked_once() -> None:
    """And only where nothing else has told a token."""
    kernel = tokens(typed=TOKEN)
    assert kernel.get().user == kernel.get().user == "4711"
    assert tokens(environment=OTHER, typed=TOKEN).get().user == "99"


def test_without_any_the_way_out_is_told() -> None:
    """The variable by its name."""
    with pytest.raises(TokenMissing, match="set the environment variable USEAPI_TOKEN"):
        tokens().get()


def test_a_token_is_kept_and_found_by_the_next_kernel(safe: Safe) -> None:
    """The keyring is asked once for each kernel: it may want a password each time."""
    tokens(typed=TOKEN).type_in(keep=True)
    kernel = tokens()
    assert kernel.get() == kernel.get()
    assert safe.asked == 1
    assert kernel.forget()
    assert not safe.kept
    with pytest.raises(TokenMissing):
        kernel.known()
    assert not kernel.forget()


@pytest.mark.parametrize(
    ("backend", "said"),
    [
        (PlaintextKeyring(), "only a plain-text keyring"),
        (keyring.backends.fail.Keyring(), "no keyring"),
        (Locked(), "the keyring refused"),
        (Broken(), "the keyring refused"),
        (Dismissed(), "the keyring refused"),
    ],
)
def test_a_keyring_that_is_none_is_refused(
    backend: keyring.backend.KeyringBackend, said: str
) -> None:
    """In one line that shows no token; the token is used all the same."""
    use(backend)
    kernel = tokens(typed=TOKEN)
    with pytest.raises(UsageError, match=said) as caught:
        kernel.type_in(keep=True)
    assert "\n" not in str(caught.value)
    assert TOKEN.partition("-")[2] not in "".join(variables(caught.value))
    assert kernel.known()[0].user == "4711"


def test_a_keyring_that_stays_closed_is_no_token() -> None:
    """Nor is one that cannot be trusted: what is in it is not read."""
    use(Locked())
    with pytest.raises(TokenMissing):
        tokens().get()
    plain = use(PlaintextKeyring())
    with pytest.raises(TokenMissing):
        tokens().get()
    assert plain.asked == 0


@pytest.mark.parametrize("wrong", [f"Bearer {TOKEN}", f"{TOKEN} x"])
def test_no_frame_of_an_error_holds_what_was_no_token(wrong: str) -> None:
    """Wherever it came from."""
    untrue = use(Untrue())
    untrue.kept["tempolor_magic", "useapi.net token"] = TOKEN
    for kernel in (tokens(environment=wrong), tokens(), tokens(typed=wrong)):
        with pytest.raises(TokenMissing, match="the token is") as caught:
            kernel.type_in() if kernel.ask else kernel.get()
        assert TOKEN.partition("-")[2] not in "".join(variables(caught.value))


def test_what_is_typed_must_be_a_token(safe: Safe) -> None:
    """Nothing else is kept anywhere."""
    kernel = tokens(typed="hello")
    with pytest.raises(TokenMissing, match="not of the form"):
        kernel.type_in(keep=True)
    assert not safe.kept


def test_a_keyring_that_breaks_shows_nothing_of_what_it_was_given() -> None:
    """Neither its own words nor its frames, which hold the token, go along with the error."""
    broken = use(Broken())
    with pytest.raises(UsageError, match="RuntimeError") as caught:
        keychain.keep(TOKEN)
    assert TOKEN not in "".join(variables(caught.value))
    Safe.set_password(broken, "tempolor_magic", "useapi.net token", TOKEN)
    with pytest.raises(UsageError, match="RuntimeError") as caught:
        keychain.forget()
    assert TOKEN not in "".join(variables(caught.value))
