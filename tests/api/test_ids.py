"""Which words are job ids. What is none never becomes a request."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from samples import ID, OTHER_ID

from tempolor_magic.api.ids import LONGEST, parse_job_id
from tempolor_magic.errors import InvalidJobId

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


def test_no_id_can_change_the_path_of_its_request() -> None:
    """Whatever character stands in an id: it is refused, or the path holds it unchanged."""
    accepted = set()
    for character in map(chr, range(0x3000)):
        for text in (
            f"user:1-tempolor:a{character}b-job:c",
            f"user:1-tempolor:a-job:b{character}c",
        ):
            try:
                job_id = parse_job_id(text)
            except InvalidJobId:
                continue
            accepted.add(character)
            parts = urlsplit(f"https://host/music/{job_id}")
            assert (parts.path, parts.query, parts.fragment) == (f"/music/{text}", "", "")
    assert accepted.isdisjoint('/?#%\\:<>"{}|^` \t\r\n\0')
    assert all("!" <= character <= "~" for character in accepted)
    assert set("abcXYZ019_.-~") <= accepted
