"""A person in front of the camera, or everyone, as a button: portrait, number, whom their face becomes."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QFocusEvent,
    QFont,
    QFontMetrics,
    QKeyEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QPixmap,
)
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from faceswap_desktop.ui.accessibility import name
from faceswap_desktop.ui.canvas.drag import SOURCE_FACES, sources_of
from faceswap_desktop.ui.delegates.shelf import cover_rect
from faceswap_desktop.ui.icons import IconColour, icon
from faceswap_desktop.ui.live.people_painting import paint_number
from faceswap_desktop.ui.theme.tokens import BODY_PX, GRID, HALF, RADIUS, SMALL_PX, Tokens, current_tokens

CHIP_HEIGHT: Final = 48
_PORTRAIT: Final = 36
_NUMBER: Final = 16
_SOURCE: Final = 28
_FAINT: Final = 0.45


class PersonChip(QAbstractButton):
    """Chosen by a click; source faces may be dropped on it.

    Attributes:
        number: From 1; 0 for everyone who has no part of their own.
        sources_dropped: Source faces were dropped (number, ids).
        cleared: Delete was pressed: the face is to be left as it is (number).
        step_wanted: An arrow key was pressed: the next (1) or the one before (-1).
        menu_wanted: A menu is asked for (number, place on the screen).
        focused: The keyboard came here (number); not by a click, which chooses by itself.
    """

    sources_dropped = Signal(int, object)
    cleared = Signal(int)
    step_wanted = Signal(int)
    menu_wanted = Signal(int, QPoint)
    focused = Signal(int)

    def __init__(self, number: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.number = number
        self._title = self.tr("Everyone") if not number else self.tr("Person {n}").format(n=number)
        self._part = ""
        self._portrait = QPixmap()
        self._source = QPixmap()
        self._is_here = True
        self._is_dropping = False
        name(self, f"live-person-{number}", self._title)
        self.setCheckable(True)
        self.setAcceptDrops(True)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFixedHeight(CHIP_HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def part(self) -> str:
        """What is said of their part."""
        return self._part

    def show_part(self, part: str, source: QPixmap, *, is_here: bool) -> None:
        """Show what is done to the face.

        Args:
            part: In words, for example "becomes Grace, +5 years".
            source: Picture of whom it becomes; null for nobody.
            is_here: Whether the person is in the picture now.
        """
        if (part, source.cacheKey(), is_here) == (self._part, self._source.cacheKey(), self._is_here):
            return
        self._part, self._source, self._is_here = part, source, is_here
        words = self.tr("{person}, {part}").format(person=self._title, part=part)
        self.setAccessibleName(words if is_here else self.tr("{person}, not in the picture").format(person=words))
        self.update()

    def show_portrait(self, portrait: QPixmap) -> None:
        """Show what the person looks like."""
        self._portrait = portrait
        self.update()

    # Qt

    def sizeHint(self) -> QSize:
        """Ask for one line of text at least."""
        return QSize(160, CHIP_HEIGHT)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint in the theme's colours."""
        tokens, painter = current_tokens(), QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        self._paint_ground(painter, tokens)
        portrait = QRectF(GRID, (CHIP_HEIGHT - _PORTRAIT) / 2, _PORTRAIT, _PORTRAIT)
        painter.setOpacity(1.0 if self._is_here else _FAINT)
        _paint_round(painter, portrait, self._portrait, tokens)
        if not self.number:
            icon("faces", IconColour.MUTED).paint(painter, portrait.toRect().adjusted(8, 8, -8, -8))
        else:
            corner = QRectF(portrait.left() - 4, portrait.top() - 3, _NUMBER, _NUMBER)
            paint_number(painter, corner, self.number)
        left, right = round(portrait.right()) + GRID, self.width() - GRID
        if not self._source.isNull():
            circle = QRectF(right - _SOURCE, (CHIP_HEIGHT - _SOURCE) / 2, _SOURCE, _SOURCE)
            _paint_round(painter, circle, self._source, tokens)
            right -= _SOURCE + GRID
        upper = QRect(left, HALF + 2, right - left, 20)
        _paint_line(painter, upper, self._title, tokens.text, BODY_PX, is_strong=True)
        _paint_line(painter, upper.translated(0, 19), self._part, tokens.muted, SMALL_PX)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows go to the neighbours, Delete leaves the face as it is, Enter chooses."""
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Right: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_Left: -1}
        key = Qt.Key(event.key())
        if key in step:
            self.step_wanted.emit(step[key])
        elif key in {Qt.Key.Key_Delete, Qt.Key.Key_Backspace} and not event.modifiers():
            self.cleared.emit(self.number)
        elif key in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and not event.modifiers():
            self.click()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Say so: what the keyboard stands on is what it acts upon."""
        super().focusInEvent(event)
        if event.reason() in {Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason}:
            self.focused.emit(self.number)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for the menu."""
        self.menu_wanted.emit(self.number, event.globalPos())

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take source faces."""
        if event.mimeData().hasFormat(SOURCE_FACES):
            self._set_dropping(True)
            event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Be no target any more."""
        self._set_dropping(False)
        super().dragLeaveEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:
        """Take the face."""
        self._set_dropping(False)
        if sources := sources_of(event.mimeData()):
            event.acceptProposedAction()
            self.sources_dropped.emit(self.number, sources)

    def _set_dropping(self, is_dropping: bool) -> None:
        self._is_dropping = is_dropping
        self.update()

    def _paint_ground(self, painter: QPainter, tokens: Tokens) -> None:
        area = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        ground = tokens.pressed if self.isChecked() else tokens.hover if self.underMouse() else ""
        painter.setPen(Qt.PenStyle.NoPen)
        if ground:
            painter.setBrush(QColor(ground))
            painter.drawRoundedRect(area, RADIUS, RADIUS)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if self._is_dropping:
            painter.setPen(QPen(QColor(tokens.focus), 2, Qt.PenStyle.DashLine))
            painter.drawRoundedRect(area, RADIUS, RADIUS)
        elif self.hasFocus():
            painter.setPen(QPen(QColor(tokens.focus), tokens.focus_width))
            painter.drawRoundedRect(area, RADIUS, RADIUS)
        elif self.isChecked():
            painter.setPen(QPen(QColor(tokens.outline), 1))
            painter.drawRoundedRect(area, RADIUS, RADIUS)


def _paint_round(painter: QPainter, circle: QRectF, picture: QPixmap, tokens: Tokens) -> None:
    clip = QPainterPath()
    clip.addEllipse(circle)
    painter.save()
    painter.setClipPath(clip, Qt.ClipOperation.IntersectClip)
    painter.fillRect(circle, QColor(tokens.border if tokens.name != "contrast" else tokens.pressed))
    if not picture.isNull():
        painter.drawPixmap(circle, picture, cover_rect(picture, circle))
    painter.restore()


def _paint_line(
    painter: QPainter, room: QRect, words: str, colour: str, pixels: int, *, is_strong: bool = False
) -> None:
    font = QFont(painter.font())
    font.setPixelSize(pixels)
    font.setWeight(QFont.Weight.DemiBold if is_strong else QFont.Weight.Normal)
    painter.setFont(font)
    painter.setPen(QColor(colour))
    shown = QFontMetrics(font).elidedText(words, Qt.TextElideMode.ElideRight, room.width())
    painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, shown)
