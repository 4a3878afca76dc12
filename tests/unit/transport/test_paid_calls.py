"""Paid calls are sent once, and what became of them is never guessed."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

import pytest
from aiohttp import web

from faceswap_desktop.domain.errors import ProviderRejected, ProviderUnavailable
from faceswap_desktop.transport.calls import JSON_LIMIT, ApiCall
from faceswap_desktop.transport.client import ApiClient
from tests.unit.transport.conftest import Waits
from tests.unit.transport.servers import closed_door, http, raw_server, read_request, scripted, web_server

Make = Callable[..., ApiClient]
PAID = ApiCall("POST", "/create", json={"a": 1}, is_paid=True)

MUTE = {
    "nothing": b"",
    "half a head": b"HTTP/1.1 200 OK\r\nContent-Le",
    "half a body": http(b'{"code": 1000', length=100),
    "no HTTP": b"\x16\x03\x01\x00\x00",
    "empty": http(b""),
    "empty 500": http(b"", "500 Internal Server Error"),
    "page": http(b"<html>ok", "200 OK", "Content-Type: text/html"),
    "page 404": http(b"<html>not found", "404 Not Found", "Content-Type: text/html"),
    "page 502": http(b"<html>Bad gateway", "502 Bad Gateway", "Content-Type: text/html"),
    "words 503": http(b"busy", "503 Service Unavailable", "Content-Type: text/plain"),
    "408": http(b"", "408 Request Timeout"),
    "redirect": http(b"", "302 Found", "Location: http://elsewhere.example/"),
    "511": http(b"<html>", "511 Network Authentication Required"),
    "no JSON": http(b'{"a": NaN}', "200 OK", "Content-Type: application/json"),
    "too long": http(b'{"a": "' + b"x" * JSON_LIMIT + b'"}', "200 OK", "Content-Type: application/json"),
}


@pytest.mark.parametrize("answer", MUTE)
async def test_what_cannot_be_read_after_sending_is_unconfirmed(client_of: Make, waits: Waits, answer: str) -> None:
    handler, asked = scripted(MUTE[answer])
    async with raw_server(handler) as port:
        with pytest.raises(ProviderUnavailable) as caught:
            await client_of(f"http://127.0.0.1:{port}").call(PAID)
    assert caught.value.kind == "unconfirmed"
    assert caught.value.provider_id == "akool"
    assert caught.value.request_id
    assert asked == ["POST /create HTTP/1.1"]
    assert waits.seconds == []


async def test_silence_after_sending_is_unconfirmed(client_of: Make, waits: Waits) -> None:
    arrived = 0

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal arrived
        await read_request(reader)
        arrived += 1
        await reader.read()

    async with raw_server(silent) as port:
        call = ApiCall("POST", "/create", json={}, is_paid=True, read_timeout_s=0.05)
        with pytest.raises(ProviderUnavailable) as caught:
            await client_of(f"http://127.0.0.1:{port}").call(call)
    assert caught.value.kind == "unconfirmed"
    assert (arrived, waits.seconds) == (1, [])


async def test_a_cut_while_it_is_sent_is_unconfirmed(client_of: Make, waits: Waits) -> None:
    connections = 0

    async def cut(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        await reader.readexactly(1000)
        writer.transport.abort()

    async with raw_server(cut) as port:
        call = ApiCall("POST", "/create", json={"picture": "A" * 20_000_000}, is_paid=True)
        with pytest.raises(ProviderUnavailable) as caught:
            await client_of(f"http://127.0.0.1:{port}").call(call)
    assert caught.value.kind == "unconfirmed"
    assert (connections, waits.seconds) == (1, [])


@pytest.mark.parametrize("status", [200, 201, 301, 400, 401, 402, 403, 404, 408, 500, 502, 503])
async def test_an_answer_in_json_is_the_provider_s_to_read(client_of: Make, waits: Waits, status: int) -> None:
    asked = 0

    async def handler(request: web.Request) -> web.Response:
        nonlocal asked
        asked += 1
        return web.json_response({"code": 1005}, status=status)

    async with web_server(handler) as base:
        reply = await client_of(base).call(PAID)
    assert (reply.status, reply.json) == (status, {"code": 1005})
    assert (asked, waits.seconds) == (1, [])


@pytest.mark.parametrize("body", [b"", b'{"code": 1}', b"<html>"])
async def test_429_is_a_refusal(client_of: Make, waits: Waits, body: bytes) -> None:
    handler, asked = scripted(http(body, "429 Too Many Requests", "Retry-After: 7"))
    async with raw_server(handler) as port:
        with pytest.raises(ProviderUnavailable) as caught:
            await client_of(f"http://127.0.0.1:{port}").call(PAID)
    assert (caught.value.kind, caught.value.retry_after_s) == ("rate-limited", 7.0)
    assert (len(asked), waits.seconds) == (1, [])


async def test_it_is_sent_again_while_no_connection_was_made(client_of: Make) -> None:
    """The service comes up while the client waits for its second try."""
    asked: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        asked.append(request.path)
        return web.json_response({"code": 1000})

    tries: list[float] = []
    async with contextlib.AsyncExitStack() as stack:
        door, base = stack.enter_context(closed_door())

        async def start_the_service(seconds: float) -> None:
            tries.append(seconds)
            if len(tries) == 2:
                await stack.enter_async_context(web_server(handler, door))

        reply = await client_of(base, sleep=start_the_service).call(PAID)
    assert reply.json == {"code": 1000}
    assert (len(tries), asked) == (2, ["/create"])


async def test_it_is_given_up_where_no_connection_can_be_made(client_of: Make, waits: Waits) -> None:
    with closed_door() as (_, base), pytest.raises(ProviderUnavailable) as caught:
        await client_of(base).call(PAID)
    assert caught.value.kind == "offline"
    assert len(waits.seconds) == 4


async def test_it_goes_over_a_connection_of_its_own(client_of: Make) -> None:
    """Else it could be sent over a kept one that has died without a word."""
    connections: list[list[str]] = []

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked: list[str] = []
        connections.append(asked)
        while True:
            first, _, _ = await read_request(reader)
            asked.append(first.split()[1])
            writer.write(http(b"{}"))
            await writer.drain()

    async with raw_server(handler) as port:
        client = client_of(f"http://127.0.0.1:{port}")
        for path in ("/a", "/b"):
            await client.call(ApiCall("GET", path))
        for path in ("/1", "/2"):
            await client.call(ApiCall("POST", path, json={}, is_paid=True))
        await client.call(ApiCall("GET", "/c"))
    assert connections == [["/a", "/b", "/c"], ["/1"], ["/2"]]


async def test_an_address_that_is_refused_is_not_unconfirmed(client_of: Make) -> None:
    with pytest.raises(ProviderRejected) as caught:
        await client_of("https://api.example").call(ApiCall("POST", "http://192.168.1.1/a", json={}, is_paid=True))
    assert caught.value.kind == "address"
