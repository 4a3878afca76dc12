"""Videos at AKOOL: who is who in the frames that its detector chooses, and in single frames sent as pictures."""

import io
import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from PIL import Image

from faceswap_desktop.domain.errors import InputRefused
from faceswap_desktop.domain.geometry import BoundingBox
from faceswap_desktop.domain.recipe import FaceAge, Recipe
from faceswap_desktop.domain.settings import AkoolApi
from faceswap_desktop.providers.akool.requests import request_from_text
from faceswap_desktop.vision.detect import detect
from faceswap_desktop.workers.pool import WorkerPool
from tests.clips import draw_frame, make_clip, two_people
from tests.contract import akool_service as akool
from tests.contract.akool_service import Answer, Asked, recorded, says
from tests.followed import Followed, followed
from tests.unit.providers.akool.akool_jobs import World, a_world, creates, described, listed
from tests.unit.providers.clouds import JobContext
from tests.unit.workers.people import Listener

SIZE = (640, 480)
RATE = 10.0


@dataclass
class Stage:
    """A clip with Collins on the left and Hopper on the right, and where their faces are."""

    one: Followed
    boxes: tuple[BoundingBox, BoundingBox]
    recipe: Recipe

    def context(self, tmp_path: Path, **changes: Any) -> JobContext:
        (tmp_path / "scratch").mkdir(exist_ok=True)
        return JobContext(
            self.recipe,
            str(tmp_path / "scratch"),
            sources=self.one.sources,
            video_cache=str(Path(self.one.files.folder).parent),
            **changes,
        )


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    folder = tmp_path_factory.mktemp("clip")
    scene = two_people(1.0, 0.45)
    clip = make_clip(folder / "clip.mp4", [scene], size=SIZE, rate=RATE)
    one = followed(clip, folder, Listener(folder).context, {"collins": "hopper", "hopper": "collins"})
    faces = sorted(detect(draw_frame(scene, 0.0, SIZE)[0]), key=lambda face: float(face.box[0]))
    left, right = (BoundingBox(*(float(side) for side in face.box)) for face in faces)
    boxes = (left, right)
    pairings = tuple(
        replace(pairing, target=replace(pairing.target, box=boxes[place], frame=frame))
        for place, (pairing, frame) in enumerate(zip(one.recipe.pairings, (2, 6), strict=True))
    )
    recipe = replace(one.recipe, provider="akool", pairings=pairings)
    return Stage(one, boxes, recipe)


@pytest_asyncio.fixture
async def pool(tmp_path: Path) -> Any:
    made = WorkerPool(tmp_path / "cache", job_slots=1, memory_mb=4096, task_limit_s=120)
    await made.start(warm=False)
    yield made
    await made.close()


def watches(world: World, stage: Stage, frames: dict[str, tuple[int, ...]]) -> None:
    """Let the detector see, in some frames of a video, some of the two; in pictures both; in bytes one."""
    service = world.service

    def of(places: tuple[int, ...], seconds: float | None) -> dict[str, Any]:
        return described([stage.boxes[place] for place in places], service, crops=True) | {"frame_time": seconds}

    def answer(asked: Asked) -> Answer:
        if "num_frames" in asked.json:
            found = {name: of(places, int(name) / RATE) for name, places in frames.items()}
        elif "img" in asked.json:
            found = {"0": described([BoundingBox(10, 10, 90, 90)], service, crops=True)}
        else:
            found = {"0": of((1, 0), None)}
        return says({"error_code": 0, "error_msg": "SUCCESS", "faces_obj": found})

    service.will(akool.DETECT_FACES, answer)
    service.will(akool.QUOTA, recorded("quota_info"))


def persons(stage: Stage, *, same: bool = False) -> Any:
    """Let ``analyze_frames`` see Collins in the first and Hopper in the last picture."""

    def answer(asked: Asked) -> Answer:
        found = []
        for place, box in enumerate(stage.boxes):
            corners = [round(one) for one in (box.left, box.top, box.right, box.bottom)]
            frame = min(place, len(asked.json["frame_urls"]) - 1)
            found.append(
                {
                    "person_id": "person_0" if same else f"person_{place}",
                    "index": place,
                    "face_url": f"https://crops.example.com/{place}.jpg",
                    "appearances": [{"timestamp": 0.0, "frame_idx": frame, "bbox": corners}],
                }
            )
        return says({"success": True, "frame_count": len(asked.json["frame_urls"]), "persons": found})

    return answer


