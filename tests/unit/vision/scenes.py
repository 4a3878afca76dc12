"""Pictures for the tests of vision, made from the sample photos or from nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from faceswap_desktop.vision.arrays import Floats, Picture
from faceswap_desktop.vision.detect import Detection, detect
from faceswap_desktop.vision.mesh import Mesh, fit_mesh
from faceswap_desktop.vision.topology import CONTOURS, SURFACE_COUNT, TRIANGLES

Places = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Person:
    """A sample photo with what is found in it."""

    image: Picture
    detection: Detection
    mesh: Mesh


def person(image: Picture) -> Person:
    """Find the one face of a sample photo."""
    (detection,) = detect(image)
    mesh = fit_mesh(image, detection)
    assert mesh is not None
    return Person(image, detection, mesh)


def landscape(width: int, height: int, seed: int) -> Picture:
    """Make hills, clouds and grass of noise, darker towards the bottom."""
    rng = np.random.default_rng(seed)
    scene = np.repeat(np.linspace(190, 80, height, dtype=np.float32)[:, None, None], 3, axis=2)
    scene = np.repeat(scene, width, axis=1)
    for cell, strength in ((width // 3, 40), (width // 12, 25), (40, 15), (12, 10), (4, 8)):
        size = (height // max(cell, 1) + 2, width // max(cell, 1) + 2, 3)
        noise = rng.normal(0, strength, size).astype(np.float32)
        scene += cv2.resize(noise, (width, height), interpolation=cv2.INTER_CUBIC)
    return scene.clip(0, 255).astype(np.uint8)


def shrunk(image: Picture, factor: float) -> Picture:
    """Shrink a picture by averaging."""
    return cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA).astype(np.uint8)


def pasted(canvas: Picture, someone: Person, face_height: float, corners: Sequence[tuple[int, int]]) -> Places:
    """Paste a photo, shrunk until its face box has this height, at each corner; return the faces' middles (n, 2)."""
    box = someone.detection.box.astype(np.float64)
    factor = face_height / (box[3] - box[1])
    small = shrunk(someone.image, factor)
    for x, y in corners:
        part = canvas[y : y + small.shape[0], x : x + small.shape[1]]
        part[:] = small[: part.shape[0], : part.shape[1]]
    middle: Places = (box[:2] + box[2:]) / 2 * factor
    return np.array(corners, np.float64) + middle


def middles(found: Sequence[Detection]) -> Places:
    """Return the middles of boxes (n, 2)."""
    boxes = np.array([one.box for one in found], np.float64).reshape(-1, 4)
    result: Places = (boxes[:, :2] + boxes[:, 2:]) / 2
    return result


def missed(found: Places, wanted: Places, tolerance: float) -> int:
    """Return how many of the wanted places have nothing found within ``tolerance`` pixels."""
    if not len(found):
        return len(wanted)
    distances = np.linalg.norm(wanted[:, None] - found[None], axis=2)
    return int((distances.min(axis=1) > tolerance).sum())


def rolled(someone: Person, degrees: float) -> tuple[Picture, Places]:
    """Turn a photo clockwise about its face on a grey ground; return it with the true middle of the face."""
    size = 900
    box = someone.detection.box.astype(np.float64)
    x, y = (box[:2] + box[2:]) / 2
    turn = cv2.getRotationMatrix2D((float(x), float(y)), -degrees, 1.0)
    turn[:, 2] += np.array([size / 2 - x, size / 2 - y])
    picture = cv2.warpAffine(
        someone.image, turn, (size, size), borderMode=cv2.BORDER_CONSTANT, borderValue=(120, 130, 140)
    )
    return picture.astype(np.uint8), np.array([[size / 2, size / 2]])


def turned(someone: Person, yaw_degrees: float, pitch_degrees: float = 0.0, *, scale: int = 2) -> Picture:
    """Render a photo's face turned to the right of the picture and upwards, before its own blurred surroundings."""
    yaw, pitch = np.radians([yaw_degrees, pitch_degrees])
    turn = np.array([[np.cos(yaw), 0, -np.sin(yaw)], [0, 1, 0], [np.sin(yaw), 0, np.cos(yaw)]])
    nod = np.array([[1, 0, 0], [0, np.cos(pitch), np.sin(pitch)], [0, -np.sin(pitch), np.cos(pitch)]])
    points = someone.mesh.points[:SURFACE_COUNT].astype(np.float64)
    middle = points.mean(axis=0)
    return rendered(someone, (points - middle) @ (turn @ nod).T + middle, scale=scale)


