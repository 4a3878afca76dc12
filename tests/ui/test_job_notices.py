"""Jobs that need the user are told of, on the strip and by the desktop; each batch once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from faceswap_desktop.compose import Program
from faceswap_desktop.domain.events import JobChanged
from faceswap_desktop.domain.job import Failure, Hold, Job, JobId, JobState
from faceswap_desktop.domain.messages import message
from faceswap_desktop.ui.context import AppContext
from faceswap_desktop.ui.job_notices import JobNotices
from tests.ui.conftest import until
from tests.ui.gallery.conftest import a_recipe

UNKNOWN = Failure("unconfirmed", message("It may have been charged."), message("Look at your account there."))


def a_job(number: int, provider: str = "akool", **changes: object) -> Job:
    job = Job(JobId(f"j{number}"), replace(a_recipe(), provider=provider), priority=float(number))
    return replace(job, **changes)  # type: ignore[arg-type]


@pytest.fixture
def told(context: AppContext) -> list[str]:
    """Return what the desktop is told."""
    found: list[str] = []
    JobNotices(context, lambda _title, text: found.append(text), context.signals)
    return found


def publish(program: Program, *jobs: Job) -> None:
    for job in jobs:
        program.bus.publish(JobChanged(job))


async def test_a_batch_that_is_held_is_told_of_once(program: Program, told: list[str]) -> None:
    jobs = [a_job(number, hold=Hold.CREDITS) for number in range(20)]
    publish(program, *jobs)
    await until(lambda: told)
    assert told == ["20 jobs wait: the account at AKOOL has too little left."]
    publish(program, *jobs, a_job(99, provider="aigs", hold=Hold.TERMS))
    await until(lambda: len(told) == 2)
    assert told[1] == "1 job waits: ai-gs wants its terms to be accepted first.", "the others were told of already"


async def test_one_that_waits_again_is_told_of_again(program: Program, told: list[str]) -> None:
    job = a_job(1, hold=Hold.BUDGET)
    publish(program, job)
    await until(lambda: len(told) == 1)
    publish(program, replace(job, hold=None), job)
    await until(lambda: len(told) == 2)


async def test_pauses_and_the_network_are_not_worth_it(program: Program, told: list[str]) -> None:
    publish(program, a_job(1, hold=Hold.PAUSED), a_job(2, hold=Hold.NETWORK), a_job(3, hold=Hold.HOSTING))
    await until(lambda: told)
    assert told == ["1 job waits: AKOOL fetches files from an address, and there is no place for them yet."]


async def test_what_waits_for_its_signer_is_told_of_until_it_is_signed(
    program: Program, context: AppContext, told: list[str]
) -> None:
    went: list[str] = []
    context.navigator.requested.connect(lambda page, _payload: went.append(page))
    why = Failure("certificate", message("“my.pem” was not found."))
    job = a_job(1, state=JobState.FINISHING, hold=Hold.SIGNER, failure=why)
    publish(program, job)
    await until(lambda: context.notifications.history)
    notice = context.notifications.history[-1]
    assert notice.text == "1 result is made and waits to be signed. “my.pem” was not found."
    assert notice.action is not None
    notice.action()
    assert went == ["gallery"]
    publish(program, replace(job, hold=None), job, a_job(2, hold=Hold.BUDGET))
    await until(lambda: told)
    assert list(context.notifications.history) == [notice], "another try is no news"
    assert context.notifications._waiting
    publish(program, replace(job, hold=None, failure=None, state=JobState.SUCCEEDED))
    await until(lambda: not context.notifications._waiting)


async def test_an_unconfirmed_one_is_on_the_strip_until_it_is_settled(
    program: Program, context: AppContext, told: list[str]
) -> None:
    went: list[str] = []
    context.navigator.requested.connect(lambda page, _payload: went.append(page))
    job = a_job(1, state=JobState.UNCONFIRMED, failure=UNKNOWN)
    publish(program, job)
    await until(lambda: told)
    notice = context.notifications.history[-1]
    assert notice.text == told[0] == "It may have been charged. Look at your account there."
    assert notice.action is not None
    notice.action()
    assert went == ["gallery"]
    assert context.notifications._waiting
    publish(program, replace(job, state=JobState.DISMISSED))
    await until(lambda: not context.notifications._waiting)


async def test_who_wants_no_notifications_gets_none(program: Program, context: AppContext, told: list[str]) -> None:
    await program.settings.update("jobs", notify_when_done=False)
    publish(program, a_job(1, state=JobState.UNCONFIRMED, failure=UNKNOWN))
    await until(lambda: context.notifications.history)
    assert told == []
