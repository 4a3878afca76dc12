"""Small pictures for the strip of the timeline: few at first, then more between them; only what is in sight."""

from __future__ import annotations

import asyncio
import math
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QObject, QRectF, Signal
from PySide6.QtGui import QImage, QPixmap

from faceswap_desktop.domain.errors import FaceSwapError
from faceswap_desktop.domain.media import Media
from faceswap_desktop.services.videos import ShownFrame, Videos
from faceswap_desktop.ui.bridge import Tasks
from faceswap_desktop.ui.timeline.view import TimeView

_KEPT: Final = 600
_PATIENCE_S: Final = 0.15
_COARSEST: Final = 12


@dataclass(frozen=True, slots=True)
class Slot:
    """A place of the strip: steps are powers of two seconds, so that zooming in keeps every picture that is there."""

    number: int
    step: float

    @property
    def seconds(self) -> float:
        """Where it begins."""
        return self.number * self.step

    @property
    def coarseness(self) -> int:
        """How many steps coarser this picture would be wanted already."""
        return _COARSEST if not self.number else min((self.number & -self.number).bit_length() - 1, _COARSEST)


class Thumbnails(QObject):
    """Fetches and keeps them.

    Attributes:
        arrived: There is one more.
    """

    arrived = Signal()

    def __init__(self, videos: Videos, tasks: Tasks, view: TimeView, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._videos = videos
        self._tasks = tasks
        self._view = view
        self._media: Media | None = None
        self._edge = 96
        self._kept: OrderedDict[int, QPixmap] = OrderedDict()
        self._broken: set[int] = set()
        self._wanted: list[int] = []
        self.is_held: Callable[[], bool] = lambda: False
        """Says whether others need the decoder now."""

    def set_media(self, media: Media | None, edge: int) -> None:
        """Show another video.

        Args:
            media: Which; None for none.
            edge: Longest side of the pictures, in device pixels.
        """
        if media is None or self._media is None or media.id != self._media.id or edge != self._edge:
            self._kept.clear()
            self._broken.clear()
        self._media, self._edge = media, edge
        self._wanted = []

    def pictures(self, width: float) -> Iterator[tuple[QRectF, QPixmap | None]]:
        """Return what fills the strip: places with their picture, or None until it comes; asks for what is missing.

        Args:
            width: Of one picture, in pixels.
        """
        clip, scale = self._view.clip, self._view.scale
        if clip is None or width < 1:
            return
        step = 2.0 ** math.floor(math.log2(width * scale.span / scale.width))
        missing: list[Slot] = []
        number = math.floor(scale.first / step)
        while number * step < min(scale.last, clip.length):
            slot = Slot(number, step)
            frame = clip.frame_at(slot.seconds)
            left, right = scale.x_of(slot.seconds), scale.x_of(min(slot.seconds + step, clip.length))
            found = self._kept.get(frame)
            if found is None:
                missing.append(slot)
                found = self._coarser(slot)
            else:
                self._kept.move_to_end(frame)
            yield QRectF(left, 0, right - left, 0), found
            number += 1
        self._ask([clip.frame_at(slot.seconds) for slot in sorted(missing, key=lambda one: -one.coarseness)])

    def _coarser(self, slot: Slot) -> QPixmap | None:
        clip = self._view.clip
        for bits in range(1, _COARSEST):
            coarse = Slot(slot.number >> bits << bits, slot.step)
            if clip is not None and (found := self._kept.get(clip.frame_at(coarse.seconds))) is not None:
                return found
        return None

    def _ask(self, frames: list[int]) -> None:
        self._wanted = [frame for frame in dict.fromkeys(frames) if frame not in self._broken]
        if self._wanted and self._media is not None:
            self._tasks.start(self._fetch(), key="timeline-thumbnails")

    async def _fetch(self) -> None:
        while self._wanted and (media := self._media) is not None:
            if self.is_held():
                await asyncio.sleep(_PATIENCE_S)
                continue
            frame = self._wanted.pop(0)
            try:
                found = await self._videos.frames(media, (frame,), max_edge=self._edge)
            except FaceSwapError:
                # Whoever shows the frames says what is wrong with the file.
                self._broken.add(frame)
                continue
            if media is self._media and found:
                self._keep(frame, found[0])

    def _keep(self, frame: int, shown: ShownFrame) -> None:
        image = QImage(shown.pixels, shown.size.width, shown.size.height, shown.stride, QImage.Format.Format_RGB888)
        self._kept[frame] = QPixmap.fromImage(image.convertToFormat(QImage.Format.Format_RGB32))
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        self.arrived.emit()
