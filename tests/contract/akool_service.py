"""AKOOL on loopback: answers with recorded replies, and notes what it was asked."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web

REPLIES = Path(__file__).parent / "replies" / "akool"
DATE = "Tue, 03 Nov 2026 08:49:37 GMT"
DATE_SECONDS = 1793695777.0

V3 = "/api/open/v3/faceswap"
V4 = "/api/open/v4/faceswap"
DETECTOR = "/interface/detect-api"
TOKEN = "/api/open/v3/getToken"
DETECT_FACES = f"{DETECTOR}/detect_faces"
ANALYZE_FRAMES = f"{DETECTOR}/faceswap/analyze_frames"
OLD_DETECT = "/sg3/detect"
LIST = f"{V3}/result/listbyids"
DELETE = f"{V3}/result/delbyids"
CANCEL = f"{V3}/job/del"
QUOTA = f"{V3}/quota/info"
IMAGE = f"{V3}/highquality/specifyimage"
VIDEO = f"{V3}/highquality/specifyvideo"
IMAGE_AGE = f"{V3}/highquality/imgreage"
VIDEO_AGE = f"{V3}/highquality/vidreage"
PRO = f"{V4}/faceswapByImage"
PLUS = f"{V4}/faceswapPlusByImage"


@dataclass
class Asked:
    """One request as it arrived."""

    method: str
    path: str
    query: dict[str, str]
    headers: Mapping[str, str]
    json: Any


@dataclass
class Answer:
    """What is answered; without a body the connection is broken off."""

    body: bytes | None
    status: int = 200
    media_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=lambda: {"Date": DATE})


Handler = Callable[[Asked], Answer]


def recorded(name: str) -> Answer:
    """Return a reply word for word."""
    return Answer((REPLIES / f"{name}.json").read_bytes())


def request_of(name: str) -> Any:
    """Return a request out of AKOOL's texts."""
    return json.loads((REPLIES / f"{name}-request.json").read_bytes())


def says(value: object, status: int = 200) -> Answer:
    """Answer with JSON."""
    return Answer(json.dumps(value).encode(), status)


def refused(code: int, words: str = "words") -> Answer:
    """Answer with a code of ``/api/open``."""
    return says({"code": code, "msg": words})


class AkoolService:
    """Answers each path with what it was told, in order, the last one for ever."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.url = ""
        self._answers: dict[str, list[Answer | Handler]] = {}
        self.files: dict[str, tuple[bytes, str]] = {}

    def will(self, path: str, *answers: Answer | Handler) -> None:
        self._answers[path] = list(answers)

    def on(self, path: str) -> list[Asked]:
        return [one for one in self.asked if one.path == path]

    def serve(self, name: str, content: bytes, media_type: str) -> str:
        self.files[name] = (content, media_type)
        return f"{self.url}/files/{name}"

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[AkoolService]:
        app = web.Application(client_max_size=64 * 2**20)
        app.router.add_route("*", "/{path:.*}", self._answer)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=5)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
            yield self
        finally:
            await runner.cleanup()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        if request.path.startswith("/files/"):
            found = self.files.get(request.path.removeprefix("/files/"))
            return web.Response(body=found[0], content_type=found[1]) if found else web.Response(status=404)
        body = await request.read()
        asked = Asked(
            request.method,
            request.path,
            dict(request.query),
            dict(request.headers),
            json.loads(body) if body else None,
        )
        self.asked.append(asked)
        answers = self._answers.get(request.path)
        if not answers:
            return web.Response(status=404)
        chosen = answers.pop(0) if len(answers) > 1 else answers[0]
        answer = chosen if isinstance(chosen, Answer) else chosen(asked)
        if answer.body is None:
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        return web.Response(
            status=answer.status, body=answer.body, content_type=answer.media_type, headers=dict(answer.headers)
        )
