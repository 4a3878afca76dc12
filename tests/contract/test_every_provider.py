"""What holds for every provider on the internet, whoever it is: replies word for word, and answers that nobody wrote.

A provider that is new in ``build_providers`` has no place here yet, and that fails.
"""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
import pytest_asyncio

from faceswap_desktop.domain.errors import ProviderError, ProviderRejected, ProviderUnavailable
from faceswap_desktop.domain.messages import FOREIGN_LIMIT
from faceswap_desktop.domain.settings import (
    AifaceswapSettings,
    AigsSettings,
    AkoolSettings,
    ProvidersSettings,
    Settings,
)
from faceswap_desktop.domain.work import Handle
from faceswap_desktop.jobs.desk import HOLDS
from faceswap_desktop.jobs.failures import UNCONFIRMED
from faceswap_desktop.providers import build_providers
from faceswap_desktop.providers.aifaceswap.api import AifaceswapApi, Picture
from faceswap_desktop.providers.aigs.api import AigsApi, Pictures
from faceswap_desktop.providers.akool.access import Access
from faceswap_desktop.providers.akool.api import AkoolCalls
from faceswap_desktop.providers.akool.requests import SwapPlus
from faceswap_desktop.providers.protocol import Provider
from faceswap_desktop.providers.tools import CloudTools
from faceswap_desktop.transport.pace import Pace
from faceswap_desktop.workers.pool import WorkerPool
from tests.unit.jobs.support import make_recipe
from tests.unit.providers.clouds import Answer, JobContext, World, a_world

REPLIES: Final = Path(__file__).parent / "replies"
FACE, WHOLE = "https://pictures.example/face.jpg", "https://pictures.example/whole.jpg"
KEY: Final = "K3y-That-Nobody-May-See"
SECRETS: Final = ("akool.api_key", "aigs.token", "aifaceswap.api_key")
MARKUP: Final = "<script>alert(1)</script>\x1b[31m {0} {provider} %s " + "x" * 5000


@dataclass(frozen=True)
class Case:
    """One provider.

    Attributes:
        swap: Makes its paid call for a swap, and returns what it is called there or where the result lies.
        recorded: The reply of its texts, and what has to be read out of it.
        refuses: Its own words for what holds a job or is tried again, as status and body, by the error's kind.
        says: Its words for a failure of its own, given a text.
        lacks: Its word for success, with nothing beside it.
    """

    swap: Callable[[CloudTools], Awaitable[str]]
    recorded: tuple[str, str]
    refuses: dict[str, list[tuple[int, Any]]]
    says: Callable[[str], Answer]
    lacks: Any


def said(body: Any, status: int = 200) -> Answer:
    return Answer(status, json.dumps(body).encode())


async def swap_at_akool(tools: CloudTools) -> str:
    client = tools.client("akool", lambda: tools.settings().providers.akool.base_url)
    calls = AkoolCalls(client, client, Access(client, tools.secret))
    return (await calls.faceswap_plus_by_image(SwapPlus(FACE, WHOLE, (), enhance=False))).id


async def swap_at_aifaceswap(tools: CloudTools) -> str:
    api = AifaceswapApi(tools)
    return (await api.faceswap(Picture(url=WHOLE), Picture(url=FACE), "https://hooks.example/a")).task_id


async def swap_at_aigs(tools: CloudTools) -> str:
    return (await AigsApi(tools, Pace(0)).swap(Pictures(FACE, WHOLE))).result_url


