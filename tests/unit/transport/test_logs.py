"""What is logged of calls, and what never is."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from aiohttp import web

from faceswap_desktop.domain.errors import ProviderUnavailable
from faceswap_desktop.transport.calls import ApiCall, DownloadRules, FilePart
from faceswap_desktop.transport.client import ApiClient
from tests.clearing import cleared_file
from tests.unit.transport.servers import closed_door, web_server

Make = Callable[..., ApiClient]
SECRETS = (
    "Sk3yHeader",
    "T0kenQuery",
    "B0dySecret",
    "SGVsbG8gYmFzZTY0",
    "F0rmSecret",
    "S1gnature",
    "my-holiday",
    "AnswerSecret",
    "H0sted",
)
LINE = re.compile(r"(GET|POST|PUT) 127\.0\.0\.1/(?:[a-d]|…) (\d{3}|no answer), \d+ ms, \d+ bytes, \d tries, id \S+")


async def test_one_line_for_each_call_and_no_secret_in_it(
    client_of: Make, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("httpx", "httpcore", "hpack", "h2"):
        # As where nobody has silenced them: the client has to.
        logging.getLogger(name).setLevel(logging.NOTSET)
    photo = tmp_path / "my-holiday.jpg"
    photo.write_bytes(b"\xff\xd8\xff" + b"B0dySecret" * 10)

    async def handler(request: web.Request) -> web.Response:
        await request.read()
        body = photo.read_bytes() if request.path == "/H0sted/file" else b'{"AnswerSecret": 1}'
        return web.Response(body=body, headers={"Set-Cookie": "AnswerSecret=1"})

    key = {"x-api-key": "Sk3yHeader", "Authorization": "Bearer Sk3yHeader"}
    async with web_server(handler) as base:
        client = client_of(base)
        await client.call(
            ApiCall("GET", "/a", query={"t": "T0kenQuery"}, secret_query={"u": "T0kenQuery"}, headers=key)
        )
        await client.call(ApiCall("POST", "/b", json={"x": "B0dySecret", "y": "SGVsbG8gYmFzZTY0" * 100}, is_paid=True))
        part = FilePart("f", cleared_file(photo), "source.jpg", "image/jpeg")
        await client.call(ApiCall("POST", "/c", form={"x": "F0rmSecret"}, files=(part,)))
        await client.put_file(f"{base}/H0sted/put?X-Amz-Signature=S1gnature", str(photo), "image/jpeg")
        await client.download(f"{base}/H0sted/file?sig=S1gnature", str(tmp_path / "r"), DownloadRules(None))
        await client.call(ApiCall("GET", f"{base}/H0sted/file"))
    secret = {"u": "T0kenQuery"}
    with closed_door() as (_, base), pytest.raises(ProviderUnavailable) as caught:
        await client_of(base).call(ApiCall("GET", "/d", secret_query=secret, headers=key))
    lines = [one.getMessage() for one in caplog.records if one.name.startswith("faceswap_desktop")]
    assert len(lines) == 7
    assert all(LINE.fullmatch(line) for line in lines), lines
    assert "no answer" in lines[-1]
    assert "5 tries" in lines[-1]
    everything = caplog.text + repr(caught.value) + str(caught.value) + repr(vars(caught.value))
    assert [secret for secret in SECRETS if secret in everything] == []


async def test_a_path_cannot_break_the_line(client_of: Make, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)

    async def handler(request: web.Request) -> web.Response:
        return web.json_response({})

    async with web_server(handler) as base:
        await client_of(base).call(ApiCall("GET", "/a%0AINFO%1b[31m" + "b" * 500))
    [line] = [one.getMessage() for one in caplog.records if one.name.startswith("faceswap_desktop")]
    assert "\n" not in line
    assert "\x1b" not in line
    assert len(line) < 300
