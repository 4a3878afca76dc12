"""Receives on loopback what services deliver; the way from outside to here is the user's (a tunnel, a proxy)."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

from faceswap_desktop.domain.errors import ProviderRejected
from faceswap_desktop.domain.messages import message

if TYPE_CHECKING:
    from aiohttp import web

logger = logging.getLogger(__name__)

HOST: Final = "127.0.0.1"
BODY_LIMIT: Final = 64 * 1024
"""Bytes. What services deliver is a few hundred."""
READ_LIMIT_S: Final = 15.0
"""How long a body may take to arrive."""
STOP_LIMIT_S: Final = 5.0
"""How long deliveries in hand may take when the receiver is switched off."""


class _KindOnly(logging.Filter):
    """Keeps what strangers send out of the log: neither its text nor how often they send what is no request."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Drop what is the sender's fault, and leave of anything else its kind."""
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, ConnectionError) or type(error).__module__.startswith("aiohttp."):
            return False
        record.msg, record.args = "a request could not be answered: %s", (type(error).__name__,)
        record.exc_info = record.exc_text = None
        return True


server_logger: Final = logging.getLogger(f"{__name__}.server")
"""For aiohttp's servers that anybody can reach; its own would write requests out."""
server_logger.addFilter(_KindOnly())


class Intake(Enum):
    """What became of a delivery."""

    STORED = "stored"
    KNOWN = "known"
    UNKNOWN = "unknown"
    REFUSED = "refused"


Receive = Callable[[str, dict[str, Any]], Awaitable[Intake]]
"""Takes the secret of an address and the JSON object that came there; it is on the disk when this returns.

Raises:
    StorageError: It could not be kept; it should be delivered again.
"""

_STATUS: Final = {Intake.STORED: 200, Intake.KNOWN: 200, Intake.UNKNOWN: 404, Intake.REFUSED: 400}


class WebhookReceiver:
    """Listens on loopback for ``POST /…/<secret>``; paths and bodies are never logged.

    Args:
        receive: Takes what came.
        port: On loopback; 0 for any free one.
        read_limit_s: How long a body may take.
    """

    def __init__(self, receive: Receive, port: int, *, read_limit_s: float = READ_LIMIT_S) -> None:
        self._receive = receive
        self._wanted_port = port
        self._read_limit_s = read_limit_s
        self._runner: web.AppRunner | None = None
        self._port = 0

    @property
    def port(self) -> int:
        """Where it listens; 0 while it does not."""
        return self._port

    async def start(self) -> None:
        """Begin to listen.

        Raises:
            ProviderRejected: Kind ``webhook``: the port is taken, or may not be used.
        """
        web = await asyncio.to_thread(load_web)
        app = web.Application(client_max_size=BODY_LIMIT)
        app.router.add_route("*", "/{path:.*}", self._answer)
        # The access log would hold the paths, which are secrets.
        runner = web.AppRunner(
            app, access_log=None, logger=server_logger, shutdown_timeout=STOP_LIMIT_S, lingering_time=1.0
        )
        await runner.setup()
        try:
            await web.TCPSite(runner, HOST, self._wanted_port).start()
        except OSError as error:
            await runner.cleanup()
            raise port_refused(self._wanted_port) from error
        except BaseException:
            await runner.cleanup()
            raise
        self._runner = runner
        self._port = int(runner.addresses[0][1])

    async def stop(self) -> None:
        """Finish what is in hand and stop listening."""
        runner, self._runner, self._port = self._runner, None, 0
        if runner is not None:
            await runner.cleanup()

    async def _answer(self, request: web.Request) -> web.Response:
        from aiohttp import web

        if request.method != "POST":
            return web.Response(status=405, headers={"Allow": "POST"})
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
        # A public address may have a path of its own before the secret.
        secret = request.match_info["path"].rpartition("/")[2]
        return web.Response(status=await take(self._receive, secret, body))


async def take(receive: Receive, secret: str, body: dict[str, Any]) -> int:
    """Hand a delivery on and return the HTTP status of what became of it; 503 asks to deliver it again."""
    try:
        return _STATUS[await receive(secret, body)]
    except Exception as error:  # noqa: BLE001 - whatever it was, the sender is asked to come again
        # The text of the error could hold parts of the delivery.
        logger.warning("a delivery could not be kept: %s", type(error).__name__)
        return 503


def load_web() -> Any:
    """Import ``aiohttp.web``, which takes a while: call it in a thread."""
    from aiohttp import web

    return web


def json_object(raw: bytes) -> dict[str, Any] | None:
    """Return a JSON object; None for anything else."""
    try:
        value = json.loads(raw, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def port_refused(port: int) -> ProviderRejected:
    """Say that a port cannot be listened on."""
    return ProviderRejected(
        message("Port {port} of this computer is used by another program, so no results can be received.", port=port),
        message("End that program, or choose another port under Settings → Webhook and in your tunnel."),
        kind="webhook",
    )
