"""The proxies that the system sets."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from faceswap_desktop.domain.errors import ProviderRejected, ProviderUnavailable
from faceswap_desktop.transport.calls import ApiCall, DownloadRules
from faceswap_desktop.transport.client import ApiClient
from tests.unit.transport.conftest import Waits
from tests.unit.transport.servers import Internet, http, raw_server, read_request

Make = Callable[..., ApiClient]
GET = ApiCall("GET", "/a")
PAID = ApiCall("POST", "/a", json={}, is_paid=True)


class Proxy:
    """A proxy that answers in the place of the services, or refuses."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.logins: list[str] = []
        self.answers: list[bytes] = [http(b'{"ok": 1}')]

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first, headers, _ = await read_request(reader)
        self.asked.append(first)
        self.logins.append(headers.get("proxy-authorization", ""))
        writer.write(self.answers.pop(0) if len(self.answers) > 1 else self.answers[0])
        await writer.drain()


@pytest.fixture
async def proxy(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Proxy]:
    made = Proxy()
    async with raw_server(made.handle) as port:
        for name in ("HTTP_PROXY", "HTTPS_PROXY"):
            monkeypatch.setenv(name.lower(), f"http://me:p%40ss@127.0.0.1:{port}")
        yield made


async def test_calls_go_through_the_proxy_and_names_are_looked_up_there(
    client_of: Make, proxy: Proxy, internet: Internet
) -> None:
    reply = await client_of("http://api.example", resolve=internet.resolve).call(GET)
    assert reply.json == {"ok": 1}
    assert proxy.asked == ["GET http://api.example/a HTTP/1.1"]
    assert base64.b64decode(proxy.logins[0].removeprefix("Basic ")) == b"me:p@ss"
    assert internet.looked_up == []


async def test_local_addresses_are_refused_behind_a_proxy_too(client_of: Make, proxy: Proxy, tmp_path: Path) -> None:
    client = client_of("https://api.example")
    for url in (
        "http://10.0.0.1/a",
        "http://2130706433/a",
        "http://router.local/a",
        "http://intranet/a",
        "http://[::1]/",
    ):
        with pytest.raises(ProviderRejected) as caught:
            await client.download(url, str(tmp_path / "a"), DownloadRules(None))
        assert caught.value.kind == "address"
    assert proxy.asked == []


async def test_this_computer_is_not_asked_for_through_a_proxy(client_of: Make, proxy: Proxy) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(http(b'{"direct": 1}'))
        await writer.drain()

    async with raw_server(answer) as port:
        assert (await client_of(f"http://127.0.0.1:{port}").call(GET)).json == {"direct": 1}
    assert proxy.asked == []


async def test_exceptions_are_obeyed(
    client_of: Make, proxy: Proxy, internet: Internet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("no_proxy", "other.example,.example")
    with pytest.raises(ProviderUnavailable) as caught:
        await client_of("http://api.example", resolve=internet.resolve).call(GET)
    assert caught.value.kind == "offline"
    assert proxy.asked == []
    assert set(internet.looked_up) == {"api.example"}


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("call", [GET, PAID])
async def test_a_proxy_that_wants_a_login_says_so(
    client_of: Make, proxy: Proxy, waits: Waits, scheme: str, call: ApiCall
) -> None:
    proxy.answers = [http(b"<html>login", "407 Proxy Authentication Required", "Proxy-Authenticate: Basic")]
    with pytest.raises(ProviderUnavailable) as caught:
        await client_of(f"{scheme}://api.example").call(call)
    assert caught.value.kind == "proxy"
    assert "login" in str(caught.value)
    assert "p@ss" not in str(caught.value)
    assert (len(proxy.asked), waits.seconds) == (1, [])


async def test_a_paid_call_is_sent_again_where_the_proxy_made_no_connection(
    client_of: Make, proxy: Proxy, waits: Waits
) -> None:
    proxy.answers = [http(b"", "502 Bad Gateway")]
    with pytest.raises(ProviderUnavailable) as caught:
        await client_of("https://api.example").call(PAID)
    assert caught.value.kind == "proxy"
    assert proxy.asked == ["CONNECT api.example:443 HTTP/1.1"] * 5
    assert len(waits.seconds) == 4


async def test_a_paid_call_handed_to_a_proxy_may_have_arrived(client_of: Make, proxy: Proxy, waits: Waits) -> None:
    proxy.answers = [http(b"", "502 Bad Gateway")]
    with pytest.raises(ProviderUnavailable) as caught:
        await client_of("http://api.example").call(PAID)
    assert caught.value.kind == "unconfirmed"
    assert (len(proxy.asked), waits.seconds) == (1, [])


@pytest.mark.parametrize("address", ["socks5://127.0.0.1:1080", "nonsense://x"])
async def test_a_proxy_of_another_kind_says_so(client_of: Make, monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("all_proxy", address)
    with pytest.raises(ProviderUnavailable) as caught:
        await client_of("https://api.example").call(PAID)
    assert caught.value.kind == "proxy"
    assert address.partition(":")[0] in str(caught.value)
