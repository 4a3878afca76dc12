"""The list of lanes: a few are seen, the others are scrolled to; those chosen can become one person."""

from __future__ import annotations

from functools import partial
from typing import Final

from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from faceswap_desktop.ui.accessibility import name
from faceswap_desktop.ui.timeline.clip import ClipState
from faceswap_desktop.ui.timeline.lane import LANE_PX, Lane
from faceswap_desktop.ui.timeline.view import TimeView
from faceswap_desktop.ui.widgets.roles import set_role

_MOST_IN_SIGHT: Final = 4
_FEWEST_IN_SIGHT: Final = 2


class LaneList(QScrollArea):
    """Lanes below each other.

    Attributes:
        seek_wanted, scrub_changed: As of a lane.
        step_wanted, jump_wanted: As of the head.
        rename_wanted, hide_wanted, best_wanted: Of this identity.
        appearance_wanted: Go to where this identity comes next, or came before (1 or -1).
        menu_wanted: A menu for this identity at this place.
        merge_wanted: Make one of these identities.
        sources_dropped: Source faces were dropped on an identity.
        current_changed: The keyboard stands on another identity, or on none (-1).
    """

    seek_wanted = Signal(int)
    scrub_changed = Signal(bool)
    step_wanted = Signal(int)
    jump_wanted = Signal(float)
    rename_wanted = Signal(int)
    hide_wanted = Signal(int)
    best_wanted = Signal(int)
    appearance_wanted = Signal(int, int)
    menu_wanted = Signal(int, QPoint)
    merge_wanted = Signal(list)
    sources_dropped = Signal(int, list)
    current_changed = Signal(int)

    def __init__(self, view: TimeView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        name(self, "lanes", self.tr("People in this video"))
        self._view = view
        self._lanes: list[Lane] = []
        self._name_width = 136
        self._selected: list[int] = []
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        inside = QFrame()
        set_role(inside, "panel")
        self._column = QVBoxLayout(inside)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addStretch(1)
        self.setWidget(inside)
        view.changed.connect(self._repaint)
        view.moved.connect(self._on_moved)

    @property
    def lanes(self) -> tuple[Lane, ...]:
        """What is shown."""
        return tuple(self._lanes)

    @property
    def selected(self) -> list[int]:
        """Identities that are chosen, in the order in which they were."""
        return list(self._selected)

    def sizeHint(self) -> QSize:
        return QSize(320, LANE_PX * min(len(self._lanes), _MOST_IN_SIGHT))

    def minimumSizeHint(self) -> QSize:
        return QSize(64, LANE_PX * min(len(self._lanes), _FEWEST_IN_SIGHT))

    def set_clip(self, clip: ClipState | None) -> None:
        """Show the people of a clip; those who are there already keep the focus."""
        states = clip.lanes if clip is not None else ()
        if [lane.state.index for lane in self._lanes] == [state.index for state in states]:
            for lane, state in zip(self._lanes, states, strict=True):
                lane.set_state(state)
        else:
            focused = next((lane.state.index for lane in self._lanes if lane.hasFocus()), None)
            self._replace(clip)
            if focused is not None and self._lanes:
                self._focus(next((p for p, lane in enumerate(self._lanes) if lane.state.index == focused), 0))
        there = {state.index for state in states}
        self._select([index for index in self._selected if index in there])
        self.setVisible(bool(self._lanes))
        self.updateGeometry()

    def set_name_width(self, width: int) -> None:
        """Leave so many pixels for the names."""
        self._name_width = width
        for lane in self._lanes:
            lane.set_name_width(width)

    def _replace(self, clip: ClipState | None) -> None:
        for lane in self._lanes:
            self._column.removeWidget(lane)
            lane.deleteLater()
        self._lanes = [self._make(clip, place) for place in range(len(clip.lanes))] if clip is not None else []
        for place, lane in enumerate(self._lanes):
            self._column.insertWidget(place, lane)

    def _make(self, clip: ClipState, place: int) -> Lane:
        state = clip.lanes[place]
        lane = Lane(self._view, state, self.widget())
        lane.set_name_width(self._name_width)
        index = state.index
        lane.seek_wanted.connect(self.seek_wanted)
        lane.scrub_changed.connect(self.scrub_changed)
        lane.chosen.connect(partial(self._on_chosen, index))
        lane.focused.connect(partial(self._on_focused, index))
        lane.key_pressed.connect(partial(self._on_key, index))
        lane.rename_wanted.connect(partial(self.rename_wanted.emit, index))
        lane.menu_wanted.connect(partial(self.menu_wanted.emit, index))
        lane.sources_dropped.connect(partial(self.sources_dropped.emit, index))
        return lane

    # What lanes say

    def _on_chosen(self, index: int, is_added: bool) -> None:
        if not is_added:
            self._select([index])
        elif index in self._selected:
            self._select([one for one in self._selected if one != index])
        else:
            self._select([*self._selected, index])

    def _on_focused(self, index: int) -> None:
        lane = next(lane for lane in self._lanes if lane.state.index == index)
        self.ensureWidgetVisible(lane, 0, 0)
        self.current_changed.emit(index)

    def _on_key(self, index: int, event: QKeyEvent) -> None:
        if self._did_key(index, Qt.Key(event.key()), event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier):
            event.accept()

    def _did_key(self, index: int, key: Qt.Key, held: Qt.KeyboardModifier) -> bool:
        place = next(p for p, lane in enumerate(self._lanes) if lane.state.index == index)
        ctrl, shift = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
        sign = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(key, 0)
        if key in {Qt.Key.Key_Up, Qt.Key.Key_Down} and held in {Qt.KeyboardModifier.NoModifier, shift}:
            self._focus(place + (1 if key == Qt.Key.Key_Down else -1), adds=bool(held))
        elif sign and held == ctrl:
            self.appearance_wanted.emit(index, sign)
        elif sign and held == shift:
            self.jump_wanted.emit(float(sign))
        elif sign and not held.value:
            self.step_wanted.emit(sign)
        elif key == Qt.Key.Key_Space and held == ctrl:
            self._on_chosen(index, True)
        elif key == Qt.Key.Key_F2:
            self.rename_wanted.emit(index)
        elif key == Qt.Key.Key_H and not held.value:
            self.hide_wanted.emit(index)
        elif key in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and not held.value:
            self.best_wanted.emit(index)
        elif key == Qt.Key.Key_M and held == ctrl and len(self._selected) > 1:
            self.merge_wanted.emit(self.selected)
        else:
            return False
        return True

    def _focus(self, place: int, *, adds: bool = False) -> None:
        if 0 <= place < len(self._lanes):
            lane = self._lanes[place]
            lane.setFocus(Qt.FocusReason.OtherFocusReason)
            if adds and lane.state.index not in self._selected:
                self._select([*self._selected, lane.state.index])

    def _select(self, selected: list[int]) -> None:
        self._selected = selected
        for lane in self._lanes:
            lane.set_selected(lane.state.index in selected)

    def _repaint(self) -> None:
        for lane in self._lanes:
            lane.update()

    def _on_moved(self, before: float, after: float) -> None:
        for lane in self._lanes:
            for x in (before, after):
                lane.update(QRect(int(x) + self._name_width - 4, 0, 9, LANE_PX))
