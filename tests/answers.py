"""What each call of the service comes to, asked with the answer of each vector."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from operations import INDEX, MIDI_ID, VOICE_ID
from samples import CREATED, FINISHED, ID, OTHER_ID

from tempolor_magic.api.accounts import Account
from tempolor_magic.api.midi import MidiFile
from tempolor_magic.api.pages import Page
from tempolor_magic.api.records import Status
from tempolor_magic.api.scheduler import AccountSlots, RunningJob, Slots
from tempolor_magic.api.stems import Stems
from tempolor_magic.api.voices import ArtistVoice, ClonedVoice, NewVoice
from tempolor_magic.errors import BadRequest, JobGone, NotFound, ServiceError, Unauthorized

STARTED = datetime(2025, 5, 15, 12, 34, 56, 789_000, tzinfo=UTC).timestamp()
REPLY = ("https://example.com/callback", "my-reference")
UPDATED = 1_715_791_234.567
SAMPLES = "https://example.com/vocals"
COVERS = "https://example.com/voice-covers"
CLONED = "https://example.com/cloned-voice"
FILES = "https://ugc-cdn.api.instabeat.ai/midi/file"
SECOND_VOICE, SECOND_MIDI = (
    text.replace("abcdef123456789", "fedcba987654321") for text in (VOICE_ID, MIDI_ID)
)
# What a call comes to, asked with the answer of that file. Lists of music: see below.
VALUES: dict[str, Any] = {
    "delete-music-job.200.json": None,
    "post-stems-splitter.200.json": Stems(
        "https://example.com/path/to/stems.zip", "audio_file.mp3", state=2
    ),
    "synthetic-post-stems-splitter.200.no-zip.json": Stems("", "audio_file.mp3", state=1),
    "get-scheduler.200.json": (RunningJob(ID, STARTED, 83.0, *REPLY),),
    "synthetic-get-scheduler.200.empty.json": (),
    "synthetic-get-scheduler.200.two.json": (
        RunningJob(ID, STARTED, 83.0, *REPLY),
        RunningJob(OTHER_ID, STARTED, 4_502.0),
    ),
    "get-scheduler-available.200.json": Slots(
        (RunningJob(ID.replace("user_id", "12345"), STARTED, 83.0, *REPLY),),
        (AccountSlots("12345", 10, 1, 9), AccountSlots("67890", 5, 0, 5)),
    ),
    "delete-scheduler-job.204.txt": None,
    "get-accounts.200.json": (
        Account("user_id1", UPDATED, 10),
        Account("user_id2", UPDATED, 20),
    ),
    "get-accounts.404.empty.txt": (),
    "get-account.200.json": Account("user_id1", UPDATED, 10),
    "get-artist-voices.200.json": Page(
        (
            ArtistVoice(
                "voice_12345",
                "Deep Male Voice",
                ("male", "deep", "dramatic"),
                f"{SAMPLES}/deep-male-sample.mp3",
                f"{COVERS}/deep-male.jpg",
            ),
            ArtistVoice(
                "voice_67890",
                "Soprano Female Voice",
                ("female", "soprano", "clear"),
                f"{SAMPLES}/soprano-female-sample.mp3",
                f"{COVERS}/soprano-female.jpg",
            ),
        )
    ),
    "get-cloned-voices.200.json": Page(
        (
            ClonedVoice(
                VOICE_ID,
                "My Custom Voice",
                ready=True,
                sample_url=f"{CLONED}/abcdef123456789.mp3",
                created_at=CREATED,
                updated_at=FINISHED,
            ),
            ClonedVoice(
                SECOND_VOICE,
                "Second Voice Sample",
                ready=True,
                sample_url=f"{CLONED}/fedcba987654321.mp3",
                created_at=CREATED - 90_000,
                updated_at=FINISHED - 90_000,
            ),
        )
    ),
    "post-cloned-voices.200.json": NewVoice(VOICE_ID),
    "post-cloned-voices.202.json": NewVoice(
        VOICE_ID,
        pending=True,
        message="Voice cloning is still processing after 120 seconds. Please check back later.",
    ),
    "delete-cloned-voice.200.json": None,
    "get-midi.200.json": Page(
        (
            MidiFile(MIDI_ID, "Piano Composition", f"{FILES}/abcdef123456789.mid"),
            MidiFile(SECOND_MIDI, "Guitar Progression", f"{FILES}/fedcba987654321.mid"),
        )
    ),
    "post-midi.200.json": MidiFile(MIDI_ID, "my background music", "https://..."),
}
# The jobs of a page, its cursor, and whether there are more.
LIBRARY_PAGES: dict[str, tuple[dict[str, Status], str, bool]] = {
    "get-music.200.reconstructed.json": ({ID: Status.COMPLETED}, "", False),
    "synthetic-get-music.200.page1-of-2.json": (
        {
            OTHER_ID: Status.GENERATING,
            OTHER_ID.replace("fedcba", "0a1b2c"): Status.FAILED,
        },
        "next_page_cursor_token",
        True,
    ),
    "synthetic-get-music.200.empty.json": ({}, "", False),
}
# What a refused call raises: the class, a word of the remedy, words of the message.
REFUSALS: dict[str, tuple[type[ServiceError], str, str]] = {
    "delete-music-job.400.json": (BadRequest, "check the id", "job_id has incorrect format"),
    "delete-music-job.404.json": (JobGone, "deleted", "the service knows no such job"),
    "post-stems-splitter.400.json": (BadRequest, "check the recording", "<Error message>"),
    "delete-scheduler-job.400.json": (BadRequest, "check the id", "job_id has incorrect format"),
    "delete-scheduler-job.404.json": (NotFound, "may have finished", "the job is not running"),
    "get-account.404.empty.txt": (NotFound, "useapi.net", "no such TemPolor account"),
    "post-cloned-voices.400.json": (BadRequest, "check the recording", "Empty file received"),
    "delete-cloned-voice.400.json": (BadRequest, "check the id", "clonedVoiceItemId has incorrect"),
    "delete-cloned-voice.404.json": (NotFound, "check the id", "the service knows no such voice"),
    "post-midi.400.json": (BadRequest, "check the file", "must be audio/midi or audio/x-midi"),
    **{
        file: (Unauthorized, "USEAPI_TOKEN", "the token is not accepted")
        for file, row in INDEX.items()
        if row["status"] == 401 and row["kind"] != "sibling"
    },
}
