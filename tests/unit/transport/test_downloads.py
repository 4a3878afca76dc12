"""Downloads: whole or not at all, on from where they broke off, and never what a server likes."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from PIL import Image

from faceswap_desktop.domain.errors import ProviderRejected, ProviderUnavailable, StorageError
from faceswap_desktop.transport.calls import Downloaded, DownloadRules, Expected
from faceswap_desktop.transport.client import ApiClient
from tests.unit.transport.conftest import Waits
from tests.unit.transport.servers import PUBLIC, Internet, http, raw_server, read_request, web_server

Make = Callable[..., ApiClient]
PICTURE = DownloadRules(Expected.PICTURE)
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20_000


class Shelf:
    """A file server that can break off, forget ranges and change its mind."""

    def __init__(self, body: bytes = PNG) -> None:
        self.body = body
        self.tag = '"v1"'
        self.cuts: list[int] = []
        self.honours_ranges = True
        self.asked: list[str] = []

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        _, headers, _ = await read_request(reader)
        wanted = headers.get("range", "")
        self.asked.append(wanted)
        start, status, extra = 0, "200 OK", [f"ETag: {self.tag}"] if self.tag else []
        if wanted and self.honours_ranges and headers.get("if-range") == self.tag:
            start = int(wanted.removeprefix("bytes=").rstrip("-"))
            if start >= len(self.body):
                status, extra = "416 Range Not Satisfiable", [f"Content-Range: bytes */{len(self.body)}"]
            else:
                status = "206 Partial Content"
                extra.append(f"Content-Range: bytes {start}-{len(self.body) - 1}/{len(self.body)}")
        body = b"" if status.startswith("416") else self.body[start:]
        cut = self.cuts.pop(0) if self.cuts else len(body)
        writer.write(http(body[:cut], status, *extra, length=len(body)))
        await writer.drain()


async def fetch(client: ApiClient, port: int, folder: Path, rules: DownloadRules = PICTURE, **more: Any) -> Downloaded:
    return await client.download(f"http://127.0.0.1:{port}/a?sig=1", str(folder / "result"), rules, **more)


def names(folder: Path) -> list[str]:
    return sorted(one.name for one in folder.iterdir() if one.name != "user")


def is_whole(got: Downloaded, folder: Path, body: bytes = PNG) -> bool:
    expected = Downloaded(str(folder / "result.png"), "PNG", len(body), hashlib.sha256(body).hexdigest())
    return got == expected and Path(got.path).read_bytes() == body and names(folder) == ["result.png"]


async def test_a_file_comes_whole_and_is_told_how_far_it_is(client_of: Make, tmp_path: Path) -> None:
    shelf, told = Shelf(), list[tuple[int, int]]()
    async with raw_server(shelf.handle) as port:
        client = client_of(f"http://127.0.0.1:{port}")
        got = await fetch(client, port, tmp_path, on_bytes=lambda *one: told.append(one))
    assert is_whole(got, tmp_path)
    assert told[-1] == (len(PNG), len(PNG))
    assert [done for done, _ in told] == sorted(done for done, _ in told)


async def test_it_goes_on_from_where_it_broke_off(client_of: Make, waits: Waits, tmp_path: Path) -> None:
    shelf = Shelf()
    shelf.cuts = [2_000_000, 1_500_000, 0]
    async with raw_server(shelf.handle) as port:
        got = await fetch(client_of(f"http://127.0.0.1:{port}"), port, tmp_path)
    assert is_whole(got, tmp_path)
    assert shelf.asked == ["", "bytes=2000000-", "bytes=3500000-", "bytes=3500000-"]
    assert len(waits.seconds) == 3


async def test_tries_in_which_something_came_do_not_count(client_of: Make, tmp_path: Path) -> None:
    shelf = Shelf()
    shelf.cuts = [200_000] * 20
    async with raw_server(shelf.handle) as port:
        assert is_whole(await fetch(client_of(f"http://127.0.0.1:{port}"), port, tmp_path), tmp_path)
    assert len(shelf.asked) == 21


async def test_it_goes_on_after_the_program_was_started_again(client_of: Make, tmp_path: Path) -> None:
    shelf = Shelf()
    shelf.cuts = [2_000_000, 0, 0, 0, 0, 0]
    async with raw_server(shelf.handle) as port:
        with pytest.raises(ProviderUnavailable) as caught:
            await fetch(client_of(f"http://127.0.0.1:{port}"), port, tmp_path)
        assert caught.value.kind == "offline"
        assert names(tmp_path) == ["result.part", "result.part.json"]
        # The second start asks with a newly signed address of the same file.
        shelf.cuts = []
        again = client_of(f"http://127.0.0.1:{port}")
        got = await again.download(f"http://127.0.0.1:{port}/a?sig=2", str(tmp_path / "result"), PICTURE)
    assert is_whole(got, tmp_path)
    assert shelf.asked[-1] == "bytes=2000000-"


async def test_cancelling_keeps_what_came(client_of: Make, tmp_path: Path) -> None:
    async def hang_in_the_middle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(http(PNG[:3_000_000], "200 OK", 'ETag: "v1"', length=len(PNG)))
        await reader.read()

    part = tmp_path / "result.part"
    async with raw_server(hang_in_the_middle) as port:
        client = client_of(f"http://127.0.0.1:{port}")
        task = asyncio.create_task(fetch(client, port, tmp_path))
        while not part.exists() or part.stat().st_size < 1_000_000:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    kept = part.read_bytes()
    assert len(kept) > 1_000_000
    assert PNG.startswith(kept)
    shelf = Shelf()
    async with raw_server(shelf.handle) as port:
        assert is_whole(await fetch(client_of(f"http://127.0.0.1:{port}"), port, tmp_path), tmp_path)


@pytest.mark.parametrize("how", ["changed", "no ranges", "no tag", "wrong range", "weak tag"])
async def test_it_starts_over_where_it_cannot_go_on(client_of: Make, tmp_path: Path, how: str) -> None:
    shelf = Shelf()
    shelf.cuts = [2_000_000]
    if how == "no tag":
        shelf.tag = ""
    if how == "weak tag":
        shelf.tag = 'W/"v1"'
    newer = PNG[:8] + bytes(reversed(PNG[8:]))
    rounds = 0

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal rounds
        rounds += 1
        if rounds == 2 and how == "wrong range":
            await read_request(reader)
            writer.write(http(PNG[5:], "206 Partial Content", f"Content-Range: bytes 5-{len(PNG) - 1}/{len(PNG)}"))
            await writer.drain()
            return
        if rounds == 2 and how == "changed":
            shelf.tag, shelf.body = '"v2"', newer
        if rounds == 2 and how == "no ranges":
            shelf.honours_ranges = False
        await shelf.handle(reader, writer)

    async with raw_server(handle) as port:
        got = await fetch(client_of(f"http://127.0.0.1:{port}"), port, tmp_path)
    assert is_whole(got, tmp_path, newer if how == "changed" else PNG)


async def test_what_was_whole_already_is_not_fetched_again(client_of: Make, tmp_path: Path) -> None:
    shelf = Shelf()
    shelf.cuts = [2_000_000, 0, 0, 0, 0, 0]
    async with raw_server(shelf.handle) as port:
        with pytest.raises(ProviderUnavailable):
            await fetch(client_of(f"http://127.0.0.1:{port}"), port, tmp_path)
        (tmp_path / "result.part").write_bytes(PNG)  # as if the program had ended before it gave it its name
        assert is_whole(await fetch(client_of(f"http://127.0.0.1:{port}"), port, tmp_path), tmp_path)
    assert shelf.asked[-1] == f"bytes={len(PNG)}-"


@pytest.mark.parametrize("note", ["", "{", "[]", '{"address": 1}', '{"validator": [], "total": "x", "address": ""}'])
async def test_a_damaged_note_starts_over(client_of: Make, tmp_path: Path, note: str) -> None:
    (tmp_path / "result.part").write_bytes(b"something else")
    (tmp_path / "result.part.json").write_text(note)
    shelf = Shelf()
    async with raw_server(shelf.handle) as port:
        assert is_whole(await fetch(client_of(f"http://127.0.0.1:{port}"), port, tmp_path), tmp_path)
    assert shelf.asked == [""]


async def test_what_came_of_another_address_is_thrown_away(client_of: Make, tmp_path: Path) -> None:
    shelf = Shelf()
    shelf.cuts = [2_000_000, 0, 0, 0, 0, 0]
    async with raw_server(shelf.handle) as port:
        client = client_of(f"http://127.0.0.1:{port}")
        with pytest.raises(ProviderUnavailable):
            await fetch(client, port, tmp_path)
        await client.download(f"http://127.0.0.1:{port}/b", str(tmp_path / "result"), PICTURE)
    assert shelf.asked[-1] == ""


def encoded(kind: str) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (8, 8)).save(stream, kind)
    return stream.getvalue()


MP4 = b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2" + b"\x00" * 100
KINDS: list[tuple[bytes, str, str]] = [
    *((encoded(kind), kind, extension) for kind, extension in
      (("JPEG", ".jpg"), ("PNG", ".png"), ("WEBP", ".webp"), ("GIF", ".gif"), ("TIFF", ".tif"), ("BMP", ".bmp"),
       ("AVIF", ".avif"))),
    (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", "HEIF", ".heic"),
    (MP4, "MP4", ".mp4"),
    (MP4.replace(b"ftypisom", b"ftypqt  "), "MOV", ".mov"),
    (b"\x1a\x45\xdf\xa3\x9fB\x86\x81\x01B\x82\x84webm" + b"\x00" * 50, "WEBM", ".webm"),
    (b"\x1a\x45\xdf\xa3\x9fB\x86\x81\x01B\x82\x88matroska" + b"\x00" * 50, "MKV", ".mkv"),
    (b"RIFF\x00\x01\x00\x00AVI LIST" + b"\x00" * 50, "AVI", ".avi"),
]  # fmt: skip


def serving(body: bytes, **headers: str) -> Callable[[web.Request], Any]:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(body=body, headers=headers)

    return handler


@pytest.mark.parametrize(("body", "kind", "extension"), KINDS, ids=[kind for _, kind, _ in KINDS])
async def test_name_and_kind_come_from_the_content(
    client_of: Make, tmp_path: Path, body: bytes, kind: str, extension: str
) -> None:
    lies = {"Content-Disposition": 'attachment; filename="../../x.exe"', "Content-Type": "application/octet-stream"}
    folder = tmp_path / "job"
    folder.mkdir()
    expected = Expected.VIDEO if kind in {"MP4", "MOV", "WEBM", "MKV", "AVI"} else Expected.PICTURE
    other = Expected.PICTURE if expected is Expected.VIDEO else Expected.VIDEO
    async with web_server(serving(body, **lies)) as base:
        client = client_of(base)
        got = await client.download(f"{base}/..%2f..%2fx.exe", str(folder / "result"), DownloadRules(expected))
        assert (got.format, got.path) == (kind, str(folder / f"result{extension}"))
        assert names(folder) == [f"result{extension}"]
        with pytest.raises(ProviderRejected) as caught:
            await client.download(f"{base}/a", str(folder / "result"), DownloadRules(other))
    assert caught.value.kind == "bad-answer"
    assert names(folder) == [f"result{extension}"]


@pytest.mark.parametrize(
    ("body", "word"),
    [
        (b"", "empty"),
        (b"<!DOCTYPE html><html>expired", "web page"),
        (b"<?xml version='1.0'?><Error><Code>NoSuchKey</Code></Error>", "web page"),
        (b'{"code": 1}', "error message"),
        (b"PK\x03\x04 zip", "no picture"),
        (b"\x00" * 10_000_000, "no picture"),
    ],
)
async def test_what_is_no_result_is_refused_and_removed(
    client_of: Make, tmp_path: Path, waits: Waits, body: bytes, word: str
) -> None:
    async with web_server(serving(body, **{"Content-Type": "image/png", "ETag": '"1"'})) as base:
        with pytest.raises(ProviderRejected) as caught:
            await client_of(base).download(f"{base}/a", str(tmp_path / "result"), PICTURE)
    assert caught.value.kind == "bad-answer"
    assert word in str(caught.value)
    assert names(tmp_path) == []
    assert waits.seconds == []


async def test_the_wrong_kind_is_not_fetched_to_its_end(client_of: Make, tmp_path: Path) -> None:
    sent = 0

    async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        await read_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\n")
        while True:
            writer.write(b"<html>" * 50_000)
            await writer.drain()
            sent += 300_000

    async with raw_server(endless) as port:
        with pytest.raises(ProviderRejected) as caught:
            await fetch(client_of(f"http://127.0.0.1:{port}"), port, tmp_path, DownloadRules(Expected.VIDEO, 2**60))
    assert caught.value.kind == "bad-answer"
    assert sent < 2**26


@pytest.mark.parametrize("says_so", [True, False])
async def test_what_is_too_large_is_broken_off(client_of: Make, tmp_path: Path, says_so: bool) -> None:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        chunk = f"{len(PNG):x}\r\n".encode() + PNG + b"\r\n0\r\n\r\n"
        writer.write(http(PNG) if says_so else b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk)
        await writer.drain()

    async with raw_server(handler) as port:
        base = f"http://127.0.0.1:{port}"
        rules = DownloadRules(Expected.PICTURE, max_bytes=len(PNG) - 1)
        with pytest.raises(ProviderRejected) as caught:
            await client_of(base).download(f"{base}/a", str(tmp_path / "result"), rules)
        assert (caught.value.kind, names(tmp_path)) == ("bad-answer", [])
        exact = DownloadRules(Expected.PICTURE, max_bytes=len(PNG))
        assert is_whole(await client_of(base).download(f"{base}/a", str(tmp_path / "result"), exact), tmp_path)


async def test_a_file_of_unknown_length_that_is_cut_is_not_taken_for_whole(client_of: Make, tmp_path: Path) -> None:
    async def cut(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n100\r\n" + PNG[:256] + b"\r\n")
        await writer.drain()

    async with raw_server(cut) as port:
        with pytest.raises(ProviderUnavailable) as caught:
            await fetch(client_of(f"http://127.0.0.1:{port}"), port, tmp_path)
    assert caught.value.kind == "offline"


@pytest.mark.parametrize("status", [403, 404, 410])
async def test_what_is_gone_says_so(client_of: Make, tmp_path: Path, waits: Waits, status: int) -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(status=status, body=b"<html>")

    async with web_server(handler) as base:
        with pytest.raises(ProviderRejected) as caught:
            await client_of(base).download(f"{base}/a", str(tmp_path / "result"), PICTURE)
    assert (caught.value.kind, caught.value.message.values["status"]) == ("gone", status)
    assert waits.seconds == []


@pytest.mark.parametrize(("status", "kind"), [(500, "server-error"), (503, "server-error"), (429, "rate-limited")])
async def test_trouble_is_tried_again(client_of: Make, tmp_path: Path, waits: Waits, status: int, kind: str) -> None:
    asked = 0

    async def handler(request: web.Request) -> web.Response:
        nonlocal asked
        asked += 1
        return web.Response(status=status) if asked != 3 else web.Response(body=PNG)

    async with web_server(handler) as base:
        client = client_of(base)
        assert is_whole(await client.download(f"{base}/a", str(tmp_path / "result"), PICTURE), tmp_path)
        with pytest.raises(ProviderUnavailable) as caught:
            await client.download(f"{base}/a", str(tmp_path / "other"), PICTURE)
    assert caught.value.kind == kind
    assert len(waits.seconds) == 2 + 4


async def test_redirects_are_followed_without_credentials(client_of: Make, internet: Internet, tmp_path: Path) -> None:
    seen: list[tuple[str, dict[str, str]]] = []

    async def handler(request: web.Request) -> web.Response:
        seen.append((request.host, dict(request.headers)))
        hop = int(request.query.get("hop", "0"))
        if hop < 5:
            location = f"http://cdn{hop}.example/a?hop={hop + 1}" if hop % 2 else f"/b?hop={hop + 1}"
            return web.Response(status=302, headers={"Location": location, "Set-Cookie": "a=1"})
        return web.Response(body=PNG)

    async with web_server(handler) as base:
        internet.names = {f"{name}.example": [PUBLIC] for name in ("results", "cdn1", "cdn3")}
        internet.machines = {PUBLIC: int(base.rpartition(":")[2])}
        client = client_of("https://api.example", resolve=internet.resolve)
        got = await client.download("http://results.example/a", str(tmp_path / "result"), PICTURE)
    assert is_whole(got, tmp_path)
    assert [host for host, _ in seen] == [
        "results.example", "results.example", "cdn1.example", "cdn1.example", "cdn3.example", "cdn3.example",
    ]  # fmt: skip
    allowed = {"Host", "Accept", "Accept-Encoding", "User-Agent", "Connection"}
    assert {name for _, headers in seen for name in headers} <= allowed


async def test_the_sixth_redirect_is_one_too_many(client_of: Make, tmp_path: Path) -> None:
    asked = 0

    async def handler(request: web.Request) -> web.Response:
        nonlocal asked
        asked += 1
        return web.Response(status=307, headers={"Location": "/again"})

    async with web_server(handler) as base:
        with pytest.raises(ProviderRejected) as caught:
            await client_of(base).download(f"{base}/a", str(tmp_path / "result"), PICTURE)
    assert (caught.value.kind, asked) == ("bad-answer", 6)


@pytest.mark.parametrize(
    "target",
    ["http://127.0.0.1/a", "http://inside.example/a", "//192.168.0.1/a", "ftp://a.example/", "file:///etc/passwd",
     "http://user:pass@a.example/", "http://[::1"],
)  # fmt: skip
async def test_each_hop_is_checked(client_of: Make, internet: Internet, tmp_path: Path, target: str) -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": target})

    async with web_server(handler) as base:
        internet.names = {"results.example": [PUBLIC], "inside.example": ["10.0.0.5"]}
        internet.machines = {PUBLIC: int(base.rpartition(":")[2])}
        client = client_of("https://api.example", resolve=internet.resolve)
        with pytest.raises(ProviderRejected) as caught:
            await client.download("http://results.example/a", str(tmp_path / "result"), PICTURE)
    assert caught.value.kind in {"address", "bad-answer"}
    assert internet.connected == [PUBLIC]


async def test_a_full_disk_says_so_and_keeps_what_came(
    client_of: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import os

    original = os.fdopen

    class Full(io.RawIOBase):
        def __init__(self, inner: Any) -> None:
            self.inner, self.left = inner, 2_000_000

        def write(self, data: Any) -> int:
            if self.left <= 0:
                raise OSError(errno.ENOSPC, "No space left on device")
            self.left -= len(data)
            return int(self.inner.write(data))

        def __getattribute__(self, name: str) -> Any:
            if name in {"inner", "left", "write"}:
                return object.__getattribute__(self, name)
            return getattr(object.__getattribute__(self, "inner"), name)

    monkeypatch.setattr(os, "fdopen", lambda *one, **more: Full(original(*one, **more)))
    shelf = Shelf()
    async with raw_server(shelf.handle) as port:
        with pytest.raises(StorageError) as caught:
            await fetch(client_of(f"http://127.0.0.1:{port}"), port, tmp_path)
        assert caught.value.kind == "disk-full"
        monkeypatch.undo()
        assert (tmp_path / "result.part").stat().st_size >= 1_000_000
        assert is_whole(await fetch(client_of(f"http://127.0.0.1:{port}"), port, tmp_path), tmp_path)


async def test_a_folder_that_is_gone_says_so(client_of: Make, tmp_path: Path) -> None:
    with pytest.raises(StorageError) as caught:
        await client_of("https://api.example").download("https://a.example/", str(tmp_path / "no" / "r"), PICTURE)
    assert caught.value.kind == "folder-missing"


async def test_the_note_holds_no_secret(client_of: Make, tmp_path: Path) -> None:
    shelf = Shelf()
    shelf.cuts = [2_000_000, 0, 0, 0, 0, 0]
    async with raw_server(shelf.handle) as port:
        with pytest.raises(ProviderUnavailable):
            await client_of(f"http://127.0.0.1:{port}").download(
                f"http://127.0.0.1:{port}/a?X-Amz-Signature=S3cret", str(tmp_path / "result"), PICTURE
            )
    note = json.loads((tmp_path / "result.part.json").read_text())
    assert set(note) == {"address", "validator", "total"}
    assert "S3cret" not in json.dumps(note)
