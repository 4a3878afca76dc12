"""Signing as the last step of a job: what lies where, what waits, and what a kill leaves behind."""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from faceswap_desktop.domain.errors import SignerError
from faceswap_desktop.domain.gallery import GalleryQuery
from faceswap_desktop.domain.job import Hold, Job, JobId, JobResult, JobState
from faceswap_desktop.domain.messages import message
from faceswap_desktop.domain.provenance import ResultMark, SignerKind
from faceswap_desktop.jobs import placing
from faceswap_desktop.jobs.placement import Placement
from faceswap_desktop.jobs.tools import Hooks, SignedFile, ToSign
from faceswap_desktop.storage.ledger import Ledger
from faceswap_desktop.storage.results import ResultStore
from tests.unit.jobs.conftest import OpenWorld
from tests.unit.jobs.support import CONTENT, LIMIT_S, ScriptedProvider, World, make_recipe, open_world

ROOT = Path(__file__).parents[3]
JOB = JobId("thejob")
SIGNED = CONTENT + b" signed"
MARKED = CONTENT + b" marked"
STORE = b"credentials beside it"


@dataclass
class Signer:
    """Puts a word behind the file, and counts; fails or hangs when told to."""

    count_in: Path
    failures: list[SignerError] = field(default_factory=list)
    gate: asyncio.Event | None = None
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    with_sidecar: bool = False

    async def sign(self, job: Job, file: ToSign, later: bool) -> SignedFile:
        del job
        self.reached.set()
        if self.gate is not None:
            await self.gate.wait()
        if self.failures and not later:
            raise self.failures.pop(0)
        with self.count_in.open("a") as log:
            log.write(f"{Path(file.path).name}\n")
        content = Path(file.path).read_bytes() + (b" marked" if later else b" signed")
        out = Path(file.path).with_name(f"out-{Path(file.path).name}")
        out.write_bytes(content)
        sidecar = ""
        if self.with_sidecar and not later:
            beside = out.with_suffix(".c2pa")
            beside.write_bytes(STORE)
            sidecar = str(beside)
        mark = ResultMark(True) if later else ResultMark(True, SignerKind.INSTALLATION, 1.5)
        return SignedFile(str(out), len(content), hashlib.sha256(content).hexdigest(), mark, sidecar)

    @property
    def hooks(self) -> Hooks:
        return Hooks(sign=self.sign)

    @property
    def files(self) -> list[str]:
        return self.count_in.read_text().splitlines() if self.count_in.exists() else []


class VideoProvider(ScriptedProvider):
    """Its files are such as cannot hold credentials."""

    async def fetch(self, handle, context):  # type: ignore[no-untyped-def]
        file = await super().fetch(handle, context)
        other = Path(file.path).with_suffix(".mkv")
        shutil.move(file.path, other)
        return type(file)(str(other), 10, 10, "MKV", file.size_bytes, file.sha256, 1, None, 0.1)


def unreachable() -> SignerError:
    return SignerError(message("The signing service cannot be reached."), kind="unreachable")


async def only_result(world: World) -> JobResult:
    [found] = await world.results.get(await world.results.query(GalleryQuery()))
    return found


@pytest.fixture
def signer(tmp_path: Path) -> Signer:
    return Signer(tmp_path / "signed.log")


async def test_only_the_signed_file_gets_into_the_library(opened: OpenWorld, signer: Signer, tmp_path: Path) -> None:
    wanted = tmp_path / "mine.png"
    world = await opened(ScriptedProvider(), hooks=signer.hooks)
    await world.add(make_recipe(requested_path=str(wanted)))
    await world.idle()
    result = await only_result(world)
    assert Path(result.path).read_bytes() == wanted.read_bytes() == SIGNED
    assert (result.size_bytes, result.digest) == (len(SIGNED), hashlib.sha256(SIGNED).hexdigest())
    assert result.mark == ResultMark(True, SignerKind.INSTALLATION, 1.5)
    # The name in the credentials is the one that it has.
    assert signer.files == ["result.png"]
    assert await world.results.marks.copies([result.id]) == {result.id: (str(wanted),)}
    assert world.scratch_files() == []


