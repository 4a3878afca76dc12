"""Choosing a part of a picture."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from faceswap_desktop.domain.geometry import BoundingBox
from faceswap_desktop.ui.canvas.picture_item import PictureLevels
from faceswap_desktop.ui.theme.tokens import GAP, GRID, PAD
from faceswap_desktop.ui.widgets.buttons import Button, PrimaryButton
from faceswap_desktop.ui.widgets.crop_area import CropArea
from faceswap_desktop.ui.widgets.labels import PlainLabel


class CropDialog(QDialog):
    """Shows a picture as it is, never blurred, with a rectangle in it.

    Attributes:
        box: The part that was chosen, in pixels of the upright picture; None unless it was accepted.
        area: Where it is chosen.
    """

    def __init__(self, parent: QWidget, title: str, levels: PictureLevels, faces: Sequence[BoundingBox]) -> None:
        super().__init__(parent)
        self.setObjectName("crop")
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.box: BoundingBox | None = None
        size = QSize(levels.size.width, levels.size.height)
        boxes = [QRectF(face.left, face.top, face.width, face.height) for face in faces]
        self.area = CropArea(levels.levels[0], size, boxes, self)
        hint = PlainLabel(
            self.tr(
                "Drag the rectangle or its handles, or use the arrow keys: with Shift they change its size, with Ctrl "
                "they go pixel by pixel. The original stays as it is."
            ),
            "muted",
            self,
            wraps=True,
        )
        self._value = PlainLabel("", "small", self)
        self._value.setObjectName("crop-value")
        self._around = Button(self.tr("Around the faces"), "crop-faces", self)
        self._around.setVisible(bool(boxes))
        whole = Button(self.tr("All of it"), "crop-whole", self)
        cancel = Button(self.tr("Cancel"), "crop-cancel", self)
        self.use = PrimaryButton(self.tr("Use this part"), "crop-use", self)
        self._around.clicked.connect(self.area.choose_faces)
        whole.clicked.connect(self.area.choose_whole)
        cancel.clicked.connect(self.reject)
        self.use.clicked.connect(self.accept)
        for button in (self._around, whole, cancel):
            button.setAutoDefault(False)
        self.use.setDefault(True)
        buttons = QHBoxLayout()
        buttons.setSpacing(GRID)
        buttons.addWidget(self._around)
        buttons.addWidget(whole)
        buttons.addStretch(1)
        buttons.addWidget(cancel)
        buttons.addWidget(self.use)
        column = QVBoxLayout(self)
        column.setContentsMargins(GAP, PAD, GAP, PAD)
        column.setSpacing(GRID)
        column.addWidget(hint)
        column.addWidget(self.area, 1)
        column.addWidget(self._value)
        column.addLayout(buttons)
        self.area.changed.connect(self._show_value)
        self.area.choose_faces()
        if self.area.is_whole:
            self.area.set_part(_middle(size))
        self._show_value()
        self.area.setFocus(Qt.FocusReason.OtherFocusReason)

    def accept(self) -> None:
        """Take the part."""
        part = self.area.part
        self.box = BoundingBox(part.left(), part.top(), part.right(), part.bottom())
        super().accept()

    def _show_value(self) -> None:
        self._value.setText(self.area.value_text())
        is_whole = self.area.is_whole
        self.use.setEnabled(not is_whole)
        why = self.tr("That is all of the picture: choose a part of it.") if is_whole else ""
        self.use.setToolTip(why)
        self.use.setAccessibleDescription(why)


def _middle(size: QSize) -> QRectF:
    return QRectF(size.width() * 0.1, size.height() * 0.1, size.width() * 0.8, size.height() * 0.8)
