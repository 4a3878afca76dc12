"""High dynamic range seen as ordinary brightness, and a change made there carried back.

Frames in PQ or HLG look grey and flat when their samples are shown as they are, and a face of ordinary brightness laid
into them would glow. So a face is worked on in a view of its own: the light that the samples stand for, in BT.709's
colours, with what is brighter than paper bent down softly. The view can be undone, so what is changed in it is put
back as a change of the samples; where nothing changed, nothing does.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
Exact = NDArray[np.float64]
Bytes = NDArray[np.uint8]

_PAPER_NITS: Final = 203.0
"""Brightness of white paper in HDR (ITU-R BT.2408)."""
_MOST_NITS: Final = {"smpte2084": 10000.0, "arib-std-b67": 1000.0}
_KNEE: Final = 0.75
"""Up to here (paper white is 1) brightness is shown as it is; above, it is bent towards the view's white."""
_BRIGHT: Final = 1.2
"""Brightest of what is put in, in units of paper white: a shine on skin."""
_GAMMA: Final = 2.2
_STEPS: Final = 4096

_TO_709: Final = np.array(
    [[1.660491, -0.587641, -0.072850], [-0.124550, 1.132900, -0.008349], [-0.018151, -0.100579, 1.118730]]
)
"""Linear BT.2020 to linear BT.709 (ITU-R BT.2087)."""
_TO_2020: Final = np.linalg.inv(_TO_709)


def _light_of(transfer: str, signal: Exact) -> Exact:
    """Return the light (1 is paper white) that a signal of 0 to 1 stands for: SMPTE ST 2084, ITU-R BT.2100 HLG."""
    if transfer == "smpte2084":
        m1, m2, c1, c2, c3 = 2610 / 16384, 2523 / 32, 3424 / 4096, 2413 / 128, 2392 / 128
        power = signal ** (1 / m2)
        return np.asarray((np.maximum(power - c1, 0.0) / (c2 - c3 * power)) ** (1 / m1) * 10000.0 / _PAPER_NITS)
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    scene = np.where(signal <= 0.5, signal**2 / 3.0, (np.exp((signal - c) / a) + b) / 12.0)
    # The display's own gamma is taken per channel: close enough for a view, and it can be undone.
    return np.asarray(scene**1.2 * 1000.0 / _PAPER_NITS)


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """One transfer function, as tables.

    Attributes:
        light: (4096,) light of the signals 0 to 1, evenly spaced; ascending.
        most: The brightest light.
    """

    light: Exact
    most: float

    def _linear(self, signal: NDArray[np.floating]) -> Exact:
        place = np.clip(signal / 255.0, 0.0, 1.0) * (_STEPS - 1)
        return np.asarray(np.interp(place, np.arange(_STEPS), self.light))

    def _signal(self, light: Exact) -> Exact:
        return np.asarray(np.interp(np.maximum(light, 0.0), self.light, np.arange(_STEPS)) * (255.0 / (_STEPS - 1)))

    def _bent(self, light: Exact) -> Exact:
        """Bend light above the knee so that the brightest just reaches 1."""
        span = self.most - _KNEE
        above = np.maximum(light - _KNEE, 0.0)
        bent = (1.0 - _KNEE) * np.log1p(above * 12.0) / np.log1p(span * 12.0)
        return np.asarray(np.where(light > _KNEE, _KNEE + bent, light))

    def _straight(self, shown: Exact) -> Exact:
        span = self.most - _KNEE
        above = np.maximum(shown - _KNEE, 0.0) / (1.0 - _KNEE)
        return np.asarray(np.where(shown > _KNEE, _KNEE + np.expm1(above * np.log1p(span * 12.0)) / 12.0, shown))

    def _paper(self) -> np.float32:
        """Return the view's value of something a little brighter than white paper."""
        return np.float32(255.0 * float(self._bent(np.array([_BRIGHT]))[0]) ** (1.0 / _GAMMA))

    def to_view(self, rgb: NDArray[np.floating]) -> Array:
        """Show a picture of (h, w, 3) signals 0 to 255 in ordinary brightness, (h, w, 3) float32 0 to 255."""
        light = np.maximum(self._linear(rgb) @ _TO_709.T, 0.0)
        return (np.clip(self._bent(light), 0.0, 1.0) ** (1.0 / _GAMMA) * 255.0).astype(np.float32)

    def _from_view(self, shown: NDArray[np.floating]) -> Exact:
        light = self._straight(np.clip(shown / 255.0, 0.0, 1.0).astype(np.float64) ** _GAMMA)
        return self._signal(light @ _TO_2020.T)

    def change(self, before: Bytes, change: Array) -> Array:
        """Carry a change of the view back to the signals.

        Args:
            before: (h, w, 3) the view.
            change: (h, w, 3) what is added to it.

        Returns:
            (h, w, 3) float32, what is to be added to the signals of 0 to 255; exactly 0 where ``change`` is.
        """
        seen = before.astype(np.float32)
        # The view's last few steps stand for thousands of nits: what is put in is never brighter than paper, unless
        # it was before.
        after = np.minimum(seen + change, np.maximum(seen, self._paper()))
        moved: Exact = self._from_view(after) - self._from_view(seen)
        moved[(change == 0.0).all(axis=2)] = 0.0
        return moved.astype(np.float32)


@cache
def curve_of(transfer: str) -> Curve | None:
    """Return the curve of a transfer function by FFmpeg's name; None where it is an ordinary one."""
    if transfer not in _MOST_NITS:
        return None
    light = _light_of(transfer, np.linspace(0.0, 1.0, _STEPS))
    # Equal neighbours cannot be told apart on the way back.
    light = np.maximum.accumulate(light) + np.arange(_STEPS) * 1e-12
    return Curve(light, _MOST_NITS[transfer] / _PAPER_NITS)
