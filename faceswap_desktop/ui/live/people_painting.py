"""What is painted at people in the live picture: a box in their colour, their number, whom they become."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from faceswap_desktop.ui.theme.tokens import HALF, SMALL_PX, current_tokens, face_colour, on_face_colour

_CHIP: Final = 20.0
_DIM: Final = 150
_SCRIM: Final = 190


@dataclass(frozen=True, slots=True)
class PersonMark:
    """A person as they are painted.

    Attributes:
        number: From 1.
        place: Their box, in pixels of the widget.
        is_strong: They are pointed at, chosen, or a face is about to be dropped on them.
    """

    number: int
    place: QRectF
    is_strong: bool


def paint_box(painter: QPainter, mark: PersonMark, colour: str) -> None:
    """Paint the box, dark beside light, so that it shows on every picture."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    dark = QColor(current_tokens().scrim)
    dark.setAlpha(_DIM)
    width = 3.0 if mark.is_strong else 1.5
    painter.setPen(QPen(dark, width + 2))
    painter.drawRoundedRect(mark.place, HALF, HALF)
    painter.setPen(QPen(QColor(colour), width))
    painter.drawRoundedRect(mark.place, HALF, HALF)


def paint_words(painter: QPainter, mark: PersonMark, words: str, room: QRectF) -> None:
    """Paint number and words above the box, inside the picture."""
    font = _font()
    metrics = QFontMetricsF(font)
    left = max(room.left(), mark.place.left())
    top = max(room.top(), mark.place.top() - _CHIP - 3)
    chip = QRectF(left, top, _CHIP, _CHIP)
    paint_number(painter, chip, mark.number)
    if not words:
        return
    most = max(0.0, room.right() - chip.right() - 4 * HALF)
    shown = metrics.elidedText(words, Qt.TextElideMode.ElideRight, most)
    plate = QRectF(chip.right() + 2, top, metrics.horizontalAdvance(shown) + 3 * HALF, _CHIP)
    tokens = current_tokens()
    ground = QColor(tokens.scrim)
    ground.setAlpha(_SCRIM)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ground)
    painter.drawRoundedRect(plate, HALF, HALF)
    painter.setPen(QColor(tokens.on_scrim))
    painter.setFont(font)
    painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, shown)


def paint_number(painter: QPainter, chip: QRectF, number: int) -> None:
    """Paint a person's number on their colour; the colour never says it alone."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(face_colour(number - 1)))
    painter.drawRoundedRect(chip, HALF, HALF)
    painter.setFont(_font())
    painter.setPen(QColor(on_face_colour(number - 1)))
    painter.drawText(chip, Qt.AlignmentFlag.AlignCenter, str(number))


def _font() -> QFont:
    font = QFont()
    font.setPixelSize(SMALL_PX)
    font.setWeight(QFont.Weight.DemiBold)
    return font
