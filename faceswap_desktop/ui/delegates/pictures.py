"""A picture of the strip below the canvas."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from faceswap_desktop.services.studio import PictureStatus, StudioPicture
from faceswap_desktop.ui.delegates.shelf import paint_round_picture
from faceswap_desktop.ui.icons import IconColour, icon
from faceswap_desktop.ui.item_models.pictures import PictureRole
from faceswap_desktop.ui.texts import clock_text
from faceswap_desktop.ui.theme.tokens import HALF, RADIUS, SMALL_PX, Tokens, current_tokens, face_colour, on_face_colour

CELL: Final = QSize(112, 88)
_PICTURE: Final = QSize(100, 58)
_COUNT: Final = 18


class PictureDelegate(QStyledItemDelegate):
    """Paints thumbnail, name, and how many faces are paired."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return CELL

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Paint one picture."""
        picture = index.data(PictureRole.PICTURE)
        if not isinstance(picture, StudioPicture):
            return
        tokens = current_tokens()
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        # The view stretches rows to its own height.
        area = QRect(option.rect.topLeft(), CELL).adjusted(1, 1, -1, -1)
        self._paint_ground(painter, area, option, tokens)
        shown = QRect(
            area.center().x() - _PICTURE.width() // 2 + 1, area.top() + HALF, _PICTURE.width(), _PICTURE.height()
        )
        paint_round_picture(painter, QRectF(shown), index.data(PictureRole.THUMBNAIL), tokens)
        if picture.status is PictureStatus.FAILED:
            icon("warning", IconColour.WARNING).paint(
                painter, QRect(shown.center().x() - 11, shown.center().y() - 11, 22, 22)
            )
        elif picture.status is not PictureStatus.READY:
            icon("clock", IconColour.MUTED).paint(
                painter, QRect(shown.center().x() - 9, shown.center().y() - 9, 18, 18)
            )
        else:
            if not picture.is_video or picture.analysis is not None:
                self._paint_counts(painter, shown, len(picture.faces), int(index.data(PictureRole.PAIRED)), tokens)
            self._paint_length(painter, shown, picture, tokens)
        self._paint_name(
            painter, QRect(area.left() + HALF, shown.bottom() + 3, area.width() - 2 * HALF, 18), picture, tokens
        )
        painter.restore()

    def _paint_ground(self, painter: QPainter, area: QRect, option: QStyleOptionViewItem, tokens: Tokens) -> None:
        state = option.state
        is_selected = bool(state & QStyle.StateFlag.State_Selected)
        painter.setPen(QPen(QColor(tokens.accent_text), 2) if is_selected else Qt.PenStyle.NoPen)
        if is_selected or state & QStyle.StateFlag.State_MouseOver:
            painter.setBrush(QColor(tokens.pressed if is_selected else tokens.hover))
            painter.drawRoundedRect(QRectF(area).adjusted(1, 1, -1, -1), RADIUS, RADIUS)
        if state & QStyle.StateFlag.State_HasFocus:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(tokens.focus), tokens.focus_width, Qt.PenStyle.DotLine))
            painter.drawRoundedRect(QRectF(area).adjusted(3, 3, -3, -3), RADIUS - 2, RADIUS - 2)

    def _paint_counts(self, painter: QPainter, shown: QRect, faces: int, paired: int, tokens: Tokens) -> None:
        font = QFont(painter.font())
        font.setPixelSize(SMALL_PX)
        font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        words = f"{paired}/{faces}" if faces else "0"
        width = QFontMetrics(font).horizontalAdvance(words) + 12
        chip = QRectF(shown.right() - width - 3, shown.bottom() - _COUNT - 3, width, _COUNT)
        # A full chip in a face's colour says that something is paired; an outlined one that nothing is.
        ground = QColor(face_colour(0)) if paired else QColor(tokens.scrim)
        ground.setAlpha(255 if paired else 190)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        painter.drawRoundedRect(chip, _COUNT / 2, _COUNT / 2)
        painter.setPen(QColor(on_face_colour(0)) if paired else QColor(tokens.on_scrim))
        painter.drawText(chip, Qt.AlignmentFlag.AlignCenter, words)

    def _paint_length(self, painter: QPainter, shown: QRect, picture: StudioPicture, tokens: Tokens) -> None:
        if picture.media is None or picture.media.video is None:
            return
        font = QFont(painter.font())
        font.setPixelSize(SMALL_PX)
        font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        words = clock_text(picture.media.video.seconds)
        chip = QRectF(
            shown.left() + 3, shown.bottom() - _COUNT - 3, QFontMetrics(font).horizontalAdvance(words) + 12, _COUNT
        )
        ground = QColor(tokens.scrim)
        ground.setAlpha(190)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        painter.drawRoundedRect(chip, HALF, HALF)
        painter.setPen(QColor(tokens.on_scrim))
        painter.drawText(chip, Qt.AlignmentFlag.AlignCenter, words)

    def _paint_name(self, painter: QPainter, area: QRect, picture: StudioPicture, tokens: Tokens) -> None:
        font = QFont(painter.font())
        font.setPixelSize(SMALL_PX)
        font.setWeight(QFont.Weight.Normal)
        painter.setFont(font)
        painter.setPen(QColor(tokens.text))
        name = QFontMetrics(font).elidedText(picture.name, Qt.TextElideMode.ElideMiddle, area.width())
        painter.drawText(area, Qt.AlignmentFlag.AlignCenter, name)
