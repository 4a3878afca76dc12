"""The switch that points all accounts at the sandbox, with the sandbox as the process that users start by it."""

from __future__ import annotations

from dataclasses import replace

import psutil

from faceswap_desktop.compose import Program
from faceswap_desktop.domain.events import AddressesChanged, Event, Noticed
from faceswap_desktop.domain.job import Hold, JobId
from faceswap_desktop.services.sandbox_process import NOWHERE
from faceswap_desktop.storage.ledger import Ledger
from tests.unit.services.conftest import a_recipe, until

KEY = "the-users-own-key"


async def test_the_switch_points_everything_at_the_sandbox_and_back(program: Program, events: list[Event]) -> None:
    cloud = program.cloud
    before = set(psutil.Process().children())
    await program.accounts.set("akool", {"akool.api_key": KEY})
    [waiting] = await program.queue.add([replace(a_recipe(), provider="akool")])
    await Ledger(program.database).set_hold(waiting.id, Hold.NETWORK)
    await program.settings.update("sandbox", is_on=True)
    assert cloud.settings().providers.akool.base_url == NOWHERE.akool, "nothing goes to the real service meanwhile"
    assert await cloud.secret("akool.api_key") != KEY, "the sandbox gets none of the user's keys"
    await cloud.ready()
    addresses = cloud.sandbox
    assert addresses is not None
    assert cloud.settings().providers.akool.base_url == addresses.akool
    assert addresses.akool.startswith("http://127.0.0.1:")
    assert cloud.hosting.is_set_up, "the sandbox has a bucket"
    assert any(isinstance(event, AddressesChanged) for event in events)
    [released] = await program.queue.open_jobs()
    assert released.hold is None, "what waited for the network finds it now"

    status = await program.accounts.test("akool")
    assert status.is_valid, status.message.text()
    assert status.credits
    assert await program.accounts.credits("akool") == status.credits

    assert set(psutil.Process().children()) - before, "it is a process of its own"
    await program.settings.update("sandbox", is_on=False)
    await cloud.ready()
    await until(lambda: set(psutil.Process().children()) <= before, 60)
    assert cloud.sandbox is None
    assert cloud.settings() == program.settings.current
    assert await cloud.secret("akool.api_key") == KEY
    assert not cloud.hosting.is_set_up


async def test_what_services_deliver_meanwhile_is_lost_and_that_is_said(program: Program, events: list[Event]) -> None:
    await program.settings.update("webhook", public_url="http://127.0.0.1", port=0)
    await program.cloud.mailbox.address(JobId("one"), "swap", "aifaceswap")
    await program.settings.update("sandbox", is_on=True)
    [told] = [event.message.text() for event in events if isinstance(event, Noticed)]
    assert told.startswith("Jobs that wait for a delivery: 1.")
    await program.settings.update("sandbox", is_on=False)
    await program.cloud.ready()


async def test_switched_off_before_it_was_there(program: Program) -> None:
    before = set(psutil.Process().children())
    await program.settings.update("sandbox", is_on=True)
    await program.settings.update("sandbox", is_on=False)
    await program.cloud.ready()
    assert program.cloud.sandbox is None
    assert program.cloud.settings() == program.settings.current
    await until(lambda: set(psutil.Process().children()) <= before, 60)
