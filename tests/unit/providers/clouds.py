"""What providers of services are given in tests: a service on loopback, a job's surroundings, real storage."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from aiohttp import BodyPartReader, web

from faceswap_desktop.domain.clearance import ClearedFile, ClearedRecipe
from faceswap_desktop.domain.cloud import ByteProgress, HostedFile
from faceswap_desktop.domain.faces import SourceFaceId
from faceswap_desktop.domain.job import JobId
from faceswap_desktop.domain.recipe import Recipe
from faceswap_desktop.domain.settings import Settings, WebhookSettings
from faceswap_desktop.domain.work import FrameProgress, Handle, SourceFiles, StepPlan, Transfer
from faceswap_desktop.providers.aifaceswap import parse_delivery
from faceswap_desktop.providers.tools import CloudTools
from faceswap_desktop.services.mailbox import JobMailbox
from faceswap_desktop.storage.answers import AnswerStore
from faceswap_desktop.storage.database import Database
from faceswap_desktop.storage.mail import MailStore
from faceswap_desktop.transport.client import ApiClient
from faceswap_desktop.workers.pool import WorkerPool
from tests.clearing import cleared

PUBLIC_URL = "https://hooks.example.org/mine"


@dataclass
class Part:
    """One part of a multipart body."""

    name: str
    content: bytes
    file_name: str | None
    media_type: str


@dataclass
class Asked:
    """One request as it arrived."""

    path: str
    query: dict[str, str]
    headers: Mapping[str, str]
    json: Any
    parts: list[Part]

    def texts(self, name: str) -> list[str]:
        return [part.content.decode() for part in self.parts if part.name == name]

    def files(self) -> list[tuple[str, str | None, str]]:
        return [(part.name, part.file_name, part.media_type) for part in self.parts if part.file_name is not None]


@dataclass
class Answer:
    """What a service answers; without a body it breaks the connection off."""

    status: int = 200
    body: bytes | None = b"{}"
    media_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


class Service:
    """Answers POST with what it was told, in order, the last one for ever; GET with files. Notes what it was asked."""

    def __init__(self) -> None:
        self.answers: list[Answer] = [Answer()]
        self.files: dict[str, Answer] = {}
        self.asked: list[Asked] = []
        self.url = ""

    def will(self, *answers: Answer) -> None:
        self.answers = list(answers)

    def serve(self, name: str, content: bytes, media_type: str = "image/jpeg", status: int = 200) -> str:
        self.files[name] = Answer(status, content, media_type)
        return f"{self.url}/files/{name}"

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[Service]:
        app = web.Application(client_max_size=64 * 2**20)
        app.router.add_post("/{path:.*}", self._post)
        app.router.add_get("/files/{name}", self._get)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=5)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
            yield self
        finally:
            await runner.cleanup()

    async def _post(self, request: web.Request) -> web.StreamResponse:
        parts: list[Part] = []
        json: Any = None
        if request.content_type == "multipart/form-data":
            async for part in await request.multipart():
                assert isinstance(part, BodyPartReader)
                content = bytes(await part.read())
                parts.append(Part(part.name or "", content, part.filename, part.headers.get("Content-Type", "")))
        else:
            json = await request.json()
        self.asked.append(Asked(request.path, dict(request.query), dict(request.headers), json, parts))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if answer.body is None:
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        return web.Response(
            status=answer.status, body=answer.body, content_type=answer.media_type, headers=dict(answer.headers)
        )

    async def _get(self, request: web.Request) -> web.StreamResponse:
        file = self.files.get(request.match_info["name"])
        if file is None:
            return web.Response(status=404)
        return web.Response(status=file.status, body=file.body, content_type=file.media_type)


class ServiceHosting:
    """Puts files onto a service of the test's own, as a bucket would."""

    def __init__(self, service: Service, *, is_set_up: bool = True) -> None:
        self.is_set_up = is_set_up
        self.destination = "bucket.example.org" if is_set_up else ""
        self.hosted: list[tuple[str, JobId, str]] = []
        self._service = service

    async def host(
        self, file: ClearedFile, job: JobId, media_type: str, on_bytes: ByteProgress | None = None
    ) -> HostedFile:
        path = file.path
        if (path, job, media_type) not in self.hosted:
            self.hosted.append((path, job, media_type))
        key = f"hosted-{self.hosted.index((path, job, media_type))}"
        return HostedFile(self._service.serve(key, await asyncio.to_thread(Path(path).read_bytes), media_type), key)

    async def release(self, job: JobId) -> None:
        self.hosted = [one for one in self.hosted if one[1] != job]


@dataclass
class World:
    """A service and everything that its provider is given."""

    service: Service
    tools: CloudTools
    mailbox: JobMailbox
    hosting: ServiceHosting
    settings: Settings
    secrets: dict[str, str]
    clients: list[ApiClient]

    async def deliver(self, address: str, body: Mapping[str, Any]) -> Any:
        return await self.mailbox.receive(address.rpartition("/")[2], dict(body))


async def _at_once(seconds: float) -> None:
    del seconds
    await asyncio.sleep(0)


@contextlib.asynccontextmanager
async def a_world(
    folder: Path, settings: Callable[[str], Settings], secrets: dict[str, str], pool: WorkerPool | None = None
) -> AsyncIterator[World]:
    """Open a world; ``settings`` is given the service's address."""
    database = await Database.open(folder / "library.sqlite3")
    async with Service().running() as service:
        clients: list[ApiClient] = []

        async def secret(name: str) -> str | None:
            return secrets.get(name)

        def client(provider: str, base_url: Callable[[], str]) -> ApiClient:
            clients.append(ApiClient(provider, base_url, sleep=_at_once))
            return clients[-1]

        hosting = ServiceHosting(service)
        made = settings(service.url)
        mailbox = JobMailbox(
            lambda: world.settings, secret, client, MailStore(database), {"aifaceswap": parse_delivery}
        )
        tools = CloudTools(
            cast("WorkerPool", pool), lambda: world.settings, secret, hosting, mailbox, AnswerStore(database), client
        )
        world = World(service, tools, mailbox, hosting, made, secrets, clients)
        try:
            yield world
        finally:
            await mailbox.stop()
            for one in clients:
                await one.close()
    await database.close()


def receiving() -> WebhookSettings:
    return WebhookSettings(public_url=PUBLIC_URL, port=0)


@dataclass
class JobContext:
    """A job's surroundings."""

    recipe: Recipe
    scratch_folder: str
    step: StepPlan = field(default_factory=lambda: StepPlan("swap"))
    prepared: Mapping[str, str] = field(default_factory=dict)
    earlier: Mapping[str, Handle] = field(default_factory=dict)
    sources: Mapping[SourceFaceId, SourceFiles] = field(default_factory=dict)
    job: JobId = field(default_factory=lambda: JobId("job"))
    max_pixels: int = 200_000_000
    is_cancelled: bool = False
    video_cache: str = ""
    reports: list[tuple[float, str]] = field(default_factory=list)
    on_report: Callable[[str], None] = field(default=lambda step: None)

    def report(
        self,
        fraction: float,
        step: str,
        frames: FrameProgress | None = None,
        transfer: Transfer | None = None,
    ) -> None:
        self.reports.append((fraction, step))
        self.on_report(step)

    async def got_on(self) -> None:
        """Nobody counts."""

    async def source_files(self) -> Mapping[SourceFaceId, SourceFiles]:
        return self.sources

    @property
    def cleared(self) -> ClearedRecipe:
        return cleared(self.recipe)

    @property
    def words(self) -> Sequence[str]:
        return list(dict.fromkeys(step for _, step in self.reports))
