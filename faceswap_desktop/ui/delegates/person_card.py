"""A row of the people in a video: best picture, name, where it is seen, whom it becomes."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPainterPath, QPen

from faceswap_desktop.ui.canvas.faces import CanvasFace
from faceswap_desktop.ui.delegates.shelf import cover_rect
from faceswap_desktop.ui.icons import IconColour, icon
from faceswap_desktop.ui.item_models.face_list import PersonRow, row_words
from faceswap_desktop.ui.theme.tokens import (
    BODY_PX,
    GRID,
    HALF,
    RADIUS,
    SMALL_PX,
    Tokens,
    face_colour,
    on_face_colour,
)

CARD_HEIGHT: Final = 72
_PICTURE: Final = 56
_BADGE: Final = 18
_CHIP: Final = 18
_LINE: Final = 18


def paint_person(
    painter: QPainter, area: QRect, tokens: Tokens, shown: CanvasFace, person: PersonRow, years: int
) -> None:
    """Paint what a card shows, in its area; the ground is painted already."""
    frame = QRect(area.left() + HALF + 2, area.top() + (area.height() - _PICTURE) // 2, _PICTURE, _PICTURE)
    _paint_picture(painter, frame, tokens, shown.index, person)
    left, width = frame.right() + GRID + HALF, area.right() - GRID - (frame.right() + GRID + HALF)
    top = area.top() + (area.height() - 3 * _LINE) // 2
    _write(painter, QRect(left, top, width, _LINE), person.name, tokens.text, BODY_PX, QFont.Weight.DemiBold)
    _write(painter, QRect(left, top + _LINE, width, _LINE), person.seen, tokens.muted, SMALL_PX)
    is_changed = shown.badge is not None or years != 0
    last = QRect(left, top + 2 * _LINE, width, _LINE)
    if shown.badge is not None:
        circle = QRectF(last.left(), last.top(), _BADGE, _BADGE)
        clip = QPainterPath()
        clip.addEllipse(circle)
        painter.save()
        painter.setClipPath(clip)
        if not shown.badge.picture.isNull():
            painter.drawPixmap(circle, shown.badge.picture, cover_rect(shown.badge.picture, circle))
        painter.restore()
        last.setLeft(last.left() + _BADGE + HALF)
    _write(painter, last, row_words(shown, years, is_short=True), tokens.text if is_changed else tokens.muted, SMALL_PX)


def _paint_picture(painter: QPainter, frame: QRect, tokens: Tokens, index: int, person: PersonRow) -> None:
    clip = QPainterPath()
    clip.addRoundedRect(QRectF(frame), RADIUS, RADIUS)
    painter.fillPath(clip, QColor(tokens.hover))
    painter.save()
    painter.setClipPath(clip)
    if person.picture is not None:
        painter.drawPixmap(frame, person.picture)
    else:
        mark = frame.adjusted(16, 16, -16, -16)
        icon("person", IconColour.MUTED).paint(painter, mark)
    chip = QRectF(frame.left(), frame.bottom() + 1 - _CHIP, _CHIP, _CHIP)
    painter.fillRect(chip, QColor(face_colour(index)))
    painter.restore()
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(face_colour(index)), 2))
    painter.drawRoundedRect(QRectF(frame).adjusted(1, 1, -1, -1), RADIUS - 1, RADIUS - 1)
    font = QFont(painter.font())
    font.setPixelSize(SMALL_PX)
    font.setWeight(QFont.Weight.DemiBold)
    painter.setFont(font)
    painter.setPen(QColor(on_face_colour(index)))
    painter.drawText(chip, Qt.AlignmentFlag.AlignCenter, str(index + 1))


def _write(
    painter: QPainter,
    room: QRect,
    words: str,
    colour: str,
    pixels: int,
    weight: QFont.Weight = QFont.Weight.Normal,
) -> None:
    font = QFont(painter.font())
    font.setPixelSize(pixels)
    font.setWeight(weight)
    painter.setFont(font)
    painter.setPen(QColor(colour))
    fitting = QFontMetrics(font).elidedText(words, Qt.TextElideMode.ElideRight, room.width())
    painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, fitting)
