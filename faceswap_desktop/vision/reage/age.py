"""Estimates how old a face looks."""

from __future__ import annotations

from typing import Any, Final, cast

import numpy as np

from faceswap_desktop.vision.arrays import Floats, Picture
from faceswap_desktop.vision.checkpoints import session
from faceswap_desktop.vision.crop import cut, similarity
from faceswap_desktop.vision.detect import Detection
from faceswap_desktop.vision.mesh import Mesh, fit_mesh

CHECKPOINT: Final = "age_v1"
OLDEST: Final = 80
"""End of the network's scale: whoever looks older is given this."""

_CHIP: Final = 64
_PADDING: Final = 0.2
_POINTS: Final = (263, 362, 33, 133, 2)
"""Outer and inner corners of both eyes, and the base of the nose."""
_TEMPLATE: Final[Floats] = (
    (
        np.array([[0.8596, 0.2135], [0.6461, 0.2290], [0.1206, 0.2137], [0.3341, 0.2291], [0.4901, 0.6278]], np.float32)
        + np.float32(_PADDING)
    )
    / np.float32(1.0 + 2.0 * _PADDING)
    * np.float32(_CHIP)
)
_SCALES: Final = (0.94, 0.98, 1.02, 1.06)
_SHIFTS: Final = ((-1.0, -1.0), (1.0, 1.0))
"""Pixels of the chip."""
_MEANS: Final[Floats] = np.array([122.782, 117.001, 104.298], np.float32)


def estimate_age(pixels: Picture, face: Mesh | Detection) -> float | None:
    """Estimate how many years old a face looks.

    The network (dlib's age model by Cydral, CC0: 81 classes from 0 to 80 years) reads sixteen views of the face, two
    flips by four scales by two shifts, and their expectations are averaged. One reading alone swings by eight years
    with contrast, sharpening or recompression; the mean of sixteen still by about three. Its own error against the
    age that people guess is five years and more, and it grows with glasses, hats and heads turned by over 30 degrees.
    So it is worth something only when the same face is compared before and after. Nobody reads as over 80.

    Args:
        pixels: uint8 (height, width, 3), RGB, upright.
        face: Its mesh, or where the detector saw it.

    Returns:
        Years, 0 to 80; None where there is no face to read after all.
    """
    mesh = fit_mesh(pixels, face) if isinstance(face, Detection) else face
    if mesh is None:
        return None
    points = mesh.points[list(_POINTS), :2]
    if float(np.ptp(points, axis=0).max()) < 1.0:
        return None
    chips = np.stack([_view(pixels, points, scale, shift) for scale in _SCALES for shift in _SHIFTS])
    views = np.concatenate([chips, chips[:, :, ::-1]]).astype(np.float32)
    blob = np.ascontiguousarray(((views - _MEANS) / np.float32(256)).transpose(0, 3, 1, 2))
    (output,) = cast("list[Any]", session(CHECKPOINT).run(None, {"images": blob}))
    shares = np.asarray(output, np.float64).reshape(len(views), OLDEST + 1)
    return float((shares @ np.arange(OLDEST + 1)).mean())


def _view(pixels: Picture, points: Floats, scale: float, shift: tuple[float, float]) -> Picture:
    """Cut one chip of 64 pixels; the template's middle stays where it is when it is scaled."""
    middle = np.float32(_CHIP / 2.0)
    template = (_TEMPLATE - middle) * np.float32(scale) + middle + np.array(shift, np.float32)
    return cut(pixels, similarity(points, template.astype(np.float32)), _CHIP)
