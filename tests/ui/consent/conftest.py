"""A program in which nobody has said anything about anybody."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from faceswap_desktop.compose import Program, build
from faceswap_desktop.storage.paths import Home


@pytest.fixture
async def program(home: Home) -> AsyncIterator[Program]:
    """Return the composed program, not started."""
    built = await build(home)
    yield built
    await built.close()
