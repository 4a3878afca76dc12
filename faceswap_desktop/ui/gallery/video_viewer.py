"""A video result large: it plays with its sound, and where it stands it is compared with the original's frame."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QSlider, QVBoxLayout, QWidget

from faceswap_desktop.domain.errors import FaceSwapError
from faceswap_desktop.domain.media import Media
from faceswap_desktop.domain.recipe import Recipe
from faceswap_desktop.domain.video import FrameTimes
from faceswap_desktop.services.playback import Player, PlayerState
from faceswap_desktop.services.videos import ShownFrame
from faceswap_desktop.ui.accessibility import name
from faceswap_desktop.ui.bridge import Tasks
from faceswap_desktop.ui.canvas.compare_view import CompareView
from faceswap_desktop.ui.canvas.picture_item import PictureLevels, make_frame
from faceswap_desktop.ui.context import AppContext
from faceswap_desktop.ui.studio.sound import DeviceSound
from faceswap_desktop.ui.texts import clock_text, text_of
from faceswap_desktop.ui.theme.tokens import GAP, GRID, HALF, PAD
from faceswap_desktop.ui.widgets.buttons import Button, IconButton
from faceswap_desktop.ui.widgets.labels import ElidedLabel, PlainLabel

_EDGE: Final = 1920
_SETTLE_MS: Final = 120
"""So long a frame has to stand before its original is fetched."""


class VideoBar(QWidget):
    """Play, step, a slider over all frames, and the time.

    Attributes:
        play_wanted, step_wanted, seek_wanted: What the user does with them.
    """

    play_wanted = Signal()
    step_wanted = Signal(int)
    seek_wanted = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        name(self, "video-bar", self.tr("Playback"))
        self._back = IconButton("step-back", self.tr("Previous frame (,)"), "video-step-back", self)
        self._play = IconButton("play", self.tr("Play (Space)"), "video-play", self)
        self._on = IconButton("step-forward", self.tr("Next frame (.)"), "video-step", self)
        self._back.clicked.connect(lambda: self.step_wanted.emit(-1))
        self._play.clicked.connect(self.play_wanted)
        self._on.clicked.connect(lambda: self.step_wanted.emit(1))
        self.slider = QSlider(Qt.Orientation.Horizontal, self)
        name(self.slider, "video-slider", self.tr("Place in the video"))
        self.slider.valueChanged.connect(self._on_slid)
        self._time = PlainLabel("", "muted", self)
        self._time.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(HALF)
        for button in (self._back, self._play, self._on):
            row.addWidget(button)
        row.addSpacing(HALF)
        row.addWidget(self.slider, 1)
        row.addSpacing(HALF)
        row.addWidget(self._time)
        self._times: FrameTimes | None = None
        self._is_silent = False

    def set_times(self, times: FrameTimes | None) -> None:
        """Show another video."""
        self._times = times
        self._is_silent = True
        self.slider.setRange(0, max(0, len(times) - 1) if times is not None else 0)
        self.slider.setPageStep(max(1, self.slider.maximum() // 10))
        self._is_silent = False
        if times is not None:
            whole = f"{clock_text(times.end)} / {clock_text(times.end)}"
            plain = "".join("0" if letter.isdigit() else letter for letter in whole)
            self._time.setMinimumWidth(QFontMetrics(self._time.font()).horizontalAdvance(plain) + HALF)

    def show_state(self, state: PlayerState) -> None:
        """Show where it stands, and whether it plays."""
        self._is_silent = True
        self.slider.setValue(state.frame)
        self._is_silent = False
        if state.is_playing:
            self._play.set_words("pause", self.tr("Pause (Space)"))
        else:
            self._play.set_words("play", self.tr("Play (Space)"))
        if self._times is not None:
            self._time.setText(f"{clock_text(self._times.of(state.frame))} / {clock_text(self._times.end)}")

    def _on_slid(self, frame: int) -> None:
        if not self._is_silent:
            self.seek_wanted.emit(frame)


@dataclass(frozen=True, slots=True)
class _Before:
    """With what a result is compared: the original, or another result.

    Attributes:
        media: The video.
        times: Of its frames.
        first: Its frame that belongs to the first one of the result.
    """

    media: Media
    times: FrameTimes
    first: int


class VideoCompare(QWidget):
    """Drives a compare view with the frames of a result; it is the bar below it, too."""

    def __init__(self, context: AppContext, tasks: Tasks, view: CompareView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._tasks = tasks
        self._view = view
        self._sound = DeviceSound(lambda: None, self)
        self.player = Player(context.videos, make_sound=lambda: self._sound)
        self.player.on_frame = self._on_frame
        self.player.on_state = self._on_state
        self.player.on_error = lambda error: view.show_message(text_of(error.message))
        self.bar = VideoBar(self)
        self.bar.play_wanted.connect(self.toggle)
        self.bar.step_wanted.connect(self.player.step)
        self.bar.seek_wanted.connect(self.player.seek)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.bar)
        self._media: Media | None = None
        self._times: FrameTimes | None = None
        self._before: _Before | None = None
        self._notice = ""
        self._after: PictureLevels | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_SETTLE_MS)
        self._timer.timeout.connect(lambda: self._tasks.start(self._fetch_before(), key="viewer-before", replace=True))

    async def open(self, path: str, recipe: Recipe, beside: str = "") -> None:
        """Show a video on its first frame.

        Args:
            path: The result.
            recipe: What it was made from.
            beside: Another result of the same, to compare it with instead of the original.

        Raises:
            FaceSwapError: It cannot be read.
        """
        self.leave()
        videos = self._context.videos
        media = await videos.probe(path)
        index = await videos.index(media)
        before, notice = await (self._other(beside) if beside else self._original(recipe))
        self._media, self._times, self._before, self._notice = index.media, index.times, before, notice
        playback = self._context.current_settings.playback
        self._sound.set_volume(playback.volume, is_muted=playback.is_muted)
        self.bar.set_times(index.times)
        self.player.open(index.media, index.times)
        self.bar.show_state(self.player.state)

    async def _original(self, recipe: Recipe) -> tuple[_Before | None, str]:
        videos = self._context.videos
        if not recipe.can_be_made_again:
            return None, self.tr("Recorded live: there is no video from before.")
        try:
            there = await videos.probe(recipe.media.path)
            if there.fingerprint.quick_digest != recipe.media.fingerprint.quick_digest:
                return None, self.tr("The original has been changed since; the result is shown alone.")
            times = (await videos.index(recipe.media)).times
        except FaceSwapError:
            # Originals belong to the user and may go; the view says so in words.
            return None, self.tr("The original cannot be opened any more; the result is shown alone.")
        return _Before(recipe.media, times, recipe.trim.first if recipe.trim is not None else 0), ""

    async def _other(self, path: str) -> tuple[_Before | None, str]:
        try:
            index = await self._context.videos.index(await self._context.videos.probe(path))
        except FaceSwapError:
            return None, self.tr("The other result cannot be opened; this one is shown alone.")
        return _Before(index.media, index.times, 0), ""

    @property
    def is_open(self) -> bool:
        """Whether a video stands here."""
        return self._media is not None

    def toggle(self) -> None:
        """Play, or pause."""
        self.player.toggle()

    def leave(self) -> None:
        """Put the video away."""
        self._timer.stop()
        self._tasks.cancel("viewer-before")
        self._media = self._after = None
        self.player.leave()

    async def close_player(self) -> None:
        """Put it away, and wait until nothing is left of it."""
        self.leave()
        await self.player.close()

    def _on_frame(self, frame: ShownFrame, _is_rendered: bool) -> None:
        if self._media is None:
            return
        stands = not self.player.state.is_playing
        self._after = make_frame(frame.pixels, frame.size, frame.stride, self._media.size, halves=stands)
        # The original of the frame before would lie about this one.
        self._view.change_pictures(None, self._after, self._notice)
        if stands and self._before is not None:
            self._timer.start()

    def _on_state(self, state: PlayerState) -> None:
        self.bar.show_state(state)
        if state.is_playing:
            self._timer.stop()

    async def _fetch_before(self) -> None:
        media, times, before = self._media, self._times, self._before
        frame, after = self.player.state.frame, self._after
        if media is None or times is None or before is None or after is None:
            return
        number = before.times.frame_at(before.times.of(before.first) + times.of(frame) - times.of(0))
        try:
            found = await self._context.videos.frames(before.media, [number], max_edge=_EDGE)
        except FaceSwapError:
            return
        is_same = self._media is media and self.player.state.frame == frame and not self.player.state.is_playing
        if found and is_same and self._after is after:
            shown = found[0]
            picture = make_frame(shown.pixels, shown.size, shown.stride, media.size, halves=True)
            self._view.change_pictures(picture, after, self._notice)


class WatchDialog(QDialog):
    """Shows what is finished of a video while the rest is made."""

    def __init__(self, context: AppContext, tasks: Tasks, title: str, parent: QWidget) -> None:
        super().__init__(parent)
        name(self, "watch-dialog", title)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._view = CompareView(self)
        self._tasks = tasks
        self.video = VideoCompare(context, tasks, self._view, self)
        close = Button(self.tr("Close"), "watch-close", self)
        close.clicked.connect(self.close)
        top = QHBoxLayout()
        top.setSpacing(GRID)
        top.addWidget(ElidedLabel(title, "title", self, mode=Qt.TextElideMode.ElideMiddle), 1)
        top.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(PAD, PAD, PAD, GRID)
        column.setSpacing(GRID)
        column.addLayout(top)
        column.addWidget(self._view, 1)
        column.addWidget(self.video)
        room = parent.window().size()
        self.resize(room.width() - 4 * GAP, room.height() - 4 * GAP)
        self.finished.connect(lambda _result: self.video.leave())

    async def show_video(self, path: Path, recipe: Recipe) -> None:
        """Open the dialog on a file.

        Raises:
            FaceSwapError: It cannot be read.
        """
        await self.video.open(str(path), recipe)
        # open, never exec: no event loop within the one that runs.
        self.open()
        self.video.toggle()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Play with the space bar, step with the comma and the full stop."""
        match event.key():
            case Qt.Key.Key_Space:
                self.video.toggle()
            case Qt.Key.Key_Comma:
                self.video.player.step(-1)
            case Qt.Key.Key_Period:
                self.video.player.step(1)
            case _:
                super().keyPressEvent(event)
