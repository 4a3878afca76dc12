"""A home and an open database for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from faceswap_desktop.storage.database import Database
from faceswap_desktop.storage.paths import Home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path / "home 'with\" ünï 名前")
    made.create()
    return made


@pytest_asyncio.fixture
async def db(home: Home) -> AsyncIterator[Database]:
    database = await Database.open(home.database)
    yield database
    await database.close()
