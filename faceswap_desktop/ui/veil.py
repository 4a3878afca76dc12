"""Pictures of refused files, so blurred that nothing can be made out of them."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage, QPixmap

from faceswap_desktop.ui.canvas.picture_item import PictureLevels

_AVERAGES: Final = 10
"""So many averages are left along the longer side; what the workers blur has no more either."""
_EDGE: Final = 480


def veiled(levels: PictureLevels) -> PictureLevels:
    """Return a picture of the canvas, blurred."""
    return PictureLevels(levels.size, (veiled_image(levels.levels[-1]),))


def as_shown(levels: PictureLevels, *, is_refused: bool) -> PictureLevels:
    """Return what the canvas shows of a picture: what is refused is blurred."""
    return veiled(levels) if is_refused else levels


def veiled_image(image: QImage, edge: int = _EDGE) -> QImage:
    """Return a picture, blurred; its longer side has so many pixels."""
    keep, smooth = Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
    few = image.scaled(QSize(_AVERAGES, _AVERAGES), keep, smooth)
    size = image.size().scaled(QSize(edge, edge), keep)
    return few.scaled(size, Qt.AspectRatioMode.IgnoreAspectRatio, smooth)


def veiled_pixmap(pixmap: QPixmap) -> QPixmap:
    """Return a picture of the same size, blurred."""
    edge = max(pixmap.width(), pixmap.height(), 1)
    return QPixmap.fromImage(veiled_image(pixmap.toImage(), edge))
