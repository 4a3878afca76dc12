"""Tasks on videos that do what a test tells them, in real workers: for what real ones cannot be made to do at will.

A recipe's consent note names the folder of the script: files in it say what happens (``crash-2``: how often the worker
dies in chunk 2; ``untold-2``: it dies when chunk 2 is written, before it tells; ``full-2``: the disk is full there;
``change-2``: the original is written to; ``damaged-2``: it is found damaged; ``lost-2``: the tracks are gone then;
``pace``: seconds a frame takes), and ``log`` tells what was done.
"""

import errno
import hashlib
import os
import struct
import time
from dataclasses import replace
from pathlib import Path

from faceswap_desktop.domain.errors import StorageError
from faceswap_desktop.domain.messages import message
from faceswap_desktop.domain.recipe import Recipe
from faceswap_desktop.domain.video import FrameTimes, VideoAnalysis
from faceswap_desktop.media import refusals
from faceswap_desktop.media.atomic_file import storage_error
from faceswap_desktop.media.fingerprint import fingerprint
from faceswap_desktop.workers.process import TaskContext
from faceswap_desktop.workers.render_requests import (
    CheckChunks,
    JoinChunks,
    JoinedVideo,
    OutputPlan,
    PlanOutput,
    RenderChunks,
    RenderedChunk,
    RenderedChunks,
    RenderOnCluster,
    chunk_path,
)
from faceswap_desktop.workers.track_files import tracks_missing
from faceswap_desktop.workers.track_names import FOUND, LINKED, chunk_file, summary_file
from faceswap_desktop.workers.video_requests import (
    AnalyseChunk,
    AnalysedChunk,
    IndexedVideo,
    IndexVideo,
    LinkTracks,
)

RATE = 10


def log(recipe: Recipe, line: str) -> None:
    with (Path(recipe.consent_note) / "log").open("a") as stream:
        stream.write(line + "\n")


def takes(recipe: Recipe, name: str) -> bool:
    """Say whether something happens now, and count down how often it still does."""
    path = Path(recipe.consent_note) / name
    if not path.exists():
        return False
    left = int(path.read_text()) - 1
    path.unlink() if left <= 0 else path.write_text(str(left))
    return True


def index_video(request: IndexVideo, context: TaskContext) -> IndexedVideo:
    assert request.media.video is not None
    count = request.media.video.frames
    context.report(0.5, "index")
    times = struct.pack(f"{count}d", *(number / RATE for number in range(count)))
    return IndexedVideo(request.media, FrameTimes(times, count / RATE), (0,))


def analyse_chunk(request: AnalyseChunk, context: TaskContext) -> AnalysedChunk:
    context.report(0.5, "analyse")
    tracks = Path(request.files.tracks)
    tracks.mkdir(parents=True, exist_ok=True)
    chunk_file(request.files, FOUND, request.frames).touch()
    with (tracks / "log").open("a") as stream:
        stream.write(f"{request.number}\n")
    return AnalysedChunk(request.number, 1, 0)


def link_tracks(request: LinkTracks, context: TaskContext) -> VideoAnalysis:
    for frames in request.chunks:
        chunk_file(request.files, LINKED, frames).touch()
    summary_file(request.files).touch()
    return VideoAnalysis(request.chunks[-1].end)


def check_chunks(request: CheckChunks, context: TaskContext) -> RenderedChunks:
    there = [(number, frames) for number, frames in request.chunks if Path(chunk_path(request.folder, number)).exists()]
    return RenderedChunks(tuple(RenderedChunk(number, len(frames), 100, similarity=0.5) for number, frames in there))


def render_chunks(request: RenderChunks, context: TaskContext) -> RenderedChunks:
    recipe = request.recipe
    pace = Path(recipe.consent_note) / "pace"
    pause = float(pace.read_text()) if pace.exists() else 0.0
    made = []
    for place, (number, frames) in enumerate(request.chunks):
        if takes(recipe, f"crash-{number}"):
            os.abort()
        if takes(recipe, f"lost-{number}"):
            chunk_file(request.files, LINKED, frames).unlink()
            raise tracks_missing()
        if takes(recipe, f"full-{number}"):
            raise storage_error(request.chunk_path(number), OSError(errno.ENOSPC, "full"))
        if takes(recipe, f"change-{number}"):
            Path(recipe.media.path).write_bytes(b"another one")
        for frame in range(len(frames)):
            time.sleep(pause)
            context.report(place / len(request.chunks), "render", frame + 1)
        if fingerprint(recipe.media.path) != recipe.media.fingerprint:
            # As real rendering does: a chunk counts only if the original is still the same afterwards.
            raise refusals.not_a_video(recipe.media.path)
        if request.picture_path:
            Path(request.picture_path).write_bytes(b"a picture")
        Path(request.chunk_path(number)).write_bytes(b"c" * 99 + bytes([number]))
        log(recipe, f"rendered {number} of {len(request.chunks)} by {os.getpid()}")
        if takes(recipe, f"untold-{number}"):
            os.abort()
        chunk = RenderedChunk(number, len(frames), 100, faded=1, unreadable=number % 2, similarity=0.5)
        made.append(chunk)
        context.report((place + 1) / len(request.chunks), "render", chunk)
    return RenderedChunks(tuple(made))


def render_on_cluster(request: RenderOnCluster, context: TaskContext) -> RenderedChunks:
    log(request.render.recipe, f"cluster {request.address} {request.tls_ca}")
    return render_chunks(replace(request.render), context)


def join_chunks(request: JoinChunks, context: TaskContext) -> JoinedVideo:
    context.report(0.5, "join")
    for number, _ in request.chunks:
        if takes(request.recipe, f"damaged-{number}"):
            Path(chunk_path(request.folder, number)).unlink()
            raise StorageError(message("A part is damaged."), kind="chunk-damaged")
    data = b"".join(Path(chunk_path(request.folder, number)).read_bytes()[-1:] for number, _ in request.chunks)
    path = Path(request.scratch_path + ".mp4")
    path.write_bytes(data)
    log(request.recipe, f"joined {len(request.chunks)} whole {request.is_whole}")
    digest = hashlib.sha256(data).hexdigest()
    return JoinedVideo(str(path), 64, 48, "MP4", len(data), digest, ("One subtitle track could not be kept.",))


def plan_output(request: PlanOutput, context: TaskContext) -> OutputPlan:
    return OutputPlan("MP4", ".mp4", bytes_per_second=1000.0)


def ping(request: object, context: TaskContext) -> object:
    return request


TASKS = {
    task.__name__: task
    for task in (
        index_video,
        analyse_chunk,
        link_tracks,
        check_chunks,
        render_chunks,
        render_on_cluster,
        join_chunks,
        plan_output,
        ping,
    )
}
