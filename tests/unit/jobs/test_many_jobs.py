"""Many jobs at a service that takes them all: handed over a few at a time, and no more is lost than those few."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from faceswap_desktop.domain.job import Hold, JobState
from faceswap_desktop.domain.work import WorkContext
from faceswap_desktop.jobs.queue import JobQueue
from faceswap_desktop.storage.lease import Lease
from tests.unit.jobs.cloud import REAGE, RECIPE, SWAP, CloudProvider, Service, rejected
from tests.unit.jobs.conftest import OpenWorld
from tests.unit.jobs.support import LIMIT_S, World

MANY, FEW = 12, 3


class Gate:
    """Holds jobs in a method; knows how many were there at once."""

    def __init__(self) -> None:
        self.inside = 0
        self.most = 0
        self.opened = asyncio.Event()
        self.changed = asyncio.Event()

    async def __call__(self, context: WorkContext) -> None:
        del context
        self.inside += 1
        self.most = max(self.most, self.inside)
        self.changed.set()
        try:
            await self.opened.wait()
        finally:
            self.inside -= 1

    async def holds(self, count: int) -> None:
        async with asyncio.timeout(LIMIT_S):
            while self.inside < count:
                self.changed.clear()
                await self.changed.wait()


def provider_of(service: Service) -> CloudProvider:
    provider = CloudProvider(service)
    provider.info = replace(provider.info, max_starting=FEW)
    return provider


async def states(world: World) -> list[JobState]:
    return [job.state for job in await world.ledger.list()]


async def test_all_are_at_the_service_at_once(opened: OpenWorld) -> None:
    service = Service(SWAP, places=MANY)
    service.meddling["run"] = running = Gate()
    world = await opened(provider_of(service), start=False)
    for _ in range(MANY):
        await world.add(RECIPE)
    await world.runner.start()
    await running.holds(MANY)
    assert await states(world) == [JobState.RUNNING] * MANY
    running.opened.set()
    await world.idle()
    assert await states(world) == [JobState.SUCCEEDED] * MANY
    assert len(service.taken) == len(set(service.taken)) == MANY


async def test_those_whose_turn_has_not_come_wait_in_the_queue(opened: OpenWorld) -> None:
    service = Service(SWAP, places=MANY)
    service.meddling["submit"] = gate = Gate()
    world = await opened(provider_of(service), start=False)
    for _ in range(MANY):
        await world.add(RECIPE)
    await world.runner.start()
    await gate.holds(FEW)
    found = await states(world)
    # Killed now, no more than these would be in doubt.
    assert (found.count(JobState.SUBMITTING), found.count(JobState.QUEUED)) == (FEW, MANY - FEW)
    gate.opened.set()
    await world.idle()
    assert await states(world) == [JobState.SUCCEEDED] * MANY


async def test_later_calls_that_come_due_in_one_moment_are_handed_over_few_at_a_time(opened: OpenWorld) -> None:
    service = Service(SWAP, REAGE, places=MANY)
    first, later = Gate(), Gate()

    async def run(context: WorkContext) -> None:
        if context.step == SWAP:
            await first(context)

    async def submit(context: WorkContext) -> None:
        if context.step == REAGE:
            await later(context)

    service.meddling = {"run": run, "submit": submit}
    world = await opened(provider_of(service), start=False)
    for _ in range(MANY):
        await world.add(RECIPE)
    await world.runner.start()
    await first.holds(MANY)
    first.opened.set()
    await later.holds(FEW)
    async with asyncio.timeout(LIMIT_S):
        while JobState.RUNNING in (found := await states(world)):  # noqa: ASYNC110
            await asyncio.sleep(0.005)
    assert (found.count(JobState.SUBMITTING), found.count(JobState.PREPARING)) == (FEW, MANY - FEW)
    later.opened.set()
    await world.idle()
    assert later.most == FEW
    assert await states(world) == [JobState.SUCCEEDED] * MANY
    assert len(service.taken) == len(set(service.taken)) == 2 * MANY


async def test_a_refusal_is_not_asked_for_again_by_all_whose_later_calls_come_due(
    opened: OpenWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("faceswap_desktop.jobs.turns.REMEMBERED_S", float(LIMIT_S))
    service = Service(SWAP, REAGE, places=MANY)
    first = Gate()
    refused = 0

    async def run(context: WorkContext) -> None:
        if context.step == SWAP:
            await first(context)

    async def submit(context: WorkContext) -> None:
        nonlocal refused
        if context.step == REAGE:
            refused += 1
            raise rejected("credits")

    service.meddling = {"run": run, "submit": submit}
    world = await opened(provider_of(service), start=False)
    for _ in range(MANY):
        await world.add(RECIPE)
    await world.runner.start()
    await first.holds(MANY)
    first.opened.set()
    await world.idle()
    assert 1 <= refused <= FEW
    jobs = await world.ledger.list()
    assert [(job.state, job.hold) for job in jobs] == [(JobState.QUEUED, Hold.CREDITS)] * MANY
    assert service.count("submit") == MANY + refused
    # With credits they go on where they stood: no swap is paid twice, and nothing of the refusal is remembered.
    service.meddling.clear()
    queue = JobQueue(world.home, world.ledger, Lease(world.home.lease_file), world.runner, world.bus)
    assert len(await queue.release(Hold.CREDITS)) == MANY
    await world.idle()
    assert await states(world) == [JobState.SUCCEEDED] * MANY
    assert len(service.taken) == len(set(service.taken)) == 2 * MANY


async def test_a_command_for_one_job_orders_no_other(opened: OpenWorld) -> None:
    service = Service(SWAP)
    world = await opened(provider_of(service), start=False)
    others = [await world.add(RECIPE) for _ in range(3)]
    queue = JobQueue(world.home, world.ledger, Lease(world.home.lease_file), world.runner, world.bus)
    assert await queue.start(only_new=True)
    [mine] = await queue.add([RECIPE])
    assert (await world.becomes(mine.id, JobState.SUCCEEDED)).id == mine.id
    await world.idle()
    assert [(await world.job(other)).state for other in others] == [JobState.QUEUED] * 3
    assert service.taken == [(mine.id, SWAP.name)]
    await queue.stop()
