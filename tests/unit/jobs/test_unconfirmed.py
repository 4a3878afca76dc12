"""Paid calls of which nobody knows whether they arrived; ends of jobs; what is left at the provider."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from faceswap_desktop.domain.cloud import Charge, Delivery
from faceswap_desktop.domain.errors import ProviderRejected, StorageError, UsageError
from faceswap_desktop.domain.events import Noticed
from faceswap_desktop.domain.job import JobId, JobState
from faceswap_desktop.domain.messages import message
from faceswap_desktop.domain.work import WorkContext
from faceswap_desktop.jobs.queue import JobQueue
from faceswap_desktop.jobs.tools import Hooks
from faceswap_desktop.storage.lease import Lease
from faceswap_desktop.storage.ledger import Ledger
from tests.unit.jobs.cloud import REAGE, RECIPE, SWAP, CloudProvider, Service, rejected, unavailable
from tests.unit.jobs.conftest import OpenWorld
from tests.unit.jobs.support import CONTENT, World, make_recipe

JOB = JobId("thejob")


def queue_on(world: World) -> JobQueue:
    return JobQueue(world.home, world.ledger, Lease(world.home.lease_file), world.runner, world.bus)


class Ends:
    """Hears of the ends of jobs."""

    def __init__(self) -> None:
        self.jobs: list[JobId] = []
        self.hooks = Hooks(on_end=self.on_end)

    async def on_end(self, job: JobId) -> None:
        self.jobs.append(job)


async def unconfirmed(opened: OpenWorld, service: Service, hooks: Hooks | None = None) -> World:
    """Open a world whose job's second call was cut off."""

    async def cut_off(context: WorkContext) -> None:
        if context.step.name == "reage-20":
            service.after = None
            raise unavailable("unconfirmed")

    service.after = cut_off
    world = await opened(CloudProvider(service), hooks=hooks)
    await world.add(RECIPE, job=JOB)
    await world.idle()
    job = await world.job(JOB)
    assert job.state is JobState.UNCONFIRMED
    assert job.failure is not None
    assert (job.failure.message.text(), job.failure.exit_code) == ("Not now: unconfirmed.", 6)
    return world


async def test_nothing_happens_by_itself_and_whoever_waits_is_told(opened: OpenWorld) -> None:
    service = Service(SWAP, REAGE)
    world = await unconfirmed(opened, service)
    (job,) = await queue_on(world).wait([JOB])
    assert job.state is JobState.UNCONFIRMED
    world = await opened(CloudProvider(service))
    world.runner.wake()
    await world.idle()
    assert (await world.job(JOB)).state is JobState.UNCONFIRMED
    assert service.taken == [(JOB, "swap"), (JOB, "reage-20")]
    swap, reage = await world.ledger.charges.of_job(JOB)
    assert (swap.is_confirmed, reage.is_confirmed) == (True, False)
    assert await world.ledger.charges.charge_of(JOB) == Charge(6.0, is_estimate=True)


async def test_sent_again_it_goes_on_from_what_is_done(opened: OpenWorld) -> None:
    service, ends = Service(SWAP, REAGE), Ends()
    world = await unconfirmed(opened, service, ends.hooks)
    queue = queue_on(world)
    # Pressed twice.
    await asyncio.gather(queue.send_again([JOB]), queue.send_again([JOB]))
    await world.idle()
    assert (await world.job(JOB)).state is JobState.SUCCEEDED
    assert service.taken == [(JOB, "swap"), (JOB, "reage-20"), (JOB, "reage-20")]
    await queue.send_again([JOB])
    assert len(service.taken) == 3
    assert await queue.charge_of(JOB) == Charge(8.0, is_estimate=True)
    await world.runner.stop()
    assert ends.jobs == [JOB]


