"""One person of the sheet: the picture, the four choices, and what else can be said."""

from __future__ import annotations

import time
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from faceswap_desktop.domain.faces import SourceFace
from faceswap_desktop.services.consents import (
    MOST_NAME_CHARACTERS,
    MOST_NOTE_CHARACTERS,
    ConsentAnswer,
    FaceConsent,
)
from faceswap_desktop.ui.accessibility import name
from faceswap_desktop.ui.consent.words import ASKED, choice_text, end_of_day, plain_day, standing_sentence, tr
from faceswap_desktop.ui.theme.tokens import GRID, HALF, PAD
from faceswap_desktop.ui.widgets.buttons import IconButton, LinkButton
from faceswap_desktop.ui.widgets.labels import ElidedLabel, PlainLabel
from faceswap_desktop.ui.widgets.roles import set_role

_EDGE = 88


class PersonPart(QFrame):
    """What is asked of one person.

    Attributes:
        changed: Something was said.
        document_wanted: The user wants to choose a document.
    """

    changed = Signal()
    document_wanted = Signal()

    def __init__(self, face: SourceFace, known: FaceConsent, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "card")
        self.face = face
        self.setAccessibleName(face.name)
        self._document = ""
        self._group = QButtonGroup(self)
        choices = QVBoxLayout()
        choices.setSpacing(0)
        choices.addWidget(ElidedLabel(face.name, "strong", self))
        if words := standing_sentence(known):
            choices.addWidget(PlainLabel(words, "small", self, wraps=True))
        for number, basis in enumerate(ASKED):
            button = QRadioButton(choice_text(basis), self)
            said = tr("{name}: {choice}").format(name=face.name, choice=choice_text(basis))
            name(button, f"consent-{basis.value}", said)
            self._group.addButton(button, number)
            choices.addWidget(button)
        top = QHBoxLayout()
        top.setSpacing(PAD)
        top.addWidget(self._picture(), 0, Qt.AlignmentFlag.AlignTop)
        top.addLayout(choices, 1)
        self.who = self._field("consent-who", tr("Name of the person"), MOST_NAME_CHARACTERS)
        self.until = self._field("consent-until", tr("Until which day; empty for no end"), 20)
        self.until.setPlaceholderText(tr("no end, or 2027-12-31"))
        self.note = self._field("consent-note", tr("Note"), MOST_NOTE_CHARACTERS)
        self.note.setPlaceholderText(tr("optional: how it was agreed, or the licence"))
        self._add = LinkButton(tr("Add a document…"), "consent-document", self)
        self._add.setAutoDefault(False)
        self._add.clicked.connect(self.document_wanted)
        self._drop = IconButton("close", tr("Leave the document out"), "consent-document-remove", self)
        self._drop.clicked.connect(lambda: self.set_document(""))
        self._shown = ElidedLabel("", None, self, mode=Qt.TextElideMode.ElideMiddle)
        column = QVBoxLayout(self)
        column.setContentsMargins(PAD, PAD, PAD, GRID)
        column.setSpacing(GRID)
        column.addLayout(top)
        column.addLayout(self._fields())
        self.set_document("")
        self._prefill(known)
        self._group.idToggled.connect(lambda *_: self.changed.emit())

    @property
    def first(self) -> QWidget:
        """What gets the keyboard first."""
        return self._group.checkedButton() or self._group.button(0)

    def answer(self) -> ConsentAnswer | None:
        """Return what is said; None while something is missing."""
        until = end_of_day(self.until.text())
        if self._group.checkedId() < 0 or until is None or self.trouble():
            return None
        basis = ASKED[self._group.checkedId()]
        return ConsentAnswer(basis, self.who.text(), until, self.note.text(), self._document, self._shown.text())

    def trouble(self) -> str:
        """Say what cannot be; empty if nothing."""
        until = end_of_day(self.until.text())
        if until is None:
            return tr("“{text}” is no day. Write it like 2027-12-31, or leave it empty.").format(text=self.until.text())
        if until and until <= time.time():
            return tr("That day is over already.")
        return ""

    def set_document(self, path: str, called: str = "") -> None:
        """Show which document is to be kept; empty for none. It may be called otherwise than its file."""
        self._document = path
        self._shown.setText((called or Path(path).name) if path else "")
        self._shown.setVisible(bool(path))
        self._drop.setVisible(bool(path))
        self._add.setVisible(not path)
        self.changed.emit()

    def _prefill(self, known: FaceConsent) -> None:
        current = known.current
        self.who.setText(current.who if current is not None and current.who else self.face.name)
        if current is None:
            return
        if current.basis in ASKED:
            self._group.button(ASKED.index(current.basis)).setChecked(True)
        self.note.setText(current.note)
        if current.document and Path(current.document).is_file():
            self.set_document(current.document, current.document_name)
        if current.is_valid(time.time()):
            self.until.setText(plain_day(current.until))

    def _fields(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(GRID)
        grid.setVerticalSpacing(HALF)
        for row, (words, field) in enumerate(
            ((tr("Name"), self.who), (tr("Until"), self.until), (tr("Note"), self.note))
        ):
            label = PlainLabel(words, "muted", self)
            label.setBuddy(field)
            grid.addWidget(label, row, 0)
            grid.addWidget(field, row, 1)
        document = QHBoxLayout()
        document.setSpacing(HALF)
        document.addWidget(self._add)
        document.addWidget(self._shown, 1)
        document.addWidget(self._drop)
        document.addStretch(0)
        grid.addWidget(PlainLabel(tr("Document"), "muted", self), 3, 0)
        grid.addLayout(document, 3, 1)
        grid.setColumnStretch(1, 1)
        return grid

    def _field(self, object_name: str, words: str, most: int) -> QLineEdit:
        field = QLineEdit(self)
        field.setMaxLength(most)
        name(field, object_name, tr("{name}: {what}").format(name=self.face.name, what=words))
        field.textChanged.connect(self.changed)
        return field

    def _picture(self) -> QLabel:
        picture = QLabel(self)
        pixmap = QPixmap(self.face.thumbnail_path)
        ratio = self.devicePixelRatioF()
        edge = round(_EDGE * ratio)
        if not pixmap.isNull():
            keep, smooth = Qt.AspectRatioMode.KeepAspectRatioByExpanding, Qt.TransformationMode.SmoothTransformation
            pixmap = pixmap.scaled(edge, edge, keep, smooth).copy(0, 0, edge, edge)
            pixmap.setDevicePixelRatio(ratio)
        picture.setPixmap(pixmap)
        picture.setFixedSize(_EDGE, _EDGE)
        picture.setAccessibleName(tr("Picture of {name}").format(name=self.face.name))
        return picture
