"""Real database files of every version that was ever released open, with everything in them."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from faceswap_desktop.domain.consent import Basis
from faceswap_desktop.domain.faces import PhotoId
from faceswap_desktop.domain.gallery import GalleryQuery
from faceswap_desktop.domain.job import Failure, Hold, JobId, JobState, ResultId
from faceswap_desktop.domain.messages import message
from faceswap_desktop.domain.presets import Preset
from faceswap_desktop.domain.provenance import ResultMark, SignerKind
from faceswap_desktop.domain.recipe import SwapOptions
from faceswap_desktop.domain.sensitive import Role, Sighting, Verdict
from faceswap_desktop.storage.answers import AnswerStore
from faceswap_desktop.storage.charges import Charges
from faceswap_desktop.storage.consents import ConsentStore
from faceswap_desktop.storage.database import Database
from faceswap_desktop.storage.detections import DetectionStore
from faceswap_desktop.storage.faces import SourceFaceStore
from faceswap_desktop.storage.held import HeldStore
from faceswap_desktop.storage.hosted import HostedState, HostedStore
from faceswap_desktop.storage.ledger import JobStep, Ledger
from faceswap_desktop.storage.live_sessions import LiveSessionStore
from faceswap_desktop.storage.looks import LookStore, RefusalStore
from faceswap_desktop.storage.mail import MailStore
from faceswap_desktop.storage.migrations import MIGRATIONS
from faceswap_desktop.storage.paths import Home
from faceswap_desktop.storage.presets import PresetStore
from faceswap_desktop.storage.remote import RemoteStore
from faceswap_desktop.storage.results import ResultStore
from faceswap_desktop.storage.workspace import WorkspaceStore
from tests.unit.storage.builders import a_detected_face, a_job, a_recipe, a_result, a_source_face
from tests.unit.storage.cloud_rows import BOOKINGS, REMOTE
from tests.unit.storage.live_rows import SESSIONS, booking_of

DATABASES = Path(__file__).parents[2] / "data" / "databases"
FILES = sorted(DATABASES.glob("version-*.sqlite3"))

JOBS = [
    a_job("queued", priority=2.0),
    a_job("held", priority=1.0, hold=Hold.DISK, attempt=1, retry_at=9.5, recipe=a_recipe("/p/名 \udcff.jpg")),
    a_job("done", state=JobState.SUCCEEDED, result=ResultId("r1"), progress=1.0, started_at=1.0, ended_at=2.0),
    a_job("failed", state=JobState.FAILED, failure=Failure("no-face", message("Face {n} is gone.", n=1), None, 3)),
]
RESULTS = [
    a_result("r1", "done", path="/results/名 \udcff.jpg", similarity=None, is_favourite=True),
    a_result("r2", "other", deleted_at=5.0),
]
FACES = [a_source_face("s1"), a_source_face("s2", embedding=None, on_shelf=False, position=1), a_source_face("s3")]


def test_every_released_version_has_a_file() -> None:
    there = {path.stem.removeprefix("version-") for path in FILES}
    assert there == {f"{step.version // 1000}.{step.version % 1000}" for step in MIGRATIONS}


@pytest.mark.skipif(os.name != "posix", reason="names of bytes are POSIX")
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
async def test_everything_is_there(file: Path, home: Home) -> None:
    shutil.copy(file, home.database)
    db = await Database.open(home.database)
    assert await db.check() == []
    assert await db.read(lambda c: c.execute("PRAGMA user_version").fetchone()[0]) == MIGRATIONS[-1].version
    ledger, results, faces = Ledger(db), ResultStore(db), SourceFaceStore(db)
    assert {job.id: job for job in await ledger.list()} == {job.id: job for job in JOBS}
    assert await ledger.steps(JobId("queued")) == (JobStep("swap", "sent", {"id": "x"}, 2, {"credits": 1.5}),)
    # Marks came with 1.3.
    assert [replace(one, mark=None) for one in await results.get([result.id for result in RESULTS])] == RESULTS
    assert await results.query(GalleryQuery("ada 名", favourites_only=True)) == ["r1"]
    assert await faces.all() == FACES[:2]
    assert await faces.restore([FACES[2].id]) == [FACES[2]]
    # A cache may forget, but must not be wrong.
    detected = (a_detected_face(), a_detected_face(1, landmarks=None, depths=b"", embedding=None))
    assert await DetectionStore(db).get("digest", "set 1") in (detected, None)
    assert await PresetStore(db).all() == [Preset("Soft", SwapOptions(0.5))]
    assert await WorkspaceStore(db).load() == {"open": ["/a.jpg"]}
    (held,) = await HeldStore(home, db).all()
    assert (held.origins, held.held_at) == ((Path("/results/gone.jpg"),), 5.0)
    await db.close()


async def test_what_cloud_providers_left_is_there(home: Home) -> None:
    shutil.copy(DATABASES / "version-1.2.sqlite3", home.database)
    db = await Database.open(home.database)
    assert await Charges(db).between(0.0, 1e9) == BOOKINGS
    assert await RemoteStore(db).of_job(JobId("done")) == REMOTE
    assert await AnswerStore(db).get("aifaceswap", "extract_face", "ab" * 32) == {"faces": "[1]"}
    (waiting,) = await MailStore(db).waiting()
    assert (waiting.job, waiting.secret) == ("held", "secret-1")
    delivered = await MailStore(db).of(JobId("done"), "swap")
    assert delivered is not None
    assert delivered.body == '{"success":1}'
    assert delivered.received_at > 0
    assert delivered.closed_at > 0
    (there,) = await HostedStore(db).of_job(JobId("held"))
    assert (there.key, there.state, there.expires_at) == ("faceswap/one.jpg", HostedState.THERE, 5000.0)
    assert [one.key for one in await HostedStore(db).left_over()] == ["faceswap/two.jpg"]
    await db.close()


async def test_consent_looks_and_marks_are_there(home: Home) -> None:
    shutil.copy(DATABASES / "version-1.3.sqlite3", home.database)
    db = await Database.open(home.database)
    (consent,) = await ConsentStore(db).of_photos([PhotoId("p1")])
    assert (consent.who, consent.basis, consent.note, consent.until) == ("Ada", Basis.AGREED, "By letter.", 99.0)
    assert (consent.document, consent.document_name) == ("/consent/letter.pdf", "letter.pdf")
    seen = (Sighting(0.75, frame=12, seconds=0.5),)
    (refused,) = await RefusalStore(db).of_job("failed")
    assert (refused.role, refused.path, refused.sightings, refused.at) == (Role.TARGET, "/p/clip.mp4", seen, 6.0)
    # What another checker saw counts for nothing; so the verdict may be gone, but never differ.
    assert await LookStore(db).get("ab") in {Verdict("ab", seen), None}
    (marked,) = await ResultStore(db).get([ResultId("r1")])
    assert marked.mark == ResultMark(True, SignerKind.INSTALLATION, 7.0, "/results/r1.c2pa", b"\1\2")
    assert await ResultStore(db).marks.copies([marked.id]) == {marked.id: ("/copies/r1.jpg",)}
    await db.close()


async def test_live_sessions_are_there(home: Home) -> None:
    shutil.copy(DATABASES / "version-1.4.sqlite3", home.database)
    db = await Database.open(home.database)
    assert [await LiveSessionStore(db).get(one.id) for one in SESSIONS] == SESSIONS
    for one in SESSIONS:
        assert await Charges(db).of_job(JobId(f"live-{one.id}")) == [booking_of(one)]
    await db.close()
