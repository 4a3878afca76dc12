"""aifaceswap.io: pictures as files or addresses, the result by webhook only."""

from __future__ import annotations

import contextlib
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from aiohttp import BodyPartReader, web

from faceswap_desktop.domain.faces import DetectedFace
from faceswap_desktop.sandbox.books import KeyKind, digest_of, kind_of_key
from faceswap_desktop.sandbox.engine import Seen, SourceAt, WorkFailed
from faceswap_desktop.sandbox.fetching import Fetched, FetchFailed, is_web_address
from faceswap_desktop.sandbox.matching import within
from faceswap_desktop.sandbox.world import MARKUP, Answer, Refused, World

SERVICE: Final = "aifaceswap"
_BASE: Final = "/aifaceswap/api/aifaceswap/v1"
_SINGLE, _MULTIPLE = 1, 2
_MOST_PART_BYTES: Final = 50_000_000
_NAMES: Final = frozenset({"source_image", "face_image", "img", "index", "webhook"})


@dataclass
class Wish:
    """What was sent, whichever way.

    Attributes:
        texts: Fields that are texts; in JSON also addresses.
        files: Pictures, by field, in order.
        numbers: ``index``.
        plain: The same for a digest.
    """

    texts: dict[str, list[str]] = field(default_factory=dict)
    files: dict[str, list[bytes]] = field(default_factory=dict)
    numbers: list[int] = field(default_factory=list)

    @property
    def plain(self) -> dict[str, Any]:
        """What tells two wishes apart; where the result goes does not."""
        texts = {name: values for name, values in self.texts.items() if name != "webhook"}
        return {"texts": texts, "files": self.files, "index": self.numbers}


def refusal(status: int, text: str) -> Answer:
    """Return a refusal. The vendor's texts have none, so these are made after its envelope."""
    return Answer({"code": status, "data": None, "message": text}, status, is_done=False)


def _refuse_for_fault(name: str, _endpoint: str) -> Answer:
    match name:
        case "rate-limit":
            return refusal(429, "Too many requests")
        case "quota":
            return refusal(402, "Not enough points")
        case "expired-token":
            return refusal(401, "Unauthorized")
        case "banned":
            return refusal(403, "Forbidden")
        case _:
            return refusal(400, MARKUP)


