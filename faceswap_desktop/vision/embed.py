"""What makes a face this person's: an embedding of the aligned face."""

from __future__ import annotations

from typing import Any, Final, cast

import numpy as np

from faceswap_desktop.vision.arrays import Floats, Picture
from faceswap_desktop.vision.checkpoints import session
from faceswap_desktop.vision.crop import cut, similarity

CHECKPOINT: Final = "sface_2021dec"

_SIZE: Final = 112
_TEMPLATE: Final[Floats] = _SIZE * np.array(
    [
        [0.34191607, 0.46157411],
        [0.65653393, 0.45983393],
        [0.50022500, 0.64050536],
        [0.37097589, 0.82469196],
        [0.63151696, 0.82325089],
    ],
    np.float32,
)
"""Where the five points stand in the aligned face (the template known as arcface_112_v2)."""


def embed(image: Picture, five_points: Floats) -> Floats:
    """Return the embedding of one face: float32 (128,), L2-normalised; compare two by their dot product.

    Args:
        image: uint8 (height, width, 3), RGB.
        five_points: (5, 2) in pixels of the picture, in the detector's order.

    Raises:
        numpy.linalg.LinAlgError: All five points lie in one place.
    """
    return embed_aligned(aligned(image, five_points))


def aligned(image: Picture, five_points: Floats) -> Picture:
    """Return the crop (112, 112, 3) that is embedded; see ``embed``."""
    return cut(image, similarity(five_points, _TEMPLATE), _SIZE)


def embed_aligned(crop: Picture) -> Floats:
    """Return the embedding of a crop that ``aligned`` cut: float32 (128,), L2-normalised."""
    blob = crop.astype(np.float32).transpose(2, 0, 1)[None]
    (output,) = cast("list[Any]", session(CHECKPOINT).run(None, {"data": blob}))
    vector = np.asarray(output, np.float32).ravel()
    return cast("Floats", vector / max(float(np.linalg.norm(vector)), 1e-9))
