"""Meshes stand still at rest, and are not behind in motion."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from faceswap_desktop.vision.live.steady import Steady
from tests.unit.vision.sample_faces import COLLINS, sample_face

RATE = 30.0
FACE = sample_face(COLLINS).mesh.points
NOISE_PX = 0.25

Meshes = NDArray[np.float32]


def taken(meshes: Meshes) -> Meshes:
    steady = Steady()
    return np.stack([steady.take(mesh, 5.0 + number / RATE) for number, mesh in enumerate(meshes)])


def noisy(meshes: Meshes) -> Meshes:
    random = np.random.default_rng(3)
    return (meshes + random.normal(0.0, NOISE_PX, meshes.shape)).astype(np.float32)


def moved(shift_x: NDArray[np.float64]) -> Meshes:
    meshes = np.repeat(FACE[None], len(shift_x), axis=0)
    meshes[..., 0] += shift_x[:, None].astype(np.float32)
    return meshes


def trembling(meshes: Meshes) -> float:
    return float(np.sqrt((np.diff(meshes[10:, :468, :2], axis=0) ** 2).sum(axis=2).mean()))


def test_at_rest_nothing_trembles() -> None:
    still = noisy(moved(np.zeros(60)))
    assert trembling(taken(still)) < 0.25 * trembling(still)


@pytest.mark.parametrize("pixels_per_frame", [0.5, 2.0, 8.0])
def test_in_motion_it_is_behind_by_less_than_a_frame(pixels_per_frame: float) -> None:
    along = np.concatenate([np.zeros(20), np.cumsum(np.full(30, pixels_per_frame))])
    meshes = noisy(moved(along))
    behind = (meshes - taken(meshes))[21:, :468, 0].mean(axis=1)
    assert float(np.abs(behind).max()) < pixels_per_frame


def test_a_blink_is_there_at_once_in_a_head_at_rest() -> None:
    shut = moved(np.zeros(40))
    upper, lower = 159, 145
    shut[20:, upper, 1] = shut[20:, lower, 1]
    gap = taken(noisy(shut))[:, [upper, lower], 1]
    open_px = float(FACE[lower, 1] - FACE[upper, 1])
    assert float(gap[21, 1] - gap[21, 0]) < 0.35 * open_px


def test_after_a_gap_nothing_of_the_past_counts() -> None:
    steady = Steady()
    steady.take(FACE, 1.0)
    far = (FACE + np.array([0.3, 0.0, 0.0])).astype(np.float32)
    assert np.allclose(steady.take(far, 2.0), far, atol=1e-3)


def test_the_same_moment_twice_is_no_division_by_zero() -> None:
    steady = Steady()
    steady.take(FACE, 1.0)
    assert np.isfinite(steady.take(FACE, 1.0)).all()
