"""The two sample photos, loaded and searched once."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from faceswap_desktop.resources import resource_path
from faceswap_desktop.vision.arrays import Picture
from tests.unit.vision.scenes import Person, person


def _sample(name: str) -> Picture:
    with Image.open(resource_path("samples", name)) as opened:
        pixels = np.array(opened.convert("RGB"))
    pixels.flags.writeable = False
    return pixels


@pytest.fixture(scope="session")
def collins() -> Person:
    """Eileen Collins, 512 by 512, a face of 114 px, without glasses."""
    return person(_sample("eileen_collins.png"))


@pytest.fixture(scope="session")
def hopper() -> Person:
    """Grace Hopper, 512 by 600, a face of 213 px, with glasses."""
    return person(_sample("grace_hopper.jpg"))


@pytest.fixture(scope="session", params=["collins", "hopper"])
def someone(request: pytest.FixtureRequest) -> Person:
    """Each of the two."""
    found = request.getfixturevalue(request.param)
    assert isinstance(found, Person)
    return found
