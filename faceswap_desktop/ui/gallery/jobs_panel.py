"""The list of jobs above the cards, with what can be done to them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from PySide6.QtCore import QEvent, QItemSelection, QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QAction, QContextMenuEvent, QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHBoxLayout, QListView, QMenu, QVBoxLayout, QWidget

from faceswap_desktop.domain.job import Job, JobId, JobState
from faceswap_desktop.ui.accessibility import name
from faceswap_desktop.ui.gallery.cloud_words import Who
from faceswap_desktop.ui.gallery.job_model import JobModel
from faceswap_desktop.ui.gallery.job_row import ROW_HEIGHT, JobRowDelegate, height_of
from faceswap_desktop.ui.gallery.troubles_bar import TroublesBar
from faceswap_desktop.ui.theme.tokens import CONTROL_HEIGHT, GRID
from faceswap_desktop.ui.widgets.buttons import IconButton
from faceswap_desktop.ui.widgets.labels import PlainLabel
from faceswap_desktop.ui.widgets.roles import set_role

_MOST_ROWS: Final = 4
_ENOUGH: Final = 10_000


class JobList(QListView):
    """The rows. Keys that mean jobs while the keyboard is here do not reach the cards.

    Attributes:
        removal_wanted: The user pressed Delete.
    """

    removal_wanted = Signal()

    def event(self, event: QEvent) -> bool:
        """Claim Delete and Ctrl+A before the window's actions, which mean the cards."""
        if event.type() is QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and _is_ours(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take jobs away with Delete."""
        if event.matches(QKeySequence.StandardKey.Delete):
            self.removal_wanted.emit()
            return
        super().keyPressEvent(event)

    def keyboardSearch(self, search: str) -> None:
        """Letters are shortcuts here."""


def _is_ours(event: QKeyEvent) -> bool:
    return event.matches(QKeySequence.StandardKey.Delete) or event.matches(QKeySequence.StandardKey.SelectAll)


class JobsPanel(QFrame):
    """Rows of jobs; buttons act on the chosen rows, or on all where none is chosen.

    Attributes:
        chosen_changed: Other rows are chosen, or their states changed.
    """

    chosen_changed = Signal()

    def __init__(self, model: JobModel, providers: Mapping[str, Who], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        name(self, "jobs-panel", self.tr("Jobs"))
        set_role(self, "panel")
        self._model = model
        self._title = PlainLabel(self.tr("Jobs"), "section", self)
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(GRID // 2)
        top = QHBoxLayout()
        top.addWidget(self._title)
        top.addStretch(1)
        top.addLayout(self._buttons)
        self.view = JobList(self)
        name(
            self.view,
            "jobs-list",
            self.tr("Jobs"),
            self.tr("Alt+Up and Alt+Down move a waiting job. Delete cancels it, or takes it off the list."),
        )
        self.view.setModel(model)
        self.view.setItemDelegate(JobRowDelegate(self.view))
        self.view.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.view.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.view.setDefaultDropAction(Qt.DropAction.MoveAction)
        self.view.setMouseTracking(True)
        self.view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.view.selectionModel().selectionChanged.connect(self._on_selection)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, GRID)
        column.setSpacing(GRID)
        column.addLayout(top)
        column.addWidget(self.view)
        self.troubles = TroublesBar(model, providers, self)
        column.addWidget(self.troubles)
        self.troubles.height_changed.connect(self._share_room)
        self._menu_actions: list[QAction] = []
        self._height = ROW_HEIGHT
        self._room = _ENOUGH
        for signal in (model.rowsInserted, model.rowsRemoved, model.modelReset):
            signal.connect(self._refresh)
        model.rowsMoved.connect(self._refresh)
        model.dataChanged.connect(self._on_data)
        self._refresh()

    def set_actions(self, actions: Sequence[tuple[QAction, str]], *, in_menu_only: Collection[str] = ()) -> None:
        """Make a button and a menu entry for each action; the second of a pair is its icon.

        Args:
            actions: In order.
            in_menu_only: Ids of those that get no button.
        """
        self._menu_actions = [action for action, _ in actions]
        for action, icon_name in actions:
            if action.objectName() not in in_menu_only:
                self._buttons.addWidget(IconButton.of(action, icon_name, self))
        # Tab comes to the buttons first and then to the rows, as the eye does.
        before: QWidget = self
        for button in self.findChildren(IconButton, options=Qt.FindChildOption.FindDirectChildrenOnly):
            self.setTabOrder(before, button)
            before = button
        self.setTabOrder(before, self.view)

    def chosen(self) -> list[Job]:
        """Return the chosen jobs, in order."""
        rows = sorted(index.row() for index in self.view.selectionModel().selectedRows())
        return [job for row in rows if (job := self._model.job_at(row)) is not None]

    def chosen_or_all(self) -> list[Job]:
        """Return the chosen jobs, or all where none is chosen."""
        return self.chosen() or list(self._model.jobs)

    def choose(self, job_id: JobId) -> None:
        """Choose one job and bring it into sight."""
        for row, job in enumerate(self._model.jobs):
            if job.id == job_id:
                self.view.setCurrentIndex(self._model.index(row))
                self.view.scrollTo(self._model.index(row))

    def set_room(self, pixels: int) -> None:
        """Be no higher than this: first the rows give way, then the lines below them."""
        self._room = pixels
        self._share_room()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Take more height for words that wrap, and give it back."""
        super().resizeEvent(event)
        self._share_room()

    def _share_room(self) -> None:
        frame = 2 * self.view.frameWidth() + 2
        rest = self._room - CONTROL_HEIGHT - 3 * GRID
        rest -= self.troubles.take_room(rest - ROW_HEIGHT - frame, self.width())
        self.view.setFixedHeight(max(ROW_HEIGHT, min(self._height, rest - frame)) + frame)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer what can be done."""
        self._show_menu(event.globalPos())

    def _show_menu(self, at: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addActions(self._menu_actions)
        menu.popup(at)

    def _on_selection(self, _selected: QItemSelection, _deselected: QItemSelection) -> None:
        self.chosen_changed.emit()

    def _on_data(self, _first: QModelIndex, _last: QModelIndex, roles: list[int]) -> None:
        # Progress names its roles and changes nothing here.
        if not roles:
            self._refresh()

    def _refresh(self) -> None:
        jobs = self._model.jobs
        unfinished = [job for job in jobs if not job.state.is_final]
        working = sum(1 for job in unfinished if job.state.is_active)
        unknown = sum(1 for job in unfinished if job.state is JobState.UNCONFIRMED)
        held = sum(1 for job in unfinished if job.hold is not None and _rests(job))
        failed = sum(1 for job in jobs if job.state is JobState.FAILED)
        parts = [
            words.format(n=count)
            for count, words in (
                (working, self.tr("{n} working")),
                (len(unfinished) - working - held - unknown, self.tr("{n} waiting")),
                (held, self.tr("{n} on hold")),
                (unknown, self.tr("{n} not confirmed")),
                (failed, self.tr("{n} failed")),
            )
            if count
        ]
        self._title.setText(" · ".join([self.tr("Jobs"), *parts]))
        wanted = max(ROW_HEIGHT, sum(height_of(job) for job in jobs[:_MOST_ROWS]))
        # While jobs work the list only grows, so that the cards below do not move with every job that ends.
        self._height = max(self._height, wanted) if working else wanted
        self._share_room()
        # A row grows while its video is made.
        self.view.scheduleDelayedItemsLayout()
        self.setVisible(bool(jobs))
        self.chosen_changed.emit()


def _rests(job: Job) -> bool:
    return not job.state.is_active and job.state is not JobState.UNCONFIRMED
