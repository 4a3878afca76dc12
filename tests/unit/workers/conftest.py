"""A pool whose workers know the misbehaving tasks."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest_asyncio

from faceswap_desktop.workers.pool import WorkerPool

MakePool = Callable[..., Any]


@pytest_asyncio.fixture
async def make_pool(tmp_path: Path) -> AsyncIterator[MakePool]:
    pools: list[WorkerPool] = []

    async def make(**changes: Any) -> WorkerPool:
        options: dict[str, Any] = {"job_slots": 1, "memory_mb": 0, "task_limit_s": 30.0}
        options["task_modules"] = ("tests.unit.workers.rogue_tasks",)
        options.update(changes)
        pool = WorkerPool(tmp_path / "cache", **options)
        pools.append(pool)
        await pool.start(warm=False)
        return pool

    yield make
    for pool in pools:
        await pool.close()
