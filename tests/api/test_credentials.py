"""Who may see the token: nobody who prints it, and no address but the right ones."""

from __future__ import annotations

import pickle
from typing import Any

import pytest
from unfolded import variables

from tempolor_magic.api.credentials import SERVICE_URL, Token, check_base_url, read_token
from tempolor_magic.errors import TokenMissing, UnsafeAddress

SECRET = "s3cr3t-P@rt/of+it="
WHOLE = f"user:12345-{SECRET}"


@pytest.mark.parametrize(
    "text",
    [WHOLE, f"  {WHOLE}\n", f'"{WHOLE}"', f"'{WHOLE}'", f' "{WHOLE}" ', f"\t{WHOLE}\r\n"],
    ids=repr,
)
def test_a_token_is_taken_as_it_is_copied(text: str) -> None:
    """Blanks, line ends and quotes around it are no part of it."""
    token = Token(text)
    assert token.header() == {"Authorization": f"Bearer {WHOLE}"}
    assert token.user == "12345"
    assert token == Token(WHOLE)


@pytest.mark.parametrize(
    ("text", "flaw"),
    [
        ("", "empty"),
        ("  \n", "empty"),
        ('""', "empty"),
        ("12345", "only the user number"),
        ("user:12345", "only the user number"),
        ("user:12345-", "only the user number"),
        ("user:12345-hush hush", "a blank or a line end"),
        ("user:12345-hush\nX-Evil: hush", "a blank or a line end"),
        ("user: 12345-hush", "a blank or a line end"),
        ("Bearer user:12345-hush", "the word Bearer"),
        ("hush", "not of the form"),
        ("USER:12345-hush", "not of the form"),
        ("\u201cuser:12345-hush\u201d", "not of the form"),
        ("user:abc-hush", "not complete or holds"),
        ("user:\uff11\uff12-hush", "not complete or holds"),
        ("user:12345-hush\u00fc", "not complete or holds"),
        ("user:12345-hush\0", "not complete or holds"),
        ("user:12345-hush\u202e", "not complete or holds"),
        ("user:12345_hush", "not complete or holds"),
    ],
    ids=repr,
)
def test_what_is_no_token_is_told_without_showing_it(text: str, flaw: str) -> None:
    """The line says what is wrong and where a token comes from, and repeats nothing of it."""
    with pytest.raises(TokenMissing) as caught:
        Token(text)
    assert flaw in str(caught.value)
    assert "user:<number>-<secret>" in caught.value.remedy
    assert "hush" not in repr(caught.value) + str(caught.value)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("given", [WHOLE.encode(), 5, None, [WHOLE]])
def test_what_is_no_text_is_no_token(given: Any) -> None:
    """It is refused like any other that is none."""
    with pytest.raises(TokenMissing, match="the token is no text"):
        Token(given)


@pytest.mark.parametrize("text", [f"Bearer {WHOLE}", f"{WHOLE} x", SECRET, WHOLE.encode()])
def test_no_frame_of_an_error_holds_what_was_no_token(text: Any) -> None:
    """A debugger sees no more of it than everybody."""
    for read in (Token, read_token):
        with pytest.raises(TokenMissing) as caught:
            read(text)
        assert SECRET not in "".join(variables(caught.value))


def test_without_a_text_there_is_no_token() -> None:
    """Unlike a text that is none."""
    assert read_token(None) is None
    assert read_token("") is None
    assert read_token(WHOLE) == Token(WHOLE)


@pytest.mark.parametrize(
    "printed",
    [
        repr(Token(WHOLE)),
        str(Token(WHOLE)),
        f"{Token(WHOLE)}",
        f"{Token(WHOLE)!r} {Token(WHOLE)!a} {Token(WHOLE)!s}",
        "%s %r" % (Token(WHOLE), Token(WHOLE)),  # noqa: UP031  # that way of printing is the case
        repr({"token": [Token(WHOLE)]}),
        repr(BaseException(Token(WHOLE))),
    ],
)
def test_a_token_never_prints_its_secret(printed: str) -> None:
    """However it is printed, only the user number shows."""
    assert SECRET not in printed
    assert "user:12345-" in printed


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_token_is_not_pickled(protocol: int) -> None:
    """A pickle would hold it in the clear."""
    with pytest.raises(TypeError) as caught:
        pickle.dumps({"token": Token(WHOLE)}, protocol)
    assert SECRET not in str(caught.value)


def test_tokens_compare_by_all_of_them() -> None:
    """Two tokens of one user are not the same one, and text is none."""
    assert Token(WHOLE) != Token("user:12345-other")
    assert Token(WHOLE) != WHOLE
    assert len({Token(WHOLE), Token(f"'{WHOLE}'"), Token("user:12345-other")}) == 2


