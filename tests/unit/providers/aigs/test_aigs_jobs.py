"""Jobs at ai-gs from preparing to fetching, with real copies, a real service on loopback and real results."""

import base64
import io
import json
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio
from PIL import Image

from faceswap_desktop.domain.cloud import Delivery, NeedKind
from faceswap_desktop.domain.errors import ProviderError, ProviderRejected, ProviderUnavailable, UsageError
from faceswap_desktop.domain.job import JobId
from faceswap_desktop.domain.recipe import FaceAge
from faceswap_desktop.domain.settings import AigsPrices, AigsSettings, ProvidersSettings, Settings
from faceswap_desktop.domain.work import Handle
from faceswap_desktop.providers.aigs import AigsProvider
from faceswap_desktop.providers.aigs.api import AigsApi
from faceswap_desktop.providers.protocol import Capability, Provider
from faceswap_desktop.transport.pace import Pace
from faceswap_desktop.workers.pool import WorkerPool
from tests.clearing import cleared_picture
from tests.unit.providers.clouds import Answer, JobContext, World, a_world
from tests.unit.providers.couples import Couple, is_red, reddened, sources_of
from tests.unit.workers.people import HOPPER

DATE = "Tue, 03 Nov 2026 08:49:37 GMT"


@pytest_asyncio.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    def settings(url: str) -> Settings:
        return Settings(providers=ProvidersSettings(aigs=AigsSettings(base_url=url), accepted_terms="akool:9 aigs:1"))

    async with a_world(tmp_path, settings, {"aigs.token": "token"}) as opened:
        yield opened


@pytest.fixture
def provider(world: World) -> Provider:
    return AigsProvider(world.tools, Pace(0))


def context_of(couple: Couple, tmp_path: Path, **changes: object) -> JobContext:
    scratch = tmp_path / "scratch"
    scratch.mkdir(exist_ok=True)
    recipe = couple.recipe("aigs", {1: "Eva"}, **changes)
    return JobContext(recipe, str(scratch), sources=sources_of(tmp_path / "faces", "Eva"))


def succeeded(url: str) -> Answer:
    body = {"code": "success", "image_url": url, "task_id": "t-1"}
    return Answer(body=json.dumps(body).encode(), headers={"Date": DATE})


async def test_a_swap_among_two_people(world: World, pool: WorkerPool, couple: Couple, tmp_path: Path) -> None:
    provider = AigsProvider(replace(world.tools, pool=pool), Pace(0))
    context = context_of(couple, tmp_path)
    [step] = provider.steps(context.recipe)
    assert step.is_paid

    context.prepared = await provider.prepare(context)
    assert world.service.asked == []
    assert "token" not in json.dumps(dict(context.prepared))

    world.service.will(succeeded(f"{world.service.url}/files/result"))
    handle = await provider.submit(context)
    [asked] = world.service.asked
    sent = base64.b64decode(asked.json["template_base64"])
    with Image.open(io.BytesIO(sent)) as region:
        assert max(region.size) <= 1280
        # The other face stays at home: what was sent is less than the right half.
        assert region.width < couple.media.size.width - couple.faces[0].box.right
        assert not region.getexif()
    with Image.open(io.BytesIO(base64.b64decode(asked.json["image_base64"]))) as source:
        assert 50 <= min(source.size) <= max(source.size) <= 2048
    assert b"Ada & Bob" not in sent

    assert handle.values["remote_id"] == "t-1"
    assert float(handle.values["created_at"]) == 1793695777
    assert handle.expires_at == 1793695777 + 7 * 86400
    assert await provider.run(handle, context) == handle

    world.service.serve("result", reddened(sent))
    done = await provider.fetch(handle, context)
    assert (done.width, done.height) == tuple(couple.media.size)
    assert (done.format, done.faces, done.similarity) == ("PNG", 1, None)
    across, down = couple.faces[1].box.center
    middle = (round(across), round(down))
    with Image.open(done.path) as result, Image.open(couple.media.path) as original:
        assert is_red(result.convert("RGB").getpixel(middle))
        left = (0, 0, int(couple.faces[0].box.right), couple.media.size.height)
        assert result.convert("RGB").crop(left).tobytes() == original.convert("RGB").crop(left).tobytes()
    assert {"copy", "process", "download"} <= set(context.words)


