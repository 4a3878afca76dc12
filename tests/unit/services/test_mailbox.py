"""Mailboxes with their real receiver, relay, listener and database, over sockets on loopback."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import pytest_asyncio

from faceswap_desktop.domain.cloud import Delivery
from faceswap_desktop.domain.errors import ProviderRejected, ProviderUnavailable, StorageError
from faceswap_desktop.domain.job import JobId
from faceswap_desktop.domain.messages import message
from faceswap_desktop.domain.settings import (
    AifaceswapSettings,
    ProvidersSettings,
    Settings,
    WebhookSettings,
)
from faceswap_desktop.providers.aifaceswap import parse_delivery
from faceswap_desktop.services.checks import CheckStep
from faceswap_desktop.services.mailbox import JobMailbox, Parser
from faceswap_desktop.storage.database import Database
from faceswap_desktop.storage.mail import MailStore
from faceswap_desktop.transport.client import ApiClient
from faceswap_desktop.transport.relay_server import RelayServer
from faceswap_desktop.transport.relay_store import RelayStore
from faceswap_desktop.transport.retries import RetryRule

TOKEN = "a-token-of-the-test's-own"
JOB, OTHER = JobId("job-1"), JobId("job-2")
NEARBY = ProvidersSettings(aifaceswap=AifaceswapSettings(base_url="http://127.0.0.1:1/v1"))
RECEIVER = WebhookSettings(public_url="http://127.0.0.1", port=0)
BODY = {"success": 1, "type": 1, "task_id": "t-1", "result_image": "https://example.org/result.jpg", "more": {"a": 1}}
FIELDS = {name: BODY[name] for name in ("success", "type", "task_id", "result_image")}


async def slow_parser(body: dict[str, Any]) -> dict[str, str | int | float] | None:
    """AKOOL's manner: it takes its time, and not everything that is genuine is a result."""
    await asyncio.sleep(0)
    if "signature" not in body:
        raise ProviderRejected(message("Forged."), kind="bad-answer")
    return {"status": body["status"]} if body["status"] != 2 else None


class Program:
    """A mailbox on one database that can be ended and started again."""

    def __init__(self, folder: Path, webhook: WebhookSettings) -> None:
        self._folder = folder
        self.settings = Settings(providers=NEARBY, webhook=webhook)
        self.secrets = {"webhook.relay_token": TOKEN}
        self.told: asyncio.Queue[Delivery] = asyncio.Queue()

    async def start(self) -> JobMailbox:
        self.database = await Database.open(self._folder / "mail.sqlite3")
        self.store = MailStore(self.database)
        parsers: dict[str, Parser] = {"aifaceswap": parse_delivery, "akool": slow_parser}
        self.mailbox = JobMailbox(lambda: self.settings, self._secret, _client, self.store, parsers)
        self.mailbox.on_delivery = self.told.put
        await self.mailbox.start()
        return self.mailbox

    async def stop(self) -> None:
        await self.mailbox.stop()
        await self.database.close()

    async def again(self) -> JobMailbox:
        await self.stop()
        return await self.start()

    def set(self, **values: str | int) -> None:
        self.settings = replace(self.settings, webhook=replace(self.settings.webhook, **values))  # type: ignore[arg-type]

    async def _secret(self, name: str) -> str | None:
        return self.secrets.get(name)


def _client(provider: str, base_url: Callable[[], str]) -> ApiClient:
    return ApiClient(provider, base_url, retries=RetryRule(tries=1))


@pytest_asyncio.fixture
async def program(tmp_path: Path) -> AsyncIterator[Program]:
    one = Program(tmp_path, RECEIVER)
    await one.start()
    yield one
    await one.stop()


@pytest.fixture
def mailbox(program: Program) -> JobMailbox:
    return program.mailbox


@pytest_asyncio.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(timeout=60) as one:
        yield one


# --------------------------------------------------------------------------------------------------- the public address


