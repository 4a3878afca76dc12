"""Jobs as people use them, here and in a second program on the same home."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio

from faceswap_desktop.compose import Program, build
from faceswap_desktop.domain.events import AllJobsDone, Event, JobAdded, JobChanged, JobRemoved, ResultAdded
from faceswap_desktop.domain.job import Hold, Job, JobId, JobState
from faceswap_desktop.domain.recipe import SwapOptions
from faceswap_desktop.storage.ledger import Ledger
from faceswap_desktop.storage.paths import Home
from tests.unit.services.conftest import COLLINS, HOPPER, a_recipe, until


@pytest_asyncio.fixture
async def second(program: Program, home: Home) -> AsyncIterator[Program]:
    """Another program on the same home, as the command line beside the window."""
    del program
    other = await build(home)
    yield other
    await other.close()


async def order(program: Program) -> list[str]:
    return [job.id for job in await program.queue.unfinished()]


async def test_order_and_reorder(program: Program, events: list[Event]) -> None:
    jobs = await program.queue.add([a_recipe() for _ in range(4)])
    a, b, c, d = (job.id for job in jobs)
    assert await order(program) == [a, b, c, d]
    assert [event.job for event in events if isinstance(event, JobAdded)] == jobs
    await program.queue.reorder([d, b])
    assert await order(program) == [d, b, a, c]
    await program.queue.reorder([c])
    assert await order(program) == [c, d, b, a]
    [late] = await program.queue.add([a_recipe()])
    assert (await order(program))[-1] == late.id


async def test_equal_priorities_can_be_told_apart_afterwards(program: Program) -> None:
    ledger = Ledger(program.database)
    await ledger.add_many([Job(JobId(f"j{n}"), a_recipe(), created_at=1.0, priority=5.0) for n in range(3)])
    ids = await order(program)
    await program.queue.reorder([JobId(ids[2]), JobId(ids[0])])
    assert await order(program) == [ids[2], ids[0], ids[1]]


async def test_what_is_over_stays_as_it_is(program: Program, events: list[Event]) -> None:
    [job] = await program.queue.add([a_recipe()])
    await program.queue.cancel_waiting([job.id])
    before = len(events)
    await program.queue.cancel([job.id])
    await program.queue.pause([job.id])
    assert len(events) == before
    assert [one.id for one in await program.queue.open_jobs()] == [job.id]
    await program.queue.retry([job.id, job.id])
    [again] = await program.queue.unfinished()
    assert (again.id, again.state) == (job.id, JobState.QUEUED)
    await program.queue.remove([job.id])
    assert await program.queue.job(job.id) is not None, "what is not over is not removed"


async def test_waiting_ends_with_the_job_a_hold_or_its_removal(program: Program) -> None:
    a, b, c = await program.queue.add([a_recipe(), a_recipe(), a_recipe()])
    waiting = asyncio.create_task(program.queue.wait([a.id, b.id, c.id]))
    await asyncio.sleep(0.02)
    await program.queue.cancel_waiting([a.id, c.id])
    await program.queue.remove([c.id])
    # One still waits, so nothing has ended, whatever the wake-ups in between.
    assert not waiting.done()
    await program.queue.pause([b.id])
    ended = await asyncio.wait_for(waiting, 5)
    assert [(job.id, job.state, job.hold) for job in ended] == [
        (a.id, JobState.CANCELLED, None),
        (b.id, JobState.QUEUED, Hold.PAUSED),
    ]


async def test_a_second_program_adds_watches_waits_and_takes_over(program: Program, second: Program) -> None:
    told: list[Event] = []
    second.bus.subscribe(told.append)
    assert await program.queue.start()
    assert not await second.queue.start()
    assert program.queue.is_running_here
    assert not second.queue.is_running_here
    holder = await second.queue.holder()
    assert holder is not None

    # Its source face has no photo in the library, so it fails without any work.
    [job] = await second.queue.add([a_recipe()])
    [ended] = await asyncio.wait_for(second.queue.wait([job.id]), 20)
    assert ended.state is JobState.FAILED
    assert ended.failure is not None
    assert ended.failure.kind == "source-missing"

    def states() -> list[JobState]:
        return [
            event.job.state for event in told if isinstance(event, JobAdded | JobChanged) and event.job.id == job.id
        ]

    # Who waits looks into the ledger too, and may be quicker than what is told; a job that was over at the first look
    # is told of as one that was added.
    await until(lambda: JobState.FAILED in states(), 60)
    assert states()[-1] is JobState.FAILED

    [other] = await program.queue.add([a_recipe()])
    await until(lambda: _told(told, JobAdded, other) or _told(told, JobChanged, other))
    await program.queue.wait([other.id])
    await program.queue.remove([other.id])
    await until(lambda: any(isinstance(event, JobRemoved) and event.job == other.id for event in told))

    await program.queue.stop()
    await until(lambda: second.queue.is_running_here)
    [third] = await second.queue.add([a_recipe()])
    [third] = await asyncio.wait_for(second.queue.wait([third.id]), 20)
    assert third.state is JobState.FAILED


def _told(told: list[Event], kind: type[Any], job: Job) -> bool:
    return any(isinstance(event, kind) and event.job.id == job.id for event in told)


async def test_the_watcher_hears_of_results(working: Program, second: Program) -> None:
    told: list[Event] = []
    second.bus.subscribe(told.append)
    assert await working.queue.start()
    assert not await second.queue.start()
    done: list[Event] = []
    working.bus.subscribe(lambda event: done.append(event) if isinstance(event, AllJobsDone) else None)
    media, faces = await working.detection.detect(COLLINS)
    [hopper] = (await working.library.add_photos([HOPPER])).added
    recipe = await working.swapping.make_recipe(media, faces, {0: hopper.id}, SwapOptions())
    [job] = await working.queue.add([recipe])
    [ended] = await working.queue.wait([job.id])
    assert ended.state is JobState.SUCCEEDED
    await until(lambda: [event.result for event in told if isinstance(event, ResultAdded)] == [ended.result])
    assert _told(told, JobChanged, ended)
    await until(lambda: done == [AllJobsDone(1, 0)])
    assert await working.queue.open_jobs() == []
