"""Clients that are closed again, and waits that are noted instead of waited."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from faceswap_desktop.transport.client import ApiClient
from tests.unit.transport.servers import Internet


class Waits:
    """Notes how long was to be waited, and does not."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.seconds.append(seconds)
        await asyncio.sleep(0)


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture
def waits() -> Waits:
    return Waits()


@pytest.fixture
def internet(monkeypatch: pytest.MonkeyPatch) -> Internet:
    made = Internet()
    made.install(monkeypatch)
    return made


@pytest.fixture
async def client_of(waits: Waits) -> AsyncIterator[Callable[..., ApiClient]]:
    """Return what makes clients of a base address; they are closed at the end."""
    made: list[ApiClient] = []

    def make(base_url: str, **options: Any) -> ApiClient:
        made.append(ApiClient("akool", lambda: base_url, **{"sleep": waits.sleep, **options}))
        return made[-1]

    yield make
    for client in made:
        await client.close()
