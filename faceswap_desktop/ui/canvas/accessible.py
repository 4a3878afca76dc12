"""Faces for screen readers.

Items of a graphics scene have no accessible interface by themselves. Here each face gets one, as a
child of its canvas: "Face 2 of 4, left of centre, becomes Anna".

Qt's stubs know no interface that is not there; returning None for it is what Qt itself does.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QObject, QRect
from PySide6.QtGui import QAccessible, QAccessibleInterface, QWindow
from PySide6.QtWidgets import QAccessibleWidget, QGraphicsView, QWidget
from shiboken6 import isValid

from faceswap_desktop.ui.canvas.face_item import FaceItem, Mark
from faceswap_desktop.ui.canvas.scene import CanvasScene

_interfaces: Final[dict[int, QAccessibleInterface]] = {}
"""Qt keeps the interfaces by pointer only; without this the Python halves would be collected."""

_installed: Final[list[bool]] = []


def install_face_names() -> None:
    """Let Qt ask here for the interfaces of canvases and faces; does nothing the second time."""
    if not _installed:
        _installed.append(True)
        QAccessible.installFactory(_interface_of)


class CanvasAccessible(QAccessibleWidget):
    """A canvas: its children are the faces."""

    def __init__(self, view: QGraphicsView) -> None:
        super().__init__(view, QAccessible.Role.List)
        self._view = view

    def childCount(self) -> int:
        return len(self._faces())

    def child(self, index: int) -> QAccessibleInterface | None:  # type: ignore[override]
        faces = self._faces()
        return QAccessible.queryAccessibleInterface(faces[index]) if 0 <= index < len(faces) else None

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        shown = child.object()
        return next((place for place, face in enumerate(self._faces()) if face is shown), -1)

    def childAt(self, x: int, y: int) -> QAccessibleInterface | None:  # type: ignore[override]
        return next(
            (
                child
                for place in range(self.childCount())
                if (child := self.child(place)) and child.rect().contains(x, y)
            ),
            None,
        )

    def focusChild(self) -> QAccessibleInterface | None:  # type: ignore[override]
        if not self._view.hasFocus():
            return None
        focused = next((face for face in self._faces() if Mark.FOCUSED in face.marks), None)
        return QAccessible.queryAccessibleInterface(focused) if focused is not None else None

    def _faces(self) -> tuple[FaceItem, ...]:
        scene = self._view.scene() if isValid(self._view) else None
        return scene.faces if isinstance(scene, CanvasScene) else ()


class FaceAccessible(QAccessibleInterface):
    """One face: name, place on the screen, and how it stands."""

    def __init__(self, face: FaceItem) -> None:
        super().__init__()
        self._face = face

    def isValid(self) -> bool:
        return isValid(self._face) and self._face.scene() is not None

    def object(self) -> QObject:
        return self._face

    def parent(self) -> QAccessibleInterface | None:  # type: ignore[override]
        view = self._view()
        return QAccessible.queryAccessibleInterface(view) if view is not None else None

    def child(self, index: int) -> QAccessibleInterface | None:  # type: ignore[override]
        return None

    def childCount(self) -> int:
        return 0

    def childAt(self, x: int, y: int) -> QAccessibleInterface | None:  # type: ignore[override]
        return None

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        return -1

    def text(self, kind: QAccessible.Text) -> str:
        """Return the face's description as its name, and the keys as its help."""
        if not self.isValid():
            return ""
        if kind == QAccessible.Text.Name:
            return self._face.shown.description()
        if kind == QAccessible.Text.Help:
            return self._face.tr("Press a number to choose a source face, Delete to leave the face as it is")
        return ""

    def setText(self, kind: QAccessible.Text, text: str) -> None:
        """Do nothing: a face's name follows from what it becomes."""

    def rect(self) -> QRect:
        view = self._view()
        if view is None:
            return QRect()
        seen = view.mapFromScene(self._face.rect).boundingRect()
        return QRect(view.viewport().mapToGlobal(seen.topLeft()), seen.size())

    def role(self) -> QAccessible.Role:
        return QAccessible.Role.ListItem

    def state(self) -> QAccessible.State:
        state = QAccessible.State()
        view = self._view()
        if view is None:
            state.invalid = True
            return state
        state.focusable = True
        state.selectable = True
        state.selected = Mark.CHOSEN in self._face.marks
        state.focused = Mark.FOCUSED in self._face.marks
        state.offscreen = not view.viewport().rect().intersects(view.mapFromScene(self._face.rect).boundingRect())
        state.invisible = not view.isVisible()
        return state

    def window(self) -> QWindow | None:  # type: ignore[override]
        view = self._view()
        return view.window().windowHandle() if view is not None else None

    def _view(self) -> QGraphicsView | None:
        if not self.isValid():
            return None
        views = self._face.scene().views()
        return views[0] if views else None


def _interface_of(_class_name: str, watched: QObject | None) -> QAccessibleInterface | None:
    made: QAccessibleInterface
    if isinstance(watched, FaceItem):
        made = FaceAccessible(watched)
    elif isinstance(watched, QWidget) and isinstance(watched, QGraphicsView) and watched.property("shows-faces"):
        made = CanvasAccessible(watched)
    else:
        return None
    key = id(watched)
    _interfaces[key] = made
    watched.destroyed.connect(lambda: _interfaces.pop(key, None))
    return made
