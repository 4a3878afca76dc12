"""Our relay, listened to as smee.io's own client (``smee-client``) does, and what that hands on, over real sockets.

That client is a plain ``EventSource``: it can send no header of its own, takes up a broken line with the last number it
saw, and posts each event's ``body`` on with ``query`` in the address and everything else as headers.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import httpx
import pytest_asyncio
from aiohttp import web
from httpx_sse import aconnect_sse

from faceswap_desktop.transport.relay_server import RelayServer
from faceswap_desktop.transport.relay_store import RelayStore
from tests.unit.transport.servers import web_server

TOKEN = "a-token-of-the-test's-own"


class SmeeClient:
    """Listens and hands on, until as many deliveries were handed on as are asked for."""

    def __init__(self, source: str, target: str, client: httpx.AsyncClient) -> None:
        self._source, self._target, self._client = source, target, client
        self._last = ""
        self.opened = asyncio.Event()

    async def forward(self, count: int) -> None:
        headers = {"Last-Event-ID": self._last} if self._last else {}
        async with aconnect_sse(self._client, "GET", self._source, headers=headers) as events:
            events.response.raise_for_status()
            self.opened.set()
            found = events.aiter_sse()
            async with aclosing(found):
                async for event in found:
                    self._last = event.id or self._last
                    if event.event != "message":
                        continue
                    await self._hand_on(json.loads(event.data))
                    count -= 1
                    if not count:
                        return

    async def _hand_on(self, data: dict[str, Any]) -> None:
        query, body = data.pop("query"), json.dumps(data.pop("body"))
        headers = {name: str(value) for name, value in data.items() if name != "host"}
        headers |= {"content-type": "application/json"}
        await self._client.post(self._target, params=query, content=body, headers=headers)


@pytest_asyncio.fixture
async def relay(tmp_path: Path) -> AsyncIterator[RelayServer]:
    store = await RelayStore.open(tmp_path)
    server = RelayServer(store, TOKEN)
    await server.start()
    yield server
    await server.stop()
    await store.close()


async def test_what_is_delivered_is_handed_on_by_smees_own_client(relay: RelayServer) -> None:
    taken: list[tuple[str, str, Any]] = []

    async def take(request: web.Request) -> web.StreamResponse:
        taken.append((request.path, request.query_string, await request.json()))
        return web.Response()

    channel = f"http://127.0.0.1:{relay.port}/channel"
    async with web_server(take) as target, httpx.AsyncClient(trust_env=False, timeout=60) as client:
        smee = SmeeClient(f"{channel}?token={TOKEN}", f"{target}/in", client)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(smee.forward(2))
            await smee.opened.wait()
            for body in ({"n": 1}, {"text": "zwölf 名 \u2028"}):
                assert (await client.post(f"{channel}?to=secret", json=body)).status_code == 200
        # What comes while its line is broken is there when it takes it up again, and nothing comes twice.
        assert (await client.post(f"{channel}?to=other", json={"n": 2})).status_code == 200
        await smee.forward(1)
    assert taken == [
        ("/in", "to=secret", {"n": 1}),
        ("/in", "to=secret", {"text": "zwölf 名 \u2028"}),
        ("/in", "to=other", {"n": 2}),
    ]
