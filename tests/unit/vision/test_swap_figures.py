"""What a swap must reach on the sample pictures: all figures together, in both directions, and in harder pictures."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from faceswap_desktop.domain.recipe import SwapOptions
from faceswap_desktop.vision.figures import SwapFigures, measure
from faceswap_desktop.vision.swap import swap_faces
from tests.unit.vision.sample_faces import COLLINS, HOPPER, Face, Picture, found, sample_face

BOTH = pytest.mark.parametrize(("source", "target"), [(COLLINS, HOPPER), (HOPPER, COLLINS)])


def _figures(source: Face, target: Picture, options: SwapOptions | None = None) -> SwapFigures:
    mesh = found(target)
    result = swap_faces(target, [(mesh, source.atlas)], options or SwapOptions())
    return measure(result, target, mesh, source.picture, source.mesh)


def _rolled(degrees: float) -> Callable[[Picture], Picture]:
    def roll(picture: Picture) -> Picture:
        height, width = picture.shape[:2]
        matrix = cv2.getRotationMatrix2D((width / 2, height * 0.4), degrees, 1.0)
        rolled = cv2.warpAffine(picture, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
        return np.asarray(rolled, dtype=np.uint8)

    return roll


def _tinted(*factors: float) -> Callable[[Picture], Picture]:
    def tint(picture: Picture) -> Picture:
        return np.asarray(np.clip(np.rint(picture * np.array(factors)), 0, 255), dtype=np.uint8)

    return tint


def _half(picture: Picture) -> Picture:
    return np.asarray(cv2.resize(picture, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _mirrored(picture: Picture) -> Picture:
    return np.ascontiguousarray(picture[:, ::-1])


def _grey(picture: Picture) -> Picture:
    return np.asarray(cv2.cvtColor(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB), dtype=np.uint8)


@BOTH
def test_all_figures_are_reached_together(source: str, target: str) -> None:
    figures = _figures(sample_face(source), sample_face(target).picture)

    assert figures.identity >= 0.70
    assert figures.landmarks <= 0.03
    assert figures.colour <= 7.0
    assert figures.seam <= 1.25


@BOTH
@pytest.mark.parametrize(
    "change",
    [
        pytest.param(_rolled(30.0), id="rolled-left"),
        pytest.param(_rolled(-30.0), id="rolled-right"),
        pytest.param(_half, id="half"),
        pytest.param(_mirrored, id="mirrored"),
        pytest.param(_tinted(0.42, 0.42, 0.42), id="dark"),
        pytest.param(_tinted(0.7, 0.85, 1.15), id="blue"),
        pytest.param(_tinted(1.1, 0.95, 0.6), id="warm"),
        pytest.param(_grey, id="grey"),
    ],
)
def test_harder_pictures_stay_close_to_the_figures(
    source: str, target: str, change: Callable[[Picture], Picture]
) -> None:
    figures = _figures(sample_face(source), change(sample_face(target).picture))

    # By the mesh: on a rolled head the detector's own points stay level, and a photo no longer resembles itself.
    assert figures.identity_by_mesh >= 0.60
    assert figures.landmarks <= 0.04
    assert figures.colour <= 7.0
    assert figures.seam <= 1.25


@BOTH
def test_the_target_person_is_hardly_left(source: str, target: str) -> None:
    figures = _figures(sample_face(source), sample_face(target).picture)

    assert figures.left_over < 0.363  # what counts as the same person


@pytest.mark.parametrize("name", [COLLINS, HOPPER])
def test_a_face_put_over_itself_stays_itself(name: str) -> None:
    figures = _figures(sample_face(name), sample_face(name).picture)

    assert figures.identity > 0.95
    assert figures.landmarks < 0.02
    assert figures.colour < 2.0
    assert figures.seam < 1.1


def test_a_grey_picture_stays_grey() -> None:
    target = _grey(sample_face(HOPPER).picture)

    result = swap_faces(target, [(found(target), sample_face(COLLINS).atlas)], SwapOptions())

    assert int(np.ptp(result.astype(int), axis=2).max()) <= 6


def test_an_untouched_picture_measures_as_the_target() -> None:
    source, target = sample_face(COLLINS), sample_face(HOPPER)

    figures = measure(target.picture, target.picture, target.mesh, source.picture, source.mesh)

    assert figures.identity < 0.363
    assert figures.left_over == pytest.approx(1.0, abs=1e-4)
    assert figures.landmarks == pytest.approx(0.0, abs=1e-4)
    assert figures.colour == 0.0
    assert figures.seam == 1.0


def test_a_hard_edged_paste_shows_in_the_seam() -> None:
    source, target = sample_face(HOPPER), sample_face(COLLINS)
    options = SwapOptions(edge_softness=0.0, colour_match=0.0)

    pasted = _figures(source, target.picture, options)
    blended = _figures(source, target.picture)

    assert pasted.colour > 7.0
    assert pasted.colour > blended.colour + 5.0


def test_pictures_of_different_size_cannot_be_compared() -> None:
    source, target = sample_face(COLLINS), sample_face(HOPPER)

    with pytest.raises(ValueError, match="differ in size"):
        measure(target.picture[1:], target.picture, target.mesh, source.picture, source.mesh)


def test_a_result_without_a_face_cannot_be_measured() -> None:
    source, target = sample_face(COLLINS), sample_face(HOPPER)

    with pytest.raises(ValueError, match="no face"):
        measure(np.zeros_like(target.picture), target.picture, target.mesh, source.picture, source.mesh)
