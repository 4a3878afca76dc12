"""The server: all four services, the bucket and the results on one port of this computer."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import Any, Final

import aiohttp
from aiohttp import web

from faceswap_desktop.domain.settings import ProvidersSettings
from faceswap_desktop.sandbox.aifaceswap import Aifaceswap
from faceswap_desktop.sandbox.aigs import Aigs
from faceswap_desktop.sandbox.akool import Akool
from faceswap_desktop.sandbox.books import Books
from faceswap_desktop.sandbox.bucket import NAME, Bucket
from faceswap_desktop.sandbox.engine import Engine, Parts
from faceswap_desktop.sandbox.faults import SERVICES, FaultBook
from faceswap_desktop.sandbox.fetching import Fetcher
from faceswap_desktop.sandbox.shelf import Shelf
from faceswap_desktop.sandbox.world import World

HOST: Final = "127.0.0.1"
_MOST_BODY_BYTES: Final = 256 << 20
_CLOSING_S: Final = 2.0


class SandboxServer:
    """Serves until it is closed.

    Attributes:
        addresses: Where everything is, once it is started; keys as the command prints them.
    """

    def __init__(
        self,
        parts: Parts,
        folder: Path,
        *,
        faults: Iterable[str] = (),
        providers: ProvidersSettings | None = None,
    ) -> None:
        """Prepare.

        Args:
            parts: The services that do the work.
            folder: For what comes in; its files are the caller's to remove.
            faults: As ``faults.parse_fault`` reads them.
            providers: Prices; the default ones if None.

        Raises:
            ValueError: A fault is unknown.
        """
        self._parts = parts
        self._folder = folder
        self._faults = FaultBook(faults)
        self._providers = providers or ProvidersSettings()
        self._runner: web.AppRunner | None = None
        self._world: World | None = None
        self.addresses: dict[str, str] = {}

    async def start(self, port: int = 0) -> dict[str, str]:
        """Listen, and return where.

        Raises:
            OSError: The port is taken.
        """
        session = aiohttp.ClientSession(auto_decompress=False)
        shelf = Shelf(self._faults)
        fetcher = Fetcher(self._folder / "fetched", session)
        world = World(Engine(self._parts), fetcher, shelf, Books(), self._faults, session, self._providers)
        self._world = world
        bucket = Bucket(self._folder / "bucket")
        app = web.Application(client_max_size=_MOST_BODY_BYTES, middlewares=[_only_here])
        akool = Akool(world)
        for service in (akool, Aigs(world), Aifaceswap(world), bucket):
            app.add_routes(service.routes())
        app.add_routes(
            [
                web.get("/results/{token}/{name}", shelf.serve),
                web.get("/sandbox/state", lambda request: self._state(request, world, bucket, akool)),
                web.post("/sandbox/faults", self._set_faults),
                web.post("/sandbox/credits", lambda request: _set_credits(request, world)),
            ]
        )
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=_CLOSING_S)
        await self._runner.setup()
        site = web.TCPSite(self._runner, HOST, port)
        try:
            await site.start()
        except OSError:
            await self.close()
            raise
        bound = self._runner.addresses[0][1]
        base = f"http://{HOST}:{bound}"
        shelf.base_url = base
        self.addresses = {
            "sandbox": base,
            "akool": f"{base}/akool",
            "akool_detect": f"{base}/akool-sg3",
            "aifaceswap": f"{base}/aifaceswap/api/aifaceswap/v1",
            "aigs": f"{base}/aigs/v1",
            "s3": f"{base}/s3",
            "bucket": NAME,
        }
        return self.addresses

    async def close(self) -> None:
        """Stop listening, and drop what is being made."""
        if self._world is not None:
            await self._world.close()
            await self._world.session.close()
            # The connector closes its sockets in the next round of the loop.
            await asyncio.sleep(0)
            self._world = None
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _state(self, _request: web.Request, world: World, bucket: Bucket, akool: Akool) -> web.Response:
        # First, because it takes what open sessions cost by now.
        live = akool.live.to_json()
        state = world.books.to_json() | {"faults": self._faults.to_json(), "hosted": bucket.keys, "live": live}
        return web.json_response(state)

    async def _set_faults(self, request: web.Request) -> web.Response:
        try:
            body = json.loads(await request.read())
            self._faults.replace({str(service): [str(one) for one in specs] for service, specs in body.items()})
        except (ValueError, TypeError, AttributeError) as error:
            return web.json_response({"error": str(error)}, status=400)
        return web.json_response(self._faults.to_json())


async def _set_credits(request: web.Request, world: World) -> web.Response:
    try:
        body: dict[str, Any] = json.loads(await request.read())
        amounts = {service: float(amount) for service, amount in body.items()}
    except (ValueError, TypeError, AttributeError) as error:
        return web.json_response({"error": str(error)}, status=400)
    if not set(amounts) <= set(SERVICES):
        return web.json_response({"error": f"the services are: {', '.join(SERVICES)}"}, status=400)
    world.books.credits.update(amounts)
    return web.json_response(world.books.credits)


@web.middleware
async def _only_here(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Refuse pages of the internet that reach for this computer, under whatever name they call it."""
    host = request.host.partition(":")[0]
    if host not in {HOST, "localhost"} or request.headers.get("Origin") not in {None, ""}:
        return web.Response(status=403, text="The sandbox answers programs of this computer only.")
    return await handler(request)
