"""AKOOL's API: face swap, reage, detection, results and account."""

from __future__ import annotations

import asyncio
import secrets
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from aiohttp import web

from faceswap_desktop.sandbox.akool_detect import analyze_frames, detect, detect_faces
from faceswap_desktop.sandbox.akool_keys import Caller, KeyRing, refusal, refuse_for_fault
from faceswap_desktop.sandbox.akool_live import Live
from faceswap_desktop.sandbox.akool_orders import Order, make, price_of, read_order
from faceswap_desktop.sandbox.akool_webhook import signed_body
from faceswap_desktop.sandbox.books import KeyKind, digest_of, kind_of_key
from faceswap_desktop.sandbox.engine import Seen, WorkFailed
from faceswap_desktop.sandbox.shelf import iso_time
from faceswap_desktop.sandbox.world import Answer, World, json_body

SERVICE: Final = "akool"
PATIENCE: Final = "Please be patient! If your results are not generated in three hours, please check your input image."
_V3: Final = "/akool/api/open/v3/faceswap"
_V4: Final = "/akool/api/open/v4/faceswap"
_DETECT: Final = "/akool/interface/detect-api"
QUEUED, PROCESSING, SUCCEEDED, FAILED = 1, 2, 3, 4
_UNKNOWN: Final = 9
_AT_ONCE: Final = 4
"""How many works go on at once; the others are in the queue."""


@dataclass
class Work:
    """One row of AKOOL's results."""

    id: str
    job_id: str
    endpoint: str
    token: str
    order: Order
    caller: Caller
    created_at: float = field(default_factory=time.time)
    status: int = QUEUED
    trouble: str = ""
    seconds: float = 0.0
    is_deleted: bool = False
    stop: Callable[[], object] | None = None