async def test_addresses_instead_of_files(world: World, pool: WorkerPool, couple: Couple, tmp_path: Path) -> None:
    world.settings = replace(
        world.settings,
        providers=replace(world.settings.providers, aigs=replace(world.settings.providers.aigs, send_urls=True)),
    )
    provider = AigsProvider(replace(world.tools, pool=pool), Pace(0))
    context = context_of(couple, tmp_path)
    quote = await provider.quote(context.recipe)
    assert quote.destinations == ("127.0.0.1", "bucket.example.org")
    context.prepared = await provider.prepare(context)
    assert [Path(path).stem for path, _, _ in world.hosting.hosted] == ["copy-source-1", "copy-target"]
    # Addresses that open what they lead to are not kept.
    assert world.service.url not in json.dumps(dict(context.prepared))
    world.service.will(succeeded("https://xxxx.com/i.jpeg"))
    await provider.submit(context)
    assert world.service.asked[0].json == {
        "image_url": f"{world.service.url}/files/hosted-0",
        "template_url": f"{world.service.url}/files/hosted-1",
    }

    # A target that lies on the internet already is not hosted; the two ways are never mixed.
    public = context_of(couple, tmp_path, target_url="https://example.org/p.png", bystanders=())
    assert (await provider.quote(public.recipe)).files_leaving == 1
    public.prepared = await provider.prepare(public)
    await provider.submit(public)
    assert world.service.asked[1].json["template_url"] == "https://example.org/p.png"
    assert world.service.asked[1].json["image_url"].startswith(world.service.url)


@pytest.mark.parametrize(
    ("status", "content", "media_type", "kind"),
    [
        (404, b"", "text/plain", "expired"),
        (403, b"<Error>expired</Error>", "application/xml", "expired"),
        (200, b"<html><h1>Sorry</h1></html>", "image/jpeg", "bad-answer"),
        (200, b"", "image/jpeg", "bad-answer"),
        (200, b"\x00\x00\x00\x20ftypisom\x00\x00\x00\x00isomiso2avc1mp41", "image/jpeg", "bad-answer"),
        (503, b"", "text/plain", "server-error"),
    ],
)
async def test_results_that_will_not_do(
    status: int, content: bytes, media_type: str, kind: str, world: World, couple: Couple, tmp_path: Path
) -> None:
    provider, context = AigsProvider(world.tools, Pace(0)), context_of(couple, tmp_path)
    url = world.service.serve("result", content, media_type, status)
    with pytest.raises(ProviderError) as caught:
        await provider.fetch(Handle("aigs", {"result_url": url}), context)
    assert caught.value.kind == kind


@pytest.mark.parametrize("status", [403, 404, 410])
async def test_a_paid_result_is_not_given_up_before_its_time(
    status: int, world: World, couple: Couple, tmp_path: Path
) -> None:
    provider, context = AigsProvider(world.tools, Pace(0)), context_of(couple, tmp_path)
    url = world.service.serve("result", b"", "text/plain", status)
    for expires_in, kind in ((60.0, "server-error"), (-1.0, "expired")):
        with pytest.raises(ProviderError) as caught:
            await provider.fetch(
                Handle("aigs", {"result_url": url, "expires_at": f"{time.time() + expires_in:.0f}"}), context
            )
        assert caught.value.kind == kind


async def test_what_is_missing_is_said_and_holds_the_job(
    world: World, provider: Provider, couple: Couple, tmp_path: Path
) -> None:
    context = context_of(couple, tmp_path)
    assert await provider.needs(context.recipe) == ()
    everything = world.settings
    without_terms = replace(everything, providers=replace(everything.providers, accepted_terms="aigs:0 aigs:10"))
    urls = AigsSettings(everything.providers.aigs.base_url, send_urls=True)
    hosted = replace(everything, providers=replace(everything.providers, aigs=urls))
    for kind, settings, secrets in (
        (NeedKind.ACCOUNT, everything, {}),
        (NeedKind.TERMS, without_terms, {"aigs.token": "token"}),
        (NeedKind.HOSTING, hosted, {"aigs.token": "t"}),
    ):
        world.settings, world.hosting.is_set_up = settings, False
        world.secrets.clear()
        world.secrets.update(secrets)
        [need] = await provider.needs(context.recipe)
        assert (need.kind, need.hint is not None) == (kind, True)
        with pytest.raises(ProviderRejected) as caught:
            await provider.prepare(context)
        assert caught.value.kind == kind.value
    assert world.service.asked == []


