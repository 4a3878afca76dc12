"""Jobs at AKOOL from preparing to fetching: real copies, a service on loopback, real results."""

import asyncio
import base64
import io
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from PIL import Image

from faceswap_desktop.domain.cloud import Delivery, NeedKind
from faceswap_desktop.domain.errors import InputRefused, ProviderError, ProviderRejected, ProviderUnavailable
from faceswap_desktop.domain.geometry import BoundingBox
from faceswap_desktop.domain.job import JobId
from faceswap_desktop.domain.recipe import FaceAge, FacePairing, Recipe
from faceswap_desktop.domain.settings import AkoolApi
from faceswap_desktop.domain.work import Handle
from faceswap_desktop.providers.akool.requests import SwapPlus, request_to_text
from faceswap_desktop.providers.fitting import Placement
from faceswap_desktop.providers.protocol import Provider
from faceswap_desktop.workers.pool import WorkerPool
from tests.clearing import cleared_media
from tests.contract import akool_service as akool
from tests.contract.akool_service import Answer, recorded, refused, says
from tests.unit.providers.akool.akool_jobs import (
    CREATED_AT,
    ID,
    JOB_ID,
    World,
    a_world,
    creates,
    listed,
    makes,
    sees,
)
from tests.unit.providers.akool.test_webhook import body_of
from tests.unit.providers.clouds import JobContext
from tests.unit.providers.couples import Couple, a_couple, is_red, sources_of

DAY_S = 86_400.0


@pytest_asyncio.fixture
async def pool(tmp_path: Path) -> AsyncIterator[WorkerPool]:
    made = WorkerPool(tmp_path / "cache", job_slots=1, memory_mb=4096, task_limit_s=120)
    await made.start(warm=False)
    yield made
    await made.close()


@pytest_asyncio.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with a_world(tmp_path) as opened:
        yield opened


@pytest.fixture(scope="module")
def couple(tmp_path_factory: pytest.TempPathFactory) -> Couple:
    return a_couple(tmp_path_factory.mktemp("pictures"))


def context_of(recipe: Recipe, tmp_path: Path, *names: str, **changes: Any) -> JobContext:
    scratch = tmp_path / "scratch"
    scratch.mkdir(exist_ok=True)
    return JobContext(recipe, str(scratch), sources=sources_of(tmp_path / "faces", *names), **changes)


def boxes_of(couple: Couple, places: Sequence[int] = (1, 0)) -> Any:
    """Return what shows the service where the faces are, in another order than ours."""

    def boxes(size: tuple[int, int]) -> list[BoundingBox]:
        scale = size[0] / couple.media.size.width
        found = [couple.faces[place].box for place in places]
        return [
            BoundingBox(*(getattr(box, side) * scale for side in ("left", "top", "right", "bottom"))) for box in found
        ]

    return boxes


def ready(recipe: Recipe, tmp_path: Path, **changes: Any) -> JobContext:
    """Return the surroundings of a job that is prepared, with nothing copied."""
    request = SwapPlus("https://a.example/face.jpg", "https://a.example/whole.jpg", (), enhance=False)
    width, height = recipe.media.size
    placement = Placement(0, 0, width, height, width, height, width, height)
    prepared = {"request": request_to_text(request), "placement": placement.to_text()}
    return context_of(recipe, tmp_path, prepared=prepared, **changes)


# ------------------------------------------------------------ with real copies and results


