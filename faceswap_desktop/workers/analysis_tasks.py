"""Tasks that find and follow the faces of videos."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from typing import Final

from faceswap_desktop.domain.video import FrameRange
from faceswap_desktop.media.video.index import VideoIndex
from faceswap_desktop.media.video.pixels import Pixels, upright_rgb
from faceswap_desktop.media.video.reader import FrameReader
from faceswap_desktop.vision.checkpoints import set_threads
from faceswap_desktop.vision.tracking.cuts import AFTER, BEFORE, Signature, is_cut, signature
from faceswap_desktop.vision.tracking.findings import enlarged
from faceswap_desktop.vision.tracking.follow import Follower
from faceswap_desktop.workers.link_tasks import best_face_of, faces_of_frames, link_tracks
from faceswap_desktop.workers.process import Task, TaskContext
from faceswap_desktop.workers.read_tasks import check_same, index_of
from faceswap_desktop.workers.track_files import FOUND, chunk_file, read_findings, read_slice, write_track_file
from faceswap_desktop.workers.video_requests import AnalyseChunk, AnalysedChunk

__all__ = ["TASKS", "read_slice"]

ANALYSED_EDGE: Final = 1920
"""Longest side in pixels at which faces are looked for: meshes are fitted to 192 px, so more would not help them."""
_REPORT_EVERY: Final = 4


def analyse_chunk(request: AnalyseChunk, context: TaskContext) -> AnalysedChunk:
    """Find and follow the faces of some frames, and journal them.

    Raises:
        InputRefused: The video is gone, has changed, or cannot be read.
        StorageError: What was found cannot be written.
        Cancelled: Nobody waits any more.
    """
    path = chunk_file(request.files, FOUND, request.frames)
    kept = read_findings(request.files, request.frames)
    if kept is not None:
        return AnalysedChunk(request.number, len(kept.tracklets), len(kept.unreadable))
    set_threads(context.threads)
    check_same(request.media.path, request.media.fingerprint)
    index = index_of(request.media, request.files)
    frames = FrameRange(request.frames.first, min(request.frames.end, len(index)))
    follower, decoding = Follower(frames), _Decoding(request, index, frames)
    start = time.perf_counter()
    for image, begins_scene in decoding.frames():
        follower.add(image, begins_scene=begins_scene)
        if follower.count % _REPORT_EVERY == 0:
            context.report(follower.count / max(1, len(frames)), "find faces")
    found = enlarged(follower.finish(), request.media.size)
    timings = follower.timings | {"decode": decoding.seconds, "all": time.perf_counter() - start}
    write_track_file(path, found.pack())
    return AnalysedChunk(request.number, len(found.tracklets), len(found.unreadable), timings)


class _Decoding:
    """Decodes a chunk, with the frames around it by which cuts are told."""

    def __init__(self, request: AnalyseChunk, index: VideoIndex, frames: FrameRange) -> None:
        self.seconds = 0.0
        self._request, self._index, self._frames = request, index, frames

    def frames(self) -> Iterator[tuple[Pixels | None, bool]]:
        """Yield each frame of the chunk, None where it cannot be decoded, and whether a scene begins with it."""
        wanted = FrameRange(max(0, self._frames.first - BEFORE), min(len(self._index), self._frames.end + AFTER))
        waiting: dict[int, Pixels | None] = {}
        around: dict[int, Signature] = {}
        with closing(FrameReader(self._request.media.path, self._index, threads=1)) as reader:
            for number, image in self._decoded(reader, wanted):
                if image is not None:
                    around[number] = signature(image)
                if number in self._frames:
                    waiting[number] = image
                yield from self._ready(waiting, around, number - AFTER)
            yield from self._ready(waiting, around, wanted.end)

    def _decoded(self, reader: FrameReader, wanted: FrameRange) -> Iterator[tuple[int, Pixels | None]]:
        facts = self._request.media.video
        rotation = facts.rotation if facts is not None else 0
        frames = reader.frames(wanted)
        while True:
            start = time.perf_counter()
            number, frame = next(frames, (-1, None))
            image = None if frame is None else upright_rgb(frame, rotation, ANALYSED_EDGE)
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


TASKS: Final[dict[str, Task]] = {
    "analyse_chunk": analyse_chunk,
    "link_tracks": link_tracks,
    "faces_of_frames": faces_of_frames,
    "best_face_of": best_face_of,
}
