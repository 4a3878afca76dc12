"""Pasted addresses, at a web server on loopback; providers on this computer may fetch from there, others may not."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
import pytest_asyncio
from aiohttp import web

from faceswap_desktop.domain.errors import InputRefused, ProviderError, ProviderRejected, ProviderUnavailable
from faceswap_desktop.domain.geometry import Size
from faceswap_desktop.domain.media import Fingerprint, Media, MediaId, MediaKind
from faceswap_desktop.domain.settings import AifaceswapSettings, ProvidersSettings, Settings
from faceswap_desktop.services.pasted import PastedUrls
from faceswap_desktop.transport.client import ApiClient
from faceswap_desktop.transport.retries import RetryRule

DATA = bytes(range(256)) * 40
NEARBY = Settings(providers=ProvidersSettings(aifaceswap=AifaceswapSettings(base_url="http://127.0.0.1:1/v1")))
INTERNET = Settings()
Serve = Callable[[Callable[[web.Request], web.StreamResponse]], Awaitable[str]]


def media(kind: MediaKind = MediaKind.IMAGE, size: int = len(DATA), file_format: str = "JPEG") -> Media:
    return Media(MediaId("m"), "/photo.jpg", kind, Size(10, 10), file_format, Fingerprint(size, 0, ""))


def urls(settings: Settings = NEARBY) -> PastedUrls:
    def client(provider: str, base_url: Callable[[], str]) -> ApiClient:
        return ApiClient(provider, base_url, retries=RetryRule(tries=1))

    return PastedUrls(lambda: settings, client)


@pytest_asyncio.fixture
async def serve() -> AsyncIterator[Serve]:
    runners: list[web.AppRunner] = []

    async def start(answer: Callable[[web.Request], web.StreamResponse]) -> str:
        async def handler(request: web.Request) -> web.StreamResponse:
            return answer(request)

        app = web.Application()
        app.router.add_get("/photo", handler)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        runners.append(runner)
        return f"http://127.0.0.1:{runner.addresses[0][1]}/photo?signature=a%2Fb%3D"

    yield start
    for runner in runners:
        await runner.cleanup()


def file(media_type: str, data: bytes = DATA, *, ranges: bool = True) -> Callable[[web.Request], web.StreamResponse]:
    def answer(request: web.Request) -> web.StreamResponse:
        assert request.query["signature"] == "a/b="
        wanted = request.http_range if ranges else slice(None)
        part = data[wanted]
        headers = {"Content-Type": media_type}
        if not ranges:
            return web.Response(body=data, headers=headers)
        headers["Content-Range"] = f"bytes 0-{len(part) - 1}/{len(data)}"
        return web.Response(status=206, body=part, headers=headers)

    return answer


@pytest.mark.parametrize("ranges", [True, False])
@pytest.mark.parametrize("media_type", ["image/jpeg", "application/octet-stream"])
async def test_the_very_file_is_taken(serve: Serve, ranges: bool, media_type: str) -> None:
    assert await urls().check_pasted_url(await serve(file(media_type, ranges=ranges)), media()) is None


@pytest.mark.parametrize(("file_format", "media_type"), [("MP4", "video/mp4"), ("GIF", "image/gif")])
async def test_videos_and_moving_pictures(serve: Serve, file_format: str, media_type: str) -> None:
    moving = media(MediaKind.VIDEO, file_format=file_format)
    assert await urls().check_pasted_url(await serve(file(media_type)), moving) is None


async def test_a_file_of_another_length_is_refused(serve: Serve) -> None:
    with pytest.raises(InputRefused) as refused:
        await urls().check_pasted_url(await serve(file("image/jpeg", DATA[:-1])), media())
    assert refused.value.kind == "changed"
    assert str(len(DATA)) in refused.value.message.text()


async def test_a_length_that_is_not_said_is_mentioned(serve: Serve) -> None:
    def answer(request: web.Request) -> web.StreamResponse:
        return web.Response(
            status=206, body=DATA[:9], headers={"Content-Type": "image/jpeg", "Content-Range": "bytes 0-8/*"}
        )

    assert await urls().check_pasted_url(await serve(answer), media()) is not None


@pytest.mark.parametrize("media_type", ["video/mp4", "application/pdf", "text/plain"])
async def test_something_else_than_a_picture_is_refused(serve: Serve, media_type: str) -> None:
    with pytest.raises(InputRefused) as refused:
        await urls().check_pasted_url(await serve(file(media_type)), media())
    assert refused.value.kind == "changed"
    assert media_type in refused.value.message.text()


@pytest.mark.parametrize("status", [401, 403, 404, 410])
async def test_what_is_not_handed_out_is_refused(serve: Serve, status: int) -> None:
    with pytest.raises(InputRefused) as refused:
        await urls().check_pasted_url(await serve(lambda request: web.Response(status=status)), media())
    assert refused.value.kind == "missing"
    assert str(status) in refused.value.message.text()


async def test_a_page_about_the_file_is_refused(serve: Serve) -> None:
    page = web.Response(text="<!doctype html><title>Album</title>", content_type="text/html")
    with pytest.raises(ProviderError):
        await urls().check_pasted_url(await serve(lambda request: page), media())


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1/a.jpg", "http://[::1]/a", "http://10.0.0.1/a", "http://nas.local/a", "http://2130706433/a"],
)
async def test_addresses_around_here_are_refused_for_services_on_the_internet(url: str) -> None:
    with pytest.raises(ProviderRejected) as refused:
        await urls(INTERNET).check_pasted_url(url, media())
    assert refused.value.kind == "address"


@pytest.mark.parametrize(
    "url", ["", "photo.jpg", "file:///etc/passwd", "ftp://example.org/a", "https://u:p@h.org/a", "a b"]
)
async def test_what_is_no_web_address_is_refused(url: str) -> None:
    with pytest.raises(ProviderRejected) as refused:
        await urls().check_pasted_url(url, media())
    assert refused.value.kind == "address"


async def test_a_server_that_is_not_there(serve: Serve) -> None:
    with pytest.raises(ProviderUnavailable):
        await urls().check_pasted_url("http://127.0.0.1:9/photo", media())
