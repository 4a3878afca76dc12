"""A home with a real ledger, and a provider that does what a test tells it."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from faceswap_desktop.domain.cloud import Delivery, Fit, Need, RemoteAccount
from faceswap_desktop.domain.errors import ProviderRejected
from faceswap_desktop.domain.events import Event, JobChanged
from faceswap_desktop.domain.faces import PhotoId, SourceFaceId
from faceswap_desktop.domain.geometry import BoundingBox, Point, Size
from faceswap_desktop.domain.job import Hold, Job, JobId, JobState
from faceswap_desktop.domain.media import Fingerprint, Media, MediaId, MediaKind
from faceswap_desktop.domain.messages import message
from faceswap_desktop.domain.recipe import FacePairing, OutputOptions, Recipe, SourceRef, TargetFace
from faceswap_desktop.domain.settings import Settings
from faceswap_desktop.domain.work import FetchedFile, Handle, SourceFiles, WorkContext, WorkLost
from faceswap_desktop.jobs.events import EventBus
from faceswap_desktop.jobs.runner import JobRunner
from faceswap_desktop.jobs.tools import Clear, Hooks
from faceswap_desktop.providers.protocol import (
    CancelOutcome,
    Capability,
    Provider,
    ProviderInfo,
    Quote,
    StepPlan,
)
from faceswap_desktop.storage.database import Database
from faceswap_desktop.storage.ledger import Ledger
from faceswap_desktop.storage.paths import Home
from faceswap_desktop.storage.results import ResultStore
from tests.clearing import clear_all

Deed = Callable[[WorkContext], Awaitable[None]]
CONTENT = b"not a picture, but bytes like any other"
LIMIT_S = 120
"""Nothing here takes a tenth of it, unless the computer is very busy."""


def make_recipe(provider: str = "scripted", *, name: str = "party.png", **output: Any) -> Recipe:
    points = (Point(3, 3), Point(7, 3), Point(5, 5), Point(4, 7), Point(6, 7))
    return Recipe(
        provider=provider,
        media=Media(
            MediaId("m"), f"/pictures/{name}", MediaKind.IMAGE, Size(10, 10), "PNG", Fingerprint(1, 1, "0" * 64)
        ),
        pairings=(
            FacePairing(
                TargetFace(0, BoundingBox(0, 0, 10, 10), points),
                SourceRef(SourceFaceId("s"), "Ada", (PhotoId("p"),)),
            ),
        ),
        output=OutputOptions(**output),
    )


class ScriptedProvider:
    """Does ``deed`` in ``run`` and writes a small file; remembers what it was asked."""

    def __init__(
        self, deed: Deed | None = None, *, is_local: bool = True, is_paid: bool = False, room: int = 1
    ) -> None:
        self.info = ProviderInfo("scripted", "Scripted", Capability.SWAP_IMAGE, message("None."), room, is_local)
        self.deed = deed
        self.submit_deed: Deed | None = None
        self.fetch_deed: Deed | None = None
        self.is_paid = is_paid
        self.keeps = False
        self.room = 0
        self.asked: list[tuple[str, str]] = []
        self.running = 0
        self.most_at_once = 0
        self._made: set[str] = set()

    async def quote(self, recipe: Recipe) -> Quote:
        return Quote(1.0)

    def steps(self, recipe: Recipe) -> tuple[StepPlan, ...]:
        return (StepPlan("create", self.is_paid),)

    def keeps_work(self, recipe: Recipe) -> bool:
        return self.keeps and "clip" in recipe.media.path

    async def room_needed(self, recipe: Recipe, scratch_folder: str) -> int:
        return self.room

    def watchable(self, job: JobId) -> float:
        return 2.0 if self.running and self.keeps else 0.0

    async def watch(self, job: JobId) -> str:
        return f"/watch/{job}"

    @property
    def account(self) -> RemoteAccount | None:
        return None

    def fit(self, recipe: Recipe) -> Fit:
        return Fit()

    async def needs(self, recipe: Recipe) -> tuple[Need, ...]:
        return ()

    async def prepare(self, context: WorkContext) -> Mapping[str, str]:
        return {}

    def receive(self, delivery: Delivery) -> Handle:
        raise ProviderRejected(message("Nothing is delivered here."))

    async def submit(self, context: WorkContext) -> Handle:
        self.asked.append(("submit", context.job))
        if self.submit_deed is not None:
            await self.submit_deed(context)
        return Handle("scripted", {"remote": f"r-{context.job}"})

    async def run(self, handle: Handle, context: WorkContext) -> Handle:
        assert handle.values["remote"] == f"r-{context.job}"
        self.asked.append(("run", context.job))
        self.running += 1
        self.most_at_once = max(self.most_at_once, self.running)
        try:
            if self.deed is not None:
                await self.deed(context)
        finally:
            self.running -= 1
        self._made.add(context.job)
        return handle

    async def fetch(self, handle: Handle, context: WorkContext) -> FetchedFile:
        self.asked.append(("fetch", context.job))
        if self.fetch_deed is not None:
            await self.fetch_deed(context)
        if self.info.is_local and context.job not in self._made:
            raise WorkLost
        path = Path(context.scratch_folder) / "result.png"
        path.write_bytes(CONTENT)
        return FetchedFile(str(path), 10, 10, "PNG", len(CONTENT), hashlib.sha256(CONTENT).hexdigest(), 1, 0.7, 0.1)

    async def cancel(self, handle: Handle) -> CancelOutcome:
        self.asked.append(("cancel", handle.values["remote"]))
        return CancelOutcome(None if self.info.is_local else message("It may be charged all the same."))

    def order(self, call: str = "run") -> list[str]:
        return [job for name, job in self.asked if name == call]


async def no_sources(recipe: Recipe) -> Mapping[SourceFaceId, SourceFiles]:
    return {}


@dataclass
class World:
    """One start of the program on a home folder."""

    home: Home
    database: Database
    ledger: Ledger
    results: ResultStore
    bus: EventBus
    runner: JobRunner
    events: list[Event] = field(default_factory=list)
    settings: Settings = field(default_factory=Settings)

    async def close(self) -> None:
        await self.runner.stop()
        await self.database.close()

    async def add(self, recipe: Recipe | None = None, *, priority: float | None = None, job: str = "") -> JobId:
        number = len(await self.ledger.list())
        now = time.time() + number * 1e-3
        new = Job(
            JobId(job or f"job{number}"),
            recipe or make_recipe(),
            created_at=now,
            priority=now if priority is None else priority,
        )
        await self.ledger.add(new)
        if self.runner.is_started:
            self.runner.wake()
        return new.id

    async def job(self, job_id: JobId) -> Job:
        found = await self.ledger.get(job_id)
        assert found is not None
        return found

    async def becomes(self, job_id: JobId, *states: JobState) -> Job:
        async with asyncio.timeout(LIMIT_S):
            while (job := await self.job(job_id)).state not in states:  # noqa: ASYNC110
                await asyncio.sleep(0.005)
        return job

    async def holds(self, job_id: JobId, hold: Hold | None) -> Job:
        async with asyncio.timeout(LIMIT_S):
            while (job := await self.job(job_id)).hold is not hold:  # noqa: ASYNC110
                await asyncio.sleep(0.005)
        return job

    async def idle(self) -> None:
        async with asyncio.timeout(LIMIT_S):
            await self.runner.idle()

    def states_of(self, job_id: JobId) -> list[JobState]:
        """States as events told them, without repetition."""
        told = [event.job.state for event in self.events if isinstance(event, JobChanged) and event.job.id == job_id]
        return [state for place, state in enumerate(told) if place == 0 or told[place - 1] is not state]

    def result_files(self) -> list[str]:
        return sorted(path.name for path in self.home.results_folder.iterdir())

    def scratch_files(self) -> list[Path]:
        return [path for path in self.home.scratch_folder.rglob("*") if path.name != "jobs"]


async def open_world(
    root: Path,
    *providers: Provider,
    ledger_type: type[Ledger] = Ledger,
    results_type: type[ResultStore] = ResultStore,
    source_files: Callable[[Recipe], Awaitable[Mapping[SourceFaceId, SourceFiles]]] = no_sources,
    settings: Settings | None = None,
    start: bool = True,
    hooks: Hooks | None = None,
    database_type: type[Database] = Database,
    clear: Clear = clear_all,
) -> World:
    home = Home(root)
    home.create()
    database = await database_type.open(home.database)
    ledger, results, bus = ledger_type(database), results_type(database), EventBus()
    settings = settings or Settings()
    chosen = settings
    runner = JobRunner(ledger, results, providers, home, bus, lambda: chosen, source_files, clear, hooks)
    world = World(home, database, ledger, results, bus, runner, settings=settings)
    bus.subscribe(world.events.append)
    if start:
        await runner.start()
    return world


def with_library(settings: Settings, folder: Path) -> Settings:
    return replace(settings, storage=replace(settings.storage, library_folder=str(folder)))
