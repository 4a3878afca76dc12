from __future__ import annotations

import asyncio
import os
import sqlite3
from dataclasses import replace
from itertools import pairwise

import pytest

from faceswap_desktop.domain.cloud import Charge
from faceswap_desktop.domain.errors import UsageError
from faceswap_desktop.domain.job import TRANSITIONS, Failure, Hold, Job, JobId, JobState, ResultId
from faceswap_desktop.domain.messages import message
from faceswap_desktop.storage.charges import Booking, OverBudget
from faceswap_desktop.storage.database import Database
from faceswap_desktop.storage.ledger import Along, JobStep, Ledger, TransitionRefused
from faceswap_desktop.storage.remote import RemoteResult
from tests.unit.storage.builders import JOURNEY, a_job, a_recipe

FAILURE = Failure("no-face", message("Face {n} is gone.", n=3), message("Choose another."), exit_code=3)


@pytest.fixture
def ledger(db: Database) -> Ledger:
    return Ledger(db)


async def test_a_job_comes_back_as_it_went_in(ledger: Ledger) -> None:
    job = a_job(
        "whole",
        recipe=a_recipe("/pictures/名前 'q\" \n.jpg", sources=(("s1", "Ada"), ("s2", "Bo"), ("s1", "Ada"))),
        state=JobState.FAILED,
        hold=Hold.DISK,
        cancel_requested=True,
        attempt=2,
        priority=-1.5,
        progress=0.25,
        started_at=1001.25,
        ended_at=1002.0,
        retry_at=1003.0,
        failure=FAILURE,
        result=ResultId("r9"),
        step="swap",
    )
    await ledger.add(job)
    assert await ledger.get(job.id) == job
    assert await ledger.list() == [job]


@pytest.mark.skipif(os.name != "posix", reason="names of bytes are POSIX")
async def test_a_picture_whose_name_is_no_text(ledger: Ledger) -> None:
    job = a_job(recipe=a_recipe(os.fsdecode(b"/pictures/no \xff text.jpg")))
    await ledger.add(job)
    stored = await ledger.get(job.id)
    assert stored is not None
    assert os.fsencode(stored.recipe.media.path) == b"/pictures/no \xff text.jpg"


async def test_there_is_no_such_job(ledger: Ledger) -> None:
    assert await ledger.get(JobId("nobody")) is None
    for call in (
        ledger.transition(JobId("nobody"), {JobState.QUEUED}, JobState.PREPARING),
        ledger.set_hold(JobId("nobody"), Hold.PAUSED),
        ledger.request_cancel(JobId("nobody")),
        ledger.delete(JobId("nobody")),
        ledger.reset_failed(JobId("nobody")),
    ):
        with pytest.raises(UsageError) as raised:
            await call
        assert raised.value.kind == "no-such-job"
        assert raised.value.message.text() == "There is no job nobody."


async def test_several_are_added_or_none(ledger: Ledger) -> None:
    await ledger.add(a_job("there"))
    with pytest.raises(sqlite3.IntegrityError):
        await ledger.add_many([a_job("new"), a_job("there")])
    assert [job.id for job in await ledger.list()] == ["there"]


@pytest.mark.parametrize("start", JobState)
@pytest.mark.parametrize("to", [state for state in JobState if state is not JobState.SUCCEEDED])
async def test_only_the_rules_steps_are_taken(ledger: Ledger, start: JobState, to: JobState) -> None:
    await ledger.add(a_job(state=start, failure=FAILURE))
    if to in TRANSITIONS[start]:
        assert (await ledger.transition(JobId("j1"), set(JobState), to)).state is to
    else:
        error: type[Exception] = (
            TransitionRefused if any(to in following for following in TRANSITIONS.values()) else ValueError
        )
        with pytest.raises(error):
            await ledger.transition(JobId("j1"), set(JobState), to)
    stored = await ledger.get(JobId("j1"))
    assert stored is not None
    assert stored.state is (to if to in TRANSITIONS[start] else start)


async def test_a_job_that_moved_on_is_not_moved(ledger: Ledger) -> None:
    await ledger.add(a_job(state=JobState.RUNNING))
    with pytest.raises(TransitionRefused) as raised:
        await ledger.transition(JobId("j1"), {JobState.QUEUED}, JobState.CANCELLED)
    assert raised.value.job == a_job(state=JobState.RUNNING)
    assert raised.value.message.text() == "Job j1 is running and cannot become cancelled."


