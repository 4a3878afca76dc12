"""One person of the sheet: the picture, the four choices, and what else can be said."""

from __future__ import annotations

import time
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QPixmap
from PySide6.QtWidgets import (
    QApplication,
    QButtonGroup,
    QCheckBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from faceswap_desktop.domain.consent import Standing
from faceswap_desktop.domain.faces import SourceFace
from faceswap_desktop.services.consents import (
    MOST_NAME_CHARACTERS,
    MOST_NOTE_CHARACTERS,
    ConsentAnswer,
    FaceConsent,
)
from faceswap_desktop.ui.accessibility import name
from faceswap_desktop.ui.consent.words import ASKED, asking_again, choice_text, end_of_day, ended_at, plain_day, tr
from faceswap_desktop.ui.theme.tokens import GRID, HALF, PAD
from faceswap_desktop.ui.widgets.buttons import LINK_INSET, IconButton, LinkButton
from faceswap_desktop.ui.widgets.labels import ElidedLabel, PlainLabel
from faceswap_desktop.ui.widgets.roles import set_role

_EDGE = 88
_FIELD_INSET = 11
_ARROWS = frozenset({Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_Right})


class _ChoiceButton(QRadioButton):
    """One of the choices. An arrow key chooses, also while nothing is chosen: by itself Qt moves the focus only."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Choose what an arrow key came to."""
        super().keyPressEvent(event)
        there = QApplication.focusWidget()
        if event.key() in _ARROWS and isinstance(there, _ChoiceButton) and there.group() is self.group():
            there.click()


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
        self._is_over = known.standing is Standing.EXPIRED
        self._group = QButtonGroup(self)
        choices = QVBoxLayout()
        choices.setSpacing(0)
        choices.addWidget(ElidedLabel(face.name, "strong", self))
        if words := asking_again(known):
            choices.addWidget(PlainLabel(words, "small", self, wraps=True))
        for number, basis in enumerate(ASKED):
            button = _ChoiceButton(choice_text(basis), self)
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
        self._no_end = QCheckBox(tr("No end"), self)
        name(self._no_end, "consent-no-end", tr("{name}: {what}").format(name=face.name, what=tr("No end")))
        self._no_end.setVisible(self._is_over)
        self._no_end.toggled.connect(lambda on: self._on_no_end(is_endless=on))
        self.note = self._field("consent-note", tr("Note"), MOST_NOTE_CHARACTERS)
        self.note.setPlaceholderText(tr("optional: how it was agreed, or the licence"))
        self._add = LinkButton(tr("Add a document…"), "consent-document", self)
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
        if self._is_over and not until and not self._no_end.isChecked():
            # What had an end does not get none because nobody thought of it.
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
        if current is None or known.standing is Standing.WITHDRAWN:
            # What was withdrawn has to be said anew, not confirmed.
            return
        if current.basis in ASKED:
            self._group.button(ASKED.index(current.basis)).setChecked(True)
        self.note.setText(current.note)
        if current.document and Path(current.document).is_file():
            self.set_document(current.document, current.document_name)
        if current.is_valid(time.time()):
            self.until.setText(plain_day(current.until))
        if self._is_over:
            self.until.setPlaceholderText(tr("was until {day}").format(day=plain_day(ended_at(known))))

    def _on_no_end(self, *, is_endless: bool) -> None:
        self.until.setEnabled(not is_endless)
        if is_endless:
            self.until.clear()
        self.changed.emit()

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
            grid.addWidget(field, row, 1, 1, 1 if field is self.until and self._is_over else 2)
        if self._is_over:
            grid.addWidget(self._no_end, 1, 2)
        document = QHBoxLayout()
        document.setSpacing(HALF)
        # Its words stand below those in the fields.
        document.setContentsMargins(_FIELD_INSET - LINK_INSET, 0, 0, 0)
        self._shown.setContentsMargins(LINK_INSET, 0, 0, 0)
        document.addWidget(self._add)
        document.addWidget(self._shown, 1)
        document.addWidget(self._drop)
        document.addStretch(0)
        grid.addWidget(PlainLabel(tr("Document"), "muted", self), 3, 0)
        grid.addLayout(document, 3, 1, 1, 2)
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
