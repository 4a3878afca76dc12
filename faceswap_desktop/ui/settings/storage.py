"""Storage."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication, Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QWidget

from faceswap_desktop.ui.bridge import Tasks
from faceswap_desktop.ui.context import AppContext
from faceswap_desktop.ui.dialogs.questions import confirm
from faceswap_desktop.ui.settings import SectionEntry
from faceswap_desktop.ui.settings.section import SettingsSection
from faceswap_desktop.ui.texts import size_text
from faceswap_desktop.ui.theme.tokens import GRID
from faceswap_desktop.ui.widgets.buttons import Button
from faceswap_desktop.ui.widgets.forms import SectionHeader
from faceswap_desktop.ui.widgets.labels import PlainLabel
from faceswap_desktop.ui.widgets.numbers import NumberField

if TYPE_CHECKING:
    from faceswap_desktop.storage.caches import CacheUsage

_KINDS: Final = {
    "results": str(QT_TRANSLATE_NOOP("Storage", "Results")),
    "faces": str(QT_TRANSLATE_NOOP("Storage", "Source faces")),
    "database": str(QT_TRANSLATE_NOOP("Storage", "Database")),
    "held": str(QT_TRANSLATE_NOOP("Storage", "Deleted, can be brought back")),
    "thumbnails": str(QT_TRANSLATE_NOOP("Storage", "Thumbnails")),
    "atlases": str(QT_TRANSLATE_NOOP("Storage", "Prepared faces")),
    "scratch": str(QT_TRANSLATE_NOOP("Storage", "Unfinished work")),
}
"""What is measured, in the order shown; the last three are caches."""


class StorageSection(SettingsSection):
    """What the library and the caches take on the disk, and clearing them."""

    def __init__(self, context: AppContext, tasks: Tasks, entry: SectionEntry, parent: QWidget | None = None) -> None:
        super().__init__(context, tasks, entry, parent)
        self._sizes: dict[str, PlainLabel] = {}
        self._counts: dict[str, PlainLabel] = {}
        self._usage_card()
        limit = NumberField(
            self.tr("Caches may take"), "settings-cache-limit", 64, 1_048_576, self, suffix=self.tr(" MB"), step=256
        )
        undo = NumberField(
            self.tr("Deleted results can be brought back for"), "settings-undo", 5, 3600, self, suffix=self.tr(" s")
        )
        self.bind(limit, "storage", "cache_limit_mb")
        self.bind(undo, "storage", "undo_seconds")
        self.add_card(
            self.row(
                self.tr("Caches may take"), limit, self.tr("The oldest go first. They are made again when needed.")
            ),
            self.row(
                self.tr("Deleted results can be brought back for"),
                undo,
                self.tr("After that they go to the system's trash."),
            ),
        )
        self.end()

    def shown(self) -> None:
        """Measure."""
        self.tasks.start(self._measure(), key="measure")

    def _usage_card(self) -> None:
        table = QWidget(self)
        grid = QGridLayout(table)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(GRID * 3)
        grid.setVerticalSpacing(GRID)
        grid.setColumnStretch(0, 1)
        for row, kind in enumerate([*_KINDS, "total"]):
            is_total = kind == "total"
            words = self.tr("Together") if is_total else QCoreApplication.translate("Storage", _KINDS[kind])
            label = PlainLabel(words, "strong" if is_total else None, table)
            self._counts[kind] = PlainLabel("", "small", table)
            self._sizes[kind] = PlainLabel("…", "strong" if is_total else None, table)
            self._sizes[kind].setObjectName(f"usage-{kind}")
            grid.addWidget(label, row, 0)
            grid.addWidget(self._counts[kind], row, 1, Qt.AlignmentFlag.AlignRight)
            grid.addWidget(self._sizes[kind], row, 2, Qt.AlignmentFlag.AlignRight)
        self._clear = Button(self.tr("Clear caches"), "settings-clear-caches", self)
        self._empty = Button(self.tr("Empty deleted…"), "settings-empty-deleted", self)
        self._clear.clicked.connect(lambda: self.tasks.start(self._clear_caches(), key="clear"))
        self._empty.clicked.connect(lambda: self.tasks.start(self._empty_deleted(), key="clear"))
        self._clear.setEnabled(False)
        self._empty.setEnabled(False)
        buttons = QWidget(self)
        line = QHBoxLayout(buttons)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(GRID)
        line.addStretch(1)
        line.addWidget(self._empty)
        line.addWidget(self._clear)
        self.add_card(SectionHeader(self.tr("On the disk"), self), table, buttons)

    async def _measure(self) -> None:
        self._show(await self.context.disk_usage.measure())

    async def _clear_caches(self) -> None:
        self._clear.setEnabled(False)
        before = self._sizes["total"].text()
        usage = await self.context.disk_usage.clear()
        self._show(usage)
        text = self.tr("Caches are cleared: {before} before, {after} now.")
        self.context.notifications.success(text.format(before=before, after=size_text(usage.total.bytes)), key="clear")

    async def _empty_deleted(self) -> None:
        title = self.tr("Empty what was deleted?")
        text = self.tr("Deleted results go to the system's trash now and cannot be brought back here.")
        if await confirm(self, title, text, self.tr("Empty deleted"), is_dangerous=True):
            await self.context.gallery.expire(everything=True)
            await self._measure()

    def _show(self, usage: CacheUsage) -> None:
        for kind, label in self._sizes.items():
            part = getattr(usage, kind)
            label.setText(size_text(part.bytes))
            files = self.tr("1 file") if part.files == 1 else self.tr("{n} files").format(n=f"{part.files:,}")
            self._counts[kind].setText(files)
        self._clear.setEnabled(usage.clearable.files > 0)
        self._empty.setEnabled(usage.held.files > 0)