async def test_a_delivery_reaches_the_job_that_waits(
    program: Program, mailbox: JobMailbox, client: httpx.AsyncClient
) -> None:
    address = await mailbox.address(JOB, "swap", "aifaceswap")
    assert len(urlsplit(address).path) >= 33
    assert mailbox.waiting_jobs == (JOB,)
    waiting = asyncio.ensure_future(mailbox.wait(JOB, "swap"))
    await asyncio.sleep(0)
    assert (await client.post(address, json=BODY)).status_code == 200
    delivery = await waiting
    assert (delivery.job, delivery.step, dict(delivery.values)) == (JOB, "swap", FIELDS)
    assert await program.told.get() == delivery
    assert await mailbox.peek(JOB, "swap") == delivery
    assert not mailbox.waiting_jobs


async def test_it_is_on_the_disk_before_it_is_answered(
    mailbox: JobMailbox, client: httpx.AsyncClient, tmp_path: Path
) -> None:
    address = await mailbox.address(JOB, "swap", "aifaceswap")
    assert (await client.post(address, json=BODY)).status_code == 200
    # Another process' eyes.
    other = await Database.open(tmp_path / "mail.sqlite3")
    row = await MailStore(other).of(JOB, "swap")
    await other.close()
    assert row is not None
    assert row.body is not None


async def test_each_call_has_one_address_of_its_own(mailbox: JobMailbox) -> None:
    calls = [(JOB, "swap"), (JOB, "reage-2"), (OTHER, "swap")]
    addresses = [await mailbox.address(job, step, "aifaceswap") for job, step in calls]
    assert len(set(addresses)) == 3
    assert [await mailbox.address(job, step, "aifaceswap") for job, step in calls] == addresses


async def test_a_second_delivery_is_answered_and_changes_nothing(
    program: Program, mailbox: JobMailbox, client: httpx.AsyncClient
) -> None:
    address = await mailbox.address(JOB, "swap", "aifaceswap")
    answers = await asyncio.gather(
        *(client.post(address, json={**BODY, "result_image": f"https://example.org/{n}.jpg"}) for n in range(5))
    )
    assert {answer.status_code for answer in answers} == {200}
    first = await mailbox.wait(JOB, "swap")
    assert (await client.post(address, json={"success": 0, "task_id": "t"})).status_code == 200
    assert await mailbox.wait(JOB, "swap") == first
    assert await program.told.get() == first
    assert program.told.empty()


async def test_a_forged_one_is_refused_and_the_job_goes_on_waiting(
    mailbox: JobMailbox, client: httpx.AsyncClient, expect_log: Callable[[str], None]
) -> None:
    expect_log("a delivery for akool was refused: ProviderRejected$")
    address = await mailbox.address(JOB, "swap", "akool")
    assert (await client.post(address, json={"status": 3})).status_code == 400
    assert mailbox.waiting_jobs == (JOB,)
    assert (await client.post(address, json={"signature": "s", "status": 3})).status_code == 200
    assert (await mailbox.wait(JOB, "swap")).values == {"status": 3}


@pytest.mark.parametrize(
    "body",
    [{}, {**BODY, "success": "1"}, {**BODY, "task_id": 5}, {**BODY, "result_image": "file:///etc/passwd"}],
    ids=["empty", "success", "task", "address"],
)
async def test_what_is_not_as_documented_is_refused(
    mailbox: JobMailbox, client: httpx.AsyncClient, expect_log: Callable[[str], None], body: dict[str, Any]
) -> None:
    expect_log("a delivery for aifaceswap was refused")
    address = await mailbox.address(JOB, "swap", "aifaceswap")
    assert (await client.post(address, json=body)).status_code == 400
    assert await mailbox.peek(JOB, "swap") is None


async def test_what_is_genuine_and_no_result_leaves_the_mailbox_open(
    mailbox: JobMailbox, client: httpx.AsyncClient
) -> None:
    address = await mailbox.address(JOB, "swap", "akool")
    assert (await client.post(address, json={"signature": "s", "status": 2})).status_code == 200
    assert await mailbox.peek(JOB, "swap") is None
    assert (await client.post(address, json={"signature": "s", "status": 4})).status_code == 200
    assert (await mailbox.wait(JOB, "swap")).values == {"status": 4}


