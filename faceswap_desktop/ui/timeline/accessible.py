"""The timeline for screen readers: the playhead is a slider with the time as its value, lanes are items of a list."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QObject
from PySide6.QtGui import QAccessible, QAccessibleInterface, QAccessibleValueChangeEvent
from PySide6.QtWidgets import QAccessibleWidget, QWidget
from shiboken6 import isValid

from faceswap_desktop.ui.timeline.head import TimeHead
from faceswap_desktop.ui.timeline.lane import Lane
from faceswap_desktop.ui.timeline.lanes import LaneList

_interfaces: Final[dict[int, QAccessibleInterface]] = {}
"""Qt keeps the interfaces by pointer only; without this the Python halves would be collected."""

_installed: Final[list[bool]] = []


def install_timeline_names() -> None:
    """Let Qt ask here for the interfaces of the timeline's parts; does nothing the second time."""
    if not _installed:
        _installed.append(True)
        QAccessible.installFactory(_interface_of)


def tell_time(head: TimeHead) -> None:
    """Let a screen reader say where the playhead stands, if it has the focus."""
    if QAccessible.isActive() and head.hasFocus():
        QAccessible.updateAccessibility(QAccessibleValueChangeEvent(head, head.value_text()))


class HeadAccessible(QAccessibleWidget):
    """The playhead."""

    def __init__(self, head: TimeHead) -> None:
        super().__init__(head, QAccessible.Role.Slider)
        self._head = head

    def text(self, kind: QAccessible.Text) -> str:
        """Return the time as the value."""
        if kind == QAccessible.Text.Value and isValid(self._head):
            return self._head.value_text()
        return super().text(kind)


class LaneAccessible(QAccessibleWidget):
    """A lane."""

    def __init__(self, lane: Lane) -> None:
        super().__init__(lane, QAccessible.Role.ListItem)
        self._lane = lane

    def state(self) -> QAccessible.State:
        state = super().state()
        state.selectable = True
        state.multiSelectable = True
        state.selected = isValid(self._lane) and self._lane.is_selected
        return state


def _interface_of(_class_name: str, watched: QObject | None) -> QAccessibleInterface | None:
    made: QAccessibleInterface
    if isinstance(watched, TimeHead):
        made = HeadAccessible(watched)
    elif isinstance(watched, Lane):
        made = LaneAccessible(watched)
    elif isinstance(watched, QWidget) and isinstance(watched.parent(), QWidget) and _is_inside_of_lanes(watched):
        made = QAccessibleWidget(watched, QAccessible.Role.List)
    else:
        return None
    key = id(watched)
    _interfaces[key] = made
    watched.destroyed.connect(lambda: _interfaces.pop(key, None))
    return made


def _is_inside_of_lanes(widget: QWidget) -> bool:
    viewport = widget.parent()
    area = viewport.parent() if isinstance(viewport, QWidget) else None
    return isinstance(area, LaneList) and area.widget() is widget
