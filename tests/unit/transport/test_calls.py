"""Free calls: what is sent, what is taken, and when it is tried again."""

from __future__ import annotations

import asyncio
import gzip
import json
import tracemalloc
import zlib
from collections.abc import Callable
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from faceswap_desktop import __version__
from faceswap_desktop.domain.errors import InputRefused, ProviderRejected, ProviderUnavailable
from faceswap_desktop.transport.calls import JSON_LIMIT, ApiCall, FilePart
from faceswap_desktop.transport.client import ApiClient
from tests.clearing import cleared_file
from tests.unit.transport.conftest import Waits
from tests.unit.transport.servers import (
    Handler,
    Internet,
    RawHandler,
    closed_door,
    http,
    raw_server,
    read_request,
    scripted,
    web_server,
)

Make = Callable[..., ApiClient]
GET = ApiCall("GET", "/v1/status")


def answering(*answers: web.Response | dict[str, Any]) -> tuple[Handler, list[web.Request]]:
    """Return a handler that gives the answers in turn, the last one again and again."""
    asked: list[web.Request] = []
    rest = list(answers)

    async def handler(request: web.Request) -> web.Response:
        asked.append(request)
        answer = rest.pop(0) if len(rest) > 1 else rest[0]
        if isinstance(answer, dict):
            return web.json_response(answer)
        return web.Response(status=answer.status, body=answer.body, headers=answer.headers)

    return handler, asked


async def test_a_call_says_what_it_is_told_to_say(client_of: Make) -> None:
    seen: dict[str, Any] = {}

    async def handler(request: web.Request) -> web.Response:
        seen.update(method=request.method, path=request.path, query=dict(request.query), headers=request.headers)
        seen["json"] = await request.json()
        return web.json_response({"code": 1000}, headers={"Date": formatdate(1e9, usegmt=True)})

    async with web_server(handler) as base:
        call = ApiCall(
            "POST",
            "v3/faces?page=2",
            query={"a": "1 & 2"},
            secret_query={"token": "t/1"},
            json={"x": "é", "y": [1, None]},
            headers={"Authorization": "Bearer k"},
        )
        reply = await client_of(base + "/api/").call(call)
    assert (seen["method"], seen["path"]) == ("POST", "/api/v3/faces")
    assert seen["query"] == {"page": "2", "a": "1 & 2", "token": "t/1"}
    assert seen["json"] == {"x": "é", "y": [1, None]}
    assert seen["headers"]["Authorization"] == "Bearer k"
    assert seen["headers"]["User-Agent"] == f"FaceswapDesktop/{__version__}"
    assert (reply.status, reply.json, reply.text) == (200, {"code": 1000}, '{"code": 1000}')
    assert (reply.media_type, reply.server_time) == ("application/json", 1e9)
    assert reply.request_id == seen["headers"]["X-Request-Id"]


async def test_an_absolute_address_replaces_the_base(client_of: Make) -> None:
    handler, asked = answering({})
    async with web_server(handler) as base, web_server(handler) as other:
        await client_of(base).call(ApiCall("GET", f"{other}/detect"))
    assert str(asked[0].url) == f"{other}/detect"


async def test_forms_and_files_are_sent(client_of: Make, tmp_path: Path) -> None:
    seen: list[Any] = []
    (tmp_path / "My secret holiday.jpg").write_bytes(b"\xff\xd8\xff" + b"x" * 3_000_000)
    (tmp_path / "b").write_bytes(b"small")

    async def handler(request: web.Request) -> web.Response:
        seen.append(request.headers["Content-Length"])
        for name, value in (await request.post()).items():
            if isinstance(value, web.FileField):
                seen.append((name, (value.filename, value.content_type, len(value.file.read()))))
            else:
                seen.append((name, value))
        return web.json_response({})

    parts = (
        FilePart("face", cleared_file(tmp_path / "My secret holiday.jpg"), "source.jpg", "image/jpeg"),
        FilePart('o"dd', cleared_file(tmp_path / "b"), "b.png", "image/png"),
    )
    progress: list[tuple[int, int]] = []
    async with web_server(handler) as base:
        client = client_of(base)
        await client.call(ApiCall("POST", "a", form={"one": "1 é", "many": ("2", "3")}))
        await client.call(
            ApiCall("POST", "b", form={"index": ("0", "1")}, files=parts), lambda *told: progress.append(told)
        )
    assert seen[1:4] == [("one", "1 é"), ("many", "2"), ("many", "3")]
    assert seen[5:7] == [("index", "0"), ("index", "1")]
    assert seen[7:] == [
        ("face", ("source.jpg", "image/jpeg", 3_000_003)),
        ("o%22dd", ("b.png", "image/png", 5)),
    ]
    assert progress[-1] == (int(seen[4]), int(seen[4]))


