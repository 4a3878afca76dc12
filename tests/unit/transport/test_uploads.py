"""Uploads to signed addresses."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest
from aiohttp import web

from faceswap_desktop.domain.errors import InputRefused, ProviderRejected, ProviderUnavailable
from faceswap_desktop.transport.client import ApiClient
from tests.unit.transport.conftest import Waits
from tests.unit.transport.servers import http, raw_server, web_server

Make = Callable[..., ApiClient]
CONTENT = bytes(range(256)) * 20_000


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "copy.jpg"
    path.write_bytes(CONTENT)
    return str(path)


async def test_a_file_is_sent_as_it_is_and_nothing_beside_it(client_of: Make, file: str) -> None:
    seen: list[object] = []
    told: list[tuple[int, int]] = []

    async def handler(request: web.Request) -> web.Response:
        seen.append((request.method, str(request.rel_url), hashlib.sha256(await request.read()).hexdigest()))
        seen.append(dict(request.headers))
        return web.Response()

    async with web_server(handler) as base:
        url = f"{base}/bucket/key?X-Amz-Credential=a%2Fb&X-Amz-Signature=1"
        await client_of(base).put_file(url, file, "image/jpeg", lambda *one: told.append(one))
    path = "/bucket/key?X-Amz-Credential=a%2Fb&X-Amz-Signature=1"
    assert seen[0] == ("PUT", path, hashlib.sha256(CONTENT).hexdigest())
    headers = seen[1]
    assert isinstance(headers, dict)
    assert (headers["Content-Length"], headers["Content-Type"]) == (str(len(CONTENT)), "image/jpeg")
    assert set(headers) <= {
        "Host",
        "Accept",
        "Accept-Encoding",
        "User-Agent",
        "Connection",
        "Content-Length",
        "Content-Type",
    }
    assert told[-1] == (len(CONTENT), len(CONTENT))


@pytest.mark.parametrize("status", [408, 429, 500, 503])
async def test_it_starts_over_after_trouble(client_of: Make, waits: Waits, file: str, status: int) -> None:
    lengths: list[int] = []

    async def handler(request: web.Request) -> web.Response:
        lengths.append(len(await request.read()))
        return web.Response(status=status if len(lengths) < 3 else 200)

    async with web_server(handler) as base:
        await client_of(base).put_file(f"{base}/a", file, "image/jpeg")
    assert lengths == [len(CONTENT)] * 3
    assert len(waits.seconds) == 2


async def test_it_starts_over_when_it_breaks_off(client_of: Make, waits: Waits, file: str) -> None:
    tries = 0

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal tries
        tries += 1
        await reader.readuntil(b"\r\n\r\n")
        if tries < 3:
            await reader.readexactly(100_000)
            writer.transport.abort()
            return
        assert await reader.readexactly(len(CONTENT)) == CONTENT
        writer.write(http(b""))
        await writer.drain()

    async with raw_server(handler) as port:
        await client_of(f"http://127.0.0.1:{port}").put_file(f"http://127.0.0.1:{port}/a", file, "image/jpeg")
    assert (tries, len(waits.seconds)) == (3, 2)


async def test_a_refusal_says_why(client_of: Make, waits: Waits, file: str) -> None:
    async def handler(request: web.Request) -> web.Response:
        await request.read()
        body = b"<?xml version='1.0'?><Error><Code>SignatureDoesNotMatch</Code><Key>secret</Key></Error>"
        return web.Response(status=403, body=body, headers={"x-amz-request-id": "R1"}, content_type="application/xml")

    async with web_server(handler) as base:
        with pytest.raises(ProviderRejected) as caught:
            await client_of(base).put_file(f"{base}/a", file, "image/jpeg")
    assert (caught.value.kind, caught.value.request_id) == ("hosting", "R1")
    assert dict(caught.value.message.values) | {"host": ""} == {
        "host": "", "status": 403, "code": "SignatureDoesNotMatch",
    }  # fmt: skip
    assert waits.seconds == []


async def test_a_refusal_before_the_end_is_heard(client_of: Make, tmp_path: Path) -> None:
    path = tmp_path / "large"
    path.write_bytes(b"x" * 30_000_000)

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(http(b"<Code>EntityTooLarge</Code>", "413 Too Large", "Connection: close"))
        await writer.drain()
        while await reader.read(2**20):
            pass

    async with raw_server(refuse) as port:
        with pytest.raises(ProviderRejected) as caught:
            await client_of(f"http://127.0.0.1:{port}").put_file(f"http://127.0.0.1:{port}/a", str(path), "image/png")
    assert caught.value.message.values["code"] == "EntityTooLarge"


async def test_a_web_page_that_says_all_is_well_is_not_believed(client_of: Make, file: str) -> None:
    async def handler(request: web.Request) -> web.Response:
        await request.read()
        return web.Response(body=b"<html>Log in", content_type="text/html")

    async with web_server(handler) as base:
        with pytest.raises(ProviderUnavailable) as caught:
            await client_of(base).put_file(f"{base}/a", file, "image/jpeg")
    assert caught.value.kind == "captive-portal"


async def test_a_file_that_shrinks_meanwhile_is_noticed(client_of: Make, tmp_path: Path) -> None:
    path = tmp_path / "shrinking"
    path.write_bytes(b"x" * 20_000_000)

    async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(1000)
        path.write_bytes(b"x")
        while await reader.read(2**20):
            pass

    async with raw_server(slow) as port:
        with pytest.raises(InputRefused) as caught:
            await client_of(f"http://127.0.0.1:{port}").put_file(f"http://127.0.0.1:{port}/a", str(path), "image/png")
    assert caught.value.kind == "changed"


@pytest.mark.parametrize(("name", "kind"), [("gone", "missing"), (".", "folder"), ("empty", "empty")])
async def test_a_file_that_cannot_be_read_is_said(client_of: Make, tmp_path: Path, name: str, kind: str) -> None:
    (tmp_path / "empty").touch()
    with pytest.raises(InputRefused) as caught:
        await client_of("https://api.example").put_file("https://a.example/", str(tmp_path / name), "image/png")
    assert caught.value.kind == kind
