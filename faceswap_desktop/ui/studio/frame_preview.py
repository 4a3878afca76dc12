"""The preview of a video: the frame that stands, with the changed faces in it."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QObject, QRectF, QTimer, Signal

from faceswap_desktop.domain.errors import Cancelled, FaceSwapError
from faceswap_desktop.domain.faces import DetectedFace, SourceFaceId
from faceswap_desktop.domain.media import Media
from faceswap_desktop.domain.messages import Message
from faceswap_desktop.domain.recipe import NO_LABEL, LabelOptions, Recipe, SwapOptions
from faceswap_desktop.domain.video import FrameRange, VideoAnalysis
from faceswap_desktop.services.swapping import Swapping
from faceswap_desktop.services.videos import Videos
from faceswap_desktop.ui.bridge import Tasks
from faceswap_desktop.ui.canvas.picture_item import Patch, make_frame

_WAIT_MS: Final = 120
_KEPT: Final = 8


@dataclass(frozen=True)
class VideoWish:
    """What becomes of the people in a video.

    Attributes:
        media, faces, analysis: The video and its people.
        pairings: Source face and its revision by identity.
        ages: Years older or younger by identity.
        options: How source faces are put in.
        label: The visible label.
        trim: Only these frames are made; None for all.
    """

    media: Media
    faces: tuple[DetectedFace, ...]
    analysis: VideoAnalysis
    pairings: tuple[tuple[int, SourceFaceId, int], ...]
    ages: tuple[tuple[int, int], ...]
    options: SwapOptions
    label: LabelOptions = NO_LABEL
    trim: FrameRange | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nobody is changed."""
        return not self.pairings and not self.ages

    async def recipe(self, swapping: Swapping) -> Recipe:
        """Write it down for the workers.

        Raises:
            FaceSwapError: A source face is gone, or nobody is changed.
        """
        return await swapping.make_recipe(
            self.media,
            self.faces,
            {index: source for index, source, _ in self.pairings},
            self.options,
            ages=dict(self.ages),
            analysis=self.analysis,
            trim=self.trim,
            label=self.label,
        )


@dataclass(frozen=True)
class ShownFramePreview:
    """A frame with the changed faces, and who could not be changed in it."""

    frame: int
    patch: Patch
    skipped: tuple[tuple[int, Message], ...]


class FramePreview(QObject):
    """Renders the frame that stands, newest wish last.

    Attributes:
        changed: Another preview is to be shown: ``shown``, or nothing.
        busy_changed: Whether one is being made.
        failed: It could not be made (``FaceSwapError``).
    """

    changed = Signal()
    busy_changed = Signal(bool)
    failed = Signal(object)

    def __init__(self, videos: Videos, swapping: Swapping, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._videos = videos
        self._swapping = swapping
        self._tasks = tasks
        self._wish: tuple[VideoWish, int, int] | None = None
        self._failed: tuple[VideoWish, int, int] | None = None
        self._shown: ShownFramePreview | None = None
        self._kept: OrderedDict[tuple[int, int], ShownFramePreview] = OrderedDict()
        self._kept_for: VideoWish | None = None
        self._is_busy = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_WAIT_MS)
        self._timer.timeout.connect(lambda: tasks.start(self._render(), key="frame-preview"))

    @property
    def shown(self) -> ShownFramePreview | None:
        """What is shown at the moment."""
        return self._shown

    @property
    def is_busy(self) -> bool:
        """Whether one is being made, or is about to be."""
        return self._is_busy

    def ask(self, wish: VideoWish | None, frame: int = 0, max_edge: int = 1920) -> None:
        """Ask for the preview of a frame; None for none.

        Args:
            wish: Who becomes whom.
            frame: Which frame.
            max_edge: Longest side of it, in pixels.
        """
        asked = (wish, frame, max_edge) if wish is not None and not wish.is_empty else None
        if asked == self._wish:
            return
        self._wish = asked
        self._failed = None
        self._timer.stop()
        if asked is None:
            self._show(None)
            self._set_busy(False)
            return
        if asked[0] != self._kept_for:
            self._kept.clear()
            self._kept_for = asked[0]
        known = self._kept.get((frame, max_edge))
        # While a slider moves, what was there stays until the next one comes; another frame is another matter.
        stays = self._shown if self._shown is not None and self._shown.frame == frame else None
        self._show(known or stays)
        self._set_busy(known is None)
        if known is None:
            self._timer.start()

    def stop(self) -> None:
        """Start none any more."""
        self._timer.stop()
        self._set_busy(False)

    async def _render(self) -> None:
        try:
            while (asked := self._wish) is not None and asked != self._failed:
                wish, frame, max_edge = asked
                if wish == self._kept_for and (frame, max_edge) in self._kept:
                    return
                try:
                    made = await self._made(wish, frame, max_edge)
                except Cancelled:
                    return
                except FaceSwapError as error:
                    self._failed = asked
                    if self._wish == asked:
                        self.failed.emit(error)
                    continue
                if made is None:
                    return
                if wish == self._kept_for:
                    self._kept[(frame, max_edge)] = made
                    while len(self._kept) > _KEPT:
                        self._kept.popitem(last=False)
                if self._wish is not None and self._wish[1] == frame and self._wish[0].media.id == wish.media.id:
                    self._show(made)
        finally:
            if not self._timer.isActive():
                self._set_busy(False)

    async def _made(self, wish: VideoWish, frame: int, max_edge: int) -> ShownFramePreview | None:
        rendered = await self._videos.rendered(await wish.recipe(self._swapping), (frame,), max_edge=max_edge)
        if not rendered.frames:
            return None
        shown = rendered.frames[0]
        size = wish.media.size
        levels = await asyncio.to_thread(make_frame, shown.pixels, shown.size, shown.stride, size, halves=True)
        patch = Patch(QRectF(0, 0, size.width, size.height), levels.levels)
        return ShownFramePreview(frame, patch, rendered.skipped)

    def _show(self, shown: ShownFramePreview | None) -> None:
        if shown is not self._shown:
            self._shown = shown
            self.changed.emit()

    def _set_busy(self, is_busy: bool) -> None:
        if is_busy != self._is_busy:
            self._is_busy = is_busy
            self.busy_changed.emit(is_busy)
