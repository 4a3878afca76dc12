"""The timeline: head, lanes, strips and a scroll bar, in line with each other."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollBar, QSizePolicy, QVBoxLayout, QWidget

from faceswap_desktop.services.videos import Videos
from faceswap_desktop.ui.accessibility import name
from faceswap_desktop.ui.bridge import Tasks
from faceswap_desktop.ui.icons import IconColour
from faceswap_desktop.ui.theme.tokens import HALF
from faceswap_desktop.ui.timeline.accessible import install_timeline_names, tell_time
from faceswap_desktop.ui.timeline.clip import ClipState
from faceswap_desktop.ui.timeline.head import TimeHead
from faceswap_desktop.ui.timeline.lanes import LaneList
from faceswap_desktop.ui.timeline.strips import AnalysisStrip, LookAlikeStrip
from faceswap_desktop.ui.timeline.thumbnails import Thumbnails
from faceswap_desktop.ui.timeline.view import TimeView
from faceswap_desktop.ui.widgets.buttons import IconButton
from faceswap_desktop.ui.widgets.forms import line
from faceswap_desktop.ui.widgets.roles import set_role

_NAMES_PX: Final = 136
_NARROW_NAMES_PX: Final = 48
_WIDE_FROM: Final = 480
_BAR_UNITS: Final = 10_000


class Timeline(QFrame):
    """Everything below the transport row.

    Attributes:
        view: What is in sight, and where one is.
        head, lanes, analysis, look_alike: Its parts.
        thumbnails: What fills the strip.
    """

    def __init__(self, videos: Videos, tasks: Tasks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        install_timeline_names()
        set_role(self, "panel")
        self.setObjectName("timeline-panel")
        self.view = TimeView(self)
        self.thumbnails = Thumbnails(videos, tasks, self.view, self)
        self.head = TimeHead(self.view, self.thumbnails, self)
        self.lanes = LaneList(self.view, self)
        self.analysis = AnalysisStrip(self)
        self.look_alike = LookAlikeStrip(self)
        self._corner = self._make_corner()
        self._bar = QScrollBar(Qt.Orientation.Horizontal, self)
        name(self._bar, "timeline-scroll", self.tr("Scroll through the video"))
        self._bar.valueChanged.connect(self._on_scrolled)
        self._is_placing = False
        self.view.changed.connect(self._place_bar)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        top = QHBoxLayout()
        top.setSpacing(0)
        top.addWidget(self._corner)
        top.addWidget(self.head, 1)
        below = QHBoxLayout()
        below.setSpacing(0)
        self._below_names = QWidget(self)
        self._below_names.setFixedHeight(1)
        below.addWidget(self._below_names)
        below.addWidget(self._bar, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(top)
        column.addWidget(line(self))
        column.addWidget(self.lanes)
        column.addLayout(below)
        column.addWidget(self.look_alike)
        column.addWidget(self.analysis)
        self._set_names_width(_NAMES_PX)
        self._place_bar()

    @property
    def names_width(self) -> int:
        """How wide the names at the left are, in pixels."""
        return self._corner.width()

    def minimumSizeHint(self) -> QSize:
        return QSize(120, super().minimumSizeHint().height())

    def set_clip(self, clip: ClipState | None) -> None:
        """Show a clip, or the same one after a change."""
        self.view.set_clip(clip)
        self.lanes.set_clip(clip)

    def set_frame(self, frame: int) -> None:
        """Put the playhead on a frame."""
        self.view.set_frame(frame)
        tell_time(self.head)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the names less room where there is little."""
        super().resizeEvent(event)
        self._set_names_width(_NAMES_PX if self.width() >= _WIDE_FROM else _NARROW_NAMES_PX)

    def _set_names_width(self, width: int) -> None:
        self._corner.setFixedWidth(width)
        self._below_names.setFixedWidth(width)
        self.lanes.set_name_width(width)
        for button in self._zooms:
            button.setVisible(width == _NAMES_PX)

    def _make_corner(self) -> QWidget:
        corner = QWidget(self)
        row = QHBoxLayout(corner)
        row.setContentsMargins(HALF, 0, HALF, 0)
        row.setSpacing(0)
        self._zooms = [
            IconButton(icon_name, words, object_name, corner, colour=IconColour.MUTED)
            for icon_name, words, object_name in (
                ("zoom-out", self.tr("Show more of the video (Ctrl+wheel)"), "timeline-zoom-out"),
                ("zoom-in", self.tr("Show less of the video, larger (Ctrl+wheel)"), "timeline-zoom-in"),
                ("fit", self.tr("Show all of the video"), "timeline-zoom-all"),
            )
        ]
        for button, work in zip(self._zooms, (self.view.zoom_out, self.view.zoom_in, self.view.show_all), strict=True):
            button.clicked.connect(work)
            row.addWidget(button)
        row.addStretch(1)
        return corner

    def _place_bar(self) -> None:
        scale = self.view.scale
        self._is_placing = True
        page = round(scale.span / scale.length * _BAR_UNITS)
        self._bar.setRange(0, max(0, _BAR_UNITS - page))
        self._bar.setPageStep(page)
        self._bar.setSingleStep(max(1, page // 10))
        self._bar.setValue(round(scale.first / scale.length * _BAR_UNITS))
        self._bar.setVisible(not scale.is_whole)
        self._is_placing = False

    def _on_scrolled(self, value: int) -> None:
        if not self._is_placing:
            self.view.scroll(value / _BAR_UNITS * self.view.scale.length - self.view.scale.first)
