"""A list of sections at the left, the chosen one at the right: for settings and help."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from faceswap_desktop.ui.accessibility import name
from faceswap_desktop.ui.icons import IconColour, icon
from faceswap_desktop.ui.theme.tokens import GAP, GRID, PAD
from faceswap_desktop.ui.widgets.labels import PlainLabel
from faceswap_desktop.ui.widgets.roles import set_role

_LIST_WIDTH: Final = 208
_COLUMN_WIDTH: Final = 640
_ID_ROLE: Final = Qt.ItemDataRole.UserRole


class SectionColumn(QWidget):
    """What one section shows: a title and a column no wider than one likes to read."""

    def __init__(self, title: str, parent: QWidget | None = None, *, is_wide: bool = False) -> None:
        super().__init__(parent)
        set_role(self, "page")
        inside = QWidget(self)
        if not is_wide:
            inside.setMaximumWidth(_COLUMN_WIDTH)
        self.column = QVBoxLayout(inside)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(PAD)
        self.column.addWidget(PlainLabel(title, "title", inside))
        row = QHBoxLayout(self)
        row.setContentsMargins(GAP, GAP, GAP, GAP)
        row.addWidget(inside, 1 if is_wide else 10)
        if not is_wide:
            row.addStretch(1)


class Sections(QWidget):
    """The list and the sections.

    Those added with ``add_later`` are built when they are first looked at.

    Attributes:
        shown: Id of the section that is shown now.
    """

    shown = Signal(str)

    def __init__(self, title: str, object_name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(object_name)
        self.list = QListWidget(self)
        set_role(self.list, "plain")
        name(self.list, f"{object_name}-sections", title)
        self.list.setFixedWidth(_LIST_WIDTH)
        self.list.setIconSize(QSize(18, 18))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._stack = QStackedWidget(self)
        self._rows: dict[str, int] = {}
        self._pages: dict[str, QWidget] = {}
        self._later: dict[str, Callable[[], QWidget]] = {}
        self._is_open = False
        left = QFrame(self)
        set_role(left, "panel")
        column = QVBoxLayout(left)
        column.setContentsMargins(GRID, PAD, GRID, GRID)
        column.addWidget(self.list)
        divider = QFrame(self)
        set_role(divider, "line")
        divider.setFixedWidth(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(left)
        row.addWidget(divider)
        row.addWidget(self._stack, 1)
        self.list.currentRowChanged.connect(self._on_row)

    def add(self, section_id: str, title: str, icon_name: str, widget: QWidget, *, scrolls: bool = True) -> None:
        """Add a section at the end of the list; the first one is shown."""
        self._add_page(section_id, widget, scrolls=scrolls)
        self._add_row(section_id, title, icon_name)

    def add_later(self, section_id: str, title: str, icon_name: str, make: Callable[[], QWidget]) -> None:
        """Add a section at the end of the list that is built when it is first looked at.

        Args:
            section_id: Stable name.
            title: Title in the list.
            icon_name: Name of its icon.
            make: Builds it; called once, not before ``open``.
        """
        self._later[section_id] = make
        self._add_row(section_id, title, icon_name)

    def open(self) -> None:
        """The sections come into sight: show the chosen one, and say so."""
        self._is_open = True
        self._on_row(self.list.currentRow())

    def _add_page(self, section_id: str, widget: QWidget, *, scrolls: bool) -> None:
        if scrolls:
            area = QScrollArea(self._stack)
            area.setObjectName(f"section-{section_id}")
            area.setWidgetResizable(True)
            area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            area.setWidget(widget)
            page: QWidget = area
        else:
            widget.setObjectName(f"section-{section_id}")
            page = widget
        self._pages[section_id] = page
        self._stack.addWidget(page)

    def _add_row(self, section_id: str, title: str, icon_name: str) -> None:
        item = QListWidgetItem(icon(icon_name, IconColour.MUTED), title)
        item.setData(_ID_ROLE, section_id)
        self._rows[section_id] = self.list.count()
        self.list.addItem(item)
        if self.list.count() == 1:
            self.list.setCurrentRow(0)

    def show_section(self, section_id: str) -> bool:
        """Show a section; False if there is none of that id."""
        row = self._rows.get(section_id)
        if row is None:
            return False
        self.list.setCurrentRow(row)
        return True

    @property
    def current(self) -> str:
        """Id of the section that is shown; empty for none."""
        item = self.list.currentItem()
        return str(item.data(_ID_ROLE)) if self.list.currentRow() >= 0 else ""

    def _on_row(self, row: int) -> None:
        if row < 0:
            return
        section_id = self.current
        if section_id in self._later:
            if not self._is_open:
                return
            self._add_page(section_id, self._later[section_id](), scrolls=True)
            del self._later[section_id]
        self._stack.setCurrentWidget(self._pages[section_id])
        self.shown.emit(section_id)
