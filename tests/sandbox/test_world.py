"""The pretend service's state, as tables: every question comes with its time."""

from __future__ import annotations

import re
from statistics import median

import pytest

from tempolor_magic.sandbox.formats import Format
from tempolor_magic.sandbox.harmony import KEYS
from tempolor_magic.sandbox.jobs import Job
from tempolor_magic.sandbox.orders import Order
from tempolor_magic.sandbox.progress import Kind, Shape
from tempolor_magic.sandbox.refusals import Refused
from tempolor_magic.sandbox.songs import MOODS, draw_song
from tempolor_magic.sandbox.world import World

TOKEN = "user:12345-secret"
START = 1_790_000_000.0
FILES = "http://sandbox/files"


def a_world(
    *,
    seed: int = 7,
    speed: float = 1.0,
    slots: int = 10,
    song_seconds: float | None = 100.0,
    register_seconds: float = 0.0,
) -> World:
    """A world where songs take 100 s, but for what a test wants otherwise."""
    return World(
        token=TOKEN,
        seed=seed,
        speed=speed,
        slots=slots,
        song_seconds=song_seconds,
        register_seconds=register_seconds,
    )


def submit(world: World, *, at: float = 0.0, prompt: str = "rain on a tin roof") -> Job:
    """Order a song so many seconds after the start."""
    return world.submit(Order(prompt), now=START + at)


def record(world: World, job: Job, *, at: float) -> dict[str, object]:
    """The record so many seconds after the start."""
    return world.record(job.id, now=START + at, files=FILES)


def refusal_of(world: World, job_id: str, *, at: float) -> tuple[int, str]:
    """Why there is no download then."""
    with pytest.raises(Refused) as caught:
        world.link(job_id, now=START + at)
    return caught.value.status, str(caught.value)


@pytest.mark.parametrize(
    ("at", "prompt", "status", "name", "final"),
    [
        (0, "rain", 0, "GENERATING", False),
        (99.9, "rain", 0, "GENERATING", False),
        (100, "rain", 30, "COMPLETED", True),
        (9_999, "rain", 30, "COMPLETED", True),
        (99.9, "oh Please Fail now", 0, "GENERATING", False),
        (100, "oh Please Fail now", 10, "FAILED", True),
    ],
)
def test_a_job_lives_by_the_documented_codes(
    at: float, prompt: str, status: int, name: str, *, final: bool
) -> None:
    """Number, name and finality of the status follow from the time alone."""
    world = a_world()
    seen = record(world, submit(world, prompt=prompt), at=at)
    assert (seen["status"], seen["status_name"], seen["status_final"]) == (status, name, final)


def test_a_record_has_every_published_name_and_type() -> None:
    """The 58 names of the published example are there in any state, with their types."""
    world = a_world()
    job, doomed = submit(world), submit(world, prompt="please fail")
    running, done = record(world, job, at=50), record(world, job, at=100)
    failed = record(world, doomed, at=100)
    inner = ("musicMaterial", "ltmMaterialExtendDto")
    for seen in (running, done, failed):
        parts = [seen, *(part for part in (seen[name] for name in inner) if isinstance(part, dict))]
        assert [len(part) for part in parts] == [36, 13, 9]
        assert {n: type(v) for n, v in seen.items()} == {n: type(v) for n, v in done.items()}


def test_what_only_a_finished_song_has_is_empty_before() -> None:
    """Title, storage key and length appear with COMPLETED."""
    world = a_world()
    job = submit(world)
    lengths = []
    for at, there in ((50, False), (100, True)):
        seen = record(world, job, at=at)
        material = seen["musicMaterial"]
        assert isinstance(material, dict)
        facts = (seen["titleEn"], seen["mp3OssId"], material["dur"], material["waveformUrl"])
        assert [bool(fact) for fact in facts] == [there] * 4
        lengths.append(material["dur"])
    assert lengths == [0, round(job.song.seconds)]


def test_times_are_epoch_milliseconds() -> None:
    """Created at the submission, updated until the end."""
    world = a_world()
    seen = record(world, submit(world), at=500)
    assert seen["createTime"] == int(START * 1000)
    assert seen["updateTime"] == int((START + 100) * 1000)