async def test_before_it_is_sent_again_its_old_address_is_given_up(opened: OpenWorld) -> None:
    service = Service(SWAP, REAGE)
    seen: list[tuple[JobId, JobState]] = []

    async def sent_again(job: JobId) -> None:
        seen.append((job, (await world.job(job)).state))

    world = await unconfirmed(opened, service, Hooks(sent_again=sent_again))
    await queue_on(world).send_again([JOB])
    await world.idle()
    assert seen == [(JOB, JobState.UNCONFIRMED)]
    assert (await world.job(JOB)).state is JobState.SUCCEEDED


async def test_dismissed_it_is_over(opened: OpenWorld) -> None:
    service, ends = Service(SWAP, REAGE), Ends()
    world = await unconfirmed(opened, service, ends.hooks)
    await queue_on(world).dismiss([JOB])
    await world.idle()
    assert (await world.job(JOB)).state is JobState.DISMISSED
    assert world.scratch_files() == []
    assert not await world.runner.settle(Delivery(JOB, "reage-20", {"task_id": "x"}, 1.0))
    await world.runner.stop()
    assert ends.jobs == [JOB]


async def test_cancelling_one_dismisses_it(opened: OpenWorld) -> None:
    world = await unconfirmed(opened, Service(SWAP, REAGE))
    assert (await world.runner.cancel(JOB)).state is JobState.DISMISSED


async def test_delivery_settles_it_once(opened: OpenWorld) -> None:
    service = Service(SWAP, REAGE)
    world = await unconfirmed(opened, service)
    queue = queue_on(world)
    assert not await queue.settle(Delivery(JobId("nobody"), "reage-20", {"task_id": "x"}, 1.0))
    assert not await queue.settle(Delivery(JOB, "swap", {"task_id": "x"}, 1.0))
    with pytest.raises(ProviderRejected):
        await queue.settle(Delivery(JOB, "reage-20", {}, 1.0))
    assert (await world.job(JOB)).state is JobState.UNCONFIRMED
    delivery = Delivery(JOB, "reage-20", {"task_id": f"{JOB}-reage-20"}, 1.0)
    assert sorted(await asyncio.gather(queue.settle(delivery), queue.settle(delivery))) == [False, True]
    await world.idle()
    job = await world.job(JOB)
    assert (job.state, job.failure) == (JobState.SUCCEEDED, None)
    assert service.taken == [(JOB, "swap"), (JOB, "reage-20")]
    assert all(line.is_confirmed for line in await world.ledger.charges.of_job(JOB))


async def test_what_was_delivered_while_nobody_was_there_is_taken_up_at_the_start(opened: OpenWorld) -> None:
    service = Service(SWAP, REAGE)
    await unconfirmed(opened, service)

    async def delivered(job: JobId, step: str) -> Delivery | None:
        return Delivery(job, step, {"task_id": f"{job}-{step}"}, 1.0) if step == "reage-20" else None

    world = await opened(CloudProvider(service), hooks=Hooks(delivered=delivered))
    await world.idle()
    assert (await world.job(JOB)).state is JobState.SUCCEEDED
    assert len(service.taken) == 2


async def test_a_delivery_that_is_quicker_than_the_end_of_its_call_settles_it(opened: OpenWorld) -> None:
    service, arrived = Service(SWAP, REAGE), False

    async def delivered(job: JobId, step: str) -> Delivery | None:
        return Delivery(job, step, {"task_id": f"{job}-{step}"}, 1.0) if arrived else None

    async def cut_off(context: WorkContext) -> None:
        nonlocal arrived
        if context.step.name == "reage-20":
            arrived = True
            raise unavailable("unconfirmed")

    service.after = cut_off
    world = await opened(CloudProvider(service), hooks=Hooks(delivered=delivered))
    await world.add(RECIPE, job=JOB)
    await world.idle()
    job = await world.job(JOB)
    assert job.state is JobState.SUCCEEDED, job.failure
    assert service.taken == [(JOB, "swap"), (JOB, "reage-20")]


