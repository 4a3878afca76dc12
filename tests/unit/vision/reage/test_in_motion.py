"""Reage in a video: the same person has the same wrinkles in every frame, and nothing flickers."""

from __future__ import annotations

from typing import Final, NamedTuple

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from faceswap_desktop.vision.layout import plane_region, with_rim
from faceswap_desktop.vision.mesh import Mesh
from faceswap_desktop.vision.reage.face import age_reference, reage_face
from faceswap_desktop.vision.swap import apply
from faceswap_desktop.vision.warp import plane_map, sample
from tests.unit.vision.reage.aged import Picture, centred, moving
from tests.unit.vision.sample_faces import COLLINS, HOPPER, sample_face

_SIDE: Final = 160
_FRAMES: Final = 8


class Motion(NamedTuple):
    """What was seen in the frames of a clip.

    Attributes:
        patterns: Per frame the change of brightness in face coordinates.
        before, after: Mean brightness of the face in each frame.
        changes: (n, H, W) the change brought back to the still picture's coordinates.
    """

    patterns: NDArray[np.float64]
    before: NDArray[np.float64]
    after: NDArray[np.float64]
    changes: NDArray[np.float64]


def flat(picture: Picture, mesh: Mesh) -> NDArray[np.float64]:
    """Lay a face flat; return its brightness."""
    places = plane_map(with_rim(mesh.points)[:, :2] - 0.5, _SIDE)
    return np.asarray(sample(picture.astype(np.float32), places).mean(axis=2), np.float64)


def watched(name: str, years: int) -> Motion:
    frames = moving(name, _FRAMES)
    reference = age_reference([(picture, mesh) for picture, mesh, _ in frames[::4]])
    size = sample_face(name).picture.shape[1::-1]
    face = plane_region(_SIDE, "oval") > 127
    patterns, before, after, changes = [], [], [], []
    for picture, mesh, matrix in frames:
        patch = reage_face(picture, mesh, years, reference=reference)
        assert patch is not None
        result = apply(picture, [patch])
        was, now = flat(picture, mesh), flat(result, mesh)
        patterns.append(cv2.GaussianBlur(np.log((now + 8.0) / (was + 8.0)), (0, 0), 1.0)[face])
        before.append(was[face].mean())
        after.append(now[face].mean())
        change = (result.astype(np.float32) - picture).mean(axis=2)
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        changes.append(cv2.GaussianBlur(cv2.warpAffine(change, centred(matrix), size, flags=flags), (0, 0), 2.0))
    return Motion(np.array(patterns), np.array(before), np.array(after), np.array(changes, np.float64))


@pytest.fixture(scope="module", params=[(COLLINS, 20), (COLLINS, -20), (HOPPER, 20)], ids=str)
def motion(request: pytest.FixtureRequest) -> Motion:
    return watched(*request.param)


def test_wrinkles_stay_where_they_are_on_the_face(motion: Motion) -> None:
    """While the face moves by 70 px, rolls by 12 degrees and grows by a third, under grain."""
    with_the_next = [
        np.corrcoef(one, two)[0, 1] for one, two in zip(motion.patterns, motion.patterns[1:], strict=False)
    ]
    assert min(with_the_next) > 0.985
    assert np.corrcoef(motion.patterns[0], motion.patterns[-1])[0, 1] > 0.98


def test_brightness_of_the_face_flickers_no_more_than_it_did(motion: Motion) -> None:
    was, now = (np.abs(np.diff(values)).mean() for values in (motion.before, motion.after))
    assert now < 1.5 * was + 0.05


def test_hair_and_skin_change_alike_in_every_frame(motion: Motion) -> None:
    changed = np.abs(motion.changes).mean(axis=0) > 3.0
    steps = np.abs(np.diff(motion.changes, axis=0))[:, changed]
    amount = np.abs(motion.changes[:, changed]).mean()
    assert changed.sum() > 500
    assert steps.mean() < 0.08 * amount