async def test_callers_mistakes_are_no_refusals(ledger: Ledger) -> None:
    await ledger.add(a_job())
    with pytest.raises(ValueError, match="no transition"):
        await ledger.transition(JobId("j1"), {JobState.QUEUED}, JobState.FINISHING)
    with pytest.raises(ValueError, match="ResultStore"):
        await ledger.transition(JobId("j1"), {JobState.FINISHING}, JobState.SUCCEEDED)
    with pytest.raises(ValueError, match="recipe"):
        await ledger.transition(JobId("j1"), {JobState.QUEUED}, JobState.PREPARING, recipe=a_recipe())
    assert await ledger.get(JobId("j1")) == a_job()


async def test_changes_are_stored_with_the_transition(ledger: Ledger) -> None:
    await ledger.add(a_job(state=JobState.PREPARING))
    job = await ledger.transition(
        JobId("j1"), {JobState.PREPARING}, JobState.FAILED, failure=FAILURE, attempt=2, step="write", ended_at=1234.5
    )
    assert job == a_job(state=JobState.FAILED, failure=FAILURE, attempt=2, step="write", ended_at=1234.5)
    assert await ledger.get(JobId("j1")) == job


async def test_an_end_is_clean(ledger: Ledger) -> None:
    await ledger.add(a_job(state=JobState.RUNNING, hold=Hold.PAUSED, cancel_requested=True, retry_at=9.0))
    job = await ledger.transition(JobId("j1"), {JobState.RUNNING}, JobState.CANCELLED)
    assert (job.hold, job.cancel_requested, job.retry_at) == (None, False, 0.0)
    assert job.ended_at > 0


async def test_starting_over_keeps_attempts_priority_and_hold(ledger: Ledger) -> None:
    running = a_job(
        state=JobState.RUNNING, attempt=1, priority=4.0, progress=0.6, started_at=7.0, step="swap", hold=Hold.PAUSED
    )
    await ledger.add(running)
    job = await ledger.transition(JobId("j1"), {JobState.RUNNING}, JobState.QUEUED)
    assert job == replace(running, state=JobState.QUEUED, progress=0.0, started_at=0.0, step="")


@pytest.mark.parametrize("state", [JobState.FAILED, JobState.CANCELLED])
async def test_retry(ledger: Ledger, state: JobState) -> None:
    await ledger.add(
        a_job(state=state, attempt=2, failure=FAILURE, ended_at=5.0, hold=Hold.DISK, cancel_requested=True)
    )
    assert await ledger.reset_failed(JobId("j1")) == a_job(attempt=2)
    with pytest.raises(TransitionRefused):
        await ledger.reset_failed(JobId("j1"))


async def test_hold_and_cancel_touch_only_what_is_unfinished(ledger: Ledger) -> None:
    await ledger.add_many([a_job("runs", state=JobState.RUNNING), a_job("ended", state=JobState.CANCELLED)])
    assert (await ledger.set_hold(JobId("runs"), Hold.NETWORK)).hold is Hold.NETWORK
    assert (await ledger.set_hold(JobId("runs"), None)).hold is None
    assert (await ledger.set_retry_at(JobId("runs"), 77.0)).retry_at == 77.0
    assert (await ledger.request_cancel(JobId("runs"))).cancel_requested
    assert await ledger.set_hold(JobId("ended"), Hold.PAUSED) == a_job("ended", state=JobState.CANCELLED)
    assert await ledger.request_cancel(JobId("ended")) == a_job("ended", state=JobState.CANCELLED)


async def test_the_next_one(ledger: Ledger) -> None:
    await ledger.add_many(
        [
            a_job("later", priority=2.0),
            a_job("second", priority=1.0, created_at=11.0),
            a_job("first", priority=1.0, created_at=10.0),
            a_job("other", priority=0.0, recipe=a_recipe(provider="elsewhere")),
            a_job("held", priority=-1.0, hold=Hold.PAUSED),
            a_job("waits", priority=-1.0, retry_at=5000.0),
            a_job("unwanted", priority=-1.0, cancel_requested=True),
            a_job("runs", priority=-1.0, state=JobState.RUNNING),
        ]
    )

    async def following(*taken: str, **options: float) -> str | None:
        job = await ledger.next_queued([JobId(one) for one in taken], exclude_providers={"elsewhere"}, now=4000.0)
        return job.id if job else None

    assert await following() == "first"
    assert await following("first") == "second"
    assert await following("first", "second") == "later"
    assert await following("first", "second", "later") is None
    unlimited = await ledger.next_queued(now=4000.0)
    assert unlimited is not None
    assert unlimited.id == "other"
    later = await ledger.next_queued(now=5000.0)
    assert later is not None
    assert later.id == "waits"
    assert await ledger.next_retry_at(now=4000.0) == 5000.0
    assert await ledger.next_retry_at(now=5000.0) is None


