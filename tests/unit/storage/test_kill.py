"""A process is killed in the middle of its writes, at no chosen moment; what it said is on the disk has to be there."""

from __future__ import annotations

import os
import random
import signal
from pathlib import Path

import pytest

from faceswap_desktop.domain.gallery import GalleryQuery
from faceswap_desktop.domain.job import JobId, JobState
from faceswap_desktop.storage.database import Database
from faceswap_desktop.storage.ledger import Ledger
from faceswap_desktop.storage.results import ResultStore
from tests.unit.storage.builders import JOURNEY
from tests.unit.storage.processes import started

WORK = """
import asyncio, itertools, sys
from pathlib import Path
from faceswap_desktop.storage.database import Database
from faceswap_desktop.storage.ledger import Ledger
from faceswap_desktop.storage.results import ResultStore
from tests.unit.storage.builders import JOURNEY, a_job, a_result

async def main():
    database = await Database.open(Path(sys.argv[1]))
    ledger, results = Ledger(database), ResultStore(database)
    for number in itertools.count():
        job = a_job(f"j{number}", created_at=float(number))
        await ledger.add(job)
        print(job.id, "queued", flush=True)
        for start, to in itertools.pairwise(JOURNEY):
            await ledger.transition(job.id, {start}, to)
            print(job.id, to.value, flush=True)
        await results.finish(job.id, a_result(f"r{number}", job.id))
        print(job.id, "succeeded", flush=True)
asyncio.run(main())
"""
ORDER = [*JOURNEY, JobState.SUCCEEDED]


@pytest.mark.parametrize("seed", range(4))
async def test_kill_9_in_the_middle_of_writes(tmp_path: Path, seed: int) -> None:
    lines = random.Random(seed).randrange(1, 120)
    path = tmp_path / "faceswap.sqlite3"
    told: dict[str, JobState] = {}
    with started(WORK, path) as worker:
        assert worker.stdout is not None
        for _ in range(lines):
            name, state = worker.stdout.readline().split()
            told[name] = JobState(state)
        worker.send_signal(signal.SIGTERM if os.name == "nt" else signal.SIGKILL)
        for line in worker.stdout:  # what it had said before it died
            name, state = line.split()
            told[name] = JobState(state)
        worker.wait(30)

    database = await Database.open(path)
    assert await database.check() == []
    ledger, results = Ledger(database), ResultStore(database)
    jobs = {str(job.id): job for job in await ledger.list()}
    assert set(told) <= set(jobs)
    ahead = 0
    for name, job in jobs.items():
        # One step may have been committed and not yet told; never fewer than told.
        place = ORDER.index(told[name]) if name in told else -1
        assert ORDER.index(job.state) - place in {0, 1}, (name, told.get(name), job.state)
        ahead += ORDER.index(job.state) - place
        assert (await results.of_job(job.id) is not None) == (job.state is JobState.SUCCEEDED)
        assert (job.result is not None) == (job.state is JobState.SUCCEEDED)
    assert ahead <= 1
    succeeded = sum(job.state is JobState.SUCCEEDED for job in jobs.values())
    assert await results.count(GalleryQuery()) == succeeded

    # And it goes on from there.
    for job in await ledger.unfinished():
        if job.state is not JobState.QUEUED:
            assert (await ledger.transition(job.id, {job.state}, JobState.QUEUED)).state is JobState.QUEUED
    await database.close()


async def test_two_processes_write_at_once(tmp_path: Path) -> None:
    path = tmp_path / "faceswap.sqlite3"
    with started(WORK, path) as worker:
        assert worker.stdout is not None
        worker.stdout.readline()
        database = await Database.open(path)
        ledger = Ledger(database)
        for number in range(20):
            await ledger.set_priority({JobId("j0"): float(number)})
        worker.kill()
        worker.stdout.read()
        worker.wait(30)
    job = await ledger.get(JobId("j0"))
    assert job is not None
    assert job.priority == 19.0
    assert await database.check() == []
    await database.close()
