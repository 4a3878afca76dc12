"""One result large: before and after, what is known of it, and what can be done with it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QFormLayout, QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from faceswap_desktop.domain.errors import FaceSwapError
from faceswap_desktop.domain.job import JobResult
from faceswap_desktop.domain.media import Media
from faceswap_desktop.ui.accessibility import name
from faceswap_desktop.ui.bridge import Tasks
from faceswap_desktop.ui.canvas.compare_view import CompareMode, CompareView
from faceswap_desktop.ui.canvas.picture_item import PictureLevels, make_levels
from faceswap_desktop.ui.context import AppContext
from faceswap_desktop.ui.gallery.cloud_words import charge_words, everybody, who_is
from faceswap_desktop.ui.gallery.remote_panel import RemotePanel
from faceswap_desktop.ui.gallery.video_viewer import VideoCompare
from faceswap_desktop.ui.gallery.words import media_name, result_facts
from faceswap_desktop.ui.icons import icon
from faceswap_desktop.ui.texts import duration_text, percent_text, text_of
from faceswap_desktop.ui.theme.tokens import GRID, HALF, PAD, PANEL_WIDTH
from faceswap_desktop.ui.widgets.buttons import Button, IconButton
from faceswap_desktop.ui.widgets.labels import ElidedLabel, PlainLabel
from faceswap_desktop.ui.widgets.panels import SidePanel, splitter
from faceswap_desktop.ui.widgets.roles import set_role

_ROOM_FOR_WORDS: Final = 560
SELDOM: Final = frozenset({"results.duel", "results.sign"})
"""Have a button, and a line in the menu of a card, only while they apply."""


class ResultViewer(QWidget):
    """The large view.

    Attributes:
        back: The user wants to see all cards again.
        step: The user wants the next (1) or the previous (-1) result.
        rivals_known: It is known now which other providers made the same.
        result: What is shown.
        rival: What another provider made of the same, while the two are compared; else None.
        rivals: What other providers made of the same.
    """

    back = Signal()
    step = Signal(int)
    rivals_known = Signal()

    def __init__(self, context: AppContext, tasks: Tasks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        name(self, "result-viewer", self.tr("Result"))
        self._detection = context.detection
        self._context = context
        self._providers = everybody(context.offers.all())
        self._tasks = tasks
        self.result: JobResult | None = None
        self.rival: JobResult | None = None
        self.rivals: Sequence[JobResult] = ()
        self.compare = CompareView(self)
        self.video = VideoCompare(context, tasks, self.compare, self)
        self._title = ElidedLabel("", "title", self, mode=Qt.TextElideMode.ElideMiddle)
        self._zoom = PlainLabel("", "muted", self)
        self._zoom.setMinimumWidth(48)
        self._zoom.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.compare.zoom_changed.connect(self._on_zoom)
        self._facts = QFormLayout()
        self.remote = RemotePanel(context, tasks, self._providers, self)
        self._actions = QVBoxLayout()
        self._top_actions = QHBoxLayout()
        self._build()
        context.window_state.follow_splitter(self._splitter)

    def set_actions(self, beside_title: Sequence[tuple[QAction, str]], actions: Sequence[tuple[QAction, str]]) -> None:
        """Make icons beside the title, and below them buttons with words; the second of a pair is the icon."""
        for action, icon_name in beside_title:
            self._top_actions.addWidget(IconButton.of(action, icon_name, self))
        for action, icon_name in actions:
            button = Button(action.text(), f"viewer-{action.objectName()}", self, icon_name=icon_name)
            button.clicked.connect(action.trigger)
            button.setToolTip(action.toolTip())
            action.changed.connect(lambda action=action, button=button: _follow(action, button))
            _follow(action, button)
            self._actions.addWidget(button)

    def show_result(self, result: JobResult, rival: JobResult | None = None) -> None:
        """Show a result beside its original, or beside what another provider made of the same.

        Its pictures come when they are decoded.
        """
        before = (
            self.result.id if self.result is not None else None,
            self.rival.id if self.rival is not None else None,
        )
        is_same = before == (result.id, rival.id if rival is not None else None)
        if self.result is None or self.result.id != result.id:
            self.rivals = ()
        self.result, self.rival = result, rival
        self._title.setText(self._words_of_title(result, rival))
        self._fill_facts(result)
        self.remote.show_result(result)
        self._tasks.start(self._find_rivals(result), key="rivals", replace=True)
        if not is_same:
            self.video.leave()
            self.video.setVisible(result.recipe.is_video)
            self.compare.set_sides(None)
            self.compare.show_message(self.tr("Opening …"))
            self._tasks.start(self._load(result, rival), key="viewer", replace=True)

    def compare_with_rival(self, rival: JobResult | None) -> None:
        """Compare what is shown with what another provider made; None for the original again."""
        if self.result is not None:
            self.show_result(self.result, rival)

    def leave(self) -> None:
        """Be hidden: nothing plays where nobody looks."""
        self.video.player.pause()

    def set_mode(self, mode: CompareMode) -> None:
        """Choose how the two are compared."""
        self.compare.set_mode(mode)
        self._modes[mode].setChecked(True)

    def _build(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(GRID)
        back = Button(self.tr("All results"), "viewer-back", self, icon_name="chevron-left")
        back.clicked.connect(self.back)
        top.addWidget(back)
        top.addWidget(self._title, 1)
        self._top_actions.setSpacing(0)
        top.addLayout(self._top_actions)
        top.addSpacing(GRID)
        for icon_name, words, by in (
            ("chevron-left", self.tr("Previous result"), -1),
            ("chevron-right", self.tr("Next result"), 1),
        ):
            button = IconButton(icon_name, words, f"viewer-step-{'next' if by > 0 else 'previous'}", self)
            button.clicked.connect(lambda _checked=False, by=by: self.step.emit(by))
            top.addWidget(button)
        tools = QHBoxLayout()
        tools.setSpacing(HALF)
        self._modes: dict[CompareMode, QToolButton] = {}
        group = QButtonGroup(self)
        for mode, icon_name, words in (
            (CompareMode.SLIDER, "compare", self.tr("Slider")),
            (CompareMode.LENS, "lens", self.tr("Lens")),
            (CompareMode.BLINK, "blink", self.tr("Blink")),
        ):
            segment = QToolButton(self)
            name(segment, f"compare-{mode}", words)
            set_role(segment, "segment")
            segment.setIcon(icon(icon_name))
            segment.setText(words)
            segment.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            segment.setCheckable(True)
            segment.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            segment.clicked.connect(lambda _checked=False, mode=mode: self.compare.set_mode(mode))
            group.addButton(segment)
            self._modes[mode] = segment
            tools.addWidget(segment)
        self._modes[CompareMode.SLIDER].setChecked(True)
        tools.addStretch(1)
        for icon_name, words, do in (
            ("zoom-out", self.tr("Zoom out"), self.compare.zoom_out),
            ("zoom-in", self.tr("Zoom in"), self.compare.zoom_in),
            ("fit", self.tr("Fit"), self.compare.fit),
            ("actual-size", self.tr("Actual size"), self.compare.actual_size),
        ):
            button = IconButton(icon_name, words, f"compare-{icon_name}", self)
            button.clicked.connect(do)
            tools.addWidget(button)
        tools.addWidget(self._zoom)
        self._stage = QWidget(self)
        left = QVBoxLayout(self._stage)
        left.setContentsMargins(PAD, PAD, PAD, GRID)
        left.setSpacing(GRID)
        left.addLayout(top)
        left.addWidget(self.compare, 1)
        left.addWidget(self.video)
        left.addLayout(tools)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        self._splitter = splitter("viewer-splitter", self._stage, self._panel(), parent=self)
        self._splitter.setStretchFactor(0, 1)
        row.addWidget(self._splitter)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the words of the tools away where there is no room for them."""
        super().resizeEvent(event)
        has_room = self.width() - PANEL_WIDTH >= _ROOM_FOR_WORDS
        style = Qt.ToolButtonStyle.ToolButtonTextBesideIcon if has_room else Qt.ToolButtonStyle.ToolButtonIconOnly
        for segment in self._modes.values():
            segment.setToolButtonStyle(style)

    def _panel(self) -> QWidget:
        panel = SidePanel(self.tr("Details"), "viewer-details", self)
        self._actions.setSpacing(GRID)
        panel.add_layout(self._actions)
        panel.add_space(GRID)
        panel.add(PlainLabel(self.tr("Details"), "section", panel))
        self._facts.setHorizontalSpacing(PAD)
        self._facts.setVerticalSpacing(GRID // 2)
        self._facts.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self._facts.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
        panel.add_layout(self._facts)
        panel.add(self.remote)
        panel.end()
        return panel

    def _fill_facts(self, result: JobResult) -> None:
        while self._facts.rowCount():
            self._facts.removeRow(0)
        for word, value in result_facts(result, who_is(self._providers, result.recipe.maker)):
            label = PlainLabel(word, "muted")
            label.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
            self._facts.addRow(label, PlainLabel(value, wraps=True))
        # A recording's notes are the file's and the result's.
        for note in dict.fromkeys((*result.recipe.media.notes, *result.notes)):
            self._facts.addRow(PlainLabel(note, "small", wraps=True))

    def _words_of_title(self, result: JobResult, rival: JobResult | None) -> str:
        if rival is None:
            return result.title
        names = [who_is(self._providers, one.recipe.provider).title for one in (rival, result)]
        return self.tr("{left} and {right}: {media}").format(
            left=names[0], right=names[1], media=media_name(result.recipe)
        )

    async def _find_rivals(self, result: JobResult) -> None:
        found = await self._context.gallery.rivals(result)
        if self.result is not None and self.result.id == result.id:
            self.rivals = found
            self.rivals_known.emit()

    async def _sides(self, *results: JobResult) -> tuple[str, str]:
        words = []
        for one in results:
            who = who_is(self._providers, one.recipe.provider)
            charge = None if who.is_local else await self._context.queue.charge_of(one.job)
            took = duration_text(one.seconds) if one.seconds >= 1 else self.tr("less than 1 s")
            cost = charge_words(charge, who.unit) if charge is not None else ""
            words.append(" · ".join(part for part in (who.title, cost, took) if part))
        return words[0], words[1]

    async def _load(self, result: JobResult, rival: JobResult | None) -> None:
        if rival is not None:
            self.compare.set_sides(await self._sides(rival, result))
        try:
            if result.recipe.is_video:
                await self.video.open(result.path, result.recipe, rival.path if rival is not None else "")
                return
            _, after = await self._picture(result.path)
        except FaceSwapError as error:
            self.compare.show_message(" ".join(filter(None, (text_of(error.message), text_of(error.hint)))))
            return
        before, notice = await (self._original(result) if rival is None else self._other(rival))
        self.compare.set_pictures(before, after, notice)

    async def _original(self, result: JobResult) -> tuple[PictureLevels | None, str]:
        original = result.recipe.media
        if not result.recipe.can_be_made_again:
            return None, self.tr("Taken live: there is no picture from before.")
        try:
            media, before = await self._picture(original.path)
        except FaceSwapError:
            # Originals belong to the user and may go; the view says so in words.
            return None, self.tr("The original cannot be opened any more; the result is shown alone.")
        if media.fingerprint.quick_digest != original.fingerprint.quick_digest:
            return before, self.tr("The original has been changed since; this is how it looks now.")
        return before, ""

    async def _other(self, rival: JobResult) -> tuple[PictureLevels | None, str]:
        try:
            return (await self._picture(rival.path))[1], ""
        except FaceSwapError:
            return None, self.tr("The other result cannot be opened; this one is shown alone.")

    async def _picture(self, path: str) -> tuple[Media, PictureLevels]:
        shown = await self._detection.display(path)
        levels = await asyncio.to_thread(make_levels, shown.pixels, shown.size, shown.stride, shown.media.size)
        return shown.media, levels

    def _on_zoom(self, zoom: float) -> None:
        self._zoom.setText(percent_text(zoom * self.devicePixelRatioF()))


def _follow(action: QAction, button: Button) -> None:
    button.setText(action.text())
    button.setAccessibleName(action.text().removesuffix("…"))
    button.setToolTip(action.toolTip())
    button.setEnabled(action.isEnabled())
    if action.objectName() in SELDOM:
        button.setVisible(action.isEnabled())
