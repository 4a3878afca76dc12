"""All keys, made from the action table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QGridLayout, QScrollArea, QVBoxLayout, QWidget

from faceswap_desktop.ui.theme.tokens import GAP, GRID, PAD
from faceswap_desktop.ui.widgets.forms import SectionHeader, line
from faceswap_desktop.ui.widgets.labels import PlainLabel
from faceswap_desktop.ui.widgets.roles import set_role
from faceswap_desktop.ui.widgets.search import SearchField
from faceswap_desktop.ui.widgets.sections import SectionColumn

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from faceswap_desktop.ui.actions import ActionSpec


class ShortcutsSection(SectionColumn):
    """A list to search in, by page."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(self.tr("Keyboard shortcuts"), parent)
        self._search = SearchField(self.tr("Search what to do or a key"), "help-search", self)
        self._search.searched.connect(self._on_searched)
        self.column.addWidget(self._search)
        self._area = QScrollArea(self)
        self._area.setObjectName("help-shortcuts")
        self._area.setAccessibleName(self.tr("Keyboard shortcuts"))
        self._area.setWidgetResizable(True)
        self.column.addWidget(self._area, 1)
        self._groups: list[tuple[str, list[ActionSpec]]] = []

    def search_field(self) -> SearchField:
        """Return the field, for the first focus."""
        return self._search

    def set_specs(self, specs: Sequence[ActionSpec], places: Mapping[str, str]) -> None:
        """Show what has a key.

        Args:
            specs: All actions.
            places: Titles of pages by their ids.
        """
        groups: dict[str, list[ActionSpec]] = {"": []}
        for spec in specs:
            if spec.shortcut:
                groups.setdefault(spec.page, []).append(spec)
        everywhere = self.tr("Everywhere")
        self._groups = [(places.get(page, everywhere), listed) for page, listed in groups.items() if listed]
        if self.isVisible():
            self._fill(self._search.text())

    def showEvent(self, event: QShowEvent) -> None:
        """Make the list."""
        self._fill(self._search.text())
        super().showEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        """Drop the list: hundreds of labels that nobody sees would slow down every change of theme."""
        self._area.setWidget(QWidget())
        super().hideEvent(event)

    def _on_searched(self, text: str) -> None:
        self._fill(text)

    def _fill(self, wanted: str) -> None:
        inside = QWidget()
        set_role(inside, "page")
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, PAD, 0)
        column.setSpacing(GRID)
        found = 0
        for title, specs in self._groups:
            fitting = [spec for spec in specs if _fits(wanted, spec)]
            if fitting:
                found += len(fitting)
                column.addWidget(SectionHeader(title, inside))
                column.addLayout(_table(fitting, inside))
                column.addSpacing(GAP - GRID)
        if not found:
            column.addWidget(PlainLabel(self.tr("Nothing fits. Try fewer letters."), "muted", inside))
        column.addStretch(1)
        self._area.setWidget(inside)


def _fits(wanted: str, spec: ActionSpec) -> bool:
    text = f"{spec.text} {' '.join(_keys(spec))}".casefold()
    return all(word in text for word in wanted.casefold().split())


def _keys(spec: ActionSpec) -> list[str]:
    return [sequence.toString(sequence.SequenceFormat.NativeText) for sequence in spec.key_sequences]


def _table(specs: Sequence[ActionSpec], parent: QWidget) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(GAP)
    grid.setVerticalSpacing(GRID // 2)
    grid.setColumnStretch(0, 1)
    for number, spec in enumerate(specs):
        keys = PlainLabel("   ".join(_keys(spec)), "keys", parent)
        grid.addWidget(PlainLabel(spec.text.removesuffix("…"), None, parent), 2 * number, 0)
        grid.addWidget(keys, 2 * number, 1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        grid.addWidget(line(parent), 2 * number + 1, 0, 1, 2)
    return grid