async def test_an_unknown_address(mailbox: JobMailbox, client: httpx.AsyncClient) -> None:
    address = await mailbox.address(JOB, "swap", "aifaceswap")
    assert (await client.post(f"{address}x", json=BODY)).status_code == 404
    assert (await client.post(address[:-1], json=BODY)).status_code == 404
    assert await mailbox.peek(JOB, "swap") is None


async def test_nobody_listens_unless_a_job_waits(mailbox: JobMailbox, client: httpx.AsyncClient) -> None:
    assert not mailbox.is_listening
    address = await mailbox.address(JOB, "swap", "aifaceswap")
    other = await mailbox.address(OTHER, "swap", "aifaceswap")
    await mailbox.close(JOB)
    # It was ours: no reason for the sender to come again.
    assert (await client.post(address, json=BODY)).status_code == 200
    assert await mailbox.peek(JOB, "swap") is None
    assert mailbox.waiting_jobs == (OTHER,)
    await mailbox.close(OTHER)
    assert not mailbox.is_listening
    with pytest.raises(httpx.ConnectError):
        await client.post(other, json=BODY)


async def test_deliveries_outlive_the_program(program: Program, client: httpx.AsyncClient) -> None:
    address = await program.mailbox.address(JOB, "swap", "aifaceswap")
    await client.post(address, json=BODY)
    told = await program.told.get()
    mailbox = await program.again()
    # Told once more: the program may have ended before it could follow it up.
    assert await program.told.get() == told
    assert await mailbox.wait(JOB, "swap") == told


async def test_after_a_start_it_listens_for_what_jobs_wait_for(program: Program, client: httpx.AsyncClient) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    program.set(port=port, public_url=f"http://127.0.0.1:{port}/hooks/")
    address = await program.mailbox.address(JOB, "swap", "aifaceswap")
    mailbox = await program.again()
    assert mailbox.is_listening
    assert mailbox.waiting_jobs == (JOB,)
    assert (await client.post(address, json=BODY)).status_code == 200
    assert (await mailbox.wait(JOB, "swap")).values == FIELDS
    assert await mailbox.address(JOB, "swap", "aifaceswap") == address


async def test_a_call_that_is_made_once_more_has_another_address(
    mailbox: JobMailbox, client: httpx.AsyncClient
) -> None:
    first = await mailbox.address(JOB, "swap", "aifaceswap")
    await mailbox.close(JOB)
    second = await mailbox.address(JOB, "swap", "aifaceswap")
    assert second != first
    # What comes late of the first call is taken for nothing; the port is another one now.
    late = urlsplit(first)._replace(netloc=urlsplit(second).netloc).geturl()
    await client.post(late, json=BODY)
    assert await mailbox.peek(JOB, "swap") is None
    assert mailbox.waiting_jobs == (JOB,)
    assert (await client.post(second, json=BODY)).status_code == 200
    assert (await mailbox.wait(JOB, "swap")).values == FIELDS


async def test_a_disk_that_is_full_makes_the_sender_come_again(
    program: Program, mailbox: JobMailbox, client: httpx.AsyncClient, expect_log: Callable[[str], None]
) -> None:
    expect_log("could not be kept: StorageError$")
    address = await mailbox.address(JOB, "swap", "aifaceswap")
    whole = program.store.deliver

    async def full(*arguments: Any, **options: Any) -> Any:
        raise StorageError(message("The disk is full."), kind="disk-full")

    program.store.deliver = full  # type: ignore[method-assign]
    assert (await client.post(address, json=BODY)).status_code == 503
    program.store.deliver = whole  # type: ignore[method-assign]
    assert (await client.post(address, json=BODY)).status_code == 200
    assert (await mailbox.wait(JOB, "swap")).values == FIELDS


async def test_a_follow_up_that_fails_does_not_reach_the_sender(
    mailbox: JobMailbox, client: httpx.AsyncClient, expect_log: Callable[[str], None]
) -> None:
    expect_log("could not be followed up")
    failed = asyncio.Event()

    async def fail(delivery: Delivery) -> None:
        failed.set()
        raise ZeroDivisionError

    mailbox.on_delivery = fail
    address = await mailbox.address(JOB, "swap", "aifaceswap")
    assert (await client.post(address, json=BODY)).status_code == 200
    await failed.wait()


