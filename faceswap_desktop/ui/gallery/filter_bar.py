"""Search, filters and order of the cards."""

from __future__ import annotations

import time
from typing import Final

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QWidget

from faceswap_desktop.domain.gallery import GalleryQuery, GallerySort
from faceswap_desktop.ui.accessibility import name
from faceswap_desktop.ui.theme.tokens import GRID
from faceswap_desktop.ui.widgets.buttons import IconButton
from faceswap_desktop.ui.widgets.labels import PlainLabel
from faceswap_desktop.ui.widgets.search import SearchField

_DAY_S: Final = 86_400
_PICTURES: Final = ("JPEG", "PNG", "WEBP", "TIFF", "AVIF")
_VIDEOS: Final = ("MP4", "MOV", "MKV", "WEBM")


class FilterBar(QWidget):
    """What is to be shown, as one ``GalleryQuery``.

    Attributes:
        changed: The query is another one now.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.search = SearchField(self.tr("Search by name or face"), "gallery-search", self)
        self.search.setMinimumWidth(160)
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
        name(self._format, "gallery-format", self.tr("Kind of file"))
        for words, suffixes in (
            (self.tr("Pictures and videos"), ()),
            (self.tr("Pictures"), _PICTURES),
            (self.tr("Videos"), _VIDEOS),
            ("JPEG", ("JPEG",)),
            ("PNG", ("PNG",)),
            ("WebP", ("WEBP",)),
            ("TIFF", ("TIFF",)),
            ("AVIF", ("AVIF",)),
            ("MP4", ("MP4",)),
            ("MOV", ("MOV",)),
            ("MKV", ("MKV",)),
            ("WebM", ("WEBM",)),
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
        # Room for a hundred thousand, so that the search field keeps its width.
        self.count.setMinimumWidth(
            self.count.fontMetrics().horizontalAdvance(self.tr("{n} results").format(n="88,888"))
        )
        self.count.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GRID)
        row.addWidget(self.search, 1)
        for widget in (self._when, self._format, self._sort, self._favourites):
            row.addWidget(widget)
        row.addSpacing(GRID)
        row.addWidget(self.count)
        self.search.searched.connect(self.changed)
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
        with QSignalBlocker(self):
            self._clear()
        self.changed.emit()

    def _clear(self) -> None:
        self.search.clear()
        self._favourites.setChecked(False)
        self._when.setCurrentIndex(0)
        self._format.setCurrentIndex(0)
