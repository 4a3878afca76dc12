"""Paints a card: thumbnail, title, who is in it, a star."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPainterPath, QPixmap, QPolygonF
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from faceswap_desktop.domain.job import JobResult
from faceswap_desktop.ui.gallery.mark_words import badge_of
from faceswap_desktop.ui.gallery.result_model import ResultRole
from faceswap_desktop.ui.gallery.words import card_words, tr
from faceswap_desktop.ui.icons import IconColour, icon
from faceswap_desktop.ui.theme.tokens import GRID, HALF, RADIUS, SMALL_PX, Tokens, current_tokens
from faceswap_desktop.ui.widgets.card_grid import paint_card_edge

CARD: Final = QSize(208, 216)
"""Smallest size of a card, with the gap around it."""
_MARGIN: Final = GRID
_PICTURE_HEIGHT: Final = 152
_STAR: Final = 16
_LOST: Final = 24
_MARK: Final = 28
_KEPT_SCALED: Final = 200


class ResultCardDelegate(QStyledItemDelegate):
    """One card of the grid; all have one size, so that a hundred thousand are laid out at once."""

    def __init__(self, grid: QListView) -> None:
        super().__init__(grid)
        self._grid = grid
        self._scaled: OrderedDict[tuple[int, int, int, float], QPixmap] = OrderedDict()

    def sizeHint(self, _option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Return the size of every card, with the gap around it."""
        return self._grid.gridSize()

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Paint one card."""
        tokens = current_tokens()
        result: JobResult | None = index.data(ResultRole.RESULT)
        card = option.rect.adjusted(_MARGIN // 2, _MARGIN // 2, -_MARGIN // 2, -_MARGIN // 2)
        is_selected = bool(option.state & QStyle.StateFlag.State_Selected)
        is_hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        outline = QPainterPath()
        outline.addRoundedRect(QRectF(card).adjusted(0.5, 0.5, -0.5, -0.5), RADIUS, RADIUS)
        painter.fillPath(outline, QColor(tokens.hover if is_hovered else tokens.surface))
        picture = QRect(card.left() + 1, card.top() + 1, card.width() - 2, _PICTURE_HEIGHT)
        self._paint_picture(painter, picture, index, tokens)
        if result is not None and result.recipe.is_video:
            _paint_play(painter, picture)
        if result is not None:
            self._paint_words(painter, card, picture, result, tokens, option)
        has_focus = bool(option.state & QStyle.StateFlag.State_HasFocus)
        paint_card_edge(painter, card, is_selected=is_selected, has_focus=has_focus)
        painter.restore()

    def _paint_picture(
        self, painter: QPainter, room: QRect, index: QModelIndex | QPersistentModelIndex, tokens: Tokens
    ) -> None:
        painter.save()
        clip = QPainterPath()
        clip.addRoundedRect(QRectF(room), RADIUS - 1, RADIUS - 1)
        painter.setClipPath(clip)
        painter.fillRect(room, QColor(tokens.canvas))
        thumbnail: QPixmap | None = index.data(ResultRole.THUMBNAIL)
        if thumbnail is not None:
            size = thumbnail.size().scaled(room.size(), Qt.AspectRatioMode.KeepAspectRatio)
            left = room.left() + (room.width() - size.width()) // 2
            top = room.top() + (room.height() - size.height()) // 2
            painter.drawPixmap(left, top, self._fitting(thumbnail, size, painter.device().devicePixelRatio()))
        elif index.data(ResultRole.IS_MISSING):
            middle = QRect(room.center().x() - _LOST // 2, room.center().y() - _LOST, _LOST, _LOST)
            icon("picture", IconColour.MUTED).paint(painter, middle)
            painter.setPen(QColor(tokens.muted))
            below = QRect(room.left(), middle.bottom() + HALF, room.width(), 20)
            painter.drawText(below, Qt.AlignmentFlag.AlignCenter, tr("File not found"))
        painter.restore()

    def _fitting(self, thumbnail: QPixmap, size: QSize, ratio: float) -> QPixmap:
        """Return a thumbnail in the size of its place: scaled once, it is only copied while the user scrolls."""
        key = (thumbnail.cacheKey(), size.width(), size.height(), ratio)
        found = self._scaled.get(key)
        if found is None:
            wanted = QSize(round(size.width() * ratio), round(size.height() * ratio))
            found = thumbnail.scaled(
                wanted, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
            )
            found.setDevicePixelRatio(ratio)
            self._scaled[key] = found
            while len(self._scaled) > _KEPT_SCALED:
                self._scaled.popitem(last=False)
        else:
            self._scaled.move_to_end(key)
        return found

    def _paint_words(
        self,
        painter: QPainter,
        card: QRect,
        picture: QRect,
        result: JobResult,
        tokens: Tokens,
        option: QStyleOptionViewItem,
    ) -> None:
        room = QRect(card.left() + GRID, picture.bottom() + GRID, card.width() - 2 * GRID, 20)
        if result.is_favourite:
            star = QRect(room.right() - _STAR + 1, room.top() + 2, _STAR, _STAR)
            icon("star-filled", IconColour.WARNING).paint(painter, star)
            room.setRight(star.left() - HALF)
        font = option.font
        painter.setFont(font)
        painter.setPen(QColor(tokens.text))
        title = QFontMetrics(font).elidedText(result.title, Qt.TextElideMode.ElideMiddle, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, title)
        font.setPixelSize(SMALL_PX)
        painter.setFont(font)
        painter.setPen(QColor(tokens.muted))
        room = QRect(card.left() + GRID, room.bottom() + 1, card.width() - 2 * GRID, 18)
        if (badge := badge_of(result.mark)) is not None:
            sign = QRect(room.right() - _STAR + 1, room.top() + 1, _STAR, _STAR)
            colour = IconColour.WARNING if result.mark is None or result.mark.signer is None else IconColour.MUTED
            icon(badge[0], colour).paint(painter, sign)
            room.setRight(sign.left() - HALF)
        words = card_words(result)
        painter.drawText(
            room,
            Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter,
            QFontMetrics(font).elidedText(words, Qt.TextElideMode.ElideRight, room.width()),
        )


def _paint_play(painter: QPainter, room: QRect) -> None:
    """Paint the mark of a video: a triangle in a dark circle, which stands out from any picture."""
    tokens = current_tokens()
    circle = QRectF(room.left() + GRID, room.bottom() - GRID - _MARK + 1, _MARK, _MARK)
    scrim = QColor(tokens.scrim)
    scrim.setAlpha(180)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(scrim)
    painter.drawEllipse(circle)
    middle, reach = circle.center(), _MARK / 4
    painter.setBrush(QColor(tokens.on_scrim))
    painter.drawPolygon(
        QPolygonF(
            [
                QPointF(middle.x() - reach * 0.7, middle.y() - reach),
                QPointF(middle.x() - reach * 0.7, middle.y() + reach),
                QPointF(middle.x() + reach * 1.1, middle.y()),
            ]
        )
    )
