"""Small pictures of the people in front of a camera, by which they are told in a list."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from faceswap_desktop.vision.arrays import Picture
from faceswap_desktop.vision.live.aside import Aside
from faceswap_desktop.vision.live.face import LiveFace

EDGE_PX: Final = 128
_ROOM: Final = 1.7
"""Side of the square that is shown, in heights of the face."""
_UP: Final = 0.08
_BETTER: Final = 1.15
_EVERY_S: Final = 1.0
_JPEG: Final = 85
_MOST: Final = 64


class Portraits:
    """Makes a portrait of everybody, and a new one where it becomes better."""

    def __init__(self, aside: Aside) -> None:
        self._aside = aside
        self._best: dict[int, tuple[float, float]] = {}
        self._made: list[tuple[int, bytes]] = []

    def offer(self, image: Picture, face: LiveFace, now_s: float) -> None:
        """Make a portrait of somebody, if this frame shows them better than the last one that was made.

        Args:
            image: uint8 (height, width, 3), RGB, as the camera gave it; nobody may write to it any more.
            face: Somebody in it.
            now_s: When it was taken, in seconds.
        """
        if not face.is_known:
            return
        quality, made_s = self._best.get(face.number, (0.0, -_EVERY_S))
        if now_s - made_s < _EVERY_S or face.looks.quality <= quality * _BETTER:
            return
        self._best.pop(face.number, None)
        self._best[face.number] = face.looks.quality, now_s
        while len(self._best) > _MOST:
            del self._best[next(iter(self._best))]
        number, box = face.number, face.box()
        self._aside.do(lambda: portrait(image, box), lambda jpeg: self._made.append((number, jpeg)))

    def collect(self) -> tuple[tuple[int, bytes], ...]:
        """Return the portraits that were finished since the last call: the person's number, and a JPEG."""
        made, self._made = tuple(self._made), []
        return made


def portrait(image: Picture, box: tuple[float, float, float, float]) -> bytes:
    """Return a square picture of a face as a JPEG; what lies beyond the frame repeats its edge.

    Args:
        image: uint8 (height, width, 3), RGB.
        box: Left, top, right and bottom of the face.
    """
    left, top, right, bottom = box
    height = max(bottom - top, right - left, 4.0)
    side = _ROOM * height
    x, y = (left + right) / 2 - side / 2, (top + bottom) / 2 - _UP * height - side / 2
    scale = EDGE_PX / side
    matrix = np.array([[scale, 0.0, -x * scale], [0.0, scale, -y * scale]])
    step = max(1, int(0.5 / scale))
    if step > 1:
        # A large face is thinned by averages first, or its portrait would be rough.
        size = (max(1, image.shape[1] // step), max(1, image.shape[0] // step))
        image = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
        matrix[:, :2] *= step
    small = cv2.warpAffine(image, matrix, (EDGE_PX, EDGE_PX), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    _, encoded = cv2.imencode(".jpg", cv2.cvtColor(small, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, _JPEG])
    return encoded.tobytes()