async def test_a_missing_file_is_said_before_anything_is_sent(client_of: Make, tmp_path: Path) -> None:
    handler, asked = answering({})
    part = FilePart("face", cleared_file(tmp_path / "gone.jpg"), "source.jpg", "image/jpeg")
    async with web_server(handler) as base:
        with pytest.raises(InputRefused) as caught:
            await client_of(base).call(ApiCall("POST", "a", files=(part,), is_paid=True))
    assert caught.value.kind == "missing"
    assert asked == []


async def test_long_texts_arrive_whole(client_of: Make) -> None:
    picture = "QUJD/+" * 400_000
    value = {"image": picture, "odd": 'a"\\\n' * 100_000, "n": 1, "é": "é" * 300_000}
    seen: list[Any] = []

    async def handler(request: web.Request) -> web.Response:
        seen.append(json.loads(await request.read()))
        return web.json_response({"image": picture})

    async with web_server(handler) as base:
        reply = await client_of(base).call(ApiCall("POST", "a", json=value))
    assert seen == [value]
    assert reply.json == {"image": picture}
    assert len(reply.text) == 2000


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504, 520, 529])
async def test_what_may_pass_is_tried_again(client_of: Make, waits: Waits, status: int) -> None:
    handler, asked = answering(web.Response(status=status), web.Response(status=status), {"ok": 1})
    told: list[float] = []
    async with web_server(handler) as base:
        reply = await client_of(base).call(GET, on_wait=told.append)
    assert reply.json == {"ok": 1}
    assert len(asked) == 3
    assert told == waits.seconds
    assert 0.25 <= told[0] <= 0.5 <= told[1] <= 1.0
    assert len({one.headers["X-Request-Id"] for one in asked}) == 1  # it is one call for their support


@pytest.mark.parametrize("status", [200, 201, 204, 400, 401, 402, 403, 404, 409, 413, 422, 501])
async def test_other_answers_are_the_provider_s_to_read(client_of: Make, waits: Waits, status: int) -> None:
    handler, asked = answering(web.Response(status=status))
    async with web_server(handler) as base:
        reply = await client_of(base).call(GET)
    assert (reply.status, reply.json, len(asked), waits.seconds) == (status, None, 1, [])


async def test_retry_after_is_obeyed(client_of: Make, waits: Waits) -> None:
    handler, _ = answering(web.Response(status=503, headers={"Retry-After": "12"}), {"ok": 1})
    async with web_server(handler) as base:
        await client_of(base).call(GET)
    assert waits.seconds == [12.0]


async def test_a_long_retry_after_goes_to_the_job(client_of: Make, waits: Waits) -> None:
    handler, asked = answering(web.Response(status=429, headers={"Retry-After": "3600"}))
    async with web_server(handler) as base:
        with pytest.raises(ProviderUnavailable) as caught:
            await client_of(base).call(GET)
    assert (caught.value.kind, caught.value.retry_after_s) == ("rate-limited", 3600.0)
    assert (len(asked), waits.seconds) == (1, [])


@pytest.mark.parametrize(("status", "kind"), [(500, "server-error"), (503, "server-error"), (429, "rate-limited")])
async def test_it_is_given_up_after_five_tries(client_of: Make, waits: Waits, status: int, kind: str) -> None:
    handler, asked = answering(web.Response(status=status, headers={"cf-ray": "8a-FRA"}))
    async with web_server(handler) as base:
        with pytest.raises(ProviderUnavailable) as caught:
            await client_of(base).call(GET)
    assert (caught.value.kind, caught.value.provider_id, caught.value.request_id) == (kind, "akool", "8a-FRA")
    assert (len(asked), len(waits.seconds)) == (5, 4)