CASES: Final = {
    "akool": Case(
        swap_at_akool,
        ("akool/faceswapByImage.json", "6593c94c0ef703e8c055e3c8"),
        {
            "account": [
                (200, {"code": 1101, "msg": "Invalid authorization or The request token has expired"}),
                (200, {"code": 1102, "msg": "Authorization cannot be empty"}),
                (200, {"code": 1200, "msg": "The account has been banned"}),
                (401, {"code": 1101, "msg": "x"}),
            ],
            "credits": [
                (200, {"code": 1006, "msg": "Your quota is not enough"}),
                (200, {"code": 1104, "msg": "Insufficient quota"}),
            ],
            "rate-limited": [(200, {"code": 1005, "msg": "Operation is too frequent"}), (429, {})],
        },
        lambda text: said({"code": 1016, "msg": text}),
        {"code": 1000, "msg": "OK", "data": {}},
    ),
    "aifaceswap": Case(
        swap_at_aifaceswap,
        ("aifaceswap/faceswap.json", "4e8f96115346c727c688b81d3700924f"),
        {
            "account": [(401, {"detail": "Not authenticated"}), (200, {"code": 403, "message": "forbidden"})],
            "credits": [(402, {}), (200, {"code": 1201, "message": "Insufficient credits"})],
            "rate-limited": [(200, {"code": 429, "message": "slow"}), (429, {})],
        },
        lambda text: said({"code": 400, "message": text}),
        {"code": 200, "data": {}, "message": "OK"},
    ),
    "aigs": Case(
        swap_at_aigs,
        ("aigs/200-success.json", "https://xxxx.com/image_name.jpeg"),
        {
            "account": [
                (401, {"code": "no_token", "detail": "No token specified in url query."}),
                (403, {"code": "invalid_api_key", "detail": "You provide an invalid Image API key."}),
            ],
            "credits": [(403, {"code": "used_up", "detail": "Your account does not have enough credits"})],
            "rate-limited": [
                (402, {"code": "request_rate_limit", "detail": "Request rate limit, once per second."}),
                (429, {}),
            ],
        },
        lambda text: said({"code": "false", "detail": text}, 402),
        {"code": "success", "task_id": "t"},
    ),
}
PAGE: Final = b"<!DOCTYPE html><html><body><h1>Sorry</h1></body></html>"
NOBODY_KNOWS: Final = {
    "web page": Answer(body=PAGE, media_type="text/html"),
    "web page that calls itself JSON": Answer(body=PAGE),
    "web page of a gateway": Answer(502, PAGE, "text/html"),
    "fault in no words": Answer(500, b"Internal Server Error", "text/plain"),
    "fault in other words": said({"error": "oops"}, 500),
    "fault of overload": Answer(503, b"", "text/plain", {"Retry-After": "1"}),
    "time-out of a gateway": Answer(504, b"{}"),
    "redirect": Answer(302, b"", "text/plain", {"Location": "https://portal.example/login"}),
    "login of the network": Answer(511, PAGE, "text/html"),
    "nothing": Answer(body=b""),
    "cut": Answer(body=None),
    "half": Answer(body=b'{"code": '),
    "list": said([]),
    "null": said(None),
    "number": said(1000),
    "nothing in it": said({}),
    "other types": said({"code": {"a": 1}, "data": [1], "msg": 5, "message": None, "detail": {}}),
    "true for a code": said({"code": True, "data": {"_id": "a", "task_id": "a"}}),
    "deep": Answer(body=b'{"code":' + b"[" * 100_000),
    "not a number": Answer(body=b'{"code": NaN}'),
    "invalid text": Answer(body=b'{"code": "\xff"}'),
}


def settings_at(url: str) -> Settings:
    return Settings(
        providers=ProvidersSettings(
            akool=AkoolSettings(base_url=url, detect_url=url),
            aifaceswap=AifaceswapSettings(base_url=url),
            aigs=AigsSettings(base_url=url),
        )
    )


@pytest_asyncio.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with a_world(tmp_path, settings_at, dict.fromkeys(SECRETS, KEY)) as opened:
        yield opened


@pytest_asyncio.fixture
async def providers(world: World, tmp_path: Path) -> dict[str, Provider]:
    pool = WorkerPool(tmp_path / "cache", job_slots=1, memory_mb=1024, task_limit_s=60)
    return {one.info.id: one for one in build_providers(pool, world.tools) if not one.info.is_local}


each = pytest.mark.parametrize("provider", CASES)


def tells(error: ProviderError) -> str:
    return "\n".join((str(error), repr(error), error.message.text(), error.hint.text() if error.hint else ""))


def test_every_provider_is_here(providers: dict[str, Provider]) -> None:
    assert providers.keys() == CASES.keys()


@each
async def test_the_reply_of_its_texts_is_read(provider: str, world: World) -> None:
    name, wanted = CASES[provider].recorded
    world.service.will(Answer(body=(REPLIES / name).read_bytes()))
    assert await CASES[provider].swap(world.tools) == wanted


@each
@pytest.mark.parametrize("answer", [*NOBODY_KNOWS, "success without more"])
async def test_a_paid_call_whose_answer_nobody_understands_is_unconfirmed(
    provider: str, answer: str, world: World
) -> None:
    world.service.will(NOBODY_KNOWS.get(answer) or said(CASES[provider].lacks))
    with pytest.raises(ProviderUnavailable) as caught:
        await CASES[provider].swap(world.tools)
    assert caught.value.kind == UNCONFIRMED
    assert caught.value.provider_id == provider
    assert caught.value.hint is not None
    assert "Sorry" not in tells(caught.value)
    # Never sent again by itself.
    assert len(world.service.asked) == 1


@each
@pytest.mark.parametrize("kind", ["account", "credits", "rate-limited"])
async def test_its_own_words_hold_a_job_or_have_it_tried_again(provider: str, kind: str, world: World) -> None:
    for status, body in CASES[provider].refuses[kind]:
        world.service.will(said(body, status))
        with pytest.raises(ProviderError) as caught:
            await CASES[provider].swap(world.tools)
        error = caught.value
        assert (error.kind, error.provider_id, error.hint is not None) == (kind, provider, True), body
        if kind == "rate-limited":
            assert isinstance(error, ProviderUnavailable)
        else:
            assert isinstance(error, ProviderRejected)
            assert kind in HOLDS


