"""What AKOOL's tables say of every call: how it is signed, what it is told of a webhook, what each code means."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from faceswap_desktop.domain.errors import ProviderError
from faceswap_desktop.providers.akool.codes import OK, refusal
from faceswap_desktop.providers.akool.replies import JobStatus
from faceswap_desktop.providers.akool.requests import PaidRequest
from tests.contract import akool_service as akool
from tests.contract import test_akool
from tests.contract.akool_service import recorded, refused, request_of, says
from tests.contract.akool_tokens import a_token
from tests.contract.test_akool import FREE, LIVE_CREATE, PAID, PAIR, Opened, live_create, reage, v3

opened = test_akool.opened

HOOK = "https://hooks.example.org/secret"
REPLIES = {
    "detect_faces": "detect_faces",
    "detect": "detect",
    "analyze_frames": "analyze_frames",
    "listbyids": "listbyids",
    "quota/info": "quota_info",
}
"""The others answer with nothing but that it went well."""
CALLS = {
    **{name: (path, call, reply) for name, (path, call, reply) in PAID.items()},
    **{name: (path, call, REPLIES.get(name, "ok")) for name, (path, call) in FREE.items()},
}
GETS = {"listbyids", "quota/info"}
TABLES = tomllib.loads((Path(__file__).parent / "seed_tables.toml").read_text(encoding="utf-8"))["table"]
CODES = {
    table["system"]: [int(code) for code in table["rows"]]
    for table in TABLES
    if table["direction"] == "code" and table["system"].startswith("akool")
}


def a_session() -> dict[str, Any]:
    return {
        "_id": "a",
        "faceswap_status": 1,
        "front_user_id": "1",
        "front_rtc_token": a_token(),
        "channel_id": "c",
        "app_id": "",
    }


@pytest.mark.parametrize("name", [*CALLS, "live/create"])
async def test_each_call_is_signed_and_says_what_it_sends(name: str, opened: Opened) -> None:
    opened.secrets.clear()
    opened.secrets.update(PAIR)
    opened.service.will(akool.TOKEN, recorded("getToken"))
    if name == "live/create":
        path = LIVE_CREATE
        opened.service.will(path, says({"code": 1000, "msg": "OK", "data": a_session()}))
        await live_create(opened.calls)
    else:
        path, call, reply = CALLS[name]
        opened.service.will(path, recorded(reply))
        await call(opened.calls)
    assert [one.path for one in opened.service.asked] == [akool.TOKEN, path]
    token, asked = opened.service.asked
    assert token.headers["Content-Type"] == "application/json"
    assert asked.headers["Authorization"] == "Bearer xxxxxxxxxxxxxxxx"
    if name in GETS:
        assert asked.method == "GET"
    else:
        assert (asked.method, asked.headers["Content-Type"]) == ("POST", "application/json")


async def test_each_job_can_be_announced_to_a_webhook(opened: Opened) -> None:
    wanted: dict[str, tuple[PaidRequest, str]] = {
        akool.IMAGE: (v3(), "modifyImage"),
        akool.VIDEO: (v3(is_video=True), "modifyVideo"),
        akool.IMAGE_AGE: (reage(), "modifyImage"),
        akool.VIDEO_AGE: (reage(is_video=True), "modifyVideo"),
    }
    for path, (request, name) in wanted.items():
        opened.service.will(path, recorded("specifyimage"))
        await opened.calls.create(request, HOOK)
        [asked] = opened.service.on(path)
        assert asked.json["webhookUrl"] == HOOK
        assert asked.json[name].startswith("https://")
        assert asked.json["targetImage"][0].keys() == {"path", "opts"}


@pytest.mark.parametrize("name", ["specifyimage", "specifyvideo", "imgreage", "vidreage"])
async def test_each_job_says_where_its_result_will_be(name: str, opened: Opened) -> None:
    path, call, _ = PAID[name]
    body = {
        "code": 1000,
        "msg": "Please be patient!",
        "data": {"_id": "a", "job_id": "b", "url": "https://a.example/r"},
    }
    opened.service.will(path, says(body))
    created = await call(opened.calls)
    assert (created.id, created.job_id, created.url) == ("a", "b", "https://a.example/r")


@pytest.mark.parametrize("system", CODES)
async def test_each_code_of_a_page_in_the_answers_of_its_calls(system: str, opened: Opened) -> None:
    """Success is told elsewhere; every other code is an error of its own, with AKOOL's words where they help."""
    calls = {
        "akool": [*(PAID[name][:2] for name in ("specifyimage", "specifyvideo")), *list(FREE.values())[3:5]],
        "akool-live": [(LIVE_CREATE, live_create), FREE["live/update"], FREE["live/close"]],
        "akool-reage": [PAID[name][:2] for name in ("imgreage", "vidreage")],
    }[system]
    for path, call in calls:
        for code in CODES[system]:
            if code == OK:
                continue
            opened.service.will(path, refused(code, "their own words"))
            with pytest.raises(ProviderError) as caught:
                await call(opened.calls)
            expected = refusal(code, "their own words")
            assert type(caught.value) is type(expected)
            assert (caught.value.kind, caught.value.message) == (expected.kind, expected.message)


@pytest.mark.parametrize("words", ["OK", "Please be patient!", "", "error"])
async def test_success_is_told_by_the_code_and_not_by_the_words(words: str, opened: Opened) -> None:
    opened.service.will(akool.DELETE, says({"code": 1000, "msg": words}))
    opened.service.will(akool.CANCEL, says({"code": 1000, "msg": words}))
    opened.service.will(akool.QUOTA, says({"code": 1000, "msg": words, "data": {"credit": 3}}))
    opened.service.will(akool.LIST, says({"code": 1000, "msg": words, "data": {"result": []}}))
    await opened.calls.delbyids(["a"])
    await opened.calls.job_del(["b"])
    assert await opened.calls.quota_info() == 3
    assert (await opened.calls.listbyids(["a"])).rows == {}


async def test_each_status_of_a_job(opened: Opened) -> None:
    rows = [
        {
            "_id": status.name,
            "faceswap_status": status.value,
            "url": "https://a.example/r.jpg",
            "createdAt": "2026-01-01",
        }
        for status in JobStatus
    ]
    opened.service.will(akool.LIST, says({"code": 1000, "msg": "OK", "data": {"result": rows}}))
    found = await opened.calls.listbyids([status.name for status in JobStatus])
    assert {name: row.status for name, row in found.rows.items()} == {status.name: status for status in JobStatus}
    # Only then is there something at its address.
    assert [name for name, row in found.rows.items() if row.url] == ["DONE"]


async def test_the_request_of_the_pages_is_sent_as_it_stands(opened: Opened) -> None:
    opened.service.will(akool.CANCEL, recorded("ok"))
    await opened.calls.job_del(["20240102082900592-5653", "b"])
    assert opened.service.asked[0].json.keys() == request_of("job_del").keys()
    assert opened.service.asked[0].json["job_ids"] == "20240102082900592-5653,b"
