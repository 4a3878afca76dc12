"""Jobs that wait for something of the settings go on when it is changed there; the sandbox needs no key."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from faceswap_desktop.compose import Program
from faceswap_desktop.domain.errors import ProviderUnavailable
from faceswap_desktop.domain.events import AddressesChanged, Event, JobChanged
from faceswap_desktop.domain.job import Hold, Job
from faceswap_desktop.domain.messages import message
from faceswap_desktop.services.accounts import RELAY_SECRET, S3_SECRETS
from faceswap_desktop.services.sandbox_process import SandboxProcess
from faceswap_desktop.storage.ledger import Ledger
from tests.unit.services.conftest import a_recipe, until


async def held(program: Program, hold: Hold) -> Job:
    [job] = await program.queue.add([replace(a_recipe(), provider="akool")])
    return await Ledger(program.database).set_hold(job.id, hold)


async def holds(program: Program) -> set[Hold | None]:
    return {job.hold for job in await program.queue.open_jobs()}


@pytest.mark.parametrize(
    ("hold", "section", "changes"),
    [
        (Hold.HOSTING, "hosting.s3", {"bucket": "media-of-mine"}),
        (Hold.WEBHOOK, "webhook", {"public_url": "https://example.com/in"}),
        (Hold.BUDGET, "budget", {"monthly_cap": 500.0}),
    ],
)
async def test_a_change_of_a_setting_frees_who_waited_for_it(
    program: Program, events: list[Event], hold: Hold, section: str, changes: dict[str, Any]
) -> None:
    job, other = await held(program, hold), await held(program, Hold.CREDITS)
    await program.settings.update(section, **changes)

    def freed() -> set[object]:
        return {event.job.id for event in events if isinstance(event, JobChanged) and event.job.hold is None}

    await until(lambda: job.id in freed(), 60)
    assert {one.id: one.hold for one in await program.queue.open_jobs()} == {job.id: None, other.id: Hold.CREDITS}


async def test_keys_of_the_bucket_and_the_relay_free_jobs_too(program: Program) -> None:
    await held(program, Hold.HOSTING)
    await held(program, Hold.WEBHOOK)
    await program.accounts.set_secrets({S3_SECRETS[0]: "me", S3_SECRETS[1]: "not-a-real-key"})
    assert await holds(program) == {None, Hold.WEBHOOK}
    await program.accounts.set_secrets({RELAY_SECRET: "not-a-real-token"})
    assert await holds(program) == {None}


async def test_a_sandbox_that_does_not_start_says_so_and_no_key_is_asked_for_meanwhile(
    program: Program, events: list[Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def cannot(_self: SandboxProcess) -> None:
        raise ProviderUnavailable(message("The sandbox could not be started: no room."), kind="sandbox")

    monkeypatch.setattr(SandboxProcess, "start", cannot)
    await program.settings.update("sandbox", is_on=True)
    await program.cloud.ready()
    problem = program.cloud.sandbox_problem
    assert problem is not None
    assert "no room" in problem.text()
    assert any(isinstance(event, AddressesChanged) for event in events)
    status = await program.accounts.test("akool")
    assert not status.is_valid
    assert not status.is_checked, "nobody answers there"
    assert "No key" not in status.message.text()
    await program.settings.update("sandbox", is_on=False)
    await program.cloud.ready()
    assert program.cloud.sandbox_problem is None
