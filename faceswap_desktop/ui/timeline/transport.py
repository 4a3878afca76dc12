"""The row of buttons that play a video, the time, and the volume."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSlider, QWidget

from faceswap_desktop.ui.accessibility import name
from faceswap_desktop.ui.actions import ActionTable
from faceswap_desktop.ui.icons import icon
from faceswap_desktop.ui.theme.tokens import BAR_HEIGHT, GRID, HALF, PAD
from faceswap_desktop.ui.timeline.clip import ClipState, exact_text
from faceswap_desktop.ui.widgets.buttons import IconButton
from faceswap_desktop.ui.widgets.labels import PlainLabel
from faceswap_desktop.ui.widgets.roles import set_role

_ALL_FROM: Final = 600
_SOME_FROM: Final = 420
_FEW_FROM: Final = 300


class Transport(QFrame):
    """Made of actions; it gives way where there is little room, since everything has a key and stands in the menu.

    Attributes:
        volume_changed: The slider was moved (0 to 100).
    """

    volume_changed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "panel")
        name(self, "transport", self.tr("Playback"))
        self.setFixedHeight(BAR_HEIGHT)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(GRID, 0, GRID, 0)
        self._row.setSpacing(HALF)
        self._time = PlainLabel("", None, self)
        self._time.setObjectName("time")
        self._frame = PlainLabel("", "small", self)
        self._frame.setObjectName("frame-number")
        self._rate = PlainLabel("", "small", self)
        self._rate.setObjectName("frames-per-second")
        self.volume = QSlider(Qt.Orientation.Horizontal, self)
        self.volume.setRange(0, 100)
        self.volume.setPageStep(10)
        self.volume.setFixedWidth(80)
        name(self.volume, "volume", self.tr("Volume"))
        self.volume.valueChanged.connect(self._on_volume)
        self._play: IconButton | None = None
        self._mute: IconButton | None = None
        self._buttons: list[QWidget] = []
        self._wanted: list[QWidget] = []
        self._optional: list[QWidget] = []
        self._is_silent = self._is_playing = False
        self._has_sound = True

    def add_actions(self, table: ActionTable) -> None:
        """Make the buttons, once the actions stand."""
        self._wanted.append(self._add(table, "playback.previous-mark", "to-start"))
        self._wanted.append(self._add(table, "playback.step-back", "step-back"))
        self._play = self._add(table, "playback.play", "play")
        self._wanted.append(self._add(table, "playback.step", "step-forward"))
        self._wanted.append(self._add(table, "playback.next-mark", "to-end"))
        self._row.addSpacing(GRID)
        self._row.addWidget(self._time)
        self._row.addSpacing(GRID)
        self._row.addWidget(self._frame)
        self._row.addStretch(1)
        self._row.addWidget(self._rate)
        self._buttons.append(self._add(table, "playback.play-preview", "play-preview"))
        self._wanted.append(self._add(table, "playback.loop", "loop"))
        self._mute = self._add(table, "playback.mute", "sound")
        self._wanted.append(self._mute)
        self._row.addWidget(self.volume)
        self._row.addSpacing(PAD - GRID)
        self._optional += [self.volume, self._frame]
        self._give_way()

    def show_time(self, clip: ClipState | None, frame: int) -> None:
        """Show where one is."""
        if clip is None:
            return
        self._time.setText(exact_text(clip.seconds(frame)))
        self._frame.setText(self.tr("Frame {n} of {count}").format(n=frame + 1, count=clip.frames))

    def set_clip(self, clip: ClipState | None, *, has_sound: bool) -> None:
        """Leave as much room for the time as it can ever take, so that nothing moves while it plays."""
        if clip is None:
            return
        metrics = QFontMetrics(self._time.font())
        digits = "".join("0" if letter.isdigit() else letter for letter in exact_text(clip.length))
        self._time.setFixedWidth(metrics.horizontalAdvance(digits) + 4)
        small = QFontMetrics(self._frame.font())
        most = self.tr("Frame {n} of {count}").format(n=clip.frames, count=clip.frames)
        self._frame.setFixedWidth(small.horizontalAdvance("".join("0" if x.isdigit() else x for x in most)) + 4)
        self._has_sound = has_sound
        self._give_way()

    def show_playing(self, *, is_playing: bool, is_rendered: bool, per_second: float | None) -> None:
        """Show whether it plays, and while the swap is rendered how fast."""
        if is_playing != self._is_playing:
            self._is_playing = is_playing
            words = self.tr("Pause") if is_playing else self.tr("Play")
            _show_on(self._play, "pause" if is_playing else "play", words, self.tr("Space"))
        words = ""
        if is_rendered:
            words = self.tr("{n} frames/s").format(n=f"{per_second:.1f}") if per_second else self.tr("Rendering…")
        self._rate.setText(words)

    def show_sound(self, volume: int, *, is_muted: bool) -> None:
        """Show how loud it is."""
        self._is_silent = True
        self.volume.setValue(volume)
        self._is_silent = False
        _show_on(self._mute, "sound-off" if is_muted else "sound", self.tr("Mute"), self.tr("M"))

    def minimumSizeHint(self) -> QSize:
        return QSize(120, BAR_HEIGHT)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._give_way()

    def _add(self, table: ActionTable, action_id: str, icon_name: str) -> IconButton:
        button = IconButton.of(table.action(action_id), icon_name, self)
        self._row.addWidget(button)
        return button

    def _give_way(self) -> None:
        for widget in self._wanted:
            widget.setVisible(self.width() >= _SOME_FROM)
        for widget in self._optional:
            widget.setVisible(self.width() >= _ALL_FROM)
        for widget in self._buttons:
            widget.setVisible(self.width() >= _FEW_FROM)
        if not self._has_sound:
            self.volume.hide()
            if self._mute is not None:
                self._mute.hide()

    def _on_volume(self, volume: int) -> None:
        if not self._is_silent:
            self.volume_changed.emit(volume)


def _show_on(button: IconButton | None, icon_name: str, words: str, keys: str) -> None:
    """Let a button, and the action behind it, show what it does now."""
    if button is None:
        return
    action = button.defaultAction()
    action.setIcon(icon(icon_name))
    action.setToolTip(f"{words} ({keys})")
    button.setAccessibleName(words)
