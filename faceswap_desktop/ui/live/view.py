"""The picture of the Live page: the newest one, painted at once, with the people in it where that helps."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QEnterEvent,
    QFocusEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from faceswap_desktop.domain.live import LivePerson, LivePicture, Shown
from faceswap_desktop.ui.accessibility import name
from faceswap_desktop.ui.canvas.drag import SOURCE_FACES, sources_of
from faceswap_desktop.ui.live.people_painting import PersonMark, paint_box, paint_words
from faceswap_desktop.ui.theme.tokens import GRID, current_tokens, face_colour
from faceswap_desktop.ui.widgets.roles import set_role

_SMALLEST: Final = QSize(160, 120)
_WITH_PEOPLE: Final = (Shown.SWAPPED, Shown.CAMERA)


@dataclass(frozen=True, slots=True)
class Seen:
    """What is written at people's boxes.

    Attributes:
        people: Who is in the picture.
        words: By their numbers, what their faces become; empty for nothing.
        chosen: On whom the next source face goes; 0 for everyone, None for nobody in particular.
        is_anybody_changed: Whether somebody has a part: else boxes show all the time, for there is nothing else to see.
    """

    people: Sequence[LivePerson] = ()
    words: Mapping[int, str] = field(default_factory=dict)
    chosen: int | None = None
    is_anybody_changed: bool = False


class LiveView(QWidget):
    """Paints; it keeps the newest picture only and queues nothing.

    Attributes:
        person_clicked: A person was clicked, or Enter pressed on one (number); 0 for the picture beside them.
        person_focused: The keyboard went to a person (number).
        sources_dropped: Source faces were dropped on a person (number, ids); 0 for the picture beside them.
        person_cleared: Delete was pressed on a person (number).
        menu_wanted: A menu is asked for (number or 0, place on the screen).
        on_shown: Called with the number of each picture once it was painted.
        camera: Returns the camera's own picture, for comparing.
    """

    person_clicked = Signal(int)
    person_focused = Signal(int)
    person_cleared = Signal(int)
    sources_dropped = Signal(int, object)
    menu_wanted = Signal(int, QPoint)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "canvas")
        name(self, "live-view", self.tr("Live picture"))
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAcceptDrops(True)
        self.on_shown: Callable[[int], None] = _nobody_waits
        self.camera: Callable[[], LivePicture | None] = _no_camera
        self._picture: LivePicture | None = None
        self._seen = Seen()
        self._image: tuple[int, QImage] = (0, QImage())
        self._told = 0
        self._compares = False
        self._is_beside = False
        self._hovered = 0
        self._focused = 0
        self._drop_on: int | None = None

    # What it shows

    @property
    def picture(self) -> LivePicture | None:
        """The picture that was shown last; None while there is none."""
        return self._picture

    @property
    def focused_person(self) -> int:
        """Number of the person on whom the pointer, or else the keyboard, is; 0 for none."""
        return self._hovered or (self._focused if self.hasFocus() else 0)

    @property
    def compares(self) -> bool:
        """Whether the camera's own picture is shown, in the window only."""
        return self._compares

    @property
    def is_beside(self) -> bool:
        """Whether the camera's picture stands at the left."""
        return self._is_beside

    @property
    def shows_people(self) -> bool:
        """Whether boxes are painted: while somebody looks for them, or where nothing else is to be seen yet."""
        picture = self._picture
        if picture is None or picture.shown not in _WITH_PEOPLE:
            return False
        is_looked_at = self.underMouse() or self.hasFocus() or self._drop_on is not None
        return is_looked_at or not self._seen.is_anybody_changed

    def show_picture(self, picture: LivePicture | None) -> None:
        """Show a picture as soon as possible; None for none."""
        self._picture = picture
        if picture is None:
            # The next session counts from the beginning.
            self._image, self._told = (0, QImage()), 0
        self.update()

    def show_seen(self, seen: Seen) -> None:
        """Show other people, or other words at them."""
        if seen != self._seen:
            self._seen = seen
            if self.shows_people:
                self.update()

    def compare(self, is_held: bool) -> None:
        """Show the camera's own picture while this is held."""
        self._compares = is_held
        self.update()

    def set_beside(self, is_beside: bool) -> None:
        """Show the camera's picture at the left of the other."""
        self._is_beside = is_beside
        self.update()

    def place_of(self, number: int) -> QRectF:
        """Return where a person's box is in this widget; empty where they are not seen."""
        area = self._area
        for person in self._seen.people:
            if person.number == number and self._picture is not None:
                box = person.box
                across, down = area.width() / self._picture.width, area.height() / self._picture.height
                return QRectF(
                    area.x() + box.left * across,
                    area.y() + box.top * down,
                    (box.right - box.left) * across,
                    (box.bottom - box.top) * down,
                )
        return QRectF()

    def person_at(self, place: QPointF) -> int:
        """Return the number of the person at a place of this widget; 0 for nobody. The smallest box wins."""
        boxes = [(one.number, self.place_of(one.number)) for one in self._seen.people]
        hit = [(box.width() * box.height(), number) for number, box in boxes if box.contains(place)]
        return min(hit)[1] if hit else 0

    # Painting

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the newest picture; what is under it only where it does not reach."""
        tokens, painter = current_tokens(), QPainter(self)
        painter.fillRect(self.rect(), QColor(tokens.canvas))
        picture = self._picture
        if picture is None:
            return
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        camera = self.camera() if self._compares or self._is_beside else None
        if camera is not None and self._is_beside:
            painter.drawImage(self._fitted(camera, self._half(0)), _image_of(camera))
        if camera is not None and self._compares:
            painter.drawImage(self._fitted(camera, self._room), _image_of(camera))
        else:
            painter.drawImage(self._area, self._kept(picture))
        if self.shows_people and not self._compares:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._paint_people(painter)
        if self.hasFocus():
            # A frame only: what was painted before may have left a brush.
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(tokens.focus), tokens.focus_width))
            painter.drawRect(QRectF(self.rect()).adjusted(1, 1, -1, -1))
        painter.end()
        if picture.number != self._told:
            self._told = picture.number
            self.on_shown(picture.number)

    def _paint_people(self, painter: QPainter) -> None:
        room = self._area
        for person in self._seen.people:
            number = person.number
            mark = PersonMark(
                number,
                self.place_of(number),
                is_strong=number in {self._hovered, self._seen.chosen, self._drop_on} or number == self.focused_person,
            )
            paint_box(painter, mark, face_colour(number - 1))
            paint_words(painter, mark, self._seen.words.get(number, ""), room)
        if self._drop_on == 0:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(current_tokens().focus), 3, Qt.PenStyle.DashLine))
            painter.drawRect(room.adjusted(2, 2, -2, -2))

    def _kept(self, picture: LivePicture) -> QImage:
        # A repaint for the boxes' sake needs no second look at the pixels.
        if self._image[0] != picture.number:
            self._image = (picture.number, _image_of(picture))
        return self._image[1]

    @property
    def _room(self) -> QRectF:
        return QRectF(self.rect()) if not self._is_beside else self._half(1)

    @property
    def _area(self) -> QRectF:
        return self._fitted(self._picture, self._room) if self._picture is not None else QRectF()

    def _half(self, which: int) -> QRectF:
        # Beside or below: whichever way leaves more of the picture.
        shape = self._picture.width / self._picture.height if self._picture is not None else 1.0
        across = min((self.width() - GRID) / 2, self.height() * shape)
        down = min(self.width(), (self.height() - GRID) / 2 * shape)
        if across >= down:
            width = (self.width() - GRID) / 2
            return QRectF(which * (width + GRID), 0, width, self.height())
        height = (self.height() - GRID) / 2
        return QRectF(0, which * (height + GRID), self.width(), height)

    def _fitted(self, picture: LivePicture, room: QRectF) -> QRectF:
        scale = min(room.width() / picture.width, room.height() / picture.height)
        width, height = picture.width * scale, picture.height * scale
        left, top = room.x() + (room.width() - width) / 2, room.y() + (room.height() - height) / 2
        return QRectF(round(left), round(top), round(width), round(height))

    # Pointer and keyboard

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Mark the person under the pointer."""
        self._hover(self.person_at(event.position()))

    def enterEvent(self, event: QEnterEvent) -> None:
        """Show the boxes."""
        super().enterEvent(event)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """Hide the boxes again."""
        super().leaveEvent(event)
        self._hover(0)
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose a person."""
        if event.button() is Qt.MouseButton.LeftButton:
            self._focused = self.person_at(event.position())
            self.person_clicked.emit(self._focused)
        super().mousePressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for the menu of the person there."""
        if event.reason() is QContextMenuEvent.Reason.Keyboard:
            number = self.focused_person
            place = self.place_of(number).center().toPoint() if number else self.rect().center()
        else:
            number, place = self.person_at(QPointF(event.pos())), event.pos()
        self.menu_wanted.emit(number, self.mapToGlobal(place))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows go from person to person, Enter chooses, Delete leaves a face as it is."""
        numbers = [one.number for one in sorted(self._seen.people, key=lambda one: one.box.left)]
        step = {Qt.Key.Key_Right: 1, Qt.Key.Key_Down: 1, Qt.Key.Key_Left: -1, Qt.Key.Key_Up: -1}.get(
            Qt.Key(event.key()), 0
        )
        if step and numbers:
            before = numbers.index(self._focused) if self._focused in numbers else (-1 if step > 0 else 0)
            self._focused = numbers[(before + step) % len(numbers)]
            self.person_focused.emit(self._focused)
            self.update()
        elif event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and not event.modifiers() and self._focused:
            self.person_clicked.emit(self._focused)
        elif event.key() in {Qt.Key.Key_Delete, Qt.Key.Key_Backspace} and not event.modifiers() and self._focused:
            self.person_cleared.emit(self._focused)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the boxes."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Hide the boxes again."""
        super().focusOutEvent(event)
        self.update()

    # Dropping

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take source faces; files are the page's."""
        self._drag(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Mark whom the face would go on."""
        self._drag(event)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Mark nobody any more."""
        self._drop_on = None
        self.update()
        super().dragLeaveEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:
        """Give the face to whoever is there."""
        number = self.person_at(event.position())
        self._drop_on = None
        self.update()
        if sources := sources_of(event.mimeData()):
            event.acceptProposedAction()
            self.sources_dropped.emit(number, sources)

    def _drag(self, event: QDragMoveEvent) -> None:
        if not event.mimeData().hasFormat(SOURCE_FACES) or self._picture is None:
            event.ignore()
            return
        number = self.person_at(event.position())
        if number != self._drop_on:
            self._drop_on = number
            self.update()
        event.acceptProposedAction()

    def _hover(self, number: int) -> None:
        if number != self._hovered:
            self._hovered = number
            self.update()


def _image_of(picture: LivePicture) -> QImage:
    """Return pixels as Qt scales them fastest: with four bytes each it takes a third of the time."""
    plain = QImage(picture.pixels, picture.width, picture.height, picture.width * 3, QImage.Format.Format_RGB888)
    return plain.convertToFormat(QImage.Format.Format_RGB32)


def _nobody_waits(_number: int) -> None:
    """Say to nobody that a picture was painted."""


def _no_camera() -> LivePicture | None:
    return None
