"""Jobs at aifaceswap: real copies, a real mailbox, a real store of answers, and a service on loopback."""

import asyncio
import io
import json
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from PIL import Image

from faceswap_desktop.domain.cloud import Delivery, NeedKind
from faceswap_desktop.domain.errors import InputRefused, ProviderError, ProviderRejected, StorageError, UsageError
from faceswap_desktop.domain.geometry import BoundingBox
from faceswap_desktop.domain.job import JobId
from faceswap_desktop.domain.messages import message
from faceswap_desktop.domain.recipe import FaceAge
from faceswap_desktop.domain.settings import AifaceswapSettings, ProvidersSettings, Settings, WebhookSettings
from faceswap_desktop.domain.work import Handle, StepPlan
from faceswap_desktop.providers.aifaceswap import AifaceswapProvider
from faceswap_desktop.providers.aifaceswap.provider import EXTRACT, MULTIPLE, SINGLE
from faceswap_desktop.providers.protocol import Capability, Provider
from faceswap_desktop.storage.answers import AnswerStore
from faceswap_desktop.transport.webhook import Intake
from faceswap_desktop.workers.pool import WorkerPool
from tests.clearing import cleared_picture
from tests.unit.providers.clouds import PUBLIC_URL, Answer, JobContext, World, a_world, receiving
from tests.unit.providers.couples import Couple, is_red, reddened, sources_of
from tests.unit.workers.people import HOPPER

TASK = "4e8f96115346c727c688b81d3700924f"
CALLBACK = f"{PUBLIC_URL}/secret"


@pytest_asyncio.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    def settings(url: str) -> Settings:
        return Settings(providers=ProvidersSettings(aifaceswap=AifaceswapSettings(base_url=url)), webhook=receiving())

    async with a_world(tmp_path, settings, {"aifaceswap.api_key": "key"}) as opened:
        yield opened


@pytest.fixture
def provider(world: World) -> Provider:
    return AifaceswapProvider(world.tools)


@pytest.fixture
def context(couple: Couple, tmp_path: Path) -> JobContext:
    (tmp_path / "scratch").mkdir()
    sources = sources_of(tmp_path / "faces", "Eva", "Ned")
    recipe = couple.recipe("aifaceswap", {0: "Eva"}, bystanders=())
    return JobContext(recipe, str(tmp_path / "scratch"), StepPlan(SINGLE), sources=sources)


def accepted(task: str = TASK, points: int = 2) -> Answer:
    body = {"code": 200, "data": {"task_id": task, "points": points}, "message": "OK"}
    return Answer(body=json.dumps(body).encode())


def extracted(boxes: Sequence[BoundingBox]) -> Answer:
    faces = [[round(box.left), round(box.top), round(box.right), round(box.bottom)] for box in boxes]
    body = {"code": 200, "data": {"faces": faces, "points": 2}, "message": "OK"}
    return Answer(body=json.dumps(body).encode())


def done(task: str, url: str, which: int = 1) -> dict[str, Any]:
    return {"success": 1, "type": which, "task_id": task, "result_image": url}


def prepared_by_hand(folder: Path, sources: int = 1, index: Sequence[int] = ()) -> dict[str, str]:
    """Return what ``prepare`` would, without workers."""
    copy = folder / "copy"
    copy.write_bytes(b"a picture")
    return {
        "target": json.dumps([str(copy), "image/jpeg"]),
        "target_digest": "0" * 64,
        "sources": json.dumps([[str(copy), "image/png"]] * sources),
        "index": json.dumps(list(index)),
        "urls": "",
        "placement": "",
    }


