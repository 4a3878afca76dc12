"""aifaceswap.io: files and addresses go in, results come by webhook."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
from aiohttp import web

from tests.unit.sandbox.conftest import LIMIT_S, Box, changed_in, until

BEARER = {"Authorization": "Bearer sandbox-key"}


class Inbox:
    """Takes deliveries on loopback."""

    def __init__(self) -> None:
        self.came: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.url = ""

    async def take(self, request: web.Request) -> web.Response:
        await self.came.put(await request.json())
        return web.Response(text="ok")

    async def next(self) -> dict[str, Any]:
        return await asyncio.wait_for(self.came.get(), LIMIT_S)


@pytest_asyncio.fixture
async def inbox() -> AsyncIterator[Inbox]:
    made = Inbox()
    app = web.Application()
    app.router.add_post("/secret", made.take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}/secret"
    yield made
    await runner.cleanup()


async def post(box: Box, endpoint: str, **sent: Any) -> httpx.Response:
    address = f"{box.where['aifaceswap']}/{endpoint}"
    return await asyncio.to_thread(lambda: box.client.post(address, **({"headers": BEARER} | sent)))


async def fetch(box: Box, address: str) -> bytes:
    return (await asyncio.to_thread(box.client.get, address)).content


async def test_chosen_faces_are_swapped_from_files(
    box: Box, inbox: Inbox, two: bytes, collins: bytes, hopper: bytes
) -> None:
    reply = await post(box, "extract_face", files={"img": ("0.jpg", two)})
    said = reply.json()
    assert said == {"code": 200, "data": {"faces": said["data"]["faces"], "points": 2}, "message": "OK"}
    left, right = said["data"]["faces"]
    assert all(isinstance(edge, int) for edge in (*left, *right))
    assert left[2] < right[0]
    files = [("source_image", ("0.jpg", two)), ("face_image", ("1.jpg", collins)), ("face_image", ("2.jpg", hopper))]
    reply = await post(box, "multi_faceswap", files=files, data={"index": ["1", "0"], "webhook": inbox.url})
    answer = reply.json()
    assert answer["data"].keys() == {"task_id", "points"}
    assert answer["data"]["points"] == 5
    delivery = await inbox.next()
    assert delivery.keys() == {"success", "type", "task_id", "result_image"}
    assert (delivery["success"], delivery["type"]) == (1, 2)
    assert delivery["task_id"] == answer["data"]["task_id"]
    result = await fetch(box, delivery["result_image"])
    assert changed_in(two, result, left) > 6
    assert changed_in(two, result, right) > 6


async def test_one_face_is_swapped_from_addresses(box: Box, inbox: Inbox, collins: bytes, hopper: bytes) -> None:
    body = {"source_image": box.host(collins), "face_image": box.host(hopper), "webhook": inbox.url}
    before = len(box.paid("aifaceswap", "faceswap"))
    box.faults(aifaceswap=["forged-webhook:1", "double-webhook:1"])
    answer = (await post(box, "faceswap", json=body)).json()
    assert answer["data"]["points"] == 2
    forged, first, second = await inbox.next(), await inbox.next(), await inbox.next()
    assert forged["task_id"] != answer["data"]["task_id"] == first["task_id"]
    assert first == second
    assert first["type"] == 1
    assert (await fetch(box, first["result_image"]))[:2] == b"\xff\xd8"
    [paid] = box.paid("aifaceswap", "faceswap")[before:]
    assert (paid["id"], paid["credits"]) == (answer["data"]["task_id"], 2)


async def test_equal_wishes_have_equal_digests(box: Box, nobody: bytes) -> None:
    for _ in range(2):
        body = {"source_image": box.host(nobody).partition("?")[0], "face_image": "http://127.0.0.1:1/a.jpg"}
        assert (await post(box, "faceswap", json=body)).status_code == 400
    files = {"source_image": ("a.jpg", nobody), "face_image": ("b.jpg", nobody)}
    before = len(box.paid("aifaceswap", "faceswap"))
    for number in range(2):
        await post(box, "faceswap", files=files, data={"webhook": f"http://127.0.0.1:1/{number}"})
    first, second = box.paid("aifaceswap", "faceswap")[before:]
    assert first["digest"] == second["digest"]
    assert first["id"] != second["id"]


async def test_a_failure_is_delivered_and_a_lost_webhook_is_not(
    box: Box, inbox: Inbox, collins: bytes, nobody: bytes
) -> None:
    files = {"source_image": ("a.jpg", collins), "face_image": ("b.jpg", nobody)}
    answer = (await post(box, "faceswap", files=files, data={"webhook": inbox.url})).json()
    delivery = await inbox.next()
    assert delivery == {"success": 0, "type": 1, "task_id": answer["data"]["task_id"], "result_image": ""}
    box.faults(aifaceswap=["lost-webhook:1"])
    await post(box, "faceswap", files=files, data={"webhook": inbox.url})
    # Its turn has come when it is written down; and nothing was delivered.
    await asyncio.to_thread(until, lambda: box.state()["webhooks"][-1]["error"] == "lost")
    assert inbox.came.empty()


@pytest.mark.parametrize(
    ("key", "status"), [("", 401), ("wrong-key", 401), ("banned-key", 403), ("poor-key", 402), ("sandbox-key", 400)]
)
async def test_who_is_let_in(box: Box, nobody: bytes, key: str, status: int) -> None:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    files = {"source_image": ("a.jpg", nobody), "face_image": ("b.jpg", nobody)}
    sent = {} if key == "sandbox-key" else files
    reply = await post(box, "faceswap", headers=headers, files=sent)
    assert reply.status_code == status
    assert reply.json()["code"] == status


@pytest.mark.parametrize(
    "body",
    [
        {"source_image": "http://127.0.0.1:1/a.jpg", "face_image": ["http://127.0.0.1:1/b.jpg"], "index": ["0"]},
        {"source_image": "http://127.0.0.1:1/a.jpg", "face_image": ["http://127.0.0.1:1/b.jpg"], "index": [0, 1]},
        {"source_image": "http://192.0.2.1/a.jpg", "face_image": ["http://127.0.0.1:1/b.jpg"], "index": [0]},
        {"source_image": "http://127.0.0.1:1/a.jpg", "webhook": "file:///etc/passwd"},
        [],
    ],
)
async def test_parameters_are_read_strictly(box: Box, body: Any) -> None:
    reply = await post(box, "multi_faceswap", json=body)
    assert reply.status_code == 400
