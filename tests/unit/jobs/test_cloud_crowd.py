"""Five hundred jobs of one service at once: each is paid once, none is forgotten, and none overtakes its turn."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import replace

import pytest

from faceswap_desktop.domain.events import AllJobsDone, JobChanged
from faceswap_desktop.domain.job import Hold, Job, JobId, JobState
from faceswap_desktop.domain.work import WorkContext
from tests.unit.jobs.cloud import RECIPE, CloudProvider, Service, rejected, unavailable
from tests.unit.jobs.conftest import OpenWorld
from tests.unit.jobs.support import World

CROWD = 500
SOON = 0.01


async def queue_up(world: World, count: int = CROWD) -> list[JobId]:
    """Add many jobs in one step, as the window does with a folder of pictures."""
    now = time.time()
    recipe = replace(RECIPE, output=replace(RECIPE.output, name_template="{n}"))
    jobs = [Job(JobId(f"job{n:03}"), recipe, created_at=now + n, priority=now + n) for n in range(count)]
    await world.ledger.add_many(jobs)
    world.runner.wake()
    return [job.id for job in jobs]


@pytest.fixture
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("faceswap_desktop.jobs.desk.FIRST_RETRY_S", SOON)
    monkeypatch.setattr("faceswap_desktop.jobs.desk.LONGEST_WAIT_S", SOON)


@pytest.mark.usefixtures("_soon")
async def test_five_hundred_jobs_at_once_are_each_paid_once(opened: OpenWorld) -> None:
    service = Service(places=10)
    # Now and then it wants to be left alone for a moment.
    service.faults["submit"] = [unavailable("rate-limited", SOON) for _ in range(20)]
    at_work, most = set[str](), 0

    async def begin(context: WorkContext) -> None:
        nonlocal most
        at_work.add(context.job)
        most = max(most, len(at_work))

    async def end(context: WorkContext) -> None:
        at_work.discard(context.job)

    service.meddling = {"run": begin, "fetch": end}
    world = await opened(CloudProvider(service))
    jobs = await queue_up(world)
    await world.idle()
    assert (await world.ledger.counts())[JobState.SUCCEEDED] == CROWD
    assert sorted(job for job, _ in service.taken) == sorted(jobs)
    assert service.count("submit") == CROWD + 20
    assert 1 < most <= 10
    assert len(world.result_files()) == CROWD
    assert [event for event in world.events if isinstance(event, AllJobsDone)] == [AllJobsDone(CROWD, 0)]
    # What is told of each does not grow with how many there are.
    told = Counter(event.job.id for event in world.events if isinstance(event, JobChanged))
    assert max(told.values()) <= 40


async def test_a_purse_that_runs_out_holds_hundreds_with_one_refusal_and_one_word(opened: OpenWorld) -> None:
    service = Service(places=1)

    async def empty_after_three(context: WorkContext) -> None:
        if len(service.taken) >= 3:
            raise rejected("credits")

    service.meddling["submit"] = empty_after_three
    world = await opened(CloudProvider(service))
    jobs = await queue_up(world)
    await world.idle()
    counts = await world.ledger.counts()
    assert (counts[JobState.SUCCEEDED], counts[JobState.QUEUED]) == (3, CROWD - 3)
    held = [await world.job(job) for job in jobs[3:]]
    assert {job.hold for job in held} == {Hold.CREDITS}
    assert service.count("submit") == 4
