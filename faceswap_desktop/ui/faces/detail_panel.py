"""What is known of the chosen source faces: photos, verdicts, weights."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QPixmap
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from faceswap_desktop.domain.faces import SourceFace, SourcePhoto
from faceswap_desktop.services.library import THUMBNAIL_NAME
from faceswap_desktop.ui.accessibility import name
from faceswap_desktop.ui.consent.standing_part import StandingPart
from faceswap_desktop.ui.faces.face_card import LEVEL_MARKS
from faceswap_desktop.ui.faces.words import grade_text, level_text, photos_text
from faceswap_desktop.ui.icons import icon
from faceswap_desktop.ui.texts import percent_text
from faceswap_desktop.ui.theme.tokens import GRID, HALF
from faceswap_desktop.ui.widgets.buttons import Button, IconButton
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
        self.consent = StandingPart(self)
        self.add(self.consent)
        self._one = self._button_column()
        self._several = self._button_column()
        self._faces: tuple[SourceFace, ...] | None = None
        self._photos = QWidget(self)
        self._photos_column = QVBoxLayout(self._photos)
        self._photos_column.setContentsMargins(0, GRID, 0, 0)
        self._photos_column.setSpacing(GRID)
        self.add(self._photos)
        self.end()

    def set_actions(self, *, one: Sequence[QAction], several: Sequence[QAction]) -> None:
        """Make buttons for what can be done with one chosen face, and with several."""
        for holder, actions in ((self._one, one), (self._several, several)):
            for action in actions:
                button = Button(action.text(), f"details-{action.objectName()}", holder)
                button.clicked.connect(action.trigger)
                action.changed.connect(lambda action=action, button=button: _follow(action, button))
                layout = holder.layout()
                assert layout is not None
                layout.addWidget(button)

    def show_faces(self, faces: Sequence[SourceFace], *, looks_alike: bool = True) -> None:
        """Show one face in full, or how many are chosen."""
        if self._faces == tuple(faces):
            # What has the keyboard keeps it.
            return
        self._faces = tuple(faces)
        while (item := self._photos_column.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self._one.setVisible(len(faces) == 1)
        self._several.setVisible(len(faces) > 1)
        if len(faces) != 1:
            self._show_several(faces, looks_alike=looks_alike)
            return
        [face] = faces
        self._name.setText(face.name)
        shelf = self.tr("on the shelf") if face.on_shelf else self.tr("not on the shelf")
        self._below.setText(f"{photos_text(face)} · {shelf}")
        for photo in face.photos:
            self._photos_column.addWidget(self._photo_card(face, photo))

    def _show_several(self, faces: Sequence[SourceFace], *, looks_alike: bool) -> None:
        if not faces:
            self._name.setText(self.tr("No face chosen"))
            self._below.setText(self.tr("Choose a face to see its photos and how good they are."))
            return
        self._name.setText(self.tr("{n} faces chosen").format(n=len(faces)))
        self._below.setText(
            self.tr("They look like one person. Put together, the swap takes the best of each photo.")
            if looks_alike
            else self.tr("They do not look like one person. Put together they would give a mixture.")
        )

    def _button_column(self) -> QWidget:
        holder = QWidget(self)
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, HALF, 0, HALF)
        column.setSpacing(GRID)
        holder.hide()
        self.add(holder)
        return holder

    def _photo_card(self, face: SourceFace, photo: SourcePhoto) -> QWidget:
        card = QFrame(self._photos)
        set_role(card, "card")
        picture = QLabel(card)
        pixmap = QPixmap(str(Path(photo.crop_path).with_name(THUMBNAIL_NAME)))
        ratio = self.devicePixelRatioF()
        edge = round(_PHOTO_EDGE * ratio)
        if not pixmap.isNull():
            keep, smooth = Qt.AspectRatioMode.KeepAspectRatioByExpanding, Qt.TransformationMode.SmoothTransformation
            pixmap = pixmap.scaled(edge, edge, keep, smooth)
            pixmap.setDevicePixelRatio(ratio)
        picture.setPixmap(pixmap)
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
        top = QHBoxLayout()
        top.setSpacing(GRID)
        top.addWidget(picture, 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(HALF)
        words.addWidget(ElidedLabel(photo.origin_name, None, card, mode=Qt.TextElideMode.ElideMiddle))
        words.addLayout(verdict)
        words.addStretch(1)
        top.addLayout(words, 1)
        if len(face.photos) > 1:
            remove = IconButton(
                "close", self.tr("Take {name} out").format(name=photo.origin_name), f"remove-photo-{photo.id}", card
            )
            remove.clicked.connect(lambda: self.photo_removed.emit(face.id, photo.id))
            top.addWidget(remove, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(card)
        column.setContentsMargins(GRID, GRID, GRID, GRID)
        column.addLayout(top)
        column.addWidget(PlainLabel(grade_text(photo.grade), "small", card, wraps=True))
        name(card, f"photo-{photo.id}", f"{photo.origin_name}: {grade_text(photo.grade)}")
        return card


def _follow(action: QAction, button: Button) -> None:
    button.setText(action.text())
    button.setAccessibleName(action.text().removesuffix("…"))
    button.setEnabled(action.isEnabled())
