"""The label of a live picture stays where it is, unless it covers a face for a while."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from faceswap_desktop.domain.recipe import NO_LABEL, LabelCorner, LabelOptions
from faceswap_desktop.media.label_texts import Changes
from faceswap_desktop.workers.live_label import LiveLabel

NOWHERE = np.zeros((0, 4), np.float32)
BOTTOM_RIGHT = np.array([[250, 180, 320, 240]], np.float32)
BOTTOM_LEFT = np.array([[0, 180, 70, 240]], np.float32)
STEP_S = 1 / 30


def picture() -> NDArray[np.uint8]:
    return np.full((240, 320, 3), 128, np.uint8)


class Laid:
    """One label over many frames."""

    def __init__(self, options: LabelOptions | None = None) -> None:
        self._label, self._options, self._now = LiveLabel(), options or LabelOptions(), 0.0

    def over(self, boxes: NDArray[np.float32], seconds: float) -> list[LabelCorner | None]:
        corners = []
        for _ in range(round(seconds / STEP_S)):
            corners.append(self._label.lay(picture(), self._options, Changes(), boxes, self._now))
            self._now += STEP_S
        return corners


def test_it_is_burnt_in_only_where_it_lies() -> None:
    pixels = picture()
    corner = LiveLabel().lay(pixels, LabelOptions(), Changes(), NOWHERE, 0.0)
    assert corner is LabelCorner.BOTTOM_RIGHT
    rows, columns = np.nonzero((pixels != 128).any(axis=2))
    assert rows.min() > 200
    assert columns.min() > 200


def test_it_does_not_jump_for_a_face_that_passes() -> None:
    laid = Laid()
    assert set(laid.over(NOWHERE, 0.5)) == {LabelCorner.BOTTOM_RIGHT}
    for _ in range(4):
        assert set(laid.over(BOTTOM_RIGHT, 0.4)) == {LabelCorner.BOTTOM_RIGHT}
        assert set(laid.over(NOWHERE, 0.2)) == {LabelCorner.BOTTOM_RIGHT}


def test_it_moves_for_a_face_that_stays_and_comes_back_late() -> None:
    laid = Laid()
    laid.over(NOWHERE, 0.2)
    assert laid.over(BOTTOM_RIGHT, 1.5)[-1] is LabelCorner.BOTTOM_LEFT
    assert set(laid.over(NOWHERE, 2.0)) == {LabelCorner.BOTTOM_LEFT}
    assert laid.over(NOWHERE, 3.0)[-1] is LabelCorner.BOTTOM_RIGHT


def test_a_corner_that_was_chosen_is_taken() -> None:
    laid = Laid(LabelOptions(corner=LabelCorner.TOP_LEFT))
    assert set(laid.over(BOTTOM_LEFT, 0.2)) == {LabelCorner.TOP_LEFT}


def test_nothing_is_laid_where_it_is_off_or_nobody_is_changed() -> None:
    for options, changes in ((NO_LABEL, Changes()), (LabelOptions(), Changes(is_swapped=False))):
        pixels = picture()
        assert LiveLabel().lay(pixels, options, changes, NOWHERE, 0.0) is None
        assert (pixels == 128).all()


def test_a_picture_without_room_has_none() -> None:
    pixels = np.full((12, 12, 3), 128, np.uint8)
    LiveLabel().lay(pixels, LabelOptions(), Changes(), NOWHERE, 0.0)
    assert pixels.shape == (12, 12, 3)
