"""Answers that ai-gs would never give, as far as anybody knows."""

import json
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from faceswap_desktop.domain.errors import InputRefused, ProviderError, ProviderRejected, ProviderUnavailable
from faceswap_desktop.domain.settings import AigsSettings, ProvidersSettings, Settings
from faceswap_desktop.providers.aigs.api import AigsApi, Pictures
from faceswap_desktop.transport.pace import Pace
from tests.clearing import cleared_file
from tests.unit.providers.clouds import Answer, World, a_world

TOKEN = "t0ken-that-nobody-sees"
URLS = Pictures("https://xxx.com/a.png", "https://xxx.com/b.jpeg")
DONE = {"code": "success", "image_url": "https://xxxx.com/image_name.jpeg", "task_id": "t"}


@pytest_asyncio.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    def settings(url: str) -> Settings:
        return Settings(providers=ProvidersSettings(aigs=AigsSettings(base_url=url)))

    async with a_world(tmp_path, settings, {"aigs.token": TOKEN}) as opened:
        yield opened


@pytest.fixture
def api(world: World) -> AigsApi:
    return AigsApi(world.tools, Pace(0))


def said(body: Any, status: int = 200) -> Answer:
    return Answer(status, json.dumps(body).encode())


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(Answer(body=b"<html><script>alert(1)</script>", media_type="text/html"), id="web page"),
        pytest.param(Answer(502, b"Bad Gateway", "text/plain"), id="gateway"),
        pytest.param(Answer(404, b"not found", "text/plain"), id="no such place"),
        pytest.param(Answer(body=b""), id="empty"),
        pytest.param(Answer(body=None), id="cut"),
        pytest.param(Answer(body=b'{"code": "success", "image_u'), id="half"),
        pytest.param(said([DONE]), id="list"),
        pytest.param(said("success"), id="text"),
        pytest.param(said(None), id="null"),
        pytest.param(said({}), id="nothing in it"),
        pytest.param(said({"code": 200, "image_url": "https://xxxx.com/i.jpeg"}), id="number for a word"),
        pytest.param(said({"code": ["success"], "image_url": "https://xxxx.com/i.jpeg"}), id="list for a word"),
        pytest.param(said({"code": "success"}), id="no address"),
        pytest.param(said({"code": "success", "image_url": None}), id="null address"),
        pytest.param(said({"code": "success", "image_url": {"url": "https://xxxx.com"}}), id="object for an address"),
        pytest.param(said({"code": "success", "image_url": "file:///etc/passwd"}), id="file address"),
        pytest.param(said({"code": "success", "image_url": "../../x"}), id="relative address"),
        pytest.param(said({"code": "success", "image_url": ""}, 402), id="success with a refusal's status"),
        pytest.param(said({"code": "new_word", "detail": "?"}), id="unknown word with 200"),
        pytest.param(said({"code": "new_word", "detail": "?"}, 500), id="unknown word with 500"),
        pytest.param(said({"code": "no_face_detected: image"}), id="our own name for a word"),
    ],
)
async def test_what_nobody_understands_is_unconfirmed(answer: Answer, world: World, api: AigsApi) -> None:
    world.service.will(answer)
    with pytest.raises(ProviderUnavailable) as caught:
        await api.swap(URLS)
    assert caught.value.kind == "unconfirmed"
    assert caught.value.hint is not None
    assert len(world.service.asked) == 1


@pytest.mark.parametrize("task_id", [None, 7, ["t"], {"a": 1}])
async def test_a_result_needs_no_task(task_id: Any, world: World, api: AigsApi) -> None:
    world.service.will(said({**DONE, "task_id": task_id}))
    done = await api.swap(URLS)
    assert (done.result_url, done.task_id) == (DONE["image_url"], "")


async def test_too_many_requests_in_no_words(world: World, api: AigsApi) -> None:
    world.service.will(Answer(429, b"slow down", "text/plain"))
    with pytest.raises(ProviderUnavailable) as caught:
        await api.swap(URLS)
    assert caught.value.kind == "rate-limited"