async def test_the_words_of_the_last_answer_are_handed_on(client_of: Make) -> None:
    words = web.json_response({"code": "token_error"}, status=500)
    handler, asked = answering(words)
    async with web_server(handler) as base:
        reply = await client_of(base).call(GET)
    assert (reply.status, reply.json, len(asked)) == (500, {"code": "token_error"}, 5)


async def test_broken_connections_are_tried_again(client_of: Make, waits: Waits) -> None:
    handler, asked = scripted(
        b"", b"HTTP/1.1 200 OK\r\nContent-Le", http(b"{}", length=10), b"\x16\x03\x01", http(b"{}")
    )
    async with raw_server(handler) as port:
        reply = await client_of(f"http://127.0.0.1:{port}").call(GET)
    assert reply.json == {}
    assert (len(asked), len(waits.seconds)) == (5, 4)


async def test_a_closed_door_says_so(client_of: Make, waits: Waits) -> None:
    with closed_door() as (_, base), pytest.raises(ProviderUnavailable) as caught:
        await client_of(base).call(GET)
    assert caught.value.kind == "offline"
    assert "127.0.0.1" in str(caught.value)
    assert len(waits.seconds) == 4
    assert len(caught.value.request_id) == 32


async def test_an_unknown_name_says_so(client_of: Make, internet: Internet) -> None:
    with pytest.raises(ProviderUnavailable) as caught:
        await client_of("https://nosuch.example", resolve=internet.resolve).call(GET)
    assert caught.value.kind == "offline"
    assert "could not be found" in str(caught.value)


def silent(after: bytes = b"", came: asyncio.Event | None = None) -> tuple[RawHandler, asyncio.Event]:
    """Return a handler that sends something and then nothing, and an event for when the other side hangs up.

    Args:
        after: What it sends.
        came: Set when a request has come.
    """
    hung_up = asyncio.Event()

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        if came is not None:
            came.set()
        writer.write(after)
        await writer.drain()
        try:
            await reader.read()
        finally:
            hung_up.set()

    return handler, hung_up