class Akool:
    """Answers for AKOOL.

    Attributes:
        live: Its live sessions.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._keys = KeyRing()
        self._works: dict[str, Work] = {}
        self.live = Live(world, self._keys)
        self._lanes = asyncio.Semaphore(_AT_ONCE)

    def routes(self) -> list[web.RouteDef]:
        """Return every endpoint."""

        def on(method: str, path: str, endpoint: str, handler: Any, *, is_paid: bool = False) -> web.RouteDef:
            call = self._world.call(SERVICE, endpoint, handler, refuse_for_fault, is_paid=is_paid)
            return web.route(method, path, call)

        made = [
            on("POST", "/akool/api/open/v3/getToken", "getToken", self._get_token),
            on("POST", f"{_DETECT}/detect_faces", "detect_faces", self._detect_faces),
            on("POST", f"{_DETECT}/faceswap/analyze_frames", "analyze_frames", self._analyze_frames),
            on("POST", "/akool-sg3/detect", "detect", self._detect),
            on("GET", f"{_V3}/result/listbyids", "listbyids", self._list),
            on("POST", f"{_V3}/result/delbyids", "delbyids", self._delete),
            on("POST", f"{_V3}/job/del", "job/del", self._cancel),
            on("GET", f"{_V3}/quota/info", "quota/info", self._quota),
        ]
        for endpoint in ("specifyimage", "specifyvideo", "imgreage", "vidreage"):
            path = f"{_V3}/highquality/{endpoint}"
            made.append(on("POST", path, endpoint, self._creates(endpoint), is_paid=True))
        for endpoint in ("faceswapByImage", "faceswapPlusByImage"):
            made.append(on("POST", f"{_V4}/{endpoint}", endpoint, self._creates(endpoint), is_paid=True))
        for endpoint, handler in self.live.handlers().items():
            made.append(on("POST", f"{_V3}/{endpoint}", endpoint, handler, is_paid=endpoint == "live/create"))
        return made

    # ------------------------------------------------------------------------------------------------------- accounts

    async def _get_token(self, request: web.Request) -> Answer:
        body = await json_body(request) or {}
        client_id, secret = body.get("clientId"), body.get("clientSecret")
        if not client_id or not secret:
            return refusal(1102)
        kind = kind_of_key(str(secret))
        if kind in {KeyKind.WRONG, KeyKind.BANNED}:
            return refusal(1101 if kind is KeyKind.WRONG else 1200)
        token = self._keys.token(str(client_id), str(secret))
        if self._world.faults.takes(SERVICE, "token-in-data", "getToken"):
            return Answer({"code": 1000, "data": {"token": token}})
        return Answer({"code": 1000, "token": token})

    async def _quota(self, request: web.Request) -> Answer:
        caller = self._keys.caller(request, "quota/info")
        self.live.charge()
        credit = self._world.books.left(SERVICE, caller.kind)
        return _ok(data={"credit": int(credit) if credit == int(credit) else credit})

    # ------------------------------------------------------------------------------------------------------ detectors

    async def _detect_faces(self, request: web.Request) -> Answer:
        self._keys.caller(request, "detect_faces")
        return await detect_faces(self._world, await json_body(request))

    async def _detect(self, request: web.Request) -> Answer:
        self._keys.caller(request, "detect")
        started = time.monotonic()
        answer = await detect(self._world, await json_body(request), 0.0, str(uuid.uuid4()))
        if answer.is_done:
            answer.body["seconds"] = time.monotonic() - started
        return answer

    async def _analyze_frames(self, request: web.Request) -> Answer:
        self._keys.caller(request, "analyze_frames")
        return await analyze_frames(self._world, await json_body(request))

    # ----------------------------------------------------------------------------------------------- swaps and reages

    def _creates(self, endpoint: str) -> Any:
        async def create(request: web.Request) -> Answer:
            caller = self._keys.caller(request, endpoint)
            body = await json_body(request)
            order = read_order(endpoint, body, self._world.crop_addresses.__contains__)
            seen, trouble = await self._looked_at(order)
            price = price_of(self._world, endpoint, seen)
            if self._world.books.left(SERVICE, caller.kind) < price:
                return refusal(1006)
            is_video = order.wants_video if order.wants_video is not None else seen is not None and seen.is_video
            token = self._world.shelf.reserve(SERVICE, "final.mp4" if is_video else "final.jpg")
            work = Work(secrets.token_hex(12), _job_id(), endpoint, token, order, caller)
            work.seconds = seen.seconds if seen is not None else 0.0
            self._works[work.id] = work
            self._world.books.charge(SERVICE, endpoint, digest_of(body), work.id, price)
            work.stop = self._world.begin(self._make(work, seen, trouble))
            if endpoint.startswith("faceswap"):
                return _ok(data={"_id": work.id, "job_id": work.job_id})
            url = self._world.shelf.url(token)
            return _ok(PATIENCE, data={"_id": work.id, "url": url, "job_id": work.job_id})

        return create

    async def _looked_at(self, order: Order) -> tuple[Seen | None, str]:
        """Look at the media, for its length is part of the price. What cannot be opened fails later, as with AKOOL."""
        try:
            return await self._world.look_at(order.media), ""
        except WorkFailed as error:
            return None, str(error)

    async def _make(self, work: Work, seen: Seen | None, trouble: str) -> None:
        try:
            await self._made(work, seen, trouble)
        except WorkFailed as error:
            work.status, work.trouble = FAILED, str(error)
        if work.order.webhook and not work.is_deleted:
            await self._tell(work)

    async def _made(self, work: Work, seen: Seen | None, trouble: str) -> None:
        async with self._lanes:
            work.status = PROCESSING
            if seen is None:
                raise WorkFailed(trouble)
            for fault, text in (("failed-job", "generate temp file error"), ("no-face", "no face detected")):
                if self._world.faults.takes(SERVICE, fault, work.endpoint):
                    raise WorkFailed(text)
            self._world.shelf.put(work.token, await make(self._world, work.order, seen))
            work.status = SUCCEEDED

    async def _tell(self, work: Work) -> None:
        said: dict[str, Any] = {"_id": work.id, "status": work.status, "type": "faceswap"}
        if work.status == SUCCEEDED:
            said["url"] = self._world.shelf.url(work.token)
        body = signed_body(said, work.caller.client_id, work.caller.secret)
        forged = signed_body({**said, "url": "http://127.0.0.1:1/other.jpg"}, work.caller.client_id, "0" * 24)
        if body is not None and forged is not None:
            await self._world.deliver(SERVICE, work.endpoint, work.order.webhook, body, forged)

    # -------------------------------------------------------------------------------------------------------- results

    async def _list(self, request: web.Request) -> Answer:
        self._keys.caller(request, "listbyids")
        wanted = _ids(request.query.get("_ids"))
        if not wanted:
            return refusal(1003)
        works = [work for one in wanted if (work := self._works.get(one)) is not None and not work.is_deleted]
        return _ok(data={"result": [self._row(work) for work in works]})

    def _row(self, work: Work) -> dict[str, Any]:
        status = _UNKNOWN if self._world.faults.takes(SERVICE, "unknown-status", "listbyids") else work.status
        row: dict[str, Any] = {
            "faceswap_type": 1,
            "faceswap_quality": 2,
            "faceswap_status": status,
            "deduction_status": 1,
            "image": 1,
            "video_duration": round(work.seconds, 3) if work.seconds else 0,
            "deduction_duration": 0,
            "update_time": 0,
            "_id": work.id,
            "userId": "64d985c5571729d3e2999477",
            "uid": 378337,
            "url": self._world.shelf.url(work.token),
            "createdAt": iso_time(work.created_at),
        }
        if work.trouble:
            row["alg_msg"] = work.trouble
        return row

    async def _delete(self, request: web.Request) -> Answer:
        self._keys.caller(request, "delbyids")
        wanted = _ids((await json_body(request) or {}).get("_ids"))
        if not wanted:
            return refusal(1003)
        for one in wanted:
            work = self._works.get(one)
            if work is not None:
                work.is_deleted = True
                self._world.shelf.remove(work.token)
                _stop(work)
        return _ok()

    async def _cancel(self, request: web.Request) -> Answer:
        self._keys.caller(request, "job/del")
        wanted = set(_ids((await json_body(request) or {}).get("job_ids")))
        if not wanted:
            return refusal(1003)
        for work in self._works.values():
            if work.job_id in wanted and work.status in {QUEUED, PROCESSING}:
                _stop(work)
                work.status, work.trouble = FAILED, "cancelled"
        return _ok()


def _stop(work: Work) -> None:
    if work.stop is not None:
        work.stop()


def _ok(text: str = "OK", data: dict[str, Any] | None = None) -> Answer:
    return Answer({"code": 1000, "msg": text, **({"data": data} if data is not None else {})})


def _ids(text: object) -> list[str]:
    return [one.strip() for one in text.split(",") if one.strip()] if isinstance(text, str) else []


def _job_id() -> str:
    now = time.time()
    stamp = time.strftime("%Y%m%d%H%M%S", time.gmtime(now)) + f"{int(now * 1000) % 1000:03d}"
    return f"{stamp}-{secrets.randbelow(9000) + 1000}"
