"""What the Faces page does about consent: says who faces are, withdraws, exports the ledger."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from faceswap_desktop.domain.faces import SourceFace
from faceswap_desktop.services.withdrawal import WithdrawalReport
from faceswap_desktop.ui.bridge import Tasks, ask
from faceswap_desktop.ui.consent.sheet import ask_who
from faceswap_desktop.ui.consent.words import tr
from faceswap_desktop.ui.context import AppContext
from faceswap_desktop.ui.dialogs.files import ask_where_to_save
from faceswap_desktop.ui.dialogs.questions import confirm
from faceswap_desktop.ui.files import open_file, show_in_folder
from faceswap_desktop.ui.notifications import Notice, Tone
from faceswap_desktop.ui.texts import text_of


class ConsentGestures(QObject):
    """Asks, withdraws and exports."""

    def __init__(self, context: AppContext, tasks: Tasks, window: QWidget, on_erased: Callable[[], None]) -> None:
        """Make them.

        Args:
            context: Of the window.
            tasks: Of the page.
            window: Whose dialogs they are.
            on_erased: Called when a face was deleted for good: nothing must bring it back.
        """
        super().__init__(window)
        self._context = context
        self._tasks = tasks
        self._window = window
        self._on_erased = on_erased

    async def say_who(self, faces: Sequence[SourceFace]) -> None:
        """Ask who faces are, also where that is known already."""
        await ask_who(self._context, self._window, faces)

    async def withdraw(self, face: SourceFace) -> None:
        """Show what withdrawing concerns, ask, and do it."""
        plan = await self._context.withdrawals.plan(face.id)
        from faceswap_desktop.ui.consent.withdrawal_dialog import WithdrawalDialog

        dialog = WithdrawalDialog(self._context, self._window.window(), plan)
        reports: list[WithdrawalReport] = []
        dialog.done_with.connect(reports.append)
        await ask(dialog)
        if any(report.results for report in reports) and any(one.deleted_at for one in plan.results):
            # What was deleted before is gone for good now: nothing is to offer it back.
            self._context.notifications.withdraw("deleted")
        if any(report.face_is_gone for report in reports):
            self._on_erased()

    async def export(self, faces: Sequence[SourceFace]) -> None:
        """Write the ledger of some faces, or of all if none is given."""
        title = tr("Export the ledger of consent")
        kinds = tr("Page to read and print (*.html);;Table (*.csv)")
        path = await ask_where_to_save(
            self._window, self._context.window_state, title, tr("consent ledger") + ".html", kinds
        )
        if path is None:
            return
        if not path.suffix:
            path = path.with_suffix(".html")
        count = await self._context.ledger_of_consent.export(path, faces or None, text_of)
        words = tr("The ledger has 1 row.") if count == 1 else tr("The ledger has {n} rows.").format(n=f"{count:,}")
        self._context.notifications.post(
            Notice(
                words,
                Tone.SUCCESS,
                str(path),
                tr("Show in folder"),
                lambda: self._tasks.start(show_in_folder(path)),
                key="ledger",
            )
        )

    async def forget_records(self) -> None:
        """Delete the records of faces that are gone, after asking."""
        old = [one for one in await self._context.consents.all() if not one.face]
        if not old:
            self._context.notifications.info(tr("There is no record of a face that is gone."), key="records")
            return
        title = tr("Delete 1 record?") if len(old) == 1 else tr("Delete {n} records?").format(n=len(old))
        text = tr(
            "They say who faces were that are gone by now, and why they could be used, with the documents. "
            "They are your proof, and cannot be brought back."
        )
        if await confirm(self._window, title, text, tr("Delete for good"), is_dangerous=True):
            await self._context.consents.forget([one.id for one in old])

    def open_document(self, path: str) -> None:
        """Show a document in the program that the system has for it."""
        self._tasks.start(open_file(Path(path)), key="document")
