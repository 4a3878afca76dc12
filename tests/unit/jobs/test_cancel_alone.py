"""Jobs that are cancelled while no process runs any: from another command line, after the program was killed."""

from __future__ import annotations

import asyncio

import pytest

from faceswap_desktop.domain.events import Noticed
from faceswap_desktop.domain.job import JobId, JobState
from faceswap_desktop.domain.work import WorkContext
from faceswap_desktop.jobs.queue import JobQueue
from faceswap_desktop.storage.lease import Lease
from tests.unit.jobs.cloud import REAGE, RECIPE, SWAP, CloudProvider, Service
from tests.unit.jobs.conftest import OpenWorld

JOB = JobId("thejob")


@pytest.mark.parametrize(("plans", "taken"), [((SWAP,), "swap"), ((SWAP, REAGE), "swap")])
async def test_a_service_that_works_on_it_is_told(opened: OpenWorld, plans: tuple[object, ...], taken: str) -> None:
    service = Service(*plans)  # type: ignore[arg-type]

    async def works_on(context: WorkContext) -> None:
        await asyncio.Event().wait()

    service.meddling["run"] = works_on
    world = await opened(CloudProvider(service))
    await world.add(RECIPE, job=JOB)
    await world.becomes(JOB, JobState.RUNNING)
    world = await opened(CloudProvider(service), start=False)
    queue = JobQueue(world.home, world.ledger, Lease(world.home.lease_file), world.runner, world.bus)
    await queue.cancel([JOB])
    await queue.cancel_waiting([JOB])
    assert (await world.job(JOB)).state is JobState.CANCELLED
    assert service.cancelled == [f"{JOB}-{taken}"]
    said = [event.message.text() for event in world.events if isinstance(event, Noticed)]
    assert said == ["It may be charged all the same."]
    charge = await queue.charge_of(JOB)
    assert charge is not None
    assert charge.credits == 4.0, "what was paid for stays known"
    assert world.scratch_files() == []
    await queue.stop()
