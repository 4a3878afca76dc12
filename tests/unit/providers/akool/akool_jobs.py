"""Jobs at AKOOL on loopback: a service that answers by what it is sent, and what the provider is given."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import io
import json
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from PIL import Image

from faceswap_desktop.domain.clearance import ClearedFile
from faceswap_desktop.domain.cloud import ByteProgress, HostedFile
from faceswap_desktop.domain.geometry import BoundingBox
from faceswap_desktop.domain.job import JobId
from faceswap_desktop.domain.settings import AkoolSettings, ProvidersSettings, Settings
from faceswap_desktop.providers.akool import AkoolProvider, parse_delivery
from faceswap_desktop.providers.akool.polling import Pace
from faceswap_desktop.providers.tools import CloudTools
from faceswap_desktop.services.mailbox import JobMailbox
from faceswap_desktop.storage.answers import AnswerStore
from faceswap_desktop.storage.database import Database
from faceswap_desktop.storage.mail import MailStore
from faceswap_desktop.transport.client import ApiClient
from faceswap_desktop.workers.pool import WorkerPool
from tests.contract.akool_service import AkoolService, Answer, Asked, recorded, says
from tests.unit.providers.clouds import receiving
from tests.unit.providers.couples import reddened

ID, JOB_ID = "6593c94c0ef703e8c055e3c8", "20240102082900592-5653"
CREATED_AT = "2026-11-03T08:40:00.000Z"
QUICK = Pace(first_s=0.001, longest_s=0.005, longest_for_long_s=0.005)


class LoopbackHosting:
    """Puts files onto the service, as a bucket would."""

    def __init__(self, service: AkoolService) -> None:
        self.is_set_up = True
        self.destination = "bucket.example.org"
        self.hosted: list[str] = []
        self._service = service

    async def host(
        self, file: ClearedFile, job: JobId, media_type: str, on_bytes: ByteProgress | None = None
    ) -> HostedFile:
        path = file.path
        if on_bytes is not None:
            on_bytes(1, 1)
        if path not in self.hosted:
            self.hosted.append(path)
        name = f"hosted-{job}-{self.hosted.index(path)}"
        content = await asyncio.to_thread(Path(path).read_bytes)
        return HostedFile(self._service.serve(name, content, media_type), name)

    async def release(self, job: JobId) -> None:
        self.hosted.clear()


@dataclass
class World:
    """A service and everything that its provider is given."""

    service: AkoolService
    provider: AkoolProvider
    hosting: LoopbackHosting
    mailbox: JobMailbox
    settings: Settings
    secrets: dict[str, str] = field(default_factory=dict)

    def set(self, **changes: Any) -> None:
        made = AkoolSettings(base_url=self.service.url, detect_url=f"{self.service.url}/sg3", **changes)
        self.settings = Settings(providers=ProvidersSettings(akool=made), webhook=receiving())


@contextlib.asynccontextmanager
async def a_world(folder: Path, pool: WorkerPool | None = None) -> AsyncIterator[World]:
    database = await Database.open(folder / "library.sqlite3")
    clients: list[ApiClient] = []
    secrets = {"akool.api_key": "k" * 32}

    async def secret(name: str) -> str | None:
        return secrets.get(name)

    async def at_once(seconds: float) -> None:
        del seconds

    def client(provider: str, base_url: Callable[[], str]) -> ApiClient:
        clients.append(ApiClient(provider, base_url, sleep=at_once))
        return clients[-1]

    async with AkoolService().running() as service:
        hosting = LoopbackHosting(service)
        mailbox = JobMailbox(
            lambda: world.settings,
            secret,
            client,
            MailStore(database),
            {"akool": lambda body: parse_delivery(body, secret)},
        )
        tools = CloudTools(
            cast("WorkerPool", pool), lambda: world.settings, secret, hosting, mailbox, AnswerStore(database), client
        )
        world = World(service, cast("AkoolProvider", None), hosting, mailbox, Settings(), secrets)
        world.set()
        world.provider = AkoolProvider(tools, pace=QUICK)
        try:
            yield world
        finally:
            await mailbox.stop()
            for one in clients:
                await one.close()
    await database.close()


# ---------------------------------------------------------------------------------------- a service that sees and makes


def described(boxes: Sequence[BoundingBox], service: AkoolService, *, crops: bool) -> dict[str, Any]:
    """Describe faces as ``detect_faces`` does: crops begin 10 pixels left of and above the face."""
    regions = [[round(box.left), round(box.top), round(box.width), round(box.height)] for box in boxes]
    lines, crop_lines = [], []
    for x, y, width, height in regions:
        points = [(x + width // 4, y + height // 3), (x + width * 3 // 4, y + height // 3)]
        points += [(x + width // 2, y + height // 2), (x + width // 2, y + height * 3 // 4)]
        lines.append(":".join(f"{a},{b}" for a, b in points))
        crop_lines.append(":".join(f"{a - x + 10},{b - y + 10}" for a, b in points))
    return {
        "landmarks": [[[1, 2]] * 6 for _ in boxes],
        "landmarks_str": lines,
        "region": regions,
        "removed": [],
        "frame_time": None,
        "face_urls": [f"{service.url}/files/crop-{index}-{one[0]}.jpg" for index, one in enumerate(regions)]
        if crops
        else None,
        "crop_region": [[x - 10, y - 10, w + 20, h + 20] for x, y, w, h in regions] if crops else None,
        "crop_landmarks": crop_lines if crops else None,
    }


def sees(service: AkoolService, boxes: Callable[[tuple[int, int]], Sequence[BoundingBox]]) -> Callable[[Asked], Answer]:
    """Detect: in bytes one face in the middle, at an address those that ``boxes`` returns for the picture's size."""

    def answer(asked: Asked) -> Answer:
        if "img" in asked.json:
            with Image.open(io.BytesIO(base64.b64decode(asked.json["img"], validate=True))) as picture:
                width, height = picture.size
            found: Sequence[BoundingBox] = [BoundingBox(width / 4, height / 4, width * 3 / 4, height * 3 / 4)]
        else:
            content, _ = service.files[asked.json["url"].rpartition("/")[2]]
            with Image.open(io.BytesIO(content)) as picture:
                found = boxes(picture.size)
        crops = asked.json["return_face_url"]
        return says(
            {"error_code": 0, "error_msg": "SUCCESS", "faces_obj": {"0": described(found, service, crops=crops)}}
        )

    return answer


def creates(name: str = "specifyimage") -> Answer:
    return recorded(name)


def listed(status: int, url: str = "", **more: Any) -> Answer:
    row = {"_id": ID, "faceswap_status": status, "url": url, "createdAt": CREATED_AT, **more}
    return says({"code": 1000, "msg": "OK", "data": {"result": [row]}})


def makes(service: AkoolService, name: str, of: str) -> str:
    """Make a result of a hosted picture, and return its address."""
    content, _ = service.files[of.rpartition("/")[2]]
    return service.serve(name, reddened(content), "image/jpeg")


def body_text(asked: Asked) -> str:
    return json.dumps(asked.json)
