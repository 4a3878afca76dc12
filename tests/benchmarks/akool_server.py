"""As much of AKOOL as 200 jobs need, in a process of its own, and what it saw of them.

Prints its address and serves until it is killed. Its jobs go on for ever, one per cent further each time they are asked
after, until it is told to finish them.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from aiohttp import web

_V3: Final = "/api/open/v3/faceswap"
_PLUS: Final = "/api/open/v4/faceswap/faceswapPlusByImage"
_PROCESSING, _DONE = 2, 3


@dataclass
class Seen:
    """What the service saw.

    Attributes:
        polls: When it was asked after jobs (seconds of the monotonic clock), and after how many.
        paid: How many paid calls came.
        most_paid: How many of them at once, at most.
        connections: How many connections stood at once, at most.
    """

    polls: list[tuple[float, int]] = field(default_factory=list)
    paid: int = 0
    most_paid: int = 0
    connections: int = 0


class _Service:
    """Answers."""

    def __init__(self, picture: bytes, box: list[int], latency_s: float) -> None:
        self.url = ""
        self.seen = Seen()
        self._picture = picture
        self._box = box
        self._latency_s = latency_s
        self._jobs: dict[str, int] = {}
        self._is_finished = False
        self._paying = 0
        self._open: set[Any] = set()

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/interface/detect-api/detect_faces", self._detect),
            web.post(_PLUS, self._create),
            web.get(f"{_V3}/result/listbyids", self._list),
            web.get(f"{_V3}/quota/info", self._quota),
            web.get("/files/{name}", self._file),
            web.get("/seen", self._tell),
            web.post("/finish", self._finish),
        ]

    @web.middleware
    async def counted(self, request: web.Request, handler: Any) -> web.StreamResponse:
        """Count connections."""
        self._open = {one for one in self._open if not one.is_closing()} | {request.transport}
        self.seen.connections = max(self.seen.connections, len(self._open))
        answer: web.StreamResponse = await handler(request)
        return answer

    async def _detect(self, request: web.Request) -> web.Response:
        asked = await request.json()
        left, top, width, height = [10, 10, 100, 100] if "img" in asked else self._box
        points = [(0.3, 0.4), (0.7, 0.4), (0.5, 0.6), (0.5, 0.8)]
        crop = ":".join(f"{round(width * x)},{round(height * y)}" for x, y in points)
        whole = ":".join(f"{left + round(width * x)},{top + round(height * y)}" for x, y in points)
        frame = {
            "landmarks": [[[1, 2]] * 6],
            "landmarks_str": [whole],
            "region": [[left, top, width, height]],
            "removed": [],
            "frame_time": None,
            "face_urls": [f"{self.url}/files/crop.jpg"],
            "crop_region": [[left, top, width, height]],
            "crop_landmarks": [crop],
        }
        return web.json_response({"error_code": 0, "error_msg": "SUCCESS", "faces_obj": {"0": frame}})

    async def _create(self, request: web.Request) -> web.Response:
        await request.read()
        self._paying += 1
        self.seen.paid += 1
        self.seen.most_paid = max(self.seen.most_paid, self._paying)
        await asyncio.sleep(self._latency_s)
        self._paying -= 1
        job = secrets.token_hex(12)
        self._jobs[job] = 0
        return web.json_response({"code": 1000, "msg": "OK", "data": {"_id": job, "job_id": f"2026-{job}"}})

    async def _list(self, request: web.Request) -> web.Response:
        wanted = request.query["_ids"].split(",")
        self.seen.polls.append((time.monotonic(), len(wanted)))
        return web.json_response({"code": 1000, "msg": "OK", "data": {"result": [self._row(one) for one in wanted]}})

    def _row(self, job: str) -> dict[str, Any]:
        self._jobs[job] = min(99, self._jobs[job] + 1)
        return {
            "faceswap_type": 1,
            "faceswap_quality": 2,
            "faceswap_status": _DONE if self._is_finished else _PROCESSING,
            "deduction_status": 1,
            "image": 1,
            "video_duration": 0,
            "deduction_duration": 0,
            "update_time": 0,
            "progress": self._jobs[job],
            "_id": job,
            "userId": "64d985c5571729d3e2999477",
            "uid": 378337,
            "url": f"{self.url}/files/{job}.jpg",
            "createdAt": "2026-11-03T08:40:00.000Z",
        }

    async def _quota(self, request: web.Request) -> web.Response:
        return web.json_response({"code": 1000, "msg": "OK", "data": {"credit": 100_000}})

    async def _file(self, request: web.Request) -> web.Response:
        return web.Response(body=self._picture, content_type="image/jpeg")

    async def _tell(self, request: web.Request) -> web.Response:
        seen = self.seen
        told = {"polls": seen.polls, "paid": seen.paid, "most_paid": seen.most_paid, "connections": seen.connections}
        return web.json_response(told)

    async def _finish(self, request: web.Request) -> web.Response:
        self._is_finished = True
        return web.Response()


@contextlib.asynccontextmanager
async def akool(picture: Path, box: list[int], latency_s: float = 0.05) -> AsyncIterator[str]:
    """Run it and give its address.

    Args:
        picture: A JPEG: what it hands out as result.
        box: Of the face that it finds in it: left, top, width, height in pixels.
        latency_s: How long a paid call takes.
    """
    command = [sys.executable, "-m", "tests.benchmarks.akool_server", str(picture), json.dumps(box), str(latency_s)]
    process = await asyncio.to_thread(subprocess.Popen, command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield (await asyncio.to_thread(process.stdout.readline)).strip()
    finally:
        process.kill()
        await asyncio.to_thread(process.wait)
        process.stdout.close()


async def _serve(picture: str, box: str, latency_s: str) -> None:
    service = _Service(await asyncio.to_thread(Path(picture).read_bytes), json.loads(box), float(latency_s))
    app = web.Application(client_max_size=64 * 2**20, middlewares=[service.counted])
    app.router.add_routes(service.routes())
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    service.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    sys.stdout.write(service.url + "\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_serve(*sys.argv[1:]))
