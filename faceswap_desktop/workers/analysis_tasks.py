"""Tasks that find and follow the faces of videos."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Final

from faceswap_desktop.domain.video import FrameRange
from faceswap_desktop.vision.checkpoints import set_threads
from faceswap_desktop.vision.tracking.findings import enlarged
from faceswap_desktop.vision.tracking.follow import Follower
from faceswap_desktop.workers.frame_looks import FrameLooks
from faceswap_desktop.workers.link_tasks import best_face_of, faces_of_frames, link_tracks
from faceswap_desktop.workers.process import Task, TaskContext
from faceswap_desktop.workers.read_tasks import check_same, index_of
from faceswap_desktop.workers.scene_frames import SceneFrames
from faceswap_desktop.workers.track_files import FOUND, chunk_file, read_findings, read_slice, write_track_file
from faceswap_desktop.workers.video_requests import AnalyseChunk, AnalysedChunk

__all__ = ["TASKS", "read_slice"]

ANALYSED_EDGE: Final = 1920
"""Longest side in pixels at which faces are looked for: meshes are fitted to 192 px, so more would not help them."""
_REPORT_EVERY: Final = 4


def analyse_chunk(request: AnalyseChunk, context: TaskContext) -> AnalysedChunk:
    """Find and follow the faces of some frames, look for what is sensitive, and journal both.

    Raises:
        InputRefused: The video is gone, has changed, or cannot be read.
        StorageError: What was found cannot be written.
        Cancelled: Nobody waits any more.
    """
    path = chunk_file(request.files, FOUND, request.frames)
    kept = read_findings(request.files, request.frames)
    if kept is not None:
        return AnalysedChunk(request.number, len(kept.tracklets), len(kept.unreadable), sightings=kept.sightings)
    set_threads(context.threads)
    check_same(request.media.path, request.media.fingerprint)
    index = index_of(request.media, request.files)
    frames = FrameRange(request.frames.first, min(request.frames.end, len(index)))
    follower, looks = Follower(frames), FrameLooks(index.times, frames)
    decoding = SceneFrames(request.media, index, frames, ANALYSED_EDGE)
    start = time.perf_counter()
    for image, begins_scene in decoding.frames():
        follower.add(image, begins_scene=begins_scene)
        looks.add(image, begins_scene=begins_scene)
        if follower.count % _REPORT_EVERY == 0:
            context.report(follower.count / max(1, len(frames)), "find faces")
    found = replace(enlarged(follower.finish(), request.media.size), sightings=tuple(looks.sightings))
    spent = {"decode": decoding.seconds, "look": looks.seconds, "all": time.perf_counter() - start}
    write_track_file(path, found.pack())
    counts = (len(found.tracklets), len(found.unreadable))
    return AnalysedChunk(request.number, *counts, follower.timings | spent, found.sightings)


TASKS: Final[dict[str, Task]] = {
    "analyse_chunk": analyse_chunk,
    "link_tracks": link_tracks,
    "faces_of_frames": faces_of_frames,
    "best_face_of": best_face_of,
}
