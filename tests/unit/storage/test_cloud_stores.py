"""What is kept for providers on the internet: answers, mailboxes, hosted objects, remote results."""

from __future__ import annotations

import sqlite3

import pytest

from faceswap_desktop.domain.job import JobId, JobState, ResultId
from faceswap_desktop.storage.answers import AnswerStore
from faceswap_desktop.storage.database import Database
from faceswap_desktop.storage.hosted import HostedState, HostedStore
from faceswap_desktop.storage.ledger import Ledger
from faceswap_desktop.storage.mail import MailStore
from faceswap_desktop.storage.remote import RemoteResult, RemoteStore, write_remote
from faceswap_desktop.storage.results import ResultStore
from tests.unit.storage.builders import a_job, a_result

JOB = JobId("j1")


async def test_answers_are_kept_by_what_was_asked(db: Database) -> None:
    answers = AnswerStore(db)
    assert await answers.get("p", "extract", "d1") is None
    await answers.put("p", "extract", "d1", {"faces": "a 名"})
    await answers.put("p", "extract", "d1", {"faces": "b"})
    await answers.put("p", "other", "d1", {"faces": "c"})
    assert await answers.get("p", "extract", "d1") == {"faces": "b"}
    assert await answers.get("q", "extract", "d1") is None
    assert await answers.forget("p", "extract") == 1
    assert await answers.get("p", "extract", "d1") is None
    assert await answers.get("p", "other", "d1") == {"faces": "c"}


async def test_the_same_call_has_the_same_address(db: Database) -> None:
    mail = MailStore(db)
    first = await mail.open(JOB, "swap", "p", "one")
    assert (await mail.open(JOB, "swap", "p", "two")) == first
    await mail.deliver("one", "it")
    await mail.close(JOB)
    again = await mail.open(JOB, "swap", "p", "three")
    assert (again.secret, again.body) == ("three", None), "a call that is made once more has an address of its own"
    assert await mail.by_secret("one") is None
    assert (await mail.open(JOB, "reage", "p", "four")).secret == "four"
    with pytest.raises(sqlite3.IntegrityError):
        await mail.open(JobId("j2"), "swap", "p", "three")


async def test_the_first_delivery_stays_unless_it_is_to_be_replaced(db: Database) -> None:
    mail = MailStore(db)
    await mail.open(JOB, "swap", "p", "one")
    assert await mail.deliver("nobody's", "x") is None
    before = await mail.deliver("one", "first")
    assert before is not None
    assert before.received_at == 0.0
    again = await mail.deliver("one", "second")
    assert again is not None
    assert (again.body, again.received_at > 0) == ("first", True)
    assert await mail.deliver("one", "third", replace=True) is not None
    box = await mail.by_secret("one")
    assert box is not None
    assert box.body == "third"
    assert await mail.of(JOB, "swap") == box


async def test_a_call_that_is_made_once_more_does_not_get_what_came_for_the_one_before(db: Database) -> None:
    mail = MailStore(db)
    await mail.open(JOB, "swap", "p", "one")
    await mail.deliver("one", "it failed")
    # As long as it is open, it is the same call.
    assert (await mail.open(JOB, "swap", "p", "two")).body == "it failed"
    await mail.close(JOB)
    again = await mail.open(JOB, "swap", "p", "three")
    assert (again.secret, again.body, again.received_at, again.closed_at) == ("three", None, 0.0, 0.0)
    assert await mail.deliver("one", "late") is None
    assert await mail.deliver("three", "done") == again
    box = await mail.of(JOB, "swap")
    assert box is not None
    assert box.body == "done"


async def test_closed_mailboxes_take_nothing_and_go_later(db: Database) -> None:
    mail = MailStore(db)
    box = await mail.open(JOB, "swap", "p", "one")
    other = await mail.open(JobId("j2"), "swap", "p", "two")
    assert await mail.waiting() == [box, other]
    await mail.deliver("two", "x")
    assert await mail.waiting() == [box]
    assert [one.job for one in await mail.all_open()] == ["j1", "j2"]
    await mail.close(JOB)
    assert await mail.waiting() == []
    assert await mail.deliver("one", "late") is None
    assert await mail.forget_closed(0.0) == 0
    assert await mail.forget_closed(1e12) == 1
    assert await mail.of(JOB, "swap") is None
    assert await mail.of(JobId("j2"), "swap") is not None


