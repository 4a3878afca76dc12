"""Answers and deliveries that are not as documented, and refusals, of which nothing is documented."""

import json
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from faceswap_desktop.domain.errors import ProviderError, ProviderRejected, ProviderUnavailable
from faceswap_desktop.domain.geometry import BoundingBox
from faceswap_desktop.domain.settings import AifaceswapSettings, ProvidersSettings, Settings
from faceswap_desktop.providers.aifaceswap import parse_delivery
from faceswap_desktop.providers.aifaceswap.answers import boxes_from_text, boxes_to_text
from faceswap_desktop.providers.aifaceswap.api import AifaceswapApi, Picture
from tests.unit.providers.clouds import Answer, World, a_world

KEY = "k3y-that-nobody-sees"
PICTURE = Picture(url="https://xxx.com/a.png")
WEBHOOK = "https://hooks.example.org/s3cret-path"
FACES = [[146, 256, 240, 381], [297, 521, 371, 621]]


@pytest_asyncio.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    def settings(url: str) -> Settings:
        return Settings(providers=ProvidersSettings(aifaceswap=AifaceswapSettings(base_url=url)))

    async with a_world(tmp_path, settings, {"aifaceswap.api_key": KEY}) as opened:
        yield opened


@pytest.fixture
def api(world: World) -> AifaceswapApi:
    return AifaceswapApi(world.tools)


def said(body: Any, status: int = 200) -> Answer:
    return Answer(status, json.dumps(body).encode())


def data(**values: Any) -> Answer:
    return said({"code": 200, "data": values, "message": "OK"})


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(Answer(body=b"<html><script>alert(1)</script>", media_type="text/html"), id="web page"),
        pytest.param(Answer(502, b"Bad Gateway", "text/plain"), id="gateway"),
        pytest.param(Answer(404, b"<html>", "text/html"), id="no such place"),
        pytest.param(Answer(body=b""), id="empty"),
        pytest.param(Answer(body=None), id="cut"),
        pytest.param(Answer(body=b'{"code": 200, "data": {"task_id": "4e'), id="half"),
        pytest.param(said([200]), id="list"),
        pytest.param(said(200), id="number"),
        pytest.param(said({}), id="nothing in it"),
        pytest.param(said({"code": 200}), id="no data"),
        pytest.param(said({"code": 200, "data": []}), id="list for data"),
        pytest.param(said({"code": 200, "data": "task"}), id="text for data"),
        pytest.param(said({"code": "200", "data": {"task_id": "t", "faces": FACES}}), id="text for a number"),
        pytest.param(said({"code": True, "data": {"task_id": "t", "faces": FACES}}), id="true for a number"),
        pytest.param(said({"code": 500, "message": "internal error"}), id="fault in the body"),
        pytest.param(said({"code": 200, "data": {"task_id": "t", "faces": FACES}}, 500), id="success that is a fault"),
        pytest.param(said({"detail": "trouble"}, 503), id="fault of a frame"),
        pytest.param(data(), id="empty data"),
        pytest.param(data(task_id="", faces={}), id="empty task"),
        pytest.param(data(task_id=7, faces="[[1,2,3,4]]"), id="other types"),
        pytest.param(data(task_id=None, faces=[[1, 2, 3]]), id="three numbers"),
        pytest.param(data(task_id=["t"], faces=[[1, 2, 3, "4"]]), id="text among numbers"),
        pytest.param(data(task_id={}, faces=[[1, 2, 3, True]]), id="true among numbers"),
        pytest.param(data(faces=[{"x": 1}]), id="objects for boxes"),
        pytest.param(data(faces=[[1, 2, 3, 10**400]]), id="number without end"),
        pytest.param(data(faces=[[1, 2, 3, 4]] * 1001), id="too many boxes"),
    ],
)
@pytest.mark.parametrize("call", ["faceswap", "extract_face", "multi_faceswap"])
async def test_what_nobody_understands_is_unconfirmed(
    call: str, answer: Answer, world: World, api: AifaceswapApi
) -> None:
    world.service.will(answer)
    with pytest.raises(ProviderUnavailable) as caught:
        await _make(api, call)
    assert caught.value.kind == "unconfirmed"
    assert caught.value.hint is not None
    assert len(world.service.asked) == 1


async def _make(api: AifaceswapApi, call: str) -> object:
    if call == "faceswap":
        return await api.faceswap(PICTURE, PICTURE, WEBHOOK)
    if call == "extract_face":
        return await api.extract_face(PICTURE)
    return await api.multi_faceswap(PICTURE, [PICTURE], [0], WEBHOOK)


