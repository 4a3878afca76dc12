"""Paints a source face: picture, name, verdict."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPainterPath, QPixmap
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from faceswap_desktop.domain.consent import Standing
from faceswap_desktop.domain.faces import GradeLevel, SourceFace
from faceswap_desktop.ui.consent.words import STANDING_MARKS, standing_text
from faceswap_desktop.ui.faces.face_model import FaceRole
from faceswap_desktop.ui.faces.words import level_text, photos_text, tr
from faceswap_desktop.ui.icons import IconColour, icon
from faceswap_desktop.ui.theme.tokens import GRID, HALF, RADIUS, SMALL_PX, current_tokens
from faceswap_desktop.ui.widgets.card_grid import paint_card_edge

FACE_CARD: Final = QSize(168, 234)
"""Smallest size of a card, with the gap around it."""
_EDGE: Final = 144
_MARK: Final = 16

LEVEL_MARKS: Final = {
    GradeLevel.GOOD: ("success", IconColour.SUCCESS),
    GradeLevel.FAIR: ("warning", IconColour.WARNING),
    GradeLevel.POOR: ("error", IconColour.DANGER),
}
"""Icon and colour of each verdict; the word always stands beside it."""


class FaceCardDelegate(QStyledItemDelegate):
    """One card of the library."""

    def __init__(self, grid: QListView) -> None:
        super().__init__(grid)
        self._grid = grid

    def sizeHint(self, _option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Return the size of every card, with the gap around it."""
        return self._grid.gridSize()

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Paint one card."""
        face: SourceFace | None = index.data(FaceRole.FACE)
        if face is None:
            return
        tokens = current_tokens()
        card = option.rect.adjusted(HALF, HALF, -HALF, -HALF)
        is_hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        outline = QPainterPath()
        outline.addRoundedRect(QRectF(card).adjusted(0.5, 0.5, -0.5, -0.5), RADIUS, RADIUS)
        painter.fillPath(outline, QColor(tokens.hover if is_hovered else tokens.surface))
        picture = QRect(card.left() + (card.width() - _EDGE) // 2, card.top() + GRID, _EDGE, _EDGE)
        self._paint_picture(painter, picture, index.data(FaceRole.THUMBNAIL), faded=not face.on_shelf)
        self._paint_words(painter, card, picture, face, option)
        if (standing := index.data(FaceRole.STANDING)) is not None:
            # Through Qt it comes as its text.
            self._paint_standing(painter, picture, Standing(standing), option)
        is_selected = bool(option.state & QStyle.StateFlag.State_Selected)
        has_focus = bool(option.state & QStyle.StateFlag.State_HasFocus)
        paint_card_edge(painter, card, is_selected=is_selected, has_focus=has_focus)
        painter.restore()

    def _paint_picture(self, painter: QPainter, room: QRect, thumbnail: QPixmap, *, faded: bool) -> None:
        painter.save()
        clip = QPainterPath()
        clip.addRoundedRect(QRectF(room), HALF, HALF)
        painter.setClipPath(clip)
        painter.fillRect(room, QColor(current_tokens().canvas))
        painter.setOpacity(0.45 if faded else 1.0)
        if not thumbnail.isNull():
            painter.drawPixmap(room, thumbnail)
        else:
            mark = QRect(room.center().x() - _MARK, room.center().y() - _MARK, 2 * _MARK, 2 * _MARK)
            icon("person", IconColour.MUTED).paint(painter, mark)
        painter.restore()

    def _paint_standing(
        self, painter: QPainter, picture: QRect, standing: Standing, option: QStyleOptionViewItem
    ) -> None:
        mark = QRect(picture.left(), picture.bottom() + 50, _MARK, _MARK)
        icon(*STANDING_MARKS[standing]).paint(painter, mark)
        font = option.font
        font.setPixelSize(SMALL_PX)
        painter.setFont(font)
        painter.setPen(QColor(current_tokens().muted))
        room = QRect(mark.right() + HALF + 1, mark.top() - 1, picture.right() - mark.right() - HALF, 18)
        words = QFontMetrics(font).elidedText(standing_text(standing), Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, words)

    def _paint_words(
        self, painter: QPainter, card: QRect, picture: QRect, face: SourceFace, option: QStyleOptionViewItem
    ) -> None:
        tokens = current_tokens()
        align = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        font = option.font
        room = QRect(picture.left(), picture.bottom() + 6, picture.width(), 20)
        painter.setFont(font)
        painter.setPen(QColor(tokens.text))
        painter.drawText(
            room, align, QFontMetrics(font).elidedText(face.name, Qt.TextElideMode.ElideRight, room.width())
        )
        font.setPixelSize(SMALL_PX)
        painter.setFont(font)
        painter.setPen(QColor(tokens.muted))
        mark = QRect(room.left(), room.bottom() + 2, _MARK, _MARK)
        icon(*LEVEL_MARKS[face.grade.level]).paint(painter, mark)
        parts = [level_text(face.grade.level)]
        if len(face.photos) > 1:
            parts.append(photos_text(face))
        if not face.on_shelf:
            parts.append(tr("off the shelf"))
        words = " · ".join(parts)
        below = QRect(mark.right() + HALF + 1, mark.top() - 1, room.right() - mark.right() - HALF, 18)
        painter.drawText(below, align, QFontMetrics(font).elidedText(words, Qt.TextElideMode.ElideRight, below.width()))
