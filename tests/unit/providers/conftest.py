"""Workers that make copies, and a picture of two people, for every provider's jobs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from faceswap_desktop.workers.pool import WorkerPool
from tests.unit.providers.couples import Couple, a_couple


@pytest_asyncio.fixture
async def pool(tmp_path: Path) -> AsyncIterator[WorkerPool]:
    made = WorkerPool(tmp_path / "cache", job_slots=1, memory_mb=4096, task_limit_s=120)
    await made.start(warm=False)
    yield made
    await made.close()


@pytest.fixture(scope="module")
def couple(tmp_path_factory: pytest.TempPathFactory) -> Couple:
    return a_couple(tmp_path_factory.mktemp("pictures"))