def with_open_mouth(someone: Person, drop: float) -> Picture:
    """Render a photo with the jaw dropped by ``drop`` distances of the eyes and the mouth dark inside."""
    points = someone.mesh.points[:SURFACE_COUNT].astype(np.float64)
    eyes = np.linalg.norm(points[263] - points[33]) * 0.7
    upper, lower = points[13, 1], points[152, 1]
    share = np.clip((points[:, 1] - upper - 1) / (lower - upper), 0, 1)
    lower_lip = np.isin(
        np.arange(SURFACE_COUNT), [14, 87, 178, 88, 95, 317, 402, 318, 324, 17, 84, 314, 15, 16, 86, 316, 85, 315]
    )
    points[:, 1] += np.maximum(share, np.where(lower_lip, 0.8, 0.0)) * drop * eyes
    return rendered(someone, points, scale=2, mouth=(50, 15, 20))


def rendered(someone: Person, points: Places, *, scale: int, mouth: tuple[int, int, int] | None = None) -> Picture:
    """Draw the photo's face with its mesh moved to ``points`` (468, 3), the farthest triangles first."""
    height, width = someone.image.shape[:2]
    scene = cv2.resize(cv2.GaussianBlur(someone.image, (0, 0), 15), (width * scale, height * scale)).astype(np.uint8)
    source = someone.mesh.points[:SURFACE_COUNT, :2].astype(np.float32)
    target = (points[:, :2] * scale).astype(np.float32)
    for triangle in TRIANGLES[np.argsort(-points[TRIANGLES, 2].mean(axis=1))]:
        _draw_triangle(scene, someone.image, source[triangle], target[triangle])
    if mouth is not None:
        cv2.fillPoly(scene, [np.round(target[CONTOURS["lips_inner"]]).astype(np.int32)], mouth)
    return scene


def _draw_triangle(scene: NDArray[np.uint8], image: Picture, source: Floats, target: Floats) -> None:
    low = np.floor(target.min(axis=0)).astype(int).clip(0)
    high = np.minimum(np.ceil(target.max(axis=0)).astype(int) + 1, [scene.shape[1], scene.shape[0]])
    if (high <= low).any():
        return
    width, height = (int(side) for side in high - low)
    moved = target - low.astype(np.float32)
    patch = cv2.warpAffine(
        image, cv2.getAffineTransform(source, moved), (width, height), borderMode=cv2.BORDER_REPLICATE
    )
    mask = np.zeros((height, width), np.uint8)
    cv2.fillConvexPoly(mask, np.round(moved).astype(np.int32), 1)
    scene[low[1] : high[1], low[0] : high[0]][mask > 0] = patch[mask > 0]


def with_glasses(someone: Person, colour: tuple[int, int, int] = (30, 25, 25), thickness: float = 0.05) -> Picture:
    """Draw a frame around both eyes, a bridge and the temples; thickness in distances of the eyes."""
    scale = 4
    height, width = someone.image.shape[:2]
    picture = cv2.resize(someone.image, (width * scale, height * scale), interpolation=cv2.INTER_CUBIC)
    points = someone.mesh.points[:, :2] * scale
    left, right = points[468], points[473]
    eyes = float(np.linalg.norm(right - left))
    pen = max(1, round(thickness * eyes))
    across = (right - left) / eyes
    angle = float(np.degrees(np.arctan2(across[1], across[0])))
    for eye in (left, right):
        center = (round(float(eye[0])), round(float(eye[1] + 0.05 * eyes)))
        cv2.ellipse(picture, center, (round(0.36 * eyes), round(0.27 * eyes)), angle, 0, 360, colour, pen, cv2.LINE_AA)
    for start, end in (
        (left + across * 0.36 * eyes, right - across * 0.36 * eyes),
        (left - across * 0.36 * eyes, points[127]),
        (right + across * 0.36 * eyes, points[356]),
    ):
        ends = [tuple(round(float(value)) for value in place) for place in (start, end)]
        cv2.line(picture, ends[0], ends[1], colour, pen, cv2.LINE_AA)
    return cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA).astype(np.uint8)


def half_in_shadow(someone: Person, darkest: float) -> Picture:
    """Darken the left half of the face to ``darkest`` of its level, with a soft border down the nose."""
    nose = float(someone.mesh.points[4, 0])
    eyes = float(np.linalg.norm(someone.mesh.points[473] - someone.mesh.points[468]))
    lit = 1 / (1 + np.exp(-(np.arange(someone.image.shape[1]) - nose) / (eyes * 0.1)))
    return darkened(someone.image, darkest + (1 - darkest) * lit[None, :, None])


def darkened(image: Picture, factor: float | Places) -> Picture:
    """Multiply the levels; what passes 255 is burnt out."""
    return np.clip(image.astype(np.float64) * factor, 0, 255).astype(np.uint8)


def blurred(someone: Person, sigma: float) -> Picture:
    """Blur a photo; ``sigma`` in distances of the eyes."""
    eyes = float(np.linalg.norm(someone.mesh.points[473] - someone.mesh.points[468]))
    return cv2.GaussianBlur(someone.image, (0, 0), sigma * eyes).astype(np.uint8)