@pytest.mark.allow_logs
@pytest.mark.parametrize("error", [ZeroDivisionError("oops"), StorageError(message("Read-only."), kind="read-only")])
async def test_whatever_fails_here_while_a_paid_call_is_out_leaves_it_unconfirmed(
    opened: OpenWorld, error: Exception
) -> None:
    service = Service()

    async def fail(context: WorkContext) -> None:
        raise error

    service.after = fail
    world = await opened(CloudProvider(service))
    await world.add(RECIPE, job=JOB)
    await world.idle()
    job = await world.job(JOB)
    assert job.state is JobState.UNCONFIRMED
    assert job.failure is not None
    assert "may have been charged" in job.failure.message.text()
    assert len(service.taken) == 1


async def test_what_a_provider_said_is_written_down_however_often_that_fails(
    opened: OpenWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("faceswap_desktop.jobs.course.WRITE_WAITS_S", (0.0, 0.0, 0.0))
    refusals = [StorageError(message("In use by another program."), kind="locked") for _ in range(3)]

    class Locked(Ledger):
        async def transition(self, job_id, from_states, to, **changes):  # type: ignore[no-untyped-def]
            if to is JobState.RUNNING and refusals:
                raise refusals.pop()
            return await super().transition(job_id, from_states, to, **changes)

    service = Service()
    world = await opened(CloudProvider(service), ledger_type=Locked)
    await world.add(RECIPE, job=JOB)
    await world.idle()
    assert (await world.job(JOB)).state is JobState.SUCCEEDED
    assert len(service.taken) == 1
    assert refusals == []


async def test_cancelling_while_a_paid_call_is_out_waits_for_what_it_says(opened: OpenWorld) -> None:
    service = Service()
    out, answer = asyncio.Event(), asyncio.Event()

    async def stand(context: WorkContext) -> None:
        out.set()
        await answer.wait()

    service.after = stand
    world = await opened(CloudProvider(service))
    await world.add(RECIPE, job=JOB)
    await out.wait()
    cancelling = asyncio.create_task(world.runner.cancel(JOB))
    async with asyncio.timeout(30):
        while not (await world.job(JOB)).cancel_requested:  # noqa: ASYNC110 - it shows in the ledger only
            await asyncio.sleep(0.005)
    answer.set()
    assert (await cancelling).state is JobState.CANCELLED
    assert service.cancelled == [f"{JOB}-swap"]
    (line,) = await world.ledger.charges.of_job(JOB)
    assert line.is_confirmed


async def test_wish_to_cancel_that_outlives_a_paid_call_says_that_it_may_have_been_charged(opened: OpenWorld) -> None:
    service = Service()
    out = asyncio.Event()

    async def stand(context: WorkContext) -> None:
        out.set()
        await asyncio.Event().wait()

    service.after = stand
    world = await opened(CloudProvider(service))
    await world.add(RECIPE, job=JOB)
    await out.wait()
    await world.ledger.request_cancel(JOB)
    # As if killed: the task is gone, the row stays as it is.
    (task,) = [task for task in asyncio.all_tasks() if task.get_name() == f"job {JOB}"]
    task.cancel()
    world = await opened(CloudProvider(service))
    await world.idle()
    assert (await world.job(JOB)).state is JobState.CANCELLED
    said = [event.message.text() for event in world.events if isinstance(event, Noticed)]
    (line,) = await world.ledger.charges.of_job(JOB)
    assert not line.is_confirmed
    assert len(said) == 1
    assert "may have been charged" in said[0]


# ---------------------------------------------------------------------------------------------------------------- ends


async def test_every_end_is_told_and_what_goes_wrong_there_disturbs_nobody(opened: OpenWorld) -> None:
    ends: list[JobId] = []

    async def refuse(job: JobId) -> None:
        ends.append(job)
        raise unavailable()

    service = Service()
    gate = asyncio.Event()

    async def meddle(context: WorkContext) -> None:
        if context.job == "cancelled":
            gate.set()
            await asyncio.Event().wait()
        if context.job == "failed":
            raise rejected("failed")

    service.meddling["run"] = meddle
    world = await opened(CloudProvider(service), hooks=Hooks(on_end=refuse))
    done, failed, cancelled = [await world.add(RECIPE, job=name) for name in ("done", "failed", "cancelled")]
    await gate.wait()
    await world.runner.cancel(cancelled)
    await world.idle()
    states = [(await world.job(job)).state for job in (done, failed, cancelled)]
    assert states == [JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED]
    await world.runner.stop()
    assert sorted(ends) == ["cancelled", "done", "failed"]
    assert service.cancelled == ["cancelled-swap"]
    said = [event.message.text() for event in world.events if isinstance(event, Noticed)]
    assert "It may be charged all the same." in said


async def test_cancelled_between_two_calls_and_tried_again_it_keeps_what_is_paid(opened: OpenWorld) -> None:
    service = Service(SWAP, REAGE)
    there = asyncio.Event()

    async def stand(context: WorkContext) -> None:
        if context.step.name == "reage-20":
            there.set()
            await asyncio.Event().wait()

    service.meddling["prepare"] = stand
    world = await opened(CloudProvider(service))
    await world.add(RECIPE, job=JOB)
    await there.wait()
    assert (await world.runner.cancel(JOB)).state is JobState.CANCELLED
    service.meddling.clear()
    world = await opened(CloudProvider(service))
    await queue_on(world).retry([JOB])
    await world.idle()
    assert (await world.job(JOB)).state is JobState.SUCCEEDED
    assert service.taken == [(JOB, "swap"), (JOB, "reage-20")]


async def test_stopping_between_two_calls_loses_nothing(opened: OpenWorld) -> None:
    service = Service(SWAP, REAGE)
    there = asyncio.Event()

    async def stand(context: WorkContext) -> None:
        if context.step.name == "reage-20":
            there.set()
            await asyncio.Event().wait()

    for method in ("prepare", "run"):
        there.clear()
        service.meddling = {method: stand}
        world = await opened(CloudProvider(service))
        if method == "prepare":
            await world.add(RECIPE, job=JOB)
        await there.wait()
        await world.runner.stop()
    service.meddling = {}
    world = await opened(CloudProvider(service))
    await world.idle()
    assert (await world.job(JOB)).state is JobState.SUCCEEDED
    assert service.taken == [(JOB, "swap"), (JOB, "reage-20")]


# ------------------------------------------------------------------------------------------------ left at the provider


async def test_results_are_deleted_at_the_provider_once(opened: OpenWorld) -> None:
    service = Service(SWAP, REAGE)
    world = await opened(CloudProvider(service))
    await world.add(RECIPE, job=JOB)
    await world.idle()
    queue = queue_on(world)
    left = await queue.remote_results(JOB)
    assert [(one.step, one.values["remote_id"]) for one in left] == [
        ("swap", f"{JOB}-swap"),
        ("reage-20", f"{JOB}-reage-20"),
    ]
    assert await queue.delete_remote([JOB]) == 2
    assert await queue.delete_remote([JOB]) == 0
    assert service.deleted == [f"{JOB}-swap", f"{JOB}-reage-20"]
    assert not any(one.is_there() for one in await queue.remote_results(JOB))
    assert (await world.job(JOB)).state is JobState.SUCCEEDED


async def test_nothing_is_deleted_of_a_job_that_is_not_over(opened: OpenWorld) -> None:
    service = Service(SWAP, REAGE)
    world = await unconfirmed(opened, service)
    with pytest.raises(UsageError) as caught:
        await queue_on(world).delete_remote([JOB])
    assert caught.value.kind == "not-over"
    assert service.deleted == []


# ----------------------------------------------------------------------------------------------------- requested copies


async def converting(path: str, requested: str) -> str:
    """Stand for the worker: another content, under the right extension, beside the result."""
    target = Path(path).with_suffix(Path(requested).suffix)
    target.write_bytes(b"converted " + Path(path).read_bytes())
    return str(target)


async def test_copy_is_in_the_format_of_its_extension_and_the_library_keeps_the_providers(
    opened: OpenWorld, tmp_path: Path
) -> None:
    world = await opened(CloudProvider(Service()), hooks=Hooks(convert=converting))
    await world.add(make_recipe("cloudy", requested_path=str(tmp_path / "mine.png")), job=JOB)
    same = await world.add(make_recipe("cloudy", requested_path=str(tmp_path / "mine.jpeg")))
    await world.idle()
    assert (tmp_path / "mine.png").read_bytes() == b"converted " + CONTENT
    assert (tmp_path / "mine.jpeg").read_bytes() == CONTENT
    assert (await world.job(same)).state is JobState.SUCCEEDED
    result = await world.results.of_job(JOB)
    assert result is not None
    assert Path(result.path).read_bytes() == CONTENT
    assert Path(result.path).suffix == ".jpg"
    assert world.scratch_files() == []


@pytest.mark.parametrize("is_copied", [False, True])
@pytest.mark.parametrize("is_placed", [False, True])
async def test_copy_is_made_again_after_a_crash(
    opened: OpenWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_placed: bool, is_copied: bool
) -> None:
    """The program ended while it finished; what it had converted is gone, the rest may be."""

    def stop(*arguments: object) -> None:
        raise asyncio.CancelledError

    asked: list[str] = []

    async def convert(path: str, requested: str) -> str:
        asked.append(path)
        (tmp_path / "beside").mkdir(exist_ok=True)
        (tmp_path / "beside" / "result.jpg").write_bytes(Path(path).read_bytes())
        return await converting(str(tmp_path / "beside" / "result.jpg"), requested)

    service, requested = Service(), tmp_path / "mine.png"
    world = await opened(CloudProvider(service), hooks=Hooks(convert=convert), start=False)
    await world.add(make_recipe("cloudy", requested_path=str(requested)), job=JOB)
    with monkeypatch.context() as patch:
        patch.setattr("faceswap_desktop.jobs.finishing.deliver_copy", stop)
        await world.runner.start()
        await world.becomes(JOB, JobState.FINISHING)
        await world.runner.stop()
    converted = (tmp_path / "beside" / "result.png").read_bytes()
    (tmp_path / "beside" / "result.png").unlink()
    if is_copied:
        requested.write_bytes(converted)
    world = await opened(CloudProvider(service), hooks=Hooks(convert=convert), start=False)
    if is_placed:
        (world.home.results_folder / "party as Ada.jpg").write_bytes(CONTENT)
        for path in world.scratch_files():
            if path.is_file():
                path.unlink()
    await world.runner.start()
    await world.idle()
    assert (await world.job(JOB)).state is JobState.SUCCEEDED
    assert requested.read_bytes() == b"converted " + CONTENT
    assert world.result_files() == ["party as Ada.jpg"]
    assert len(asked) == (1 if is_copied else 2)
    assert len(service.taken) == 1


async def test_result_that_was_lost_before_it_was_placed_is_fetched_again_not_paid_again(
    opened: OpenWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*arguments: object) -> None:
        raise asyncio.CancelledError

    service = Service()
    world = await opened(CloudProvider(service), start=False)
    await world.add(RECIPE, job=JOB)
    with monkeypatch.context() as patch:
        patch.setattr("faceswap_desktop.jobs.finishing.place", stop)
        await world.runner.start()
        await world.becomes(JOB, JobState.FINISHING)
        await world.runner.stop()
    world = await opened(CloudProvider(service), start=False)
    for path in world.scratch_files():
        if path.is_file():
            path.unlink()
    await world.runner.start()
    await world.idle()
    assert (await world.job(JOB)).state is JobState.SUCCEEDED
    assert (len(service.taken), service.count("fetch")) == (1, 2)