async def test_reordering(ledger: Ledger) -> None:
    await ledger.add_many([a_job(name, created_at=float(place)) for place, name in enumerate("abc")])
    assert [job.id for job in await ledger.unfinished()] == ["a", "b", "c"]
    changed = await ledger.set_priority({JobId("c"): -2.0, JobId("b"): -1.0, JobId("gone"): 0.0})
    assert [(job.id, job.priority) for job in changed] == [("c", -2.0), ("b", -1.0)]
    assert [job.id for job in await ledger.unfinished()] == ["c", "b", "a"]


async def test_lists_and_counts(ledger: Ledger) -> None:
    for place, state in enumerate(JobState):
        await ledger.add(a_job(state.value, state=state, created_at=float(place)))
    newest_first = [state.value for state in reversed(JobState)]
    assert [job.id for job in await ledger.list()] == newest_first
    assert [job.id for job in await ledger.list(limit=3, offset=2)] == newest_first[2:5]
    assert [job.id for job in await ledger.list({JobState.FAILED, JobState.QUEUED})] == ["failed", "queued"]
    assert await ledger.list([]) == []
    assert {job.state for job in await ledger.unfinished()} == {state for state in JobState if not state.is_final}
    assert await ledger.counts() == dict.fromkeys(JobState, 1)


async def test_only_ended_jobs_are_deleted_and_their_steps_with_them(ledger: Ledger, db: Database) -> None:
    await ledger.add(a_job(state=JobState.RUNNING))
    await ledger.set_steps(JobId("j1"), [JobStep("swap")])
    with pytest.raises(TransitionRefused) as raised:
        await ledger.delete(JobId("j1"))
    assert raised.value.message.text() == "Job j1 is running and cannot become deleted."
    await ledger.transition(JobId("j1"), {JobState.RUNNING}, JobState.CANCELLED)
    await ledger.delete(JobId("j1"))
    assert await ledger.list() == []
    assert await db.read(lambda c: c.execute("SELECT count(*) FROM job_steps").fetchone()[0]) == 0


async def test_steps(ledger: Ledger) -> None:
    await ledger.add(a_job())
    steps = (JobStep("prepare", "done"), JobStep("submit", "sent", {"remote": "id 名"}, 2, {"credits": 1.5}))
    assert await ledger.steps(JobId("j1")) == ()
    await ledger.set_steps(JobId("j1"), steps)
    assert await ledger.steps(JobId("j1")) == steps
    await ledger.set_steps(JobId("j1"), steps[1:])
    assert await ledger.steps(JobId("j1")) == steps[1:]


async def test_photos_that_unfinished_jobs_need(ledger: Ledger) -> None:
    await ledger.add_many(
        [
            a_job("waits", recipe=a_recipe(sources=(("s1", "Ada"), ("s2", "Bo")))),
            a_job("over", recipe=a_recipe(sources=(("s3", "Cy"),)), state=JobState.CANCELLED),
        ]
    )
    assert await ledger.photos_in_use() == {"s1-p1", "s1-p2", "s2-p1", "s2-p2"}


async def test_two_processes_cannot_take_one_job(ledger: Ledger, db: Database) -> None:
    await ledger.add(a_job())
    other_db = await Database.open(db.path)
    taken = await asyncio.gather(
        *(one.transition(JobId("j1"), {JobState.QUEUED}, JobState.PREPARING) for one in (ledger, Ledger(other_db))),
        return_exceptions=True,
    )
    await other_db.close()
    (refused,) = [one for one in taken if isinstance(one, TransitionRefused)]
    assert refused.job is not None
    assert [one for one in taken if isinstance(one, Job)] == [refused.job]


async def test_the_whole_way(ledger: Ledger) -> None:
    await ledger.add(a_job())
    for start, to in pairwise(JOURNEY):
        await ledger.transition(JobId("j1"), {start}, to)
    assert await ledger.get(JobId("j1")) == a_job(state=JobState.FINISHING)


