"""ai-gs.cn: one face, and the result in the reply."""

from __future__ import annotations

import time
import uuid
from typing import Any, Final

from aiohttp import web

from faceswap_desktop.domain.geometry import Size
from faceswap_desktop.sandbox.books import KeyKind, digest_of, kind_of_key
from faceswap_desktop.sandbox.engine import Seen, SourceAt, WorkFailed
from faceswap_desktop.sandbox.fetching import Fetched, FetchFailed
from faceswap_desktop.sandbox.world import MARKUP, Answer, Refused, World, json_body

SERVICE: Final = "aigs"
ENDPOINT: Final = "faceswap"
MOST_BYTES: Final = 5_000_000
LEAST_EDGE_PX: Final = 50
MOST_EDGE_PX: Final = 2048
MOST_TEMPLATE_EDGE_PX: Final = 1280
_BETWEEN_S: Final = 0.95
"""One request a second, with a little patience for the way here."""

_SAYINGS: Final = {
    "no_token": (401, "No token specified in url query."),
    "invalid_input_image": (402, "get input image error."),
    "forbidden": (402, "input image contain sensitive contents."),
    "image_size_limited": (402, "Image size exceeds the maximum allowed size."),
    "request_rate_limit": (402, "Request rate limit, once per second."),
    "used_up": (403, "Your account does not have enough credits, please recharge."),
    "invalid_api_key": (403, "You provide an invalid Image API key."),
    "unknown": (500, "Image's server failure occurred, please contact the administrator"),
}
_FAULTS: Final = {
    "rate-limit": "request_rate_limit",
    "quota": "used_up",
    "expired-token": "invalid_api_key",
    "banned": "invalid_api_key",
}


def refusal(code: str, detail: str = "", status: int = 0) -> Answer:
    """Return a refusal; those of work that was begun carry its id."""
    known_status, known_detail = _SAYINGS.get(code, (402, ""))
    body = {"code": code, "detail": detail or known_detail}
    status = status or known_status
    if status == 402:
        body["task_id"] = str(uuid.uuid4())
    return Answer(body, status, is_done=False)


def _refuse_for_fault(name: str, _endpoint: str) -> Answer:
    return refusal(_FAULTS[name]) if name in _FAULTS else refusal("false", MARKUP)


class Aigs:
    """Answers for ai-gs.cn."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._last: dict[str, float] = {}

    def routes(self) -> list[web.RouteDef]:
        """Return every endpoint."""
        call = self._world.call(SERVICE, ENDPOINT, self._swap, _refuse_for_fault, is_paid=True)
        return [web.post("/aigs/v1/faceswap", call)]

    async def _swap(self, request: web.Request) -> Answer:
        kind = self._check_token(request.query.get("token", ""))
        body = await json_body(request)
        image, template = _inputs(body)
        self._strike()
        source = await self._opened(image, is_address=_is_address(body))
        target = await self._opened(template, is_address=_is_address(body))
        _check_size(source, least=LEAST_EDGE_PX, most=MOST_EDGE_PX)
        _check_size(target, least=1, most=MOST_TEMPLATE_EDGE_PX)
        if not source[1].faces or self._world.faults.takes(SERVICE, "no-face", ENDPOINT):
            raise Refused(refusal("no_face_detected", "no face detected in image."))
        if not target[1].faces:
            raise Refused(refusal("no_face_detected", "no face detected in template."))
        price = self._world.providers.aigs.prices.swap
        if self._world.books.left(SERVICE, kind) < price:
            raise Refused(refusal("used_up"))
        try:
            chosen = SourceAt(source[0].path, source[1].faces[0].index)
            path = await self._world.engine.make(target[1], {target[1].faces[0].index: chosen})
        except WorkFailed as error:
            raise Refused(refusal("false", str(error))) from error
        call_id = str(uuid.uuid4())
        self._world.books.charge(SERVICE, ENDPOINT, digest_of(body), call_id, price)
        address = self._world.shelf.url(self._world.shelf.reserve(SERVICE, "final.jpeg", path))
        return Answer({"code": "success", "image_url": address, "task_id": call_id})

    def _check_token(self, token: str) -> KeyKind:
        if not token:
            raise Refused(refusal("no_token"))
        kind = kind_of_key(token)
        if kind in {KeyKind.WRONG, KeyKind.BANNED}:
            raise Refused(refusal("invalid_api_key"))
        now = time.monotonic()
        if now - self._last.get(token, -1e9) < _BETWEEN_S:
            raise Refused(refusal("request_rate_limit"))
        self._last[token] = now
        if kind is KeyKind.POOR:
            raise Refused(refusal("used_up"))
        return kind

    def _strike(self) -> None:
        if self._world.faults.takes(SERVICE, "forbidden", ENDPOINT):
            raise Refused(refusal("forbidden"))
        if self._world.faults.takes(SERVICE, "failed-job", ENDPOINT):
            raise Refused(refusal("unknown"))

    async def _opened(self, given: str, *, is_address: bool) -> tuple[Fetched, Seen]:
        try:
            if is_address:
                fetched = await self._world.fetcher.fetch(given)
            else:
                fetched = self._world.fetcher.keep_base64(given, takes_data_uri=False)
        except FetchFailed as error:
            raise Refused(refusal("invalid_input_image")) from error
        if fetched.size_bytes > MOST_BYTES:
            raise Refused(refusal("image_size_limited"))
        try:
            seen = await self._world.look(fetched)
        except WorkFailed as error:
            raise Refused(refusal("invalid_input_image")) from error
        if seen.is_video:
            raise Refused(refusal("invalid_input_image"))
        return fetched, seen


def _is_address(body: dict[str, Any] | None) -> bool:
    return body is not None and ("image_url" in body or "template_url" in body)


def _inputs(body: dict[str, Any] | None) -> tuple[str, str]:
    """Return what stands for the image and the template: two addresses, or two pictures as base64.

    Raises:
        Refused: One is missing, or the two ways are mixed.
    """
    if body is None:
        raise Refused(refusal("invalid_post", "The body is not JSON.", 401))
    way = "url" if _is_address(body) else "base64"
    if way == "url" and ("image_base64" in body or "template_base64" in body):
        raise Refused(refusal("invalid_post", "Use either urls or base64.", 401))
    for name in ("image", "template"):
        value = body.get(f"{name}_{way}")
        if not isinstance(value, str) or not value:
            name_in_full = f"{name}_{way}" if f"{name}_{way}" in body or way == "url" else f"{name}_url"
            raise Refused(refusal("invalid_post", f"Your {name_in_full} is empty.", 401))
    return body[f"image_{way}"], body[f"template_{way}"]


def _check_size(opened: tuple[Fetched, Seen], *, least: int, most: int) -> None:
    size: Size = opened[1].media.size
    if min(size) < least or max(size) > most:
        raise Refused(refusal("image_size_limited"))
