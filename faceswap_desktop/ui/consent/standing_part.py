"""What is known of the consent for the chosen face, in the panel of the Faces page."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from faceswap_desktop.domain.consent import Consent, Standing
from faceswap_desktop.services.consents import FaceConsent
from faceswap_desktop.ui.accessibility import name
from faceswap_desktop.ui.consent.words import STANDING_MARKS, consent_lines, standing_sentence, standing_text, tr
from faceswap_desktop.ui.theme.tokens import GRID, HALF
from faceswap_desktop.ui.widgets.buttons import LINK_INSET, LinkButton
from faceswap_desktop.ui.widgets.labels import IconLabel, PlainLabel


class StandingPart(QWidget):
    """Whether the face may be used, why, until when, and the document.

    Attributes:
        document_wanted: Path of the kept document that the user wants to see.
    """

    document_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        name(self, "face-consent", tr("Consent"))
        self._mark = IconLabel("help", 16, parent=self)
        self._title = PlainLabel("", "strong", self)
        self._sentence = PlainLabel("", "muted", self, wraps=True)
        self._rows = QWidget(self)
        self._open = LinkButton(tr("Open the document"), "consent-open-document", self)
        self._open.clicked.connect(self._on_open)
        self._consent: Consent | None = None
        top = QHBoxLayout()
        top.setSpacing(HALF)
        top.addWidget(self._mark)
        top.addWidget(self._title, 1)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, GRID, 0, 0)
        self._column.setSpacing(HALF)
        self._column.addLayout(top)
        self._column.addWidget(self._sentence)
        self._column.addWidget(self._rows)
        self._below = QHBoxLayout()
        self._below.addWidget(self._open)
        self._below.addStretch(1)
        self._column.addLayout(self._below)
        self.hide()

    def show_consent(self, known: FaceConsent | None) -> None:
        """Show how a face stands; nothing for None."""
        self.setVisible(known is not None)
        if known is None:
            return
        self._consent = known.current
        self._mark.set_icon(*STANDING_MARKS[known.standing])
        title = standing_text(known.standing)
        # Until when it may be used stands below.
        sentence = standing_sentence(known) if known.standing is not Standing.GIVEN else ""
        self._title.setText(title)
        self._sentence.setText(sentence)
        self._sentence.setVisible(bool(sentence))
        lines = consent_lines(self._consent) if self._consent is not None else []
        self._fill(lines)
        self._open.setVisible(self._consent is not None and bool(self._consent.document))
        parts = [title, sentence.rstrip("."), *(f"{label}: {value}" for label, value in lines)]
        said = ". ".join(part for part in parts if part)
        self.setAccessibleName(tr("Consent: {words}").format(words=said))

    def _fill(self, lines: list[tuple[str, str]]) -> None:
        rows = QWidget(self)
        grid = QGridLayout(rows)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(GRID)
        grid.setVerticalSpacing(HALF)
        grid.setColumnStretch(1, 1)
        width = 0
        for row, (label, value) in enumerate(lines):
            word = PlainLabel(label, "muted", rows)
            word.ensurePolished()
            width = max(width, word.sizeHint().width())
            grid.addWidget(word, row, 0)
            grid.addWidget(PlainLabel(value, None, rows, wraps=True), row, 1)
        # Its words stand in the column of the values.
        self._below.setContentsMargins(width + GRID - LINK_INSET, 0, 0, 0)
        self._column.replaceWidget(self._rows, rows)
        self._rows.hide()
        self._rows.deleteLater()
        self._rows = rows
        rows.setVisible(bool(lines))

    def _on_open(self) -> None:
        if self._consent is not None and self._consent.document:
            self.document_wanted.emit(self._consent.document)
