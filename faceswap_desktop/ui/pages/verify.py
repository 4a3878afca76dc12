"""Verify: where does this file come from?"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, Final

from PySide6.QtCore import QMimeData, QSize, Qt
from PySide6.QtGui import QGuiApplication, QPixmap
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from faceswap_desktop.domain.errors import Cancelled, FaceSwapError
from faceswap_desktop.domain.verdicts import validity_words
from faceswap_desktop.domain.verification import Report
from faceswap_desktop.ui.accessibility import announce, name
from faceswap_desktop.ui.actions import ActionSpec, Menu
from faceswap_desktop.ui.canvas.drag import files_of
from faceswap_desktop.ui.context import AppContext
from faceswap_desktop.ui.dialogs.files import ask_for_media
from faceswap_desktop.ui.icons import IconColour, icon
from faceswap_desktop.ui.pages.base import Page
from faceswap_desktop.ui.texts import plain_tip, text_of
from faceswap_desktop.ui.theme.tokens import GAP, GRID, HALF, PAD
from faceswap_desktop.ui.verify.report_view import COLUMN_WIDTH, ReportView
from faceswap_desktop.ui.verify.words import VALIDITY_ICONS, report_text
from faceswap_desktop.ui.widgets.buttons import Button, PrimaryButton
from faceswap_desktop.ui.widgets.progress import ProgressRow
from faceswap_desktop.ui.widgets.states import EmptyState

_ROWS_SHOWN: Final = 4
_MOST_FILES: Final = 200
_SCROLL_BAR: Final = 12
_ICON: Final = QSize(16, 16)


class VerifyPage(Page):
    """One file's report; where several were dropped, a list of them above it. Nothing leaves the computer.

    Attributes:
        report: What is shown; None while there is nothing to show.
    """

    id: ClassVar[str] = "verify"
    title: ClassVar[str] = "Verify"
    icon: ClassVar[str] = "verify"

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.report: Report | None = None
        self._path: Path | None = None
        self._paths: list[Path] = []
        self._round = 0
        self.files = QListWidget(self)
        name(self.files, "verify-files", self.tr("Files"), self.tr("Choose one to see where it comes from."))
        self.files.setIconSize(_ICON)
        self.files.setMaximumWidth(COLUMN_WIDTH)
        self.files.setVisible(False)
        self.files.currentRowChanged.connect(self._on_row)
        self.view = ReportView(self)
        self.view.open_wanted.connect(self.open_file)
        self.view.copy_wanted.connect(self.copy_report)
        self.view.show_wanted.connect(self.show_result)
        self._open = PrimaryButton(self.tr("Open a file…"), "verify-open", self)
        self._open.clicked.connect(self.open_file)
        self._empty = EmptyState(
            "verify",
            self.tr("Where does this come from?"),
            self.tr(
                "Drop a picture or video here. You see what its Content Credentials tell, whether it was changed since,"
                " and whether it was made here. Nothing is sent anywhere."
            ),
            self,
        )
        self._empty.add_button(self._open)
        self._failed = EmptyState("error", "", parent=self)
        self._again = Button(self.tr("Try again"), "verify-again", self, icon_name="retry")
        self._again.clicked.connect(self.look_again)
        another = Button(self.tr("Open another file…"), "verify-failed-open", self, icon_name="open")
        another.clicked.connect(self.open_file)
        self._failed.add_button(self._again)
        self._failed.add_button(another)
        self._busy = QWidget(self)
        self._progress = ProgressRow("verify-progress", self._busy)
        self._progress.cancelled.connect(self.cancel)
        self._shown = QStackedWidget(self)
        self._build()

    # Page

    def actions_of_page(self) -> Sequence[ActionSpec]:
        """What can be done with a report."""
        specs = (
            ("copy", self.tr("Copy report"), self.copy_report, "Ctrl+C", "copy"),
            ("show", self.tr("Show in the Gallery"), self.show_result, "Ctrl+G", "gallery"),
            ("again", self.tr("Look again"), self.look_again, "F5", "retry"),
            ("cancel", self.tr("Stop looking"), self.cancel, "Esc", "close"),
        )
        return [
            ActionSpec(
                id=f"verify.{one}",
                text=text,
                run=run,
                shortcut=keys,
                menu=Menu.RESULT,
                group=8,
                icon=icon_name,
                is_enabled=False,
            )
            for one, text, run, keys, icon_name in specs
        ]

    def first_focus(self) -> QWidget:
        """Start at the report, or at the button that opens a file."""
        shown = self._shown.currentWidget()
        if shown is self.view:
            return self.view.first_focus()
        return self._again if shown is self._failed else self._open

    def drop_hint(self, mime: QMimeData) -> str:
        """Any file can be dropped."""
        return self.tr("Drop to see where it comes from") if files_of(mime) else ""

    def receive_drop(self, mime: QMimeData) -> None:
        """Look into what was dropped or pasted."""
        self.receive_files(files_of(mime))

    def receive_files(self, paths: Sequence[Path]) -> bool:
        """Look into files that were opened while this page is shown."""
        if paths:
            self.verify(paths)
        return True

    def receive(self, payload: object) -> None:
        """Look into a file, or several."""
        if isinstance(payload, str | Path):
            self.verify([Path(payload)])
        elif isinstance(payload, list | tuple):
            self.verify([Path(one) for one in payload])

    # What can be done

    def verify(self, paths: Sequence[Path]) -> None:
        """Show the first of some files, and list the others."""
        # The same file twice is one file; a whole disk is more than anybody reads.
        self._paths = list(dict.fromkeys(paths))[:_MOST_FILES]
        self.files.blockSignals(True)
        self.files.clear()
        for path in self._paths:
            item = QListWidgetItem(icon("document", IconColour.MUTED), path.name or str(path))
            item.setToolTip(plain_tip(str(path)))
            self.files.addItem(item)
        self.files.setCurrentRow(0)
        self.files.blockSignals(False)
        self.files.setVisible(len(self._paths) > 1)
        rows = min(len(self._paths), _ROWS_SHOWN)
        self.files.setFixedHeight(rows * self.files.sizeHintForRow(0) + 2 * self.files.frameWidth() + HALF)
        if len(paths) > _MOST_FILES:
            self.context.notifications.info(
                self.tr("Only the first {n} files are listed.").format(n=_MOST_FILES), key="verify"
            )
        self._look(self._paths[0])

    def open_file(self) -> None:
        """Ask for files and look into them."""
        self.tasks.start(self._ask_for_files(), key="open")

    def look_again(self) -> None:
        """Look into the same file anew: it may have changed."""
        if self._path is not None:
            self._look(self._path)

    def cancel(self) -> None:
        """Stop looking."""
        if self.tasks.is_running("look"):
            self.tasks.cancel("look")
            self._show_trouble(self.tr("Stopped before the end"), self.tr("Nothing is known of the file yet."))

    def copy_report(self) -> None:
        """Put the report on the clipboard as text."""
        if self.report is not None:
            QGuiApplication.clipboard().setText(report_text(self.report))
            self.context.notifications.info(self.tr("Copied the report."), key="copied")

    def show_result(self) -> None:
        """Show the result that the file is, or is a copy of."""
        self.tasks.start(self._show_result(), key="show")

    # Inside

    def _build(self) -> None:
        busy = QVBoxLayout(self._busy)
        busy.setContentsMargins(GAP, GAP, GAP, GAP)
        busy.addWidget(self._progress)
        busy.addStretch(1)
        for widget in (self._empty, self._busy, self._failed, self.view):
            self._shown.addWidget(widget)
        above = QHBoxLayout()
        # In line with the report, beside which there may be a scroll bar.
        above.setContentsMargins(GAP, 0, GAP + _SCROLL_BAR, GRID)
        above.addStretch(1)
        above.addWidget(self.files, 100)
        above.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, PAD, 0, 0)
        column.setSpacing(0)
        column.addLayout(above)
        column.addWidget(self._shown, 1)

    def _look(self, path: Path) -> None:
        self._path = path
        self._round += 1
        self.report = None
        self.tasks.cancel("picture")
        self._say_progress(0.0)
        self._shown.setCurrentWidget(self._busy)
        self._refresh()
        self.tasks.start(self._verify(path, self._round), key="look", replace=True)

    async def _verify(self, path: Path, number: int) -> None:
        try:
            report = await self.context.verification.verify(path, self._say_progress)
        except Cancelled:
            raise
        except FaceSwapError as error:
            self._show_trouble(text_of(error.message), text_of(error.hint))
            return
        self._show(report)
        self.tasks.start(self._picture(path, number), key="picture", replace=True)

    async def _picture(self, path: Path, number: int) -> None:
        try:
            thumbnail = await self.context.gallery.picture_thumbnail(path)
        except (FaceSwapError, OSError, ValueError):
            # What is no picture keeps its sign; what is wrong with it matters elsewhere.
            return
        pixmap = QPixmap(str(thumbnail))
        if number == self._round and not pixmap.isNull():
            self.view.set_pixmap(pixmap)

    async def _ask_for_files(self) -> None:
        if paths := await ask_for_media(self, self.context.window_state):
            self.verify(paths)

    async def _show_result(self) -> None:
        made_here = self.report.made_here if self.report is not None else None
        if made_here is None or made_here.result is None:
            return
        if found := await self.context.gallery.results([made_here.result]):
            self.context.navigator.go("gallery", found[0])
        else:
            self.context.notifications.info(self.tr("The result is not in the Gallery any more."), key="verify")

    def _show(self, report: Report) -> None:
        self.report = report
        had_focus = self._has_focus()
        self.view.show_report(report)
        self._shown.setCurrentWidget(self.view)
        word = text_of(validity_words(report.credentials.validity))
        self._mark_row(*VALIDITY_ICONS[report.credentials.validity], word)
        announce(self.view, f"{word}. {text_of(report.verdict.headline)} {text_of(report.verdict.meaning)}")
        self._refresh()
        if had_focus:
            self.first_focus().setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_trouble(self, title: str, hint: str) -> None:
        had_focus = self._has_focus()
        self._failed.set_title(title)
        self._failed.set_hint(hint)
        self._shown.setCurrentWidget(self._failed)
        self._mark_row("warning", IconColour.WARNING, title)
        announce(self._failed, f"{title} {hint}".strip(), is_urgent=True)
        self._refresh()
        if had_focus:
            self._again.setFocus(Qt.FocusReason.OtherFocusReason)

    def _has_focus(self) -> bool:
        """Say whether the keyboard is in what is about to be replaced; the list of files keeps it."""
        focused = QApplication.focusWidget()
        return self.isVisible() and (focused is None or self._shown.isAncestorOf(focused))

    def _mark_row(self, icon_name: str, colour: IconColour, word: str) -> None:
        item = self.files.currentItem()
        if self._path is not None and item is not None:
            item.setIcon(icon(icon_name, colour))
            item.setText(f"{self._path.name or self._path} · {word}")

    def _say_progress(self, fraction: float) -> None:
        shown = self._path.name if self._path is not None else ""
        self._progress.set_progress(fraction, self.tr("Looking into {name} …").format(name=shown))

    def _on_row(self, row: int) -> None:
        if 0 <= row < len(self._paths):
            self._look(self._paths[row])

    def _refresh(self) -> None:
        if self.table is None:
            return
        made_here = self.report.made_here if self.report is not None else None
        is_looking = self._shown.currentWidget() is self._busy
        self.table.set_enabled("verify.copy", self.report is not None)
        self.table.set_enabled("verify.show", made_here is not None and made_here.result is not None)
        self.table.set_enabled("verify.again", self._path is not None and not is_looking)
        self.table.set_enabled("verify.cancel", is_looking)
