"""Two processes on one home with a sandbox each: the jobs are at the sandbox of the one that runs them."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace

from faceswap_desktop.domain.job import JobId, JobState
from faceswap_desktop.domain.settings import SandboxSettings, Settings
from faceswap_desktop.domain.work import WorkContext
from faceswap_desktop.jobs.queue import JobQueue
from faceswap_desktop.storage.lease import Lease
from tests.unit.jobs.cloud import RECIPE, CloudProvider, Service
from tests.unit.jobs.conftest import OpenWorld
from tests.unit.jobs.support import LIMIT_S

JOB = JobId("thejob")
ON = replace(Settings(), sandbox=SandboxSettings(is_on=True))


async def test_a_job_starts_over_at_another_sandbox_only_when_its_runner_is_gone(opened: OpenWorld) -> None:
    service = Service()
    works = asyncio.Event()

    async def works_on(context: WorkContext) -> None:
        if not works.is_set():
            works.set()
            await asyncio.Event().wait()

    service.meddling["run"] = works_on
    world = await opened(CloudProvider(service), settings=ON)
    await world.add(replace(RECIPE, in_sandbox=True), job=JOB)
    await works.wait()
    world = await opened(CloudProvider(service), settings=ON, start=False)
    first = Lease(world.home.lease_file)
    assert first.acquire()
    queue = JobQueue(world.home, world.ledger, Lease(world.home.lease_file), world.runner, world.bus)
    assert not await queue.start()
    await queue.begin_anew(time.time())
    assert (await world.job(JOB)).state is JobState.RUNNING, "it runs at the other process's sandbox"

    seen: list[JobState] = []

    async def take_over() -> None:
        seen.append((await world.job(JOB)).state)
        await queue.begin_anew(time.time())
        seen.append((await world.job(JOB)).state)

    queue.on_take_over = take_over
    first.release()
    async with asyncio.timeout(LIMIT_S):
        await queue.wait([JOB])
    assert seen == [JobState.RUNNING, JobState.QUEUED]
    assert service.taken == [(JOB, "swap")] * 2, "the sandbox is another one, and costs nothing"
    await queue.stop()