async def test_what_is_said_along_with_a_change_is_all_committed_or_none(ledger: Ledger) -> None:
    await ledger.add(a_job(state=JobState.PREPARING))
    sent = JobStep("swap", "sent", {"prepared": {}, "values": {}}, 1, {"credits": 4.0, "is_estimate": True})
    booking = Booking(JobId("j1"), "swap", 1, "akool", 4.0)
    remote = RemoteResult(JobId("j1"), "swap", "akool", {"remote_id": "r"}, 1.0)
    along = Along((sent,), booking, 3.0, remote)
    with pytest.raises(OverBudget):
        await ledger.transition(JobId("j1"), {JobState.PREPARING}, JobState.SUBMITTING, along=along)
    assert await ledger.get(JobId("j1")) == a_job(state=JobState.PREPARING)
    assert await ledger.steps(JobId("j1")) == ()
    await ledger.transition(JobId("j1"), {JobState.PREPARING}, JobState.SUBMITTING, along=replace(along, monthly_cap=0))
    assert await ledger.steps(JobId("j1")) == (sent,)
    assert await ledger.charges.charge_of(JobId("j1")) == Charge(4.0, is_estimate=True)
    assert await ledger.remote.of_job(JobId("j1")) == [remote]
    # Another step that is refused leaves all of it as it is.
    with pytest.raises(TransitionRefused):
        await ledger.transition(JobId("j1"), {JobState.QUEUED}, JobState.FAILED, along=Along(()))
    assert await ledger.steps(JobId("j1")) == (sent,)


async def test_only_queued_jobs_of_which_nothing_was_sent_are_held_together(ledger: Ledger) -> None:
    await ledger.add_many(
        [
            a_job("fresh"),
            a_job("done once"),
            a_job("held", hold=Hold.PAUSED),
            a_job("runs", state=JobState.RUNNING),
            a_job("elsewhere", recipe=a_recipe(provider="elsewhere")),
        ]
    )
    await ledger.set_steps(JobId("done once"), [JobStep("swap", "done")])
    await ledger.set_steps(JobId("fresh"), [JobStep("work", "waiting"), JobStep("swap", "refused")])
    assert [job.id for job in await ledger.holds.untouched("on-device")] == ["fresh"]
    held = await ledger.holds.hold_queued([JobId("fresh"), JobId("held"), JobId("runs"), JobId("gone")], Hold.CREDITS)
    assert [(job.id, job.hold) for job in held] == [("fresh", Hold.CREDITS)]
    assert await ledger.holds.release(Hold.CREDITS, "elsewhere") == []
    (freed,) = await ledger.holds.release(Hold.CREDITS)
    assert (freed.id, freed.hold) == ("fresh", None)
    stored = await ledger.get(JobId("held"))
    assert stored is not None
    assert stored.hold is Hold.PAUSED


async def test_waiting_for_the_network_ends_by_itself(ledger: Ledger) -> None:
    await ledger.add_many([a_job("runs", state=JobState.RUNNING), a_job("paused", hold=Hold.PAUSED), a_job("queued")])
    waiting = await ledger.holds.wait_until(JobId("runs"), Hold.NETWORK, 50.0)
    assert (waiting.hold, waiting.retry_at) == (Hold.NETWORK, 50.0)
    assert (await ledger.holds.wait_until(JobId("paused"), Hold.NETWORK, 40.0)).hold is Hold.PAUSED
    await ledger.holds.wait_until(JobId("queued"), Hold.NETWORK, 0.0)
    assert await ledger.next_retry_at(now=10.0) == 50.0
    assert await ledger.holds.release(Hold.NETWORK, due=49.0) == []
    (freed,) = await ledger.holds.release(Hold.NETWORK, due=50.0)
    assert (freed.id, freed.hold, freed.retry_at) == ("runs", None, 0.0)
    # One without a time waits for somebody.
    assert await ledger.next_retry_at(now=10.0) is None
    assert [job.id for job in await ledger.on_hold(Hold.NETWORK)] == ["queued"]
    assert (await ledger.resume(JobId("queued"))).hold is None


async def test_priority_of_the_last(ledger: Ledger) -> None:
    assert await ledger.last_priority() is None
    await ledger.add_many([a_job("a", priority=3.0), a_job("b", priority=9.0, state=JobState.FAILED)])
    assert await ledger.last_priority() == 3.0
