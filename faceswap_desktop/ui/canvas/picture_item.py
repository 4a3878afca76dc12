"""The picture itself, with smaller copies for small zooms, and the preview laid over it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from faceswap_desktop.domain.geometry import Size

_SMALLEST_LEVEL_PX = 256
_SMALLEST_PATCH_PX = 16
_SHARP_PIXELS_FROM = 3.0


@dataclass(frozen=True)
class PictureLevels:
    """One picture at full size and at halves of it; painting a large one small is then quick and clean.

    Attributes:
        size: Pixels of the upright original, in which the scene is measured.
        levels: The first is the display copy; each following one has half its width.
    """

    size: Size
    levels: tuple[QImage, ...] = field(repr=False)

    @property
    def bytes_used(self) -> int:
        """Memory that it takes."""
        return sum(level.sizeInBytes() for level in self.levels)


def make_frame(pixels: memoryview, shown: Size, stride: int, size: Size, *, halves: bool) -> PictureLevels:
    """Make what the canvas paints of a frame of a video; without halves that takes less than a millisecond.

    Args:
        pixels: RGB, 8 bits, sRGB.
        shown: Width and height of these pixels.
        stride: Bytes per row.
        size: Pixels of the video.
        halves: Whether smaller copies are made, for a frame that is looked at for longer.
    """
    # Other formats than this one are scaled at a quarter of the speed; converting copies, as in make_levels.
    image = QImage(pixels, shown.width, shown.height, stride, QImage.Format.Format_RGB888)
    if halves:
        return PictureLevels(size, _halves(image, _SMALLEST_LEVEL_PX))
    return PictureLevels(size, (image.convertToFormat(QImage.Format.Format_RGB32),))


def make_levels(pixels: bytes | bytearray, display_size: Size, stride: int, size: Size) -> PictureLevels:
    """Make what the canvas paints of plain RGB rows. Slow; may be called in any thread.

    Args:
        pixels: RGB, 8 bits, sRGB.
        display_size: Width and height of these pixels.
        stride: Bytes per row.
        size: Pixels of the original.
    """
    # convertToFormat copies, so nothing refers to the caller's bytes afterwards.
    image = QImage(pixels, display_size.width, display_size.height, stride, QImage.Format.Format_RGB888)
    return PictureLevels(size, _halves(image, _SMALLEST_LEVEL_PX))


@dataclass(frozen=True)
class Patch:
    """A swapped region: where it lies in pixels of the picture, and what it looks like at full and half sizes."""

    rect: QRectF
    levels: tuple[QImage, ...] = field(repr=False)

    @property
    def bytes_used(self) -> int:
        """Memory that it takes."""
        return sum(level.sizeInBytes() for level in self.levels)


def make_patch(left: int, top: int, width: int, height: int, rgb: bytes) -> Patch:
    """Make a patch of plain RGB rows without gaps."""
    image = QImage(rgb, width, height, 3 * width, QImage.Format.Format_RGB888)
    return Patch(QRectF(left, top, width, height), _halves(image, _SMALLEST_PATCH_PX))


def _halves(image: QImage, smallest: int) -> tuple[QImage, ...]:
    levels = [image.convertToFormat(QImage.Format.Format_RGB32)]
    while min(levels[-1].width(), levels[-1].height()) >= 2 * smallest:
        last = levels[-1]
        levels.append(
            last.scaled(
                (last.width() + 1) // 2,
                (last.height() + 1) // 2,
                Qt.AspectRatioMode.IgnoreAspectRatio,
                Qt.TransformationMode.SmoothTransformation,
            )
        )
    return tuple(levels)


def _level_for(levels: tuple[QImage, ...], width: float) -> QImage:
    """Return the smallest level that is at least ``width`` device pixels wide, or the largest."""
    return next((level for level in reversed(levels) if level.width() >= width), levels[0])


class PictureItem(QGraphicsItem):
    """Paints the picture and, unless the original is asked for, the patches of the preview."""

    def __init__(self, levels: PictureLevels) -> None:
        super().__init__()
        self._levels = levels
        self._patches: tuple[Patch, ...] = ()
        self._shows_original = False
        self.setZValue(-1)
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemUsesExtendedStyleOption)

    @property
    def levels(self) -> PictureLevels:
        """The picture that is painted."""
        return self._levels

    def set_levels(self, levels: PictureLevels) -> None:
        """Paint another picture of the same size, for example the next frame."""
        self._levels = levels
        self.update()

    @property
    def patches(self) -> tuple[Patch, ...]:
        """The preview that is laid over."""
        return self._patches

    def set_patches(self, patches: Sequence[Patch]) -> None:
        """Lay another preview over the picture."""
        for patch in (*self._patches, *patches):
            self.update(patch.rect)
        self._patches = tuple(patches)

    def show_original(self, shows_original: bool) -> None:
        """Hide or show the preview."""
        if shows_original != self._shows_original:
            self._shows_original = shows_original
            for patch in self._patches:
                self.update(patch.rect)

    def boundingRect(self) -> QRectF:
        return QRectF(QPointF(0, 0), QSizeF(self._levels.size.width, self._levels.size.height))

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """Paint what is exposed, from the level that is just large enough."""
        zoom = option.levelOfDetailFromTransform(painter.worldTransform())
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, zoom < _SHARP_PIXELS_FROM)
        exposed = option.exposedRect.intersected(self.boundingRect())
        density = zoom * painter.device().devicePixelRatio()
        image = _level_for(self._levels.levels, self._levels.size.width * density)
        across = image.width() / self._levels.size.width
        down = image.height() / self._levels.size.height
        source = QRectF(exposed.x() * across, exposed.y() * down, exposed.width() * across, exposed.height() * down)
        painter.drawImage(exposed, image, source)
        if self._shows_original:
            return
        for patch in self._patches:
            if patch.rect.intersects(exposed):
                level = _level_for(patch.levels, patch.rect.width() * density)
                painter.drawImage(patch.rect, level, QRectF(level.rect()))
