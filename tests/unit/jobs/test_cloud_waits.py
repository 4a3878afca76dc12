"""What jobs of a service wait for: something to be set up, credits, the budget, the network, their turn."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace

import pytest

from faceswap_desktop.domain.cloud import Charge
from faceswap_desktop.domain.events import Noticed
from faceswap_desktop.domain.job import Hold, Job, JobId, JobState
from faceswap_desktop.domain.settings import BudgetSettings, Settings
from faceswap_desktop.domain.work import WorkContext, WorkLost
from faceswap_desktop.jobs.queue import JobQueue
from faceswap_desktop.jobs.waiting import by_expiry
from faceswap_desktop.storage.charges import Booking, write_booking
from faceswap_desktop.storage.lease import Lease
from tests.unit.jobs.cloud import DETECT, ID, REAGE, RECIPE, SWAP, CloudProvider, Service, rejected, unavailable
from tests.unit.jobs.conftest import OpenWorld
from tests.unit.jobs.support import World

SOON = 0.02


def queue_on(world: World) -> JobQueue:
    return JobQueue(world.home, world.ledger, Lease(world.home.lease_file), world.runner, world.bus)


def notices(world: World) -> list[str]:
    return [event.message.text() for event in world.events if isinstance(event, Noticed)]


@pytest.fixture
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("faceswap_desktop.jobs.desk.FIRST_RETRY_S", SOON)
    monkeypatch.setattr("faceswap_desktop.jobs.desk.LONGEST_WAIT_S", SOON)


@pytest.mark.parametrize("kind", ["account", "credits", "terms", "hosting", "webhook"])
@pytest.mark.parametrize("method", ["prepare", "submit", "run", "fetch"])
async def test_what_has_to_be_set_up_holds_a_job_and_never_fails_it(opened: OpenWorld, kind: str, method: str) -> None:
    service = Service(SWAP, REAGE)
    service.faults[method] = [rejected(kind)]
    world = await opened(CloudProvider(service))
    job_id = await world.add(RECIPE)
    await world.idle()
    job = await world.job(job_id)
    assert (job.state, job.hold, job.failure) == (JobState.QUEUED, Hold(kind), None)
    assert notices(world) == [f"No: {kind}."]
    if method in {"prepare", "submit"}:
        assert await world.ledger.charges.charge_of(job_id) is None
    assert await queue_on(world).release(Hold(kind), "other") == []
    (freed,) = await queue_on(world).release(Hold(kind), ID)
    assert freed.id == job_id
    await world.idle()
    assert (await world.job(job_id)).state is JobState.SUCCEEDED
    assert service.taken == [(job_id, "swap"), (job_id, "reage-20")]
    assert await world.ledger.charges.charge_of(job_id) == Charge(6.0, is_estimate=True)


async def test_no_credits_in_the_middle_of_a_batch_hold_the_rest_with_one_refusal(opened: OpenWorld) -> None:
    service = Service(SWAP, REAGE, places=1)

    async def empty_after_two(context: WorkContext) -> None:
        if len(service.taken) >= 3:
            raise rejected("credits")

    service.meddling["submit"] = empty_after_two
    world = await opened(CloudProvider(service), start=False)
    jobs = [await world.add(RECIPE) for _ in range(5)]
    await world.runner.start()
    await world.idle()
    states = [await world.job(job_id) for job_id in jobs]
    assert [job.state for job in states] == [JobState.SUCCEEDED, *[JobState.QUEUED] * 4]
    assert [job.hold for job in states] == [None, *[Hold.CREDITS] * 4]
    assert service.taken == [(jobs[0], "swap"), (jobs[0], "reage-20"), (jobs[1], "swap")]
    assert service.count("submit") == 4
    assert notices(world) == ["No: credits."]
    # After a restart it is still known what is paid.
    service.meddling.clear()
    world = await opened(CloudProvider(service))
    await world.idle()
    assert len(await queue_on(world).release(Hold.CREDITS)) == 4
    await world.idle()
    assert (await world.ledger.counts())[JobState.SUCCEEDED] == 5
    assert len(service.taken) == len(set(service.taken)) == 10


async def test_only_what_needs_a_place_waits_for_one(opened: OpenWorld) -> None:
    service = Service(places=1)

    async def refuse(context: WorkContext) -> None:
        if not context.recipe.target_url:
            raise rejected("hosting")

    service.meddling["prepare"] = refuse
    world = await opened(CloudProvider(service), start=False)
    hosted = [await world.add(RECIPE) for _ in range(2)]
    pasted = await world.add(replace(RECIPE, target_url="https://pictures.example/a.jpg"))
    await world.runner.start()
    await world.idle()
    assert [(await world.job(job)).hold for job in hosted] == [Hold.HOSTING] * 2
    assert (await world.job(pasted)).state is JobState.SUCCEEDED
    assert service.count("prepare") == 2


async def test_paused_job_stays_paused_whatever_the_provider_says(opened: OpenWorld) -> None:
    service = Service()
    world = await opened(CloudProvider(service))
    queue = queue_on(world)

    async def pause_and_refuse(context: WorkContext) -> None:
        await world.ledger.set_hold(context.job, Hold.PAUSED)
        raise rejected("credits")

    service.meddling["submit"] = pause_and_refuse
    job_id = await world.add(RECIPE)
    await world.idle()
    assert (await world.job(job_id)).hold is Hold.PAUSED
    await queue.release(Hold.CREDITS)
    assert (await world.job(job_id)).hold is Hold.PAUSED


# --------------------------------------------------------------------------------------------------------------- money


async def test_estimate_is_booked_when_it_is_sent_and_corrected_by_what_was_charged(opened: OpenWorld) -> None:
    service = Service()
    service.charged = 3.0
    world = await opened(CloudProvider(service))
    booked: list[Booking] = []

    async def look(context: WorkContext) -> None:
        booked.extend(await world.ledger.charges.of_job(context.job))

    service.meddling = {"submit": look, "run": look}
    job_id = await world.add(RECIPE)
    await world.idle()
    assert [(line.credits, line.is_estimate, line.is_confirmed) for line in booked] == [
        (4.0, True, False),
        (4.0, True, True),
    ]
    queue = queue_on(world)
    assert await queue.charge_of(job_id) == Charge(3.0, is_estimate=False)
    await queue.remove([job_id])
    assert await queue.charge_of(job_id) == Charge(3.0, is_estimate=False)
    assert await world.ledger.charges.month_total(ID) == 3.0


@pytest.mark.parametrize("charged", [float("nan"), float("inf"), -1000.0])
async def test_what_is_no_charge_leaves_the_estimate_in_the_book(opened: OpenWorld, charged: float) -> None:
    service = Service()
    service.charged = charged
    world = await opened(CloudProvider(service))
    job_id = await world.add(RECIPE)
    await world.idle()
    assert (await world.job(job_id)).state is JobState.SUCCEEDED
    charge = await world.ledger.charges.charge_of(job_id)
    assert charge is not None
    assert charge.is_estimate
    assert charge.credits > 0


async def test_monthly_cap_holds_what_would_exceed_it(opened: OpenWorld) -> None:
    capped = replace(Settings(), budget=BudgetSettings(monthly_cap=10.0))
    service = Service(places=3)
    world = await opened(CloudProvider(service), settings=capped, start=False)
    last_year = Booking(JobId("old"), "swap", 1, ID, 1000.0, at=time.time() - 400 * 86400)
    await world.database.write(lambda connection: write_booking(connection, last_year))
    jobs = [await world.add(RECIPE) for _ in range(4)]
    await world.runner.start()
    await world.idle()
    counts = await world.ledger.counts()
    assert (counts[JobState.SUCCEEDED], counts[JobState.QUEUED]) == (2, 2)
    assert [(await world.job(job)).hold for job in jobs].count(Hold.BUDGET) == 2
    assert any("cap of 10" in text for text in notices(world))
    assert await world.ledger.charges.month_total(ID) == 8.0
    assert len(service.taken) == 2
    world = await opened(CloudProvider(service), settings=Settings())
    await queue_on(world).release(Hold.BUDGET)
    await world.idle()
    assert (await world.ledger.counts())[JobState.SUCCEEDED] == 4


async def test_what_costs_nothing_is_not_booked_and_not_held(opened: OpenWorld) -> None:
    service = Service(DETECT)
    capped = replace(Settings(), budget=BudgetSettings(monthly_cap=0.5))
    world = await opened(CloudProvider(service), settings=capped)
    job_id = await world.add(RECIPE)
    await world.idle()
    assert (await world.job(job_id)).state is JobState.SUCCEEDED
    assert await world.ledger.charges.charge_of(job_id) is None


# ------------------------------------------------------------------------------------------------------------- network


@pytest.mark.usefixtures("_soon")
@pytest.mark.parametrize("method", ["run", "fetch"])
async def test_without_network_it_stays_where_it_is_and_goes_on_by_itself(opened: OpenWorld, method: str) -> None:
    service = Service()
    service.faults[method] = [unavailable() for _ in range(12)]
    world = await opened(CloudProvider(service))
    job_id = await world.add(RECIPE)
    state = JobState.RUNNING if method == "run" else JobState.FETCHING
    await world.becomes(job_id, JobState.SUCCEEDED)
    await world.idle()
    assert service.taken == [(job_id, "swap")]
    assert service.count(method) == 13
    held = [event.job for event in world.events if hasattr(event, "job") and isinstance(event.job, Job)]
    waiting = [job for job in held if job.hold is Hold.NETWORK]
    assert len(waiting) == 12
    assert {job.state for job in waiting} == {state}
    # Said once, not at every try.
    assert notices(world) == ["Not now: offline."]


async def test_waits_grow_and_a_restart_does_not_wait(opened: OpenWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("faceswap_desktop.jobs.desk.random.uniform", lambda low, high: 1.0)
    service = Service()
    service.faults["run"] = [unavailable(), unavailable(), unavailable(retry_after_s=77.0)]
    asked = {number: asyncio.Event() for number in range(1, 5)}

    async def tell(context: WorkContext) -> None:
        asked[service.count("run")].set()

    service.meddling["run"] = tell
    world = await opened(CloudProvider(service))
    job_id = await world.add(RECIPE)
    queue = queue_on(world)
    for number, seconds in enumerate((2.0, 4.0, 77.0), 1):
        await asked[number].wait()
        job = await world.holds(job_id, Hold.NETWORK)
        assert seconds - 2.0 < job.retry_at - time.time() <= seconds
        # Pressing "go on" tries at once.
        await queue.resume([job_id])
    await world.becomes(job_id, JobState.SUCCEEDED)
    assert (await world.job(job_id)).state is JobState.SUCCEEDED


async def test_who_waits_for_a_job_is_told_when_the_next_try_is_far_away(opened: OpenWorld) -> None:
    service = Service()
    service.faults["run"] = [unavailable(retry_after_s=200.0)]
    world = await opened(CloudProvider(service))
    job_id = await world.add(RECIPE)
    async with asyncio.timeout(30):
        (job,) = await queue_on(world).wait([job_id])
    assert (job.state, job.hold) == (JobState.RUNNING, Hold.NETWORK)


@pytest.mark.usefixtures("_soon")
async def test_who_waits_for_a_job_hears_of_an_end_that_nobody_told(
    opened: OpenWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("faceswap_desktop.jobs.queue._LOOK_AGAIN_S", SOON)
    world = await opened(CloudProvider(Service()), start=False)
    job_id = await world.add(RECIPE)
    waiting = asyncio.create_task(queue_on(world).wait([job_id]))
    await asyncio.sleep(2 * SOON)
    assert not waiting.done()
    # As another process does it: no event comes of it here.
    await world.ledger.transition(job_id, {JobState.QUEUED}, JobState.CANCELLED)
    async with asyncio.timeout(60):
        (job,) = await waiting
    assert job.state is JobState.CANCELLED


async def test_rate_limited_batch_gets_through_however_often_it_is_refused(opened: OpenWorld) -> None:
    service = Service(places=4)
    service.faults["submit"] = [unavailable("rate-limited", 0.01) for _ in range(25)]
    world = await opened(CloudProvider(service), start=False)
    jobs = [await world.add(RECIPE) for _ in range(6)]
    await world.runner.start()
    await world.idle()
    assert (await world.ledger.counts())[JobState.SUCCEEDED] == 6
    assert sorted(service.taken) == sorted((job, "swap") for job in jobs)
    assert notices(world) == []
    for job_id in jobs:
        assert await world.ledger.charges.charge_of(job_id) == Charge(4.0, is_estimate=True)
    # What was prepared is not prepared again for every try.
    assert service.count("prepare") == 6


async def test_provider_that_wants_to_be_left_alone_gets_nothing_from_other_jobs_either(opened: OpenWorld) -> None:
    service = Service(places=1)
    service.faults["submit"] = [unavailable("rate-limited", 100.0)]
    world = await opened(CloudProvider(service), start=False)
    for _ in range(3):
        await world.add(RECIPE)
    await world.runner.start()
    async with asyncio.timeout(30):
        while not (await world.job(JobId("job0"))).retry_at:  # noqa: ASYNC110 - it shows in the ledger only
            await asyncio.sleep(0.005)
    world.runner.wake()
    # A job of another kind shows that the runner has looked.
    other = await world.add(replace(RECIPE, provider="nobody"))
    await world.becomes(other, JobState.FAILED)
    assert service.count("submit") == 1


# ------------------------------------------------------------------------------------------------------------- results


@pytest.mark.parametrize("method", ["run", "fetch"])
async def test_paid_work_that_is_lost_is_never_made_again_by_itself(opened: OpenWorld, method: str) -> None:
    service = Service()

    async def lose(context: WorkContext) -> None:
        raise WorkLost

    service.meddling[method] = lose
    world = await opened(CloudProvider(service))
    job_id = await world.add(RECIPE)
    await world.idle()
    job = await world.job(job_id)
    assert job.state is JobState.FAILED
    assert job.failure is not None
    assert job.failure.kind == "expired"
    assert len(service.taken) == 1
    # Asked to, it is; and both are in the book.
    service.meddling.clear()
    await queue_on(world).retry([job_id])
    await world.idle()
    assert len(service.taken) == 2
    assert await world.ledger.charges.charge_of(job_id) == Charge(8.0, is_estimate=True)


async def test_free_work_that_is_lost_starts_over(opened: OpenWorld) -> None:
    service = Service(DETECT)
    left = [1]

    async def lose(context: WorkContext) -> None:
        if left:
            left.pop()
            raise WorkLost

    service.meddling["run"] = lose
    world = await opened(CloudProvider(service))
    job_id = await world.add(RECIPE)
    await world.idle()
    assert (await world.job(job_id)).state is JobState.SUCCEEDED
    assert len(service.taken) == 2


async def test_result_that_expired_says_so(opened: OpenWorld) -> None:
    service = Service()
    service.faults["fetch"] = [rejected("expired")]
    world = await opened(CloudProvider(service))
    job_id = await world.add(RECIPE)
    await world.idle()
    job = await world.job(job_id)
    assert job.failure is not None
    assert (job.state, job.failure.kind, job.failure.message.text()) == (JobState.FAILED, "expired", "No: expired.")


@pytest.mark.parametrize(
    ("kind", "times"), [("failed", 2), ("sensitive", 2), ("bad-answer", 1), ("unknown", 1), ("provider-rejected", 1)]
)
async def test_retry_pays_again_only_for_what_the_provider_gave_up(opened: OpenWorld, kind: str, times: int) -> None:
    service = Service(SWAP, REAGE)

    async def refuse_the_second(context: WorkContext) -> None:
        if context.step.name == "reage-20" and refusals:
            raise refusals.pop()

    refusals = [rejected(kind)]
    service.meddling["run"] = refuse_the_second
    world = await opened(CloudProvider(service))
    job_id = await world.add(RECIPE)
    await world.idle()
    assert (await world.job(job_id)).state is JobState.FAILED
    world = await opened(CloudProvider(service))
    await queue_on(world).retry([job_id])
    await world.runner.start()
    world.runner.wake()
    await world.idle()
    assert (await world.job(job_id)).state is JobState.SUCCEEDED
    assert service.taken.count((job_id, "swap")) == 1
    assert service.taken.count((job_id, "reage-20")) == times


async def test_refused_call_costs_nothing(opened: OpenWorld) -> None:
    service = Service()
    service.faults["submit"] = [rejected("sensitive")]
    world = await opened(CloudProvider(service))
    job_id = await world.add(RECIPE)
    await world.idle()
    assert (await world.job(job_id)).state is JobState.FAILED
    assert await world.ledger.charges.charge_of(job_id) is None
    (step,) = [step for step in await world.ledger.steps(job_id) if step.name == "swap"]
    assert (step.state, step.attempts) == ("refused", 1)


async def test_what_expires_first_is_fetched_first_at_the_next_start(opened: OpenWorld) -> None:
    service = Service()
    world = await opened(CloudProvider(service))
    names = {"never": "", "later": "9000000002", "soon": "9000000001"}
    service.faults["fetch"] = [unavailable(retry_after_s=500.0) for _ in names]
    for name, expires in names.items():
        service.expires_at = expires
        await world.add(RECIPE, job=name)
        await world.holds(JobId(name), Hold.NETWORK)
    world = await opened(CloudProvider(service), start=False)
    order = await by_expiry(await world.ledger.unfinished(), world.runner.tools)
    assert [job.id for job in order] == ["soon", "later", "never"]
    for name in names:
        await world.ledger.resume(JobId(name))
    await world.runner.start()
    await world.idle()
    assert (await world.ledger.counts())[JobState.SUCCEEDED] == 3


async def test_places_are_for_what_is_at_work_not_for_what_is_fetched(opened: OpenWorld) -> None:
    service = Service(places=1)
    fetching, go_on = asyncio.Event(), asyncio.Event()

    async def stand(context: WorkContext) -> None:
        if context.job == "first":
            fetching.set()
            await go_on.wait()

    service.meddling["fetch"] = stand
    world = await opened(CloudProvider(service))
    await world.add(RECIPE, job="first")
    await fetching.wait()
    second = await world.add(RECIPE, job="second")
    await world.becomes(second, JobState.SUCCEEDED)
    go_on.set()
    await world.idle()
    assert (await world.job(JobId("first"))).state is JobState.SUCCEEDED
