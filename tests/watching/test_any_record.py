"""Whatever becomes of a record on its way: a defined state, a picture of it, and no exception."""

from __future__ import annotations

import json
import random
import re
from pathlib import Path

import httpx
from fakes import BASE_URL, Studio, Wire, studio
from hypothesis import event, given
from hypothesis import strategies as st
from mutations import EXAMPLES, SHORTER, THOROUGH, bodies
from samples import CREATED, ID, JOB, NOW
from spoiling import mutated

from tempolor_magic.api.fields import Garbled, read_document
from tempolor_magic.api.records import Record, read_record
from tempolor_magic.rows import row
from tempolor_magic.view import html, text
from tempolor_magic.view.words import face
from tempolor_magic.watching.snapshot import Snapshot, State
from tempolor_magic.watching.state import observe

# How many jobs are watched at one time, and how many of each one's first answers are spoilt.
BATCH, SPOILT = 500, 3
PATIENCE = 120.0
JOB_PATH = re.compile(r"(/v1/tempolor)/music/(user:[^/?]+)")
# What else is asked while jobs are watched, and for a job that is done.
OTHERS = re.compile(r"(/v1/tempolor)/(music/\?|scheduler/?$|music/download/user:)")


@THOROUGH
@given(bodies=st.lists(bodies(), min_size=1, max_size=3))
def test_any_answers_leave_a_defined_state(bodies: list[bytes]) -> None:
    """Only a final record decides, progress never falls, and what is over stays as it is."""
    snapshot = Snapshot(JOB)
    for number, body in enumerate(bodies):
        try:
            record = read_record(read_document(body), ID)
        except Garbled:
            event("garbled")
            continue
        now = NOW + 10.0 * number
        seen = observe(snapshot, record, now=now, wall=CREATED + 10.0 * number)
        _holds(snapshot, record, seen, now=now)
        snapshot = seen
    event(str(snapshot.state))


def _holds(before: Snapshot, record: Record, seen: Snapshot, *, now: float) -> None:
    if before.state.is_over:
        assert seen is before
        return
    assert seen.state in {State.GENERATING, State.COMPLETED, State.FAILED, State.ERROR}
    assert record.final or seen.state is State.GENERATING
    assert (seen.error is None) == (seen.state in {State.GENERATING, State.COMPLETED})
    assert (before.progress or 0.0) <= (seen.progress or 0.0) <= 100.0
    assert (seen.elapsed(now) or 0.0) >= 0.0


@SHORTER
@given(body=bodies())
def test_any_record_can_be_looked_at(body: bytes) -> None:
    """As a card, as text, as a row of a frame; and it goes through JSON again as it came."""
    try:
        record = read_record(read_document(body), ID)
    except Garbled:
        return
    seen = observe(Snapshot(JOB), record, now=NOW, wall=CREATED + 60)
    looked_at = face(seen, now=NOW)
    assert ID in html.static_card(looked_at)
    assert ID in text.card(looked_at)
    assert html.live_head(looked_at)
    assert html.live_facts(looked_at)
    assert row(record, state=str(seen.state)).job_id == ID
    assert json.loads(json.dumps(record.raw)) == record.raw


def test_the_engine_ends_every_watch_whatever_it_is_told(tmp_path: Path) -> None:
    """Each ends in a state, at the truth unless a spoilt record said it was final."""
    for batch in range(max(1, EXAMPLES // BATCH)):
        folder = tmp_path / str(batch)
        with studio(folder, slots=BATCH, song_seconds=40.0) as made:
            liar = Liar(seed=batch)
            made.wire.twist = liar
            _watch_all(made, liar, seed=batch)


class Liar:
    """Spoils the first answers about each job, and half of the lists; tells what it made final."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self._told: dict[str, int] = {}

    def __call__(self, request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        path = request.url.raw_path.decode()
        self._told[path] = self._told.get(path, 0) + 1
        truthful = self._chance.random() < 0.5 if OTHERS.match(path) else self._told[path] > SPOILT
        if truthful or answer.status_code != 200:
            return answer
        document = mutated(answer.json(), self._chance)
        return httpx.Response(200, content=json.dumps(document).encode())


def _watch_all(made: Studio, liar: Liar, *, seed: int) -> None:
    ids = [made.submit(f"piece {number}") for number in range(BATCH)]
    with made.clock.held():
        watches = [made.poller.watch(made.connection, each) for each in ids]
    for watch in watches:
        watch.future.exception(PATIENCE)
    states = {watch.snapshot.state for watch in watches}
    assert states <= {State.COMPLETED, State.FAILED, State.ERROR}, f"seed {seed}"
    broken = [w.follower.exception() for w in watches if w.follower and w.follower.exception()]
    assert not broken, f"seed {seed}"
    _asked_only_for(made.wire, set(map(str, ids)))


def _asked_only_for(wire: Wire, ids: set[str]) -> None:
    assert BASE_URL.endswith("/v1/tempolor")
    for _, request in wire.sent:
        path = request.url.raw_path.decode()
        exact = JOB_PATH.fullmatch(path)
        assert OTHERS.match(path) or (exact is not None and exact[2] in ids), path
