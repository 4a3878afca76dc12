"""What credentials tell, from top to bottom; what a file was made from can be opened."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from faceswap_desktop.domain.credentials_story import StepKind, StoryStep
from faceswap_desktop.domain.provenance import Validity
from faceswap_desktop.ui.icons import IconColour
from faceswap_desktop.ui.studio.disclosure import Disclosure
from faceswap_desktop.ui.texts import text_of
from faceswap_desktop.ui.theme.tokens import GRID, HALF, current_tokens
from faceswap_desktop.ui.verify.words import STEP_ICONS, VALIDITY_ICONS, breakable, step_words, tr, when_text
from faceswap_desktop.ui.widgets.labels import IconLabel, PlainLabel

_EDGE: Final = 18


class StoryView(QWidget):
    """One step below the other, joined by a line."""

    def __init__(self, steps: tuple[StoryStep, ...], object_name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(object_name)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for number, step in enumerate(steps):
            column.addWidget(_Step(step, f"{object_name}-{number}", self, is_last=number == len(steps) - 1))


class _Step(QWidget):
    """An icon, what happened, and in small letters how and when."""

    def __init__(self, step: StoryStep, object_name: str, parent: QWidget, *, is_last: bool) -> None:
        super().__init__(parent)
        self.setObjectName(object_name)
        self.setAccessibleName(step_words(step))
        self._is_last = is_last
        self._picture = IconLabel(*self._icon(step), self)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0 if is_last else GRID + HALF)
        grid.setHorizontalSpacing(GRID + HALF)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(1, 1)
        grid.addWidget(self._picture, 0, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(PlainLabel(breakable(text_of(step.text)), "strong", self, wraps=True), 0, 1)
        details = [text_of(detail) for detail in step.details]
        if step.when:
            details.append(when_text(step.when))
        if details:
            grid.addWidget(PlainLabel(breakable(" · ".join(details)), "small", self, wraps=True), 1, 1)
        if step.origin:
            origin = Disclosure(tr("Where that comes from"), f"{object_name}-origin", self)
            steps = len(step.origin)
            origin.set_summary(tr("1 step") if steps == 1 else tr("{n} steps").format(n=steps))
            origin.column.setContentsMargins(GRID, GRID, 0, HALF)
            origin.column.addWidget(StoryView(step.origin, f"{object_name}-of", origin))
            grid.addWidget(origin, 2, 1)

    @staticmethod
    def _icon(step: StoryStep) -> tuple[str, int, IconColour]:
        if step.kind is StepKind.INGREDIENT and step.validity not in {Validity.NONE, Validity.VALID, Validity.TRUSTED}:
            name, colour = VALIDITY_ICONS[step.validity]
            return name, _EDGE, colour
        return STEP_ICONS[step.kind], _EDGE, IconColour.MUTED

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the line that leads to the next step."""
        if self._is_last:
            return
        painter = QPainter(self)
        painter.setPen(QPen(QColor(current_tokens().outline), 1))
        middle = self._picture.geometry().center().x()
        painter.drawLine(middle, self._picture.geometry().bottom() + HALF, middle, self.height() - HALF)
