"""The Gallery: jobs while they run, results when they are done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

from PySide6.QtCore import QMimeData, QModelIndex, Qt
from PySide6.QtGui import QUndoStack
from PySide6.QtWidgets import QAbstractItemView, QStackedWidget, QVBoxLayout, QWidget

from faceswap_desktop.domain.events import JobAdded, JobChanged, JobRemoved, ResultAdded, ResultsChanged
from faceswap_desktop.domain.gallery import GalleryQuery
from faceswap_desktop.domain.job import JobId, JobResult, ResultId
from faceswap_desktop.ui.actions import ActionSpec
from faceswap_desktop.ui.canvas.compare_view import CompareMode
from faceswap_desktop.ui.context import AppContext
from faceswap_desktop.ui.gallery.cloud_words import everybody
from faceswap_desktop.ui.gallery.duels import Duels
from faceswap_desktop.ui.gallery.filter_bar import FilterBar
from faceswap_desktop.ui.gallery.job_actions import JobActions
from faceswap_desktop.ui.gallery.job_costs import JobCosts
from faceswap_desktop.ui.gallery.job_help import JobHelp
from faceswap_desktop.ui.gallery.job_model import JobModel
from faceswap_desktop.ui.gallery.jobs_panel import JobsPanel
from faceswap_desktop.ui.gallery.keeping import Keeping
from faceswap_desktop.ui.gallery.live_pictures import LivePictures
from faceswap_desktop.ui.gallery.nothing import no_match, no_results
from faceswap_desktop.ui.gallery.result_actions import ResultActions
from faceswap_desktop.ui.gallery.result_card import CARD, ResultCardDelegate
from faceswap_desktop.ui.gallery.result_model import KEPT_ROWS, ResultModel
from faceswap_desktop.ui.gallery.room import FOR_CARDS, Column
from faceswap_desktop.ui.gallery.thumbnails import Thumbnails
from faceswap_desktop.ui.gallery.viewer import ResultViewer
from faceswap_desktop.ui.pages.base import Page
from faceswap_desktop.ui.theme.tokens import GRID, PAD
from faceswap_desktop.ui.widgets.buttons import PrimaryButton
from faceswap_desktop.ui.widgets.card_grid import CARD_INSET, CardGrid

_FIRST_LOOK: Final = 60


class GalleryPage(Page):
    """Jobs above, cards below; a card opens large."""

    id: ClassVar[str] = "gallery"
    title: ClassVar[str] = "Gallery"
    icon: ClassVar[str] = "gallery"

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._undo = QUndoStack(self)
        self._thumbnails = Thumbnails(self.tasks, self)
        self.results = ResultModel(context.gallery, self._thumbnails, self)
        self.providers = everybody(context.offers.all())
        self.jobs = JobModel(
            context.gallery,
            self._thumbnails,
            LivePictures(self.tasks, self),
            JobCosts(context, self.tasks, self),
            self.providers,
            self,
        )
        self.jobs_panel = JobsPanel(self.jobs, self.providers, self)
        self.filter_bar = FilterBar(self)
        self.cards = self._make_cards()
        self.viewer = ResultViewer(context, self.tasks, self)
        self._first_step = PrimaryButton(self.tr("Go to Studio"), "gallery-go-studio", self)
        self._first_step.clicked.connect(lambda: context.navigator.go("studio"))
        self._empty = no_results(self._first_step, self)
        self._no_match = no_match(self.filter_bar.clear, self)
        self._shown = QStackedWidget(self)
        self._shown.setMinimumHeight(FOR_CARDS)
        for widget in (self.cards, self._empty, self._no_match):
            self._shown.addWidget(widget)
        self._list = Column(self)
        self._list.room_changed.connect(self.jobs_panel.set_room)
        self._stack = QStackedWidget(self)
        duels = Duels(self, context, self.tasks, self.providers)
        job_help = JobHelp(context, self.tasks, self.providers, self)
        self._job_actions = JobActions(context, self.tasks, self.jobs, self.jobs_panel, job_help, duels)
        keeping = Keeping(context, self.providers, self)
        self._result_actions = ResultActions(self, context, self.tasks, self._undo, duels, keeping)
        self._build()
        self._connect()

    # Page

    def actions_of_page(self) -> Sequence[ActionSpec]:
        """Everything that can be done to results and jobs."""
        return [*self._result_actions.specs(), *self._job_actions.specs()]

    def table_ready(self) -> None:
        """Make the buttons of jobs and of the large view."""
        assert self.table is not None
        self._job_actions.attach(self.table)
        self._result_actions.attach(self.table)
        self.viewer.set_actions(self._result_actions.beside_title(), self._result_actions.for_viewer())
        self._on_choice()

    def activate(self) -> None:
        """Be shown: look at what there is."""
        self.refresh()
        self.tasks.start(self._fill_jobs(), key="jobs")

    def deactivate(self) -> None:
        """Be hidden."""
        self.viewer.leave()

    async def close_page(self) -> None:
        """Play nothing any more."""
        await self.viewer.video.close_player()
        await super().close_page()

    @property
    def undo_stack(self) -> QUndoStack:
        """Deletions can be undone."""
        return self._undo

    def first_focus(self) -> QWidget:
        """Start in the large view, in the cards, or at the first step."""
        if self.is_viewing:
            return self.viewer.compare
        return self._first_step if self._shown.currentWidget() is self._empty else self.cards

    def drop_hint(self, mime: QMimeData) -> str:
        """Files are not kept here, but it can be told where they come from."""
        return self._result_actions.verifying.drop_hint(mime)

    def receive_drop(self, mime: QMimeData) -> None:
        """Show where files come from."""
        self._result_actions.verifying.receive_drop(mime)

    def receive(self, payload: object) -> None:
        """Show a job (its id), or open a result."""
        if isinstance(payload, JobResult):
            self.open_result(payload)
        elif isinstance(payload, str):
            self.jobs_panel.choose(JobId(payload))

    # What is chosen

    @property
    def is_viewing(self) -> bool:
        """Whether one result is shown large."""
        return self._stack.currentWidget() is self.viewer

    def chosen_ids(self) -> list[ResultId]:
        """Return the results that actions are for: the one shown large, or the chosen cards."""
        if self.is_viewing:
            return [self.viewer.result.id] if self.viewer.result is not None else []
        return [self.results.id_at(row) for row in self.cards.chosen_rows()]

    def chosen_count(self) -> int:
        """Return how many results actions are for."""
        return len(self.chosen_ids()) if self.is_viewing else self.cards.chosen_count()

    async def chosen_results(self) -> list[JobResult]:
        """Return the results that actions are for, also those whose cards have not been seen yet."""
        if self.is_viewing:
            return [self.viewer.result] if self.viewer.result is not None else []
        return await self.context.gallery.results(self.chosen_ids())

    def known_results(self) -> list[JobResult | None]:
        """Return the chosen results, None for those whose cards are not known; empty where they are too many."""
        if self.is_viewing:
            return [self.viewer.result]
        if self.cards.chosen_count() > KEPT_ROWS:
            return []
        return [self.results.result_at(row) for row in self.cards.chosen_rows()]

    def are_favourites(self) -> bool:
        """Say whether all chosen results are marked, as far as their cards are known."""
        chosen = self.known_results()
        return bool(chosen) and all(result is not None and result.is_favourite for result in chosen)

    def neighbour(self) -> ResultId | None:
        """Return the result after the one that is shown large, or the one before it; None if it is the only one."""
        row = self.results.row_of(self.viewer.result.id) if self.viewer.result is not None else -1
        rows = [one for one in (row + 1, row - 1) if row >= 0 and 0 <= one < len(self.results.ids)]
        return self.results.id_at(rows[0]) if rows else None

    async def open_id(self, result_id: ResultId) -> None:
        """Show a result large by its id."""
        if found := await self.context.gallery.results([result_id]):
            self.open_result(found[0])

    def start_search(self) -> None:
        """Give the keyboard to the search field."""
        if self.is_viewing:
            self.close_viewer()
        self.filter_bar.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.filter_bar.search.selectAll()

    def open_result(self, result: JobResult) -> None:
        """Show a result large."""
        self.viewer.show_result(result)
        self._stack.setCurrentWidget(self.viewer)
        self.viewer.compare.setFocus(Qt.FocusReason.OtherFocusReason)
        self._on_choice()

    def open_duel(self, left: JobResult, right: JobResult) -> None:
        """Compare what two providers made of the same."""
        self.viewer.show_result(right, left)
        self._stack.setCurrentWidget(self.viewer)
        self.viewer.compare.setFocus(Qt.FocusReason.OtherFocusReason)
        self._on_choice()

    def close_viewer(self) -> None:
        """Show all cards again, with the one that was large chosen."""
        result = self.viewer.result
        self.viewer.leave()
        self._stack.setCurrentWidget(self._list)
        if result is not None and (row := self.results.row_of(result.id)) >= 0:
            self.cards.setCurrentIndex(self.results.index(row))
            self.cards.scrollTo(self.results.index(row))
        self.cards.setFocus(Qt.FocusReason.OtherFocusReason)
        self._on_choice()

    def set_compare_mode(self, mode: CompareMode) -> None:
        """Choose how the large view compares."""
        self.viewer.set_mode(mode)

    def refresh(self) -> None:
        """Ask for the results anew; a newer wish takes the place of an older."""
        self.tasks.start(self._find(is_other_question=not self.results.ids), key="find", replace=True)

    # Inside

    def _make_cards(self) -> CardGrid:
        cards = CardGrid(
            "result-cards",
            self.tr("Results"),
            self.tr("Enter opens a result large. Delete removes it. Type to search."),
            CARD,
            self,
        )
        cards.setDragEnabled(True)
        cards.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        cards.setItemDelegate(ResultCardDelegate(cards))
        cards.setModel(self.results)
        return cards

    def _build(self) -> None:
        column = QVBoxLayout(self._list)
        # The cards reach as far to the left as what stands above them; their scroll bar is in the margin.
        column.setContentsMargins(PAD - CARD_INSET, PAD, 0, 0)
        column.setSpacing(GRID)
        above = QVBoxLayout()
        above.setContentsMargins(CARD_INSET, 0, PAD, 0)
        above.setSpacing(GRID)
        above.addWidget(self.filter_bar)
        above.addWidget(self.jobs_panel)
        column.addLayout(above)
        column.addWidget(self._shown, 1)
        self._stack.addWidget(self._list)
        self._stack.addWidget(self.viewer)
        around = QVBoxLayout(self)
        around.setContentsMargins(0, 0, 0, 0)
        around.addWidget(self._stack)

    def _connect(self) -> None:
        self._show_hint()
        signals = self.context.signals
        signals.job_added.connect(self._on_job)
        signals.job_changed.connect(self._on_job)
        signals.job_progressed.connect(self.jobs.set_progress)
        signals.job_removed.connect(self._on_job_removed)
        signals.result_added.connect(self._on_result_added)
        signals.results_changed.connect(self._on_results_changed)
        self.filter_bar.changed.connect(self._on_question)
        self.results.rows_wanted.connect(self._on_rows_wanted)
        self.cards.activated.connect(self._on_activated)
        self.cards.typed.connect(self._on_typed)
        self.cards.customContextMenuRequested.connect(self._result_actions.show_menu)
        self.cards.selectionModel().selectionChanged.connect(lambda *_: self._on_choice())
        self.jobs_panel.chosen_changed.connect(self._job_actions.refresh)
        self.jobs_panel.chosen_changed.connect(self._show_hint)
        self.jobs.reordered.connect(self._job_actions.reorder)
        self.viewer.back.connect(self.close_viewer)
        self.viewer.step.connect(self._on_step)
        self.viewer.rivals_known.connect(self._result_actions.refresh)

    async def _find(self, *, is_other_question: bool) -> None:
        query = self.filter_bar.query
        if is_other_question and not query.text:
            # The first rows are on the screen before a hundred thousand have been counted. Words have to be looked
            # for in all of them anyway.
            first = await self.context.gallery.find(query, limit=_FIRST_LOOK)
            rows = await self.context.gallery.results(first)
            self.results.set_ids(first)
            self.results.put(rows)
            if len(first) < _FIRST_LOOK:
                self._show_right_state()
                return
            self._shown.setCurrentWidget(self.cards)
            # Now, before the layout of all the others takes its turn.
            self.cards.viewport().repaint()
        self.results.set_ids(await self.context.gallery.find(query))
        self._show_right_state()

    def _on_question(self) -> None:
        self.tasks.start(self._find(is_other_question=True), key="find", replace=True)

    def _show_right_state(self) -> None:
        count = len(self.results.ids)
        self.filter_bar.count.setText(
            self.tr("1 result") if count == 1 else self.tr("{n} results").format(n=f"{count:,}")
        )
        if count:
            self._shown.setCurrentWidget(self.cards)
        else:
            self._shown.setCurrentWidget(self._no_match if self.filter_bar.is_filtered else self._empty)
        self.filter_bar.setVisible(bool(count) or self.filter_bar.is_filtered)

    def _show_hint(self) -> None:
        """Say how to come by a first result, or that one is on its way."""
        if any(not job.state.is_final for job in self.jobs.jobs):
            self._empty.set_hint(self.tr("Results appear here when they are done."))
        else:
            self._empty.set_hint(
                self.tr("Pair a source face with a face in the Studio, or change an age, and press the button there.")
            )

    async def _fill_jobs(self) -> None:
        self.jobs.set_jobs(await self.context.queue.open_jobs())

    async def _fetch_rows(self, ids: Sequence[ResultId]) -> None:
        self.results.put(await self.context.gallery.results(ids))
        self._on_choice()

    def _on_rows_wanted(self, ids: list[ResultId]) -> None:
        self.tasks.start(self._fetch_rows(ids))

    def _on_job(self, event: JobAdded | JobChanged) -> None:
        self.jobs.put(event.job)

    def _on_job_removed(self, event: JobRemoved) -> None:
        self.jobs.remove(event.job)

    def _on_result_added(self, event: ResultAdded) -> None:
        # A page that nobody sees asks when it is shown.
        if not self.isVisible():
            return
        is_known = self.results.row_of(event.result) >= 0
        if is_known or self.filter_bar.query != GalleryQuery() or self.tasks.is_running("find"):
            self.refresh()
        else:
            # Newest first, and nothing left out: where it belongs needs no question.
            self.results.set_ids([event.result, *self.results.ids])
            self._show_right_state()

    def _on_results_changed(self, event: ResultsChanged) -> None:
        if self.is_viewing and self.viewer.result is not None and self.viewer.result.id in event.results:
            renewing = self._renew_viewer(self.viewer.result.id, self.neighbour())
            self.tasks.start(renewing, key="renew-viewer", replace=True)
        self.results.forget_rows(event.results)
        if self.isVisible():
            self.refresh()

    async def _renew_viewer(self, result_id: ResultId, following: ResultId | None) -> None:
        """Show a result as it is now; one that was deleted makes way for its neighbour."""
        found = [one for one in await self.context.gallery.results([result_id]) if not one.deleted_at]
        if found:
            rival = self.viewer.rival if self.viewer.result is not None else None
            self.viewer.show_result(found[0], rival)
            self._on_choice()
        elif following is not None:
            await self.open_id(following)
        else:
            self.close_viewer()

    def _on_activated(self, index: QModelIndex) -> None:
        self.tasks.start(self._open_row(index.row()), key="step", replace=True)

    def _on_step(self, by: int) -> None:
        if self.viewer.result is None:
            return
        row = self.results.row_of(self.viewer.result.id) + by
        if 0 <= row < len(self.results.ids):
            self.tasks.start(self._open_row(row), key="step", replace=True)

    async def _open_row(self, row: int) -> None:
        await self.open_id(self.results.id_at(row))

    def _on_typed(self, text: str) -> None:
        search = self.filter_bar.search
        search.setText(text)
        search.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _on_choice(self) -> None:
        if not self.is_viewing and 1 < self.cards.chosen_count() <= KEPT_ROWS:
            # So that all of them leave when they are dragged to another program.
            self.results.want(self.cards.chosen_rows())
        self._result_actions.refresh()
