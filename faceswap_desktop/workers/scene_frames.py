"""Decodes a part of a video frame by frame, and tells where scenes begin, however a video is divided."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing

from faceswap_desktop.domain.media import Media
from faceswap_desktop.domain.video import FrameRange
from faceswap_desktop.media.video.index import VideoIndex
from faceswap_desktop.media.video.pixels import Pixels, upright_rgb
from faceswap_desktop.media.video.reader import FrameReader
from faceswap_desktop.vision.tracking.cuts import AFTER, BEFORE, Signature, is_cut, signature


class SceneFrames:
    """Decodes some frames, with those around them by which cuts are told.

    Attributes:
        seconds: Spent on decoding so far.
    """

    def __init__(self, media: Media, index: VideoIndex, frames: FrameRange, max_edge: int) -> None:
        """Prepare; nothing is opened yet.

        Args:
            media: The video.
            index: Of it.
            frames: Which.
            max_edge: Longest side of the pictures in pixels.
        """
        self.seconds = 0.0
        self._media, self._index, self._frames, self._max_edge = media, index, frames, max_edge

    def frames(self) -> Iterator[tuple[Pixels | None, bool]]:
        """Yield each frame, None where it cannot be decoded, and whether a scene begins with it.

        Raises:
            InputRefused: The file can no longer be read.
        """
        wanted = FrameRange(max(0, self._frames.first - BEFORE), min(len(self._index), self._frames.end + AFTER))
        waiting: dict[int, Pixels | None] = {}
        around: dict[int, Signature] = {}
        with closing(FrameReader(self._media.path, self._index, threads=1)) as reader:
            for number, image in self._decoded(reader, wanted):
                if image is not None:
                    around[number] = signature(image)
                if number in self._frames:
                    waiting[number] = image
                yield from self._ready(waiting, around, number - AFTER)
            yield from self._ready(waiting, around, wanted.end)

    def _decoded(self, reader: FrameReader, wanted: FrameRange) -> Iterator[tuple[int, Pixels | None]]:
        facts = self._media.video
        rotation = facts.rotation if facts is not None else 0
        frames = reader.frames(wanted)
        while True:
            start = time.perf_counter()
            number, frame = next(frames, (-1, None))
            image = None if frame is None else upright_rgb(frame, rotation, self._max_edge)
            self.seconds += time.perf_counter() - start
            if number < 0:
                return
            yield number, image

    @staticmethod
    def _ready(
        waiting: dict[int, Pixels | None], around: dict[int, Signature], until: int
    ) -> Iterator[tuple[Pixels | None, bool]]:
        for number in [number for number in waiting if number <= until]:
            yield waiting.pop(number), is_cut(around, number)
            around.pop(number - BEFORE, None)
