"""States of a session as the service would tell them: for widgets alone."""

from __future__ import annotations

from types import MappingProxyType

import numpy as np

from faceswap_desktop.domain.faces import SourceFaceId
from faceswap_desktop.domain.geometry import BoundingBox
from faceswap_desktop.domain.live import LivePart, LivePerson, LivePicture, Shown
from faceswap_desktop.services.live_state import LivePhase, LiveState

WIDTH, HEIGHT = 320, 240
LEFT = LivePerson(1, BoundingBox(40.0, 40.0, 120.0, 140.0))
RIGHT = LivePerson(2, BoundingBox(180.0, 60.0, 260.0, 160.0))


def picture(number: int = 1, grey: int = 128, shown: Shown = Shown.SWAPPED) -> LivePicture:
    """Return a plain picture."""
    pixels = np.full((HEIGHT, WIDTH, 3), grey, np.uint8).tobytes()
    return LivePicture(number, 0, WIDTH, HEIGHT, pixels, shown)


def running(*people: LivePerson, parts: dict[int, LivePart] | None = None, source: str = "") -> LiveState:
    """Return a session that runs with these people in the picture."""
    return LiveState(
        phase=LivePhase.RUNNING,
        people=people,
        everyone=LivePart(SourceFaceId(source) if source else None),
        parts=MappingProxyType(parts or {}),
        shown=Shown.SWAPPED,
    )
