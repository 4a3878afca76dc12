"""AKOOL's live sessions as a provider offers them: the source face is found there, the way in is handed on."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from faceswap_desktop.domain.cloud import NeedKind
from faceswap_desktop.domain.errors import InputRefused, ProviderError
from faceswap_desktop.domain.faces import PhotoId, SourceFaceId
from faceswap_desktop.domain.job import JobId
from faceswap_desktop.domain.live_cloud import ChannelDoor
from faceswap_desktop.domain.recipe import SourceRef
from faceswap_desktop.domain.settings import AkoolPrices
from faceswap_desktop.domain.work import SourceFiles
from faceswap_desktop.providers.protocol import Capability, LiveFace, LiveService
from faceswap_desktop.resources import resource_path
from faceswap_desktop.workers.pool import WorkerPool
from tests.clearing import cleared_source
from tests.contract import akool_service as akool
from tests.contract.akool_service import recorded, request_of, says
from tests.contract.akool_tokens import APP_ID, a_token
from tests.unit.providers.akool.akool_jobs import World, a_world

SOURCE = cleared_source(SourceRef(SourceFaceId("s"), "Grace", (PhotoId("p"),)))
FILES = SourceFiles((str(resource_path("samples", "grace_hopper.jpg")),), "")
CREATE, UPDATE, CLOSE = (f"{akool.V3}/live/{name}" for name in ("create", "update", "close"))
ITEM = request_of("live_create")["sourceImage"][0]
FACE = LiveFace({"face": json.dumps({**ITEM, "corners": None, "origin": [0, 0], "is_crop": True})})


@pytest_asyncio.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with a_world(tmp_path) as made:
        yield made


async def test_what_is_said_before_a_session(world: World) -> None:
    live: LiveService = world.provider.live
    assert Capability.LIVE in world.provider.info.capabilities
    assert live.info is world.provider.info
    world.set(prices=AkoolPrices(live=12.5))
    assert live.price == 12.5
    assert list(live.destinations) == ["127.0.0.1"]
    assert await live.needs() == ()
    world.secrets.clear()
    world.hosting.is_set_up = False
    assert [one.kind for one in await live.needs()] == [NeedKind.ACCOUNT]
    world.set(legacy_detector=True)
    assert [one.kind for one in await live.needs()] == [NeedKind.ACCOUNT, NeedKind.HOSTING]
    assert list(live.destinations) == ["127.0.0.1", "bucket.example.org"]
    assert world.service.asked == [], "nobody is asked"


async def test_a_session_is_opened_changed_and_closed(world: World) -> None:
    answer = json.loads(recorded("live_create").body or b"")
    answer["data"] |= {"front_rtc_token": a_token(), "algorithm_user_id": ""}
    world.service.will(CREATE, says(answer))
    for path in (UPDATE, CLOSE):
        world.service.will(path, recorded("ok"))
    live = world.provider.live
    opened = await live.open(SOURCE, FACE)
    assert opened.remote_id == "684f8fb744b8795862e45cbe"
    assert opened.door == ChannelDoor(APP_ID, "20250616032959101_8224", a_token(), 1, None)
    await live.change(opened.remote_id, SOURCE, FACE)
    await live.close(opened.remote_id)
    assert [one.json for one in world.service.asked] == [
        {"sourceImage": [ITEM]},
        {"_id": opened.remote_id, "sourceImage": [ITEM]},
        {"_id": opened.remote_id},
    ]


async def test_a_session_that_cannot_be_joined_is_handed_on_to_be_closed(world: World) -> None:
    answer = json.loads(recorded("live_create").body or b"")
    answer["data"] |= {"front_rtc_token": "<script>"}
    world.service.will(CREATE, says(answer))
    opened = await world.provider.live.open(SOURCE, FACE)
    assert (opened.remote_id, opened.door) == ("684f8fb744b8795862e45cbe", None)
    assert opened.why is not None
    assert "another version" in opened.why.text()


@pytest.mark.parametrize(
    "values", [{}, {"face": "rubbish"}, {"face": "{}"}, {"face": '{"path": "file:///x"}'}], ids=str
)
async def test_a_face_that_was_not_made_ready_is_not_sent(world: World, values: dict[str, str]) -> None:
    with pytest.raises(ProviderError):
        await world.provider.live.open(SOURCE, LiveFace(values))
    assert world.service.asked == []


async def test_the_source_face_is_found_there(tmp_path: Path) -> None:
    pool = WorkerPool(tmp_path / "cache", job_slots=1, memory_mb=0, task_limit_s=120.0)
    await pool.start(warm=False)
    folder = tmp_path / "copies"
    folder.mkdir()
    try:
        async with a_world(tmp_path, pool) as world:
            live = world.provider.live
            world.service.will(akool.DETECT_FACES, recorded("detect_faces"))
            face = await live.make_ready(SOURCE, FILES, JobId("live-1"), str(folder))
            [asked] = world.service.asked
            assert asked.json.keys() == {"img", "single_face", "return_face_url"}
            assert json.loads(face.values["face"])["opts"] == "246,510:457,516:340,657:348,739"
            assert list(folder.iterdir()) == [], "no copy stays"
            assert world.hosting.hosted == []

            nobody = {"error_code": 0, "error_msg": "SUCCESS", "faces_obj": {"0": {"region": [], "landmarks_str": []}}}
            world.service.will(akool.DETECT_FACES, says(nobody))
            with pytest.raises(InputRefused) as caught:
                await live.make_ready(SOURCE, FILES, JobId("live-1"), str(folder))
            assert "Grace" in caught.value.message.text()

            # The older detector fetches it.
            world.set(legacy_detector=True)
            world.service.will(akool.OLD_DETECT, recorded("detect"))
            face = await live.make_ready(SOURCE, FILES, JobId("live-1"), str(folder))
            assert len(world.hosting.hosted) == 1
            assert json.loads(face.values["face"])["path"].endswith("hosted-live-1-0")
            assert list(folder.iterdir()) == []
    finally:
        await pool.close()
