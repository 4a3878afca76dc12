"""A worker's memory is limited, so that a hostile file cannot take the computer's."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from PIL import Image

from faceswap_desktop.media.limits import limit_memory
from tests.unit.media import making, processes

CODE = """
import sys
from faceswap_desktop.media.limits import limit_memory
from faceswap_desktop.media.picture import open_upright
print(limit_memory(int(sys.argv[2])))
try:
    print(open_upright(sys.argv[1]).size.width)
except MemoryError:
    print("MemoryError")
limit_memory(4000)
print(open_upright(sys.argv[1]).size.width)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux enforces the limit")
@pytest.mark.parametrize("kind", ["png", "jpg", "tif"])
def test_a_picture_that_needs_too_much_memory(tmp_path: Path, kind: str) -> None:
    path = making.save(Image.new("RGB", (5_000, 5_000)), tmp_path / f"a.{kind}")
    assert processes.run_python(CODE, path, "100").split() == ["True", "MemoryError", "5000"]


@pytest.mark.skipif(sys.platform == "linux", reason="there it would limit the tests")
def test_elsewhere_it_says_that_there_is_no_limit() -> None:
    assert limit_memory(1) is False
