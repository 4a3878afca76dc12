"""The comparison itself: it has to see what a person would, and to forgive what nobody sees."""

from __future__ import annotations

import numpy as np
from PySide6.QtGui import QColor, QImage, QPainter

from tests.visual.conftest import SHARE, pixels_of, share_of_difference


def plain(colour: QColor) -> QImage:
    image = QImage(401, 300, QImage.Format.Format_RGB32)
    image.fill(colour)
    return image


def test_a_level_is_forgiven_and_two_are_not() -> None:
    grey, next_grey, other_grey = (pixels_of(plain(QColor(level, level, level))) for level in (100, 101, 102))
    assert share_of_difference(grey, next_grey) == 0
    assert share_of_difference(grey, other_grey) == 1


def test_a_missing_button_is_seen() -> None:
    before, after = plain(QColor("white")), plain(QColor("white"))
    painter = QPainter(after)
    painter.fillRect(10, 10, 40, 20, QColor("black"))
    painter.end()
    assert share_of_difference(pixels_of(before), pixels_of(after)) > SHARE


def test_another_size_is_another_picture() -> None:
    one = pixels_of(plain(QColor("white")))
    assert share_of_difference(one, one[:-1]) == 1
    assert one.shape == (300, 401, 3)
    assert np.all(one == 255)
