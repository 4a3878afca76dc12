"""A pool whose workers know the misbehaving tasks, and scripted scores in the classifier's place."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from faceswap_desktop.vision import sensitive
from faceswap_desktop.workers.pool import WorkerPool
from tests.scripted_looks import Rgb, scripted

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


@pytest.fixture
def scores(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Put scripted scores in the classifier's place; return those that were given."""
    given: list[float] = []

    def remembered(picture: Rgb) -> float:
        given.append(scripted(picture))
        return given[-1]

    monkeypatch.setattr(sensitive, "score", remembered)
    return given
