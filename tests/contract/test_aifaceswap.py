"""aifaceswap as its page for developers describes it: requests in both manners, replies word for word, the webhook."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from faceswap_desktop.domain.geometry import BoundingBox
from faceswap_desktop.domain.settings import AifaceswapSettings, ProvidersSettings, Settings
from faceswap_desktop.providers.aifaceswap import parse_delivery
from faceswap_desktop.providers.aifaceswap.api import AifaceswapApi, Picture
from faceswap_desktop.providers.aifaceswap.webhook import DONE, FAILED, MULTIPLE, SINGLE
from tests.clearing import cleared_file
from tests.unit.providers.clouds import Answer, Asked, Part, World, a_world

REPLIES = Path(__file__).parent / "replies" / "aifaceswap"
WEBHOOK = "http://xxxx.xx/api/task_callback"
SOURCE = "https://temp.aifaceswap.io/aifaceswap/static_img/8a1bce5ea303791589165a5f607e7399.webp"
FACE = "https://temp.aifaceswap.io/aifaceswap/static_img/1f153b1ab8d134f1eff57eb527467137.webp"


def recorded(name: str) -> Answer:
    return Answer(body=(REPLIES / f"{name}.json").read_bytes())


@pytest_asyncio.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    def settings(url: str) -> Settings:
        base = AifaceswapSettings(base_url=f"{url}/api/aifaceswap/v1")
        return Settings(providers=ProvidersSettings(aifaceswap=base))

    async with a_world(tmp_path, settings, {"aifaceswap.api_key": "xxxx"}) as opened:
        yield opened


@pytest.fixture
def api(world: World) -> AifaceswapApi:
    return AifaceswapApi(world.tools)


@pytest.fixture
def pictures(tmp_path: Path) -> list[Picture]:
    """The picture that is edited, and two new faces; their own names must not leave."""
    made = []
    for name, kind in (("Ada's party", "image/jpeg"), ("Ada", "image/png"), ("Bob", "image/webp")):
        (tmp_path / name).write_bytes(f"bytes of {name}".encode())
        made.append(Picture(cleared_file(tmp_path / name), kind))
    return made


def only(world: World, path: str) -> Asked:
    [asked] = world.service.asked
    assert asked.path == f"/api/aifaceswap/v1/{path}"
    assert asked.headers["Authorization"] == "Bearer xxxx"
    assert asked.headers["Accept"] == "application/json"
    assert asked.query == {}
    return asked


def file(name: str, content: str, file_name: str, media_type: str) -> Part:
    return Part(name, content.encode(), file_name, media_type)


@pytest.mark.parametrize(
    ("name", "task"),
    [("faceswap", "4e8f96115346c727c688b81d3700924f"), ("faceswap-newer", "ac3eb7ab5852233a3d2076031103b4fe")],
)
async def test_faceswap_with_addresses(name: str, task: str, world: World, api: AifaceswapApi) -> None:
    world.service.will(recorded(name))
    accepted = await api.faceswap(Picture(url=SOURCE), Picture(url=FACE), WEBHOOK)
    assert (accepted.task_id, accepted.points) == (task, 2)
    # source_image is what is edited; face_image is the new face.
    assert only(world, "faceswap").json == {"source_image": SOURCE, "face_image": FACE, "webhook": WEBHOOK}


async def test_faceswap_with_files(world: World, api: AifaceswapApi, pictures: list[Picture]) -> None:
    world.service.will(recorded("faceswap"))
    await api.faceswap(pictures[0], pictures[1], WEBHOOK)
    asked = only(world, "faceswap")
    assert asked.texts("webhook") == [WEBHOOK]
    assert [part for part in asked.parts if part.file_name] == [
        file("source_image", "bytes of Ada's party", "target.jpg", "image/jpeg"),
        file("face_image", "bytes of Ada", "face.png", "image/png"),
    ]
    assert len(asked.parts) == 3


async def test_extract_face(world: World, api: AifaceswapApi, pictures: list[Picture]) -> None:
    world.service.will(recorded("extract_face"))
    found = await api.extract_face(pictures[0])
    assert found.points == 2
    assert found.boxes == (
        BoundingBox(146, 256, 240, 381),
        BoundingBox(297, 521, 371, 621),
        BoundingBox(441, 208, 529, 332),
    )
    assert only(world, "extract_face").parts == [file("img", "bytes of Ada's party", "target.jpg", "image/jpeg")]


async def test_extract_face_with_an_address(world: World, api: AifaceswapApi) -> None:
    world.service.will(recorded("extract_face"))
    await api.extract_face(Picture(url=SOURCE))
    assert only(world, "extract_face").json == {"img": SOURCE}


async def test_multi_faceswap_with_files(world: World, api: AifaceswapApi, pictures: list[Picture]) -> None:
    world.service.will(recorded("multi_faceswap"))
    accepted = await api.multi_faceswap(pictures[0], pictures[1:], [0, 2], WEBHOOK)
    assert (accepted.task_id, accepted.points) == ("6c3ce398d9e2bdd6abed6d636ec2ac03", 5)
    asked = only(world, "multi_faceswap")
    # As the vendor's own sample sends them: index=0&index=2, and the part face_image once for each.
    assert asked.texts("index") == ["0", "2"]
    assert asked.texts("webhook") == [WEBHOOK]
    assert [part for part in asked.parts if part.file_name] == [
        file("source_image", "bytes of Ada's party", "target.jpg", "image/jpeg"),
        file("face_image", "bytes of Ada", "face-1.png", "image/png"),
        file("face_image", "bytes of Bob", "face-2.webp", "image/webp"),
    ]


async def test_multi_faceswap_with_addresses(world: World, api: AifaceswapApi) -> None:
    world.service.will(recorded("multi_faceswap"))
    await api.multi_faceswap(Picture(url=SOURCE), [Picture(url=FACE), Picture(url=SOURCE)], [0, 2], WEBHOOK)
    assert only(world, "multi_faceswap").json == {
        "source_image": SOURCE,
        "face_image": [FACE, SOURCE],
        "index": [0, 2],
        "webhook": WEBHOOK,
    }


def test_webhook_of_a_swap() -> None:
    body = json.loads('{"success": 1, "type": 2, "task_id": "6c3ce398", "result_image": "https://a.example/r.webp"}')
    assert parse_delivery(body) == {
        "success": DONE,
        "type": MULTIPLE,
        "task_id": "6c3ce398",
        "result_image": "https://a.example/r.webp",
    }


def test_webhook_of_a_failure() -> None:
    body = {"success": 0, "type": 1, "task_id": "6c3ce398", "result_image": ""}
    assert parse_delivery(body) == {"success": FAILED, "type": SINGLE, "task_id": "6c3ce398"}
