"""A source face on the shelf: picture, number, name, grade."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPainterPath, QPen, QPixmap
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from faceswap_desktop.domain.faces import GradeLevel, SourceFace
from faceswap_desktop.ui.item_models.shelf import ShelfRole, level_word
from faceswap_desktop.ui.theme.tokens import BODY_PX, GRID, HALF, RADIUS, SMALL_PX, Tokens, current_tokens

ROW_HEIGHT: Final = 64
_PICTURE: Final = 48


class ShelfDelegate(QStyledItemDelegate):
    """Paints rows of the shelf."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(120, ROW_HEIGHT)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Paint one row."""
        face = index.data(ShelfRole.FACE)
        if not isinstance(face, SourceFace):
            return
        tokens = current_tokens()
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        area = QRect(option.rect).adjusted(HALF, 2, -HALF, -2)
        _paint_ground(painter, area, option, tokens, is_armed=bool(index.data(ShelfRole.ARMED)))
        picture = QRect(area.left() + HALF, area.center().y() - _PICTURE // 2 + 1, _PICTURE, _PICTURE)
        paint_round_picture(painter, QRectF(picture), index.data(ShelfRole.PICTURE), tokens)
        number = str(index.data(ShelfRole.NUMBER))
        if number:
            _paint_number(painter, QRect(picture.left() - 2, picture.top() - 2, 18, 18), number, tokens)
        left = picture.right() + GRID + 2
        words = QRect(left, area.top() + GRID + 2, area.right() - left - HALF, area.height() - 2 * GRID - 4)
        self._paint_words(painter, words, face, int(index.data(ShelfRole.USES)), tokens)
        painter.restore()

    def _paint_words(self, painter: QPainter, area: QRect, face: SourceFace, uses: int, tokens: Tokens) -> None:
        font = QFont(painter.font())
        font.setPixelSize(BODY_PX)
        font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(QColor(tokens.text))
        name = QFontMetrics(font).elidedText(face.name, Qt.TextElideMode.ElideRight, area.width())
        upper = QRect(area.left(), area.top(), area.width(), area.height() // 2)
        painter.drawText(upper, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, name)
        lower = QRect(area.left(), upper.bottom() + 1, area.width(), area.height() // 2)
        paint_grade_dot(painter, QPointF(lower.left() + 5, lower.center().y() + 1), face.grade.level, tokens)
        font.setPixelSize(SMALL_PX)
        font.setWeight(QFont.Weight.Normal)
        painter.setFont(font)
        painter.setPen(QColor(tokens.muted))
        details = [level_word(face.grade.level)]
        if len(face.photos) > 1:
            details.append(self.tr("{n} photos").format(n=len(face.photos)))
        if uses:
            details.append(f"× {uses}")
        text = QFontMetrics(font).elidedText(" · ".join(details), Qt.TextElideMode.ElideRight, lower.width() - 16)
        painter.drawText(lower.adjusted(16, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, text)


def paint_grade_dot(painter: QPainter, centre: QPointF, level: GradeLevel, tokens: Tokens) -> None:
    """Paint a grade: a full dot, a half one, or a ring with a stroke, so that it is not told by colour alone."""
    colour = QColor(
        {GradeLevel.GOOD: tokens.success, GradeLevel.FAIR: tokens.warning, GradeLevel.POOR: tokens.danger}[level]
    )
    painter.setPen(QPen(colour, 1.5))
    painter.setBrush(colour if level is GradeLevel.GOOD else Qt.BrushStyle.NoBrush)
    painter.drawEllipse(centre, 4.0, 4.0)
    if level is GradeLevel.FAIR:
        painter.setBrush(colour)
        painter.drawPie(QRectF(centre.x() - 4, centre.y() - 4, 8, 8), 90 * 16, 180 * 16)
    elif level is GradeLevel.POOR:
        painter.drawLine(centre + QPointF(-2.8, 2.8), centre + QPointF(2.8, -2.8))


def paint_round_picture(painter: QPainter, area: QRectF, picture: QPixmap | None, tokens: Tokens) -> None:
    """Paint a picture with round corners, or an empty ground if there is none."""
    clip = QPainterPath()
    clip.addRoundedRect(area, RADIUS, RADIUS)
    painter.save()
    painter.setClipPath(clip)
    painter.fillRect(area, QColor(tokens.hover))
    if picture is not None and not picture.isNull():
        painter.drawPixmap(area, picture, cover_rect(picture, area))
    painter.restore()
    painter.setPen(QPen(QColor(tokens.border), 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(clip)


def cover_rect(picture: QPixmap, area: QRectF) -> QRectF:
    """Return the part of a picture that fills an area without distortion: its middle, and nearer the top than not.

    Faces are seldom in the lower half.
    """
    scale = max(area.width() / picture.width(), area.height() / picture.height())
    width, height = area.width() / scale, area.height() / scale
    return QRectF((picture.width() - width) / 2, (picture.height() - height) * 0.25, width, height)


def _paint_ground(
    painter: QPainter, area: QRect, option: QStyleOptionViewItem, tokens: Tokens, *, is_armed: bool
) -> None:
    state = option.state
    is_selected = bool(state & QStyle.StateFlag.State_Selected)
    is_hovered = bool(state & QStyle.StateFlag.State_MouseOver)
    painter.setPen(Qt.PenStyle.NoPen)
    if is_selected or is_hovered or is_armed:
        painter.setBrush(QColor(tokens.pressed if is_selected or is_armed else tokens.hover))
        painter.drawRoundedRect(area, RADIUS, RADIUS)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if state & QStyle.StateFlag.State_HasFocus:
        painter.setPen(QPen(QColor(tokens.focus), tokens.focus_width))
        painter.drawRoundedRect(QRectF(area).adjusted(1, 1, -1, -1), RADIUS, RADIUS)
    elif is_armed:
        painter.setPen(QPen(QColor(tokens.accent_text), 2))
        painter.drawRoundedRect(QRectF(area).adjusted(1, 1, -1, -1), RADIUS, RADIUS)


def _paint_number(painter: QPainter, area: QRect, number: str, tokens: Tokens) -> None:
    painter.setPen(QPen(QColor(tokens.window), 1.5))
    painter.setBrush(QColor(tokens.text))
    painter.drawRoundedRect(area, 5, 5)
    font = QFont(painter.font())
    font.setPixelSize(SMALL_PX)
    font.setWeight(QFont.Weight.DemiBold)
    painter.setFont(font)
    painter.setPen(QColor(tokens.window))
    painter.drawText(area, Qt.AlignmentFlag.AlignCenter, number)
