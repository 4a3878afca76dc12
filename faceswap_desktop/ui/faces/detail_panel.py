"""What is known of the chosen source faces: photos, verdicts, weights."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from faceswap_desktop.domain.faces import SourceFace, SourcePhoto
from faceswap_desktop.ui.accessibility import name
from faceswap_desktop.ui.faces.face_card import LEVEL_MARKS
from faceswap_desktop.ui.faces.words import grade_text, level_text, photos_text
from faceswap_desktop.ui.icons import icon
from faceswap_desktop.ui.texts import percent_text
from faceswap_desktop.ui.theme.tokens import GRID, HALF
from faceswap_desktop.ui.widgets.buttons import IconButton
from faceswap_desktop.ui.widgets.labels import ElidedLabel, PlainLabel
from faceswap_desktop.ui.widgets.panels import SidePanel
from faceswap_desktop.ui.widgets.roles import set_role

_PHOTO_EDGE = 64


class FaceDetailPanel(SidePanel):
    """The panel at the right.

    Attributes:
        photo_removed: The photo that the user wants out of the person (face id, photo id).
    """

    photo_removed = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", "face-details", parent)
        self.setAccessibleName(self.tr("Details of the face"))
        self._name = ElidedLabel("", "title", self)
        self._below = PlainLabel("", "muted", self, wraps=True)
        self.add(self._name)
        self.add(self._below)
        self._photos = QWidget(self)
        self._photos_column = QVBoxLayout(self._photos)
        self._photos_column.setContentsMargins(0, GRID, 0, 0)
        self._photos_column.setSpacing(GRID)
        self.add(self._photos)
        self.end()

    def show_faces(self, faces: Sequence[SourceFace]) -> None:
        """Show one face in full, or how many are chosen."""
        while (item := self._photos_column.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        if len(faces) != 1:
            self._name.setText(self.tr("{n} faces chosen").format(n=len(faces)) if faces else self.tr("No face chosen"))
            self._below.setText(
                self.tr("Are they photos of one person? Put them together, and the swap takes the best of each.")
                if len(faces) > 1
                else self.tr("Choose a face to see its photos and how good they are.")
            )
            return
        [face] = faces
        self._name.setText(face.name)
        shelf = self.tr("on the shelf") if face.on_shelf else self.tr("not on the shelf")
        self._below.setText(f"{photos_text(face)} · {shelf}")
        for photo in face.photos:
            self._photos_column.addWidget(self._photo_card(face, photo))

    def _photo_card(self, face: SourceFace, photo: SourcePhoto) -> QWidget:
        card = QFrame(self._photos)
        set_role(card, "card")
        picture = QLabel(card)
        pixmap = QPixmap(photo.crop_path.replace("face.png", "thumbnail.png"))
        ratio = self.devicePixelRatioF()
        edge = round(_PHOTO_EDGE * ratio)
        scaled = pixmap.scaled(
            edge, edge, Qt.AspectRatioMode.KeepAspectRatioByExpanding, Qt.TransformationMode.SmoothTransformation
        )
        scaled.setDevicePixelRatio(ratio)
        picture.setPixmap(scaled)
        picture.setFixedSize(_PHOTO_EDGE, _PHOTO_EDGE)
        picture.setAccessibleName(self.tr("Photo {name}").format(name=photo.origin_name))
        mark = QLabel(card)
        mark.setPixmap(icon(*LEVEL_MARKS[photo.grade.level]).pixmap(16, 16))
        verdict = QHBoxLayout()
        verdict.setSpacing(HALF)
        verdict.addWidget(mark)
        verdict.addWidget(PlainLabel(level_text(photo.grade.level), "strong", card))
        if len(face.photos) > 1:
            share = self.tr("gives {percent}").format(percent=percent_text(photo.weight))
            verdict.addWidget(PlainLabel(f"· {share}", "muted", card))
        verdict.addStretch(1)
        if len(face.photos) > 1:
            remove = IconButton(
                "close", self.tr("Take {name} out").format(name=photo.origin_name), f"remove-photo-{photo.id}", card
            )
            remove.clicked.connect(lambda: self.photo_removed.emit(face.id, photo.id))
            verdict.addWidget(remove)
        words = QVBoxLayout()
        words.setSpacing(HALF)
        words.addWidget(ElidedLabel(photo.origin_name, None, card, mode=Qt.TextElideMode.ElideMiddle))
        words.addLayout(verdict)
        top = QHBoxLayout()
        top.setSpacing(GRID)
        top.addWidget(picture, 0, Qt.AlignmentFlag.AlignTop)
        top.addLayout(words, 1)
        column = QVBoxLayout(card)
        column.setContentsMargins(GRID, GRID, GRID, GRID)
        column.addLayout(top)
        column.addWidget(PlainLabel(grade_text(photo.grade), "small", card, wraps=True))
        name(card, f"photo-{photo.id}", f"{photo.origin_name}: {grade_text(photo.grade)}")
        return card
