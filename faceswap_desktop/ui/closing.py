"""Asks before the window closes on jobs whose results would be lost by that, and on what is live."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt

from faceswap_desktop.ui.dialogs.questions import QuestionDialog

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from faceswap_desktop.ui.context import AppContext


class Closing(QObject):
    """Knows whether the window may close now; asks at most once at a time."""

    def __init__(self, window: QWidget, context: AppContext) -> None:
        super().__init__(window)
        self._window = window
        self._context = context
        self._dialog: QuestionDialog | None = None
        self._is_agreed = False

    def may_close(self) -> bool:
        """Say whether nothing would be lost. If something would, a question is asked; "Close anyway" closes then."""
        if self._is_agreed:
            return True
        asked = self._of_jobs() or self._of_live()
        if asked is None:
            return True
        if self._dialog is None:
            self._ask(*asked)
        return False

    def _count(self) -> int:
        """Return how many jobs wait for a result that is delivered once, to this program only."""
        mailbox = self._context.cloud.mailbox
        if not self._context.queue.is_running_here or not mailbox.loses_when_closed:
            return 0
        delivered_only = {offer.info.id for offer in self._context.offers.all() if offer.info.delivers_only}
        return len(mailbox.waiting_at(delivered_only))

    def _of_jobs(self) -> tuple[str, str, str, bool] | None:
        """Return what is asked because of results on their way: title, text, the button, whether it is dangerous."""
        count = self._count()
        if not count:
            return None
        title = (
            self.tr("Close while a result is on its way?")
            if count == 1
            else self.tr("Close while {n} results are on their way?").format(n=count)
        )
        text = self.tr(
            "Such results are delivered to this program while it is open, and only once. What is delivered after it "
            "is closed is lost, although it is paid for. A relay that keeps deliveries would hold them until the next "
            "start: Settings → Webhook."
        )
        return title, text, self.tr("Close anyway"), True

    def _of_live(self) -> tuple[str, str, str, bool] | None:
        """Return what is asked because something is live; a session here that nobody records just ends."""
        desk = self._context.live_desk
        if desk.is_there:
            title = self.tr("Close while you are live?")
            text = self.tr("The session is closed first, so that it costs nothing any more.")
            if desk.records:
                text = f"{text} {self.tr('The recording ends, and goes to the Gallery.')}"
            return title, text, self.tr("Stop and close"), False
        if desk.records:
            title = self.tr("Close while it is recorded?")
            text = self.tr("The recording ends. It is finished, at the next start if need be, and goes to the Gallery.")
            return title, text, self.tr("Stop and close"), False
        return None

    def _ask(self, title: str, text: str, yes: str, is_dangerous: bool) -> None:
        dialog = QuestionDialog(self._window, title, text, yes, no=self.tr("Stay open"), is_dangerous=is_dangerous)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.finished.connect(self._on_finished)
        self._dialog = dialog
        # open, never exec: the answer comes through a signal, and no event loop runs within another.
        dialog.open()

    def _on_finished(self, result: int) -> None:
        self._dialog = None
        if result == QuestionDialog.DialogCode.Accepted:
            self._is_agreed = True
            self._window.close()
