import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
import pytest_asyncio

import faceswap_desktop.providers as providers_package
from faceswap_desktop.domain.clearance import ClearedRecipe
from faceswap_desktop.domain.errors import InputRefused
from faceswap_desktop.domain.faces import SourceFaceId
from faceswap_desktop.domain.job import JobId
from faceswap_desktop.domain.recipe import OutputFormat, OutputOptions, Recipe
from faceswap_desktop.domain.settings import Settings
from faceswap_desktop.domain.work import FrameProgress, Handle, SourceFiles, StepPlan, Transfer, WorkLost
from faceswap_desktop.media.picture import open_upright
from faceswap_desktop.providers import build_providers
from faceswap_desktop.providers.on_device import OnDeviceProvider
from faceswap_desktop.providers.protocol import Capability
from faceswap_desktop.providers.tools import CloudTools
from faceswap_desktop.workers.pool import WorkerPool
from tests.clearing import cleared
from tests.unit.workers.people import COLLINS, HOPPER, MAX_PIXELS, Listener, keep, open_faces, recipe_for


@dataclass
class Context:
    """What a job would hand over."""

    recipe: Recipe
    sources: Mapping[SourceFaceId, SourceFiles]
    scratch_folder: str
    video_cache: str = ""
    job: JobId = field(default_factory=lambda: JobId("job"))
    max_pixels: int = MAX_PIXELS
    is_cancelled: bool = False
    step: StepPlan = field(default_factory=lambda: StepPlan("swap"))
    prepared: Mapping[str, str] = field(default_factory=dict)
    earlier: Mapping[str, Handle] = field(default_factory=dict)
    reports: list[tuple[float, str]] = field(default_factory=list)

    @property
    def cleared(self) -> ClearedRecipe:
        return cleared(self.recipe)

    def report(
        self, fraction: float, step: str, frames: FrameProgress | None = None, transfer: Transfer | None = None
    ) -> None:
        self.reports.append((fraction, step))

    async def got_on(self) -> None:
        self.reports.append((-1.0, "got on"))

    async def source_files(self) -> Mapping[SourceFaceId, SourceFiles]:
        return self.sources


@pytest_asyncio.fixture
async def pool(tmp_path: Path) -> AsyncIterator[WorkerPool]:
    made = WorkerPool(tmp_path / "cache", job_slots=1, memory_mb=4096, task_limit_s=60)
    await made.start(warm=False)
    yield made
    await made.close()


@pytest.fixture
def context(tmp_path: Path) -> Context:
    listener = Listener(tmp_path)
    kept = keep(COLLINS, tmp_path / "kept", listener.context)
    opened = open_faces(HOPPER, listener.context)
    recipe = recipe_for(opened.media, list(opened.faces or ()), OutputOptions(format=OutputFormat.PNG))
    (tmp_path / "scratch").mkdir()
    return Context(recipe, {SourceFaceId("them"): kept.files}, str(tmp_path / "scratch"))


async def test_list_names_every_provider_of_the_folder(pool: WorkerPool) -> None:
    folder = Path(providers_package.__file__).parent
    entries = {path.name for path in folder.iterdir() if (path / "provider.py").exists()}
    tools = cast(CloudTools, SimpleNamespace(settings=Settings, secret=None, mailbox=None, client=lambda *_: None))
    assert {provider.info.id.replace("-", "_") for provider in build_providers(pool, tools)} == entries


async def test_on_device_says_what_it_can(pool: WorkerPool) -> None:
    info = OnDeviceProvider(pool).info
    assert info.is_local
    assert info.max_concurrent_jobs == pool.job_slots
    assert Capability.SWAP_IMAGE in info.capabilities
    assert Capability.SWAP_VIDEO in info.capabilities
    assert Capability.REAGE_VIDEO in info.capabilities


async def test_quote_costs_nothing_and_sends_nothing(pool: WorkerPool, context: Context) -> None:
    provider = OnDeviceProvider(pool)
    quote = await provider.quote(context.recipe)
    assert quote.seconds > 0
    assert (quote.credits, quote.leaves_computer, quote.files_leaving) == (None, False, 0)
    assert not any(step.is_paid for step in provider.steps(context.recipe))


async def test_work_from_submit_to_fetch(pool: WorkerPool, context: Context) -> None:
    provider = OnDeviceProvider(pool)
    handle = await provider.submit(context)
    await provider.run(handle, context)
    assert [step for _, step in context.reports] == ["open", "find faces", "swap", "write"]
    file = await provider.fetch(handle, context)
    assert Path(file.path).parent == Path(context.scratch_folder)
    assert file.format == "PNG"
    assert open_upright(file.path).size == context.recipe.media.size == (file.width, file.height)
    assert file.similarity is not None
    # Handed over once; a second call has nothing any more.
    with pytest.raises(WorkLost):
        await provider.fetch(handle, context)


async def test_fetch_after_a_restart_starts_over(pool: WorkerPool, context: Context) -> None:
    with pytest.raises(WorkLost):
        await OnDeviceProvider(pool).fetch(Handle("on-device", {"job": "job"}), context)


async def test_cancelling_stops_the_worker(pool: WorkerPool, context: Context) -> None:
    provider = OnDeviceProvider(pool)
    handle = await provider.submit(context)
    working = asyncio.create_task(provider.run(handle, context))
    async with asyncio.timeout(30):
        while not context.reports:  # noqa: ASYNC110 - another process reports
            await asyncio.sleep(0.005)
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working
    outcome = await provider.cancel(handle)
    assert outcome.message is None
    with pytest.raises(WorkLost):
        await provider.fetch(handle, context)


async def test_refusals_come_through(pool: WorkerPool, context: Context, tmp_path: Path) -> None:
    provider = OnDeviceProvider(pool)
    gone = SourceFiles((str(tmp_path / "gone.png"),), str(tmp_path / "gone.npz"))
    context.sources = {SourceFaceId("them"): gone}
    with pytest.raises(InputRefused) as caught:
        await provider.run(await provider.submit(context), context)
    assert caught.value.kind == "source-missing"