def test_a_file_is_served_only_after_the_gap() -> None:
    """400 while generating, 404 in the gap, then an address; a failed job stays at 400."""
    world = a_world()
    job, doomed = submit(world), submit(world, prompt="please fail")
    assert refusal_of(world, job.id, at=99) == (400, "Generation is not completed yet (0)")
    assert refusal_of(world, job.id, at=105.9) == (404, f"No record found for {job.id}")
    assert world.link(job.id, now=START + 106).remaining == 3600
    assert refusal_of(world, doomed.id, at=999) == (400, "Generation is not completed yet (10)")


def test_a_format_that_was_forsworn_never_comes() -> None:
    """Though the piece is completed and its MP3 is there."""
    world = a_world()
    job = submit(world, prompt="rain, please no stems")
    assert job.status(START + 9e9).name == "COMPLETED"
    assert [kind for kind in Format if job.is_served(START + 9e9, kind)] == [
        Format.MP3,
        Format.WAV,
    ]


def test_a_fresh_record_may_be_late() -> None:
    """Until it shows, a job is unknown; it runs all the same."""
    world = a_world(register_seconds=8)
    job = submit(world)
    assert refusal_of(world, job.id, at=7.9) == (404, f"No record found for {job.id}")
    assert world.running(START + 1) == 1
    assert record(world, job, at=8)["status"] == 0


@pytest.mark.parametrize(
    ("job_id", "status", "message"),
    [
        ("nonsense", 400, "job_id has incorrect format"),
        ("", 400, "job_id has incorrect format"),
        ("user:1-tempolor:2-voice:abc", 400, "job_id has incorrect format"),
        ("user:1%3A-tempolor:2-job:abc", 400, "job_id has incorrect format"),
        ("user:1-tempolor:2-job:abc", 404, "No record found for user:1-tempolor:2-job:abc"),
    ],
)
def test_wrong_ids_are_told_from_unknown_ones(job_id: str, status: int, message: str) -> None:
    """A wrong form is 400, a stranger is 404."""
    assert refusal_of(a_world(), job_id, at=0) == (status, message)


def test_ids_have_the_documented_form() -> None:
    """User number of the token, account, fifteen lowercase alphanumerics; never twice the same."""
    world = a_world(slots=50)
    ids = {submit(world).id for _ in range(50)}
    assert len(ids) == 50
    form = re.compile(r"user:12345-tempolor:100198329-job:[a-z0-9]{15}")
    assert all(form.fullmatch(job_id) for job_id in ids)


@pytest.mark.parametrize("speed", [1.0, 3.0, 60.0])
def test_the_hint_of_a_refused_job_is_true(speed: float) -> None:
    """Above the slots comes 429, and submitting exactly after its hint succeeds."""
    world = a_world(slots=3, speed=speed, song_seconds=None)
    for second in range(3):
        submit(world, at=second / 7 / speed)
    with pytest.raises(Refused) as caught:
        submit(world, at=1 / speed)
    hint = int(caught.value.headers["Retry-After"])
    assert caught.value.status == 429
    assert hint >= 1
    assert caught.value.body == {"error": "Too Many Requests", "code": 429}
    submit(world, at=1 / speed + hint)
    assert world.made() == 4


def test_progress_never_goes_back() -> None:
    """Whole percents from 0 to 99 while running, 100 at the end, and not every job alike."""
    world = a_world(slots=40)
    ways = set()
    for job in [submit(world) for _ in range(40)]:
        way = [job.progress(START + at / 2) for at in range(201)]
        assert way == sorted(way)
        assert (way[0], way[-1]) == (0, 100)
        assert max(way[:-1]) <= 99
        ways.add(tuple(way))
    assert len(ways) > 20


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("bend", [1.2, 1.5, 1.9])
def test_every_shape_climbs(kind: Kind, bend: float) -> None:
    """No shape turns back, and all arrive."""
    way = [Shape(kind, bend).percent(at / 500) for at in range(501)]
    assert way == sorted(way)
    assert (way[0], way[-1]) == (0, 99)


