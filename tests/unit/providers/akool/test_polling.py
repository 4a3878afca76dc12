"""Asking after jobs: all at once, seldom, and not at all while nobody waits."""

import asyncio
from collections.abc import Sequence

import pytest

from faceswap_desktop.domain.errors import ProviderRejected, ProviderUnavailable
from faceswap_desktop.domain.messages import message
from faceswap_desktop.providers.akool.codes import bad_answer, refusal
from faceswap_desktop.providers.akool.polling import Pace, Poller
from faceswap_desktop.providers.akool.replies import JobStatus, ResultRow, Results

QUICK = Pace(first_s=0.001, longest_s=0.002, longest_for_long_s=0.002, missing_s=0.0)
PATIENT = Pace(first_s=0.001, longest_s=0.002, longest_for_long_s=0.002, missing_s=1e6)


def row(job: str, status: JobStatus, progress: float | None = None) -> ResultRow:
    url = f"https://results.example.com/{job}" if status is JobStatus.DONE else ""
    return ResultRow(job, status, url, progress=progress)


class Service:
    """Knows jobs, and counts how often it is asked."""

    def __init__(self) -> None:
        self.rows: dict[str, ResultRow] = {}
        self.looks: list[list[str]] = []
        self.errors: list[Exception] = []
        self.looked = asyncio.Event()

    async def look(self, ids: Sequence[str]) -> Results:
        self.looks.append(list(ids))
        self.looked.set()
        await asyncio.sleep(0)
        if self.errors:
            raise self.errors.pop(0)
        return Results({one: self.rows[one] for one in ids if one in self.rows}, {})

    async def next_look(self) -> None:
        self.looked.clear()
        await self.looked.wait()


def nobody(seen: ResultRow) -> None:
    del seen


async def test_200_jobs_cost_one_request_per_tick() -> None:
    service = Service()
    poller = Poller(service.look, PATIENT)
    names = [f"job-{number}" for number in range(200)]
    waiting = [asyncio.ensure_future(poller.wait(name, nobody)) for name in names]
    await service.next_look()
    assert [sorted(look) for look in service.looks] == [sorted(names)]
    service.rows = {name: row(name, JobStatus.DONE) for name in names}
    done = await asyncio.gather(*waiting)
    assert [one.id for one in done] == names
    assert all(len(look) == 200 for look in service.looks)
    assert not poller.is_running


async def test_no_timer_runs_while_nobody_waits() -> None:
    service = Service()
    poller = Poller(service.look, PATIENT)
    assert not poller.is_running
    waiting = asyncio.ensure_future(poller.wait("a", nobody))
    await service.next_look()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert not poller.is_running
    service.rows["b"] = row("b", JobStatus.DONE)
    assert (await poller.wait("b", nobody)).id == "b"
    assert service.looks[-1] == ["b"]


async def test_changes_are_told_once() -> None:
    service = Service()
    poller = Poller(service.look, PATIENT)
    seen: list[tuple[JobStatus, float | None]] = []
    service.rows["a"] = row("a", JobStatus.QUEUED)
    waiting = asyncio.ensure_future(poller.wait("a", lambda one: seen.append((one.status, one.progress))))
    for _ in range(3):
        await service.next_look()
    service.rows["a"] = row("a", JobStatus.PROCESSING, 0.5)
    for _ in range(3):
        await service.next_look()
    service.rows["a"] = row("a", JobStatus.DONE)
    await waiting
    assert seen == [(JobStatus.QUEUED, None), (JobStatus.PROCESSING, 0.5)]


async def test_a_job_that_is_not_listed_yet_is_waited_for() -> None:
    service = Service()
    poller = Poller(service.look, PATIENT)
    waiting = asyncio.ensure_future(poller.wait("a", nobody))
    for _ in range(4):
        await service.next_look()
    # Done, but still without its address.
    service.rows["a"] = ResultRow("a", JobStatus.DONE)
    for _ in range(3):
        await service.next_look()
    service.rows["a"] = row("a", JobStatus.DONE)
    assert (await waiting).url


