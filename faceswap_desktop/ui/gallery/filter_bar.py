"""Search, filters and order of the cards."""

from __future__ import annotations

import time
from typing import Final

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QWidget

from faceswap_desktop.domain.gallery import GalleryQuery, GallerySort
from faceswap_desktop.ui.accessibility import name
from faceswap_desktop.ui.icons import icon
from faceswap_desktop.ui.theme.tokens import GRID
from faceswap_desktop.ui.widgets.buttons import IconButton
from faceswap_desktop.ui.widgets.labels import PlainLabel

_TYPING_MS: Final = 120
_DAY_S: Final = 86_400


class FilterBar(QWidget):
    """What is to be shown, as one ``GalleryQuery``.

    Attributes:
        changed: The query is another one now.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.search = QLineEdit(self)
        name(self.search, "gallery-search", self.tr("Search results"))
        self.search.setPlaceholderText(self.tr("Search by name or face"))
        self.search.setClearButtonEnabled(True)
        self.search.addAction(icon("search"), QLineEdit.ActionPosition.LeadingPosition)
        self.search.setMinimumWidth(200)
        self._when = QComboBox(self)
        name(self._when, "gallery-when", self.tr("Time"))
        for words, days in (
            (self.tr("Any time"), 0),
            (self.tr("Last day"), 1),
            (self.tr("Last 7 days"), 7),
            (self.tr("Last 30 days"), 30),
        ):
            self._when.addItem(words, days)
        self._format = QComboBox(self)
        name(self._format, "gallery-format", self.tr("Format"))
        for words, suffixes in (
            (self.tr("All formats"), ()),
            ("JPEG", ("JPEG",)),
            ("PNG", ("PNG",)),
            ("WebP", ("WEBP",)),
        ):
            self._format.addItem(words, suffixes)
        self._sort = QComboBox(self)
        name(self._sort, "gallery-sort", self.tr("Order"))
        for words, sort in (
            (self.tr("Newest first"), GallerySort.NEWEST),
            (self.tr("Oldest first"), GallerySort.OLDEST),
            (self.tr("Name"), GallerySort.NAME),
            (self.tr("Largest first"), GallerySort.SIZE),
            (self.tr("Best likeness first"), GallerySort.SIMILARITY),
        ):
            self._sort.addItem(words, sort)
        self._favourites = IconButton("star", self.tr("Favourites only"), "gallery-favourites", self, checkable=True)
        self.count = PlainLabel("", "muted", self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GRID)
        row.addWidget(self.search, 1)
        for widget in (self._when, self._format, self._sort, self._favourites):
            row.addWidget(widget)
        row.addSpacing(GRID)
        row.addWidget(self.count)
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(_TYPING_MS)
        self._typing.timeout.connect(self.changed)
        self.search.textChanged.connect(self._typing.start)
        for box in (self._when, self._format, self._sort):
            box.currentIndexChanged.connect(self.changed)
        self._favourites.toggled.connect(self.changed)

    @property
    def query(self) -> GalleryQuery:
        """What is to be shown."""
        days = int(self._when.currentData())
        return GalleryQuery(
            text=self.search.text().strip(),
            favourites_only=self._favourites.isChecked(),
            since=time.time() - days * _DAY_S if days else None,
            formats=tuple(self._format.currentData() or ()),
            sort=self._sort.currentData(),
        )

    @property
    def is_filtered(self) -> bool:
        """Whether anything but the order is set."""
        return self.query.is_narrowed

    def clear(self) -> None:
        """Show everything again."""
        self.search.clear()
        self._favourites.setChecked(False)
        self._when.setCurrentIndex(0)
        self._format.setCurrentIndex(0)
