"""Paints a job: what it makes, where it stands, how far it is."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPainterPath, QPen, QPixmap
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from faceswap_desktop.domain.job import Job, JobState
from faceswap_desktop.ui.gallery.job_model import JobRole, is_tall
from faceswap_desktop.ui.icons import IconColour, icon
from faceswap_desktop.ui.theme.tokens import GRID, RADIUS, SMALL_PX, current_tokens

ROW_HEIGHT: Final = 52
TALL_HEIGHT: Final = 88
"""Of a video that is being made: its last frame is shown."""
_PICTURE: Final = 40
_FRAME: Final = QSize(128, 72)
_TALL_WORDS: Final = 12
_BAR_WIDTH: Final = 160
_BAR_HEIGHT: Final = 4
_MARK: Final = 20


class JobRowDelegate(QStyledItemDelegate):
    """One row of the job list; room for the progress bar is always kept, so nothing jumps."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Return the size of a row."""
        job = index.data(JobRole.JOB)
        return QSize(option.rect.width(), height_of(job) if job is not None else ROW_HEIGHT)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Paint one row."""
        tokens = current_tokens()
        job: Job | None = index.data(JobRole.JOB)
        if job is None:
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        row = option.rect.adjusted(2, 1, -2, -1)
        is_selected = bool(option.state & QStyle.StateFlag.State_Selected)
        if is_selected or option.state & QStyle.StateFlag.State_MouseOver:
            ground = QPainterPath()
            ground.addRoundedRect(QRectF(row), RADIUS, RADIUS)
            painter.fillPath(ground, QColor(tokens.pressed if is_selected else tokens.hover))
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(QColor(tokens.focus), tokens.focus_width))
            painter.drawRoundedRect(QRectF(row).adjusted(1, 1, -1, -1), RADIUS, RADIUS)
        if is_tall(job):
            size = _FRAME
            left = row.left() + GRID + size.width() + GRID + 4
            bar = QRect(left, row.bottom() - 2 * GRID, row.right() - GRID - left, _BAR_HEIGHT)
            words = QRect(left, row.top() + _TALL_WORDS, bar.width(), 20)
        else:
            size = QSize(_PICTURE, _PICTURE)
            left = row.left() + GRID + size.width() + GRID + 4
            bar = QRect(row.right() - _BAR_WIDTH - GRID, row.center().y() - _BAR_HEIGHT // 2, _BAR_WIDTH, _BAR_HEIGHT)
            words = QRect(left, row.top() + 6, bar.left() - left - 2 * GRID + 4, 20)
        picture = QRect(row.left() + GRID, row.top() + (row.height() - size.height()) // 2, size.width(), size.height())
        self._paint_picture(painter, picture, index.data(JobRole.THUMBNAIL), QColor(tokens.canvas))
        self._paint_words(painter, words, option, index, job)
        self._paint_progress(painter, bar, index.data(JobRole.FRACTION), job)
        painter.restore()

    def _paint_picture(self, painter: QPainter, room: QRect, thumbnail: QPixmap | None, ground: QColor) -> None:
        painter.save()
        clip = QPainterPath()
        clip.addRoundedRect(QRectF(room), 4, 4)
        painter.setClipPath(clip)
        painter.fillRect(room, ground)
        if thumbnail is not None:
            size = thumbnail.size().scaled(room.size(), Qt.AspectRatioMode.KeepAspectRatioByExpanding)
            where = QRect(0, 0, size.width(), size.height())
            where.moveCenter(room.center())
            painter.drawPixmap(where, thumbnail)
        else:
            mark = QRect(room.center().x() - _MARK // 2, room.center().y() - _MARK // 2, _MARK, _MARK)
            icon("picture", IconColour.MUTED).paint(painter, mark)
        painter.restore()

    def _paint_words(
        self,
        painter: QPainter,
        room: QRect,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
        job: Job,
    ) -> None:
        tokens = current_tokens()
        font = option.font
        align = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.setFont(font)
        painter.setPen(QColor(tokens.text))
        title = str(index.data(Qt.ItemDataRole.DisplayRole))
        painter.drawText(room, align, QFontMetrics(font).elidedText(title, Qt.TextElideMode.ElideMiddle, room.width()))
        font.setPixelSize(SMALL_PX)
        painter.setFont(font)
        painter.setPen(QColor(tokens.danger if job.state is JobState.FAILED else tokens.muted))
        below = room.translated(0, 19)
        state = str(index.data(JobRole.STATE_TEXT))
        painter.drawText(below, align, QFontMetrics(font).elidedText(state, Qt.TextElideMode.ElideRight, below.width()))

    def _paint_progress(self, painter: QPainter, bar: QRect, fraction: float | None, job: Job) -> None:
        tokens = current_tokens()
        if fraction is None:
            name, colour = _mark_of(job)
            where = QRect(bar.right() - _MARK + 1, bar.center().y() - _MARK // 2, _MARK, _MARK)
            icon(name, colour).paint(painter, where)
            return
        ground = QPainterPath()
        ground.addRoundedRect(QRectF(bar), _BAR_HEIGHT / 2, _BAR_HEIGHT / 2)
        painter.fillPath(ground, QColor(tokens.pressed if tokens.name == "contrast" else tokens.border))
        done = QRectF(bar)
        done.setWidth(max(_BAR_HEIGHT, bar.width() * fraction))
        filled = QPainterPath()
        filled.addRoundedRect(done, _BAR_HEIGHT / 2, _BAR_HEIGHT / 2)
        painter.fillPath(filled, QColor(tokens.accent_text))


def height_of(job: Job) -> int:
    """Return the height of a job's row."""
    return TALL_HEIGHT if is_tall(job) else ROW_HEIGHT


def _mark_of(job: Job) -> tuple[str, IconColour]:
    if job.state is JobState.FAILED:
        return ("error", IconColour.DANGER)
    if job.state is JobState.UNCONFIRMED:
        return ("warning", IconColour.WARNING)
    if job.state is JobState.CANCELLED:
        return ("stop", IconColour.MUTED)
    if job.hold is not None:
        return ("pause", IconColour.MUTED)
    return ("clock", IconColour.MUTED)
