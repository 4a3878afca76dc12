"""Withdrawing a consent: what it concerns, how far it is, and what could not be deleted."""

from __future__ import annotations

from pathlib import PurePath

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import QCheckBox, QListWidget, QListWidgetItem, QProgressBar, QVBoxLayout, QWidget

from faceswap_desktop.domain.errors import FaceSwapError
from faceswap_desktop.domain.job import JobResult
from faceswap_desktop.services.withdrawal import WithdrawalPlan, WithdrawalReport
from faceswap_desktop.ui.accessibility import announce, name
from faceswap_desktop.ui.bridge import Tasks
from faceswap_desktop.ui.consent.words import day_text, tr
from faceswap_desktop.ui.context import AppContext
from faceswap_desktop.ui.dialogs.questions import WIDTH, QuestionDialog
from faceswap_desktop.ui.texts import size_text, text_of
from faceswap_desktop.ui.widgets.labels import PlainLabel

_MOST_PICTURES = 100
_PICTURE = QSize(48, 48)
_LIST_HEIGHT = 176


class WithdrawalDialog(QuestionDialog):
    """Lists results, asks, shows how far it is, and then what was done.

    Attributes:
        done_with: What was done.
    """

    done_with = Signal(object)

    def __init__(self, context: AppContext, parent: QWidget, plan: WithdrawalPlan) -> None:
        name_ = plan.face.name
        super().__init__(
            parent,
            tr("Withdraw the consent for {name}?").format(name=name_),
            tr("Nothing more is made with this face. {what}").format(what=_what(plan)),
            tr("Withdraw"),
            is_dangerous=True,
        )
        self.setObjectName("withdrawal-dialog")
        self._context = context
        self._plan = plan
        self._tasks = Tasks(self, context.notifications)
        self._results = self._list(plan)
        self.results = QCheckBox(tr("Delete these results for good, here and at providers"), self)
        self.face = QCheckBox(tr("Delete the face too, with all that was measured and made of it"), self)
        self.record = QCheckBox(tr("Delete the record of the consent, which is your proof"), self)
        boxes = ((self.results, "withdraw-results"), (self.face, "withdraw-face"), (self.record, "withdraw-record"))
        for box, object_name in boxes:
            name(box, object_name, box.text())
        has_results = bool(plan.results or plan.kept)
        self.results.setChecked(has_results)
        self.results.setVisible(has_results)
        # Who is not to be used is not to be kept either, unless the user wants it.
        self.face.setChecked(True)
        self._words = PlainLabel(_where(plan), "muted", self, wraps=True)
        self._bar = QProgressBar(self)
        self._bar.setRange(0, 1000)
        self._bar.setTextVisible(False)
        name(self._bar, "withdraw-progress", tr("Progress"))
        self._bar.hide()
        self._said = PlainLabel("", None, self, wraps=True)
        name(self._said, "withdraw-report", "")
        self._said.hide()
        column = QVBoxLayout()
        for widget in (self._results, self._words, self.results, self.face, self.record, self._bar, self._said):
            widget.setFixedWidth(WIDTH)
            column.addWidget(widget)
        self.column.insertLayout(2, column)
        self._results.setVisible(bool(plan.results))
        self._words.setVisible(bool(self._words.text()))
        for box, _ in boxes:
            box.toggled.connect(self._refresh)
        self.yes.clicked.disconnect()
        self.yes.clicked.connect(lambda: self._tasks.start(self._go(), key="withdraw", on_error=self._on_error))
        self._refresh()

    def _list(self, plan: WithdrawalPlan) -> QListWidget:
        made = QListWidget(self)
        words = tr("Results with this face")
        name(made, "withdraw-list", words)
        made.setIconSize(_PICTURE)
        made.setFixedHeight(_LIST_HEIGHT)
        made.setSelectionMode(QListWidget.SelectionMode.NoSelection)
        for result in plan.results:
            item = QListWidgetItem(_line(result), made)
            item.setToolTip(result.path)
        self._tasks.start(self._fill_pictures(made, plan))
        return made

    async def _fill_pictures(self, made: QListWidget, plan: WithdrawalPlan) -> None:
        for row, result in enumerate(plan.results[:_MOST_PICTURES]):
            try:
                path = await self._context.gallery.thumbnail(result)
            except (FaceSwapError, OSError):
                continue
            if (item := made.item(row)) is not None:
                item.setIcon(QIcon(QPixmap(str(path))))

    def _refresh(self) -> None:
        deletes = self.results.isChecked() or self.face.isChecked()
        self.yes.setText(tr("Withdraw and delete for good") if deletes else tr("Withdraw"))
        self.yes.setAccessibleName(self.yes.text())

    async def _go(self) -> None:
        self._set_busy(True)
        try:
            # Before: afterwards nothing tells any more whose they were.
            records = [one.id for one in (await self._context.consents.standing_of(self._plan.face)).consents]
            report = await self._context.withdrawals.withdraw(
                self._plan,
                delete=self.results.isChecked(),
                delete_face=self.face.isChecked(),
                on_progress=lambda share: self._bar.setValue(round(1000 * share)),
            )
            if self.record.isChecked():
                await self._context.consents.forget(records)
        finally:
            self._set_busy(False)
        self.done_with.emit(report)
        self.show_report(report)

    def _set_busy(self, is_busy: bool) -> None:
        self._bar.setVisible(is_busy)
        for widget in (self.yes, self.no, self.results, self.face, self.record):
            widget.setEnabled(not is_busy)

    def reject(self) -> None:
        """Close, but not while something is being deleted."""
        if not self._tasks.is_running("withdraw"):
            super().reject()

    def show_report(self, report: WithdrawalReport) -> None:
        """Show what was done, and what could not be."""
        lines = [_done(report), *(f"• {text_of(problem)}" for problem in report.problems)]
        if report.problems:
            lines.insert(1, tr("Not everything could be deleted:"))
        words = "\n".join(lines)
        self._said.setText(words)
        self._said.setAccessibleName(words)
        self._said.show()
        for widget in (self.results, self.face, self.record, self._results, self._words, self.yes):
            widget.hide()
        for place, said in ((0, tr("The consent for {name} is withdrawn").format(name=self._plan.face.name)), (1, "")):
            item = self.column.itemAt(place)
            if item is not None and isinstance(label := item.widget(), PlainLabel):
                label.setText(said)
                label.setVisible(bool(said))
        self.no.setText(tr("Close"))
        self.no.setAccessibleName(tr("Close"))
        self.no.setFocus(Qt.FocusReason.OtherFocusReason)
        announce(self, words)

    def _on_error(self, error: FaceSwapError) -> None:
        words = " ".join(filter(None, (text_of(error.message), text_of(error.hint))))
        self._said.setText(words)
        self._said.show()
        announce(self, words, is_urgent=True)