async def test_the_only_face_of_a_picture(world: World, pool: WorkerPool, context: JobContext) -> None:
    provider = AifaceswapProvider(replace(world.tools, pool=pool))
    assert [step.name for step in provider.steps(context.recipe)] == [SINGLE]
    context.prepared = await provider.prepare(context)
    assert world.service.asked == []

    world.service.will(accepted())
    handle = await provider.submit(context)
    [asked] = world.service.asked
    assert asked.path == "/faceswap"
    assert [(name, file) for name, file, _ in asked.files()] in (
        [("source_image", "target.jpg"), ("face_image", "face.png")],
        [("source_image", "target.png"), ("face_image", "face.png")],
        [("source_image", "target.jpg"), ("face_image", "face.jpg")],
    )
    [address] = asked.texts("webhook")
    assert address.startswith(f"{PUBLIC_URL}/")
    assert address.rpartition("/")[2] not in f"{handle.values} {context.prepared}"
    assert (handle.values["remote_id"], handle.values["charged"]) == (TASK, "2")

    sent = next(part.content for part in asked.parts if part.name == "source_image")
    with Image.open(io.BytesIO(sent)) as picture:
        assert picture.size == tuple(context.recipe.media.size)
        assert not picture.getexif()
    assert b"Ada & Bob" not in sent
    url = world.service.serve("result", reddened(sent))

    running = asyncio.create_task(provider.run(handle, context))
    assert await world.deliver(address, done(TASK, url)) is Intake.STORED
    assert await world.deliver(address, done("forged", f"{url}2")) is Intake.KNOWN
    handle = await running
    assert handle.values["result_url"] == url
    # As after a new start of the program.
    assert await provider.run(handle, context) == handle

    fetched = await provider.fetch(handle, context)
    assert (fetched.width, fetched.height, fetched.faces) == (*context.recipe.media.size, 1)
    with Image.open(fetched.path) as result:
        assert is_red(result.convert("RGB").getpixel((result.width // 2, result.height // 2)))
    assert {"copy", "process", "deliver", "download"} <= set(context.words)


async def test_two_faces_in_the_order_of_the_answer(
    world: World, pool: WorkerPool, context: JobContext, couple: Couple
) -> None:
    provider = AifaceswapProvider(replace(world.tools, pool=pool))
    context.recipe = couple.recipe("aifaceswap", {0: "Eva", 1: "Ned"})
    extract, swap = provider.steps(context.recipe)
    assert [(step.name, step.is_paid, step.credits) for step in (extract, swap)] == [
        (EXTRACT, True, 2.0), (MULTIPLE, True, 5.0),
    ]  # fmt: skip

    async def do(step: StepPlan) -> Handle:
        context.step = step
        context.prepared = await provider.prepare(context)
        handle = await provider.submit(context)
        return await provider.run(handle, context) if step is extract else handle

    left, right = (face.box for face in couple.faces)
    # The right face first, a statue between them, and boxes that are drawn otherwise than ours.
    seen = [right.expanded(0.1), BoundingBox(0, 0, 20, 20), left.expanded(-0.08)]
    world.service.will(extracted(seen), accepted("multi", 5))
    found = await do(extract)
    assert found.values["charged"] == "2"
    context.earlier = {EXTRACT: found}
    handle = await do(swap)

    first, second = world.service.asked
    assert (first.path, second.path) == ("/extract_face", "/multi_faceswap")
    assert [name for name, _, _ in first.files()] == ["img"]
    assert second.texts("index") == ["2", "0"]
    assert [file.partition(".")[0] for _, file, _ in second.files() if file] == ["target", "face-1", "face-2"]
    # What was looked at is what is changed.
    assert next(p.content for p in first.parts if p.name == "img") == next(
        p.content for p in second.parts if p.name == "source_image"
    )
    faces = [part.content for part in second.parts if part.name == "face_image"]
    assert faces[0] != faces[1]
    assert (handle.values["remote_id"], handle.values["charged"]) == ("multi", "5")

    # The same picture again, in another job: its faces are not paid for twice.
    context.job = JobId("another")
    again = await do(extract)
    assert (again.values["faces"], again.values["charged"]) == (found.values["faces"], "0")
    assert len(world.service.asked) == 2


async def test_a_face_that_was_not_seen_is_named(
    world: World, pool: WorkerPool, context: JobContext, couple: Couple
) -> None:
    provider = AifaceswapProvider(replace(world.tools, pool=pool))
    # One of two: the other stands by, so the faces are told apart by what was extracted.
    context.recipe = couple.recipe("aifaceswap", {1: "Ned"})
    context.step = provider.steps(context.recipe)[1]
    context.earlier = {EXTRACT: Handle("aifaceswap", {"faces": "[[0, 0, 30, 40]]"})}
    number = couple.faces[1].index + 1
    with pytest.raises(ProviderRejected, match=f"did not see face {number}") as caught:
        await provider.prepare(context)
    assert (caught.value.kind, caught.value.hint is not None) == ("no-face", True)
    context.earlier = {EXTRACT: Handle("aifaceswap", {"faces": "nonsense"})}
    with pytest.raises(ProviderRejected, match="lost"):
        await provider.prepare(context)
    assert world.service.asked == []


async def test_addresses_instead_of_files(world: World, pool: WorkerPool, context: JobContext) -> None:
    urls = AifaceswapSettings(world.service.url, send_urls=True)
    world.settings = replace(world.settings, providers=ProvidersSettings(aifaceswap=urls))
    provider = AifaceswapProvider(replace(world.tools, pool=pool))
    assert (await provider.quote(context.recipe)).destinations == ("127.0.0.1", "bucket.example.org")
    context.prepared = await provider.prepare(context)
    assert len(world.hosting.hosted) == 2
    assert world.service.url not in json.dumps(dict(context.prepared))
    world.service.will(accepted())
    await provider.submit(context)
    [asked] = world.service.asked
    assert asked.json["source_image"] == f"{world.service.url}/files/hosted-0"
    assert asked.json["face_image"] == f"{world.service.url}/files/hosted-1"
    assert asked.json["webhook"].startswith(PUBLIC_URL)

    # The target lies on the internet already.
    context.recipe = replace(context.recipe, target_url="https://example.org/p.png")
    assert (await provider.quote(context.recipe)).files_leaving == 1
    context.prepared = await provider.prepare(context)
    await provider.submit(context)
    assert world.service.asked[1].json["source_image"] == "https://example.org/p.png"
    assert world.service.asked[1].json["face_image"].startswith(world.service.url)


async def _wait_for(
    world: World, provider: Provider, context: JobContext, tmp_path: Path, make: Callable[[str], dict[str, Any]]
) -> ProviderRejected:
    context.prepared = prepared_by_hand(tmp_path)
    world.service.will(accepted())
    handle = await provider.submit(context)
    address = world.service.asked[0].texts("webhook")[0]
    assert await world.deliver(address, make(f"{world.service.url}/files/result")) is Intake.STORED
    with pytest.raises(ProviderRejected) as caught:
        await provider.run(handle, context)
    return caught.value


async def test_a_swap_that_failed(world: World, provider: Provider, context: JobContext, tmp_path: Path) -> None:
    error = await _wait_for(
        world, provider, context, tmp_path, lambda _: {"success": 0, "type": 1, "task_id": TASK, "result_image": ""}
    )
    assert (error.kind, error.request_id) == ("failed", TASK)


async def test_a_result_of_another_task(world: World, provider: Provider, context: JobContext, tmp_path: Path) -> None:
    error = await _wait_for(world, provider, context, tmp_path, lambda url: done("another", url))
    assert (error.kind, error.request_id) == ("bad-answer", TASK)


async def test_what_is_not_as_documented_is_waited_past(
    world: World, provider: Provider, context: JobContext, tmp_path: Path, expect_log: Callable[[str], None]
) -> None:
    context.prepared = prepared_by_hand(tmp_path)
    world.service.will(accepted())
    handle = await provider.submit(context)
    address = world.service.asked[0].texts("webhook")[0]
    running = asyncio.create_task(provider.run(handle, context))
    expect_log("a delivery for aifaceswap was refused")
    assert await world.deliver(address, {"success": True, "task_id": TASK}) is Intake.REFUSED
    assert await world.deliver(f"{PUBLIC_URL}/guessed", done(TASK, "https://a.example/x")) is Intake.UNKNOWN
    assert not running.done()
    await world.deliver(address, done(TASK, "https://a.example/r.webp"))
    assert (await running).values["result_url"] == "https://a.example/r.webp"


async def test_waiting_can_be_cancelled(world: World, provider: Provider, context: JobContext, tmp_path: Path) -> None:
    context.prepared = prepared_by_hand(tmp_path)
    world.service.will(accepted())
    handle = await provider.submit(context)
    waiting = asyncio.Event()
    context.on_report = lambda step: waiting.set() if step == "deliver" else None
    running = asyncio.create_task(provider.run(handle, context))
    await waiting.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    outcome = await provider.cancel(handle)
    assert outcome.message is not None
    assert "may be charged" in outcome.message.text()


async def test_a_delivery_settles_what_was_unconfirmed(
    world: World, provider: Provider, context: JobContext, tmp_path: Path
) -> None:
    context.prepared = prepared_by_hand(tmp_path)
    world.service.will(Answer(body=None))
    with pytest.raises(ProviderError) as caught:
        await provider.submit(context)
    assert caught.value.kind == "unconfirmed"
    told: list[Delivery] = []

    async def hear(delivery: Delivery) -> None:
        told.append(delivery)

    world.mailbox.on_delivery = hear
    await world.deliver(world.service.asked[0].texts("webhook")[0], done(TASK, "https://a.example/r.webp"))
    delivery = await world.mailbox.wait(context.job, SINGLE)
    handle = provider.receive(delivery)
    assert handle.values["remote_id"] == TASK
    assert (await provider.run(handle, context)).values["result_url"] == "https://a.example/r.webp"

    with pytest.raises(ProviderRejected):
        provider.receive(replace(delivery, values={"success": 1}))
    with pytest.raises(ProviderRejected):
        provider.receive(replace(delivery, step=EXTRACT))


async def test_an_answer_that_cannot_be_kept_is_used_all_the_same(
    world: World, context: JobContext, tmp_path: Path, expect_log: Callable[[str], None]
) -> None:
    class Full(AnswerStore):
        async def put(self, *_: object) -> None:
            raise StorageError(message("The disk is full."), kind="disk-full")

    assert isinstance(world.tools.answers, AnswerStore)
    provider = AifaceswapProvider(replace(world.tools, answers=Full(world.tools.answers._db)))
    context.step, context.prepared = StepPlan(EXTRACT), prepared_by_hand(tmp_path)
    world.service.will(extracted([BoundingBox(1, 2, 30, 40)]))
    expect_log("could not be kept: disk-full")
    handle = await provider.submit(context)
    assert handle.values["faces"] == "[[1.0, 2.0, 30.0, 40.0]]"


async def test_answers_of_another_address_are_not_taken_for_these(
    world: World, provider: Provider, context: JobContext, tmp_path: Path
) -> None:
    context.step, context.prepared = StepPlan(EXTRACT), prepared_by_hand(tmp_path)
    world.service.will(extracted([BoundingBox(1, 2, 30, 40)]), extracted([BoundingBox(5, 6, 70, 80)]))
    first = await provider.submit(context)
    assert await provider.submit(context) == first.with_values(charged="0")
    elsewhere = AifaceswapSettings(f"{world.service.url}/sandbox")
    world.settings = replace(world.settings, providers=ProvidersSettings(aifaceswap=elsewhere))
    second = await provider.submit(context)
    assert (second.values["faces"], second.values["charged"]) == ("[[5.0, 6.0, 70.0, 80.0]]", "2")


@pytest.mark.parametrize(
    ("status", "content", "kind"),
    [
        (404, b"", "expired"),
        (410, b"", "expired"),
        (200, b"<html><h1>Sorry</h1></html>", "bad-answer"),
        (200, b"", "bad-answer"),
        (200, b'{"code": 500}', "bad-answer"),
        (503, b"", "server-error"),
    ],
)
async def test_results_that_will_not_do(
    status: int, content: bytes, kind: str, world: World, provider: Provider, context: JobContext
) -> None:
    url = world.service.serve("result", content, "image/webp", status)
    with pytest.raises(ProviderError) as caught:
        await provider.fetch(Handle("aifaceswap", {"result_url": url}), context)
    assert caught.value.kind == kind


@pytest.mark.parametrize("status", [403, 404, 410])
async def test_a_paid_result_that_is_not_there_yet_is_waited_for(
    status: int, world: World, provider: Provider, context: JobContext
) -> None:
    url = world.service.serve("result", b"", "text/plain", status)
    for hours, kind in ((0, "server-error"), (23, "server-error"), (25, "expired")):
        ordered = f"{time.time() - 3600 * hours:.0f}"
        with pytest.raises(ProviderError) as caught:
            await provider.fetch(Handle("aifaceswap", {"result_url": url, "submitted_at": ordered}), context)
        assert caught.value.kind == kind


async def test_what_is_missing_is_said_and_holds_the_job(world: World, provider: Provider, context: JobContext) -> None:
    assert await provider.needs(context.recipe) == ()
    everything = world.settings
    urls = AifaceswapSettings(world.service.url, send_urls=True)
    for kind, settings, key in (
        (NeedKind.ACCOUNT, everything, ""),
        (NeedKind.WEBHOOK, replace(everything, webhook=WebhookSettings()), "key"),
        (NeedKind.HOSTING, replace(everything, providers=ProvidersSettings(aifaceswap=urls)), "key"),
    ):
        world.settings, world.hosting.is_set_up = settings, False
        world.secrets["aifaceswap.api_key"] = key
        [need] = await provider.needs(context.recipe)
        assert (need.kind, need.hint is not None) == (kind, True)
        for step in (SINGLE, EXTRACT):
            context.step = StepPlan(step)
            with pytest.raises(ProviderRejected) as caught:
                await provider.prepare(context)
            assert caught.value.kind == kind.value
    assert world.service.asked == []


async def test_a_way_for_results_that_went_before_the_call(
    world: World, provider: Provider, context: JobContext, tmp_path: Path
) -> None:
    context.prepared = prepared_by_hand(tmp_path)
    world.settings = replace(world.settings, webhook=WebhookSettings())
    with pytest.raises(ProviderRejected) as caught:
        await provider.submit(context)
    assert caught.value.kind == "webhook"
    assert world.service.asked == []


async def test_what_it_cannot_do_is_refused(provider: Provider, context: JobContext) -> None:
    recipe = context.recipe
    context.recipe = replace(recipe, ages=(FaceAge(recipe.pairings[0].target, 10),))
    assert provider.fit(context.recipe).refusals
    with pytest.raises(UsageError) as caught:
        await provider.prepare(context)
    assert caught.value.kind == "not-supported"


async def test_what_is_known_of_it(provider: Provider, context: JobContext, couple: Couple) -> None:
    info = provider.info
    assert info.capabilities == Capability.SWAP_IMAGE | Capability.MULTI_FACE | Capability.DETECT
    assert (info.unit, info.kept_days, info.most_faces, info.is_local) == ("points", 0, 0, False)
    quote = await provider.quote(context.recipe)
    assert (quote.credits, quote.files_leaving, quote.leaves_computer) == (2.0, 2, True)
    both = couple.recipe("aifaceswap", {0: "Eva", 1: "Eva"})
    quote = await provider.quote(both)
    assert (quote.credits, quote.files_leaving) == (7.0, 2)
    assert not provider.keeps_work(both)
    assert await provider.room_needed(both, "") == 0
    assert provider.watchable(JobId("j")) == 0.0
    with pytest.raises(UsageError):
        await provider.watch(JobId("j"))


async def test_its_account(world: World, provider: Provider) -> None:
    account = provider.account
    assert account is not None
    [[field]] = account.info.alternatives
    assert (field.name, account.info.terms) == ("aifaceswap.api_key", None)
    status = await account.test()
    assert status.message.text() == "The key is kept; aifaceswap offers no way to test it without paying."
    assert status.credits is None
    assert await account.credits() is None
    world.secrets.clear()
    assert not (await account.test()).is_valid
    with pytest.raises(UsageError):
        await account.delete_remote([])
    # Nothing that could cost was sent for any of this.
    assert world.service.asked == []


async def test_its_detector(world: World, pool: WorkerPool, tmp_path: Path) -> None:
    account = AifaceswapProvider(replace(world.tools, pool=pool)).account
    large = tmp_path / "large.jpg"
    with Image.open(HOPPER) as photo:
        photo.convert("RGB").resize((1600, 2560)).save(large)
    scale = 2048 / 2560
    world.service.will(extracted([BoundingBox(100, 200, 300, 400)]))
    [face] = await account.detect(cleared_picture(large))
    # A smaller copy was sent; the boxes are of the picture itself.
    assert (round(face.box.left), round(face.box.bottom)) == (round(100 / scale), round(400 / scale))
    [asked] = world.service.asked
    assert [(name, file) for name, file, _ in asked.files()] in ([("img", "target.jpg")], [("img", "target.png")])
    await account.detect(cleared_picture(large))
    assert len(world.service.asked) == 1

    world.service.will(extracted([]))
    with pytest.raises(InputRefused, match="no face in grace_hopper"):
        await account.detect(cleared_picture(HOPPER))
