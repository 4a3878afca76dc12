"""Log, self-test and diagnostics."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from faceswap_desktop.ui.bridge import Tasks
from faceswap_desktop.ui.context import AppContext
from faceswap_desktop.ui.dialogs.files import ask_where_to_save
from faceswap_desktop.ui.files import show_in_folder
from faceswap_desktop.ui.icons import IconColour
from faceswap_desktop.ui.theme.tokens import GRID
from faceswap_desktop.ui.widgets.buttons import Button
from faceswap_desktop.ui.widgets.forms import FormRow, card
from faceswap_desktop.ui.widgets.labels import ElidedLabel, IconLabel, PlainLabel
from faceswap_desktop.ui.widgets.sections import SectionColumn

if TYPE_CHECKING:
    from collections.abc import Sequence

    from faceswap_desktop.services.checks import Check


class TroublesSection(SectionColumn):
    """What helps when something does not work."""

    def __init__(self, context: AppContext, tasks: Tasks, parent: QWidget | None = None) -> None:
        super().__init__(self.tr("Log and diagnostics"), parent)
        self._context = context
        self._tasks = tasks
        self._log_card()
        self._report_card()
        self._test_card()
        self.column.addStretch(1)

    def _log_card(self) -> None:
        show = Button(self.tr("Show log"), "help-show-log", self)
        show.clicked.connect(lambda: self._tasks.start(show_in_folder(self._context.diagnostics.log_file)))
        frame, column = card(self)
        column.addWidget(FormRow(self.tr("The log tells what the program did"), show, parent=self))
        column.addWidget(ElidedLabel(str(self._context.diagnostics.log_file), "muted", self))
        self.column.addWidget(frame)

    def _report_card(self) -> None:
        make = Button(self.tr("Make diagnostics file…"), "help-diagnostics", self)
        make.clicked.connect(lambda: self._tasks.start(self._make_report(), key="report"))
        hint = self.tr(
            "A zip with the self-test, the settings, the list of jobs and the end of the log, to send to someone who "
            "helps. It contains no pictures, no file names and no keys. Nothing is sent by itself."
        )
        frame, column = card(self)
        column.addWidget(FormRow(self.tr("Diagnostics file"), make, hint, self))
        self.column.addWidget(frame)

    def _test_card(self) -> None:
        self._run = Button(self.tr("Run self-test"), "help-self-test", self)
        self._run.clicked.connect(lambda: self._tasks.start(self._test(), key="test"))
        frame, self._test_column = card(self)
        hint = self.tr("Tries the checkpoints, the picture formats, the database and the keyring once.")
        self._test_column.addWidget(FormRow(self.tr("Self-test"), self._run, hint, self))
        self._outcome: QWidget | None = None
        self.column.addWidget(frame)

    async def _make_report(self) -> None:
        path = await ask_where_to_save(
            self.window(),
            self._context.window_state,
            self.tr("Make diagnostics file"),
            time.strftime("faceswap-diagnostics-%Y-%m-%d.zip"),
            self.tr("Zip files (*.zip)"),
        )
        if path is None:
            return
        await self._context.diagnostics.write_report(path)
        self._context.notifications.success(
            self.tr("{name} is written.").format(name=path.name),
            button=self.tr("Show in folder"),
            action=lambda: self._tasks.start(show_in_folder(path)),
        )

    async def _test(self) -> None:
        self._run.setEnabled(False)
        try:
            checks = await self._context.diagnostics.self_test()
        finally:
            self._run.setEnabled(True)
        if self._outcome is not None:
            self._outcome.deleteLater()
        self._outcome = _table_of(checks, self)
        self._test_column.addWidget(self._outcome)


def _table_of(checks: Sequence[Check], parent: QWidget) -> QWidget:
    table = QWidget(parent)
    table.setObjectName("help-test-outcome")
    grid = QGridLayout(table)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(GRID)
    grid.setVerticalSpacing(GRID // 2)
    grid.setColumnStretch(2, 1)
    for row, check in enumerate(checks):
        bad = ("error", IconColour.DANGER) if check.is_needed else ("warning", IconColour.WARNING)
        picture, colour = ("success", IconColour.SUCCESS) if check.is_ok else bad
        mark = IconLabel(picture, 16, colour, table)
        mark.setAccessibleName(parent.tr("works") if check.is_ok else parent.tr("does not work"))
        grid.addWidget(mark, row, 0)
        grid.addWidget(PlainLabel(check.name, None, table), row, 1)
        detail = PlainLabel(check.detail, "muted", table, wraps=True)
        grid.addWidget(detail, row, 2, Qt.AlignmentFlag.AlignLeft)
    return table
