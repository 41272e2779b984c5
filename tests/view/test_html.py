"""Jobs as HTML: the service's texts are shown and never obeyed, and ticking parts stay small."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from samples import (
    BIDI,
    ENDINGS,
    ID,
    NOW,
    dressed,
    make_face,
    make_record,
    make_snapshot,
    make_trouble,
    running_record,
)

from tempolor_magic.api.ids import parse_job_id
from tempolor_magic.view import html
from tempolor_magic.view.words import Face, face
from tempolor_magic.watching.snapshot import Media, Snapshot, State

KIBIBYTE = 1024
# An account may hold what HTML gives a meaning to.
SHARP_ID = parse_job_id("user:12345-tempolor:a'&lt;b=(c)-job:abcdef123456789")

VIEWS: dict[str, Callable[[Face], str]] = {
    "live_head": html.live_head,
    "live_facts": lambda seen: html.live_facts(seen, saved_by_show=True),
    "live_foot": html.live_foot,
    "live_table": lambda seen: html.live_table([seen, seen]),
    "static_card": html.static_card,
    "static_table": lambda seen: html.static_table([seen, seen]),
    "gallery": lambda seen: html.gallery([seen, seen], heading="2 songs", has_more=True),
}
LIVE = ["live_head", "live_table"]
STATIC = ["static_card", "static_table"]

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    '" onfocus="alert(1)" autofocus x="',
    "` onload=alert(1) `",
    "</td></table></pre></details><b>",
    "</style><script>alert(1)</script>",
    "<!-- <style>*{}</style> -->",
    "<![CDATA[<svg onload=alert(1)>]]>",
    "&lt;script&gt;&amp;&#60;b&#62;",
    "{{7*7}}{% raw %}{# x #}",
    "javascript:alert(1)",
    "a\r\n<b>b</b>\0",
    f"<i>{BIDI}</i>",
    "\U0001f3b5<a href=//evil.example>",
]
# What a sanitizer takes away, what can be focused, and what may not tick.
FORBIDDEN_WHEN_SAVED = {"style", "svg", "script", "button", "input", "iframe", "object", "form"}
FORBIDDEN_IN_TICKS = {
    *("details", "summary", "audio", "video", "a", "button", "input", "select", "textarea"),
    *("style", "script", "svg", "iframe"),
}


class Page(HTMLParser):
    """A parsed fragment: its ``tags`` with their attributes, its ``shape``, its ``words``."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.shape: list[str] = []
        self.words = ""
        self._in_style = False
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep the tag, and the attributes that steer more than text."""
        self._in_style = tag == "style"
        assert len(dict(attrs)) == len(attrs)
        self.tags.append((tag, dict(attrs)))
        steering = [f"{name}={v}" for name, v in attrs if name in {"class", "style", "id", "role"}]
        self.shape.append(f"<{tag} {sorted(name for name, _ in attrs)} {steering}>")

    def handle_endtag(self, tag: str) -> None:
        """Keep the order of closing."""
        self._in_style = False
        self.shape.append(f"</{tag}>")

    def handle_comment(self, data: str) -> None:
        """No comment is written anywhere, so none may come out of a text."""
        self.shape.append(f"<!--{data}-->")

    def handle_decl(self, decl: str) -> None:
        """Nor a declaration."""
        self.shape.append(f"<!{decl}>")

    def unknown_decl(self, data: str) -> None:
        """Nor a marked section."""
        self.shape.append(f"<![{data}]>")

    def handle_pi(self, data: str) -> None:
        """Nor an instruction."""
        self.shape.append(f"<?{data}>")

    def handle_data(self, data: str) -> None:
        """Keep what a reader sees."""
        self.words += "" if self._in_style else data.replace("\u00a0", " ")

    def named(self, tag: str) -> list[dict[str, str | None]]:
        """The attributes of each element of that name."""
        return [attributes for name, attributes in self.tags if name == tag]

    def values(self) -> str:
        """All attribute values."""
        return "\n".join(str(v) for _, attributes in self.tags for v in attributes.values())


def page(view: str, snapshot: Snapshot) -> Page:
    """That view of that snapshot, parsed."""
    return Page(VIEWS[view](face(snapshot, now=NOW)))


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text)[:30])
@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("view", list(VIEWS))
def test_a_text_never_becomes_markup(view: str, state: State, text: str) -> None:
    """In every field at once: the elements and attributes are those of a harmless text."""
    harmless = page(view, dressed("Rain", state))
    hostile = page(view, dressed(text, state, job_id=SHARP_ID))
    assert hostile.shape == harmless.shape
    assert not set(hostile.words + hostile.values()) & set(BIDI)


@pytest.mark.parametrize("text", [text for text in HOSTILE if text.isprintable()])
@pytest.mark.parametrize("view", [view for view in VIEWS if view != "live_foot"])
def test_a_text_is_shown_to_the_letter(view: str, text: str) -> None:
    """Escaping is not dropping: the reader sees what the service wrote, and nothing computed."""
    seen = page(view, dressed(text, State.GENERATING))
    beginning = text[:23] if view == "live_table" else text
    assert beginning in seen.words
    assert "49" not in seen.words


@pytest.mark.parametrize("view", list(VIEWS))
def test_every_root_and_row_tells_job_and_state(view: str) -> None:
    """As attributes, for those who style or test a page."""
    snapshot = make_snapshot(State.GENERATING, job_id=SHARP_ID)
    cards = [a for _, a in page(view, snapshot).tags if a.get("class") == "tempolor-card"]
    parts, many = dict.fromkeys(("live_facts", "live_foot"), 0), ("live_table", "static_table")
    assert len(cards) == {**parts, **dict.fromkeys((*many, "gallery"), 2)}.get(view, 1)
    for card in cards:
        assert card["data-job-id"] == str(SHARP_ID)
        assert (card["data-state"], card["data-progress"]) == ("GENERATING", "35")


@pytest.mark.parametrize("view", STATIC)
@pytest.mark.parametrize("state", list(State))
def test_what_is_saved_speaks_without_a_kernel(state: State, view: str) -> None:
    """State and id are visible words, the remedy too, and nothing in it can be pressed."""
    saved = page(view, make_snapshot(state))
    assert _state_words(view, state) in saved.words
    assert ID in saved.words
    if state in ENDINGS:
        assert ENDINGS[state].remedy in saved.words
    assert not {tag for tag, _ in saved.tags} & FORBIDDEN_WHEN_SAVED
    assert "var(" not in saved.values()
    assert "url(" not in saved.values()


@pytest.mark.parametrize("view", STATIC)
@pytest.mark.parametrize("state", list(State))
def test_a_job_without_a_record_can_be_saved(state: State, view: str) -> None:
    """Nothing is known of it but its id and how the watch stands."""
    saved = page(view, make_snapshot(state, record=None, progress=None))
    assert _state_words(view, state) in saved.words
    assert ID in saved.words


def _state_words(view: str, state: State) -> str:
    return make_face(state).words if view == "static_card" else make_face(state).brief


def test_a_saved_card_names_what_its_buttons_did() -> None:
    """It has none; the lines that do the same stand there."""
    saved = page("static_card", make_snapshot(State.COMPLETED))
    assert f"%tempolor download {ID}" in saved.words
    assert f"%tempolor show {ID}" in saved.words


@pytest.mark.parametrize("state", list(State))
def test_a_saved_card_shows_the_id_once(state: State) -> None:
    """What has it again is folded, or is the remedy."""
    source = html.static_card(make_face(state))
    unfolded = Page(re.sub(r"<details.*?</details>", "", source, flags=re.DOTALL)).words
    remedy = ENDINGS[state].remedy if state in ENDINGS else ""
    assert unfolded.count(ID) == 1 + remedy.count(ID)


@pytest.mark.parametrize("view", ["static_card", "live_facts"])
def test_a_completed_job_can_be_heard_and_read(view: str) -> None:
    """Player, facts, and prompt, lyrics and record folded away."""
    media = Media(cover="https://x/c.png", audio="https://x/a.mp3?k=1&l=2")
    seen = page(view, make_snapshot(State.COMPLETED, media=media))
    assert [a["src"] for a in seen.named("audio")] == ["https://x/a.mp3?k=1&l=2"]
    folds = {"live_facts": "Not in the notebook file", "static_card": "Use it again"}
    assert len(seen.named("details")) == 4
    assert folds[view] in seen.words
    for words in ("3:00", "F minor", "130 bpm", "Orchestral", "Second line", ID):
        assert words in seen.words


@pytest.mark.parametrize("view", ["static_card", "live_head"])
def test_a_saved_file_is_named_and_a_failed_download_explained(view: str) -> None:
    """Outside the widget that holds the player: naming the file must not stop the music."""
    saved = page(
        view, make_snapshot(State.COMPLETED, media=Media(saved=("a song.mp3", "a song.wav")))
    )
    assert "Saved as a song.mp3" in saved.words
    assert "Saved as a song.wav" in saved.words
    unsaved = page(view, make_snapshot(State.COMPLETED, media=Media(unsaved="no room")))
    assert "Not saved: no room" in unsaved.words


@pytest.mark.parametrize(("note", "told"), [("", "The audio is not ready yet"), ("no", "No")])
@pytest.mark.parametrize("view", ["static_card", "live_facts"])
def test_a_missing_sound_is_told(view: str, note: str, told: str) -> None:
    """Where the player would be."""
    seen = page(view, make_snapshot(State.COMPLETED, media=Media(note=note)))
    assert told in seen.words
    assert not seen.named("audio")


@pytest.mark.parametrize(
    ("media", "told"),
    [
        (Media(audio="https://x/a", preview=True), "A short preview"),
        (Media(audio="https://x/a", note="not embedded: it is too large"), "Not embedded: it is"),
        (Media(audio="https://x/a", whole="data:audio/mpeg;base64,AA"), "The whole piece is in"),
    ],
    ids=["preview", "not embedded", "embedded"],
)
@pytest.mark.parametrize("view", ["static_card", "live_head"])
def test_what_the_player_plays_is_told(view: str, media: Media, told: str) -> None:
    """Part of the piece or all of it; in the widget that does not hold the player."""
    snapshot = make_snapshot(State.COMPLETED, media=media)
    assert told in Page(VIEWS[view](face(snapshot, now=NOW, embed=True))).words
    silent = replace(snapshot, media=Media())
    assert told not in Page(VIEWS[view](face(silent, now=NOW, embed=True))).words


@pytest.mark.parametrize("state", [State.WAITING, State.GENERATING])
def test_a_running_card_keeps_the_place_of_what_will_come(state: State) -> None:
    """Waveform, player and all facts are there before they are known; no saved card waits."""
    running = Page(html.live_facts(make_face(state, record=None, progress=None)))
    for name in ("Length", "Key", "Tempo", "Chords", "Style", "Mood", "The player comes here"):
        assert name in running.words
    assert [picture["alt"] for picture in running.named("img")] == [""]
    saved = Page(html.static_card(make_face(state, record=None, progress=None)))
    assert "Length" not in saved.words
    assert "The player" not in saved.words


def test_times_are_told_from_now_on_where_somebody_looks_now() -> None:
    """Live with the exact moment behind it; as dates in a file, where "2 min ago" would lie."""
    done = make_face(State.COMPLETED, born_at=NOW - 500)
    live, saved = Page(html.live_facts(done)), Page(html.static_card(done))
    ages = [a["style"] for _, a in live.tags if a.get("class") == "tma"]
    assert ages == ["--d:-500s", "--d:-405s"]
    exact = [a["title"] for a in live.named("span") if "title" in a]
    assert exact == ["2024-05-24 15:43:45 UTC", "2024-05-24 15:48:20 UTC"]
    for moment in ("Created 2024-05-24 15:43 UTC", "Finished 2024-05-24 15:48 UTC"):
        assert moment in saved.words
        assert moment not in live.words
    assert "ago" not in saved.words


@pytest.mark.parametrize("view", list(VIEWS))
def test_a_sandbox_card_cannot_be_mistaken(view: str) -> None:
    """It says so in words, and a real one does not."""
    marked = page(view, make_snapshot(State.COMPLETED, sandbox=True))
    plain = page(view, make_snapshot(State.COMPLETED))
    assert ("SANDBOX" in marked.words) is (view not in {"live_facts", "live_foot"})
    assert "SANDBOX" not in plain.words


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("view", LIVE)
def test_nothing_that_ticks_can_be_opened_played_or_focused(view: str, state: State) -> None:
    """Replacing it would close, stop or steal what the reader is using."""
    ticking = page(view, dressed("Rain", state))
    names = {name for _, attributes in ticking.tags for name in attributes}
    assert not {tag for tag, _ in ticking.tags} & FORBIDDEN_IN_TICKS
    assert not names & {"aria-live", "role", "tabindex", "contenteditable", "href", "id"}
    assert not [name for name in names if name.startswith("on")]


@pytest.mark.parametrize(
    ("sooner", "later"),
    [
        (make_snapshot(progress=1.0), make_snapshot(progress=99.0)),
        (make_snapshot(), make_snapshot(trouble=make_trouble())),
        (make_snapshot(), make_snapshot(every=5.0)),
        (make_snapshot(born_at=NOW - 5), make_snapshot(born_at=NOW - 500)),
        (make_snapshot(), make_snapshot(media=Media(cover="https://x/c.png"))),
        (make_snapshot(record=running_record(1)), make_snapshot(record=running_record(99))),
    ],
    ids=["progress", "trouble", "rhythm", "age", "cover", "record"],
)
def test_what_holds_the_player_does_not_tick(sooner: Snapshot, later: Snapshot) -> None:
    """Progress, trouble and time change the head only: the facts are sent once per state."""
    assert VIEWS["live_facts"](face(sooner, now=NOW)) == VIEWS["live_facts"](face(later, now=NOW))


@pytest.mark.parametrize("state", list(State))
def test_a_state_is_spoken_once(state: State) -> None:
    """The one live region stands alone, and a progress or a title on the way does not change it."""
    seen = Page(html.live_foot(make_face(state)))
    regions = [(a["role"], a["aria-live"]) for _, a in seen.tags if "aria-live" in a]
    assert regions == [("status", "polite")]
    assert make_face(state).said in seen.words
    for view in ("live_head", "live_facts"):
        assert not [a for _, a in page(view, make_snapshot(state)).tags if "aria-live" in a]
    early = make_face(State.GENERATING, record=None, progress=None)
    later = make_face(State.GENERATING, record=running_record(titleEn="New"), progress=50.0)
    assert html.live_foot(early) == html.live_foot(later)


@pytest.mark.parametrize("saved_by_show", [False, True])
@pytest.mark.parametrize("state", list(State))
def test_a_live_card_says_when_the_file_does_not_hold_it(
    state: State, *, saved_by_show: bool
) -> None:
    """Only where it is so, and only of a job that is over: of others there is no result."""
    said = f"%tempolor show {ID}" in html.live_facts(make_face(state), saved_by_show=saved_by_show)
    assert said is (saved_by_show and state.is_final)


@pytest.mark.parametrize(
    ("progress", "value"), [(None, None), (0.0, "0"), (35.0, "35"), (35.6, "35"), (100.0, "100")]
)
@pytest.mark.parametrize("view", LIVE)
def test_unknown_progress_is_an_indeterminate_bar(
    view: str, progress: float | None, value: str | None
) -> None:
    """A bar without a value, not one at 0 %."""
    bar = page(view, make_snapshot(progress=progress)).named("progress")[-1]
    assert (bar["max"], bar.get("value")) == ("100", value)


@pytest.mark.parametrize("state", [state for state in State if state.is_over])
@pytest.mark.parametrize("view", list(VIEWS))
def test_what_is_over_has_no_bar_and_no_running_clock(view: str, state: State) -> None:
    """Only the bar of the whole table stays."""
    seen = page(view, make_snapshot(state))
    assert len(seen.named("progress")) == (1 if view == "live_table" else 0)
    assert not [a for _, a in seen.tags if a.get("class") in {"tmc", "tmd"}]
    assert not [a for a in seen.named("progress") if "Progress of" in str(a.get("aria-label"))]


@pytest.mark.parametrize(
    ("faces", "overall"),
    [
        ([make_face(progress=None)], "0"),
        ([make_face(progress=50.0), make_face(State.COMPLETED)], "75"),
        ([make_face(State.FAILED), make_face(State.STOPPED)], "100"),
        ([make_face(progress=10.0), make_face(progress=None), make_face(progress=20.0)], "10"),
    ],
)
def test_a_table_has_an_overall_bar(faces: list[Face], overall: str) -> None:
    """The mean of its jobs; what is over counts as done."""
    assert Page(html.live_table(faces)).named("progress")[0]["value"] == overall


@pytest.mark.parametrize("seconds", [0, 95, 4_000, 100_000])
@pytest.mark.parametrize("view", LIVE)
def test_the_clock_runs_in_the_page(view: str, seconds: int) -> None:
    """The age is a delay that style alone counts on from, so an unchanged job sends nothing."""
    snapshot = make_snapshot(born_at=NOW - seconds)
    clocks = [a for _, a in page(view, snapshot).tags if a.get("class") == "tmc"]
    assert {clock["style"] for clock in clocks} == {f"--d:-{seconds}s"}


def test_trouble_is_said_with_a_countdown() -> None:
    """The notice stands in the head, instead of the rhythm."""
    seen = page("live_head", make_snapshot(trouble=make_trouble("the service is busy", seconds=4)))
    assert "the service is busy · retrying in" in seen.words
    assert "checked every" not in seen.words
    assert [a["style"] for _, a in seen.tags if a.get("class") == "tmd"] == ["--d:-116s"]


def test_a_wait_that_was_asked_for_looks_unlike_trouble() -> None:
    """Another sign, other words and another line beside them, in card and table."""
    trouble, held = make_trouble(), replace(make_trouble(), limited=True)
    faces = [make_face(trouble=each) for each in (trouble, held)]
    heads, tables = [[Page(render(f)) for f in faces] for render in (html.live_head, _one_row)]
    for sign, again, brief, head, table in (
        ("↻", "retrying in", "Retrying", heads[0], tables[0]),
        ("‖", "asking again in", "On hold", heads[1], tables[1]),
    ):
        assert sign in head.words
        assert again in head.words
        assert f"{sign} {brief}" in table.words
    notices = [
        [a["class"] for _, a in head.tags if "tempolor-notice" in str(a.get("class"))]
        for head in heads
    ]
    assert notices == [["tempolor-notice"], ["tempolor-notice tempolor-held"]]


def _one_row(seen: Face) -> str:
    return html.live_table([seen])


def test_what_is_left_is_told_as_soon_as_it_is_known() -> None:
    """Behind the elapsed time; before that there is no place kept for it."""
    known = page("live_head", make_snapshot(remaining=42.0))
    assert "elapsed · about 40 s left" in " ".join(known.words.split())
    assert "left" not in page("live_head", make_snapshot()).words


@pytest.mark.parametrize("view", ["live_head", "static_card", "gallery"])
def test_a_title_that_is_cut_can_be_read_whole(view: str) -> None:
    """By pointing at it."""
    title = "A calm piano piece, soft rain and nothing else for a very long time"
    seen = page(view, make_snapshot(State.COMPLETED, record=make_record(titleEn=title)))
    assert title in {a.get("title") for a in seen.named("div")}


@pytest.mark.parametrize("title", ["A calm piano piece, soft rain. " * 7, "x" * 200, ""])
@pytest.mark.parametrize("state", list(State))
def test_a_row_is_at_most_300_bytes(state: State, title: str) -> None:
    """Whole tables are sent with every tick."""
    job_id = parse_job_id("user:12345-tempolor:100198329-job:abcdef123456789")
    record = make_record(titleEn=title[:200])
    snapshot = make_snapshot(state, job_id=job_id, record=record, born_at=NOW - 899)
    rows = [
        row for row in VIEWS["live_table"](face(snapshot, now=NOW)).splitlines() if ID[:5] in row
    ]
    assert len(rows) == 2
    assert max(len(row.encode()) for row in rows) <= 300


@pytest.mark.parametrize("text", ['"' * 500, "\U0001f3b5" * 500, "\0" * 500, "&" * 500])
@pytest.mark.parametrize("state", list(State))
def test_a_head_is_at_most_4_kibibytes(state: State, text: str) -> None:
    """However long and however sharp the texts of the service are."""
    usual = Media(cover="https://files.example/" + "c" * 200 + ".png")
    snapshot = replace(dressed(text, state), media=usual)
    assert len(html.live_head(face(snapshot, now=NOW)).encode()) <= 4 * KIBIBYTE


def test_the_style_is_sent_apart_from_what_ticks() -> None:
    """One element, with the facts or alone; it closes where it should."""
    assert [tag for tag, _ in Page(html.style()).tags] == ["style"]
    assert [tag for tag, _ in page("live_facts", make_snapshot()).tags].count("style") == 1
    assert html.style().strip().endswith("</style>")


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text)[:30])
def test_a_facts_table_shows_any_text(text: str) -> None:
    """The journal and the settings hold what others wrote, too."""
    harmless = Page(html.facts_table("x", ("x", "x"), [("x", "x")]))
    hostile = Page(html.facts_table(text, (text, "x"), [(text, text)]))
    assert hostile.shape == harmless.shape
    if text.isprintable():
        assert hostile.words.count(text) == 4
