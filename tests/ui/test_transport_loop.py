"""Calls, uploads and downloads in the window's own event loop."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from aiohttp import web

from faceswap_desktop.domain.errors import ProviderUnavailable
from faceswap_desktop.transport.calls import ApiCall, DownloadRules, Expected
from faceswap_desktop.transport.client import ApiClient

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20_000


async def test_everything_works_in_the_window_s_loop(tmp_path: Path) -> None:
    assert type(asyncio.get_running_loop()).__module__.startswith("qasync")
    uploaded: list[bytes] = []
    asked = asyncio.Event()

    async def handler(request: web.Request) -> web.Response:
        if request.method == "PUT":
            uploaded.append(await request.read())
            return web.Response()
        if request.path == "/file":
            return web.Response(body=PNG)
        if request.path == "/hang":
            asked.set()
            await asyncio.Event().wait()
        return web.json_response({"code": 1000}, status=503 if request.query.get("no") else 200)

    app = web.Application(client_max_size=2**26)
    app.router.add_route("*", "/{rest:.*}", handler)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.05, handler_cancellation=True)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    base = f"http://127.0.0.1:{runner.addresses[0][1]}"
    client = ApiClient("akool", lambda: base, sleep=lambda _: asyncio.sleep(0))
    try:
        replies = await asyncio.gather(*(client.call(ApiCall("GET", "/a")) for _ in range(20)))
        assert {reply.status for reply in replies} == {200}
        assert (await client.call(ApiCall("POST", "/a", json={}, is_paid=True))).json == {"code": 1000}
        assert (await client.call(ApiCall("GET", "/a", query={"no": "1"}))).status == 503
        got = await client.download(f"{base}/file", str(tmp_path / "result"), DownloadRules(Expected.PICTURE))
        await client.put_file(f"{base}/put", got.path, "image/png")
        assert uploaded == [PNG]
        hanging = asyncio.create_task(client.call(ApiCall("GET", "/hang")))
        await asked.wait()
        hanging.cancel()
        with pytest.raises(asyncio.CancelledError):
            await hanging
        with pytest.raises(ProviderUnavailable) as caught:
            await client.call(ApiCall("GET", "/hang", is_paid=True, read_timeout_s=0.05))
        assert caught.value.kind == "unconfirmed"
    finally:
        await client.close()
        await runner.cleanup()
