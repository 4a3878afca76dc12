"""What all parts of the timeline look at: the clip, which part of it is in sight, and where one is."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QObject, Signal

from faceswap_desktop.ui.timeline.clip import ClipState
from faceswap_desktop.ui.timeline.scale import TimeScale

ZOOM_STEP: Final = 1.5
INSET: Final = 12.0
"""Room at both ends, so that nothing of the playhead and the handles is cut off."""


class TimeView(QObject):
    """Tells its parts what to paint anew.

    Attributes:
        changed: The clip or what is in sight of it changed: everything.
        moved: The playhead went from one place to another (pixels from the left edge).
    """

    changed = Signal()
    moved = Signal(float, float)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.clip: ClipState | None = None
        self.scale = TimeScale()
        self.frame = 0
        self._width = 1.0

    @property
    def x(self) -> float:
        """Where the playhead stands, in pixels from the left edge."""
        return self.scale.x_of(self.clip.seconds(self.frame)) if self.clip is not None else 0.0

    def is_refused(self, frame: int) -> bool:
        """Say whether something is refused at a frame."""
        return self.clip is not None and self.clip.is_refused_at(self.clip.seconds(frame))

    def set_clip(self, clip: ClipState | None) -> None:
        """Look at another clip, or at the same one after a change."""
        if clip is None or self.clip is None or clip.key != self.clip.key or clip.times is not self.clip.times:
            self.scale = TimeScale.of(clip.length if clip is not None else 1.0, self._width, INSET)
            self.frame = 0
        self.clip = clip
        self.changed.emit()

    def set_width(self, width: float) -> None:
        """Show the same on more or fewer pixels, counted with the room at both ends."""
        self._width = max(width - 2 * INSET, 1.0)
        self.scale = self.scale.resized(self._width)
        self.changed.emit()

    def set_frame(self, frame: int) -> None:
        """Put the playhead on a frame; what is in sight follows it."""
        if self.clip is None or frame == self.frame:
            return
        before = self.x
        self.frame = frame
        scale = self.scale.showing(self.clip.seconds(frame))
        if scale != self.scale:
            self.scale = scale
            self.changed.emit()
        else:
            self.moved.emit(before, self.x)

    def zoom(self, factor: float, x: float | None = None) -> None:
        """Zoom by a factor about a place; about the playhead, or the middle, where None is given."""
        if x is None:
            x = self.x if INSET <= self.x <= INSET + self.scale.width else INSET + self.scale.width / 2
        self._look(self.scale.zoomed(factor, x))

    def zoom_in(self) -> None:
        """Zoom one step in."""
        self.zoom(ZOOM_STEP)

    def zoom_out(self) -> None:
        """Zoom one step out."""
        self.zoom(1 / ZOOM_STEP)

    def show_all(self) -> None:
        """Show the whole clip."""
        self._look(TimeScale.of(self.scale.length, self.scale.width, INSET))

    def scroll(self, seconds: float) -> None:
        """Show what lies so many seconds later."""
        self._look(self.scale.scrolled(seconds))

    def frame_at(self, x: float) -> int:
        """Return the frame at a place."""
        return self.clip.frame_at(self.scale.time_at(x)) if self.clip is not None else 0

    def _look(self, scale: TimeScale) -> None:
        if scale != self.scale:
            self.scale = scale
            self.changed.emit()
