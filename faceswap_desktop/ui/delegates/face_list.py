"""A row of the faces list: number in the face's colour, whom it becomes, and that one's picture."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from faceswap_desktop.ui.canvas.faces import Badge, CanvasFace
from faceswap_desktop.ui.delegates.person_card import CARD_HEIGHT, paint_person
from faceswap_desktop.ui.delegates.shelf import cover_rect
from faceswap_desktop.ui.icons import IconColour, icon
from faceswap_desktop.ui.item_models.face_list import FaceRole, PersonRow, signed_years, years_words
from faceswap_desktop.ui.theme.tokens import (
    BODY_PX,
    GRID,
    HALF,
    RADIUS,
    SMALL_PX,
    current_tokens,
    face_colour,
    on_face_colour,
)

ROW_HEIGHT: Final = 36
_CHIP: Final = 22
_PICTURE: Final = 26


class FaceListDelegate(QStyledItemDelegate):
    """Paints rows of the faces list."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(160, ROW_HEIGHT if index.data(FaceRole.PERSON) is None else CARD_HEIGHT)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Paint one row."""
        shown = index.data(FaceRole.SHOWN)
        if not isinstance(shown, CanvasFace):
            return
        tokens = current_tokens()
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        area = QRect(option.rect).adjusted(0, 1, 0, -1)
        state = option.state
        painter.setPen(Qt.PenStyle.NoPen)
        if state & (QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_MouseOver):
            is_selected = bool(state & QStyle.StateFlag.State_Selected)
            painter.setBrush(QColor(tokens.pressed if is_selected else tokens.hover))
            painter.drawRoundedRect(area, RADIUS, RADIUS)
        if state & QStyle.StateFlag.State_HasFocus:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(tokens.focus), tokens.focus_width))
            painter.drawRoundedRect(QRectF(area).adjusted(1, 1, -1, -1), RADIUS, RADIUS)
        person, years = index.data(FaceRole.PERSON), int(index.data(FaceRole.YEARS) or 0)
        if isinstance(person, PersonRow):
            room = area
            if str(index.data(FaceRole.PROBLEM)):
                icon("warning", IconColour.WARNING).paint(painter, QRect(area.right() - 22, area.top() + HALF, 18, 18))
                room = area.adjusted(0, 0, -20, 0)
            paint_person(painter, room, tokens, shown, person, years)
            painter.restore()
            return
        _paint_chip(
            painter, QRectF(area.left() + HALF + 2, area.center().y() - _CHIP / 2 + 1, _CHIP, _CHIP), shown.index
        )
        left = area.left() + _CHIP + 2 * GRID + 2
        right = area.right() - HALF
        if str(index.data(FaceRole.PROBLEM)):
            icon("warning", IconColour.WARNING).paint(painter, QRect(right - 20, area.center().y() - 8, 18, 18))
            right -= 24
        if shown.badge is not None:
            _paint_badge(painter, QRectF(left, area.center().y() - _PICTURE / 2 + 1, _PICTURE, _PICTURE), shown.badge)
            left += _PICTURE + GRID
        font = QFont(painter.font())
        font.setPixelSize(BODY_PX)
        is_changed = shown.badge is not None or years != 0
        font.setWeight(QFont.Weight.DemiBold if is_changed else QFont.Weight.Normal)
        painter.setFont(font)
        painter.setPen(QColor(tokens.text if is_changed else tokens.muted))
        words = shown.badge.name if shown.badge is not None else self.tr("Stays as it is")
        if years:
            words = f"{words}, {signed_years(years)}" if shown.badge is not None else years_words(years)
        fitting = QFontMetrics(font).elidedText(words, Qt.TextElideMode.ElideRight, right - left)
        painter.drawText(QRect(left, area.top(), right - left, area.height()), Qt.AlignmentFlag.AlignVCenter, fitting)
        painter.restore()


def _paint_chip(painter: QPainter, chip: QRectF, index: int) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(face_colour(index)))
    painter.drawRoundedRect(chip, HALF, HALF)
    font = QFont(painter.font())
    font.setPixelSize(SMALL_PX)
    font.setWeight(QFont.Weight.DemiBold)
    painter.setFont(font)
    painter.setPen(QColor(on_face_colour(index)))
    painter.drawText(chip, Qt.AlignmentFlag.AlignCenter, str(index + 1))


def _paint_badge(painter: QPainter, circle: QRectF, badge: Badge) -> None:
    clip = QPainterPath()
    clip.addEllipse(circle)
    painter.save()
    painter.setClipPath(clip)
    if badge.picture.isNull():
        painter.fillRect(circle, QColor(current_tokens().hover))
    else:
        painter.drawPixmap(circle, badge.picture, cover_rect(badge.picture, circle))
    painter.restore()