@each
async def test_markup_in_its_words_stays_text_and_short(provider: str, world: World) -> None:
    world.service.will(CASES[provider].says(MARKUP))
    with pytest.raises(ProviderRejected) as caught:
        await CASES[provider].swap(world.tools)
    text = caught.value.message.text()
    assert "<script>alert(1)</script>" in text, "it is shown, as plain text"
    assert "<script>" not in caught.value.message.template, "and is no part of a template"
    assert text.isprintable()
    assert all(len(str(value)) <= 2 * FOREIGN_LIMIT for value in caught.value.message.values.values())
    assert len(text) < 3 * FOREIGN_LIMIT


@each
async def test_its_key_is_nowhere_to_be_read(provider: str, world: World, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    answers = [said(body, status) for pairs in CASES[provider].refuses.values() for status, body in pairs]
    answers += [CASES[provider].says(f"bad key {KEY[:4]}"), NOBODY_KNOWS["cut"], NOBODY_KNOWS["web page"]]
    for answer in answers:
        world.service.will(answer)
        with pytest.raises(ProviderError) as caught:
            await CASES[provider].swap(world.tools)
        assert KEY not in tells(caught.value)
    sent = [f"{asked.headers} {asked.query}" for asked in world.service.asked]
    assert all(KEY in one for one in sent), "but it was sent"
    # aiohttp's own lines are those of the service here.
    assert KEY not in "\n".join(one.getMessage() for one in caplog.records if not one.name.startswith("aiohttp"))


MP4: Final = b"\x00\x00\x00\x20ftypisom\x00\x00\x00\x00isomiso2avc1mp41"
NO_RESULTS: Final = {
    "web page": (Answer(body=PAGE, media_type="image/jpeg"), {"bad-answer"}),
    "error message": (Answer(body=b'{"code": 1, "msg": "Sorry"}'), {"bad-answer"}),
    "empty": (Answer(body=b"", media_type="image/jpeg"), {"bad-answer"}),
    "video": (Answer(body=MP4, media_type="image/jpeg"), {"bad-answer"}),
    "archive": (Answer(body=b"PK\x03\x04" + bytes(500), media_type="image/jpeg"), {"bad-answer"}),
    # Whoever knows for how long it is kept looks again until then.
    "gone": (Answer(404, b"", "text/plain"), {"expired", "server-error"}),
    "refused": (Answer(403, b"<Error>Sorry</Error>", "application/xml"), {"expired", "server-error"}),
    "trouble": (Answer(503, b"", "text/plain"), {"server-error"}),
    "login of the network": (Answer(511, PAGE, "text/html"), {"captive-portal"}),
}


@each
@pytest.mark.parametrize("result", NO_RESULTS)
async def test_what_is_no_result_is_not_taken_for_one(
    provider: str, result: str, world: World, providers: dict[str, Provider], tmp_path: Path
) -> None:
    answer, kinds = NO_RESULTS[result]
    world.service.files["..%2F..%2Fx.jpg"] = world.service.files["../../x.jpg"] = answer
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    before = sorted(tmp_path.rglob("*"))
    handle = Handle(provider, {"result_url": f"{world.service.url}/files/..%2F..%2Fx.jpg", "id": "a"})
    with pytest.raises(ProviderError) as caught:
        await providers[provider].fetch(handle, JobContext(make_recipe(provider), str(scratch)))
    assert caught.value.kind in kinds
    assert caught.value.hint is not None
    assert "Sorry" not in tells(caught.value)
    left = [path for path in sorted(tmp_path.rglob("*")) if path not in before]
    assert all(path.name.startswith("download.part") and path.parent == scratch for path in left), left


@each
@pytest.mark.parametrize("address", ["file:///etc/passwd", "ftp://a.example/x", "//x", "../../x", "javascript:1", ""])
async def test_results_are_fetched_from_the_web_only(
    provider: str, address: str, providers: dict[str, Provider], tmp_path: Path
) -> None:
    handle = Handle(provider, {"result_url": address, "id": "a"})
    with pytest.raises(ProviderRejected) as caught:
        await providers[provider].fetch(handle, JobContext(make_recipe(provider), str(tmp_path)))
    assert caught.value.kind == "address"


@each
async def test_without_a_key_nothing_is_sent(provider: str, world: World, providers: dict[str, Provider]) -> None:
    world.secrets.clear()
    with pytest.raises(ProviderRejected) as caught:
        await CASES[provider].swap(world.tools)
    assert caught.value.kind == "account"
    account = providers[provider].account
    assert account is not None
    if provider == "aifaceswap":
        assert not (await account.test()).is_valid
    assert world.service.asked == []


@each
def test_its_account_says_where_keys_come_from(provider: str, providers: dict[str, Provider]) -> None:
    account = providers[provider].account
    assert account is not None
    assert account.info.key_page.startswith("https://")
    fields = [field for fields in account.info.alternatives for field in fields]
    assert fields
    assert all(field.name.startswith(f"{provider}.") and field.title.text() and field.help.text() for field in fields)
