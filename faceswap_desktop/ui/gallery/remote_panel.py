"""What of a result concerns its provider: what it cost, how long it lies there, by what their support finds it."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFormLayout, QVBoxLayout, QWidget

from faceswap_desktop.domain.cloud import Charge
from faceswap_desktop.domain.job import JobResult
from faceswap_desktop.ui.accessibility import name
from faceswap_desktop.ui.bridge import Tasks
from faceswap_desktop.ui.context import AppContext
from faceswap_desktop.ui.gallery.cloud_words import Who, charge_words, day_text, left_text, support_ids, who_is
from faceswap_desktop.ui.theme.tokens import GRID, HALF, PAD
from faceswap_desktop.ui.widgets.buttons import Button
from faceswap_desktop.ui.widgets.labels import ElidedLabel, PlainLabel

if TYPE_CHECKING:
    from faceswap_desktop.storage.remote import RemoteResult

_MINUTE_MS: Final = 60_000


class RemotePanel(QWidget):
    """A section of the large view's panel; there is none of it for what was made on this computer."""

    def __init__(
        self, context: AppContext, tasks: Tasks, providers: Mapping[str, Who], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        name(self, "remote-panel", self.tr("At the provider"))
        self._context = context
        self._tasks = tasks
        self._providers = providers
        self._result: JobResult | None = None
        self._there: Sequence[RemoteResult] | None = None
        self._title = PlainLabel("", "section", self)
        self._rows = QFormLayout()
        self._rows.setHorizontalSpacing(PAD)
        self._rows.setVerticalSpacing(HALF)
        self._rows.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self._rows.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
        self.cost = self._value("remote-cost")
        self.kept = self._value("remote-kept")
        self._ids = QVBoxLayout()
        self._ids.setSpacing(0)
        for words, value in ((self.tr("Cost"), self.cost), (self.tr("Kept"), self.kept)):
            label = PlainLabel(words, "muted", self)
            label.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
            self._rows.addRow(label, value)
        self.copy = Button(self.tr("Copy for support"), "remote-copy", self, icon_name="copy")
        self.copy.clicked.connect(self._copy)
        self.delete = Button(self.tr("Delete there"), "remote-delete", self, icon_name="trash")
        self.delete.clicked.connect(lambda: self._tasks.start(self._delete(), key="remote-delete"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, GRID, 0, GRID)
        column.setSpacing(GRID)
        column.addWidget(self._title)
        column.addLayout(self._rows)
        column.addLayout(self._ids)
        for button in (self.copy, self.delete):
            column.addWidget(button)
        self._clock = QTimer(self)
        self._clock.setInterval(_MINUTE_MS)
        self._clock.timeout.connect(self._show_kept)
        self.hide()

    def show_result(self, result: JobResult | None) -> None:
        """Show what is known of a result; None for nothing."""
        who = who_is(self._providers, result.recipe.provider) if result is not None else None
        if result is None or who is None or who.is_local:
            self._result = None
            self._clock.stop()
            self._tasks.cancel("remote")
            self.hide()
            return
        if self._result is None or self._result.id != result.id:
            self._there = None
            words = self.tr("In the sandbox of {provider}") if result.recipe.in_sandbox else self.tr("At {provider}")
            self._title.setText(words.replace("{provider}", who.title))
            self._show(None)
        self._result = result
        self.show()
        self._clock.start()
        self._tasks.start(self._fill(result), key="remote", replace=True)

    def _value(self, object_name: str) -> PlainLabel:
        label = PlainLabel("", None, self, wraps=True)
        label.setObjectName(object_name)
        return label

    async def _fill(self, result: JobResult) -> None:
        charge = await self._context.queue.charge_of(result.job)
        there = await self._context.queue.remote_results(result.job)
        if self._result is not None and self._result.id == result.id:
            self._there = there
            self._show(charge)

    def _show(self, charge: Charge | None) -> None:
        unit = who_is(self._providers, self._result.recipe.provider).unit if self._result is not None else ""
        nothing = self.tr("nothing was charged") if self._there is not None else ""
        self.cost.setText(charge_words(charge, unit) if charge is not None else nothing)
        self._show_ids()
        self._show_kept()

    @property
    def ids(self) -> list[str]:
        """What is shown for the provider's support."""
        labels = [item.widget() for place in range(self._ids.count()) if (item := self._ids.itemAt(place)) is not None]
        return [label.text() for label in labels if isinstance(label, ElidedLabel)]

    def _show_ids(self) -> None:
        lines = self._support_lines()
        self.copy.setVisible(bool(lines))
        if lines == self.ids:
            return
        while (item := self._ids.takeAt(0)) is not None:
            if (label := item.widget()) is not None:
                label.deleteLater()
        for line in lines:
            # Ids have no blanks at which they could be broken: what does not fit is in the tool tip and in the copy.
            label = ElidedLabel(line, "muted", self, mode=Qt.TextElideMode.ElideMiddle)
            label.setObjectName("remote-id")
            self._ids.addWidget(label)

    def _support_lines(self) -> list[str]:
        pairs = [pair for one in self._there or () for pair in support_ids(one.provider, one.values)]
        return [f"{word}: {value}" for word, value in dict.fromkeys(pairs)]

    def _show_kept(self) -> None:
        if self._result is None:
            return
        who = who_is(self._providers, self._result.recipe.provider)
        now = time.time()
        there = [one for one in self._there or () if one.is_there(now)]
        self.delete.setVisible(bool(there) and who.can_delete)
        self.kept.setText(self._kept_words(there, now))

    def _kept_words(self, there: Sequence[RemoteResult], now: float) -> str:
        if self._there is None:
            return ""
        if not there:
            deleted = [one.deleted_at for one in self._there if one.deleted_at]
            if deleted:
                return self.tr("deleted there on {day}").format(day=day_text(max(deleted)))
            return self.tr("no longer there")
        ends = max(one.expires_at for one in there)
        if not ends:
            return self.tr("it does not say how long")
        return self.tr("until {day}, {time} left").format(day=day_text(ends), time=left_text(ends - now))

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText("\n".join(self._support_lines()))
        self._context.notifications.info(self.tr("Copied what their support wants to know."), key="copied")

    async def _delete(self) -> None:
        result = self._result
        if result is None:
            return
        title = who_is(self._providers, result.recipe.provider).title
        await self._context.queue.delete_remote([result.job])
        self._context.notifications.success(
            self.tr("Deleted at {provider}. Your copy here stays.").replace("{provider}", title), key="remote"
        )
        if self._result is not None and self._result.id == result.id:
            await self._fill(result)