# ----------------------------------------------------------------------------------------------------------- not set up


@pytest.mark.parametrize(
    "values",
    [
        {"public_url": ""},
        {"public_url": "example.org"},
        {"public_url": "ftp://example.org"},
        {"public_url": "https://example.org/?a=b"},
        {"public_url": "", "relay_url": "https://smee.example/channel#a"},
    ],
)
async def test_what_is_not_set_up_is_said(program: Program, mailbox: JobMailbox, values: dict[str, str]) -> None:
    program.set(**values)
    assert mailbox.why_closed is not None
    for call in (mailbox.address(JOB, "swap", "aifaceswap"), mailbox.wait(JOB, "swap")):
        with pytest.raises(ProviderRejected) as refused:
            await call
        assert refused.value.kind == "webhook"
    report = await mailbox.test()
    assert [step.name for step in report.steps] == ["settings"]


async def test_a_job_whose_way_in_was_taken_away_does_not_wait_for_ever(program: Program, mailbox: JobMailbox) -> None:
    await mailbox.address(JOB, "swap", "aifaceswap")
    program.set(public_url="")
    with pytest.raises(ProviderRejected) as refused:
        await mailbox.wait(JOB, "swap")
    assert refused.value.kind == "webhook"


async def test_a_port_that_is_taken(program: Program, mailbox: JobMailbox) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        program.set(port=other.getsockname()[1])
        with pytest.raises(ProviderRejected) as refused:
            await mailbox.address(JOB, "swap", "aifaceswap")
    assert refused.value.kind == "webhook"
    assert str(program.settings.webhook.port) in refused.value.message.text()
    assert await mailbox.address(JOB, "swap", "aifaceswap")


async def test_other_settings_take_effect_while_a_job_waits(
    program: Program, mailbox: JobMailbox, client: httpx.AsyncClient
) -> None:
    before = await mailbox.address(JOB, "swap", "aifaceswap")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    program.set(port=port, public_url=f"http://127.0.0.1:{port}")
    await mailbox.refresh()
    after = await mailbox.address(JOB, "swap", "aifaceswap")
    assert urlsplit(after).port == port
    assert urlsplit(after).path == urlsplit(before).path
    assert (await client.post(after, json=BODY)).status_code == 200


# ------------------------------------------------------------------------------------------------------------ the relay