async def test_everybody_is_seen_near_the_best_frame(tmp_path: Path, pool: WorkerPool, stage: Stage) -> None:
    async with a_world(tmp_path, pool) as world:
        service, provider = world.service, world.provider
        context = stage.context(tmp_path)
        # Ten seconds begun cost what ten seconds cost.
        assert [step.credits for step in provider.steps(stage.recipe)] == [10.0]
        watches(world, stage, {"0": (0,), "5": (1, 0), "9": (1,)})
        plus = await provider.prepare(context)
        world.set(api=AkoolApi.V3)
        context.prepared = await provider.prepare(context)
        asked = [one.json for one in service.on(akool.DETECT_FACES) if "num_frames" in one.json]
        assert [(one["num_frames"], one["single_face"], one["return_face_url"]) for one in asked] == [
            (24, False, True),
            (24, False, True),
        ]
        service.will(akool.VIDEO, creates())
        handle = await provider.submit(context)
        body = service.on(akool.VIDEO)[0].json
        # Collins is best in frame 2: of those in which she is seen, 0 is nearest; Hopper in 6: that is 5.
        crops = [one["path"].rpartition("/")[2] for one in body["targetImage"]]
        left, right = (round(box.left) for box in stage.boxes)
        assert crops == [f"crop-0-{left}.jpg", f"crop-0-{right}.jpg"]
        assert len(body["sourceImage"]) == 2
        assert "modifyImage" not in body
        sent, kind = service.files[body["modifyVideo"].rpartition("/")[2]]
        assert (kind, sent[4:8]) == ("video/mp4", b"ftyp")
        # Also alone in a frame nobody is taken for the only one of a video.
        assert len(json.loads(plus["request"])["pairs"]) == 2

        service.serve("result", sent, "video/mp4")
        service.will(akool.LIST, listed(3, f"{service.url}/files/result"))
        handle = await provider.run(handle, context)
        fetched = await provider.fetch(handle, context)
        assert (fetched.format, fetched.width, fetched.height, fetched.faces) == ("MP4", *SIZE, 2)


async def test_who_is_not_seen_is_looked_for_in_single_frames(tmp_path: Path, pool: WorkerPool, stage: Stage) -> None:
    async with a_world(tmp_path, pool) as world:
        service, provider = world.service, world.provider
        context = stage.context(tmp_path)
        watches(world, stage, {"0": (0,), "9": (0,)})
        service.will(akool.ANALYZE_FRAMES, persons(stage))
        plus = request_from_text((await provider.prepare(context))["request"]).body()
        assert [one["target_face_info"] for one in plus["face_mapping"]] == [
            {"face_url": "https://crops.example.com/0.jpg"},
            {"face_url": "https://crops.example.com/1.jpg"},
        ]
        [asked] = service.on(akool.ANALYZE_FRAMES)
        assert asked.json["timestamps"] == [0.2, 0.6]
        for url in asked.json["frame_urls"]:
            content, kind = service.files[url.rpartition("/")[2]]
            assert kind == "image/jpeg"
            with Image.open(io.BytesIO(content)) as picture:
                assert (picture.size, dict(picture.getexif())) == (SIZE, {})
                assert len(detect(_pixels(picture))) == 2

        # The same person twice could not be told apart.
        service.will(akool.ANALYZE_FRAMES, persons(stage, same=True))
        with pytest.raises(InputRefused) as caught:
            await provider.prepare(context)
        assert "faces 1 and 2 for the same person" in str(caught.value)

        # Version 3 and reage want points, so the older way is taken: the detector looks at the frame alone.
        aged = replace(stage.recipe, ages=(FaceAge(stage.recipe.pairings[1].target, 12),), pairings=())
        [step] = provider.steps(aged)
        prepared = await provider.prepare(replace(context, recipe=aged, step=step))
        body = request_from_text(prepared["request"]).body()
        assert (body["face_reage"], len(body["targetImage"])) == (12, 1)
        assert body["targetImage"][0]["path"].endswith(f"crop-0-{round(stage.boxes[1].left)}.jpg")
        assert body["modifyVideo"]

        # Without a place for the frames nobody can look at them.
        watches(world, stage, {"0": (0,)})
        world.hosting.is_set_up = False
        with pytest.raises(InputRefused) as refusal:
            await provider.prepare(context)
        assert "face 2" in str(refusal.value)


def _pixels(picture: Image.Image) -> Any:
    import numpy as np

    return np.array(picture.convert("RGB"))