async def test_two_faces_are_swapped_and_one_of_them_aged(tmp_path: Path, pool: WorkerPool, couple: Couple) -> None:
    async with a_world(tmp_path, pool) as world:
        service, provider = world.service, world.provider
        recipe = couple.recipe("akool", {0: "Eva", 1: "Max"})
        recipe = replace(recipe, ages=(FaceAge(recipe.pairings[1].target, 10),), enhance=True)
        context = context_of(recipe, tmp_path, "Eva", "Max")
        swap, aging = provider.steps(recipe)
        assert [(step.name, step.is_paid, step.credits) for step in (swap, aging)] == [
            ("swap", True, 4.0),
            ("reage-10", True, 4.0),
        ]
        service.will(akool.DETECT_FACES, sees(service, boxes_of(couple)))
        service.will(
            akool.QUOTA, says({"code": 1000, "data": {"credit": 100}}), says({"code": 1000, "data": {"credit": 95}})
        )

        context.prepared = await provider.prepare(context)
        assert "k" * 32 not in json.dumps(dict(context.prepared))
        assert list(context.words) == ["copy", "upload", "detect"]
        asked = [one.json for one in service.on(akool.DETECT_FACES)]
        # Source pictures hold one face, are sent as bytes, and need no hosting: AKOOL hosts their crops.
        sources = [one for one in asked if "img" in one]
        assert [(one["single_face"], one["return_face_url"]) for one in sources] == [(True, True)] * 2
        [whole] = [one for one in asked if "url" in one]
        assert whole["single_face"] is False
        sent, _ = service.files[whole["url"].rpartition("/")[2]]
        with Image.open(io.BytesIO(sent)) as picture:
            assert picture.size == tuple(couple.media.size)
            assert not picture.getexif()
        with Image.open(io.BytesIO(base64.b64decode(sources[0]["img"]))) as source:
            assert source.size[0] > 50

        service.will(akool.PLUS, creates("faceswapByImage"))
        handle = await provider.submit(context)
        body = service.on(akool.PLUS)[0].json
        left, right = (one.box for one in couple.faces)
        assert body["target_url"] == whole["url"]
        assert body["source_url"].startswith(f"{service.url}/files/crop-")
        assert (body["single_face_mode"], body["face_enhance"]) == (False, True)
        # Ours were Eva left and Max right; the detector named the right one first.
        targets = [one["target_face_info"]["face_url"] for one in body["face_mapping"]]
        assert targets == [
            f"{service.url}/files/crop-1-{round(left.left)}.jpg",
            f"{service.url}/files/crop-0-{round(right.left)}.jpg",
        ]
        assert handle.values["id"] == handle.values["remote_id"] == ID
        assert handle.values["job_id"] == JOB_ID
        assert "result_url" not in handle.values

        result = makes(service, "first.jpg", whole["url"])
        service.will(
            akool.LIST,
            says({"code": 1000, "data": {"result": []}}),
            listed(1),
            listed(2, progress=40),
            listed(3, result),
        )
        handle = await provider.run(handle, context)
        assert handle.values["result_url"] == result
        assert handle.values["charged"] == "5"
        assert "process" in context.words

        # The second call is fed with what the first one made.
        context = replace(context, step=aging, earlier={"swap": handle}, prepared={})
        context.prepared = await provider.prepare(context)
        service.will(akool.IMAGE_AGE, creates())
        second = await provider.submit(context)
        body = service.on(akool.IMAGE_AGE)[0].json
        assert (body["modifyImage"], body["face_reage"]) == (result, 10)
        [item] = body["targetImage"]
        assert item["path"] == f"{service.url}/files/crop-0-{round(right.left)}.jpg"
        service.will(akool.LIST, listed(3, makes(service, "second.jpg", result)))
        second = await provider.run(second, context)

        fetched = await provider.fetch(second, context)
        assert (fetched.format, (fetched.width, fetched.height)) == ("JPEG", tuple(couple.media.size))
        assert fetched.faces == 2
        with Image.open(fetched.path) as picture:
            assert is_red(picture.getpixel((picture.width // 2, picture.height // 2)))


async def test_one_of_two_faces_by_each_swap(tmp_path: Path, pool: WorkerPool, couple: Couple) -> None:
    async with a_world(tmp_path, pool) as world:
        service, provider = world.service, world.provider
        context = context_of(couple.recipe("akool", {1: "Eva"}, enhance=True), tmp_path, "Eva")
        service.will(akool.DETECT_FACES, sees(service, boxes_of(couple)))
        service.will(akool.QUOTA, recorded("quota_info"))
        for api, path in ((AkoolApi.V3, akool.IMAGE), (AkoolApi.V4_PRO, akool.PRO), (AkoolApi.V4_PLUS, akool.PLUS)):
            world.set(api=api)
            context.prepared = await provider.prepare(context)
            service.will(path, creates("faceswapByImage"))
            await provider.submit(context)
        v3, pro, plus = (service.on(path)[0].json for path in (akool.IMAGE, akool.PRO, akool.PLUS))
        # sourceImage is who is put in; targetImage is the face of the original.
        assert v3["sourceImage"][0]["path"] == pro["sourceImage"][0]["path"] == plus["source_url"]
        assert v3["targetImage"][0]["path"].endswith(f"crop-0-{round(couple.faces[1].box.left)}.jpg")
        assert v3["modifyImage"] == pro["targetImage"][0]["path"] == plus["target_url"]
        assert (v3["face_enhance"], pro["face_enhance"], plus["face_enhance"]) == (1, True, True)
        assert type(v3["face_enhance"]) is int
        assert pro["single_face_mode"] is plus["single_face_mode"] is False
        assert pro["targetImage"][0]["opts"] != v3["targetImage"][0]["opts"]

        # With the older detector nobody hosts crops: sources are hosted, and faces stand in whole pictures.
        world.set(api=AkoolApi.V3, legacy_detector=True)
        boxes = boxes_of(couple)

        def old(asked: akool.Asked) -> Answer:
            content, _ = service.files[asked.json["image_url"].rpartition("/")[2]]
            with Image.open(io.BytesIO(content)) as picture:
                width, height = picture.size
            found = boxes((width, height)) if not asked.json["single_face"] else [BoundingBox(0, 0, width, height)]
            regions = [[round(one.left), round(one.top), round(one.width), round(one.height)] for one in found]
            return says(
                {
                    "error_code": 0,
                    "landmarks": [[[1, 2]] for _ in found],
                    "landmarks_str": ["1,2:3,4:5,6:7,8" for _ in found],
                    "region": regions,
                    "seconds": 0.1,
                    "trx_id": "74178dc5",
                }
            )

        service.will(akool.OLD_DETECT, old)
        context.prepared = await provider.prepare(context)
        handle = await provider.submit(context)
        body = service.on(akool.IMAGE)[-1].json
        assert body["targetImage"][0] == {"path": body["modifyImage"], "opts": "1,2:3,4:5,6:7,8"}
        assert body["sourceImage"][0]["path"] != body["modifyImage"]
        assert (handle.values["trx_id"], handle.values["detect_seconds"]) == ("74178dc5", "0.1")


async def test_the_only_face_and_those_that_do_not_fit(tmp_path: Path, pool: WorkerPool, couple: Couple) -> None:
    async with a_world(tmp_path, pool) as world:
        service, provider = world.service, world.provider
        recipe = replace(couple.recipe("akool", {1: "Eva"}), bystanders=())
        context = context_of(recipe, tmp_path, "Eva")
        # AKOOL sees one face: it need not be told which.
        service.will(akool.DETECT_FACES, sees(service, boxes_of(couple, [1])))
        assert json.loads((await provider.prepare(context))["request"])["pairs"] == []
        # It sees another one than ours.
        service.will(akool.DETECT_FACES, sees(service, boxes_of(couple, [0])))
        with pytest.raises(InputRefused) as caught:
            await provider.prepare(context)
        assert caught.value.kind == "no-face"
        # The source picture holds nobody, or several.
        for count, words in ((0, "no face in the photo of Eva"), (2, "2 faces in the photo of Eva")):
            several = sees(service, boxes_of(couple))(
                akool.Asked("POST", "", {}, {}, {"img": base64.b64encode(_dot()).decode(), "return_face_url": True})
            )
            body = json.loads(several.body or b"")
            frame = body["faces_obj"]["0"]
            body["faces_obj"]["0"] = {
                name: value * count if isinstance(value, list) else value for name, value in frame.items()
            }
            service.will(akool.DETECT_FACES, says(body))
            with pytest.raises(InputRefused) as refusal:
                await provider.prepare(context)
            assert words in str(refusal.value)
        # AKOOL cannot fetch what is pasted: that is no matter of hosting, and holds nobody else's job.
        pasted = replace(context, recipe=replace(recipe, target_url=f"{service.url}/files/none"))
        service.will(akool.DETECT_FACES, says({"error_code": 1, "error_msg": "Failed to download media"}, 400))
        with pytest.raises(ProviderRejected) as error:
            await provider.prepare(pasted)
        assert error.value.kind == "input"
        with pytest.raises(ProviderRejected) as error:
            await provider.prepare(context)
        assert error.value.kind == "hosting"


def _dot() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (200, 200)).save(out, "JPEG")
    return out.getvalue()


async def test_detecting_for_the_command_line(tmp_path: Path, pool: WorkerPool, couple: Couple) -> None:
    async with a_world(tmp_path, pool) as world:
        service, account = world.service, world.provider.account

        def answer(asked: akool.Asked) -> Answer:
            sent = base64.b64decode(asked.json["img"])
            address = service.serve("sent", sent, "image/jpeg")
            return sees(service, boxes_of(couple))(replace(asked, json={"url": address, "return_face_url": False}))

        service.will(akool.DETECT_FACES, answer)
        found = await account.detect(cleared_media(couple.media))
        assert [one.index for one in found] == [0, 1]
        assert found[0].box.overlap(couple.faces[1].box) > 0.95
        service.will(akool.DETECT_FACES, says({"error_code": 1, "error_msg": "No faces detected"}, 400))
        with pytest.raises(InputRefused):
            await account.detect(cleared_media(couple.media))


# -------------------------------------------------------------------------------------------------- submit and run


async def test_results_are_kept_seven_days_from_when_they_were_made_whatever_the_clocks(
    world: World, couple: Couple, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """AKOOL's clock says 08:49:37 and that the job is of 08:40; ours is three hours fast."""
    now = akool.DATE_SECONDS + 3 * 3600
    monkeypatch.setattr("time.time", lambda: now)
    context = ready(couple.recipe("akool", {0: "Eva"}), tmp_path)
    world.service.will(akool.QUOTA, recorded("quota_info"))
    world.service.will(akool.PLUS, creates("faceswapByImage"))
    handle = await world.provider.submit(context)
    assert float(handle.values["created_at"]) == now
    world.service.will(akool.LIST, listed(3, "https://results.example.com/a.jpg"))
    handle = await world.provider.run(handle, context)
    assert CREATED_AT == "2026-11-03T08:40:00.000Z"
    assert float(handle.values["created_at"]) == now - 577
    assert handle.expires_at == now - 577 + 7 * DAY_S


async def test_many_jobs_are_asked_after_together(world: World, couple: Couple, tmp_path: Path) -> None:
    recipe = couple.recipe("akool", {0: "Eva"})
    world.service.will(akool.QUOTA, recorded("quota_info"))

    def rows(asked: akool.Asked) -> Answer:
        ids = asked.query["_ids"].split(",")
        return says({"code": 1000, "data": {"result": [
            {"_id": one, "faceswap_status": 3 if len(ids) == 200 else 2, "url": f"https://r.example.com/{one}.jpg"}
            for one in ids
        ]}})  # fmt: skip

    world.service.will(akool.LIST, rows)
    handles = [Handle("akool", {"id": f"{number:024}"}) for number in range(200)]
    context = ready(recipe, tmp_path)
    done = await asyncio.gather(*(world.provider.run(handle, context) for handle in handles))
    assert {one.values["result_url"] for one in done} == {
        f"https://r.example.com/{number:024}.jpg" for number in range(200)
    }
    assert len(world.service.on(akool.LIST)) <= 2


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (refused(1006), "credits"),
        (refused(1101), "account"),
        (refused(1007), "input"),
        (refused(1005), "rate-limited"),
        (Answer(None), "unconfirmed"),
        (Answer(b"oops", 500, "text/plain"), "unconfirmed"),
    ],
)
async def test_a_paid_call_is_sent_once(
    world: World, couple: Couple, tmp_path: Path, answer: Answer, kind: str
) -> None:
    world.service.will(akool.QUOTA, recorded("quota_info"))
    world.service.will(akool.PLUS, answer)
    with pytest.raises(ProviderError) as caught:
        await world.provider.submit(ready(couple.recipe("akool", {0: "Eva"}), tmp_path))
    assert caught.value.kind == kind
    assert len(world.service.on(akool.PLUS)) == 1


async def test_an_unconfirmed_call_says_what_the_credits_say(world: World, couple: Couple, tmp_path: Path) -> None:
    readings = [says({"code": 1000, "data": {"credit": left}}) for left in (50, 46)]
    world.service.will(akool.QUOTA, *readings)
    world.service.will(akool.PLUS, Answer(None))
    with pytest.raises(ProviderUnavailable) as caught:
        await world.provider.submit(ready(couple.recipe("akool", {0: "Eva"}), tmp_path))
    assert caught.value.kind == "unconfirmed"
    assert caught.value.hint is not None
    assert "4 credits were taken" in caught.value.hint.text()


async def test_a_job_that_failed_keeps_akools_words(world: World, couple: Couple, tmp_path: Path) -> None:
    world.service.will(akool.LIST, listed(4, alg_msg="generate temp file error"))
    with pytest.raises(ProviderRejected) as caught:
        await world.provider.run(Handle("akool", {"id": ID}), ready(couple.recipe("akool", {0: "Eva"}), tmp_path))
    assert "generate temp file error" in str(caught.value)
    assert caught.value.kind == "failed"


# ----------------------------------------------------------------------------------------------------------- webhooks

DONE = {"_id": ID, "status": 3, "type": "faceswap", "url": "https://results.example.com/hooked.jpg"}


async def submitted_with_webhook(world: World, context: JobContext) -> tuple[Handle, str]:
    world.set(webhook=True)
    world.secrets |= {"akool.client_id": "AKDt8rWEczpYPzCGur2xE=", "akool.client_secret": "s" * 24}
    world.service.will(akool.QUOTA, recorded("quota_info"))
    world.service.will(akool.PLUS, creates("faceswapByImage"))
    world.service.will(akool.LIST, listed(1))
    handle = await world.provider.submit(context)
    return handle, world.service.on(akool.PLUS)[0].json["webhookUrl"]


@pytest.mark.allow_logs
async def test_a_delivery_settles_a_job(world: World, couple: Couple, tmp_path: Path) -> None:
    context = ready(couple.recipe("akool", {0: "Eva"}), tmp_path)
    handle, address = await submitted_with_webhook(world, context)
    running = asyncio.ensure_future(world.provider.run(handle, context))
    secret = address.rpartition("/")[2]
    await world.mailbox.receive(secret, body_of({**DONE, "status": 2}, "s" * 24))
    forged = body_of(DONE, "s" * 24) | {"signature": "0" * 40}
    await world.mailbox.receive(secret, forged)
    assert not running.done()
    await world.mailbox.receive(secret, body_of(DONE, "s" * 24))
    done = await running
    assert done.values["result_url"] == DONE["url"]
    assert done.expires_at == handle.expires_at


async def test_a_delivery_of_another_job_settles_nothing(world: World, couple: Couple, tmp_path: Path) -> None:
    context = ready(couple.recipe("akool", {0: "Eva"}), tmp_path)
    handle, address = await submitted_with_webhook(world, context)
    await world.mailbox.receive(address.rpartition("/")[2], body_of({**DONE, "_id": "other"}, "s" * 24))
    world.service.will(akool.LIST, listed(2), listed(2), listed(3, "https://results.example.com/polled.jpg"))
    assert (await world.provider.run(handle, context)).values["result_url"].endswith("polled.jpg")


async def test_a_delivered_failure_fails_the_job(world: World, couple: Couple, tmp_path: Path) -> None:
    context = ready(couple.recipe("akool", {0: "Eva"}), tmp_path)
    handle, address = await submitted_with_webhook(world, context)
    await world.mailbox.receive(address.rpartition("/")[2], body_of({"_id": ID, "status": 4}, "s" * 24))
    with pytest.raises(ProviderRejected) as caught:
        await world.provider.run(handle, context)
    assert caught.value.kind == "failed"


async def test_no_webhook_is_asked_for_that_could_not_be_checked(world: World, couple: Couple, tmp_path: Path) -> None:
    world.set(webhook=True)
    world.service.will(akool.QUOTA, recorded("quota_info"))
    world.service.will(akool.PLUS, creates("faceswapByImage"))
    await world.provider.submit(ready(couple.recipe("akool", {0: "Eva"}), tmp_path))
    assert "webhookUrl" not in world.service.on(akool.PLUS)[0].json


async def test_a_delivery_tells_of_an_unconfirmed_job(world: World, couple: Couple, tmp_path: Path) -> None:
    def delivery(values: dict[str, Any]) -> Delivery:
        return Delivery(JobId("job"), "swap", values, 1000.0)

    handle = world.provider.receive(delivery(DONE))
    assert handle.values["result_url"] == DONE["url"]
    assert handle.expires_at == 1000.0 + 7 * DAY_S
    context = ready(couple.recipe("akool", {0: "Eva"}), tmp_path)
    assert await world.provider.run(handle, context) == handle
    assert "result_url" not in world.provider.receive(delivery({"_id": ID, "status": 4})).values
    with pytest.raises(ProviderRejected):
        world.provider.receive(delivery({"status": 3}))


# ------------------------------------------------------------------------------------------ fetch, cancel, account


@pytest.mark.parametrize(("days", "kind"), [(6, "server-error"), (8, "expired")])
async def test_a_result_that_is_gone(
    world: World, couple: Couple, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, days: float, kind: str
) -> None:
    context = ready(couple.recipe("akool", {0: "Eva"}), tmp_path)
    url = f"{world.service.url}/files/none.jpg"
    start = akool.DATE_SECONDS
    handle = Handle("akool", {"result_url": url, "expires_at": str(start + 7 * DAY_S)})
    monkeypatch.setattr("time.time", lambda: start + days * DAY_S)
    with pytest.raises(ProviderError) as caught:
        await world.provider.fetch(handle, context)
    assert caught.value.kind == kind


async def test_cancelling_tells_akool_and_the_user(world: World) -> None:
    world.service.will(akool.CANCEL, recorded("ok"), refused(1014))
    handle = Handle("akool", {"id": ID, "job_id": JOB_ID})
    for words in ("was told to stop", "could not be told to stop"):
        outcome = await world.provider.cancel(handle)
        assert outcome.message is not None
        assert words in outcome.message.text()
        assert "charge" in outcome.message.text()
    assert [one.json for one in world.service.on(akool.CANCEL)] == [{"job_ids": JOB_ID}] * 2


async def test_results_are_deleted_at_akool(world: World) -> None:
    world.service.will(akool.DELETE, recorded("ok"))
    await world.provider.account.delete_remote([{"id": "a"}, {"id": "b"}, {"other": "c"}])
    assert [one.json for one in world.service.asked] == [{"_ids": "a,b"}]
    await world.provider.account.delete_remote([{}])
    assert len(world.service.asked) == 1


async def test_a_key_is_tested(world: World) -> None:
    world.service.will(akool.QUOTA, says({"code": 1000, "data": {"credit": 12.5}}), refused(1101), refused(1103))
    status = await world.provider.account.test()
    assert (status.is_valid, status.credits, status.message.text()) == (
        True,
        12.5,
        "AKOOL takes the key. 12.5 credits are left.",
    )
    assert not (await world.provider.account.test()).is_valid
    assert (await world.provider.account.test()).is_valid
    world.service.will(akool.QUOTA, Answer(None))
    with pytest.raises(ProviderUnavailable):
        await world.provider.account.test()


# --------------------------------------------------------------------------------------------- before anything runs


async def test_what_a_job_needs(world: World, couple: Couple) -> None:
    recipe = couple.recipe("akool", {0: "Eva"})
    assert await world.provider.needs(recipe) == ()
    world.hosting.is_set_up = False
    assert [need.kind for need in await world.provider.needs(recipe)] == [NeedKind.HOSTING]
    # What lies on the internet already needs no place; sources are hosted by AKOOL.
    assert await world.provider.needs(replace(recipe, target_url="https://a.example/b.jpg")) == ()
    world.secrets.clear()
    assert [need.kind for need in await world.provider.needs(recipe)] == [NeedKind.ACCOUNT, NeedKind.HOSTING]
    world.secrets["akool.client_id"] = "a"
    assert NeedKind.ACCOUNT in [need.kind for need in await world.provider.needs(recipe)]
    world.secrets["akool.client_secret"] = "b"
    assert NeedKind.ACCOUNT not in [need.kind for need in await world.provider.needs(recipe)]


async def test_quote(world: World, couple: Couple) -> None:
    recipe = couple.recipe("akool", {0: "Eva", 1: "Max"})
    recipe = replace(recipe, ages=(FaceAge(recipe.pairings[0].target, -10), FaceAge(recipe.pairings[1].target, 20)))
    quote = await world.provider.quote(recipe)
    assert [step.name for step in world.provider.steps(recipe)] == ["swap", "reage--10", "reage-20"]
    assert (quote.credits, quote.files_leaving, quote.leaves_computer) == (12.0, 3, True)
    assert quote.destinations == ("127.0.0.1", "bucket.example.org")
    pasted = await world.provider.quote(replace(recipe, pairings=(), target_url="https://a.example/b.jpg"))
    assert (pasted.files_leaving, pasted.leaves_computer, pasted.destinations) == (0, False, ("127.0.0.1",))


async def test_what_pro_does_not_do(world: World, couple: Couple) -> None:
    both = couple.recipe("akool", {0: "Eva", 1: "Max"})
    assert world.provider.fit(both).refusals == ()
    world.set(api=AkoolApi.V4_PRO)
    assert "one face" in world.provider.fit(both).refusals[0].text()
    assert world.provider.fit(couple.recipe("akool", {0: "Eva"})).refusals == ()
    assert world.provider.fit(replace(both, pairings=())).refusals != ()


async def test_nine_faces_are_too_many(world: World, couple: Couple) -> None:
    one = couple.recipe("akool", {0: "Eva"}).pairings[0]
    many = tuple(FacePairing(replace(one.target, index=number), one.source) for number in range(9))
    recipe = replace(couple.recipe("akool", {0: "Eva"}), pairings=many)
    assert any("8 faces" in text.text() for text in world.provider.fit(recipe).refusals)


def test_it_is_a_provider(world: World) -> None:
    provider: Provider = world.provider
    assert (provider.info.id, provider.info.kept_days, provider.info.most_faces) == ("akool", 7, 8)
    assert provider.info.reage_range == (-30, 30)