def test_an_answer_that_echoes_the_token_is_blacked_out() -> None:
    """Every occurrence, and nothing but it."""
    body = f'{{"error": "bad token {WHOLE}", "also": "{WHOLE}"}}'.encode()
    clean = Token(WHOLE).without(body)
    assert SECRET.encode() not in clean
    assert clean.count(b"user:12345-") == 2
    assert Token(WHOLE).without(b"plain") == b"plain"


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        (SERVICE_URL, SERVICE_URL),
        (f" {SERVICE_URL}/ ", SERVICE_URL),
        ("https://API.useapi.net/v1/tempolor", "https://API.useapi.net/v1/tempolor"),
        ("https://api.useapi.net:443/v1", "https://api.useapi.net:443/v1"),
        ("http://127.0.0.1:8765/v1/tempolor", "http://127.0.0.1:8765/v1/tempolor"),
        ("http://127.3.2.1/", "http://127.3.2.1"),
        ("http://[::1]:8765", "http://[::1]:8765"),
        ("http://localhost:8765", "http://localhost:8765"),
        ("https://localhost:8765", "https://localhost:8765"),
    ],
)
def test_the_service_and_this_machine_may_see_the_token(url: str, kept: str) -> None:
    """The service over https, loopback over either, without the last slash."""
    assert check_base_url(url) == kept


@pytest.mark.parametrize("trusted", [False, True])
@pytest.mark.parametrize(
    "url",
    [
        "http://api.useapi.net/v1/tempolor",
        "http://example.com",
        "http://192.168.1.5:8000",
        "http://0.0.0.0:8000",
        "http://localhost.example.com",
        "http://127.0.0.1.example.com",
        "http://[::2]:80",
    ],
)
def test_plain_http_elsewhere_is_refused(url: str, *, trusted: bool) -> None:
    """The network would read the token, whoever means it."""
    with pytest.raises(UnsafeAddress, match="https") as caught:
        check_base_url(url, trusted=trusted)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/v1/tempolor",
        "https://api.useapi.net.example.com",
        "https://useapi.net",
        "https://api-useapi.net",
        "https://notapi.useapi.net",
        "https://api.useapi.net\\.example.com",
        "https://127.0.0.1.example.com",
    ],
)
def test_another_host_sees_the_token_only_when_code_says_so(url: str) -> None:
    """A setting alone cannot send it there; token and address given together can."""
    with pytest.raises(UnsafeAddress, match="give Client both"):
        check_base_url(url)
    if "\\" not in url:
        assert check_base_url(url, trusted=True) == url


@pytest.mark.parametrize("trusted", [False, True])
@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        ("", "not a web address"),
        ("api.useapi.net", "not a web address"),
        ("//api.useapi.net/v1", "not a web address"),
        ("ftp://api.useapi.net", "not a web address"),
        ("file:///etc/passwd", "not a web address"),
        ("javascript:alert(1)", "not a web address"),
        ("https://", "not a web address"),
        ("https:///v1/tempolor", "not a web address"),
        ("https://[::1", "not a web address"),
        ("https://api.useapi.net:99999", "not a web address"),
        ("https://api.useapi.net:http", "not a web address"),
        (f"{SERVICE_URL}?token=x", "not a web address"),
        (f"{SERVICE_URL}?", "not a web address"),
        (f"{SERVICE_URL}#part", "not a web address"),
        (f"{SERVICE_URL}#", "not a web address"),
        ("https://api.useapi.net/v1\n/tempolor", "not a web address"),
        ("https://api.useapi.net/v1 /tempolor", "not a web address"),
        ("https://api.use\tapi.net/v1", "not a web address"),
        ("https://api.useapi.net/\0", "not a web address"),
        ("https://user@api.useapi.net", "a user name or password"),
        ("https://user:word@api.useapi.net", "a user name or password"),
        ("http://localhost@example.com", "a user name or password"),
        ("https://api.useapi.net\\@example.com", "a user name or password"),
        ("https://user:1-word@api.useapi.net", "holds a token"),
        ("https://user%3A1-word@api.useapi.net", "holds a token"),
        (f"{SERVICE_URL}/user:1-word", "holds a token"),
        ("http://127.0.0.1:8765/user:1-word/v1", "holds a token"),
    ],
    ids=repr,
)
def test_what_is_no_base_address_is_refused(url: str, complaint: str, *, trusted: bool) -> None:
    """Nothing that could lead a request elsewhere gets through, trusted or not."""
    with pytest.raises(UnsafeAddress, match=complaint) as caught:
        check_base_url(url, trusted=trusted)
    assert "word" not in str(caught.value).replace("password", "")


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("host", ["evil\u202e.example", "evil\0.example", "e" * 10_000])
def test_a_refused_host_is_shown_readably(scheme: str, host: str) -> None:
    """The line stays one short line without controls."""
    with pytest.raises(UnsafeAddress) as caught:
        check_base_url(f"{scheme}://{host}/")
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) <= 250