def _line(result: JobResult) -> str:
    title = result.title or PurePath(result.path).stem
    return f"{title}\n{day_text(result.created_at)} · {size_text(result.size_bytes)} · {PurePath(result.path).parent}"


def _what(plan: WithdrawalPlan) -> str:
    count = len(plan.results)
    if not count:
        return tr("There is no result with it here.")
    size = size_text(plan.size_bytes)
    if count == 1:
        return tr("There is 1 result with it here, {size}.").format(size=size)
    return tr("There are {n} results with it here, {size}.").format(n=f"{count:,}", size=size)


def _where(plan: WithdrawalPlan) -> str:
    """Say what is elsewhere, and what of it cannot be deleted from here."""
    words = []
    if plan.jobs:
        count = len(plan.jobs)
        words.append(tr("1 job is cancelled.") if count == 1 else tr("{n} jobs are cancelled.").format(n=count))
    for kept in plan.kept:
        said = (
            tr("{provider} keeps {n} of them.")
            if kept.can_delete
            else tr("{provider} keeps {n} of them and cannot be asked to delete them.")
        )
        words.append(said.replace("{provider}", kept.title).replace("{n}", str(len(kept.jobs))))
    if plan.copies:
        words.append(tr("Copies elsewhere stay; delete them yourself: {paths}").format(paths=", ".join(plan.copies)))
    return " ".join(words)


def _done(report: WithdrawalReport) -> str:
    parts = [tr("Nothing more is made with this face.")]
    if report.results or report.remote:
        there = tr(", {n} at providers").format(n=report.remote) if report.remote else ""
        here = tr("1 result here") if report.results == 1 else tr("{n} results here").format(n=f"{report.results:,}")
        parts.append(tr("Deleted for good: {here}{there}.").format(here=here, there=there))
    if report.cancelled:
        parts.append(tr("Jobs cancelled: {n}.").format(n=report.cancelled))
    if report.face_is_gone:
        parts.append(tr("The face is gone, with all that was measured and made of it."))
    return " ".join(parts)
