"""What the tests of pictures share."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder in which nothing but the test's own files lie."""
    inner = tmp_path / "of this test"
    inner.mkdir()
    return inner
