"""Faces at several ages, each made once per test run, and what they are measured with."""

from __future__ import annotations

from functools import cache
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from faceswap_desktop.vision.detect import detect
from faceswap_desktop.vision.embed import embed
from faceswap_desktop.vision.mesh import Mesh, fit_mesh, five_points_of
from faceswap_desktop.vision.reage.age import estimate_age
from faceswap_desktop.vision.reage.face import PreparedReage, prepare_reage, render_reage
from faceswap_desktop.vision.swap import apply
from tests.unit.vision.sample_faces import sample_face

Picture = NDArray[np.uint8]
Floats = NDArray[np.float32]

YEARS: Final = (-30, -20, -10, 10, 20, 30)


@cache
def _prepared(name: str, first: int) -> tuple[Picture, Mesh, PreparedReage]:
    picture, mesh, _ = sample_face(name)
    if first:
        picture = aged(name, first)
        found = fit_mesh(picture, detect(picture)[0])
        assert found is not None
        mesh = found
    prepared = prepare_reage(picture, mesh)
    assert prepared is not None
    return picture, mesh, prepared


@cache
def aged(name: str, years: int, first: int = 0) -> Picture:
    """A sample picture with its face reaged, by ``first`` years before that; read-only."""
    picture, _, prepared = _prepared(name, first)
    result = apply(picture, [render_reage(prepared, years)])
    result.setflags(write=False)
    return result


@cache
def age_of(name: str, years: int, first: int = 0) -> float:
    """How old the face of ``aged`` looks; it is found anew, as whoever sees the result would."""
    age = estimate_age(aged(name, years, first), detect(aged(name, years, first))[0])
    assert age is not None
    return age


@cache
def identity_of(name: str, years: int) -> float:
    """SFace cosine of the reaged face to the picture's own, by the mesh of each."""
    picture, mesh, _ = sample_face(name)
    result = aged(name, years)
    found = fit_mesh(result, detect(result)[0])
    assert found is not None
    return float(embed(picture, five_points_of(mesh)) @ embed(result, five_points_of(found)))


def chroma(picture: NDArray[np.number], where: NDArray[np.bool_] | tuple[slice, slice]) -> float:
    """Mean difference between the strongest and the weakest of red, green and blue."""
    values = picture[where].astype(np.float64)
    return float((values.max(axis=-1) - values.min(axis=-1)).mean())


def box(left: int, top: int, right: int, bottom: int) -> tuple[slice, slice]:
    """A rectangle as an index."""
    return slice(top, bottom), slice(left, right)


def moving(
    name: str, count: int, size: tuple[int, int] = (560, 460)
) -> list[tuple[Picture, Mesh, NDArray[np.float64]]]:
    """Frames of a still face that moves, rolls and comes nearer, under grain; with its true mesh and transform."""
    picture, mesh, _ = sample_face(name)
    middle = mesh.points[:468, :2].mean(axis=0).astype(np.float64)
    width = float(np.linalg.norm(mesh.points[454, :2] - mesh.points[234, :2]))
    frames = []
    for number in range(count):
        now = number / (count - 1)
        angle, scale = np.radians(12.0 * np.sin(3.0 * now)), (140.0 + 50.0 * now) / width
        turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        matrix = np.column_stack([turn, np.array([240.0 + 70.0 * now, 220.0 + 15.0 * np.sin(5 * now)]) - turn @ middle])
        drawn = cv2.warpAffine(
            picture, centred(matrix), size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT
        ).astype(np.float64)
        grain = np.random.default_rng(number).normal(0.0, 2.0, drawn.shape)
        points = mesh.points.astype(np.float64)
        points[:, :2] = points[:, :2] @ turn.T + matrix[:, 2]
        points[:, 2] *= scale
        frames.append((np.clip(drawn + grain, 0, 255).astype(np.uint8), Mesh(points.astype(np.float32), 1.0), matrix))
    return frames


def centred(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """The same transform as OpenCV counts: from the middle of the first pixel."""
    moved = matrix.copy()
    moved[:, 2] += matrix[:, :2] @ np.array([0.5, 0.5]) - 0.5
    return moved


def long_haired(name: str) -> tuple[Picture, Mesh, NDArray[np.bool_], float, float]:
    """A sample picture at twice its size with strands from the temples to the chest.

    Returns:
        The picture, its mesh, where the strands are, and the rows at which they begin and end.
    """
    small, _, _ = sample_face(name)
    picture = cv2.resize(small, None, fx=2.0, fy=2.0, interpolation=cv2.INTER_CUBIC).astype(np.uint8)
    mesh = fit_mesh(picture, detect(picture)[0])
    assert mesh is not None
    points = mesh.points[:, :2].astype(np.float64)
    width = float(np.linalg.norm(points[454] - points[234]))
    x, y = points[[10, 152, 234, 454]].mean(axis=0)
    random = np.random.default_rng(3)
    strands = np.zeros(picture.shape[:2], np.uint8)
    for side in (-1.0, 1.0):
        for _ in range(700):
            place = random.uniform()
            start = np.array([x + side * width * (0.56 + 0.3 * place), y + width * random.uniform(-0.25, 0.1)])
            end = np.array([x + side * width * (0.52 + 0.45 * place + random.normal(0, 0.02)), y + 1.7 * width])
            along = np.linspace(0.0, 1.0, 16)[:, None]
            line = start + (end - start) * along
            line[:, :1] += side * 0.05 * width * np.sin(3.0 * along + place)
            fixed = [np.rint(line * 8.0).astype(np.int32)]
            shade = random.uniform(0.55, 1.25)
            pen = max(1, round(0.012 * width))
            cv2.polylines(picture, fixed, False, (112 * shade, 86 * shade, 48 * shade), pen, cv2.LINE_AA, 3)
            cv2.polylines(strands, fixed, False, 255, pen, cv2.LINE_8, 3)
    return picture, mesh, strands > 0, y, y + 1.7 * width
