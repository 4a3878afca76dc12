"""Consent is withdrawn: results are listed and deleted, and nothing of the face is left in the home folder."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import shutil
import sqlite3
import sys
import time
import zlib
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from faceswap_desktop.compose import Program
from faceswap_desktop.domain.consent import Basis, Standing
from faceswap_desktop.domain.errors import UsageError
from faceswap_desktop.domain.faces import SourceFace
from faceswap_desktop.domain.job import Job, JobId, JobResult, JobState, ResultId
from faceswap_desktop.domain.provenance import ResultMark, SignerKind
from faceswap_desktop.domain.recipe import Recipe, SwapOptions
from faceswap_desktop.services.consents import ConsentAnswer
from faceswap_desktop.storage.ledger import Ledger
from faceswap_desktop.storage.remote import RemoteResult, write_remote
from faceswap_desktop.storage.results import ResultStore
from tests.unit.services.conftest import COLLINS, HOPPER

NAME = "Zweifelsfrei Einmalig"
"""A name that is nowhere by chance."""


@pytest_asyncio.fixture
async def working(program: Program) -> Program:
    """Start workers; nobody has said anything about anybody."""
    await program.pool.start(warm=False)
    return program


@dataclass(frozen=True)
class Made:
    """Two people, and results of theirs."""

    face: SourceFace
    other: SourceFace
    results: tuple[JobResult, ...]
    others: JobResult


async def recipe_of(program: Program, face: SourceFace) -> Recipe:
    media, faces = await program.detection.detect(HOPPER if face.name == NAME else COLLINS)
    return await program.swapping.make_recipe(media, faces, {0: face.id}, SwapOptions())


async def add_result(program: Program, name: str, recipe: Recipe) -> JobResult:
    """Put a result with its job, sidecar, mark and copy into the library, as a run would have."""
    path = program.home.results_folder / f"{name}.jpg"
    await asyncio.to_thread(shutil.copyfile, HOPPER, path)
    sidecar = path.with_suffix(".c2pa")
    sidecar.write_bytes(b"credentials of " + name.encode())
    job = Job(JobId(f"j-{name}"), recipe, state=JobState.SUCCEEDED, created_at=1.7e9, result=ResultId(f"r-{name}"))
    await Ledger(program.database).add(job)
    result = JobResult(
        ResultId(f"r-{name}"), job.id, str(path), recipe, 512, 600, path.stat().st_size, 1.7e9, 1.0, 1,
        digest=hashlib.sha256(name.encode()).hexdigest(), title=f"Title {name}",
        mark=ResultMark(True, SignerKind.INSTALLATION, 1.7e9, str(sidecar), b"hashes"),
    )  # fmt: skip
    await ResultStore(program.database).add(result)
    return result


async def make(program: Program) -> Made:
    face = await program.library.add_face(COLLINS, name=NAME)
    other = await program.library.add_face(HOPPER, name="Somebody else")
    await program.consents.give([face, other], ConsentAnswer(Basis.AGREED, who="The person"))
    mine, theirs = await recipe_of(program, face), await recipe_of(program, other)
    results = [await add_result(program, f"mine{number}", mine) for number in range(3)]
    return Made(face, other, tuple(results), await add_result(program, "theirs", theirs))


def traces(home: Path, needles: dict[str, bytes]) -> list[str]:
    """Return in which files of a home something is found, packed or not."""
    found = []
    for path in sorted(home.rglob("*")):
        if path.is_file():
            data = path.read_bytes()
            found += [f"{what} in {path.relative_to(home)}" for what, needle in needles.items() if needle in data]
    return found


async def test_the_plan_lists_what_is_concerned_and_nothing_else(working: Program, tmp_path: Path) -> None:
    made = await make(working)
    copy = tmp_path / "copy.jpg"
    copy.write_bytes(b"copy")
    store = ResultStore(working.database)
    await store.marks.add_copy(made.results[0].id, str(copy), 1.7e9)
    await store.marks.add_copy(made.results[0].id, str(tmp_path / "gone.jpg"), 1.7e9)
    await working.gallery.delete([made.results[1].id])
    plan = await working.withdrawals.plan(made.face.id)
    assert {one.id for one in plan.results} == {one.id for one in made.results}
    assert plan.copies == (str(copy),)
    assert plan.size_bytes == sum(one.size_bytes for one in made.results)
    assert (plan.jobs, plan.kept) == ((), ())
    with pytest.raises(UsageError):
        await working.withdrawals.plan(type(made.face.id)("nobody"))


async def test_results_are_found_by_photo_when_people_were_put_together_since(working: Program) -> None:
    made = await make(working)
    merged = (await working.library.put_together([made.other.id, made.face.id])).after[0]
    assert len((await working.withdrawals.plan(merged.id)).results) == 4
    apart = (await working.library.take_apart(merged.id)).after
    plan = await working.withdrawals.plan(apart[1].id)
    assert {one.id for one in plan.results} == {one.id for one in made.results}


async def test_nothing_of_the_face_is_left(working: Program) -> None:
    made = await make(working)
    assert made.face.embedding is not None
    # Beside the real path: what was there before an update, a taken away result, an answer, a log of SQLite's.
    (working.home.root / "faceswap.sqlite3.version-1.2").write_bytes(b"old " + NAME.encode())
    await working.gallery.delete([made.results[1].id])
    await working.gallery.thumbnail(made.results[0])
    await working.library.rename(made.face.id, NAME + " II")
    crop = Path(made.face.photos[0].crop_path)
    packed = made.face.embedding.packed
    needles = {
        "name": NAME.encode(),
        "embedding": packed,
        "embedding as text": base64.b64encode(packed),
        "photo": made.face.photos[0].id.encode(),
        "face": made.face.id.encode(),
        "title": b"Title mine",
        "crop": crop.read_bytes()[:4096],
        "digest of the crop": hashlib.sha256(crop.read_bytes()).hexdigest().encode(),
    }
    before = traces(working.home.root, needles)
    assert {line.partition(" in ")[0] for line in before} >= {"name", "embedding", "photo", "face", "crop", "title"}
    plan = await working.withdrawals.plan(made.face.id)
    told: list[float] = []
    report = await working.withdrawals.withdraw(plan, delete=True, delete_face=True, on_progress=told.append)
    assert (report.results, report.face_is_gone, report.problems) == (3, True, ())
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert traces(working.home.root, needles) == []
    assert await working.library.face(made.face.id) is None
    with closing(sqlite3.connect(working.home.database)) as connection:
        for (packed_faces,) in connection.execute("SELECT faces FROM detections"):
            assert packed not in zlib.decompress(packed_faces)
    # What is other people's is as it was.
    assert Path(made.others.path).is_file()
    assert [one.name for one in await working.library.faces()] == ["Somebody else"]
    rows = await working.ledger_of_consent.rows()
    kept = [row for row in rows if row.withdrawn]
    assert [row for row in rows if row not in kept] == await working.ledger_of_consent.rows([made.other])
    assert [(row.who, row.source, bool(row.deleted)) for row in kept] == [("The person", "", True)]
    # The proof stays until it is deleted, too.
    [record] = [one for one in await working.consents.all() if one.withdrawn_at]
    assert (record.who, record.face, record.photos) == ("The person", "", frozenset())
    await working.consents.forget([record.id])
    assert not [one for one in await working.consents.all() if one.withdrawn_at]


async def test_undo_cannot_bring_it_back(working: Program) -> None:
    made = await make(working)
    deletion = await working.gallery.delete([made.results[0].id])
    change = await working.library.rename(made.face.id, "Other")
    plan = await working.withdrawals.plan(made.face.id)
    await working.withdrawals.withdraw(plan, delete=True, delete_face=True)
    with pytest.raises(UsageError, match="deleted for good"):
        await working.gallery.bring_back(deletion)
    assert await working.gallery.results([made.results[0].id]) == []
    assert not Path(change.before[0].photos[0].crop_path).exists()


async def test_withdrawing_only_stops_the_use(working: Program) -> None:
    made = await make(working)
    recipe = await recipe_of(working, made.face)
    [job] = await working.queue.add([recipe])
    plan = await working.withdrawals.plan(made.face.id)
    assert [one.id for one in plan.jobs] == [job.id]
    report = await working.withdrawals.withdraw(plan, delete=False)
    assert (report.results, report.cancelled, report.face_is_gone) == (0, 1, False)
    assert (await working.consents.standing_of(made.face)).standing is Standing.WITHDRAWN
    assert (await working.consents.standing_of(made.other)).standing is Standing.GIVEN
    assert all(Path(one.path).is_file() for one in made.results)
    there = await working.queue.job(job.id)
    assert there is not None
    assert there.state is JobState.CANCELLED


async def test_what_cannot_be_deleted_is_said_with_the_reason(working: Program, tmp_path: Path) -> None:
    made = await make(working)
    copy = tmp_path / "copy.jpg"
    copy.write_bytes(b"copy")
    await ResultStore(working.database).marks.add_copy(made.results[1].id, str(copy), 1.7e9)
    # A folder in the place of the file: nobody can unlink it, not even root.
    stubborn = Path(made.results[0].path)
    stubborn.unlink()
    (stubborn / "inside").mkdir(parents=True)
    (working.home.root / "faceswap.sqlite3.damaged-20260101-000000").write_bytes(b"?")

    def keep(connection: sqlite3.Connection) -> None:
        for provider in ("akool", "aigs"):
            write_remote(connection, RemoteResult(made.results[2].job, provider, provider, {}, 1.7e9, 4e9))

    await working.database.write(keep)
    plan = await working.withdrawals.plan(made.face.id)
    assert {(one.provider, one.can_delete) for one in plan.kept} == {("akool", True), ("aigs", False)}
    report = await working.withdrawals.withdraw(plan, delete=True, delete_face=True)
    said = "\n".join(str(one) for one in report.problems)
    assert report.results == 2
    for words in (str(stubborn), str(copy), "cannot be asked to delete", "did not delete its results", "damaged"):
        assert words in said, words
    assert copy.is_file()
    assert [one.id for one in await working.gallery.results([made.results[0].id])] == [made.results[0].id]


@pytest.mark.skipif(sys.platform == "win32", reason="a folder that cannot be written is POSIX's")
async def test_results_in_a_folder_that_cannot_be_written(working: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    made = await make(working)
    real = Path.unlink

    def unlink(self: Path, missing_ok: bool = False) -> None:
        if self.name == "mine1.jpg":
            # What the system says of a read-only folder; root would be allowed to.
            raise PermissionError(13, "Permission denied", str(self))
        real(self, missing_ok)

    monkeypatch.setattr(Path, "unlink", unlink)
    plan = await working.withdrawals.plan(made.face.id)
    report = await working.withdrawals.withdraw(plan, delete=True)
    assert report.results == 2
    [problem] = report.problems
    assert "mine1.jpg" in str(problem)
    assert "Permission denied" in str(problem)


async def test_the_ledger_names_every_result(working: Program, tmp_path: Path) -> None:
    made = await make(working)
    await working.library.rename(made.face.id, "=cmd|' /C calc'!A0")
    await working.gallery.rename(made.results[0].id, "=1+1")
    rows = await working.ledger_of_consent.rows([made.face])
    assert [(row.title, row.basis, row.who, row.label, row.signed) for row in rows][-1:] == [
        ("=1+1", "The person agreed", "The person", "yes", "by this program")
    ]
    assert [row.row for row in rows] == ["Consent", "Result", "Result", "Result"]
    assert await working.ledger_of_consent.export(tmp_path / "ledger.csv", [made.face]) == 4
    table = (tmp_path / "ledger.csv").read_bytes()
    assert table.startswith(b"\xef\xbb\xbf")
    assert b'"\'=1+1"' in table
    await working.gallery.rename(made.results[0].id, "<script>alert(1)</script>")
    assert await working.ledger_of_consent.export(tmp_path / "ledger.HTML") == 6
    page = (tmp_path / "ledger.HTML").read_text("utf-8")
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    with pytest.raises(UsageError):
        await working.ledger_of_consent.export(tmp_path / "ledger.exe")
    plan = await working.withdrawals.plan(made.face.id)
    await working.withdrawals.withdraw(plan, delete=False)
    rows = await working.ledger_of_consent.rows([made.face])
    assert all(row.withdrawn and not row.until for row in rows)
    assert {row.who for row in rows} == {"The person"}


async def test_the_ledger_keeps_what_was_said_when_the_results_are_gone(working: Program, tmp_path: Path) -> None:
    made = await make(working)
    agreed = time.time() + 86_400
    letter = tmp_path / "letter.pdf"
    letter.write_bytes(b"%PDF-1.4 yes")
    await working.consents.give(
        [made.face], ConsentAnswer(Basis.AGREED, "Ada", agreed, "By letter", str(letter), "letter.pdf")
    )
    await working.consents.give([made.face], ConsentAnswer(Basis.MYSELF, "Ada herself"))
    await working.withdrawals.withdraw(await working.withdrawals.plan(made.face.id), delete=True)
    rows = await working.ledger_of_consent.rows([made.face])
    assert [(row.row, row.who, row.basis) for row in rows] == [
        ("Consent", "Ada herself", "The user's own face"),
        ("Consent", "Ada", "The person agreed"),
        ("Consent", "The person", "The person agreed"),
    ]
    assert all(row.given and row.withdrawn and row.deleted for row in rows)
    assert [bool(row.replaced) for row in rows] == [False, True, True]
    assert (rows[1].note, rows[1].document) == ("By letter", "letter.pdf")
    assert rows[1].until == time.strftime("%Y-%m-%d %H:%M:%S %z", time.localtime(agreed)), "as it was agreed"
    # Also when the face is gone too; other people's records have nothing of it.
    await working.withdrawals.withdraw(await working.withdrawals.plan(made.face.id), delete=True, delete_face=True)
    everything = await working.ledger_of_consent.rows()
    assert [(row.row, row.who) for row in everything if row.withdrawn] == [("Consent", row.who) for row in rows]
    [*_, theirs] = [row for row in everything if not row.withdrawn and row.row == "Consent"]
    assert (theirs.source, theirs.deleted) == ("Somebody else", "")
    assert await working.ledger_of_consent.export(tmp_path / "ledger.csv") == len(everything)
    assert "letter.pdf" in (tmp_path / "ledger.csv").read_text("utf-8")
    assert await working.ledger_of_consent.export(tmp_path / "ledger.html") == len(everything)
    assert "Ada herself" in (tmp_path / "ledger.html").read_text("utf-8")
