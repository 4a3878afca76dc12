"""A ledger that cannot be written for a while: jobs go on when it can, and whoever waits is told."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection
from pathlib import Path
from typing import Any, ClassVar

import pytest

from faceswap_desktop.domain.errors import StorageError
from faceswap_desktop.domain.events import Noticed
from faceswap_desktop.domain.job import Job, JobId, JobState
from faceswap_desktop.domain.messages import message
from faceswap_desktop.jobs import runner as runner_module
from faceswap_desktop.jobs.queue import JobQueue
from faceswap_desktop.storage.lease import Lease
from faceswap_desktop.storage.ledger import Ledger
from tests.unit.jobs.support import ScriptedProvider, make_recipe, open_world


class Locked(Ledger):
    """Refuses every transition into FETCHING while ``refusals`` last."""

    refusals: ClassVar[int] = 0

    async def transition(self, job_id: JobId, from_states: Collection[JobState], to: JobState, **changes: Any) -> Job:
        if to is JobState.FETCHING and Locked.refusals > 0:
            Locked.refusals -= 1
            raise StorageError(message("In use by another program."), kind="locked")
        return await super().transition(job_id, from_states, to, **changes)


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner_module, "_FIRST_LOOK_S", 0.01)


async def test_a_job_goes_on_by_itself_when_the_ledger_can_be_written_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Locked, "refusals", 2)
    world = await open_world(tmp_path, ScriptedProvider(), ledger_type=Locked)
    job_id = await world.add()
    done = await world.becomes(job_id, JobState.SUCCEEDED, JobState.FAILED)
    assert done.state is JobState.SUCCEEDED
    assert len([event for event in world.events if isinstance(event, Noticed)]) == 1
    assert world.runner.trouble_with([job_id]) is None
    await world.close()


async def test_whoever_waits_is_told_when_it_lasts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Locked, "refusals", 1_000_000)
    world = await open_world(tmp_path, ScriptedProvider(), ledger_type=Locked)
    queue = JobQueue(world.home, world.ledger, Lease(world.home.lease_file), world.runner, world.bus)
    job_id = await world.add()
    async with asyncio.timeout(30):
        with pytest.raises(StorageError, match="another program"):
            await queue.wait([job_id])
    assert not (await world.job(job_id)).state.is_final
    monkeypatch.setattr(Locked, "refusals", 0)
    assert (await world.becomes(job_id, JobState.SUCCEEDED)).result
    await world.close()


async def test_a_start_that_fails_gives_the_lease_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = await open_world(tmp_path, ScriptedProvider(), start=False)
    queue = JobQueue(world.home, world.ledger, Lease(world.home.lease_file), world.runner, world.bus)

    async def refuse(self: Ledger) -> list[Job]:
        raise StorageError(message("In use by another program."), kind="locked")

    with monkeypatch.context() as context:
        context.setattr(Ledger, "unfinished", refuse)
        with pytest.raises(StorageError):
            await queue.start()
    other = Lease(world.home.lease_file)
    assert other.acquire()
    other.release()
    await world.close()


async def test_watching_survives_a_ledger_that_does_not_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = await open_world(tmp_path, ScriptedProvider(), start=False)
    queue = JobQueue(world.home, world.ledger, Lease(world.home.lease_file), world.runner, world.bus)
    other = Lease(world.home.lease_file)
    assert other.acquire()
    asked = 0
    real = Ledger.data_version

    async def stubborn(self: Ledger) -> int:
        nonlocal asked
        asked += 1
        if asked < 3:
            raise StorageError(message("In use by another program."), kind="locked")
        return await real(self)

    monkeypatch.setattr(Ledger, "data_version", stubborn)
    assert not await queue.start()
    job_id = await world.add()
    other.release()
    async with asyncio.timeout(30):
        [job] = await queue.wait([job_id])
    assert job.state is JobState.SUCCEEDED
    assert len([event for event in world.events if isinstance(event, Noticed)]) == 1
    await queue.stop()
    await world.close()


async def test_a_second_press_does_nothing(tmp_path: Path) -> None:
    world = await open_world(tmp_path, ScriptedProvider(), start=False)
    queue = JobQueue(world.home, world.ledger, Lease(world.home.lease_file), world.runner, world.bus)
    job_id = await world.add()
    await queue.cancel([job_id])
    await queue.cancel_waiting([job_id])
    await asyncio.gather(queue.retry([job_id]), queue.retry([job_id]), queue.remove([job_id]))
    assert (await world.job(job_id)).state is JobState.QUEUED
    await asyncio.gather(queue.cancel([job_id]), queue.cancel([job_id]), queue.pause([job_id]), queue.resume([job_id]))
    await queue.cancel_waiting([job_id])
    await asyncio.gather(queue.remove([job_id]), queue.remove([job_id]), queue.pause([job_id]), queue.retry([job_id]))
    assert await world.ledger.get(job_id) is None
    await world.close()


async def test_a_clock_that_is_set_back_does_not_change_the_order(tmp_path: Path) -> None:
    world = await open_world(tmp_path, ScriptedProvider(), start=False)
    queue = JobQueue(world.home, world.ledger, Lease(world.home.lease_file), world.runner, world.bus)
    tomorrow = await world.add(priority=time.time() + 86_400)
    added = await queue.add([make_recipe(), make_recipe()])
    assert [job.id for job in await queue.unfinished()] == [tomorrow, *(job.id for job in added)]
    await world.close()
