"""The two sample pictures with their faces, and views of a head turned by some degrees, made from them."""

from __future__ import annotations

from functools import cache
from typing import Final, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from faceswap_desktop.resources import resource_path
from faceswap_desktop.vision.atlas import Atlas, build_atlas
from faceswap_desktop.vision.detect import detect
from faceswap_desktop.vision.layout import with_rim
from faceswap_desktop.vision.mesh import Mesh, fit_mesh
from faceswap_desktop.vision.warp import draw_ids, map_coordinates, paint_order, sample

Picture = NDArray[np.uint8]

COLLINS: Final = "eileen_collins.png"
HOPPER: Final = "grace_hopper.jpg"
_VIEW_SIDE: Final = 512


class Face(NamedTuple):
    """A picture, the mesh of its largest face, and the atlas built from it."""

    picture: Picture
    mesh: Mesh
    atlas: Atlas


def found(picture: Picture, number: int = 0) -> Mesh:
    """Fit the mesh of a picture's face; 0 is the largest."""
    mesh = fit_mesh(picture, detect(picture)[number])
    assert mesh is not None
    return mesh


@cache
def sample_face(name: str) -> Face:
    """Load a sample; arrays are shared and read-only."""
    with Image.open(resource_path("samples") / name) as image:
        picture = np.asarray(image.convert("RGB"), dtype=np.uint8)
    picture.setflags(write=False)
    mesh = found(picture)
    return Face(picture, mesh, build_atlas([(picture, mesh)]))


def turned_view(face: Face, yaw_degrees: float) -> Picture:
    """Draw the face's own mesh, textured with its photo, as a camera would see it from the side."""
    points = with_rim(face.mesh.points)
    points[:, :2] -= 0.5
    centred = points - points[:468].mean(axis=0)
    angle = np.radians(yaw_degrees)
    cosine, sine = np.cos(angle), np.sin(angle)
    turned = np.stack(
        [
            centred[:, 0] * cosine - centred[:, 2] * sine,
            centred[:, 1],
            centred[:, 0] * sine + centred[:, 2] * cosine,
        ],
        axis=1,
    )
    scale = _VIEW_SIDE * 0.5 / float(np.ptp(centred[:468, 1]))
    placed = (turned * scale + np.array([_VIEW_SIDE / 2, _VIEW_SIDE / 2, 0.0])).astype(np.float32)
    ids = draw_ids(placed, paint_order(placed[:, 2]), (_VIEW_SIDE, _VIEW_SIDE))
    seen = sample(face.picture, map_coordinates(ids, placed, points[:, :2]), cv2.INTER_CUBIC)
    view = np.where((ids >= 0)[..., None], seen, np.array([96.0, 88.0, 80.0], dtype=np.float32))
    return np.clip(np.rint(view), 0, 255).astype(np.uint8)
