"""ai-gs as its page for developers describes it: the request, and every reply word for word."""

import base64
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from faceswap_desktop.domain.errors import (
    ContentRefused,
    ExitCode,
    ProviderError,
    ProviderRejected,
    ProviderUnavailable,
)
from faceswap_desktop.domain.settings import AigsSettings, ProvidersSettings, Settings
from faceswap_desktop.providers.aigs.api import AigsApi, Pictures
from faceswap_desktop.providers.aigs.codes import NO_FACE, REFUSALS
from faceswap_desktop.transport.pace import Pace
from tests.clearing import cleared_file
from tests.unit.providers.clouds import Answer, World, a_world

REPLIES = Path(__file__).parent / "replies" / "aigs"
TASK = "e4d33a96-dd91-580f-aef4-e4ef4b26c347"
DATE = "Tue, 03 Nov 2026 08:49:37 GMT"

REFUSED: dict[str, tuple[type[ProviderError], str, str]] = {
    "401-no_token": (ProviderRejected, "account", "received no token"),
    "401-invalid_post": (ProviderRejected, "failed", "Your image_url is empty."),
    "402-invalid_input_image": (ProviderRejected, "failed", "get input image error."),
    "402-no_face_detected-image": (ProviderRejected, "no-face", "photo of the source face"),
    "402-no_face_detected-template": (ProviderRejected, "no-face", "picture that is edited"),
    "402-forbidden": (ContentRefused, "sensitive", "sensitive"),
    "402-image_size_limited": (ProviderRejected, "too-large", "Image size exceeds the maximum allowed size."),
    "402-request_rate_limit": (ProviderUnavailable, "rate-limited", "one request per second"),
    "402-false": (ProviderRejected, "failed", "Error details"),
    "403-used_up": (ProviderRejected, "credits", "used up"),
    "403-invalid_api_key": (ProviderRejected, "account", "does not know your token"),
    "500-unknown": (ProviderUnavailable, "unconfirmed", "cannot be told whether the swap was counted"),
}


def recorded(name: str) -> Answer:
    return Answer(int(name[:3]), (REPLIES / f"{name}.json").read_bytes(), headers={"Date": DATE})


@pytest_asyncio.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    def settings(url: str) -> Settings:
        return Settings(providers=ProvidersSettings(aigs=AigsSettings(base_url=f"{url}/v1")))

    async with a_world(tmp_path, settings, {"aigs.token": "S3CRET+/="}) as opened:
        yield opened


@pytest.fixture
def api(world: World) -> AigsApi:
    return AigsApi(world.tools, Pace(0))


@pytest.fixture
def files(tmp_path: Path) -> Pictures:
    for name in ("face", "whole"):
        (tmp_path / name).write_bytes(f"the {name}".encode() * 1000)
    return Pictures(cleared_file(tmp_path / "face"), cleared_file(tmp_path / "whole"))


def test_every_reply_of_the_page_is_here() -> None:
    assert {path.stem for path in REPLIES.glob("*.json")} == {"200-success", *REFUSED}
    words = {json.loads(path.read_bytes())["code"] for path in REPLIES.glob("*.json")}
    assert words == {name.partition(":")[0] for name in REFUSALS} | {"success"}


async def test_success(world: World, api: AigsApi, files: Pictures) -> None:
    world.service.will(recorded("200-success"))
    done = await api.swap(files)
    assert (done.result_url, done.task_id) == ("https://xxxx.com/image_name.jpeg", TASK)
    # The clock of the service, not ours.
    assert done.server_time == 1793695777


async def test_request_with_base64(world: World, api: AigsApi, files: Pictures) -> None:
    world.service.will(recorded("200-success"))
    await api.swap(files)
    [asked] = world.service.asked
    assert asked.path == "/v1/faceswap"
    assert asked.query == {"token": "S3CRET+/="}
    assert asked.headers["Content-Type"] == "application/json"
    assert asked.headers["Accept"] == "application/json"
    # 目标图, the new face, is image_…; 模板图, the picture that is edited, is template_….
    assert asked.json.keys() == {"image_base64", "template_base64"}
    assert base64.b64decode(asked.json["image_base64"], validate=True) == b"the face" * 1000
    assert base64.b64decode(asked.json["template_base64"], validate=True) == b"the whole" * 1000


async def test_request_with_addresses(world: World, api: AigsApi) -> None:
    world.service.will(recorded("200-success"))
    await api.swap(Pictures("https://xxx.com/image_name.png", "https://xxx.com/template_name.jpeg"))
    [asked] = world.service.asked
    assert asked.json == {
        "image_url": "https://xxx.com/image_name.png",
        "template_url": "https://xxx.com/template_name.jpeg",
    }


@pytest.mark.parametrize("name", REFUSED)
async def test_each_refusal(name: str, world: World, api: AigsApi, files: Pictures) -> None:
    error_type, kind, words = REFUSED[name]
    world.service.will(recorded(name))
    with pytest.raises(ProviderError) as caught:
        await api.swap(files)
    error = caught.value
    assert (type(error), error.kind) == (error_type, kind)
    assert words in error.message.text()
    assert error.provider_id == "aigs"
    assert error.retry_after_s == (1.0 if kind == "rate-limited" else 0.0)
    assert error.exit_code == (ExitCode.CONSENT if kind == "sensitive" else ExitCode.PROVIDER)
    assert error.hint is not None or name == "402-false"
    if name.startswith("402"):
        assert error.request_id == TASK
    # Whatever it was, it was sent once.
    assert len(world.service.asked) == 1


async def test_detail_tells_the_two_meanings_of_one_word_apart(world: World, api: AigsApi, files: Pictures) -> None:
    body = {"code": NO_FACE, "detail": "nothing to be seen"}
    world.service.will(Answer(402, json.dumps(body).encode()))
    with pytest.raises(ProviderRejected, match="one of the pictures: nothing to be seen"):
        await api.swap(files)


@pytest.mark.parametrize(
    ("name", "is_valid", "words"),
    [
        ("401-invalid_post", True, "did not refuse the token"),
        ("403-used_up", True, "used up"),
        ("401-no_token", False, "received no token"),
        ("403-invalid_api_key", False, "does not know your token"),
    ],
)
async def test_the_token_is_tried_without_pictures(
    name: str, is_valid: bool, words: str, world: World, api: AigsApi
) -> None:
    world.service.will(recorded(name))
    status = await api.test()
    assert (status.is_valid, words in status.message.text()) == (is_valid, True)
    assert status.credits == (0.0 if name == "403-used_up" else None)
    [asked] = world.service.asked
    assert asked.json == {}
