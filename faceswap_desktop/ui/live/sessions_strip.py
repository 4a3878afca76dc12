"""Above the picture: sessions at services of which nobody knows for certain that they are over."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from faceswap_desktop.domain.live_cloud import Session, SessionId, SessionState
from faceswap_desktop.services.live_troubles import change_of
from faceswap_desktop.services.session_closing import clock_time
from faceswap_desktop.ui.accessibility import name
from faceswap_desktop.ui.icons import IconColour
from faceswap_desktop.ui.texts import text_of
from faceswap_desktop.ui.theme.tokens import GRID, HALF, PAD
from faceswap_desktop.ui.widgets.buttons import LinkButton
from faceswap_desktop.ui.widgets.forms import line
from faceswap_desktop.ui.widgets.labels import IconLabel, PlainLabel
from faceswap_desktop.ui.widgets.roles import set_role

if TYPE_CHECKING:
    from faceswap_desktop.ui.bridge import Tasks
    from faceswap_desktop.ui.context import AppContext


class SessionsStrip(QFrame):
    """One quiet line for each; nothing where all are closed."""

    def __init__(self, context: AppContext, tasks: Tasks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "panel")
        name(self, "live-sessions", self.tr("Sessions that may still be open"))
        self._context = context
        self._tasks = tasks
        self._shown: list[Session] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self.hide()

    @property
    def sessions(self) -> Sequence[Session]:
        """Which it shows."""
        return tuple(self._shown)

    def reload(self) -> None:
        """Look again which there are."""
        self._tasks.start(self._load(), key="live-sessions", replace=True)

    async def _load(self) -> None:
        self._show(await self._context.cloud_live.open_sessions())

    async def _close(self) -> None:
        await self._context.cloud_live.tidy()
        await self._load()
        if self._shown:
            self._context.notifications.info(
                self.tr("It could not be closed yet. It is tried again by itself."), key="live-sessions"
            )
        else:
            self._context.notifications.success(self.tr("Every session is closed."), key="live-sessions")

    async def _dismiss(self, session: SessionId) -> None:
        await self._context.cloud_live.dismiss(session)
        await self._load()

    def _show(self, sessions: Sequence[Session]) -> None:
        if list(sessions) == self._shown:
            return
        self._shown = list(sessions)
        while (item := self._column.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for number, session in enumerate(self._shown, start=1):
            self._column.addWidget(self._row(number, session))
        self.setVisible(bool(self._shown))

    def _row(self, number: int, session: Session) -> QWidget:
        row = QWidget(self)
        is_unknown = session.state in {SessionState.CREATING, SessionState.UNCONFIRMED}
        words = PlainLabel(self._words(session, is_unknown=is_unknown), "small", row, wraps=True)
        name(words, f"live-session-{number}", words.text())
        close = LinkButton(self.tr("Try to close now"), f"live-session-close-{number}", row)
        close.setAccessibleName(self.tr("Try to close session {n} now").format(n=number))
        close.clicked.connect(lambda: self._tasks.start(self._close(), key="live-tidy"))
        dismiss = LinkButton(self.tr("Dismiss"), f"live-session-dismiss-{number}", row)
        dismiss.setAccessibleName(self.tr("Dismiss session {n}").format(n=number))
        dismiss.setToolTip(self.tr("You have taken note of it, and it is not shown any more"))
        dismiss.clicked.connect(lambda: self._tasks.start(self._dismiss(session.id), key="live-dismiss"))
        # What can still be closed is closed for certain; only what nobody can close is dismissed.
        close.setVisible(not is_unknown)
        dismiss.setVisible(is_unknown)
        inside = QHBoxLayout()
        inside.setContentsMargins(PAD, HALF, GRID, HALF)
        inside.setSpacing(GRID)
        inside.addWidget(IconLabel("warning", 18, IconColour.WARNING, row), 0, Qt.AlignmentFlag.AlignVCenter)
        inside.addWidget(words, 1)
        inside.addWidget(close)
        inside.addWidget(dismiss)
        column = QVBoxLayout(row)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(inside)
        column.addWidget(line(row))
        return row

    def _words(self, session: Session, *, is_unknown: bool) -> str:
        offer = self._context.offers.of(session.provider)
        provider = offer.info.title if offer is not None else session.provider
        if is_unknown:
            words = self.tr("A session at {provider} was asked for on {time}, and no answer came. It may be open.")
            words = words.format(provider=provider, time=clock_time(session))
            return f"{words} {text_of(change_of(session))}"
        return self.tr(
            "A session at {provider} of {time} is not confirmed as closed. It is tried again by itself."
        ).format(provider=provider, time=clock_time(session))
