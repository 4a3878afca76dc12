"""Results and crops, served under names that nobody can guess for seven days."""

from __future__ import annotations

import asyncio
import datetime
import secrets
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from aiohttp import web

from faceswap_desktop.sandbox.faults import RESULTS, FaultBook

KEPT_S: Final = 7 * 24 * 3600.0
SLOW_S: Final = 2.0
_TYPES: Final = {".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".mp4": "video/mp4"}
_GONE: Final = '<?xml version="1.0" encoding="UTF-8"?><Error><Code>{code}</Code><Message>{text}</Message></Error>'
HTML: Final = "<!DOCTYPE html><html><head><title>Welcome</title></head><body><h1>Please sign in</h1></body></html>"
"""What a captive portal, or a gateway in trouble, answers."""
_PIECE_BYTES: Final = 65_536
_LOOK_S: Final = 0.05


@dataclass(slots=True)
class Item:
    """One file, or the place where it will be.

    Attributes:
        service: Whose it is.
        name: Last part of its address.
        path: Where it lies; None until it is made.
        created_at: Seconds since the epoch.
        is_gone: It was deleted.
    """

    service: str
    name: str
    path: Path | None
    created_at: float
    is_gone: bool = False


class Shelf:
    """Hands out addresses before there is anything, and files afterwards.

    Attributes:
        base_url: Where this server is, without a slash at the end.
    """

    def __init__(self, faults: FaultBook) -> None:
        self.base_url = ""
        self._faults = faults
        self._items: dict[str, Item] = {}

    def reserve(self, service: str, name: str, path: Path | None = None) -> str:
        """Return a new token; the address answers 403 until something is put there."""
        token = secrets.token_urlsafe(18)
        self._items[token] = Item(service, name, path, time.time())
        return token

    def put(self, token: str, path: Path) -> None:
        """Put the file at its address."""
        self._items[token].path = path

    def remove(self, token: str) -> None:
        """Delete what is there, for good."""
        self._items[token].is_gone = True

    def url(self, token: str) -> str:
        """Return the address."""
        return f"{self.base_url}/results/{token}/{self._items[token].name}"

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Answer a request for a file; ranges are understood."""
        item = self._items.get(request.match_info["token"])
        if item is None or item.is_gone or item.name != request.match_info["name"]:
            return _refusal(404, "NoSuchKey", "The specified key does not exist.")
        if time.time() - item.created_at > KEPT_S or self._strikes(item, "expired-result"):
            return _refusal(404, "NoSuchKey", "The specified key does not exist.")
        if item.path is None:
            return _refusal(403, "AccessDenied", "Access Denied")
        if self._strikes(item, "slow"):
            await asyncio.sleep(SLOW_S)
        if (broken := self._broken(item, item.path)) is not None:
            return await _sent(request, broken)
        media_type = _TYPES.get(item.path.suffix, "application/octet-stream")
        return web.FileResponse(item.path, headers={"Content-Type": media_type, "Accept-Ranges": "bytes"})

    def _strikes(self, item: Item, name: str) -> bool:
        return self._faults.takes(item.service, name, RESULTS)

    def _broken(self, item: Item, path: Path) -> _Broken | web.Response | None:
        media_type = _TYPES.get(path.suffix, "application/octet-stream")
        if self._strikes(item, "html"):
            return web.Response(text=HTML, content_type="text/html")
        if self._strikes(item, "redirect-to-local"):
            return web.Response(status=302, headers={"Location": "http://127.0.0.1:1/final.jpg"})
        if self._strikes(item, "wrong-type"):
            return web.Response(body=b"PK\x03\x04" + bytes(600), content_type="application/zip")
        if self._strikes(item, "empty-file"):
            return web.Response(body=b"", content_type=media_type)
        for fault in ("half-a-file", "silence"):
            if self._strikes(item, fault):
                return _Broken(path, media_type, is_silent=fault == "silence")
        return None


@dataclass(frozen=True, slots=True)
class _Broken:
    path: Path
    media_type: str
    is_silent: bool = False


async def _sent(request: web.Request, broken: _Broken | web.Response) -> web.StreamResponse:
    if isinstance(broken, web.Response):
        return broken
    size = broken.path.stat().st_size
    reply = web.StreamResponse(headers={"Content-Type": broken.media_type, "Accept-Ranges": "bytes"})
    reply.content_length = size
    await reply.prepare(request)
    async for piece in _first_bytes(broken.path, size // 2):
        await reply.write(piece)
    if broken.is_silent:
        await gone(request)
    if request.transport is not None:
        request.transport.close()
    return reply


async def gone(request: web.Request) -> None:
    """Wait until the caller has hung up."""
    while request.transport is not None and not request.transport.is_closing():  # noqa: ASYNC110 - nobody tells
        await asyncio.sleep(_LOOK_S)


async def _first_bytes(path: Path, count: int) -> AsyncIterator[bytes]:
    with path.open("rb") as stream:
        while count > 0 and (piece := stream.read(min(count, _PIECE_BYTES))):
            count -= len(piece)
            yield piece


def _refusal(status: int, code: str, text: str) -> web.Response:
    return web.Response(status=status, text=_GONE.format(code=code, text=text), content_type="application/xml")


def iso_time(seconds: float) -> str:
    """Write a moment as AKOOL does: ``2023-08-15T02:43:38.536Z``."""
    moment = datetime.datetime.fromtimestamp(seconds, datetime.UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"
