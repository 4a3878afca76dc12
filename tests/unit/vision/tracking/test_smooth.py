"""Smoothing: quiet at rest, no lag on a pan, nothing smeared."""

import numpy as np
import pytest
from numpy.typing import NDArray

from faceswap_desktop.vision.arrays import Floats
from faceswap_desktop.vision.tracking.smooth import REACH, smoothed
from tests.clips import Place, line, one_person, still
from tests.unit.vision.tracking.drawn import cloud, drawn, followed, true_mesh

SIDE = 160.0


def _moving(path: NDArray[np.float64], trembling: float = 0.25, seed: int = 0) -> tuple[Floats, Floats]:
    """Return meshes (n, 478, 3) along a path (n, 2): the truth, and as they would be measured."""
    truth = cloud((0.0, 0.0), SIDE)[None] + np.pad(path, ((0, 0), (0, 1)))[:, None]
    random = np.random.default_rng(seed)
    # A part of the noise is common to all points: the crop trembles.
    noise = random.normal(0, trembling, truth.shape) + random.normal(0, trembling, (len(path), 1, 3))
    return truth.astype(np.float32), (truth + noise).astype(np.float32)


def _rms(points: Floats, truth: Floats) -> float:
    return float(np.sqrt(((points - truth)[..., :2] ** 2).mean()))


def test_a_face_at_rest_is_quiet() -> None:
    truth, measured = _moving(np.zeros((60, 2)))
    result = smoothed(measured)

    assert _rms(result, truth) < _rms(measured, truth) / 2.5
    assert np.diff(result, axis=0).std() < np.diff(measured, axis=0).std() / 6


@pytest.mark.parametrize("speed", [0.5, 3.0, 12.0])
def test_a_pan_is_followed_without_lag(speed: float) -> None:
    path = np.stack([np.arange(60) * speed, np.zeros(60)], axis=1)
    truth, measured = _moving(path)
    result = smoothed(measured)

    lag = (result - truth)[8:-8, :, 0].mean()
    assert abs(lag) < 0.05
    assert _rms(result, truth) < _rms(measured, truth) / 2


def test_a_stop_is_not_overrun() -> None:
    path = np.zeros((60, 2))
    path[:, 0] = np.minimum(np.arange(60), 30) * 5.0
    truth, measured = _moving(path)

    assert np.abs((smoothed(measured) - truth)[..., 0].mean(axis=1)).max() < 0.8


def test_a_swing_is_not_flattened() -> None:
    path = np.stack([60 * np.sin(np.arange(90) * 2 * np.pi / 30), np.zeros(90)], axis=1)
    truth, measured = _moving(path)

    assert np.abs((smoothed(measured) - truth)[..., 0].mean(axis=1)).max() < 1.0


def test_a_blink_stays_quick_in_a_head_at_rest() -> None:
    truth, measured = _moving(np.zeros((60, 2)), 0.1)
    lid = [159, 158, 157, 160, 161]
    for place, depth in ((30, 4.0), (31, 8.0), (32, 4.0)):
        truth[place, lid, 1] += depth
        measured[place, lid, 1] += depth
    result = smoothed(measured)

    closed = (result[31] - result[20])[lid, 1].mean()
    assert closed > 6.0
    assert abs((result[26] - result[20])[lid, 1].mean()) < 0.5


def test_roll_and_growth_keep_their_size() -> None:
    base = cloud((0.0, 0.0), SIDE)
    angle = np.arange(60) * 0.06
    growth = 1.01 ** np.arange(60)
    turn = np.stack([np.cos(angle), -np.sin(angle), np.sin(angle), np.cos(angle)], axis=1).reshape(-1, 2, 2)
    flat = np.einsum("nij,pj->npi", turn, base[:, :2].astype(np.float64)) * growth[:, None, None]
    truth = np.concatenate([flat, np.repeat(base[None, :, 2:], 60, axis=0)], axis=2).astype(np.float32)
    measured = truth + np.random.default_rng(0).normal(0, 0.2, truth.shape).astype(np.float32)
    result = smoothed(measured)

    size = np.ptp(result[..., 1], axis=1) / np.ptp(truth[..., 1], axis=1)
    assert np.abs(size - 1).max() < 0.01
    assert _rms(result, truth) < 0.15


def test_frames_further_away_do_not_matter() -> None:
    path = np.cumsum(np.random.default_rng(3).normal(0, 1.5, (100, 2)), axis=0)
    _, measured = _moving(path)
    whole = smoothed(measured)
    part = smoothed(measured[40 - REACH : 60 + REACH])[REACH:-REACH]

    assert np.abs(part - whole[40:60]).max() < 0.01


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 7])
def test_short_tracks(count: int) -> None:
    truth, measured = _moving(np.zeros((count, 2)))

    assert smoothed(measured).shape == truth.shape
    if count:
        assert _rms(smoothed(measured), truth) < 0.7


def test_real_meshes_at_rest_and_on_a_pan() -> None:
    rest = drawn([one_person(1.0, "hopper", still(Place(0.5, 0.5, 0.6)))])
    pan = drawn([one_person(1.0, "hopper", line(Place(0.3, 0.5, 0.6), Place(0.7, 0.5, 0.6), 1.0))])
    random = np.random.default_rng(0)
    for made in (rest, pan):
        # Grain, as a camera has it: without, neighbouring frames of a drawing tremble alike.
        grainy = [np.clip(frame + random.normal(0, 3, frame.shape), 0, 255).astype(np.uint8) for frame in made.frames]
        (one,) = followed(grainy).tracklets
        truth = np.stack([true_mesh("hopper", where["hopper"]) for where in made.truth])
        result = smoothed(one.points)
        error = result[..., :2] - truth
        error -= error[10:20].mean(axis=0)  # the mesh of the larger sample is a little different
        assert np.abs(error[10:20, :468].mean(axis=1)).max() < 0.3
        trembling = np.diff(error, axis=0).std()
        assert trembling < np.diff(one.points[..., :2] - truth, axis=0).std() / 3
