"""A relay for people who have a server: takes deliveries, keeps them, and hands them on as server-sent events.

It speaks as smee.io does (``POST /<channel>`` in; ``GET /<channel>`` with events ``ready``, ``ping`` and messages of
``body``, ``query`` and ``timestamp`` out), and adds what that lacks: a token for listeners, deliveries on the disk, and
numbers that mean the same after a restart, so that a listener gets what it missed.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import logging
import re
import time
from collections import defaultdict
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from faceswap_desktop.domain.errors import StorageError, UsageError
from faceswap_desktop.domain.messages import message
from faceswap_desktop.transport.relay_store import KEPT_S, RelayStore
from faceswap_desktop.transport.webhook import BODY_LIMIT, READ_LIMIT_S, json_object, load_web, server_logger

if TYPE_CHECKING:
    from aiohttp import web

logger = logging.getLogger(__name__)

RELAY_HEADER: Final = "X-Faceswap-Relay"
"""By it a listener knows a relay that keeps deliveries."""
PING_S: Final = 25.0
SHORTEST_TOKEN: Final = 16
MOST_LISTENERS: Final = 200
_STOP_LIMIT_S: Final = 5.0
_AT_ONCE: Final = 50
_CHANNEL: Final = re.compile(r"[A-Za-z0-9_-]{1,128}")


class RelayServer:
    """Serves a store.

    Args:
        store: Keeps deliveries; closed by whoever opened it.
        token: What listeners have to know; at least ``SHORTEST_TOKEN`` characters.
        host: Address to listen on.
        port: 0 for any free one.
        ping_s: How often listeners are told that the line still stands.
        read_limit_s: How long a body may take to arrive.

    Raises:
        UsageError: The token is missing or too short.
    """

    def __init__(
        self,
        store: RelayStore,
        token: str,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        ping_s: float = PING_S,
        read_limit_s: float = READ_LIMIT_S,
    ) -> None:
        if len(token) < SHORTEST_TOKEN:
            raise UsageError(
                message("The relay needs a token of at least {count} characters.", count=SHORTEST_TOKEN),
                message("Put a long random text into FACESWAP_RELAY_TOKEN, or into a file named with --token-file."),
            )
        self._store = store
        self._token = _digest(token)
        self._host = host
        self._wanted_port = port
        self._ping_s = ping_s
        self._read_limit_s = read_limit_s
        self._port = 0
        self._runner: web.AppRunner | None = None
        self._listeners: defaultdict[str, set[asyncio.Event]] = defaultdict(set)
        self._is_stopping = False

    @property
    def port(self) -> int:
        """Where it listens; 0 while it does not."""
        return self._port

    async def start(self) -> None:
        """Begin to listen.

        Raises:
            UsageError: The address cannot be listened on.
        """
        web = await asyncio.to_thread(load_web)
        app = web.Application(client_max_size=BODY_LIMIT)
        app.router.add_post("/{channel}", self._take)
        app.router.add_get("/{channel}", self._hand_on, allow_head=False)
        app.on_shutdown.append(self._dismiss)
        # The access log would hold channels, secrets and tokens.
        runner = web.AppRunner(
            app, access_log=None, logger=server_logger, shutdown_timeout=_STOP_LIMIT_S, lingering_time=1.0
        )
        await runner.setup()
        try:
            await web.TCPSite(runner, self._host, self._wanted_port).start()
        except OSError as error:
            await runner.cleanup()
            raise UsageError(
                message("{host}:{port} cannot be listened on.", host=self._host, port=self._wanted_port),
                message("Another program may use that port; choose another one with --port."),
            ) from error
        except BaseException:
            await runner.cleanup()
            raise
        self._is_stopping = False
        self._runner = runner
        self._port = int(runner.addresses[0][1])

    async def stop(self) -> None:
        """Let the listeners go and stop listening; everything that was answered is on the disk."""
        runner, self._runner, self._port = self._runner, None, 0
        if runner is not None:
            await runner.cleanup()

    async def _dismiss(self, app: web.Application) -> None:
        self._is_stopping = True
        for bells in self._listeners.values():
            for bell in bells:
                bell.set()

    async def _take(self, request: web.Request) -> web.Response:
        from aiohttp import web

        channel = request.match_info["channel"]
        if not _CHANNEL.fullmatch(channel):
            return web.Response(status=404)
        try:
            async with asyncio.timeout(self._read_limit_s):
                raw = await request.read()
        except TimeoutError:
            response = web.Response(status=408)
            response.force_close()
            return response
        body = json_object(raw)
        if body is None:
            return web.Response(status=400)
        event = {
            "content-type": request.content_type,
            "body": body,
            "query": dict(request.query),
            "timestamp": round(time.time() * 1000),
        }
        try:
            number = await self._store.add(channel, json.dumps(event, separators=(",", ":")))
        except StorageError as error:
            logger.warning("a delivery could not be kept: %s", error.kind)
            return web.Response(status=503)
        if number == 0:
            return web.Response(status=404)
        for bell in self._listeners.get(channel, ()):
            bell.set()
        return web.Response(status=200)

    async def _hand_on(self, request: web.Request) -> web.StreamResponse:
        from aiohttp import web

        channel = request.match_info["channel"]
        if not self._is_allowed(request):
            return web.Response(status=401, headers={"WWW-Authenticate": "Bearer"})
        if not _CHANNEL.fullmatch(channel):
            return web.Response(status=404)
        if sum(map(len, self._listeners.values())) >= MOST_LISTENERS or not await self._store.open_channel(channel):
            return web.Response(status=503)
        response = web.StreamResponse(
            headers={
                "Content-Type": "text/event-stream",
                "Cache-Control": "no-store",
                # nginx would keep events back until its buffer is full.
                "X-Accel-Buffering": "no",
                RELAY_HEADER: "1",
            }
        )
        bell = asyncio.Event()
        self._listeners[channel].add(bell)
        try:
            await response.prepare(request)
            await self._tell(response, channel, _number(request.headers.get("Last-Event-ID", "")), bell)
        except ConnectionError:
            logger.info("a listener has gone")
        finally:
            self._listeners[channel].discard(bell)
            if not self._listeners[channel]:
                del self._listeners[channel]
        return response

    async def _tell(self, response: web.StreamResponse, channel: str, last: int, bell: asyncio.Event) -> None:
        """Write events until the listener goes. All come out of the store, so their order is the store's."""
        await response.write(_event({"stores_days": KEPT_S / 86400}, name="ready"))
        while not self._is_stopping:
            bell.clear()
            found = await self._store.after(channel, last, _AT_ONCE)
            for one in found:
                await response.write(f"id: {one.id}\ndata: {one.payload}\n\n".encode())
                last = one.id
            if not found and not self._is_stopping:
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._ping_s):
                        await bell.wait()
                if not bell.is_set():
                    await response.write(_event({}, name="ping"))

    def _is_allowed(self, request: web.Request) -> bool:
        scheme, _, given = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            # Browsers' own listeners, and smee's, cannot send headers.
            given = request.query.get("token", "")
        return hmac.compare_digest(_digest(given.strip()), self._token)


def _digest(text: str) -> bytes:
    # Of one length, so that a comparison tells nothing about the lengths.
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).digest()


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else 0


def _event(data: dict[str, Any], name: str) -> bytes:
    # No number: it would take the place of the last delivery's.
    return f"event: {name}\ndata: {json.dumps(data)}\n\n".encode()
