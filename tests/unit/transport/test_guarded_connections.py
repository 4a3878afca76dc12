"""Connections go to the numbers that were checked, and to nowhere on this computer or a private network."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from aiohttp import web

from faceswap_desktop.domain.errors import ProviderRejected
from faceswap_desktop.transport.calls import ApiCall, DownloadRules
from faceswap_desktop.transport.client import ApiClient
from tests.unit.transport.servers import OTHER_PUBLIC, PUBLIC, Internet, web_server

Make = Callable[..., ApiClient]
LOCAL_ADDRESSES = [
    "http://127.0.0.1/a", "http://localhost/a", "http://[::1]/a", "http://[::ffff:7f00:1]/a", "http://0.0.0.0/a",
    "http://2130706433/a", "http://0x7f.1/a", "http://0177.0.0.1/a", "http://127.1/a", "http://10.0.0.1/a",
    "http://169.254.169.254/latest/meta-data", "http://100.64.0.1/a", "http://[fe80::1]/a", "http://[fd00::1]/a",
    "http://[64:ff9b::7f00:1]/a", "http://localhost./a", "https://127.0.0.1:8443/a",
    "http://\uff11\uff12\uff17.0.0.1/a",
]  # fmt: skip


async def web_page(request: web.Request) -> web.Response:
    return web.json_response({"host": request.headers["Host"]})


def port_of(base: str) -> int:
    return int(base.rpartition(":")[2])


@pytest.mark.parametrize("url", LOCAL_ADDRESSES)
async def test_local_addresses_are_refused(client_of: Make, tmp_path: Path, url: str) -> None:
    client = client_of("https://api.example")
    with pytest.raises(ProviderRejected) as caught:
        await client.call(ApiCall("GET", url))
    assert caught.value.kind in {"address", "bad-answer"}
    with pytest.raises(ProviderRejected):
        await client.download(url, str(tmp_path / "a"), DownloadRules(None))
    (tmp_path / "f").write_bytes(b"x")
    with pytest.raises(ProviderRejected):
        await client.put_file(url, str(tmp_path / "f"), "image/png")
    assert [one.name for one in tmp_path.iterdir() if one.name.startswith("a") and one.stat().st_size] == []


@pytest.mark.parametrize("numbers", [["127.0.0.1"], ["10.0.0.1"], [PUBLIC, "192.168.1.1"], ["::1"], ["fe80::1%2"]])
async def test_names_that_mean_local_numbers_are_refused(
    client_of: Make, internet: Internet, numbers: list[str]
) -> None:
    internet.names = {"evil.example": numbers}
    with pytest.raises(ProviderRejected) as caught:
        await client_of("https://api.example", resolve=internet.resolve).call(ApiCall("GET", "http://evil.example/a"))
    assert caught.value.kind == "address"
    assert "evil.example" in str(caught.value)
    assert internet.connected == []


async def test_the_connection_goes_to_the_number_that_was_checked(client_of: Make, internet: Internet) -> None:
    """A name that means something else a moment later changes nothing: it is looked up once."""
    async with web_server(web_page) as base:
        internet.machines = {PUBLIC: port_of(base)}
        meanings = iter([[PUBLIC], ["127.0.0.1"]])

        async def rebinding(host: str, port: int) -> list[str]:
            internet.looked_up.append(host)
            return next(meanings)

        client = client_of("https://api.example", resolve=rebinding)
        reply = await client.call(ApiCall("GET", "http://turning.example/a"))
        assert reply.json == {"host": "turning.example"}
        assert (internet.connected, internet.looked_up) == ([PUBLIC], ["turning.example"])
        await client.close()
        fresh = client_of("https://api.example", resolve=rebinding)
        with pytest.raises(ProviderRejected):
            await fresh.call(ApiCall("GET", "http://turning.example/a"))


async def test_the_next_number_is_tried_where_one_does_not_answer(client_of: Make, internet: Internet) -> None:
    async with web_server(web_page) as base:
        internet.names = {"two.example": ["2606:4700::1111", OTHER_PUBLIC, PUBLIC]}
        internet.machines = {PUBLIC: port_of(base)}
        reply = await client_of("http://two.example", resolve=internet.resolve).call(ApiCall("GET", "/a"))
    assert reply.json == {"host": "two.example"}
    assert internet.connected == ["2606:4700::1111", OTHER_PUBLIC, PUBLIC]


async def test_a_local_base_address_allows_local_traffic(client_of: Make, internet: Internet) -> None:
    internet.names = {"results.lan": ["127.0.0.1"]}
    async with web_server(web_page) as base, web_server(web_page) as other:
        client = client_of(base, resolve=internet.resolve)
        for url in ("/a", f"{other}/b", f"http://results.lan:{port_of(other)}/c"):
            assert (await client.call(ApiCall("GET", url))).status == 200


async def test_a_base_address_that_turns_out_local_allows_itself_only(client_of: Make, internet: Internet) -> None:
    internet.names = {"api.example": ["127.0.0.1"], "other.example": ["127.0.0.1"]}
    async with web_server(web_page) as base:
        port = port_of(base)
        client = client_of(f"http://api.example:{port}", resolve=internet.resolve)
        assert (await client.call(ApiCall("GET", "/a"))).json == {"host": f"api.example:{port}"}
        for url in (f"http://other.example:{port}/", base):
            with pytest.raises(ProviderRejected) as caught:
                await client.call(ApiCall("GET", url))
            assert caught.value.kind == "address"


async def test_a_kept_connection_to_a_local_address_is_not_used_once_that_is_no_longer_allowed() -> None:
    bases = ["", "https://api.example"]
    async with web_server(web_page) as base:
        bases[0] = base
        now = 0
        client = ApiClient("akool", lambda: bases[now])
        try:
            assert (await client.call(ApiCall("GET", f"{base}/a"))).status == 200
            now = 1  # the sandbox is switched off
            with pytest.raises(ProviderRejected) as caught:
                await client.call(ApiCall("GET", f"{base}/a"))
        finally:
            await client.close()
    assert caught.value.kind == "address"


@pytest.mark.parametrize("base", ["", "api.example", "ftp://api.example", "https://user:pass@api.example", "https://"])
async def test_a_base_address_that_is_none_says_so(client_of: Make, base: str) -> None:
    with pytest.raises(ProviderRejected) as caught:
        await client_of(base).call(ApiCall("GET", "/a"))
    assert caught.value.kind == "address"
    assert "pass" not in str(caught.value)