async def test_hosted_objects_are_written_down_before_they_are_sent(db: Database) -> None:
    hosted = HostedStore(db)
    await Ledger(db).add(a_job("j1", state=JobState.PREPARING))
    planned = await hosted.plan("place", "key", JOB, "digest")
    assert planned.state is HostedState.PLANNED
    # It may be there already, but nobody may be told its address.
    assert await hosted.find("place", JOB, "digest") is None
    assert await hosted.of_job(JOB) == [planned]
    await hosted.placed("place", "key", 77.0)
    there = await hosted.find("place", JOB, "digest")
    assert there is not None
    assert (there.state, there.expires_at) == (HostedState.THERE, 77.0)
    assert await hosted.find("elsewhere", JOB, "digest") is None
    await hosted.deleted("place", "key")
    assert await hosted.find("place", JOB, "digest") is None
    assert await hosted.of_job(JOB) == []
    assert await hosted.forget_deleted(1e12) == 1


async def test_what_nobody_needs_any_more_is_found(db: Database) -> None:
    hosted = HostedStore(db)
    await Ledger(db).add_many(
        [a_job(state.value, state=state) for state in (JobState.QUEUED, JobState.UNCONFIRMED, JobState.FAILED)]
    )
    for job in ("queued", "unconfirmed", "failed", "no such job"):
        await hosted.plan("place", job, JobId(job), "digest")
    assert [one.key for one in await hosted.left_over()] == ["failed", "no such job"]


async def write(db: Database, *results: RemoteResult) -> None:
    for result in results:
        await db.write(lambda connection, result=result: write_remote(connection, result))  # type: ignore[misc]


async def test_remote_results_stay_until_the_job_and_its_result_are_gone(db: Database) -> None:
    remote, ledger, results = RemoteStore(db), Ledger(db), ResultStore(db)
    await ledger.add_many([a_job("j1", state=JobState.CANCELLED), a_job("j2", state=JobState.CANCELLED)])
    await results.add(a_result("r1", "j1"))
    await results.add(a_result("r3", "j3"))
    for job in ("j1", "j2", "j3"):
        await write(db, RemoteResult(JobId(job), "swap", "p", {"remote_id": job}, 1.0))
    await ledger.delete(JobId("j2"))
    assert await remote.of_job(JobId("j2")) == []
    await ledger.delete(JobId("j1"))
    assert len(await remote.of_job(JobId("j1"))) == 1
    await results.forget([ResultId("r1"), ResultId("r3")])
    assert await remote.of_job(JobId("j1")) == []
    assert await remote.of_job(JobId("j3")) == []


async def test_what_is_still_at_the_provider(db: Database) -> None:
    remote = RemoteStore(db)
    soon = RemoteResult(JobId("soon"), "swap", "p", {}, 1.0, 200.0)
    later = RemoteResult(JobId("later"), "swap", "p", {}, 2.0, 300.0)
    never = RemoteResult(JobId("never"), "swap", "q", {}, 3.0)
    await write(db, never, later, soon)
    assert await remote.there(now=100.0) == [soon, later, never]
    assert await remote.there("p", now=200.0) == [later]
    await remote.mark_deleted([later], when=150.0)
    assert await remote.there(now=100.0) == [soon, never]
    (gone,) = await remote.of_job(JobId("later"))
    assert gone.deleted_at == 150.0
    assert not gone.is_there(100.0)
    assert soon.is_there(100.0)
    assert not soon.is_there(200.0)
    assert never.is_there(1e12)


async def test_what_expires_first_is_fetched_first(db: Database) -> None:
    remote = RemoteStore(db)
    for job, expires in (("never", 0.0), ("later", 300.0), ("soon", 200.0), ("done", 100.0)):
        state = JobState.SUCCEEDED if job == "done" else JobState.FETCHING
        await Ledger(db).add(a_job(job, state=state))
        await write(db, RemoteResult(JobId(job), "swap", "p", {}, 1.0, expires))
    assert await remote.fetching_order() == ["soon", "later", "never"]
