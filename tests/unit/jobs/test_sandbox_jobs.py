"""Jobs of the sandbox never go to a real service, and jobs of real services never to the sandbox."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace

import pytest

from faceswap_desktop.domain.cloud import Charge
from faceswap_desktop.domain.errors import UsageError
from faceswap_desktop.domain.events import Noticed
from faceswap_desktop.domain.job import Hold, JobId, JobState
from faceswap_desktop.domain.settings import BudgetSettings, SandboxSettings, Settings
from faceswap_desktop.domain.work import WorkContext
from faceswap_desktop.jobs.queue import JobQueue
from faceswap_desktop.jobs.runner import JobRunner
from faceswap_desktop.jobs.tools import Hooks
from faceswap_desktop.storage.lease import Lease
from tests.clearing import clear_all
from tests.unit.jobs.cloud import ID, REAGE, RECIPE, SWAP, CloudProvider, Service
from tests.unit.jobs.conftest import OpenWorld
from tests.unit.jobs.support import ScriptedProvider, World, make_recipe, no_sources

OFF = Settings()
ON = replace(OFF, sandbox=SandboxSettings(is_on=True))


class Switched:
    """A program whose switch can be turned while jobs run."""

    def __init__(self, world: World, service: Service, hooks: Hooks | None = None) -> None:
        self.settings = OFF
        self.world = world
        provider = CloudProvider(service)
        world.runner = JobRunner(
            world.ledger,
            world.results,
            [provider, ScriptedProvider()],
            world.home,
            world.bus,
            lambda: self.settings,
            no_sources,
            clear_all,
            hooks,
        )
        self.queue = JobQueue(world.home, world.ledger, Lease(world.home.lease_file), world.runner, world.bus)

    async def turn(self, settings: Settings) -> None:
        """Turn the switch, as the program does it."""
        self.settings = settings
        self.queue.recall()
        await self.queue.release(Hold.SANDBOX)

    async def add(self) -> JobId:
        [job] = await self.queue.add([RECIPE])
        return job.id

    def notices(self) -> list[str]:
        return [event.message.text() for event in self.world.events if isinstance(event, Noticed)]


async def test_what_is_ordered_belongs_to_where_it_was_ordered(opened: OpenWorld) -> None:
    program = Switched(await opened(start=False), Service())
    real = await program.add()
    program.settings = ON
    [trial] = await program.queue.add([replace(RECIPE, in_sandbox=False)])
    [here] = await program.queue.add([make_recipe()])
    jobs = {job.id: job.recipe.in_sandbox for job in await program.queue.all()}
    assert jobs == {real: False, trial.id: True, here.id: False}
    # Ordered again, it belongs to where it is ordered then.
    program.settings = OFF
    [again] = await program.queue.add([trial.recipe])
    assert not again.recipe.in_sandbox


async def test_what_waits_when_the_switch_is_turned_waits_on(opened: OpenWorld) -> None:
    service = Service()
    program = Switched(await opened(start=False), service)
    world = program.world
    real = await program.add()
    program.settings = ON
    trial = await program.add()
    await world.runner.start()
    await world.idle()
    assert (await world.job(trial)).state is JobState.SUCCEEDED
    job = await world.job(real)
    assert (job.state, job.hold) == (JobState.QUEUED, Hold.SANDBOX)
    assert service.taken == [(trial, "swap")]
    assert program.notices() == ["Jobs of real services wait, because the sandbox is switched on."]
    # Nor can it be pushed on.
    await program.queue.resume([real])
    await world.holds(real, Hold.SANDBOX)
    await world.idle()
    assert service.taken == [(trial, "swap")]
    await program.turn(OFF)
    await world.becomes(real, JobState.SUCCEEDED)
    assert service.taken == [(trial, "swap"), (real, "swap")]
    await world.runner.stop()


async def test_what_runs_when_the_switch_is_turned_is_not_asked_after_at_the_other_place(opened: OpenWorld) -> None:
    service = Service()
    runs = asyncio.Event()

    async def for_ever(context: WorkContext) -> None:
        runs.set()
        await asyncio.Event().wait()

    service.meddling["run"] = for_ever
    program = Switched(await opened(start=False), service)
    world = program.world
    real = await program.add()
    await world.runner.start()
    await runs.wait()
    await program.turn(ON)
    job = await world.holds(real, Hold.SANDBOX)
    await world.idle()
    assert job.state is JobState.RUNNING
    assert service.count("run") == 1
    assert service.cancelled == []
    # It is still known after a start that nobody told of the switch.
    await world.runner.stop()
    service.meddling.clear()
    again = Switched(world, service)
    again.settings = ON
    await world.runner.start()
    await world.holds(real, Hold.SANDBOX)
    await world.idle()
    assert service.count("run") == 1
    await again.turn(OFF)
    await world.becomes(real, JobState.SUCCEEDED)
    assert service.taken == [(real, "swap")]
    await world.runner.stop()


async def test_a_job_of_the_sandbox_that_is_tried_again_costs_nothing_either(opened: OpenWorld) -> None:
    service = Service()
    program = Switched(await opened(start=False), service)
    world = program.world
    program.settings = ON
    trial = await program.add()
    await program.queue.cancel_waiting([trial])
    program.settings = OFF
    await program.queue.retry([trial])
    await world.runner.start()
    await world.holds(trial, Hold.SANDBOX)
    await world.idle()
    assert service.taken == []
    assert program.notices() == ["Jobs of the sandbox wait, because it is switched off."]
    await world.runner.cancel(trial)
    assert (await world.job(trial)).state is JobState.CANCELLED
    await world.runner.stop()


@pytest.mark.parametrize("where", ["run", "fetch"])
async def test_what_a_sandbox_had_in_hand_starts_over_at_the_next_one(opened: OpenWorld, where: str) -> None:
    service = Service(SWAP, REAGE)
    runs = asyncio.Event()

    async def for_ever(context: WorkContext) -> None:
        if where == "fetch" or context.step.name == "reage-20":
            runs.set()
            await asyncio.Event().wait()

    service.meddling[where] = for_ever
    ended: list[JobId] = []

    async def on_end(job: JobId) -> None:
        ended.append(job)

    program = Switched(await opened(start=False), service, Hooks(on_end=on_end))
    world = program.world
    program.settings = ON
    trial = await program.add()
    await world.runner.start()
    await runs.wait()
    service.meddling.clear()
    # Begun after the new one was there, it is in its hands.
    await program.queue.begin_anew(0.0)
    assert service.taken == [(trial, "swap"), (trial, "reage-20")]
    assert ended == []
    await program.queue.begin_anew(time.time())
    await world.becomes(trial, JobState.SUCCEEDED)
    await world.runner.stop()
    assert service.taken == [(trial, "swap"), (trial, "reage-20")] * 2
    assert ended == [trial, trial], "what was hosted for it, and its mailboxes, went first"
    assert service.cancelled == []


async def test_real_jobs_never_start_over(opened: OpenWorld) -> None:
    service = Service()
    runs = asyncio.Event()

    async def wait(context: WorkContext) -> None:
        runs.set()
        await asyncio.Event().wait()

    service.meddling["run"] = wait
    program = Switched(await opened(start=False), service)
    await program.add()
    await program.world.runner.start()
    await runs.wait()
    await program.queue.begin_anew(time.time())
    assert service.count("submit") == service.count("run") == 1
    await program.world.runner.stop()


async def test_the_sandboxs_credits_are_no_money(opened: OpenWorld) -> None:
    service = Service()
    program = Switched(await opened(start=False), service)
    world = program.world
    capped = BudgetSettings(monthly_cap=5.0)
    program.settings = replace(ON, budget=capped)
    trial = await program.add()
    await world.runner.start()
    await world.becomes(trial, JobState.SUCCEEDED)
    assert await program.queue.charge_of(trial) == Charge(4.0, is_estimate=True), "its workflow shows credits"
    assert await world.ledger.charges.month_total(ID) == 0.0
    await program.turn(replace(OFF, budget=capped))
    real = await program.add()
    await world.becomes(real, JobState.SUCCEEDED)
    assert await world.ledger.charges.month_total(ID) == 4.0
    await world.runner.stop()


async def test_results_are_deleted_where_they_are(opened: OpenWorld) -> None:
    service = Service()
    program = Switched(await opened(start=False), service)
    world = program.world
    real = await program.add()
    await world.runner.start()
    await world.becomes(real, JobState.SUCCEEDED)
    await world.idle()
    await program.turn(ON)
    with pytest.raises(UsageError) as caught:
        await program.queue.delete_remote([real])
    assert caught.value.kind == "elsewhere"
    assert service.deleted == []
    await program.turn(OFF)
    assert await program.queue.delete_remote([real]) == 1
    await world.runner.stop()
