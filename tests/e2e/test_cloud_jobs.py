"""Everything that can be ordered at a service, from the wish to the result in the gallery."""

from __future__ import annotations

import asyncio

import pytest

from faceswap_desktop.domain.events import JobChanged
from faceswap_desktop.domain.gallery import GalleryQuery
from faceswap_desktop.domain.job import JobState
from tests.e2e.clouds import AKOOL_SWAP, KINDS, House, Kind

_ENDS_OF_OTHERS = {JobState.FAILED, JobState.CANCELLED, JobState.UNCONFIRMED, JobState.DISMISSED}


@pytest.mark.parametrize("kind", KINDS, ids=str)
async def test_a_job_goes_from_the_queue_to_the_gallery(house: House, kind: Kind) -> None:
    async with house.program() as program:
        credits = (await asyncio.to_thread(house.box.state))["credits"][kind.provider]
        seen: set[JobState] = set()
        unsubscribe = program.bus.subscribe(
            lambda one: seen.add(one.job.state) if isinstance(one, JobChanged) else None
        )
        [job] = await program.swapping.wait(await house.submit(program, kind))
        unsubscribe()
        assert job.state is JobState.SUCCEEDED, job.failure
        assert seen >= set(JobState) - {JobState.QUEUED, *_ENDS_OF_OTHERS}
        [result] = await program.gallery.results(await program.gallery.find(GalleryQuery()))
        assert (result.job, result.faces) == (job.id, kind.faces)
        house.check_result(kind, result.path)
        charge = await program.spending.of_job(job.id)
        assert charge is not None
        assert charge.credits == kind.credits
        assert await program.spending.month_total(kind.provider) == kind.credits
        left = (await asyncio.to_thread(house.box.state))["credits"][kind.provider]
        assert credits - left == kind.credits
        assert house.paid() == kind.paid
        await asyncio.to_thread(house.check_nothing_left)


def test_the_command_line_does_the_same(house: House) -> None:
    ended = house.run(*house.order(AKOOL_SWAP))
    assert ended.code == 0, ended.err
    assert (ended.json["state"], ended.json["charge"], ended.json["provider"]) == ("succeeded", 4, "akool")
    assert house.paid() == AKOOL_SWAP.paid
    house.check_result(AKOOL_SWAP, ended.json["output"])
    house.check_nothing_left()
