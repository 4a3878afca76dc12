from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest_asyncio

from faceswap_desktop.providers.protocol import Provider
from tests.unit.jobs.support import World, open_world

OpenWorld = Callable[..., Awaitable[World]]


@pytest_asyncio.fixture
async def opened(tmp_path: Path) -> AsyncIterator[OpenWorld]:
    """Opens the program on one home folder, several times if wanted; closes what is open at the end."""
    worlds: list[World] = []

    async def open_one(*providers: Provider, **options: Any) -> World:
        for world in worlds:
            await world.close()
        worlds.clear()
        worlds.append(await open_world(tmp_path / "home", *providers, **options))
        return worlds[0]

    yield open_one
    for world in worlds:
        await world.close()