@pytest.mark.parametrize("after", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{"])
async def test_a_service_that_hangs_is_given_up(client_of: Make, after: bytes) -> None:
    handler, _ = silent(after)
    async with raw_server(handler) as port:
        with pytest.raises(ProviderUnavailable) as caught:
            await client_of(f"http://127.0.0.1:{port}").call(ApiCall("GET", "a", read_timeout_s=0.05))
    assert caught.value.kind == "timeout"


async def test_an_answer_that_drips_is_given_up_as_a_whole(client_of: Make) -> None:
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        while not writer.is_closing():
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.01)

    async with raw_server(drip) as port:
        with pytest.raises(ProviderUnavailable) as caught:
            await client_of(f"http://127.0.0.1:{port}").call(ApiCall("GET", "a", read_timeout_s=0.2))
    assert caught.value.kind == "timeout"


async def test_cancelling_a_call_hangs_up(client_of: Make) -> None:
    came = asyncio.Event()
    handler, hung_up = silent(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{", came)
    async with raw_server(handler) as port:
        call = asyncio.create_task(client_of(f"http://127.0.0.1:{port}").call(GET))
        await came.wait()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        await hung_up.wait()


async def test_ten_at_once_and_no_more(client_of: Make) -> None:
    open_now, most, release = 0, 0, asyncio.Event()

    async def handler(request: web.Request) -> web.Response:
        nonlocal open_now, most
        open_now += 1
        most = max(most, open_now)
        if open_now >= 6:
            release.set()
        await release.wait()
        await asyncio.sleep(0)
        open_now -= 1
        return web.json_response({})

    async with web_server(handler) as base:
        client = client_of(base)
        replies = await asyncio.gather(*(client.call(GET) for _ in range(40)))
    assert len(replies) == 40
    assert most == 6


async def test_a_closed_client_stays_closed(client_of: Make) -> None:
    handler, _ = answering({})
    async with web_server(handler) as base:
        client = client_of(base)
        await client.call(GET)
        await client.close()
        await client.close()
        with pytest.raises(RuntimeError, match="closed"):
            await client.call(GET)


async def test_closing_ends_what_is_under_way(client_of: Make) -> None:
    came = asyncio.Event()
    handler, hung_up = silent(came=came)
    async with raw_server(handler) as port:
        client = client_of(f"http://127.0.0.1:{port}")
        call = asyncio.create_task(client.call(ApiCall("GET", "a", is_paid=True)))
        await came.wait()
        await client.close()
        await hung_up.wait()
        with pytest.raises(ProviderUnavailable) as caught:
            await call
    assert caught.value.kind == "unconfirmed"


@pytest.mark.parametrize(
    ("body", "media_type"),
    [
        (b"", "application/json"),
        (b"not json", "application/json"),
        (b'{"a": "\xff"}', "application/json"),
        (b'{"a": NaN}', "application/json"),
        (b"[1, -Infinity]", "application/json"),
        (b"[" * 200_000, "application/json"),
        (b'{"a":' * 50_000 + b"1" + b"}" * 50_000, "application/json"),
        (b"[" * 900 + rb'"\ud800"' + b"]" * 900, "application/json"),
        (b'{"n": ' + b"9" * 10_000 + b"}", "application/json"),
        (b'{"a": 1', "application/json"),
        (b"hello", "text/plain"),
        (b"12", "text/plain"),
        (b"\x89PNG\r\n", "image/png"),
    ],
)
async def test_what_is_no_json_is_text(client_of: Make, body: bytes, media_type: str) -> None:
    handler, _ = answering(web.Response(body=body, headers={"Content-Type": media_type}))
    async with web_server(handler) as base:
        reply = await client_of(base).call(GET)
    assert reply.json is None
    assert reply.media_type == media_type
    assert len(reply.text) == min(len(body), 2000)


@pytest.mark.parametrize(
    "media_type", ["application/json; charset=utf-8", "text/plain", "text/html", "application/x-a"]
)
async def test_objects_are_taken_whatever_the_label(client_of: Make, media_type: str) -> None:
    handler, _ = answering(web.Response(body=b'\xef\xbb\xbf {"a": 1}', headers={"Content-Type": media_type}))
    async with web_server(handler) as base:
        assert (await client_of(base).call(GET)).json == {"a": 1}


async def test_halves_of_characters_are_replaced(client_of: Make) -> None:
    body = rb'{"a\ud800": ["\udfff", "\ud83d\ude00"]}'
    handler, _ = answering(web.Response(body=body, content_type="application/json"))
    async with web_server(handler) as base:
        assert (await client_of(base).call(GET)).json == {"a?": ["?", "😀"]}


async def test_control_characters_do_not_reach_the_text(client_of: Make) -> None:
    handler, _ = answering(web.Response(body=b"\x1b[31mred\x00\nblue", content_type="text/plain"))
    async with web_server(handler) as base:
        assert (await client_of(base).call(GET)).text == "\ufffd[31mred\ufffd\nblue"


async def test_an_endless_answer_is_not_read_to_its_end(client_of: Make) -> None:
    sent = 0

    async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        await read_request(reader)
        writer.write(b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{"a": "')
        while True:
            writer.write(b"x" * 2**18)
            await writer.drain()
            sent += 2**18

    async with raw_server(endless) as port:
        reply = await client_of(f"http://127.0.0.1:{port}").call(GET)
    assert reply.json is None
    assert reply.text.startswith('{"a": "xxx')
    assert sent < JSON_LIMIT + 2**24


@pytest.mark.parametrize(("coding", "compress"), [("gzip", gzip.compress), ("deflate", zlib.compress)])
async def test_an_answer_that_is_compressed_unasked_is_read(
    client_of: Make, coding: str, compress: Callable[[bytes], bytes]
) -> None:
    body = compress(b'{"a": "' + b"x" * 100_000 + b'"}')
    handler, _ = answering(
        web.Response(body=body, headers={"Content-Type": "application/json", "Content-Encoding": coding})
    )
    async with web_server(handler) as base:
        assert (await client_of(base).call(GET)).json == {"a": "x" * 100_000}


@pytest.mark.parametrize("times", [1, 2, 3])
async def test_what_was_compressed_to_fill_the_memory_does_not(client_of: Make, times: int) -> None:
    body = b'{"a": "' + b"x" * 2**26 + b'"}'
    for _ in range(times):
        body = gzip.compress(body)
    headers = {"Content-Type": "application/json", "Content-Encoding": ", ".join(["gzip"] * times)}
    handler, _ = answering(web.Response(body=body, headers=headers))
    async with web_server(handler) as base:
        tracemalloc.start()
        try:
            reply = await client_of(base).call(GET)
            most = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert reply.json is None
    assert most < 3 * JSON_LIMIT


async def test_a_web_page_in_the_place_of_an_answer(client_of: Make) -> None:
    page = web.Response(body=b"<!DOCTYPE html><title>Hotel</title>", content_type="text/html")
    handler, asked = answering(page)
    async with web_server(handler) as base:
        with pytest.raises(ProviderUnavailable) as caught:
            await client_of(base).call(GET)
    assert caught.value.kind == "captive-portal"
    assert len(asked) == 1


async def test_a_web_page_that_says_no_is_an_answer(client_of: Make) -> None:
    handler, _ = answering(web.Response(status=404, body=b"<html>not found", content_type="text/html"))
    async with web_server(handler) as base:
        reply = await client_of(base).call(GET)
    assert (reply.status, reply.json) == (404, None)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirects_are_not_followed(client_of: Make, status: int) -> None:
    away, asked = answering(web.Response(status=status, headers={"Location": "http://portal.example/login"}))
    async with web_server(away) as base:
        with pytest.raises(ProviderUnavailable) as caught:
            await client_of(base).call(GET)
    assert caught.value.kind == "captive-portal"
    near, asked_too = answering(web.Response(status=status, headers={"Location": "/elsewhere"}))
    async with web_server(near) as base:
        with pytest.raises(ProviderRejected) as rejected:
            await client_of(base).call(GET)
    assert rejected.value.kind == "bad-answer"
    assert len(asked) == len(asked_too) == 1


async def test_511_is_a_network_that_wants_a_login(client_of: Make) -> None:
    handler, _ = answering(web.Response(status=511))
    async with web_server(handler) as base:
        with pytest.raises(ProviderUnavailable) as caught:
            await client_of(base).call(GET)
    assert caught.value.kind == "captive-portal"


@pytest.mark.parametrize("key", ["sk-1\n", "ключ", "a\x00b"])
@pytest.mark.parametrize("is_paid", [False, True])
async def test_a_key_that_no_header_takes_is_not_shown(client_of: Make, key: str, is_paid: bool) -> None:
    handler, asked = answering({})
    async with web_server(handler) as base:
        with pytest.raises(ProviderRejected) as caught:
            await client_of(base).call(ApiCall("POST", "a", headers={"x-api-key": key}, is_paid=is_paid))
    assert caught.value.kind == "account"
    assert key.strip() not in repr(caught.value)
    assert caught.value.__suppress_context__
    assert asked == []


async def test_cookies_are_not_kept(client_of: Make) -> None:
    handler, asked = answering(web.Response(body=b"{}", headers={"Set-Cookie": "id=1; Path=/"}))
    async with web_server(handler) as base:
        client = client_of(base)
        await client.call(GET)
        await client.call(GET)
    assert "Cookie" not in asked[1].headers


@pytest.mark.parametrize(
    ("header", "value"), [("X-Request-Id", "r-1"), ("x-amzn-RequestId", "b7"), ("CF-RAY", "8c"), ("x-tt-logid", "2026")]
)
async def test_the_service_s_own_request_id_is_kept(client_of: Make, header: str, value: str) -> None:
    handler, _ = answering(web.Response(body=b"{}", headers={header: value}))
    async with web_server(handler) as base:
        assert (await client_of(base).call(GET)).request_id == value


@pytest.mark.parametrize("value", ["a" * 200, "\u00e9"])
async def test_an_odd_request_id_is_not_kept(client_of: Make, value: str) -> None:
    handler, asked = answering(web.Response(body=b"{}", headers={"X-Request-Id": value}))
    async with web_server(handler) as base:
        reply = await client_of(base).call(GET)
    assert reply.request_id == asked[0].headers["X-Request-Id"]
