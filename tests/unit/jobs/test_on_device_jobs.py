"""Jobs with the real provider, real workers and the sample pictures."""

import asyncio
import os
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
import pytest_asyncio

from faceswap_desktop.domain.events import Event, JobProgressed, Noticed
from faceswap_desktop.domain.faces import SAME_PERSON_SIMILARITY, SourceFaceId
from faceswap_desktop.domain.gallery import GalleryQuery
from faceswap_desktop.domain.job import Hold, JobId, JobState
from faceswap_desktop.domain.recipe import OutputFormat, OutputOptions, Recipe
from faceswap_desktop.domain.work import SourceFiles
from faceswap_desktop.media.picture import open_upright
from faceswap_desktop.providers.on_device import OnDeviceProvider
from faceswap_desktop.workers.pool import Lane, WorkerPool
from faceswap_desktop.workers.source_tasks import person_of
from tests.unit.jobs import held_tasks
from tests.unit.jobs.support import World, open_world
from tests.unit.workers.people import COLLINS, HOPPER, Kept, Listener, keep, open_faces, recipe_for

ROOT = Path(__file__).parents[3]
JOB = JobId("thejob")


@pytest.fixture(scope="module")
def collins(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    folder = tmp_path_factory.mktemp("collins")
    kept = keep(COLLINS, folder, Listener(folder).context)
    person_of(kept.files.crop_paths, kept.files.atlas_path)
    return kept


class Shop:
    """Pool, provider and one start of the program."""

    def __init__(self, pool: WorkerPool, world: World) -> None:
        self.pool = pool
        self.world = world

    async def job_worker(self) -> int:
        """The process id of the only job worker."""
        before = set(self.pool.worker_pids())
        await self.pool.run("ping", lane=Lane.JOBS)
        (pid,) = set(self.pool.worker_pids()) - before or self.pool.worker_pids()
        return pid


async def open_shop(root: Path, files: SourceFiles, *, task_limit_s: float = 60.0) -> Shop:
    modules = (held_tasks.__name__,)
    pool = WorkerPool(root / "cache", job_slots=1, memory_mb=4096, task_limit_s=task_limit_s, task_modules=modules)
    await pool.start(warm=False)

    async def source_files(recipe: Recipe) -> Mapping[SourceFaceId, SourceFiles]:
        return {pairing.source.id: files for pairing in recipe.pairings}

    return Shop(pool, await open_world(root, OnDeviceProvider(pool), source_files=source_files))


@pytest_asyncio.fixture
async def shop(tmp_path: Path, collins: Kept) -> AsyncIterator[Shop]:
    opened = await open_shop(tmp_path / "home", collins.files)
    yield opened
    await opened.world.close()
    await opened.pool.close()


def hopper_recipe(tmp_path: Path, held: int = 0, **output: object) -> Recipe:
    """Return a swap that stands still in the middle the first so many times."""
    if held:
        (tmp_path / "hold").write_text(str(held))
    opened = open_faces(HOPPER, Listener(tmp_path).context)
    options = OutputOptions(format=OutputFormat.PNG, **output)  # type: ignore[arg-type]
    recipe = recipe_for(opened.media, list(opened.faces or ()), options)
    return replace(recipe, consent_note=str(tmp_path) if held else "")


async def test_swap_from_recipe_to_library(shop: Shop, tmp_path: Path) -> None:
    recipe = hopper_recipe(tmp_path)
    job_id = await shop.world.add(recipe)
    await shop.world.idle()
    job = await shop.world.job(job_id)
    assert job.state is JobState.SUCCEEDED, job.failure
    result = await shop.world.results.of_job(job_id)
    assert result is not None
    assert Path(result.path).name == "grace_hopper as Them.png"
    assert result.similarity is not None
    assert result.similarity > SAME_PERSON_SIMILARITY
    assert open_upright(result.path).size == recipe.media.size
    assert result.recipe == recipe
    assert shop.world.scratch_files() == []
    assert any(isinstance(event, JobProgressed) for event in shop.world.events)


async def test_running_a_recipe_again_gives_the_same_file(shop: Shop, tmp_path: Path) -> None:
    recipe = hopper_recipe(tmp_path)
    for _ in range(2):
        await shop.world.add(recipe)
    await shop.world.idle()
    found = await shop.world.results.get(await shop.world.results.query(GalleryQuery()))
    assert len({result.path for result in found}) == 2
    assert len({result.digest for result in found}) == 1


def kill_at_progress(shop: Shop, signal_number: int, times: int) -> list[int]:
    """Send a signal to the job worker at its first sign of progress, so many times."""
    hit: list[int] = []

    def on_event(event: Event) -> None:
        if isinstance(event, JobProgressed) and len(hit) < times:
            pid = shop.pool.worker_pids()[-1]
            if pid not in hit:
                hit.append(pid)
                os.kill(pid, signal_number)

    shop.world.bus.subscribe(on_event)
    return hit


@pytest.mark.allow_logs
async def test_worker_that_dies_once_costs_one_more_try(shop: Shop, tmp_path: Path) -> None:
    hit = kill_at_progress(shop, signal.SIGKILL, times=1)
    job_id = await shop.world.add(hopper_recipe(tmp_path, held=1))
    await shop.world.idle()
    job = await shop.world.job(job_id)
    assert (job.state, job.attempt, len(hit)) == (JobState.SUCCEEDED, 2, 1)
    assert len(shop.world.result_files()) == 1
    assert shop.world.scratch_files() == []


@pytest.mark.allow_logs
async def test_worker_that_dies_again_fails_the_job_with_a_sentence(shop: Shop, tmp_path: Path) -> None:
    hit = kill_at_progress(shop, signal.SIGKILL, times=2)
    job_id = await shop.world.add(hopper_recipe(tmp_path, held=2))
    await shop.world.idle()
    job = await shop.world.job(job_id)
    assert (job.state, len(hit)) == (JobState.FAILED, 2)
    assert job.failure is not None
    assert job.failure.kind == "crash"
    assert "stopped unexpectedly" in job.failure.message.text()
    assert job.failure.hint is not None
    assert shop.world.scratch_files() == []
    await shop.world.ledger.reset_failed(job_id)
    shop.world.runner.wake()
    await shop.world.idle()
    assert (await shop.world.job(job_id)).state is JobState.SUCCEEDED


@pytest.mark.allow_logs
async def test_worker_that_hangs_is_ended_past_the_limit(tmp_path: Path, collins: Kept) -> None:
    shop = await open_shop(tmp_path / "home", collins.files, task_limit_s=3.0)
    try:
        await shop.pool.run("warm", lane=Lane.JOBS, limit_s=60)
        hit = kill_at_progress(shop, signal.SIGSTOP, times=1)
        job_id = await shop.world.add(hopper_recipe(tmp_path, held=1))
        await shop.world.idle()
        assert (await shop.world.job(job_id)).attempt == 2
        (hung,) = hit
        assert not psutil.pid_exists(hung)
    finally:
        await shop.world.close()
        await shop.pool.close()


async def test_cancelling_while_the_worker_is_busy(shop: Shop, tmp_path: Path) -> None:
    started = asyncio.Event()
    shop.world.bus.subscribe(lambda event: started.set() if isinstance(event, JobProgressed) else None)
    job_id = await shop.world.add(hopper_recipe(tmp_path, held=1))
    await started.wait()
    assert (await shop.world.runner.cancel(job_id)).state is JobState.CANCELLED
    assert shop.world.result_files() == []
    assert shop.world.scratch_files() == []


@pytest.mark.allow_logs
async def test_disk_that_is_full_in_the_worker(shop: Shop, tmp_path: Path) -> None:
    """Files longer than 10 kB fail in the worker, as on a disk without room."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, hard))
    try:
        pid = await shop.job_worker()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    job_id = await shop.world.add(hopper_recipe(tmp_path))
    await shop.world.idle()
    job = await shop.world.job(job_id)
    assert (job.state, job.hold) == (JobState.QUEUED, Hold.DISK)
    (notice,) = [event for event in shop.world.events if isinstance(event, Noticed)]
    assert "disk is full" in notice.message.text()
    assert shop.world.scratch_files() == []
    os.kill(pid, signal.SIGKILL)
    await shop.world.ledger.set_hold(job_id, None)
    shop.world.runner.wake()
    await shop.world.idle()
    assert (await shop.world.job(job_id)).state is JobState.SUCCEEDED


async def test_originals_that_went_or_changed_are_said(shop: Shop, tmp_path: Path) -> None:
    target = tmp_path / "mine.jpg"
    shutil.copy(HOPPER, target)
    opened = open_faces(target, Listener(tmp_path).context)
    recipe = recipe_for(opened.media, list(opened.faces or ()))
    shutil.copy(COLLINS, target)
    changed = await shop.world.add(recipe)
    await shop.world.idle()
    target.unlink()
    missing = await shop.world.add(recipe)
    await shop.world.idle()
    for job_id, kind, words in ((changed, "changed", "has changed"), (missing, "missing", "was not found")):
        job = await shop.world.job(job_id)
        assert job.state is JobState.FAILED
        assert job.failure is not None
        assert (job.failure.kind, job.failure.exit_code) == (kind, 3)
        assert "mine.jpg" in job.failure.message.text()
        assert words in job.failure.message.text()


async def run_until_killed(root: Path, crop: str, atlas: str) -> None:
    shop = await open_shop(root, SourceFiles((crop,), atlas))

    def on_event(event: Event) -> None:
        if isinstance(event, JobProgressed):
            print(*shop.pool.worker_pids(), flush=True)
            os.kill(os.getpid(), signal.SIGKILL)

    shop.world.bus.subscribe(on_event)
    await shop.world.add(hopper_recipe(root), job=JOB)
    await shop.world.idle()


async def test_program_killed_while_its_worker_swaps(tmp_path: Path, collins: Kept) -> None:
    arguments = [str(tmp_path / "home"), *collins.files.crop_paths, collins.files.atlas_path]
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", __spec__.name, *arguments],
        cwd=ROOT,
        check=False,
        timeout=120,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert done.returncode == -signal.SIGKILL
    workers = [int(pid) for pid in done.stdout.split()]
    assert workers
    async with asyncio.timeout(30):
        while any(psutil.pid_exists(pid) for pid in workers):  # noqa: ASYNC110 - other processes end
            await asyncio.sleep(0.05)
    shop = await open_shop(tmp_path / "home", collins.files)
    try:
        await shop.world.idle()
        job = await shop.world.job(JOB)
        assert (job.state, job.attempt) == (JobState.SUCCEEDED, 2)
        assert len(shop.world.result_files()) == 1
        assert shop.world.scratch_files() == []
    finally:
        await shop.world.close()
        await shop.pool.close()


if __name__ == "__main__":
    asyncio.run(run_until_killed(Path(sys.argv[1]), sys.argv[2], sys.argv[3]))