async def test_a_job_waits_for_its_signer_and_goes_on(opened: OpenWorld, signer: Signer) -> None:
    signer.failures = [unreachable()]
    provider = ScriptedProvider()
    world = await opened(provider, hooks=signer.hooks)
    job_id = await world.add()
    job = await world.holds(job_id, Hold.SIGNER)
    assert job.state is JobState.FINISHING
    assert job.retry_at > 0
    assert job.failure is not None
    assert str(job.failure.message) == "The signing service cannot be reached."
    assert job.failure.exit_code == 4
    assert world.result_files() == []
    await world.ledger.resume(job_id)
    world.runner.wake()
    job = await world.becomes(job_id, JobState.SUCCEEDED)
    assert job.failure is None
    assert provider.order("fetch") == [job_id]
    assert Path((await only_result(world)).path).read_bytes() == SIGNED


async def test_it_is_tried_again_by_itself(opened: OpenWorld, signer: Signer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("faceswap_desktop.jobs.desk.backoff", lambda *_: 0.01)
    signer.failures = [unreachable(), unreachable()]
    world = await opened(ScriptedProvider(), hooks=signer.hooks)
    await world.becomes(await world.add(), JobState.SUCCEEDED)
    assert signer.failures == []


async def test_a_certificate_that_will_not_do_is_the_users_to_mend(opened: OpenWorld, signer: Signer) -> None:
    signer.failures = [SignerError(message("The certificate has expired."), kind="certificate")]
    world = await opened(ScriptedProvider(), hooks=signer.hooks)
    job_id = await world.add()
    assert (await world.holds(job_id, Hold.SIGNER)).retry_at == 0.0
    # The next start tries it once more.
    again = await opened(ScriptedProvider(), hooks=signer.hooks)
    await again.becomes(job_id, JobState.SUCCEEDED)


async def test_signed_later(opened: OpenWorld, signer: Signer) -> None:
    signer.failures = [unreachable()]
    world = await opened(ScriptedProvider(), hooks=signer.hooks)
    job_id = await world.add()
    await world.holds(job_id, Hold.SIGNER)
    await world.ledger.holds.sign_later(job_id, "signed-later")
    world.runner.wake()
    await world.becomes(job_id, JobState.SUCCEEDED)
    result = await only_result(world)
    assert Path(result.path).read_bytes() == MARKED
    assert result.mark == ResultMark(True)
    assert await world.results.marks.unsigned() == [result.id]


async def test_who_waits_for_something_else_is_not_signed_later(opened: OpenWorld, signer: Signer) -> None:
    world = await opened(ScriptedProvider(), hooks=signer.hooks, start=False)
    job_id = await world.add()
    assert (await world.ledger.holds.sign_later(job_id, "signed-later")).state is JobState.QUEUED


async def test_what_cannot_hold_credentials_has_them_beside_it(
    opened: OpenWorld, signer: Signer, tmp_path: Path
) -> None:
    signer.with_sidecar = True
    world = await opened(VideoProvider(), hooks=signer.hooks)
    # The name is free for the video, but not for what goes beside it.
    (world.home.results_folder / "x.c2pa").write_bytes(b"somebody else's")
    await world.add(make_recipe(name_template="x", requested_path=str(tmp_path / "mine.mkv")))
    await world.idle()
    result = await only_result(world)
    assert world.result_files() == ["x (2).c2pa", "x (2).mkv", "x.c2pa"]
    assert result.mark is not None
    assert Path(result.mark.sidecar) == Path(result.path).with_suffix(".c2pa")
    assert Path(result.mark.sidecar).read_bytes() == (tmp_path / "mine.c2pa").read_bytes() == STORE
    assert (world.home.results_folder / "x.c2pa").read_bytes() == b"somebody else's"


async def test_a_copy_is_refused_where_a_foreign_sidecar_lies(
    opened: OpenWorld, signer: Signer, tmp_path: Path
) -> None:
    signer.with_sidecar = True
    (tmp_path / "mine.c2pa").write_bytes(b"somebody else's")
    world = await opened(VideoProvider(), hooks=signer.hooks)
    job_id = await world.add(make_recipe(requested_path=str(tmp_path / "mine.mkv")))
    job = await world.becomes(job_id, JobState.FAILED)
    assert job.failure is not None
    assert job.failure.kind == "exists"
    assert world.result_files() == []
    assert sorted(path.name for path in tmp_path.glob("mine*")) == ["mine.c2pa"]


async def test_cancelled_while_the_signer_is_silent(opened: OpenWorld, signer: Signer) -> None:
    signer.gate = asyncio.Event()
    world = await opened(ScriptedProvider(), hooks=signer.hooks)
    job_id = await world.add()
    async with asyncio.timeout(LIMIT_S):
        await signer.reached.wait()
        job = await world.runner.cancel(job_id)
    assert job.state is JobState.CANCELLED
    assert world.result_files() == []
    assert world.scratch_files() == []


async def test_stopped_while_the_signer_is_silent(opened: OpenWorld, signer: Signer) -> None:
    signer.gate = asyncio.Event()
    world = await opened(ScriptedProvider(), hooks=signer.hooks)
    job_id = await world.add()
    async with asyncio.timeout(LIMIT_S):
        await signer.reached.wait()
        await world.runner.stop()
    assert (await world.job(job_id)).state is JobState.FINISHING
    signer.gate = None
    provider = ScriptedProvider()
    again = await opened(provider, hooks=signer.hooks)
    await again.becomes(job_id, JobState.SUCCEEDED)
    # What was made is not made again.
    assert provider.asked == []
    assert len(signer.files) == 1


async def test_where_nobody_signs_the_file_goes_as_it_is(opened: OpenWorld) -> None:
    world = await opened(ScriptedProvider())
    await world.add()
    await world.idle()
    result = await only_result(world)
    assert (Path(result.path).read_bytes(), result.mark) == (CONTENT, None)


# --------------------------------------------------------------------------------------------------------------- kills

MOMENTS = ["finishing", "signed", "committed", "beside", "placed", "entered"]


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


async def run_until_killed(root: Path, moment: str) -> None:
    signer = Signer(root.parent / "signed.log", with_sidecar=True)

    class DeadlyLedger(Ledger):
        async def transition(self, job_id, from_states, to, **changes):  # type: ignore[no-untyped-def]
            job = await super().transition(job_id, from_states, to, **changes)
            if moment == "finishing" and to is JobState.FINISHING:
                die()
            return job

        async def set_steps(self, job_id, steps):  # type: ignore[no-untyped-def]
            await super().set_steps(job_id, steps)
            if moment == "committed" and signer.files and steps:
                die()

    class DeadlyResults(ResultStore):
        async def finish(self, job_id: JobId, result: JobResult, copy: str = "") -> Job:
            if moment == "placed":
                die()
            job = await super().finish(job_id, result, copy)
            if moment == "entered":
                die()
            return job

    async def sign(job: Job, file: ToSign, later: bool) -> SignedFile:
        made = await signer.sign(job, file, later)
        if moment == "signed":
            die()
        return made

    put = placing.put_sidecar

    def put_and_die(placement: Placement) -> None:
        put(placement)
        if moment == "beside":
            die()

    vars(placing)["put_sidecar"] = put_and_die
    world = await open_world(
        root, VideoProvider(), ledger_type=DeadlyLedger, results_type=DeadlyResults, hooks=Hooks(sign=sign), start=False
    )
    await world.add(make_recipe(requested_path=str(root.parent / "mine.mkv")), job=JOB)
    await world.runner.start()
    await world.idle()


@pytest.mark.parametrize("moment", MOMENTS)
async def test_killed_at_every_step_of_finishing(opened: OpenWorld, tmp_path: Path, moment: str) -> None:
    arguments = [sys.executable, "-m", __spec__.name, str(tmp_path / "home"), moment]
    done = await asyncio.to_thread(subprocess.run, arguments, cwd=ROOT, check=False, timeout=LIMIT_S)
    assert done.returncode == -signal.SIGKILL
    # Nothing unsigned lies in the library at any moment.
    library = tmp_path / "home" / "results"
    assert {path.read_bytes() for path in library.glob("*.mkv")} <= {SIGNED}
    signer = Signer(tmp_path / "signed.log", with_sidecar=True)
    provider = VideoProvider()
    world = await opened(provider, hooks=signer.hooks)
    await world.becomes(JOB, JobState.SUCCEEDED)
    await world.idle()
    result = await only_result(world)
    assert Path(result.path).read_bytes() == (tmp_path / "mine.mkv").read_bytes() == SIGNED
    assert result.mark is not None
    assert result.mark.signer is SignerKind.INSTALLATION
    assert Path(result.mark.sidecar).read_bytes() == (tmp_path / "mine.c2pa").read_bytes() == STORE
    assert len(world.result_files()) == 2
    assert provider.asked == []
    # Signed once more only where what came of it had not been written down.
    assert len(signer.files) == (2 if moment == "signed" else 1)
    assert world.scratch_files() == []


if __name__ == "__main__":
    asyncio.run(run_until_killed(Path(sys.argv[1]), sys.argv[2]))
