"""What all four services share: the engine, the shelf of results, the books, the faults, and how calls are answered."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, Final

import aiohttp
from aiohttp import web

from faceswap_desktop.domain.settings import ProvidersSettings
from faceswap_desktop.sandbox.books import Books
from faceswap_desktop.sandbox.engine import Engine, Seen, WorkFailed
from faceswap_desktop.sandbox.faults import FaultBook
from faceswap_desktop.sandbox.fetching import Fetched, Fetcher, FetchFailed, is_loopback
from faceswap_desktop.sandbox.matching import CropOf
from faceswap_desktop.sandbox.shelf import HTML, SLOW_S, Shelf, gone

_DATA_KEYS: Final = ("data", "faces_obj", "landmarks", "persons", "image_url", "task_id", "token")
_WEBHOOK_LIMIT_S: Final = 20.0
MARKUP: Final = "<img src=x onerror=\"alert(1)\"><script>alert('x')</script>\x1b[31m" + "long " * 100
"""Words that must be shown as they are, and not all of them."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a call is answered.

    Attributes:
        body: JSON.
        status: Of HTTP.
        is_done: The call did what was asked; a refusal did not.
    """

    body: dict[str, Any]
    status: int = 200
    is_done: bool = True


class Refused(Exception):
    """A call is answered with a refusal."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(str(answer.body))
        self.answer = answer


Handler = Callable[[web.Request], Awaitable[Answer]]
Refuse = Callable[[str, str], Answer]
"""Given a fault's name and the endpoint, returns the service's own refusal."""


@dataclass
class World:
    """Everything that the services share.

    Attributes:
        crops: Where hosted crops were cut from, by the digest of their files.
        crop_addresses: Where they are hosted.
    """

    engine: Engine
    fetcher: Fetcher
    shelf: Shelf
    books: Books
    faults: FaultBook
    session: aiohttp.ClientSession
    providers: ProvidersSettings
    crops: dict[str, CropOf] = field(default_factory=dict)
    crop_addresses: set[str] = field(default_factory=set)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def look(self, fetched: Fetched) -> Seen:
        """Look at a file that came in.

        Raises:
            WorkFailed: It cannot be read.
        """
        return await self.engine.look(fetched.path, fetched.digest)

    async def look_at(self, address: str) -> Seen:
        """Fetch a media and look at it.

        Raises:
            WorkFailed: It cannot be fetched or read.
        """
        try:
            return await self.look(await self.fetcher.fetch(address))
        except FetchFailed as error:
            raise WorkFailed(f"download failed: {error}") from error

    def begin(self, work: Coroutine[Any, Any, None]) -> Callable[[], object]:
        """Let work go on by itself until the sandbox closes, and return what stops it."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task.cancel

    async def close(self) -> None:
        """Stop what goes on."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def deliver(
        self, service: str, endpoint: str, address: str, body: dict[str, Any], forged: dict[str, Any]
    ) -> None:
        """Send a webhook, once; the vendors' own repetitions are not documented.

        Args:
            service: Whose it is.
            endpoint: Of the call that it belongs to.
            address: Where to; only this computer is reached.
            body: What is sent.
            forged: What somebody else could send, for the fault of that name.
        """
        bodies = [body]
        if self.faults.takes(service, "forged-webhook", endpoint):
            bodies.insert(0, forged)
        if self.faults.takes(service, "double-webhook", endpoint):
            bodies.append(body)
        if self.faults.takes(service, "lost-webhook", endpoint):
            bodies = []
            self.books.webhooks.append({"service": service, "status": 0, "error": "lost"})
        for one in bodies:
            self.books.webhooks.append({"service": service, **await self._post(address, one)})

    async def _post(self, address: str, body: dict[str, Any]) -> dict[str, Any]:
        if not is_loopback(address):
            return {"status": 0, "error": "not on this computer"}
        try:
            timeout = aiohttp.ClientTimeout(total=_WEBHOOK_LIMIT_S)
            async with self.session.post(address, json=body, timeout=timeout, allow_redirects=False) as reply:
                return {"status": reply.status, "error": ""}
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            return {"status": 0, "error": type(error).__name__}

    def call(self, service: str, endpoint: str, handler: Handler, refuse: Refuse, *, is_paid: bool = False) -> Any:
        """Wrap a handler: its calls are counted, and its faults strike."""

        def strikes(name: str) -> bool:
            return self.faults.takes(service, name, endpoint, is_paid=is_paid)

        async def answer(request: web.Request) -> web.StreamResponse:
            if strikes("lost-request"):
                return _hung_up(request)
            self.books.calls[service, endpoint] += 1
            if strikes("slow"):
                await asyncio.sleep(SLOW_S)
            if strikes("html"):
                return web.Response(text=HTML, content_type="text/html")
            for name in ("rate-limit", "quota", "expired-token", "banned", "markup"):
                if strikes(name):
                    return _as_json(refuse(name, endpoint))
            try:
                made = await handler(request)
            except Refused as refusal:
                return _as_json(refusal.answer)
            return await self._said(request, made, strikes) if made.is_done else _as_json(made)

        return answer

    @staticmethod
    async def _said(request: web.Request, made: Answer, strikes: Callable[[str], bool]) -> web.StreamResponse:
        """Answer a call that did what was asked; or not, where a fault strikes."""
        if strikes("missing-fields"):
            made = Answer({key: value for key, value in made.body.items() if key not in _DATA_KEYS}, made.status)
        if strikes("server-error-after-work"):
            return web.Response(status=500, text="Internal Server Error")
        if strikes("silence"):
            await gone(request)
        if strikes("dropped-answer"):
            return _hung_up(request)
        return _as_json(made)


async def json_body(request: web.Request) -> dict[str, Any] | None:
    """Return the JSON object that was sent; None where it is none."""
    try:
        body = json.loads(await request.read())
    except (ValueError, UnicodeDecodeError):
        return None
    return body if isinstance(body, dict) else None


def _as_json(answer: Answer) -> web.Response:
    return web.json_response(answer.body, status=answer.status)


def _hung_up(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
