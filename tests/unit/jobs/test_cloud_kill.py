"""The program ends just before and after each of its commits, with two paid calls: nothing is paid twice or lost."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar, TypeVar

import pytest

from faceswap_desktop.domain.cloud import Charge, Delivery
from faceswap_desktop.domain.gallery import GalleryQuery
from faceswap_desktop.domain.job import JobId, JobState
from faceswap_desktop.jobs.queue import JobQueue
from faceswap_desktop.storage.database import Database
from faceswap_desktop.storage.lease import Lease
from tests.unit.jobs.cloud import REAGE, RECIPE, SWAP, CloudProvider, Service
from tests.unit.jobs.conftest import OpenWorld
from tests.unit.jobs.support import CONTENT, LIMIT_S, World

T = TypeVar("T")
JOB = JobId("thejob")
COMMITS = 13
"""Of a job with two calls: preparing, prepared, submitting, running twice; fetching, planned, finishing, done, tidy."""
SENDING = {(3, "after"), (4, "before"), (7, "after"), (8, "before")}
"""Between these commits a paid call is on its way."""


class Mortal(Database):
    """The program ends at one of its commits, and nothing is written after that."""

    commits: ClassVar[int] = 0
    last: ClassVar[int] = 0
    moment: ClassVar[str] = ""
    has_ended: ClassVar[asyncio.Event]

    async def write(self, fn: Callable[[sqlite3.Connection], T]) -> T:
        Mortal.commits += 1
        if Mortal.commits > Mortal.last or (Mortal.commits == Mortal.last and Mortal.moment == "before"):
            Mortal.has_ended.set()
            raise asyncio.CancelledError
        value = await super().write(fn)
        if Mortal.commits == Mortal.last:
            Mortal.has_ended.set()
            raise asyncio.CancelledError
        return value


def queue_on(world: World) -> JobQueue:
    return JobQueue(world.home, world.ledger, Lease(world.home.lease_file), world.runner, world.bus)


async def end_at(opened: OpenWorld, service: Service, commit: int, moment: str) -> None:
    """Run the job until the program ends at one of its commits, or to the job's end."""
    Mortal.commits, Mortal.last, Mortal.has_ended = 0, 1000, asyncio.Event()
    world = await opened(CloudProvider(service), database_type=Mortal, start=False)
    await world.add(RECIPE, job=JOB)
    await world.runner.start()
    # Nothing has run yet: the scheduler is a task of its own.
    Mortal.commits, Mortal.last, Mortal.moment = 0, commit, moment
    if commit > COMMITS:
        await world.idle()
    else:
        async with asyncio.timeout(LIMIT_S):
            await Mortal.has_ended.wait()


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("commit", range(1, COMMITS + 1))
async def test_two_paid_calls(opened: OpenWorld, commit: int, moment: str) -> None:
    service = Service(SWAP, REAGE)
    await end_at(opened, service, commit, moment)
    taken_before = list(service.taken)
    world = await opened(CloudProvider(service))
    await world.idle()
    job = await world.job(JOB)
    if (commit, moment) in SENDING:
        assert job.state is JobState.UNCONFIRMED
        assert job.failure is not None
        assert job.failure.exit_code == 6
        # Nothing is sent by itself.
        assert service.taken == taken_before
        await queue_on(world).send_again([JOB])
        await world.idle()
        job = await world.job(JOB)
    assert job.state is JobState.SUCCEEDED
    sent = {"swap": 1, "reage-20": 1}
    if (commit, moment) in {(4, "before"), (8, "before")}:
        # It had arrived, and the user had it sent again.
        sent["swap" if commit == 4 else "reage-20"] = 2
    assert {step: service.taken.count((JOB, step)) for step in sent} == sent
    assert world.result_files() == ["party as Ada.jpg"]
    (result,) = await world.results.get(await world.results.query(GalleryQuery()))
    assert Path(result.path).read_bytes() == CONTENT
    assert world.scratch_files() == []
    charge = await world.ledger.charges.charge_of(JOB)
    extra = {3: 4.0, 4: 4.0, 7: 2.0, 8: 2.0}[commit] if (commit, moment) in SENDING else 0.0
    # What may have been charged stays in the book, even where the call had not yet left.
    assert charge == Charge(6.0 + extra, is_estimate=True)
    assert [one.step for one in await world.ledger.remote.of_job(JOB)] == ["swap", "reage-20"]


async def test_the_moments_are_all_there_are(opened: OpenWorld) -> None:
    service = Service(SWAP, REAGE)
    await end_at(opened, service, 1000, "after")
    assert Mortal.commits == COMMITS
    assert service.taken == [(JOB, "swap"), (JOB, "reage-20")]
    # The second call was fed with what the first made.
    assert service.fed == {"swap": (), "reage-20": ("https://cloudy.example/swap.jpg",)}


@pytest.mark.parametrize(("commit", "step"), [(4, "swap"), (8, "reage-20")])
async def test_delivery_settles_what_was_cut_off(opened: OpenWorld, commit: int, step: str) -> None:
    service = Service(SWAP, REAGE)
    await end_at(opened, service, commit, "before")
    world = await opened(CloudProvider(service))
    await world.idle()
    assert (await world.job(JOB)).state is JobState.UNCONFIRMED
    assert await world.runner.settle(Delivery(JOB, step, {"task_id": f"{JOB}-{step}"}, 1.0))
    await world.idle()
    assert (await world.job(JOB)).state is JobState.SUCCEEDED
    assert service.taken == [(JOB, "swap"), (JOB, "reage-20")]
    assert all(line.is_confirmed for line in await world.ledger.charges.of_job(JOB))