@pytest.mark.parametrize(
    ("status", "body", "kind", "words"),
    [
        (200, {"code": 401, "message": "unauthorized"}, "account", "refuses your key"),
        (200, {"code": 403, "message": "forbidden"}, "account", "refuses your key"),
        (401, {"detail": "Not authenticated"}, "account", "refuses your key"),
        (403, {"code": 1003, "message": "vip only"}, "account", "refuses your key"),
        (402, {}, "credits", "want of points"),
        (200, {"code": 402, "message": "pay"}, "credits", "pay"),
        (200, {"code": 1201, "message": "Insufficient credits"}, "credits", "Insufficient credits"),
        (403, {"code": 403, "message": "You do not have enough POINTS."}, "credits", "enough POINTS"),
        (200, {"code": 400, "message": "face not found"}, "failed", "(400): face not found"),
        (200, {"code": 1001, "data": None, "message": "bad image"}, "failed", "(1001): bad image"),
        (422, {"detail": [{"loc": ["body", "img"]}]}, "failed", "(422): –"),
        (404, {"message": "no"}, "failed", "(404): no"),
        (200, {"code": -1, "message": {"text": "x"}}, "failed", "(-1): –"),
        (200, {"code": 0, "message": "0 is no success here"}, "failed", "(0): 0 is no success here"),
    ],
)
async def test_refusals(
    status: int, body: dict[str, Any], kind: str, words: str, world: World, api: AifaceswapApi
) -> None:
    world.service.will(said(body, status))
    with pytest.raises(ProviderRejected) as caught:
        await api.faceswap(PICTURE, PICTURE, WEBHOOK)
    assert caught.value.kind == kind
    assert words in caught.value.message.text()
    assert caught.value.provider_id == "aifaceswap"


@pytest.mark.parametrize("answer", [said({"code": 429, "message": "slow"}), Answer(429, b"slow", "text/plain")])
async def test_too_many_requests(answer: Answer, world: World, api: AifaceswapApi) -> None:
    world.service.will(answer)
    with pytest.raises(ProviderUnavailable) as caught:
        await api.faceswap(PICTURE, PICTURE, WEBHOOK)
    assert caught.value.kind == "rate-limited"
    assert len(world.service.asked) == 1


async def test_its_own_words_are_cut_and_plain(world: World, api: AifaceswapApi) -> None:
    world.service.will(said({"code": 400, "message": "<a href='x'>{code}</a>\n\x07" + "y" * 5000}))
    with pytest.raises(ProviderRejected) as caught:
        await api.faceswap(PICTURE, PICTURE, WEBHOOK)
    words = caught.value.message.values["words"]
    assert isinstance(words, str)
    assert words.startswith("<a href='x'>{code}</a> yyy")
    assert len(words) == 200
    assert "<a" not in caught.value.message.template


@pytest.mark.parametrize("points", [None, "2", True, -1, 1e300, [2]])
async def test_points_that_make_no_sense_are_not_believed(points: Any, world: World, api: AifaceswapApi) -> None:
    world.service.will(data(task_id="t", points=points))
    accepted = await api.faceswap(PICTURE, PICTURE, WEBHOOK)
    assert (accepted.task_id, accepted.points) == ("t", None)


async def test_neither_key_nor_webhook_is_to_be_read(
    world: World, api: AifaceswapApi, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    answers = (said({"code": 401}), Answer(body=None), Answer(502, b"?"), data(task_id="t"))
    for answer in answers:
        world.service.will(answer)
        try:
            told = repr(await api.faceswap(PICTURE, PICTURE, WEBHOOK))
        except ProviderError as error:
            told = f"{error!r} {error.message} {error.hint} {error.request_id} {error.__cause__!r}"
        assert KEY not in told
        assert "s3cret" not in told
    assert len(world.service.asked) == len(answers)
    assert KEY not in caplog.text
    assert "s3cret" not in caplog.text


async def test_without_a_key_nothing_is_sent(world: World, api: AifaceswapApi) -> None:
    world.secrets.clear()
    with pytest.raises(ProviderRejected) as caught:
        await api.extract_face(PICTURE)
    assert caught.value.kind == "account"
    assert world.service.asked == []


@pytest.mark.parametrize(
    "changes",
    [
        {"success": None},
        {"success": "1"},
        {"success": True},
        {"success": 1.0},
        {"success": 2},
        {"success": -1},
        {"type": "1"},
        {"type": True},
        {"type": 3},
        {"task_id": None},
        {"task_id": ""},
        {"task_id": 7},
        {"task_id": "t" * 201},
        {"task_id": "t\n1"},
        {"result_image": None},
        {"result_image": ""},
        {"result_image": 7},
        {"result_image": ["https://a.example/r.webp"]},
        {"result_image": "file:///etc/passwd"},
        {"result_image": "../../x"},
        {"result_image": "javascript:alert(1)"},
        {"result_image": "https://a.example/" + "r" * 9000},
        {"success": 0, "result_image": 7},
    ],
    ids=repr,
)
def test_deliveries_that_are_not_as_documented(changes: dict[str, Any]) -> None:
    body = {"success": 1, "type": 1, "task_id": "t", "result_image": "https://a.example/r.webp"}
    assert parse_delivery(body)["success"] == 1
    with pytest.raises(ProviderRejected) as caught:
        parse_delivery({**body, **changes})
    assert caught.value.kind == "bad-answer"


def test_what_else_stands_in_a_delivery_is_dropped() -> None:
    body = {"success": 1, "task_id": "t", "result_image": "https://a.example/r.webp", "admin": True, "job": "other"}
    assert parse_delivery(body).keys() == {"success", "task_id", "result_image"}
    assert parse_delivery({"success": 0, "task_id": "t"}) == {"success": 0, "task_id": "t"}


def test_boxes_are_kept_as_they_are() -> None:
    boxes = (BoundingBox(1, 2, 3, 4), BoundingBox(0.5, 0, 7, 9))
    assert boxes_from_text(boxes_to_text(boxes)) == boxes
    assert boxes_from_text("[]") == ()
    for text in ("", "{}", "[[1]]", "nonsense", '[["a","b","c","d"]]', "[[1,2,3,NaN]]"):
        assert boxes_from_text(text) is None
