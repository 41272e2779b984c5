"""A line, and the cell below it, read as a command; every complaint is one line with a way out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from samples import ID, JOB, OTHER_ID, THIRD_ID

from tempolor_magic.api.ids import parse_job_id
from tempolor_magic.api.orders import Delivery, InstrumentalOrder, SongOrder
from tempolor_magic.errors import InvalidJobId, UsageError
from tempolor_magic.language.commands import (
    AskStatus,
    Command,
    Download,
    Help,
    Make,
    Resume,
    Sandbox,
    Save,
    Show,
    ShowConfig,
    ShowJournal,
    Stop,
    Wait,
    Watch,
    Watching,
)
from tempolor_magic.language.grammar import VERBS, overview, parse
from tempolor_magic.language.line import split
from tempolor_magic.version import __version__

OTHER, THIRD = parse_job_id(OTHER_ID), parse_job_id(THIRD_ID)
PLAIN = Watching()
LONGEST_LINE = 250

# What the user's variables hold.
VARIABLES: dict[str, Sequence[str]] = {
    "{job}": [ID],
    "$job": [ID],
    "{jobs}": [ID, OTHER_ID],
    "$jobs": [ID, OTHER_ID],
    "{jobs[0]}": [ID],
    "{jobs[-1 ] }": [OTHER_ID],
    '{d["a b"]}': [OTHER_ID],
    "{none}": [],
    "{bad}": ["no id at all"],
    "{quoted}": [f"'{ID}'"],
    "user:12345-tempolor:user_id-job:{item}": [ID],
}


def expand(word: str) -> Sequence[str]:
    """Read a variable, as the kernel does."""
    return VARIABLES[word]


def song(prompt: str, lyrics: str = "", model: str = "", how: Watching = PLAIN) -> Make:
    """A song that is watched plainly unless told otherwise."""
    return Make(SongOrder(prompt=prompt, lyrics=lyrics, model=model), how)


def instrumental(how: Watching = PLAIN, *, anew: bool = False, **asked: Any) -> Make:
    """Likewise, a piece without singing."""
    return Make(InstrumentalOrder(**asked), how, anew)


@pytest.mark.parametrize(
    ("line", "command"),
    [
        (ID, Watch((JOB,), PLAIN)),
        (f"  {ID}  ", Watch((JOB,), PLAIN)),
        (f"{ID} {OTHER_ID}", Watch((JOB, OTHER), PLAIN)),
        (f"--interval 10 {ID}", Watch((JOB,), Watching(interval=10))),
        (f"watch {ID}", Watch((JOB,), PLAIN)),
        (f"watch '{ID}' \"{OTHER_ID}\"", Watch((JOB, OTHER), PLAIN)),
        (f"watch {ID} --interval 5 {OTHER_ID}", Watch((JOB, OTHER), Watching(interval=5))),
        (f"watch {ID} --interval=2.5", Watch((JOB,), Watching(interval=2.5))),
        (f"watch {ID} --interval '5'", Watch((JOB,), Watching(interval=5))),
        (f"watch {ID} --deadline 15m", Watch((JOB,), Watching(deadline=900))),
        (f"watch --wait {ID} --live", Watch((JOB,), Watching(wait=True, live=True))),
        (f"status {ID}", AskStatus(JOB)),
        (f"status {ID} {ID}", AskStatus(JOB)),
        ("wait", Wait((), None)),
        (f"wait {ID} --timeout 1h", Wait((JOB,), 3_600)),
        ("wait --timeout 90", Wait((), 90)),
        ("stop", Stop(())),
        (f"stop {OTHER_ID} {ID}", Stop((OTHER, JOB))),
        ("show", Show((), live=False)),
        (f"show --live {ID}", Show((JOB,), live=True)),
        ("jobs", ShowJournal()),
        ("resume", Resume()),
        ("config", ShowConfig()),
        (f"download {ID}", Download((JOB,))),
        (f"download {ID} {OTHER_ID}", Download((JOB, OTHER))),
        ("download {jobs} --format wav", Download((JOB, OTHER), Save("wav"))),
        (f"download {ID} --format=stems", Download((JOB,), Save("stems"))),
        (f"download {ID} --output my/songs", Download((JOB,), Save(output="my/songs"))),
        (
            f"download --overwrite {ID} --output 'a b'",
            Download((JOB,), Save(output="a b", overwrite=True)),
        ),
        (f'download {ID} --output="a b/c.mp3"', Download((JOB,), Save(output="a b/c.mp3"))),
        (f"watch {ID} --download", Watch((JOB,), Watching(save=Save()))),
        (
            f"watch --download {ID} --format wav --output my/songs --wait",
            Watch((JOB,), Watching(wait=True, save=Save("wav", "my/songs"))),
        ),
        ("song rain --download", song("rain", how=Watching(save=Save()))),
        (
            "instrumental jazz --download --format stems",
            instrumental(Watching(save=Save("stems")), prompt="jazz"),
        ),
        ("sandbox", Sandbox(stop=False, speed=1)),
        ("sandbox start --speed 60", Sandbox(stop=False, speed=60)),
        ("sandbox --speed=0.5", Sandbox(stop=False, speed=0.5)),
        ("sandbox stop", Sandbox(stop=True, speed=1)),
        ("sandbox --faults 0.3", Sandbox(stop=False, speed=1, faults="0.3")),
        (
            "sandbox start --faults 'job=1:503, 596; 0.2:429'",
            Sandbox(stop=False, speed=1, faults="job=1:503, 596; 0.2:429"),
        ),
        ("sandbox --faults none", Sandbox(stop=False, speed=1, faults="none")),
        ("song rain", song("rain")),
        ("song rain --model v4.5+", song("rain", model="v4.5+")),
        ("song rain --lyrics la", song("rain", "la")),
        ("song rain --lyrics 'la la' --wait", song("rain", "la la", how=Watching(wait=True))),
        ("song --deadline 1h rain --interval 20", song("rain", how=Watching(20, 3_600))),
        ("song rain --new", Make(SongOrder(prompt="rain"), PLAIN, anew=True)),
        (
            "song rain --voice voice_12345 --account 17",
            Make(
                SongOrder(prompt="rain", voice="voice_12345", delivery=Delivery(account="17")),
                PLAIN,
            ),
        ),
        ("instrumental slow jazz", instrumental(prompt="slow jazz")),
        (
            'instrumental jazz --bpm 70 --key F#:minor --chords "C F G Am" --model "i3.5 beta"',
            instrumental(
                prompt="jazz", bpm=70, key="F#:minor", chords="C F G Am", model="i3.5 beta"
            ),
        ),
        (
            "instrumental jazz --new --wait",
            instrumental(Watching(wait=True), anew=True, prompt="jazz"),
        ),
    ],
)
def test_each_verb_with_its_options(line: str, command: Command) -> None:
    """Options stand before, between or behind the words, with a blank or an equals sign."""
    assert parse(line, expand=expand) == command


@pytest.mark.parametrize("verb", ["watch", "wait", "stop", "show", "download"])
def test_an_id_given_twice_counts_once(verb: str) -> None:
    """In the order of first mention, however it is written."""
    command: Any = parse(f"{verb} {OTHER_ID} '{ID}' {ID} \"{OTHER_ID}\" {{jobs}}", expand=expand)
    assert command.ids == (OTHER, JOB)


@pytest.mark.parametrize(
    ("word", "ids"),
    [
        ("{job}", (JOB,)),
        ("$job", (JOB,)),
        ("{jobs}", (JOB, OTHER)),
        ("$jobs", (JOB, OTHER)),
        ("{jobs[0]}", (JOB,)),
        ("{jobs[-1 ] }", (OTHER,)),
        ('{d["a b"]}', (OTHER,)),
        ("{quoted}", (JOB,)),
        ("user:12345-tempolor:user_id-job:{item}", (JOB,)),
        (f"{{jobs}} {THIRD_ID}", (JOB, OTHER, THIRD)),
    ],
)
@pytest.mark.parametrize("verb", ["watch", "", "wait", "stop", "show", "download"])
def test_variables_stand_for_their_ids(verb: str, word: str, ids: tuple[object, ...]) -> None:
    """A list counts as several ids; an expression may hold blanks."""
    command: Any = parse(f"{verb} {word}", expand=expand)
    assert command.ids == ids


@pytest.mark.parametrize("verb", ["status"])
def test_a_variable_may_name_the_one_job(verb: str) -> None:
    """Two of them are too many."""
    command: Any = parse(f"{verb} $job", expand=expand)
    assert command.job_id == JOB
    with pytest.raises(UsageError, match="takes one job id"):
        parse(f"{verb} {{jobs}}", expand=expand)


def test_a_variable_without_an_id_is_refused() -> None:
    """What came out of it is checked like what is typed."""
    with pytest.raises(InvalidJobId, match="is not a job id"):
        parse("watch {bad}", expand=expand)


@pytest.mark.parametrize("verb", ["watch", "wait", "stop", "show", "status", "download"])
def test_an_empty_list_does_not_mean_all(verb: str) -> None:
    """``stop {finished}`` with nothing finished must not stop everything."""
    with pytest.raises(UsageError):
        parse(f"{verb} {{none}}", expand=expand)


@pytest.mark.parametrize(
    ("line", "prompt"),
    [
        ("song a calm {chorus} for $5", "a calm {chorus} for $5"),
        ("song {chorus} {a b}", "{chorus} {a b}"),
        ("song $job", "$job"),
        ("song don't stop", "don't stop"),
        ("song rock 'n' roll", "rock 'n' roll"),
        ("song 'til the end of \"it", "'til the end of \"it"),
        ('song a "quoted" word', 'a "quoted" word'),
        ('song "all of it quoted"', "all of it quoted"),
        ("song 'it has {braces}'", "it has {braces}"),
        (
            "song \u201ccurly\u201d \u2013 \u590f \U0001f3b5",
            "\u201ccurly\u201d \u2013 \u590f \U0001f3b5",
        ),
        ("song - slow, 80 bpm; 50% off <b> & #1 \\n", "- slow, 80 bpm; 50% off <b> & #1 \\n"),
        ("song calm -- --slow", "calm --slow"),
        (f"song like {ID}", f"like {ID}"),
        ("song watch", "watch"),
        ("song help", "help"),
    ],
)
def test_a_prompt_stays_as_it_is_written(line: str, prompt: str) -> None:
    """Braces, dollars and apostrophes are words of it; only quotes around all of it go."""
    assert parse(line, expand=expand) == song(prompt)


@pytest.mark.parametrize(
    ("line", "cell", "command"),
    [
        ("song rain", "la la\nla\n", song("rain", "la la\nla")),
        (
            "song rain",
            "\n\n  [Verse]\n\n la {x} $y 'til\n\n",
            song("rain", "  [Verse]\n\n la {x} $y 'til"),
        ),
        ("song rain --model v3", "la", song("rain", "la", "v3")),
        ("song rain --wait", "--live", song("rain", "--live", how=Watching(wait=True))),
        ('song "soft rain"', f"{ID}\n%tempolor stop", song("soft rain", f"{ID}\n%tempolor stop")),
        ("song rain", "", song("rain")),
        ("instrumental", "\nslow jazz,\nat night\n", instrumental(prompt="slow jazz,\nat night")),
        ("instrumental --bpm 70", "jazz", instrumental(prompt="jazz", bpm=70)),
    ],
)
def test_the_cell_below_is_the_lyrics_or_the_prompt(line: str, cell: str, command: Command) -> None:
    """To the letter, but for empty lines around it."""
    assert parse(line, cell, expand=expand) == command


@pytest.mark.parametrize("line", ["song rain --lyrics la", "instrumental rain"])
def test_what_the_cell_holds_stands_in_one_place(line: str) -> None:
    """Two texts for one piece are one too many."""
    with pytest.raises(UsageError, match="keep one of them"):
        parse(line, "la la")


@pytest.mark.parametrize("option", ["--lyrics", "--model"])
@pytest.mark.parametrize("quote", ['"', "'"])
def test_an_option_holds_a_quoted_text_either_way(option: str, quote: str) -> None:
    """Behind a blank or behind an equals sign: the prompt never gets a part of it."""
    apart = parse(f"song {option} {quote}la la la{quote} calm piano")
    joined = parse(f"song {option}={quote}la la la{quote} calm piano")
    assert isinstance(apart, Make)
    assert apart.order.document()["prompt"] == "calm piano"
    assert joined == apart


@pytest.mark.parametrize("verb", [name for name, verb in VERBS.items() if not verb.takes_cell])
def test_no_other_verb_takes_a_cell(verb: str) -> None:
    """It would be lost silently."""
    with pytest.raises(UsageError, match=f"%tempolor {verb} takes no cell body"):
        parse(f"{verb} {ID}", "some text")


@pytest.mark.parametrize("line", ["", ID])
def test_a_cell_needs_a_verb_that_takes_it(line: str) -> None:
    """An id, or nothing, above a cell is no song."""
    with pytest.raises(UsageError, match="takes no cell body"):
        parse(line, "some text")


@pytest.mark.parametrize(
    ("line", "complaint", "remedy"),
    [
        ("wtch x", "no verb wtch", "did you mean watch?"),
        (f"Watch {ID}", "no verb Watch", "did you mean watch?"),
        ("dowload x", "no verb dowload", "did you mean download?"),
        ("snog rain", "no verb snog", "did you mean song?"),
        ("sandbx", "no verb sandbx", "did you mean sandbox?"),
        ("xyzzy", "no verb xyzzy", "%tempolor --help lists the verbs"),
        (f"--intervall 5 {ID}", "watch has no option --intervall", "did you mean --interval?"),
        (f"watch {ID} --intervl=5", "watch has no option --intervl", "did you mean --interval?"),
        (f"watch {ID} --deadlin 5", "no option --deadlin", "did you mean --deadline?"),
        (f"show {ID} --Live", "no option --Live", "did you mean --live?"),
        ("song rain --lyric la", "song has no option --lyric", "did you mean --lyrics?"),
        ("wait --deadline 5", "wait has no option --deadline", "%tempolor wait --help"),
        ("jobs --xyzzy", "jobs has no option --xyzzy", "%tempolor jobs --help"),
        ("jobs all", "jobs has no word all", "%tempolor jobs --help"),
        ("sandbox start now", "sandbox has no word now", "%tempolor sandbox --help"),
        ("sandbox stpo", "can't stpo", "did you mean stop?"),
        ("sandbox xyzzy", "can't xyzzy", "start|stop"),
        ("sandbox --faults 4o4", "there is no fault “4o4”", "%tempolor sandbox --help"),
        ("sandbox --faults 1.5", "1.5 is no share", "%tempolor sandbox --help"),
        (f"watch {ID} --interval", "--interval: expected one argument", "%tempolor watch --help"),
        (f"watch {ID} --wait=yes", "--wait", "%tempolor watch --help"),
        ("watch", "no job id given", "looks like user:"),
        ("status", "no job id given", "looks like user:"),
        ("download", "no job id given", "looks like user:"),
        (f"watch {ID} --interval 0.001", "0.001 s between two questions", "at least 0.5 s"),
        (f"watch {ID}?x", "is not a job id", "looks like user:"),
        (f"status {ID} {OTHER_ID}", "takes one job id", "one at a time"),
        (f"download {ID} --format ogg", "--format: invalid choice", "%tempolor download --help"),
        (f"download {ID} --download", "download has no option --download", "--help"),
        (f"watch {ID} --format wav", "--format says how to save", "add --download"),
        (f"watch {ID} --output music", "--output says how to save", "add --download"),
        ("song", "needs a prompt", "%tempolor song a calm"),
        ("instrumental", "an instrumental needs a prompt", "%tempolor instrumental slow"),
        ("instrumental x --bpm 49", "49 bpm can't be asked for", "50 to 190"),
        ("instrumental x --bpm 70.5", "70.5 is no tempo", "a whole number"),
        ("instrumental x --key H:major", "H:major is no key", "a note (A Ab B"),
        ("song ''", "needs a prompt", "%tempolor song a calm"),
        ("song '  ' --model v3", "needs a prompt", "%tempolor song a calm"),
    ],
)
def test_a_wrong_line_gets_the_nearest_right_one(line: str, complaint: str, remedy: str) -> None:
    """The complaint names the word; the remedy the nearest match, or where help is."""
    with pytest.raises(UsageError) as caught:
        parse(line, expand=expand)
    assert complaint in caught.value.message
    assert remedy in caught.value.remedy


@pytest.mark.parametrize(
    "line",
    [
        "x" * 10_000,
        "song rain --" + "x" * 10_000,
        f"watch {ID} --wait=" + "x" * 10_000,
        f"watch {ID} --interval " + "x" * 10_000,
        "sandbox " + "x" * 10_000,
        "sandbox --speed " + "x" * 10_000,
        "sandbox --faults " + "x" * 10_000,
        "jobs \u202eevil\0",
        "watch --\u202eevil",
        f"watch {ID} --wait=\u202eevil\0",
        f"watch {ID} --deadline \u202e",
        f"watch {ID} --interval ''",
    ],
    ids=lambda line: ascii(line)[:60],
)
def test_a_complaint_is_one_short_line(line: str) -> None:
    """However strange the line, what it says fits the page and holds no controls."""
    with pytest.raises(UsageError) as caught:
        parse(line, expand=expand)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) <= LONGEST_LINE


@pytest.mark.parametrize("option", ["--interval", "--deadline"])
@pytest.mark.parametrize("value", ["0", "-5", "soon", "1d", "nan", "inf", "31h0", "9999999"])
@pytest.mark.parametrize("verb", [f"watch {ID}", "song rain"])
def test_a_duration_that_is_none_is_refused(verb: str, option: str, value: str) -> None:
    """Before anything is sent."""
    with pytest.raises(UsageError):
        parse(f"{verb} {option} {value}", expand=expand)


@pytest.mark.parametrize(
    ("told", "speed"),
    [("0.1", 0.1), ("1", 1.0), ("1e2", 100.0), ("1000", 1000.0)],
)
def test_the_sandbox_runs_at_a_speed_that_can_be_watched(told: str, speed: float) -> None:
    """From a tenth to a thousand times as fast."""
    assert parse(f"sandbox --speed {told}") == Sandbox(stop=False, speed=speed)


@pytest.mark.parametrize("told", ["0", "0.09", "1001", "nan", "inf", "fast", "''", "10x"])
def test_the_sandbox_has_no_other_speed(told: str) -> None:
    """The line tells the range."""
    with pytest.raises(UsageError, match=r"is no speed → a number from 0\.1 to 1000"):
        parse(f"sandbox --speed {told}")


@pytest.mark.parametrize(("what", "most"), [("prompt", 2_000), ("lyrics", 3_000)])
def test_the_documented_limits_hold_before_anything_is_spent(what: str, most: int) -> None:
    """Characters are counted, not bytes; one too many is told with both numbers."""

    def ask(text: str) -> Command:
        return parse(f"song '{text}'") if what == "prompt" else parse("song rain", text)

    longest = ask("\u590f" * most)
    assert isinstance(longest, Make)
    assert len(longest.order.document()[what]) == most
    told = f"the {what} may have {most:,} characters, not {most + 1:,}"
    with pytest.raises(UsageError, match=told):
        ask("\u590f" * (most + 1))


@pytest.mark.parametrize("verb", list(VERBS))
@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_every_verb_explains_itself(verb: str, flag: str) -> None:
    """Its summary and each of its options; asking does nothing else."""
    for line in (
        f"{verb} {flag}",
        f"{verb} {ID} {flag}" if VERBS[verb].takes_ids else verb + " -h",
    ):
        command = parse(line, expand=expand)
        assert isinstance(command, Help)
        assert command.text.startswith(f"usage: %tempolor {verb}")
        assert VERBS[verb].summary in command.text
        assert all(option in command.text for option in VERBS[verb].options())


def test_help_of_a_verb_can_be_asked_for_by_name() -> None:
    """In either order; and the version is told."""
    assert parse("help watch") == parse("watch --help")
    assert parse("--version") == Help(f"tempolor_magic {__version__}")


def test_help_is_not_disturbed_by_what_is_missing() -> None:
    """A verb that needs an id or a prompt tells its options without one."""
    assert isinstance(parse("status -h"), Help)
    assert isinstance(parse("song --help", "la la"), Help)


@pytest.mark.parametrize("line", ["", "   ", "--help", "-h"])
def test_the_overview_lists_every_verb(line: str) -> None:
    """It is what an empty line shows."""
    command = parse(line)
    assert command == Help(overview())
    assert isinstance(command, Help)
    for verb in VERBS.values():
        assert verb.name in command.text
        assert verb.summary in command.text


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("", []),
        (" a  b\tc\n", ["a", "b", "c"]),
        ("'a b' \"c d\"", ["a b", "c d"]),
        ("don't 'a b'", ["don't", "a b"]),
        ("'open", ["'open"]),
        ("''", [""]),
        ("{a b} {d['x y']} {{c d}}", ["{a b}", "{d['x y']}", "{{c d}}"]),
        ("{a b", ["{a", "b"]),
        ("x{a b}", ["x{a", "b}"]),
        ("{a}{b c}", ["{a}{b", "c}"]),
    ],
)
def test_splitting_a_line_never_fails(line: str, words: list[str]) -> None:
    """Quotes and braces hold together; one that stays open is a plain character."""
    assert split(line) == words
