"""Hundreds of jobs at AKOOL on loopback: one request asks after all of them, and few connections do the rest."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest_asyncio
from aiohttp import web

from faceswap_desktop.domain.work import Handle
from faceswap_desktop.providers.akool.api import MOST_IDS
from faceswap_desktop.providers.facts import facts_of
from tests.contract import akool_service as akool
from tests.contract.akool_service import Answer, recorded, says
from tests.unit.providers.akool.akool_jobs import World, a_world
from tests.unit.providers.clouds import JobContext
from tests.unit.providers.couples import Couple, a_couple

TICKS = 6


@dataclass
class Busy:
    """A service that takes its time, so that requests meet there; counts them and their connections."""

    url: str = ""
    at_once: int = 0
    most: int = 0
    connections: set[Any] = field(default_factory=set)
    most_connections: int = 0

    async def answer(self, request: web.Request) -> web.Response:
        await request.read()
        self.connections = {one for one in self.connections if not one.is_closing()} | {request.transport}
        self.most_connections = max(self.most_connections, len(self.connections))
        self.at_once += 1
        self.most = max(self.most, self.at_once)
        for _ in range(50):
            await asyncio.sleep(0)
        self.at_once -= 1
        return web.json_response({"code": 1000, "data": {"_id": "a" * 24, "job_id": "b", "credit": 5}})


@pytest_asyncio.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with a_world(tmp_path) as opened:
        yield opened


@pytest_asyncio.fixture
async def busy() -> AsyncIterator[Busy]:
    service = Busy()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", service.answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=5)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    service.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield service
    await runner.cleanup()


def contexts(couple: Couple, folder: Path, count: int) -> list[tuple[Handle, JobContext]]:
    recipe = couple.recipe("akool", {0: "Eva"})
    return [(Handle("akool", {"id": f"{number:024}"}), JobContext(recipe, str(folder))) for number in range(count)]


async def test_as_many_jobs_as_akool_is_given_cost_one_request_per_tick(world: World, tmp_path: Path) -> None:
    count = facts_of("akool").max_concurrent_jobs
    assert 200 <= count <= MOST_IDS
    jobs = contexts(a_couple(tmp_path), tmp_path, count)
    everybody = [handle.values["id"] for handle, _ in jobs]
    world.service.will(akool.QUOTA, recorded("quota_info"))
    asked_for: list[list[str]] = []

    def rows(asked: akool.Asked) -> Answer:
        ids = asked.query["_ids"].split(",")
        # Jobs may join after the first looks have begun.
        if sorted(ids) == everybody or asked_for:
            asked_for.append(sorted(ids))
        status, progress = (3, 100) if len(asked_for) >= TICKS else (2, min(99, 10 * len(asked_for)))
        found = [
            {"_id": one, "faceswap_status": status, "progress": progress, "url": f"https://r.example.com/{one}.jpg"}
            for one in ids
        ]
        return says({"code": 1000, "data": {"result": found}})

    world.service.will(akool.LIST, rows)
    done = await asyncio.gather(*(world.provider.run(handle, context) for handle, context in jobs))
    assert len(done) == count
    # Each tick all of them, in one request; and none after the last is done.
    assert asked_for == [everybody] * TICKS
    assert all(context.words == ["queue", "process"] for _, context in jobs)
    before = len(world.service.on(akool.LIST))
    assert before - TICKS <= 2
    await asyncio.sleep(0.05)
    assert len(world.service.on(akool.LIST)) == before


async def test_hundreds_of_calls_go_over_few_connections(world: World, busy: Busy) -> None:
    world.service.url = busy.url
    world.set()
    account = world.provider.account
    found = await asyncio.gather(*(account.credits() for _ in range(200)))
    assert found == [5.0] * 200
    assert 1 < busy.most <= 10
    assert busy.most_connections <= 10
