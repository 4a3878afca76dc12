"""The library's source faces as the Studio needs them: all by id, and those on the shelf in order."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QPixmap

from faceswap_desktop.domain.faces import SourceFace, SourceFaceId
from faceswap_desktop.services.library import Library
from faceswap_desktop.ui.bridge import Tasks
from faceswap_desktop.ui.canvas.faces import Badge


class Sources(QObject):
    """Follows the library.

    Attributes:
        changed: Source faces came, went or changed.
    """

    changed = Signal()

    def __init__(self, library: Library, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._library = library
        self._tasks = tasks
        self._faces: dict[SourceFaceId, SourceFace] = {}
        self._pictures: dict[str, QPixmap] = {}
        self._is_stale = False
        self._is_loaded = False

    @property
    def all(self) -> Mapping[SourceFaceId, SourceFace]:
        """Every source face of the library, in order."""
        return self._faces

    @property
    def shelf(self) -> list[SourceFace]:
        """Those on the shelf, in order."""
        return [face for face in self._faces.values() if face.on_shelf]

    def name_of(self, face_id: SourceFaceId) -> str:
        """Return a source face's name; empty if it is gone."""
        face = self._faces.get(face_id)
        return face.name if face is not None else ""

    def badge(self, face_id: SourceFaceId | None) -> Badge | None:
        """Return name and picture of a source face; None if it is gone."""
        face = self._faces.get(face_id) if face_id is not None else None
        if face is None:
            return None
        picture = self._pictures.get(face.thumbnail_path)
        if picture is None:
            picture = self._pictures[face.thumbnail_path] = QPixmap(face.thumbnail_path)
        return Badge(face.name, picture)

    def reload(self) -> None:
        """Fetch them again; calls while it runs become one more round."""
        self._is_stale = True
        self._tasks.start(self._load(), key="sources")

    async def load(self) -> None:
        """Have what the library holds now."""
        self._is_stale = True
        await self._load()

    async def ready(self) -> None:
        """Have what the library held once: nobody can be paired with faces that are not known yet."""
        if not self._is_loaded:
            await self.load()

    async def _load(self) -> None:
        while self._is_stale:
            self._is_stale = False
            faces = {face.id: face for face in await self._library.faces()}
            self._is_loaded = True
            if faces != self._faces:
                self._faces = faces
                known = {face.thumbnail_path for face in faces.values()}
                self._pictures = {path: picture for path, picture in self._pictures.items() if path in known}
                self.changed.emit()
