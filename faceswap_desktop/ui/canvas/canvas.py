"""The Studio's canvas: faces that can be pointed at, walked through by keys, and dropped on."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QContextMenuEvent,
    QDrag,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
)
from PySide6.QtWidgets import QApplication, QWidget

from faceswap_desktop.domain.media import MediaId
from faceswap_desktop.domain.pairing import TargetFaceRef
from faceswap_desktop.ui.canvas.accessible import install_face_names
from faceswap_desktop.ui.canvas.drag import (
    SOURCE_FACES,
    TARGET_FACE,
    has_pictures,
    mime_of_target,
    sources_of,
    target_of,
)
from faceswap_desktop.ui.canvas.face_item import FaceItem, Mark
from faceswap_desktop.ui.canvas.faces import CanvasFace
from faceswap_desktop.ui.canvas.picture_item import PictureLevels
from faceswap_desktop.ui.canvas.view import ZoomView

_ARROWS: Final = {
    Qt.Key.Key_Left: QPoint(-1, 0),
    Qt.Key.Key_Right: QPoint(1, 0),
    Qt.Key.Key_Up: QPoint(0, -1),
    Qt.Key.Key_Down: QPoint(0, 1),
}
_DRAG_PICTURE_PX: Final = 56


class Canvas(ZoomView):
    """Shows a picture with its faces and says what the user wants with them.

    Attributes:
        face_clicked: A face was clicked, or Enter pressed on it (index).
        background_clicked: The place beside all faces was clicked.
        focus_moved: The keyboard stands on another face (index, or -1 for none).
        number_pressed: A number key was pressed on a face (index, place on the shelf from 0).
        clear_pressed: A face is to stay as it is (index).
        menu_wanted: A menu is asked for (index or -1, place on the screen).
        sources_dropped: Source faces were dropped (index or -1 for the picture as a whole, ids).
        faces_swapped: A face was dropped on another one (their indices).
        pictures_dropped: Files or pixels were dropped (``QMimeData``).
        compare_held: The original is wanted while this is true.
        escaped: Escape was pressed.
    """

    face_clicked = Signal(int)
    background_clicked = Signal()
    focus_moved = Signal(int)
    number_pressed = Signal(int, int)
    clear_pressed = Signal(int)
    menu_wanted = Signal(int, QPoint)
    sources_dropped = Signal(int, list)
    faces_swapped = Signal(int, int)
    pictures_dropped = Signal(object)
    compare_held = Signal(bool)
    escaped = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        install_face_names()
        self.setProperty("shows-faces", True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAcceptDrops(True)
        self._media: MediaId | None = None
        self._focused: int | None = None
        self._chosen: int | None = None
        self._pressed: tuple[int, QPoint] | None = None

    # What is shown

    def show_picture(self, media: MediaId | None, levels: PictureLevels | None) -> None:
        """Show another picture without faces."""
        self._media = media
        self._focused = self._chosen = self._pressed = None
        self.show_levels(levels)

    def show_frame(self, levels: PictureLevels) -> None:
        """Show the next frame of the video that stands here."""
        self.canvas.set_frame(levels)

    def show_faces(self, faces: list[CanvasFace], media: MediaId | None) -> None:
        """Show the faces of the picture, or whom they become now."""
        self._media = media
        self.canvas.set_faces(faces)
        if self._focused is not None and self.canvas.face(self._focused) is None:
            self._focused = None
        self._refresh_marks()

    @property
    def focused_face(self) -> int | None:
        """The face on which the keyboard stands."""
        return self._focused

    @property
    def chosen_face(self) -> int | None:
        """The face that waits for a source face."""
        return self._chosen

    def choose(self, index: int | None) -> None:
        """Let a face wait for a source face, or none."""
        self._chosen = index
        self.canvas.mark_only(Mark.CHOSEN, index)

    def focus_face(self, index: int | None) -> None:
        """Put the keyboard on a face; screen readers say it."""
        changed = index != self._focused
        self._focused = index
        self._refresh_marks()
        item = self.canvas.face(index) if index is not None else None
        if item is not None:
            self.show_rect(item.rect)
            if self.hasFocus():
                QAccessible.updateAccessibility(QAccessibleEvent(item, QAccessible.Event.Focus))
        if changed:
            self.focus_moved.emit(-1 if index is None else index)

    # Mouse

    def press(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            event.ignore()
            return
        item = self._item_at(event.position())
        self._pressed = (item.shown.index if item is not None else -1, event.position().toPoint())
        event.accept()

    def move_pointer(self, event: QMouseEvent) -> None:
        place = event.position().toPoint()
        if self._pressed is not None and event.buttons() & Qt.MouseButton.LeftButton:
            index, start = self._pressed
            if index >= 0 and (place - start).manhattanLength() >= QApplication.startDragDistance():
                self._pressed = None
                self._drag_face(index)
            return
        item = self._item_at(event.position())
        self.canvas.mark_only(Mark.HOVERED, item.shown.index if item is not None else None)
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor if item is not None else Qt.CursorShape.ArrowCursor)

    def release(self, event: QMouseEvent) -> None:
        pressed, self._pressed = self._pressed, None
        if pressed is None or event.button() != Qt.MouseButton.LeftButton:
            return
        item = self._item_at(event.position())
        index = item.shown.index if item is not None else -1
        if index != pressed[0]:
            return
        if index < 0:
            self.focus_face(None)
            self.background_clicked.emit()
        else:
            self.focus_face(index)
            self.face_clicked.emit(index)

    def leaveEvent(self, event: QEvent) -> None:
        self.canvas.mark_only(Mark.HOVERED, None)
        super().leaveEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for the menu of the face under the pointer, or of the one with the keyboard."""
        if event.reason() == QContextMenuEvent.Reason.Mouse:
            item = self._item_at(QPointF(event.pos()))
            place = event.globalPos()
        else:
            item = self.canvas.face(self._focused) if self._focused is not None else None
            corner = self.mapFromScene(item.rect.bottomLeft()) if item is not None else self.viewport().rect().center()
            place = self.viewport().mapToGlobal(corner)
        if item is not None:
            self.focus_face(item.shown.index)
        self.menu_wanted.emit(item.shown.index if item is not None else -1, place)
        event.accept()

    # Keyboard

    def press_key(self, event: QKeyEvent) -> None:
        """Walk, pair, clear, compare."""
        key, held = Qt.Key(event.key()), event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        number = _number_of(key)
        if held not in {Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier}:
            event.ignore()
        elif key in _ARROWS:
            self._on_arrow(_ARROWS[key], pans=bool(held))
        elif key == Qt.Key.Key_C and not event.isAutoRepeat():
            self.compare_held.emit(True)
        elif key == Qt.Key.Key_Escape:
            self.escaped.emit()
            event.ignore()
        elif self._focused is None:
            event.ignore()
        elif number is not None:
            self.number_pressed.emit(self._focused, number)
        elif key in {Qt.Key.Key_Delete, Qt.Key.Key_Backspace}:
            self.clear_pressed.emit(self._focused)
        elif key in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.face_clicked.emit(self._focused)
        else:
            event.ignore()

    def release_key(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_C and not event.isAutoRepeat():
            self.compare_held.emit(False)
        else:
            event.ignore()

    def focusNextPrevChild(self, is_next: bool) -> bool:
        """Let Tab walk through the faces, and leave the canvas behind the last one."""
        count = len(self.canvas.faces)
        if count:
            step = 1 if is_next else -1
            places = [item.shown.index for item in self.canvas.faces]
            place = places.index(self._focused) if self._focused in places else None
            following = (0 if is_next else -1) if place is None else place + step
            if 0 <= following < count:
                self.focus_face(places[following])
                return True
        return super().focusNextPrevChild(is_next)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        faces = self.canvas.faces
        if faces and event.reason() == Qt.FocusReason.TabFocusReason:
            self.focus_face(faces[0].shown.index)
        elif faces and event.reason() == Qt.FocusReason.BacktabFocusReason:
            self.focus_face(faces[-1].shown.index)
        self._refresh_marks()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.stop_panning()
        self.compare_held.emit(False)
        self._refresh_marks()

    # Drag and drop

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        self._answer_drag(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        self._answer_drag(event)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self.canvas.mark_only(Mark.DROP_TARGET, None)
        event.accept()

    def dropEvent(self, event: QDropEvent) -> None:
        mime = event.mimeData()
        index = self._drop_index(event)
        self.canvas.mark_only(Mark.DROP_TARGET, None)
        if mime.hasFormat(SOURCE_FACES) and self.canvas.faces:
            event.acceptProposedAction()
            self.sources_dropped.emit(self._named_index(event), sources_of(mime))
        elif (dragged := target_of(mime)) is not None and index is not None:
            event.acceptProposedAction()
            self.faces_swapped.emit(dragged.face, index)
        elif has_pictures(mime):
            event.acceptProposedAction()
            self.pictures_dropped.emit(mime)
        else:
            event.ignore()

    def _answer_drag(self, event: QDragMoveEvent) -> None:
        mime = event.mimeData()
        index = self._drop_index(event)
        self.canvas.mark_only(Mark.DROP_TARGET, index)
        wants = index is not None if mime.hasFormat(SOURCE_FACES) or mime.hasFormat(TARGET_FACE) else has_pictures(mime)
        if wants:
            event.acceptProposedAction()
        else:
            event.ignore()

    def _drop_index(self, event: QDropEvent) -> int | None:
        """Return the face that a drop would change: the one below, else the main one for a source face."""
        mime = event.mimeData()
        named = self._named_index(event)
        if mime.hasFormat(SOURCE_FACES):
            if named >= 0:
                return named
            return self.canvas.faces[0].shown.index if self.canvas.faces else None
        dragged = target_of(mime)
        if dragged is not None and dragged.media == self._media and named >= 0 and named != dragged.face:
            return named
        return None

    def _named_index(self, event: QDropEvent) -> int:
        item = self._item_at(event.position())
        return item.shown.index if item is not None else -1

    def _drag_face(self, index: int) -> None:
        item = self.canvas.face(index)
        if item is None or self._media is None:
            return
        drag = QDrag(self)
        drag.setMimeData(mime_of_target(TargetFaceRef(self._media, index)))
        if item.shown.badge is not None and not item.shown.badge.picture.isNull():
            picture = item.shown.badge.picture
        else:
            picture = self.grab(self.mapFromScene(item.rect).boundingRect())
        drag.setPixmap(
            picture.scaled(
                _DRAG_PICTURE_PX,
                _DRAG_PICTURE_PX,
                Qt.AspectRatioMode.KeepAspectRatio,
                Qt.TransformationMode.SmoothTransformation,
            )
        )
        drag.setHotSpot(QPoint(_DRAG_PICTURE_PX // 2, _DRAG_PICTURE_PX // 2))
        drag.exec(Qt.DropAction.MoveAction)

    # Helpers

    def _item_at(self, place: QPointF) -> FaceItem | None:
        return self.canvas.face_at(self.mapToScene(place.toPoint()))

    def _on_arrow(self, direction: QPoint, *, pans: bool) -> None:
        found = None if pans else self._face_towards(direction)
        if found is not None:
            self.focus_face(found)
        else:
            self.scroll_by(direction.x(), direction.y())

    def _face_towards(self, direction: QPoint) -> int | None:
        """Return the nearest face in a direction, sideways distance counting double."""
        faces = self.canvas.faces
        current = self.canvas.face(self._focused) if self._focused is not None else None
        if current is None:
            return faces[0].shown.index if faces else None
        start = current.rect.center()
        best: tuple[float, int] | None = None
        for item in faces:
            way = item.rect.center() - start
            along = way.x() * direction.x() + way.y() * direction.y()
            aside = abs(way.x() * direction.y()) + abs(way.y() * direction.x())
            if item is not current and along > 0 and aside <= 2 * along:
                best = min(best or (float("inf"), -1), (along + 2 * aside, item.shown.index))
        return best[1] if best is not None else None

    def _refresh_marks(self) -> None:
        self.canvas.mark_only(Mark.FOCUSED, self._focused if self.hasFocus() else None)
        self.canvas.mark_only(Mark.CHOSEN, self._chosen)


def _number_of(key: Qt.Key) -> int | None:
    """Return the place on the shelf that a number key means: 1 is the first, 0 the tenth."""
    if Qt.Key.Key_1 <= key <= Qt.Key.Key_9:
        return int(key - Qt.Key.Key_1)
    return 9 if key == Qt.Key.Key_0 else None
