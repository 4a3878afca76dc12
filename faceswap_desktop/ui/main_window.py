"""The window: rail, pages, strip. It knows no page by name but the first."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QMimeData, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QGuiApplication,
    QUndoGroup,
)
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from faceswap_desktop.ui.actions import ActionTable
from faceswap_desktop.ui.drop_overlay import DropOverlay
from faceswap_desktop.ui.icons import app_icon
from faceswap_desktop.ui.jobs_summary import JobsSummary
from faceswap_desktop.ui.live.watch import LiveSummary, LiveWatch
from faceswap_desktop.ui.pages import PAGES, PageEntry
from faceswap_desktop.ui.rail import Rail
from faceswap_desktop.ui.strip import Strip
from faceswap_desktop.ui.widgets.roles import set_role
from faceswap_desktop.ui.window_actions import WindowActions

if TYPE_CHECKING:
    from faceswap_desktop.ui.bridge import Tasks
    from faceswap_desktop.ui.closing import Closing
    from faceswap_desktop.ui.context import AppContext
    from faceswap_desktop.ui.notifications import Notifications
    from faceswap_desktop.ui.pages.base import Page
    from faceswap_desktop.ui.palette import CommandPalette
    from faceswap_desktop.ui.window_state import WindowState

logger = logging.getLogger(__name__)

_FIRST_SIZE: Final = QSize(1280, 800)
_FRAME: Final = QSize(16, 48)
_SMALLEST: Final = QSize(720, 480)


class MainWindow(QMainWindow):
    """Painted before anything else is there; ``take_context`` brings it to life.

    Attributes:
        closed: The user closed it; it is hidden and the program ends in order.
        page_shown: Id of the page that is shown now.
    """

    closed = Signal()
    page_shown = Signal(str)

    def __init__(self, notifications: Notifications, state: WindowState, entries: Sequence[PageEntry] = PAGES) -> None:
        super().__init__()
        self.setObjectName("main-window")
        self.setWindowTitle("Faceswap Desktop")
        self.setWindowIcon(app_icon())
        self.setMinimumSize(_SMALLEST)
        self.setAcceptDrops(True)
        self.undo_group = QUndoGroup(self)
        self._entries = {entry.id: entry for entry in entries}
        self._notifications = notifications
        self._state = state
        self._context: AppContext | None = None
        self._window_tasks: Tasks | None = None
        self._pages: dict[str, Page] = {}
        self._failed: dict[str, QWidget] = {}
        self._page_id = ""
        self._build()
        self.table = ActionTable(self, self.tasks)
        self.table.build_menus(self.menuBar())
        self._window_actions = WindowActions(self)
        self._palette: CommandPalette | None = None
        self._closing: Closing | None = None
        if not state.restore_geometry(self):
            self._place_first()
        notifications.attach(self.strip)

    # --- what others ask of it

    @property
    def context(self) -> AppContext | None:
        """What pages get; None until the program is built."""
        return self._context

    @property
    def notifications(self) -> Notifications:
        """Where messages go."""
        return self._notifications

    @property
    def state(self) -> WindowState:
        """What the window remembers."""
        return self._state

    @property
    def current_page(self) -> Page | None:
        """The page that is shown; None while there is none."""
        return self._pages.get(self._page_id)

    @property
    def entries(self) -> Sequence[PageEntry]:
        """All places."""
        return tuple(self._entries.values())

    def tasks(self) -> Tasks:
        """Return the owner of the window's own tasks."""
        from faceswap_desktop.ui.bridge import Tasks

        if self._window_tasks is None:
            self._window_tasks = Tasks(self, self._notifications)
        return self._window_tasks

    def take_context(self, context: AppContext) -> None:
        """Receive the services: the page that was shown last is built and shown."""
        self._context = context
        context.navigator.requested.connect(self._on_requested)
        self.jobs_summary.follow(context.signals)
        self._window_actions.follow(context)
        self._live_watch = LiveWatch(context.live_desk, self.table, self.rail, self.live_summary, self)
        last = self._state.page
        self.show_page(last if last in self._entries else next(iter(self._entries)))
        self.focus_page()

    def page(self, page_id: str) -> Page | None:
        """Return a page, built if it was not yet; None before the services are there or if it cannot be built.

        Raises:
            KeyError: There is no page of that id.
        """
        entry = self._entries[page_id]
        if page_id not in self._pages and page_id not in self._failed and self._context is not None:
            self._build_page(entry, self._context)
        return self._pages.get(page_id)

    def show_page(self, page_id: str, payload: object = None) -> None:
        """Show a page, and there what the payload says."""
        page = self.page(page_id)
        shown: QWidget | None = page or self._failed.get(page_id)
        if shown is None:
            return
        if page_id != self._page_id:
            if (before := self.current_page) is not None:
                before.deactivate()
            self._page_id = page_id
            self._state.page = page_id
            self.stack.setCurrentWidget(shown)
            self.rail.show_chosen(page_id)
            self.table.show_page(page_id)
            self.undo_group.setActiveStack(page.undo_stack if page is not None else None)  # type: ignore[arg-type]
            title = self._entries[page_id].shown_title()
            self.setWindowTitle(f"{title} – Faceswap Desktop")
            if page is not None:
                page.activate()
            self.page_shown.emit(page_id)
        if page is not None and payload is not None:
            page.receive(payload)

    def show_state(self, state: QWidget) -> None:
        """Show something in place of the pages, as long as there are none."""
        self.stack.addWidget(state)
        self.stack.setCurrentWidget(state)

    def focus_page(self) -> None:
        """Give the keyboard to the page that is shown."""
        page = self.current_page
        if page is None:
            return
        wanted = page.first_focus() or _first_in_tab_order(page)
        if wanted is not None:
            wanted.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def run_action(self, action_id: str) -> None:
        """Do something from the palette, on its page."""
        spec = next(spec for spec in self.table.specs() if spec.id == action_id)
        if spec.page:
            self.show_page(spec.page)
        self.table.trigger(action_id)

    def open_palette(self) -> None:
        """Open the command palette."""
        if self._palette is None:
            from faceswap_desktop.ui.palette import CommandPalette

            self._palette = CommandPalette(self.table, self)
            self._palette.chosen.connect(self.run_action)
        self._palette.open_with({entry.id: entry.shown_title() for entry in self._entries.values()})

    def receive_files(self, paths: Sequence[Path]) -> None:
        """Open files: the page that is shown may take them, else the first page does."""
        page = self.current_page
        if page is not None and page.receive_files(paths):
            return
        first = next(iter(self._entries))
        self.show_page(first)
        if (page := self.page(first)) is not None:
            page.receive_files(paths)

    def receive_mime(self, mime: QMimeData) -> bool:
        """Hand what was dropped or pasted to the page that is shown; False if it does not want it."""
        page = self.current_page
        if page is None or not page.drop_hint(mime):
            return False
        page.receive_drop(mime)
        return True

    def come_to_front(self) -> None:
        """Be seen: another start of the program pointed here."""
        if self.isMinimized():
            self.showNormal()
        self.show()
        self.raise_()
        self.activateWindow()

    async def close_pages(self) -> None:
        """The program ends: pages cancel what they run, the window remembers itself."""
        for page in self._pages.values():
            await page.close_page()
        if self._window_tasks is not None:
            await self._window_tasks.close()

    # --- Qt

    def closeEvent(self, event: QCloseEvent) -> None:
        """Hide; the program ends by itself after that, in order. Asks first where a result would be lost by it."""
        if self._closing is None and self._context is not None:
            from faceswap_desktop.ui.closing import Closing

            self._closing = Closing(self, self._context)
        if self._closing is not None and not self._closing.may_close():
            event.ignore()
            return
        self._state.save_geometry(self)
        self._state.save()
        super().closeEvent(event)
        self.closed.emit()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Ask the page what dropping here would do."""
        self._offer(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Accept where the overlay is, refuse elsewhere."""
        self._offer(event)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Take the overlay away."""
        self.overlay.hide()
        super().dragLeaveEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:
        """Hand over to the page."""
        self.overlay.hide()
        if self.receive_mime(event.mimeData()):
            event.acceptProposedAction()

    # --- inside

    def _build(self) -> None:
        self.rail = Rail(tuple(self._entries.values()), self)
        self.rail.chosen.connect(self.show_page)
        self.stack = QStackedWidget(self)
        self.stack.setObjectName("pages")
        empty = QWidget(self.stack)
        empty.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        set_role(empty, "canvas")
        self.stack.addWidget(empty)
        self.strip = Strip(self)
        self.jobs_summary = JobsSummary(self.strip)
        self.jobs_summary.chosen.connect(lambda: self.show_page("gallery"))
        self.live_summary = LiveSummary(self.strip)
        self.live_summary.chosen.connect(lambda: self.show_page("live"))
        self.strip.add_widget(self.jobs_summary)
        self.strip.add_widget(self.live_summary)
        side = QVBoxLayout()
        side.setContentsMargins(0, 0, 0, 0)
        side.setSpacing(0)
        side.addWidget(self.stack, 1)
        side.addWidget(self.strip)
        central = QWidget(self)
        row = QHBoxLayout(central)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.rail)
        row.addLayout(side, 1)
        self.setCentralWidget(central)
        self.overlay = DropOverlay(self)

    def _build_page(self, entry: PageEntry, context: AppContext) -> None:
        try:
            page = entry.load()(context, self.stack)
            self.table.add(page.actions_of_page(), entry.id)
            page.table = self.table
            page.table_ready()
        except Exception as error:  # noqa: BLE001 - reported as a bug
            # One page that cannot be built must not take the others away.
            from faceswap_desktop.ui.failures import report_bug
            from faceswap_desktop.ui.widgets.states import EmptyState

            report_bug(error)
            broken = EmptyState("error", self.tr("{page} could not be opened").format(page=entry.shown_title()))
            broken.set_hint(self.tr("The other pages work. The details are in the log."))
            self._failed[entry.id] = broken
            self.stack.addWidget(broken)
            return
        self._pages[entry.id] = page
        self.stack.addWidget(page)
        if page.undo_stack is not None:
            self.undo_group.addStack(page.undo_stack)

    def _place_first(self) -> None:
        # The frame that the system puts round the window comes on top of this.
        room = QGuiApplication.primaryScreen().availableGeometry().size() - _FRAME
        self.resize(_FIRST_SIZE.boundedTo(room).expandedTo(_SMALLEST))

    def _on_requested(self, page_id: str, payload: object) -> None:
        self.show_page(page_id, payload)

    def _offer(self, event: QDragMoveEvent) -> None:
        page = self.current_page
        hint = page.drop_hint(event.mimeData()) if page is not None else ""
        if not hint:
            event.ignore()
            return
        if not self.overlay.isVisible():
            area = QRect(self.stack.mapTo(self, QPoint(0, 0)), self.stack.size())
            self.overlay.show_text(hint, area)
        event.acceptProposedAction()


def _first_in_tab_order(page: QWidget) -> QWidget | None:
    widget = page.nextInFocusChain()
    while widget is not None and widget is not page:
        takes_tab = bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)
        if takes_tab and widget.isEnabled() and widget.isVisibleTo(page) and page.isAncestorOf(widget):
            return widget
        widget = widget.nextInFocusChain()
    return None
