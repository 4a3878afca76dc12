"""The providers and the sandbox were written apart, from the same texts: here they meet, over real sockets."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest_asyncio

from faceswap_desktop.compose import Program, build
from faceswap_desktop.domain.job import JobId
from faceswap_desktop.domain.recipe import Recipe, SwapOptions
from faceswap_desktop.domain.settings import AkoolApi, Settings
from faceswap_desktop.domain.work import FetchedFile, Handle
from faceswap_desktop.providers.aifaceswap import AifaceswapProvider
from faceswap_desktop.providers.aifaceswap import parse_delivery as parse_aifaceswap
from faceswap_desktop.providers.aigs import AigsProvider
from faceswap_desktop.providers.aigs.account import TERMS_VERSION
from faceswap_desktop.providers.akool import AkoolProvider
from faceswap_desktop.providers.akool import parse_delivery as parse_akool
from faceswap_desktop.providers.protocol import Provider
from faceswap_desktop.providers.tools import CloudTools
from faceswap_desktop.services.hosting import BucketHosting
from faceswap_desktop.services.mailbox import JobMailbox
from faceswap_desktop.services.sandbox_process import SandboxAddresses, with_sandbox
from faceswap_desktop.storage.answers import AnswerStore
from faceswap_desktop.storage.hosted import HostedStore
from faceswap_desktop.storage.mail import MailStore
from faceswap_desktop.storage.paths import Home
from faceswap_desktop.transport.client import ApiClient
from tests.unit.providers.clouds import JobContext
from tests.unit.sandbox.conftest import LIMIT_S, Box, changed_in

KEY = "sandbox-key-for-everyone"
"""As long as a key of AES."""


TERMS = f"aigs:{TERMS_VERSION}"


@dataclass
class Meeting:
    """The program's own services, and the tools of cloud providers, pointed at the sandbox."""

    program: Program
    tools: CloudTools
    settings: Settings
    folder: Path
    box: Box

    async def recipe(
        self, picture: bytes, sources: Mapping[int, bytes], ages: Mapping[int, int] | None = None
    ) -> Recipe:
        """Pair faces, counted from the left, with the faces of other pictures."""
        path = self._written("target.jpg", picture)
        media, faces = await self.program.detection.detect(path)
        places = sorted(faces, key=lambda face: face.box.left)
        pairings = {}
        for place, source in sources.items():
            photo = self._written(f"source-{place}.jpg", source)
            pairings[places[place].index] = (await self.program.library.add_face(photo)).id
        return await self.program.swapping.make_recipe(
            media,
            faces,
            pairings,
            SwapOptions(),
            ages={places[place].index: years for place, years in (ages or {}).items()},
            provider="on-device",
        )

    async def video_recipe(self, clip: bytes, source: bytes | None, years: int = 0) -> Recipe:
        """Change the only person of a video."""
        path = self._written("target.mp4", clip)
        index = await self.program.videos.index(await self.program.videos.probe(path))
        analysis = await self.program.videos.analyse(index.media, lambda _: None)
        faces = tuple(identity.best_face for identity in analysis.identities)
        pairings = {}
        if source is not None:
            pairings[0] = (await self.program.library.add_face(self._written("source.jpg", source))).id
        return await self.program.swapping.make_recipe(
            index.media, faces, pairings, SwapOptions(), ages={0: years}, analysis=analysis, provider="on-device"
        )

    async def done(self, provider: Provider, recipe: Recipe, job: str) -> tuple[FetchedFile, list[Handle]]:
        """Take a job through all its calls."""
        recipe = replace(recipe, provider=provider.info.id)
        hosted = await self.hosted()
        assert provider.fit(recipe).refusals == ()
        assert await provider.needs(recipe) == ()
        scratch = self.folder / f"scratch-{job}"
        scratch.mkdir()
        context = JobContext(
            recipe,
            str(scratch),
            job=JobId(job),
            sources=await self.program.library.source_files(recipe),
            video_cache=str(self.program.home.videos_folder),
        )
        handles: list[Handle] = []
        for step in provider.steps(recipe):
            context.step = step
            context.prepared = await provider.prepare(context)
            handle = await provider.submit(context)
            async with asyncio.timeout(LIMIT_S):
                handle = await provider.run(handle, context)
            context.earlier = {**context.earlier, step.name: handle}
            handles.append(handle)
        fetched = await provider.fetch(handles[-1], context)
        await self.tools.mailbox.close(JobId(job))
        await self.tools.hosting.release(JobId(job))
        assert await self.hosted() == hosted, "something was left in the bucket"
        return fetched, handles

    async def hosted(self) -> list[str]:
        return list((await asyncio.to_thread(self.box.state))["hosted"])

    def _written(self, name: str, contents: bytes) -> str:
        path = self.folder / name
        path.write_bytes(contents)
        return str(path)


