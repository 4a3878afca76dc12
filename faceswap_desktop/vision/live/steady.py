"""Takes the trembling out of meshes as they come: firm at rest, and at once where something moves.

A one-euro filter (Casiez, Roussel, Vogel 2012) with its speed read from how far the newest value lies from where the
face stands. Read from the past, as usual, the speed is known a few frames late, and the mesh with it. What lies within
the noise is held nearly still; what is beyond it is followed wholly, so that a mesh is never further behind than its
noise is wide.

Place, roll and size of a face are smoothed apart from its shape, and the shape point by point, so that a blink or a
word stays quick in a head at rest.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from faceswap_desktop.vision.arrays import Floats
from faceswap_desktop.vision.tracking.smooth import Parts, neighbours, put_together, taken_apart

Array = NDArray[np.float64]

_REST_HZ: Final = 0.8
"""Cutoff of the filter for what does not move."""
_SLOPE_HZ: Final = 150.0
"""By how much the cutoff grows with the speed beyond the noise, per size of the face and second."""
_NOISE: Final = {"place": 0.002, "turn": 0.003, "shape": 0.004}
"""What trembles from frame to frame, in sizes of the face: speed counts from there."""
_LEAST_STEP_S: Final = 1 / 120
_LONGEST_STEP_S: Final = 0.2
"""After a longer gap nothing of the past counts."""


class Steady:
    """Smooths the meshes of one face. Given one by one, in order."""

    def __init__(self) -> None:
        self._last: tuple[float, Parts] | None = None

    def forget(self) -> None:
        """Begin anew with the next mesh."""
        self._last = None

    def take(self, points: Floats, now_s: float) -> Floats:
        """Take in the next mesh; return it without its trembling.

        Args:
            points: float32 (478, 3), as fitted.
            now_s: When the frame was taken, in seconds.

        Returns:
            float32 (478, 3).
        """
        found = taken_apart(points[None])
        if self._last is None or not 0.0 < now_s - self._last[0] <= _LONGEST_STEP_S:
            self._last = now_s, found
            return points
        step = max(_LEAST_STEP_S, now_s - self._last[0])
        steadied = _moved(self._last[1], found, step)
        self._last = now_s, steadied
        together: Floats = put_together(steadied)[0]
        return together


def _moved(before: Parts, found: Parts, step_s: float) -> Parts:
    """Return where a face stands now that it was found somewhere."""
    size = np.abs(before.turn)
    away = found.middle - before.middle
    middle = before.middle + away * _share(np.abs(away) / size, _NOISE["place"], step_s)
    growth = np.log(found.turn / before.turn)
    turn = before.turn * np.exp(growth * _share(np.abs(growth), _NOISE["turn"], step_s))
    apart = found.shape - before.shape
    strays = np.sqrt(((apart[..., :2] ** 2).sum(axis=2) @ neighbours().T).clip(0.0))
    shape = before.shape + apart * _share(strays, _NOISE["shape"], step_s)[..., None]
    return Parts(middle, np.asarray(turn, np.complex128), shape)


def _share(away: Array, noise: float, step_s: float) -> Array:
    """Say how far one goes from where one stands to what was found, 0 to 1, by how far apart they are."""
    speed = np.maximum(away - noise, 0.0) / step_s
    turned = 2.0 * np.pi * (_REST_HZ + _SLOPE_HZ * speed) * step_s
    return np.asarray(turned / (1.0 + turned), dtype=np.float64)
