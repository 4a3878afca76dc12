"""Where the faces are in the frames of a video: asked for some seconds ahead, kept for those looked at last."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import Final

from PySide6.QtCore import QObject, Signal

from faceswap_desktop.domain.errors import FaceSwapError
from faceswap_desktop.domain.faces import DetectedFace
from faceswap_desktop.domain.media import Media
from faceswap_desktop.domain.video import FrameRange, VideoAnalysis
from faceswap_desktop.services.videos import Videos
from faceswap_desktop.ui.bridge import Tasks

_BLOCK: Final = 48
"""Frames that are asked for at once."""
_KEPT: Final = 24
_AHEAD: Final = 16

Faces = tuple[DetectedFace, ...]


class FrameFaces(QObject):
    """A bounded store of faces by frame.

    Attributes:
        arrived: Faces of more frames are there.
    """

    arrived = Signal()

    def __init__(self, videos: Videos, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._videos = videos
        self._tasks = tasks
        self._media: Media | None = None
        self._analysis: VideoAnalysis | None = None
        self._frames = 0
        self._blocks: OrderedDict[int, Mapping[int, Faces]] = OrderedDict()
        self._wanted: list[int] = []
        self._asked: int | None = None
        """What a worker looks up at the moment; None once its answer is of no use any more."""

    def set_clip(self, media: Media | None, frames: int, analysis: VideoAnalysis | None) -> None:
        """Look at another clip, or at the same one with other people in it."""
        is_same = media is not None and self._media is not None and media.id == self._media.id
        if not is_same or analysis is not self._analysis:
            self._blocks.clear()
            self._wanted = []
            self._asked = None
        self._media, self._frames, self._analysis = media, frames, analysis

    def look_again(self) -> None:
        """Ask once more for what was not known: more of the clip was looked through."""
        for block in [block for block, faces in self._blocks.items() if len(faces) < len(self._range(block))]:
            del self._blocks[block]

    def at(self, frame: int) -> Faces:
        """Return the faces of a frame, as far as they are known; asks for them and for what comes next."""
        if self._media is None:
            return ()
        block = frame // _BLOCK
        self._ask(block)
        if frame % _BLOCK >= _BLOCK - _AHEAD and (block + 1) * _BLOCK < self._frames:
            self._ask(block + 1)
        found = self._blocks.get(block)
        if found is None:
            return ()
        self._blocks.move_to_end(block)
        return found.get(frame, ())

    def _range(self, block: int) -> FrameRange:
        first = block * _BLOCK
        return FrameRange(first, max(first, min(first + _BLOCK, self._frames)))

    def _ask(self, block: int) -> None:
        if block not in self._blocks and block not in self._wanted and block != self._asked:
            # Whoever scrubs wants what is under the pointer now, not all that was on the way.
            self._wanted = [*self._wanted[-1:], block]
            self._tasks.start(self._fetch(), key="frame-faces")

    async def _fetch(self) -> None:
        while self._wanted and (media := self._media) is not None:
            block, analysis = self._wanted.pop(), self._analysis
            self._asked = block
            faces: Mapping[int, Faces]
            try:
                faces = await self._videos.faces_in(media, self._range(block), analysis)
            except FaceSwapError:
                # Boxes are missing then; whoever looks through the video says what is wrong with it.
                faces = {}
            if media is not self._media or analysis is not self._analysis:
                continue
            self._asked = None
            self._blocks[block] = faces
            while len(self._blocks) > _KEPT:
                self._blocks.popitem(last=False)
            self.arrived.emit()
