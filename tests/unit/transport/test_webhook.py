"""The receiver on loopback, over real sockets."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
import pytest_asyncio

from faceswap_desktop.domain.errors import ProviderRejected, StorageError
from faceswap_desktop.domain.messages import message
from faceswap_desktop.transport.webhook import BODY_LIMIT, Intake, WebhookReceiver, server_logger

SECRET = "s" * 43


class Inbox:
    """Stands for the mailboxes: one secret is known."""

    def __init__(self) -> None:
        self.came: list[dict[str, Any]] = []
        self.error: Exception | None = None

    async def receive(self, secret: str, body: dict[str, Any]) -> Intake:
        if self.error is not None:
            raise self.error
        if secret != SECRET:
            return Intake.UNKNOWN
        if body.get("forged"):
            return Intake.REFUSED
        if self.came:
            return Intake.KNOWN
        self.came.append(body)
        return Intake.STORED


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest_asyncio.fixture
async def receiver(inbox: Inbox) -> AsyncIterator[WebhookReceiver]:
    one = WebhookReceiver(inbox.receive, 0)
    await one.start()
    yield one
    await one.stop()


@pytest_asyncio.fixture
async def client(receiver: WebhookReceiver) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{receiver.port}", timeout=60) as one:
        yield one


async def test_a_delivery_is_taken_and_a_second_one_is_answered_too(client: httpx.AsyncClient, inbox: Inbox) -> None:
    body = {"success": 1, "task_id": "t"}
    assert (await client.post(f"/{SECRET}", json=body)).status_code == 200
    assert (await client.post(f"/{SECRET}", json={"success": 0})).status_code == 200
    assert inbox.came == [body]


async def test_a_public_address_may_have_a_path_of_its_own(client: httpx.AsyncClient, inbox: Inbox) -> None:
    assert (await client.post(f"/hooks/faceswap/{SECRET}?a=b", json={"a": 1})).status_code == 200
    assert inbox.came == [{"a": 1}]


@pytest.mark.parametrize("path", ["/", "/other", f"/{SECRET}/", f"/{SECRET}x", f"/{SECRET[1:]}"])
async def test_an_unknown_address(client: httpx.AsyncClient, inbox: Inbox, path: str) -> None:
    assert (await client.post(path, json={})).status_code == 404
    assert inbox.came == []


async def test_a_forged_delivery_leaves_the_mailbox_open(client: httpx.AsyncClient, inbox: Inbox) -> None:
    assert (await client.post(f"/{SECRET}", json={"forged": True})).status_code == 400
    assert (await client.post(f"/{SECRET}", json={"real": True})).status_code == 200
    assert inbox.came == [{"real": True}]


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH"])
async def test_nothing_but_post(client: httpx.AsyncClient, inbox: Inbox, method: str) -> None:
    answer = await client.request(method, f"/{SECRET}", headers={"Content-Length": "0"})
    assert answer.status_code == 405
    assert inbox.came == []


@pytest.mark.parametrize(
    "body",
    [b"", b"null", b"[]", b'"a"', b"1", b"{", b'{"a": NaN}', b"\xff\xfe", b"a=b", b"<html>", b"[" * 60_000],
    ids=["empty", "null", "list", "text", "number", "cut", "nan", "bytes", "form", "markup", "deep"],
)
async def test_what_is_no_json_object_is_refused(client: httpx.AsyncClient, inbox: Inbox, body: bytes) -> None:
    assert (await client.post(f"/{SECRET}", content=body)).status_code == 400
    assert inbox.came == []


@pytest.mark.parametrize("is_chunked", [False, True])
async def test_a_body_that_is_too_large(client: httpx.AsyncClient, inbox: Inbox, is_chunked: bool) -> None:
    fits = json.dumps({"a": "b" * (BODY_LIMIT - 9)}).encode()
    assert len(fits) == BODY_LIMIT

    async def chunks(data: bytes) -> AsyncIterator[bytes]:
        for start in range(0, len(data), 8192):
            yield data[start : start + 8192]

    too_large = fits[:-2] + b'c"}'
    answer = await client.post(f"/{SECRET}", content=chunks(too_large) if is_chunked else too_large)
    assert answer.status_code == 413
    assert inbox.came == []
    assert (await client.post(f"/{SECRET}", content=chunks(fits) if is_chunked else fits)).status_code == 200


async def test_a_body_that_does_not_come(inbox: Inbox) -> None:
    receiver = WebhookReceiver(inbox.receive, 0, read_limit_s=0.05)
    await receiver.start()
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", receiver.port)
        writer.write(f'POST /{SECRET} HTTP/1.1\r\nHost: a\r\nContent-Length: 20\r\n\r\n{{"a"'.encode())
        answer = await reader.read()  # to its end: the connection is closed as well
        assert answer.startswith(b"HTTP/1.1 408 ")
        writer.close()
        await writer.wait_closed()
    finally:
        await receiver.stop()
    assert inbox.came == []


async def test_what_cannot_be_kept_is_asked_for_again(
    client: httpx.AsyncClient, inbox: Inbox, expect_log: Callable[[str], None]
) -> None:
    expect_log("could not be kept: StorageError$")
    inbox.error = StorageError(message("The disk is full."), kind="disk-full")
    assert (await client.post(f"/{SECRET}", json={"a": 1})).status_code == 503
    inbox.error = None
    assert (await client.post(f"/{SECRET}", json={"a": 1})).status_code == 200


async def test_a_port_that_is_taken_is_said(inbox: Inbox) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        receiver = WebhookReceiver(inbox.receive, port)
        with pytest.raises(ProviderRejected) as refused:
            await receiver.start()
    assert refused.value.kind == "webhook"
    assert str(port) in refused.value.message.text()
    assert receiver.port == 0
    await receiver.start()
    assert receiver.port == port
    await receiver.stop()


async def test_when_it_is_off_nobody_answers(inbox: Inbox) -> None:
    receiver = WebhookReceiver(inbox.receive, 0)
    await receiver.start()
    port = receiver.port
    await receiver.stop()
    await receiver.stop()
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", port)


async def test_neither_paths_nor_bodies_are_logged(client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG", "faceswap_desktop")
    caplog.set_level("DEBUG", "aiohttp")
    await client.post(f"/{SECRET}", json={"result": "https://example.org/very-private"})
    await client.post("/another-secret", content=b"very-private")
    assert SECRET not in caplog.text
    assert "another-secret" not in caplog.text
    assert "very-private" not in caplog.text


@pytest.mark.parametrize(
    "request_bytes",
    [
        pytest.param(b"POST /a-secret HTTP/1.1\r\nHost: a\r\nContent-Length: 20\r\n\r\n{", id="gone in the middle"),
        pytest.param(b"POST /a-secret\xff HTTP/1.1\r\n\r\n", id="no address"),
        pytest.param(b"GET /" + b"a-secret" * 2000 + b" HTTP/1.1\r\n\r\n", id="too long"),
        pytest.param(b"POST /a-secret HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", id="two hosts"),
        pytest.param(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", id="TLS"),
    ],
)
async def test_what_strangers_send_is_in_no_log(
    receiver: WebhookReceiver, caplog: pytest.LogCaptureFixture, request_bytes: bytes
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", receiver.port)
    writer.write(request_bytes)
    writer.write_eof()
    await writer.drain()
    async with asyncio.timeout(60):
        await reader.read()
    writer.close()
    await receiver.stop()
    assert caplog.records == []


@pytest.mark.allow_logs
async def test_a_fault_of_ours_is_in_the_log_without_the_request(caplog: pytest.LogCaptureFixture) -> None:
    server_logger.error("Error handling request from %s", "somebody", exc_info=ValueError("a-secret"))
    assert [record.getMessage() for record in caplog.records] == ["a request could not be answered: ValueError"]
    assert caplog.records[0].exc_info is None