async def test_refusals_reach_the_job(world: World, provider: Provider, couple: Couple, tmp_path: Path) -> None:
    context = context_of(couple, tmp_path)
    (tmp_path / "copy").write_bytes(b"x")
    context.prepared = {"source": str(tmp_path / "copy"), "target": str(tmp_path / "copy"), "urls": ""}
    world.service.will(Answer(402, b'{"code": "request_rate_limit", "detail": "Request rate limit, once per second."}'))
    with pytest.raises(ProviderUnavailable) as busy:
        await provider.submit(context)
    assert (busy.value.kind, busy.value.retry_after_s) == ("rate-limited", 1.0)
    # The key went between preparing and submitting.
    world.secrets.clear()
    with pytest.raises(ProviderRejected) as caught:
        await provider.submit(context)
    assert caught.value.kind == "account"
    assert len(world.service.asked) == 1


async def test_what_it_cannot_do_is_refused(provider: Provider, couple: Couple, tmp_path: Path) -> None:
    both = couple.recipe("aigs", {0: "Eva", 1: "Eva"})
    aged = replace(both, pairings=both.pairings[:1], ages=(FaceAge(both.pairings[0].target, 10),))
    for recipe in (both, aged):
        assert provider.fit(recipe).refusals
        context = replace(context_of(couple, tmp_path), recipe=recipe)
        with pytest.raises(UsageError) as caught:
            await provider.prepare(context)
        assert caught.value.kind == "not-supported"


async def test_what_is_known_of_it(world: World, provider: Provider, couple: Couple) -> None:
    recipe = couple.recipe("aigs", {0: "Eva"})
    assert provider.info.capabilities == Capability.SWAP_IMAGE
    assert (provider.info.most_faces, provider.info.kept_days, provider.info.is_local) == (1, 7, False)
    assert "1280" in provider.info.limits.text()
    priced = AigsSettings(world.service.url, prices=AigsPrices(swap=3.0))
    world.settings = replace(world.settings, providers=replace(world.settings.providers, aigs=priced))
    quote = await provider.quote(recipe)
    assert (quote.credits, quote.leaves_computer, quote.files_leaving) == (3.0, True, 2)
    assert quote.destinations == ("127.0.0.1",)
    assert provider.steps(recipe)[0].credits == 3.0
    assert not provider.keeps_work(recipe)
    assert await provider.room_needed(recipe, "") == 0
    assert provider.watchable(JobId("j")) == 0.0
    with pytest.raises(UsageError):
        await provider.watch(JobId("j"))
    with pytest.raises(ProviderRejected):
        provider.receive(Delivery(JobId("j"), "swap", {}, 0.0))
    outcome = await provider.cancel(Handle("aigs"))
    assert outcome.message is not None
    assert "may be charged" in outcome.message.text()


async def test_its_account(world: World, provider: Provider) -> None:
    account = provider.account
    assert account is not None
    [[field]] = account.info.alternatives
    assert field.name == "aigs.token"
    assert account.info.terms is not None
    assert "entertainment only" in account.info.terms.text()
    assert account.info.terms_version == "1"
    assert await account.credits() is None
    with pytest.raises(UsageError):
        await account.detect(cleared_picture(HOPPER))
    with pytest.raises(UsageError):
        await account.delete_remote([])
    world.service.will(Answer(401, b'{"code": "invalid_post", "detail": "Your image_url is empty."}'))
    assert (await account.test()).is_valid


async def test_calls_keep_a_second_apart_unless_told_otherwise(world: World) -> None:
    assert AigsApi(world.tools)._pace._interval_s == 1.0
