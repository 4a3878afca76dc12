"""The program is killed at every state of a job, in a process of its own, and started again."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from faceswap_desktop.domain.gallery import GalleryQuery
from faceswap_desktop.domain.job import Job, JobId, JobResult, JobState
from faceswap_desktop.storage.ledger import Ledger
from faceswap_desktop.storage.results import ResultStore
from tests.unit.jobs.conftest import OpenWorld
from tests.unit.jobs.support import CONTENT, ScriptedProvider, make_recipe, open_world

ROOT = Path(__file__).parents[3]
JOB = JobId("thejob")

MOMENTS = [
    JobState.PREPARING.value,
    JobState.SUBMITTING.value,
    JobState.RUNNING.value,
    JobState.FETCHING.value,
    JobState.FINISHING.value,
    "placed",
    JobState.SUCCEEDED.value,
]


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class DeadlyLedger(Ledger):
    """Kills the process as soon as a transition has been committed."""

    moment = ""

    async def transition(self, job_id, from_states, to, **changes):  # type: ignore[no-untyped-def]
        job = await super().transition(job_id, from_states, to, **changes)
        if to.value == DeadlyLedger.moment:
            die()
        return job


class DeadlyResults(ResultStore):
    """Kills the process when the file is in its place, before or after the result is committed."""

    async def finish(self, job_id: JobId, result: JobResult, copy: str = "") -> Job:
        if DeadlyLedger.moment == "placed":
            die()
        job = await super().finish(job_id, result, copy)
        if DeadlyLedger.moment == JobState.SUCCEEDED:
            die()
        return job


async def run_until_killed(root: Path, moment: str, *, is_local: bool, is_paid: bool, wants_cancel: bool) -> None:
    DeadlyLedger.moment = moment
    provider = ScriptedProvider(is_local=is_local, is_paid=is_paid)
    world = await open_world(root, provider, ledger_type=DeadlyLedger, results_type=DeadlyResults, start=False)
    await world.add(make_recipe(requested_path=str(root.parent / "mine.png")), job=JOB)
    if wants_cancel:
        real = world.ledger.transition

        async def cancel_first(job_id, from_states, to, **changes):  # type: ignore[no-untyped-def]
            # The wish is committed just before the step at which the program dies.
            if to.value == moment or (moment == "placed" and to is JobState.FINISHING):
                await world.ledger.request_cancel(job_id)
            return await real(job_id, from_states, to, **changes)

        world.ledger.transition = cancel_first  # type: ignore[method-assign]
    await world.runner.start()
    await world.idle()


def kill_at(tmp_path: Path, moment: str, *, is_local: bool = True, is_paid: bool = False, cancel: bool = False) -> None:
    arguments = [str(tmp_path / "home"), moment, str(int(is_local)), str(int(is_paid)), str(int(cancel))]
    done = subprocess.run([sys.executable, "-m", __spec__.name, *arguments], cwd=ROOT, check=False, timeout=60)
    assert done.returncode == -signal.SIGKILL


@pytest.mark.parametrize("moment", MOMENTS)
async def test_local_job_is_taken_up_again(opened: OpenWorld, tmp_path: Path, moment: str) -> None:
    await asyncio.to_thread(kill_at, tmp_path, moment)
    provider = ScriptedProvider()
    world = await opened(provider, start=False)
    expected = JobState.FINISHING if moment == "placed" else JobState(moment)
    assert (await world.job(JOB)).state is expected
    await world.runner.start()
    await world.idle()
    job = await world.job(JOB)
    assert job.state is JobState.SUCCEEDED
    assert world.result_files() == ["party as Ada.png"]
    assert [path.name for path in world.home.results_folder.iterdir()] == ["party as Ada.png"]
    assert (tmp_path / "mine.png").read_bytes() == CONTENT
    assert await world.results.count(GalleryQuery()) == 1
    result = await world.results.of_job(JOB)
    assert result is not None
    assert result.id == job.result
    assert Path(result.path).read_bytes() == CONTENT
    assert world.scratch_files() == []
    # What was finished, or had only to be put in its place, is not made again.
    is_made = moment in {JobState.FINISHING, "placed", JobState.SUCCEEDED}
    assert provider.order() == ([] if is_made else [JOB])


@pytest.mark.parametrize("moment", [*MOMENTS[:4]])
@pytest.mark.parametrize("is_paid", [False, True])
async def test_remote_job_is_not_sent_twice(opened: OpenWorld, tmp_path: Path, moment: str, is_paid: bool) -> None:
    await asyncio.to_thread(kill_at, tmp_path, moment, is_local=False, is_paid=is_paid)
    provider = ScriptedProvider(is_local=False, is_paid=is_paid)
    world = await opened(provider)
    await world.idle()
    job = await world.job(JOB)
    calls = [call for call, _ in provider.asked]
    if moment == JobState.SUBMITTING and is_paid:
        assert job.state is JobState.UNCONFIRMED
        assert job.failure is not None
        assert "charged" in job.failure.message.text()
        assert calls == []
        return
    assert job.state is JobState.SUCCEEDED
    expected = {
        JobState.PREPARING: ["submit", "run", "fetch"],
        JobState.SUBMITTING: ["submit", "run", "fetch"],
        JobState.RUNNING: ["run", "fetch"],
        JobState.FETCHING: ["fetch"],
    }
    assert calls == expected[JobState(moment)]


@pytest.mark.parametrize("moment", MOMENTS[:-1])
async def test_wish_to_cancel_outlives_the_kill(opened: OpenWorld, tmp_path: Path, moment: str) -> None:
    await asyncio.to_thread(kill_at, tmp_path, moment, cancel=True)
    provider = ScriptedProvider()
    world = await opened(provider)
    await world.idle()
    assert (await world.job(JOB)).state is JobState.CANCELLED
    assert world.result_files() == []
    assert not (tmp_path / "mine.png").exists()
    assert world.scratch_files() == []
    assert await world.results.count(GalleryQuery()) == 0


async def test_file_that_was_lost_is_made_again(opened: OpenWorld, tmp_path: Path) -> None:
    await asyncio.to_thread(kill_at, tmp_path, JobState.FINISHING.value)
    provider = ScriptedProvider()
    world = await opened(provider, start=False)
    for path in world.home.scratch_folder.rglob("result.png"):
        path.unlink()
    await world.runner.start()
    await world.idle()
    assert (await world.job(JOB)).state is JobState.SUCCEEDED
    assert provider.order() == [JOB]
    assert world.result_files() == ["party as Ada.png"]


async def test_other_file_under_the_planned_name_is_left_alone(opened: OpenWorld, tmp_path: Path) -> None:
    await asyncio.to_thread(kill_at, tmp_path, JobState.FINISHING.value)
    world = await opened(ScriptedProvider(), start=False)
    (world.home.results_folder / "party as Ada.png").write_bytes(b"the user's own")
    await world.runner.start()
    await world.idle()
    assert world.result_files() == ["party as Ada (2).png", "party as Ada.png"]
    assert (world.home.results_folder / "party as Ada.png").read_bytes() == b"the user's own"


if __name__ == "__main__":
    home, at, local, paid, wish = sys.argv[1:]
    asyncio.run(run_until_killed(Path(home), at, is_local=local == "1", is_paid=paid == "1", wants_cancel=wish == "1"))