@pytest.mark.parametrize(("status", "kind"), [(400, "failed"), (401, "account"), (402, "failed"), (403, "account")])
async def test_unknown_words_of_refusal(status: int, kind: str, world: World, api: AigsApi) -> None:
    world.service.will(said({"code": "new_word", "detail": "so it is"}, status))
    with pytest.raises(ProviderRejected, match=r"refused \(new_word\): so it is") as caught:
        await api.swap(URLS)
    assert caught.value.kind == kind


@pytest.mark.parametrize("code", ["false", False])
async def test_its_own_words_are_cut_and_plain(code: Any, world: World, api: AigsApi) -> None:
    detail = "<b>bold</b>{kind}\r\n\x1b[31m" + "x" * 5000
    world.service.will(said({"code": code, "detail": detail}, 402))
    with pytest.raises(ProviderRejected) as caught:
        await api.swap(URLS)
    said_by_it = caught.value.message.values["detail"]
    assert isinstance(said_by_it, str)
    assert said_by_it.startswith("<b>bold</b>{kind} [31mxxx")
    assert len(said_by_it) == 200
    assert "<b>" not in caught.value.message.template


@pytest.mark.parametrize("detail", [None, 7, [], ""])
async def test_no_words_at_all(detail: Any, world: World, api: AigsApi) -> None:
    world.service.will(said({"code": "false", "detail": detail}, 402))
    with pytest.raises(ProviderRejected) as caught:
        await api.swap(URLS)
    assert caught.value.message.text() == "ai-gs could not do it: –"


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Answer(body=b"<html>login</html>", media_type="text/html"), "captive-portal"),
        (Answer(404, b"not found", "text/plain"), "bad-answer"),
        (said({"code": "unknown", "detail": "x"}, 500), "server-error"),
        (said({"code": "success", "image_url": "https://a.b/c"}), "bad-answer"),
        (said({"code": "new_word"}, 402), "failed"),
        (said({"code": "request_rate_limit"}, 402), "rate-limited"),
        (said([]), "bad-answer"),
        (Answer(body=None), "offline"),
    ],
)
async def test_a_trial_that_fails_says_nothing_of_the_token(
    answer: Answer, kind: str, world: World, api: AigsApi
) -> None:
    world.service.will(answer)
    with pytest.raises(ProviderError) as caught:
        await api.test()
    assert caught.value.kind == kind


async def test_the_token_is_nowhere_to_be_read(world: World, api: AigsApi, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for answer in (said({"code": "invalid_api_key"}, 403), Answer(body=None), Answer(502, b"?"), said(DONE)):
        world.service.will(answer)
        try:
            told = repr(await api.swap(URLS))
        except ProviderError as error:
            told = f"{error!r} {error.message} {error.hint} {error.request_id} {error.__cause__!r}"
        assert TOKEN not in told
    assert [asked.query for asked in world.service.asked] == [{"token": TOKEN}] * 4
    assert TOKEN not in caplog.text


async def test_without_a_token_nothing_is_sent(world: World, api: AigsApi) -> None:
    world.secrets.clear()
    with pytest.raises(ProviderRejected) as caught:
        await api.swap(URLS)
    assert caught.value.kind == "account"
    assert world.service.asked == []


async def test_a_copy_that_is_gone(world: World, api: AigsApi, tmp_path: Path) -> None:
    with pytest.raises(InputRefused, match="gone"):
        await api.swap(Pictures(cleared_file(tmp_path / "a"), cleared_file(tmp_path / "b")))
    assert world.service.asked == []


async def test_every_call_waits_for_its_turn(world: World) -> None:
    class Counting(Pace):
        turns = 0

        async def turn(self) -> None:
            self.turns += 1
            assert len(world.service.asked) == self.turns - 1

    pace = Counting(0)
    api = AigsApi(world.tools, pace)
    world.service.will(said(DONE), said({"code": "invalid_post"}, 401), said(DONE))
    await api.swap(URLS)
    await api.test()
    await api.swap(URLS)
    assert (pace.turns, len(world.service.asked)) == (3, 3)