class Relay:
    """A relay of ours that can be ended and started again at the same address."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.port = 0

    async def start(self) -> str:
        self.store = await RelayStore.open(self._folder)
        self.server = RelayServer(self.store, TOKEN, port=self.port)
        await self.server.start()
        self.port = self.server.port
        return f"http://127.0.0.1:{self.port}/channel-1"

    async def stop(self) -> None:
        await self.server.stop()
        await self.store.close()


@pytest_asyncio.fixture
async def relay(tmp_path: Path) -> AsyncIterator[Relay]:
    folder = tmp_path / "relay"
    folder.mkdir()
    one = Relay(folder)
    await one.start()
    yield one
    await one.stop()


@pytest.fixture
def with_relay(program: Program, relay: Relay) -> JobMailbox:
    program.set(public_url="", relay_url=f"http://127.0.0.1:{relay.port}/channel-1")
    return program.mailbox


async def test_a_delivery_comes_by_the_relay(
    program: Program, with_relay: JobMailbox, client: httpx.AsyncClient
) -> None:
    addresses = [await with_relay.address(job, "swap", "aifaceswap") for job in (JOB, OTHER)]
    assert len({urlsplit(one).path for one in addresses}) == 1
    assert all(len(parse_qs(urlsplit(one).query)["to"][0]) >= 32 for one in addresses)
    assert not with_relay.loses_when_closed
    await client.post(f"http://127.0.0.1:{urlsplit(addresses[0]).port}/channel-1?to=somebody-else", json=BODY)
    assert (await client.post(addresses[1], json=BODY)).status_code == 200
    assert (await with_relay.wait(OTHER, "swap")).values == FIELDS
    assert with_relay.waiting_jobs == (JOB,)
    assert (await program.told.get()).job == OTHER


async def test_what_comes_while_the_program_is_closed_is_fetched_from_the_relay(
    program: Program, with_relay: JobMailbox, relay: Relay, client: httpx.AsyncClient
) -> None:
    address = await with_relay.address(JOB, "swap", "aifaceswap")
    await program.stop()
    assert (await client.post(address, json=BODY)).status_code == 200
    assert (await client.post(address, json={**BODY, "task_id": "t-2"})).status_code == 200
    await relay.stop()
    await relay.start()
    mailbox = await program.start()
    assert (await mailbox.wait(JOB, "swap")).values == FIELDS
    assert (await program.told.get()).values == FIELDS
    assert program.told.empty()


async def test_nothing_is_sent_while_the_relay_cannot_be_reached(
    program: Program, with_relay: JobMailbox, relay: Relay
) -> None:
    program.set(relay_url="http://127.0.0.1:9/channel-1")
    with pytest.raises(ProviderUnavailable) as unavailable:
        await with_relay.address(JOB, "swap", "aifaceswap")
    assert unavailable.value.kind == "offline"
    assert with_relay.problem is not None
    assert with_relay.loses_when_closed
    program.set(relay_url=f"http://127.0.0.1:{relay.port}/channel-1")
    program.secrets["webhook.relay_token"] = "wrong-token-of-someone"
    with pytest.raises(ProviderUnavailable) as refused:
        await with_relay.address(JOB, "swap", "aifaceswap")
    assert "token" in refused.value.message.text()
    program.secrets["webhook.relay_token"] = TOKEN
    assert await with_relay.address(JOB, "swap", "aifaceswap")


# ------------------------------------------------------------------------------------------------------------ the trial


@pytest.mark.parametrize("by_relay", [False, True])
async def test_the_trial_sends_and_receives(
    program: Program, mailbox: JobMailbox, request: pytest.FixtureRequest, by_relay: bool, relay: Relay
) -> None:
    if by_relay:
        program.set(public_url="", relay_url=f"http://127.0.0.1:{relay.port}/channel-1")
    told: list[CheckStep] = []
    report = await mailbox.test(told.append)
    assert report.is_ok, report
    assert [step.name for step in told] == ["listen", "deliver", "arrive"]
    assert not mailbox.is_listening
    assert program.told.empty()


async def test_the_trial_says_that_services_on_the_internet_cannot_deliver_here(
    program: Program, mailbox: JobMailbox
) -> None:
    program.settings = replace(program.settings, providers=ProvidersSettings())
    report = await mailbox.test()
    assert [step.name for step in report.steps if not step.is_ok] == ["outside"]


async def test_the_trial_says_when_the_address_leads_elsewhere(
    program: Program, mailbox: JobMailbox, relay: Relay
) -> None:
    program.set(public_url=f"http://127.0.0.1:{relay.port}", port=_free_port())
    report = await mailbox.test()
    assert [step.name for step in report.steps if not step.is_ok] == ["deliver"]
    assert "404" in report.steps[-1].message.text()


async def test_the_trial_says_when_nothing_answers(program: Program, mailbox: JobMailbox) -> None:
    program.set(public_url="http://127.0.0.1:9", port=_free_port())
    report = await mailbox.test()
    assert [step.name for step in report.steps if not step.is_ok] == ["deliver"]


async def test_the_trial_says_when_the_relay_does_not_answer(program: Program, mailbox: JobMailbox) -> None:
    program.set(public_url="", relay_url="http://127.0.0.1:9/channel-1")
    report = await mailbox.test()
    assert [step.name for step in report.steps if not step.is_ok] == ["listen"]


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


async def test_secrets_and_results_are_never_logged(
    mailbox: JobMailbox, client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG", "faceswap_desktop")
    caplog.set_level("DEBUG", "aiohttp")
    address = await mailbox.address(JOB, "swap", "aifaceswap")
    await client.post(address, json={"success": 7})
    await client.post(address, json=BODY)
    await mailbox.wait(JOB, "swap")
    ours = "\n".join(record.getMessage() for record in caplog.records if not record.name.startswith("http"))
    assert urlsplit(address).path[1:] not in ours
    assert "example.org" not in ours
