"""The scene: one picture with its faces, measured in pixels of the upright original."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, QPointF, QRectF
from PySide6.QtWidgets import QGraphicsScene

from faceswap_desktop.domain.geometry import Size
from faceswap_desktop.ui.canvas.face_item import FaceItem, Mark
from faceswap_desktop.ui.canvas.faces import CanvasFace
from faceswap_desktop.ui.canvas.picture_item import Patch, PictureItem, PictureLevels

_ROOM_AROUND = 0.5


class CanvasScene(QGraphicsScene):
    """Holds the items; which face is hovered, focused or chosen is told by the view."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        # A handful of items: an index would only be rebuilt at each move.
        self.setItemIndexMethod(QGraphicsScene.ItemIndexMethod.NoIndex)
        self._picture: PictureItem | None = None
        self._faces: list[FaceItem] = []
        self._zoom = 1.0
        self._layers = {"points": True, "numbers": True}

    @property
    def has_picture(self) -> bool:
        """Whether a picture is shown."""
        return self._picture is not None

    @property
    def picture_rect(self) -> QRectF:
        """Where the picture lies; empty without one."""
        return self._picture.boundingRect() if self._picture is not None else QRectF()

    @property
    def faces(self) -> tuple[FaceItem, ...]:
        """The faces by index."""
        return tuple(self._faces)

    def face(self, index: int) -> FaceItem | None:
        """Return one face, or None."""
        return next((item for item in self._faces if item.shown.index == index), None)

    def set_picture(self, levels: PictureLevels | None) -> None:
        """Show another picture; faces and preview of the one before go."""
        self.set_faces(())
        if self._picture is not None:
            self.removeItem(self._picture)
            self._picture = None
        if levels is None:
            self.setSceneRect(QRectF())
            return
        self._picture = PictureItem(levels)
        self.addItem(self._picture)
        self.setSceneRect(room_around(levels.size))

    def set_frame(self, levels: PictureLevels) -> None:
        """Show the next frame of the same video; faces, zoom and place stay."""
        if self._picture is not None and self._picture.levels.size == levels.size:
            self._picture.set_levels(levels)

    def set_faces(self, faces: Sequence[CanvasFace]) -> None:
        """Show these faces. Those that are there already are kept, so that hover and focus stay."""
        if [item.shown.index for item in self._faces] == [shown.index for shown in faces]:
            for item, shown in zip(self._faces, faces, strict=True):
                item.set_shown(shown)
                item.label.room = self._room_right_of(item)
            return
        for item in self._faces:
            self.removeItem(item)
            item.deleteLater()
        self._faces = [FaceItem(shown) for shown in faces]
        for item in self._faces:
            item.label.zoom = self._zoom
            item.label.room = self._room_right_of(item)
            item.set_layers(**self._layers)
            self.addItem(item)

    def set_patches(self, patches: Sequence[Patch]) -> None:
        """Lay a preview over the picture."""
        if self._picture is not None:
            self._picture.set_patches(patches)
        for item in self._faces:
            item.set_preview_shown(any(patch.rect.contains(item.rect.center()) for patch in patches))

    def show_original(self, shows_original: bool) -> None:
        """Hide the preview, for comparing."""
        if self._picture is not None:
            self._picture.show_original(shows_original)

    def set_layers(self, *, points: bool, numbers: bool) -> None:
        """Show or hide landmarks and numbers."""
        self._layers = {"points": points, "numbers": numbers}
        for item in self._faces:
            item.set_layers(points=points, numbers=numbers)

    def set_zoom(self, zoom: float) -> None:
        """Tell the labels how large the boxes are on the screen."""
        self._zoom = zoom
        for item in self._faces:
            item.label.zoom = zoom

    def _room_right_of(self, item: FaceItem) -> float:
        box = item.shown.face.box
        band_top, band_bottom = box.top - box.height, box.top + box.height / 2
        beside = [
            other.shown.face.box.left - box.left
            for other in self._faces
            if other.shown.face.box.left > box.left and band_top < other.shown.face.box.top < band_bottom
        ]
        return min(beside, default=float("inf"))

    def face_at(self, point: QPointF) -> FaceItem | None:
        """Return the smallest face whose box holds a point."""
        hit = [item for item in self._faces if item.rect.contains(point)]
        return min(hit, key=lambda item: item.shown.face.box.area) if hit else None

    def mark_only(self, mark: Mark, index: int | None) -> None:
        """Set a mark on one face and clear it on all others."""
        for item in self._faces:
            item.set_mark(mark, item.shown.index == index)


def room_around(size: Size) -> QRectF:
    """Return a picture's place with room to move its edges to the middle of the view."""
    across, down = size.width * _ROOM_AROUND, size.height * _ROOM_AROUND
    return QRectF(-across, -down, size.width + 2 * across, size.height + 2 * down)
