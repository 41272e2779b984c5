"""Which words are job ids. What is none never becomes a request."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from samples import ID, OTHER_ID

from tempolor_magic.api.ids import (
    LONGEST,
    parse_account,
    parse_job_id,
    parse_midi_id,
    parse_voice_id,
)
from tempolor_magic.errors import InvalidId, InvalidJobId

ITEM = "abcdef123456789"
ENCODED = ID.replace(":", "%3A")
LONGEST_LINE = 250

REFUSED = [
    # what was typed, what the line says about it, what it says to do
    pytest.param("", "no job id given", "user:<number>-tempolor:<account>-job:<item>", id="empty"),
    pytest.param(" \t\n", "no job id given", "looks like user:", id="blanks"),
    pytest.param("\"''\"", "no job id given", "looks like user:", id="quotes around nothing"),
    pytest.param(ID.replace("job", "voice"), "the id of a voice", "-job:", id="a voice"),
    pytest.param(ID.replace("job", "midi"), "the id of a MIDI file", "-job:", id="a midi file"),
    pytest.param(ENCODED, "percent-encoded", ID, id="encoded"),
    pytest.param(ENCODED.lower(), "percent-encoded", ID, id="encoded in lower case"),
    pytest.param(
        f"user%3A1-tempolor%3A{'a' * 200}-job%3Ab", "percent-encoded", "write it raw", id="long %3A"
    ),
    pytest.param(ITEM, "only the item part", f"-job:{ITEM}", id="the bare item"),
    pytest.param("a1" * 32, "only the item part", "the whole id", id="a long bare item"),
    pytest.param("../accounts", "is not a job id", "looks like", id="a path upwards"),
    pytest.param(f"{ID}/../../accounts", "is not a job id", "looks like", id="an id and a path"),
    pytest.param(f"{ID}?x", "is not a job id", "looks like", id="a query"),
    pytest.param(f"{ID}#x", "is not a job id", "looks like", id="a fragment"),
    pytest.param(f"{ID}\\x", "is not a job id", "looks like", id="a backslash"),
    pytest.param(f"{ID}%2F..", "is not a job id", "looks like", id="an encoded slash"),
    pytest.param(f"{ID[:20]}\n{ID[20:]}", r"\n", "looks like", id="a line end inside"),
    pytest.param(f"{ID}\nHost: evil", r"\nHost: evil is not", "looks like", id="a header"),
    pytest.param(f"{ID[:20]} {ID[20:]}", "is not a job id", "looks like", id="a blank inside"),
    pytest.param(f"{ID} {OTHER_ID}", "is not a job id", "looks like", id="two in one"),
    pytest.param(f"{ID},{OTHER_ID}", "is not a job id", "looks like", id="two and a comma"),
    pytest.param("x" * 10_000, "at most 256 characters, this has 10,000", "", id="10,000 long"),
    pytest.param(f"{ID}\N{SPARKLES}", "is not a job id", "looks like", id="an emoji"),
    pytest.param(f"{ID[:9]}\u202e{ID[9:]}", r"\u202e", "looks like", id="a direction mark"),
    pytest.param(f"{ID}\0", r"\x00", "looks like", id="a NUL"),
    pytest.param(
        ID.replace("12345", "\uff11\uff12\uff13"), "is not a job id", "looks like", id="full width"
    ),
    pytest.param(ID.replace("user", "\u0443ser"), "is not a job id", "looks like", id="cyrillic"),
    pytest.param(ID.upper(), "is not a job id", "looks like", id="upper case"),
    pytest.param("user:12345-secret", "is not a job id", "looks like", id="the form of a token"),
    pytest.param("user:-tempolor:a-job:b", "is not a job id", "looks like", id="no number"),
    pytest.param("user:1-tempolor:-job:b", "is not a job id", "looks like", id="no account"),
    pytest.param("user:1-tempolor:a-job:", "is not a job id", "looks like", id="no item"),
    pytest.param("user:1-tempolor:a-job:b-job:c", "is not a job id", "looks like", id="two items"),
]


@pytest.mark.parametrize(
    ("text", "user", "account", "item"),
    [
        (ID, "12345", "user_id", ITEM),
        ("user:1-tempolor:100198329-job:x", "1", "100198329", "x"),
        ("user:1-tempolor:a-job-b-job:c", "1", "a-job-b", "c"),
        ("user:1-tempolor:me@mail.com-job:A_b.c~d-e", "1", "me@mail.com", "A_b.c~d-e"),
        ("user:1-tempolor:a'&lt;b-job:c", "1", "a'&lt;b", "c"),
    ],
)
def test_an_id_has_three_parts(text: str, user: str, account: str, item: str) -> None:
    """User number, account and item are told apart, and the whole stays as it is written."""
    job_id = parse_job_id(text)
    assert (job_id.user, job_id.account, job_id.item) == (user, account, item)
    assert str(job_id) == text


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("  ", "\t"),
        ("\n", "\r\n"),
        ("\u00a0", "\u00a0"),
        ('"', '"'),
        ("'", "'"),
        ("`", "`"),
        ("\u201c", "\u201d"),
        ("\u2018", "\u2019"),
        (' "', '" '),
        ("'", ""),
    ],
)
def test_what_comes_along_when_copying_is_dropped(before: str, after: str) -> None:
    """Blanks and quotes around an id do not matter, and make no other id of it."""
    assert parse_job_id(f"{before}{ID}{after}") == parse_job_id(ID)


def test_the_longest_id_is_256_characters() -> None:
    """One more is refused, with the numbers."""
    longest = "user:1-tempolor:a-job:".ljust(LONGEST, "x")
    assert str(parse_job_id(longest)) == longest
    with pytest.raises(InvalidJobId, match="at most 256 characters, this has 257"):
        parse_job_id(longest + "x")


@pytest.mark.parametrize(("text", "complaint", "remedy"), REFUSED)
def test_what_is_no_id_is_refused_with_a_way_out(text: str, complaint: str, remedy: str) -> None:
    """The line names what is wrong and what to write instead."""
    with pytest.raises(InvalidJobId) as caught:
        parse_job_id(text)
    assert complaint in caught.value.message
    assert remedy in caught.value.remedy


@pytest.mark.parametrize("text", [case.values[0] for case in REFUSED])
def test_the_complaint_is_one_readable_line(text: str) -> None:
    """However strange the word, the line stays short and holds no controls."""
    with pytest.raises(InvalidJobId) as caught:
        parse_job_id(text)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) <= LONGEST_LINE


PARSERS = {"job": parse_job_id, "voice": parse_voice_id, "midi": parse_midi_id}


@pytest.mark.parametrize("kind", ["voice", "midi"])
def test_voices_and_midi_files_have_ids_of_their_own(kind: str) -> None:
    """Of the same parts, and no other kind will do."""
    text = ID.replace("-job:", f"-{kind}:")
    found = PARSERS[kind](f" '{text}' ")
    assert (str(found), found.user, found.account, found.item) == (text, "12345", "user_id", ITEM)
    for other in PARSERS.keys() - {kind}:
        with pytest.raises(InvalidId, match="is the id of") as caught:
            PARSERS[other](text)
        assert f"-{other}:" in caught.value.remedy


@pytest.mark.parametrize("text", [case.values[0] for case in REFUSED])
@pytest.mark.parametrize("kind", ["voice", "midi"])
def test_they_are_read_as_strictly_as_job_ids(kind: str, text: str) -> None:
    """What is refused there is refused here, with the form that is needed."""
    word = text.replace("-job:", f"-{kind}:").replace("-job%", f"-{kind}%")
    if text in {ID.replace("job", "voice"), ID.replace("job", "midi")}:
        word = ID
    with pytest.raises(InvalidId) as caught:
        PARSERS[kind](word)
    assert not isinstance(caught.value, InvalidJobId)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) <= LONGEST_LINE
    assert "job id" not in str(caught.value)


@pytest.mark.parametrize("text", ["100198329", "me@mail.com", "user_id", "a.b", "..a", " 'x'\n"])
def test_an_account_is_a_part_of_an_id(text: str) -> None:
    """Whatever may stand there."""
    assert parse_account(text) == text.strip(" '\n")


@pytest.mark.parametrize(
    "text",
    ["", " ", ".", "..", "...", "a/b", "../music", "a b", "a%2Fb", "a?b", "a:b", ID, "x" * 999],
)
def test_what_is_no_account_is_refused(text: str) -> None:
    """Dots alone would lead to another call; the line stays short."""
    with pytest.raises(InvalidId, match="account") as caught:
        parse_account(text)
    assert len(str(caught.value)) <= LONGEST_LINE


@pytest.mark.parametrize("kind", list(PARSERS))
def test_no_id_can_change_the_path_of_its_request(kind: str) -> None:
    """Whatever character stands in an id: it is refused, or the path holds it unchanged."""
    accepted = set()
    for character in map(chr, range(0x3000)):
        for text in (
            f"user:1-tempolor:a{character}b-{kind}:c",
            f"user:1-tempolor:a-{kind}:b{character}c",
        ):
            try:
                item_id = PARSERS[kind](text)
            except InvalidId:
                continue
            accepted.add(character)
            parts = urlsplit(f"https://host/music/{item_id}")
            assert (parts.path, parts.query, parts.fragment) == (f"/music/{text}", "", "")
    assert accepted.isdisjoint('/?#%\\:<>"{}|^` \t\r\n\0')
    assert all("!" <= character <= "~" for character in accepted)
    assert set("abcXYZ019_.-~") <= accepted
