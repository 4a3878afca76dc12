"""Everything that is told of one file, in a column that scrolls."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPixmap, QResizeEvent
from PySide6.QtWidgets import QFormLayout, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from faceswap_desktop.domain.credentials_story import story_of
from faceswap_desktop.domain.verification import Report
from faceswap_desktop.ui.accessibility import name
from faceswap_desktop.ui.notifications import Tone
from faceswap_desktop.ui.studio.disclosure import Disclosure
from faceswap_desktop.ui.texts import text_of
from faceswap_desktop.ui.theme.tokens import GAP, GRID, HALF, PAD
from faceswap_desktop.ui.verify.story_view import StoryView
from faceswap_desktop.ui.verify.verdict_card import VerdictCard
from faceswap_desktop.ui.verify.words import breakable, facts_of, technical_facts
from faceswap_desktop.ui.widgets.forms import SectionHeader, card
from faceswap_desktop.ui.widgets.labels import PlainLabel
from faceswap_desktop.ui.widgets.outcome import OutcomeRow
from faceswap_desktop.ui.widgets.roles import set_role

COLUMN_WIDTH: Final = 840
_WORD_WIDTH: Final = 120


class ReportView(QScrollArea):
    """Verdict, facts, story, and what experts ask for; the arrow keys scroll.

    Attributes:
        show_wanted, copy_wanted, open_wanted: As ``VerdictCard`` has them.
    """

    show_wanted = Signal()
    copy_wanted = Signal()
    open_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        name(self, "verify-report", self.tr("Where this file comes from"), self.tr("The arrow keys scroll."))
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._verdict: VerdictCard | None = None

    def show_report(self, report: Report) -> None:
        """Show another file's."""
        inside = QWidget()
        set_role(inside, "page")
        row = QHBoxLayout(inside)
        row.setContentsMargins(GAP, GAP, GAP, GAP)
        middle = QWidget(inside)
        middle.setMaximumWidth(COLUMN_WIDTH)
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(PAD)
        column.addWidget(self._make_verdict(report, middle))
        for note in report.notes:
            outcome = OutcomeRow("verify-note", middle)
            outcome.say(Tone.WARNING, breakable(text_of(note)))
            column.addWidget(outcome)
        column.addSpacing(GRID)
        column.addWidget(self._known(report, middle))
        if report.credentials.claim is not None:
            column.addWidget(self._story(report, middle))
        column.addWidget(self._technical(report, middle))
        column.addStretch(1)
        row.addStretch(1)
        row.addWidget(middle, 100)
        row.addStretch(1)
        self.setWidget(inside)
        self.verticalScrollBar().setValue(0)
        self._arrange()

    def set_pixmap(self, pixmap: QPixmap) -> None:
        """Show the file's thumbnail."""
        if self._verdict is not None:
            self._verdict.set_pixmap(pixmap)

    def first_focus(self) -> QWidget:
        """Return where the keyboard begins."""
        return self._verdict.first_focus() if self._verdict is not None else self

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the picture above the words where it is narrow."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        if self._verdict is not None:
            self._verdict.set_width(self.viewport().width() - 2 * GAP)

    def _make_verdict(self, report: Report, parent: QWidget) -> VerdictCard:
        self._verdict = VerdictCard(report, parent)
        self._verdict.show_wanted.connect(self.show_wanted)
        self._verdict.copy_wanted.connect(self.copy_wanted)
        self._verdict.open_wanted.connect(self.open_wanted)
        return self._verdict

    def _known(self, report: Report, parent: QWidget) -> QWidget:
        frame, column = card(parent)
        column.addWidget(SectionHeader(self.tr("What is known"), frame))
        column.addLayout(_form(facts_of(report)))
        return frame

    def _story(self, report: Report, parent: QWidget) -> QWidget:
        assert report.credentials.claim is not None
        frame, column = card(parent)
        column.addWidget(SectionHeader(self.tr("What the credentials tell"), frame))
        column.addWidget(StoryView(story_of(report.credentials.claim), "verify-story", frame))
        return frame

    def _technical(self, report: Report, parent: QWidget) -> QWidget:
        frame, column = card(parent)
        details = Disclosure(self.tr("Technical details"), "verify-technical", frame)
        details.column.addLayout(_form(technical_facts(report)))
        # Its head has room for the ring of the keyboard; its words stand below those of the other cards.
        row = QVBoxLayout()
        row.setContentsMargins(-HALF, 0, -HALF, 0)
        row.addWidget(details)
        details.column.setContentsMargins(HALF, HALF, HALF, HALF)
        column.addLayout(row)
        return frame


def _form(facts: Sequence[tuple[str, str]]) -> QFormLayout:
    form = QFormLayout()
    form.setContentsMargins(0, 0, 0, 0)
    form.setHorizontalSpacing(PAD)
    form.setVerticalSpacing(GRID)
    form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
    form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
    for word, value in facts:
        label = PlainLabel(word, "muted")
        label.setMinimumWidth(_WORD_WIDTH)
        told = PlainLabel(breakable(value), wraps=True)
        told.setAccessibleName(f"{word}: {value}")
        form.addRow(label, told)
    return form