@pytest_asyncio.fixture
async def meeting(box: Box, tmp_path: Path) -> AsyncIterator[Meeting]:
    where = SandboxAddresses(**box.where)
    settings = with_sandbox(Settings(), where)
    settings = replace(settings, providers=replace(settings.providers, accepted_terms=TERMS))
    program = await build(Home(tmp_path / "home"))
    await program.pool.start(warm=False)
    clients: list[ApiClient] = []

    # The sandbox is shared, and ai-gs takes one request per second of each token.
    token = f"sandbox-{uuid.uuid4()}"

    async def secret(name: str) -> str | None:
        return token if name == "aigs.token" else KEY

    def client(provider: str, base_url: Callable[[], str]) -> ApiClient:
        clients.append(ApiClient(provider, base_url))
        return clients[-1]

    def current() -> Settings:
        return met.settings

    async def akools(body: object) -> Mapping[str, str | int | float] | None:
        return await parse_akool(body, secret)

    mailbox = JobMailbox(
        current,
        secret,
        client,
        MailStore(program.database),
        {"aifaceswap": parse_aifaceswap, "akool": akools},
    )
    hosting = BucketHosting(current, secret, client, HostedStore(program.database))
    tools = CloudTools(program.pool, current, secret, hosting, mailbox, AnswerStore(program.database), client)
    met = Meeting(program, tools, settings, tmp_path, box)
    yield met
    await mailbox.stop()
    for one in clients:
        await one.close()
    await program.close()


def with_akool(settings: Settings, api: AkoolApi, *, legacy: bool = False, webhook: bool = False) -> Settings:
    akool = replace(settings.providers.akool, api=api, legacy_detector=legacy, webhook=webhook)
    return replace(settings, providers=replace(settings.providers, akool=akool))


def regions(recipe: Recipe) -> list[list[float]]:
    return [[one.box.left, one.box.top, one.box.right, one.box.bottom] for one in recipe.targets]


async def test_ai_gs_swaps_one_face(meeting: Meeting, box: Box, collins: bytes, hopper: bytes) -> None:
    before = len(box.paid("aigs", "faceswap"))
    recipe = await meeting.recipe(collins, {0: hopper})
    fetched, [handle] = await meeting.done(AigsProvider(meeting.tools), recipe, "gs")
    assert changed_in(collins, Path(fetched.path).read_bytes(), regions(recipe)[0]) > 5
    assert [one["id"] for one in box.paid("aigs", "faceswap")[before:]] == [handle.values["remote_id"]]


async def test_aifaceswap_swaps_chosen_faces(
    meeting: Meeting, box: Box, two: bytes, collins: bytes, hopper: bytes
) -> None:
    provider = AifaceswapProvider(meeting.tools)
    recipe = await meeting.recipe(two, {1: collins})
    before = {name: len(box.paid("aifaceswap", name)) for name in ("extract_face", "multi_faceswap")}
    await meeting.done(provider, recipe, "first")
    # The faces are asked for once; the answer was paid for and is kept.
    fetched, _ = await meeting.done(provider, recipe, "second")
    result = Path(fetched.path).read_bytes()
    [right] = regions(recipe)
    assert changed_in(two, result, right) > 6
    assert changed_in(two, result, [0, 0, 240, 320]) < 2
    made = {name: len(box.paid("aifaceswap", name)) - count for name, count in before.items()}
    assert made == {"extract_face": 1, "multi_faceswap": 2}
    single = await meeting.recipe(collins, {0: hopper})
    fetched, _ = await meeting.done(provider, single, "third")
    assert changed_in(collins, Path(fetched.path).read_bytes(), regions(single)[0]) > 5


async def test_akool_swaps_two_faces(meeting: Meeting, box: Box, two: bytes, collins: bytes, hopper: bytes) -> None:
    recipe = await meeting.recipe(two, {0: hopper, 1: collins})
    for api, is_legacy in ((AkoolApi.V4_PLUS, False), (AkoolApi.V3, False), (AkoolApi.V3, True)):
        meeting.settings = with_akool(meeting.settings, api, legacy=is_legacy)
        fetched, [handle] = await meeting.done(AkoolProvider(meeting.tools), recipe, f"{api}-{is_legacy}")
        result = Path(fetched.path).read_bytes()
        for region in regions(recipe):
            assert changed_in(two, result, region) > 6
        assert box.row(handle.values["remote_id"])["faceswap_status"] == 3
        assert handle.expires_at > 0


async def test_akool_swaps_and_reages_with_one_call_each(
    meeting: Meeting, box: Box, collins: bytes, hopper: bytes
) -> None:
    meeting.settings = with_akool(meeting.settings, AkoolApi.V4_PRO, webhook=True)
    recipe = await meeting.recipe(collins, {0: hopper}, {0: 20})
    before = box.state()
    fetched, handles = await meeting.done(AkoolProvider(meeting.tools), recipe, "both")
    assert len(handles) == 2
    assert changed_in(collins, Path(fetched.path).read_bytes(), regions(recipe)[0]) > 5
    after = box.state()
    assert before["credits"]["akool"] - after["credits"]["akool"] == 8
    assert [one["status"] for one in after["webhooks"][len(before["webhooks"]) :]].count(200) >= 1


async def test_akool_changes_videos(meeting: Meeting, clip: bytes, hopper: bytes) -> None:
    for api, years in ((AkoolApi.V4_PLUS, 0), (AkoolApi.V3, -20)):
        meeting.settings = with_akool(meeting.settings, api)
        recipe = await meeting.video_recipe(clip, hopper, years)
        fetched, handles = await meeting.done(AkoolProvider(meeting.tools), recipe, str(api))
        assert fetched.format == "MP4"
        assert len(handles) == (2 if years else 1)


async def test_accounts_are_told_apart(meeting: Meeting) -> None:
    for provider in (AkoolProvider(meeting.tools), AigsProvider(meeting.tools), AifaceswapProvider(meeting.tools)):
        assert provider.account is not None
        status = await provider.account.test()
        assert status.is_valid, status
    credits = await AkoolProvider(meeting.tools).account.credits()
    assert credits == 1000