def test_a_failed_job_keeps_the_progress_it_got_stuck_at() -> None:
    """It climbs, stops, and never shows 100."""
    world = a_world()
    job = submit(world, prompt="please fail")
    way = [job.progress(START + at) for at in range(200)]
    assert way == sorted(way)
    assert 0 < way[-1] < 100


def test_speed_divides_all_but_the_life_of_an_address() -> None:
    """Sixty times faster: a hundred seconds become less than two, the gap a tenth of one."""
    world = a_world(speed=60.0)
    job = submit(world)
    assert job.life.ended_at - START == pytest.approx(100 / 60)
    assert job.life.served_at - job.life.ended_at == pytest.approx(6 / 60)
    assert job.life.wav_at - job.life.served_at == pytest.approx(9 / 60)
    assert job.life.stems_at - job.life.served_at == pytest.approx(20 / 60)
    assert world.link(job.id, now=START + 2).remaining == 3600


def test_drawn_lengths_spread_around_two_minutes() -> None:
    """Without a fixed length every job takes its own time."""
    world = a_world(slots=300, song_seconds=None)
    lengths = [submit(world).life.ended_at - START for _ in range(300)]
    assert 110 < median(lengths) < 160
    assert max(lengths) > 2 * min(lengths)


def test_an_address_is_good_for_its_file_and_its_time_only() -> None:
    """Another file, another signature, another stamp or a later hour: refused."""
    world = a_world()
    job = submit(world)
    path, _, auth_key = world.link(job.id, now=START + 200).path.partition("?auth_key=")
    assert re.fullmatch(r"[0-9]+-0-0-[0-9a-f]{32}", auth_key)
    assert world.is_link(path, auth_key, now=START + 200 + 3600)
    assert not world.is_link(path, auth_key, now=START + 200 + 3601)
    assert not world.is_link("other.mp3", auth_key, now=START + 200)
    later = f"9{auth_key}"
    for wrong in ("", "-", later, auth_key[:-1], f"{auth_key}é"):
        assert not world.is_link(path, wrong, now=START + 200)


def test_the_same_seed_makes_the_same_world() -> None:
    """Ids, songs and times repeat; another seed differs."""
    first, again, other = (submit(a_world(seed=seed, song_seconds=None)) for seed in (1, 1, 2))
    assert first == again
    assert (first.item, first.song) != (other.item, other.song)


def test_songs_stay_within_their_bounds() -> None:
    """Documented keys, 70 to 150 bpm, whole bars, a length that rounds well."""
    songs = [draw_song(seed) for seed in range(600)]
    assert {song.key for song in songs} == set(KEYS)
    assert len(KEYS) == 24
    assert {song.mood for song in songs} == set(MOODS)
    assert {70, 150} <= {song.bpm for song in songs} <= set(range(70, 151))
    assert all(23.5 < song.seconds < 48.5 for song in songs)
    assert all(abs(song.seconds - round(song.seconds)) < 0.4 for song in songs)


def test_what_was_asked_for_is_in_the_record() -> None:
    """Prompt, lyrics and model come back; without lyrics the model writes some."""
    world = a_world()
    asked = world.submit(Order("rain", "la la", "v3.5"), now=START)
    making = record(world, asked, at=0)["ltmMaterialExtendDto"]
    assert isinstance(making, dict)
    assert (making["prompt"], making["lyricsPrompt"]) == ("rain", "la la")
    assert making["modelShowName"] == "v4.8"
    made_up = record(world, submit(world), at=0)["ltmMaterialExtendDto"]
    assert isinstance(made_up, dict)
    assert "[Chorus]" in made_up["lyricsPrompt"]
    assert made_up["modelShowName"] == "v4.8"


@pytest.mark.parametrize("token", ["", "secret", "user:-x", "user:12", "user:x-y"])
def test_a_world_wants_a_token_of_the_documented_form(token: str) -> None:
    """Job ids begin with the token's user number, so there must be one."""
    with pytest.raises(ValueError, match="user:<number>"):
        World(token=token, seed=1)
