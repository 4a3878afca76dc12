"""What goes wrong at services, and with the way there: each job ends well, waits, or says what may have happened."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import pytest

from faceswap_desktop.compose import Program
from faceswap_desktop.domain.job import Hold, Job, JobId, JobState
from tests.e2e.clouds import AIGS, AKOOL_SWAP, ONE_FACE, PLUS, House, Kind
from tests.e2e.program import LIMIT_S

ONE_OF_EACH = (AKOOL_SWAP, ONE_FACE, AIGS)


async def jobs_of(program: Program, ids: Iterable[JobId]) -> list[Job]:
    return [job for one in ids if (job := await program.queue.job(one)) is not None]


async def until_all(program: Program, ids: Iterable[JobId], *states: JobState | Hold) -> list[Job]:
    """Wait until each of the jobs is in one of these states, or held for one of these reasons."""
    wanted = list(ids)
    async with asyncio.timeout(LIMIT_S):
        while True:
            jobs = await jobs_of(program, wanted)
            if all(job.state in states or job.hold in states for job in jobs):
                return jobs
            assert not [job for job in jobs if job.state.is_final and job.state not in states], jobs
            await asyncio.sleep(0.02)


async def check_all_made(house: House, program: Program, ids: Iterable[JobId], kinds: Iterable[Kind]) -> None:
    jobs = await until_all(program, ids, JobState.SUCCEEDED)
    for job, kind in zip(jobs, kinds, strict=True):
        result = await program.gallery.result_of(job.id)
        assert result is not None
        await asyncio.to_thread(house.check_result, kind, result.path)
    await asyncio.to_thread(house.check_nothing_left)


async def lost_webhooks(house: House) -> int:
    state = await asyncio.to_thread(house.box.state)
    return sum(one["error"] == "lost" for one in state["webhooks"])


def paid_once(*kinds: Kind) -> dict[str, int]:
    return dict(sorted(item for kind in kinds for item in kind.paid.items()))


async def test_what_costs_nothing_is_tried_again_and_what_is_refused_is_sent_again(house: House) -> None:
    house.box.faults(
        akool=["html@detect_faces:1", "html@listbyids:1", "rate-limit:2", "half-a-file:1", "slow@results:1"],
        aifaceswap=["rate-limit:1", "half-a-file:2", "double-webhook:1"],
        aigs=["rate-limit:1", "slow:1", "half-a-file:1"],
    )
    async with house.program() as program:
        ids = await house.submit(program, *ONE_OF_EACH)
        await check_all_made(house, program, ids, ONE_OF_EACH)
        assert house.paid() == paid_once(*ONE_OF_EACH)
        left = (await asyncio.to_thread(house.box.state))["faults"]
        assert not any(left.values()), left


async def test_an_answer_that_is_lost_is_told_and_sent_again_by_the_user_only(house: House) -> None:
    house.box.faults(
        akool=["dropped-answer:1"],
        aifaceswap=["server-error-after-work:1", "lost-webhook:1"],
        aigs=["missing-fields:1"],
    )
    async with house.program() as program:
        ids = await house.submit(program, *ONE_OF_EACH)
        jobs = await until_all(program, ids, JobState.UNCONFIRMED)
        for job in jobs:
            assert job.failure is not None
            assert job.failure.exit_code == 6
            assert any(words in str(job.failure.message) for words in ("may have", "cannot be told"))
        assert "4 credits were taken" in str(jobs[0].failure.hint if jobs[0].failure else "")
        # Whatever wakes the runner, nothing is sent.
        await program.queue.resume(ids)
        await program.queue.retry(ids)
        assert [job.state for job in await program.swapping.wait(ids)] == [JobState.UNCONFIRMED] * 3
        assert house.paid() == paid_once(*ONE_OF_EACH)
        # The delivery that is lost has to be the first call's, whose work may not be done yet.
        async with asyncio.timeout(LIMIT_S):
            while any((await asyncio.to_thread(house.box.state))["faults"].values()):  # noqa: ASYNC110 - another process has them
                await asyncio.sleep(0.05)
        await program.queue.send_again(ids)
        await check_all_made(house, program, ids, ONE_OF_EACH)
        assert house.paid() == dict.fromkeys(paid_once(*ONE_OF_EACH), 2)


async def test_a_delivery_settles_what_the_answer_left_open(house: House) -> None:
    house.box.faults(aifaceswap=["dropped-answer:1"])
    async with house.program() as program:
        ids = await house.submit(program, ONE_FACE)
        await check_all_made(house, program, ids, [ONE_FACE])
        assert house.paid() == ONE_FACE.paid


@pytest.mark.parametrize("fault", ["dropped-answer", "lost-webhook", "forged-webhook", "double-webhook"])
@pytest.mark.allow_logs  # a forged delivery is logged, unless the poll was quicker
async def test_akools_signed_deliveries(house: House, fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FACESWAP_AKOOL_API_KEY")
    monkeypatch.setenv("FACESWAP_AKOOL_CLIENT_ID", "sandbox-id")
    # As long as a key of AES.
    monkeypatch.setenv("FACESWAP_AKOOL_CLIENT_SECRET", "sandbox-secret-of-tests-")
    house.box.faults(akool=[f"{fault}:1"])
    async with house.program() as program:
        await program.settings.update("providers.akool", webhook=True)
        ids = await house.submit(program, AKOOL_SWAP)
        await check_all_made(house, program, ids, [AKOOL_SWAP])
        assert house.paid() == AKOOL_SWAP.paid
        async with asyncio.timeout(LIMIT_S):
            while (await asyncio.to_thread(house.box.state))["faults"]["akool"]:  # noqa: ASYNC110 - it does not tell
                await asyncio.sleep(0.05)


async def test_a_forged_delivery_is_not_used_and_said(house: House) -> None:
    house.box.faults(aifaceswap=["forged-webhook:1"])
    async with house.program() as program:
        [job] = await until_all(program, await house.submit(program, ONE_FACE), JobState.FAILED)
        assert job.failure is not None
        assert "belongs to another task" in str(job.failure.message)
        assert house.results() == []
        assert house.paid() == ONE_FACE.paid


async def test_credits_that_end_in_the_middle_of_a_batch_hold_the_rest(house: House) -> None:
    credits = f"{house.box.where['sandbox']}/sandbox/credits"
    house.box.client.post(credits, json={"akool": 9})
    async with house.program() as program:
        ids = await house.submit(program, *[AKOOL_SWAP] * 5)
        await until_all(program, ids, JobState.SUCCEEDED, Hold.CREDITS)
        assert house.paid() == {f"akool/{PLUS}": 2}
        held = [job for job in await jobs_of(program, ids) if job.hold is Hold.CREDITS]
        assert [job.state for job in held] == [JobState.QUEUED] * 3
        house.box.client.post(credits, json={"akool": 1000})
        assert len(await program.queue.release(Hold.CREDITS, "akool")) == 3
        await check_all_made(house, program, ids, [AKOOL_SWAP] * 5)
        assert house.paid() == {f"akool/{PLUS}": 5}


async def test_a_job_that_the_service_fails_says_so_and_another_try_is_another_call(house: House) -> None:
    house.box.faults(akool=["failed-job:1"], aifaceswap=["no-face:1"], aigs=["no-face:1"])
    async with house.program() as program:
        ids = await house.submit(program, *ONE_OF_EACH)
        jobs = await until_all(program, ids, JobState.FAILED)
        failures = [job.failure for job in jobs if job.failure is not None]
        assert "generate temp file error" in str(failures[0].message)
        assert [failure.exit_code for failure in failures] == [4, 4, 4]
        await program.queue.retry(ids)
        await check_all_made(house, program, ids, ONE_OF_EACH)
        assert house.paid() == {f"akool/{PLUS}": 2, "aifaceswap/faceswap": 2, "aigs/faceswap": 1}


async def test_a_webhook_that_is_lost_leaves_the_job_waiting_until_the_user_ends_it(house: House) -> None:
    house.box.faults(aifaceswap=["lost-webhook:1"])
    async with house.program() as program:
        lost = await lost_webhooks(house)
        ids = await house.submit(program, ONE_FACE)
        async with asyncio.timeout(LIMIT_S):
            while await lost_webhooks(house) == lost:  # noqa: ASYNC110 - the sandbox does not tell
                await asyncio.sleep(0.05)
        await until_all(program, ids, JobState.RUNNING)
        assert program.cloud.mailbox.waiting_jobs == tuple(ids)
        await program.queue.cancel(ids)
        await until_all(program, ids, JobState.CANCELLED)
        assert house.paid() == ONE_FACE.paid