async def test_a_job_that_stays_unknown_is_given_up() -> None:
    poller = Poller(Service().look, QUICK)
    with pytest.raises(ProviderRejected) as caught:
        await poller.wait("a", nobody)
    assert caught.value.kind == "unknown", "which keeps what is known of the call: another try pays nothing"


async def test_a_row_that_cannot_be_read_fails_its_own_job_only() -> None:
    async def look(ids: Sequence[str]) -> Results:
        return Results({one: row(one, JobStatus.DONE) for one in ids if one == "b"}, {"a": "url is no address"})

    poller = Poller(look, QUICK)
    first, second = await asyncio.gather(poller.wait("a", nobody), poller.wait("b", nobody), return_exceptions=True)
    assert isinstance(first, ProviderRejected)
    assert first.kind == "bad-answer"
    assert isinstance(second, ResultRow)


async def test_a_job_that_failed_says_why_in_akools_words() -> None:
    service = Service()
    service.rows["a"] = ResultRow("a", JobStatus.FAILED, said="<b>{generate} temp file error</b>")
    with pytest.raises(ProviderRejected) as caught:
        await Poller(service.look, PATIENT).wait("a", nobody)
    assert caught.value.kind == "failed"
    assert caught.value.message.values["said"] == "<b>{generate} temp file error</b>"


def away() -> ProviderUnavailable:
    return ProviderUnavailable(message("away"), kind="offline")


async def test_looks_that_fail_are_borne_for_a_while() -> None:
    service = Service()
    service.errors = [away() for _ in range(4)]
    service.rows["a"] = row("a", JobStatus.DONE)
    assert (await Poller(service.look, PATIENT).wait("a", nobody)).url
    assert len(service.looks) == 5


async def test_everybody_is_told_when_akool_stays_away() -> None:
    service = Service()
    service.errors = [away() for _ in range(5)]
    poller = Poller(service.look, PATIENT)
    found = await asyncio.gather(*(poller.wait(one, nobody) for one in "abc"), return_exceptions=True)
    assert [getattr(one, "kind", "") for one in found] == ["offline"] * 3
    assert not poller.is_running


async def test_answers_that_make_no_sense_end_no_job_that_is_paid_for() -> None:
    service = Service()
    service.errors = [bad_answer("data is no object") for _ in range(5)]
    poller = Poller(service.look, PATIENT)
    found = await asyncio.gather(*(poller.wait(one, nobody) for one in "ab"), return_exceptions=True)
    # So the jobs wait, and are looked after again.
    assert [type(one) for one in found] == [ProviderUnavailable] * 2
    assert "data is no object" in str(found[0])
    service.rows["a"] = row("a", JobStatus.DONE)
    assert (await poller.wait("a", nobody)).url


@pytest.mark.parametrize("code", [1003, 1008, 1010, 1014, 1016, 4711])
async def test_a_question_that_is_refused_ends_no_job_that_is_paid_for(code: int) -> None:
    service = Service()
    service.errors = [refusal(code, "maintenance") for _ in range(5)]
    poller = Poller(service.look, PATIENT)
    found = await asyncio.gather(*(poller.wait(one, nobody) for one in "ab"), return_exceptions=True)
    assert [type(one) for one in found] == [ProviderUnavailable] * 2
    assert "maintenance" in str(found[0])
    service.rows["a"] = row("a", JobStatus.DONE)
    assert (await poller.wait("a", nobody)).url


async def test_everybody_is_told_of_a_key_that_is_not_taken() -> None:
    service = Service()
    service.errors = [refusal(1101)]
    poller = Poller(service.look, PATIENT)
    found = await asyncio.gather(*(poller.wait(one, nobody) for one in "ab"), return_exceptions=True)
    assert [getattr(one, "kind", "") for one in found] == ["account"] * 2


@pytest.mark.allow_logs
async def test_nobody_waits_for_ever_after_a_bug() -> None:
    service = Service()
    service.errors = [KeyError("bug")]
    poller = Poller(service.look, PATIENT)
    with pytest.raises(KeyError):
        await poller.wait("a", nobody)
    service.rows["b"] = row("b", JobStatus.DONE)
    assert (await poller.wait("b", nobody)).url
