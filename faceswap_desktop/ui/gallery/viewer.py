"""One result large: before and after, what is known of it, and what can be done with it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QImage
from PySide6.QtWidgets import (
    QButtonGroup,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from faceswap_desktop.domain.errors import FaceSwapError
from faceswap_desktop.domain.job import JobResult
from faceswap_desktop.services.detection import Detection, DisplayPicture
from faceswap_desktop.ui.accessibility import name
from faceswap_desktop.ui.bridge import Tasks
from faceswap_desktop.ui.canvas.compare_view import CompareMode, CompareView
from faceswap_desktop.ui.gallery.words import result_facts
from faceswap_desktop.ui.icons import icon
from faceswap_desktop.ui.texts import percent_text, text_of
from faceswap_desktop.ui.theme.tokens import GRID, PAD, PANEL_WIDTH
from faceswap_desktop.ui.widgets.buttons import Button, IconButton
from faceswap_desktop.ui.widgets.labels import ElidedLabel, PlainLabel
from faceswap_desktop.ui.widgets.roles import set_role


class ResultViewer(QWidget):
    """The large view.

    Attributes:
        back: The user wants to see all cards again.
        step: The user wants the next (1) or the previous (-1) result.
    """

    back = Signal()
    step = Signal(int)

    def __init__(self, detection: Detection, tasks: Tasks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        name(self, "result-viewer", self.tr("Result"))
        self._detection = detection
        self._tasks = tasks
        self.result: JobResult | None = None
        self.compare = CompareView(self)
        self._title = ElidedLabel("", "title", self, mode=Qt.TextElideMode.ElideMiddle)
        self._zoom = PlainLabel("", "muted", self)
        self._zoom.setMinimumWidth(48)
        self._zoom.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.compare.zoom_changed.connect(self._on_zoom)
        self._facts = QFormLayout()
        self._actions = QVBoxLayout()
        self._build()

    def set_actions(self, actions: Sequence[tuple[QAction, str]]) -> None:
        """Make a button with words for each action; the second of a pair is its icon."""
        for action, icon_name in actions:
            button = Button(action.text(), f"viewer-{action.objectName()}", self, icon_name=icon_name)
            button.clicked.connect(action.trigger)
            button.setToolTip(action.toolTip())
            action.changed.connect(lambda action=action, button=button: _follow(action, button))
            self._actions.addWidget(button)

    def show_result(self, result: JobResult) -> None:
        """Show a result; its pictures come when they are decoded."""
        is_same = self.result is not None and self.result.id == result.id
        self.result = result
        self._title.setText(result.title)
        self._fill_facts(result)
        if not is_same:
            self.compare.show_message(self.tr("Opening …"))
            self._tasks.start(self._load(result), key="viewer", replace=True)

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
        for icon_name, words, by in (
            ("chevron-left", self.tr("Previous result"), -1),
            ("chevron-right", self.tr("Next result"), 1),
        ):
            button = IconButton(icon_name, words, f"viewer-step-{'next' if by > 0 else 'previous'}", self)
            button.clicked.connect(lambda _checked=False, by=by: self.step.emit(by))
            top.addWidget(button)
        tools = QHBoxLayout()
        tools.setSpacing(0)
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
        left = QVBoxLayout()
        left.setContentsMargins(PAD, GRID, PAD, GRID)
        left.setSpacing(GRID)
        left.addLayout(top)
        left.addWidget(self.compare, 1)
        left.addLayout(tools)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addLayout(left, 1)
        row.addWidget(self._panel())

    def _panel(self) -> QWidget:
        panel = QFrame(self)
        set_role(panel, "panel")
        panel.setFixedWidth(PANEL_WIDTH)
        inner = QWidget(panel)
        column = QVBoxLayout(inner)
        column.setContentsMargins(PAD, PAD, PAD, PAD)
        column.setSpacing(GRID)
        self._actions.setSpacing(GRID)
        column.addLayout(self._actions)
        column.addSpacing(GRID)
        column.addWidget(PlainLabel(self.tr("Details"), "section", inner))
        self._facts.setHorizontalSpacing(PAD)
        self._facts.setVerticalSpacing(GRID // 2)
        self._facts.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self._facts.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
        column.addLayout(self._facts)
        column.addStretch(1)
        scroll = QScrollArea(panel)
        scroll.setWidget(inner)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        around = QVBoxLayout(panel)
        around.setContentsMargins(0, 0, 0, 0)
        around.addWidget(scroll)
        return panel

    def _fill_facts(self, result: JobResult) -> None:
        while self._facts.rowCount():
            self._facts.removeRow(0)
        for word, value in result_facts(result):
            self._facts.addRow(PlainLabel(word, "muted"), PlainLabel(value, wraps=True))
        for note in (*result.recipe.media.notes, *result.notes):
            self._facts.addRow(PlainLabel(note, "small", wraps=True))

    async def _load(self, result: JobResult) -> None:
        try:
            after = await self._image(result.path)
        except FaceSwapError as error:
            if self.result is result:
                self.compare.show_message(" ".join(filter(None, (text_of(error.message), text_of(error.hint)))))
            return
        before: QImage | None = None
        try:
            before = await self._image(result.recipe.media.path)
        except FaceSwapError:
            # Originals belong to the user and may go; the view says so in words.
            before = None
        if self.result is result:
            self.compare.set_pictures(before, after)

    async def _image(self, path: str) -> QImage:
        return await asyncio.to_thread(_to_image, await self._detection.display(path))

    def _on_zoom(self, zoom: float) -> None:
        self._zoom.setText(percent_text(zoom * self.devicePixelRatioF()))


def _to_image(picture: DisplayPicture) -> QImage:
    image = QImage(picture.pixels, picture.size.width, picture.size.height, picture.stride, QImage.Format.Format_RGB888)
    # A copy of its own: the bytes belong to the display picture.
    return image.copy()


def _follow(action: QAction, button: Button) -> None:
    button.setText(action.text())
    button.setAccessibleName(action.text())
    button.setEnabled(action.isEnabled())