class Aifaceswap:
    """Answers for aifaceswap.io."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[web.RouteDef]:
        """Return every endpoint."""
        handlers = {"faceswap": self._swap, "extract_face": self._extract, "multi_faceswap": self._multi_swap}
        return [
            web.post(
                f"{_BASE}/{endpoint}",
                self._world.call(SERVICE, endpoint, handler, _refuse_for_fault, is_paid=True),
            )
            for endpoint, handler in handlers.items()
        ]

    async def _swap(self, request: web.Request) -> Answer:
        kind, wish = await self._read(request)
        target = await self._one(wish, "source_image")
        source = await self._one(wish, "face_image")
        return self._begun("faceswap", kind, wish, target, [(source, None)])

    async def _multi_swap(self, request: web.Request) -> Answer:
        kind, wish = await self._read(request)
        target = await self._one(wish, "source_image")
        sources = await self._all(wish, "face_image")
        if not sources or len(sources) != len(wish.numbers):
            raise Refused(refusal(400, "face_image and index must be of the same length"))
        return self._begun("multi_faceswap", kind, wish, target, list(zip(sources, wish.numbers, strict=True)))

    async def _extract(self, request: web.Request) -> Answer:
        kind, wish = await self._read(request)
        picture = await self._one(wish, "img")
        seen = await self._seen(picture)
        faces = left_to_right(seen)
        if not faces or self._world.faults.takes(SERVICE, "no-face", "extract_face"):
            raise Refused(refusal(400, "No face detected"))
        points = self._paid("extract_face", kind, wish, secrets.token_hex(16))
        return _ok({"faces": [_corners(seen, face) for face in faces], "points": points})

    def _begun(
        self,
        endpoint: str,
        kind: KeyKind,
        wish: Wish,
        target: Fetched,
        pairs: Sequence[tuple[Fetched, int | None]],
    ) -> Answer:
        task_id = secrets.token_hex(16)
        points = self._paid(endpoint, kind, wish, task_id)
        webhook = (wish.texts.get("webhook") or [""])[0]
        self._world.begin(self._make(endpoint, task_id, webhook, target, pairs))
        return _ok({"task_id": task_id, "points": points})

    async def _make(
        self, endpoint: str, task_id: str, webhook: str, target: Fetched, pairs: Sequence[tuple[Fetched, int | None]]
    ) -> None:
        said: dict[str, Any] = {
            "success": 1,
            "type": _SINGLE if endpoint == "faceswap" else _MULTIPLE,
            "task_id": task_id,
            "result_image": "",
        }
        try:
            for fault in ("failed-job", "no-face"):
                if self._world.faults.takes(SERVICE, fault, endpoint):
                    raise WorkFailed(fault)
            path = await self._made(target, pairs)
            said["result_image"] = self._world.shelf.url(self._world.shelf.reserve(SERVICE, "final.jpg", path))
        except WorkFailed:
            said["success"] = 0
        if webhook:
            forged = {**said, "success": 1, "task_id": "0" * 32, "result_image": "http://127.0.0.1:1/other.jpg"}
            await self._world.deliver(SERVICE, endpoint, webhook, said, forged)

    async def _made(self, target: Fetched, pairs: Sequence[tuple[Fetched, int | None]]) -> Path:
        seen = await self._world.look(target)
        faces = left_to_right(seen)
        if not faces:
            raise WorkFailed("no face")
        sources: dict[int, SourceAt] = {}
        for picture, number in pairs:
            if number is not None and not 0 <= number < len(faces):
                raise WorkFailed("no such face")
            looked_at = await self._world.look(picture)
            if not looked_at.faces:
                raise WorkFailed("no face")
            face = seen.faces[0] if number is None else faces[number]
            sources[face.index] = SourceAt(picture.path, looked_at.faces[0].index)
        return await self._world.engine.make(seen, sources)

    # --------------------------------------------------------------------------------------------------- small things

    def _paid(self, endpoint: str, kind: KeyKind, wish: Wish, call_id: str) -> int:
        prices = self._world.providers.aifaceswap.prices
        price = {"faceswap": prices.swap, "extract_face": prices.extract_face, "multi_faceswap": prices.multi_swap}
        if self._world.books.left(SERVICE, kind) < price[endpoint]:
            raise Refused(refusal(402, "Not enough points"))
        self._world.books.charge(SERVICE, endpoint, digest_of(wish.plain), call_id, price[endpoint])
        return int(price[endpoint])

    async def _read(self, request: web.Request) -> tuple[KeyKind, Wish]:
        scheme, _, key = request.headers.get("Authorization", "").partition(" ")
        kind = kind_of_key(key.strip()) if scheme.lower() == "bearer" else KeyKind.WRONG
        if kind is KeyKind.WRONG:
            raise Refused(refusal(401, "Unauthorized"))
        if kind is KeyKind.BANNED:
            raise Refused(refusal(403, "Forbidden"))
        try:
            wish = await (_from_parts(request) if _has_parts(request) else _from_json(request))
        except (ValueError, TypeError) as error:
            raise Refused(refusal(400, "Invalid parameters")) from error
        for address in wish.texts.get("webhook", ()):
            if not is_web_address(address):
                raise Refused(refusal(400, "Invalid webhook"))
        return kind, wish

    async def _one(self, wish: Wish, name: str) -> Fetched:
        found = await self._all(wish, name)
        if len(found) != 1:
            raise Refused(refusal(400, f"{name} is required"))
        return found[0]

    async def _all(self, wish: Wish, name: str) -> list[Fetched]:
        found = []
        try:
            found += [self._world.fetcher.keep(contents) for contents in wish.files.get(name, ())]
            found += [await self._world.fetcher.fetch(address) for address in wish.texts.get(name, ())]
        except FetchFailed as error:
            raise Refused(refusal(400, f"{name} cannot be downloaded")) from error
        return found

    async def _seen(self, picture: Fetched) -> Seen:
        try:
            seen = await self._world.look(picture)
        except WorkFailed as error:
            raise Refused(refusal(400, "The image cannot be read")) from error
        if seen.is_video:
            raise Refused(refusal(400, "The image cannot be read"))
        return seen


def left_to_right(seen: Seen) -> list[DetectedFace]:
    """Return faces in the order of ``extract_face``, which is not that of detection."""
    return sorted(seen.faces, key=lambda face: face.box.left)


def _corners(seen: Seen, face: DetectedFace) -> list[int]:
    box = within(face.box, seen.media.size)
    return [int(box.left), int(box.top), int(box.right), int(box.bottom)]


def _ok(data: Mapping[str, Any]) -> Answer:
    return Answer({"code": 200, "data": dict(data), "message": "OK"})


def _has_parts(request: web.Request) -> bool:
    return request.content_type == "multipart/form-data"


async def _from_json(request: web.Request) -> Wish:
    body = json.loads(await request.read())
    if not isinstance(body, dict):
        raise TypeError("not an object")
    wish = Wish()
    for name in _NAMES & body.keys():
        value = body[name]
        if name == "index":
            wish.numbers = [_number(one) for one in value]
        elif isinstance(value, str) or (name == "face_image" and isinstance(value, list)):
            wish.texts[name] = [_text(one) for one in ([value] if isinstance(value, str) else value)]
        else:
            raise TypeError(name)
    return wish


async def _from_parts(request: web.Request) -> Wish:
    wish = Wish()
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader) or part.name not in _NAMES:
            continue
        contents = bytes(await part.read(decode=True))
        if len(contents) > _MOST_PART_BYTES:
            raise ValueError("too large")
        if part.filename is not None:
            wish.files.setdefault(part.name, []).append(contents)
        elif part.name == "index":
            wish.numbers += _numbers(contents.decode())
        elif text := contents.decode():
            wish.texts.setdefault(part.name, []).append(text)
    return wish


def _numbers(text: str) -> list[int]:
    """Read one number, or the JSON list that some clients send."""
    with contextlib.suppress(ValueError):
        return [int(text)]
    return [_number(one) for one in json.loads(text)]


def _number(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError("not a number")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value
