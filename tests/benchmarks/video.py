"""Video from decoding to encoding: frames per second on two workers, where the time goes, and memory over ten minutes.

Two processes of one thread each, as the program runs them on two cores, render chunks of a clip of 1280 × 720 pixels
with one face of 300. The same is done without changing anything, as a measure of the machine.
"""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import tempfile
import time
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final

import numpy as np
import psutil

from faceswap_desktop.domain.video import FrameRange
from faceswap_desktop.media.video.encode import ChunkEncoder
from faceswap_desktop.media.video.reader import FrameReader
from faceswap_desktop.vision.tracking.slices import TrackRun, TrackSlice
from faceswap_desktop.workers.analysis_tasks import analyse_chunk
from faceswap_desktop.workers.process import TaskContext
from faceswap_desktop.workers.read_tasks import index_of
from faceswap_desktop.workers.render_requests import RenderChunks, RenderedChunk
from faceswap_desktop.workers.render_tasks import render_chunks
from faceswap_desktop.workers.shared import BlockNames, PixelSender
from faceswap_desktop.workers.track_files import LINKED, chunk_file, write_track_file
from faceswap_desktop.workers.video_requests import AnalyseChunk
from faceswap_desktop.workers.wire import WorkerSetup
from faceswap_desktop.workers.work_maker import WorkMaker
from tests.benchmarks.table import Row
from tests.clearing import cleared
from tests.clips import Clip, Coding, Place, make_clip, one_person, swaying
from tests.followed import MAX_PIXELS, Followed, followed, tracks_of

SIZE: Final = (1280, 720)
FACE_PX: Final = 300
BUDGET_MS: Final = 1000 / 30
MEMORY_BUDGET_MB: Final = 700.0
_SECONDS: Final = 8.0
_CHUNK: Final = 60
_LONG_MINUTES: Final = 10
_LONG_CHUNKS: Final = 12
_LIKE_A_CAMERA: Final = Coding(options={"preset": "veryfast", "crf": "20", "threads": "1"}, key_every=60)


def rows() -> list[Row]:
    """Measure rendering, the bare loop, analysis and memory."""
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
        os.environ[name] = "1"
    with tempfile.TemporaryDirectory() as folder:
        found = _speed(Path(folder) / "speed")
        return found + _memory(Path(folder) / "memory")


# --------------------------------------------------------------------------------------------------------------- speed


@dataclass(frozen=True)
class _Order:
    """What a worker is to do: render chunks, or only decode and encode them."""

    one: Followed
    chunks: tuple[tuple[int, FrameRange], ...]
    folder: str
    is_bare: bool


def _speed(folder: Path) -> list[Row]:
    # The detector's box is a little higher than the mesh.
    place = Place(0.5, 0.5, FACE_PX / SIZE[1] * 1.04)
    folder.mkdir()
    scene = one_person(_SECONDS, "collins", swaying(place, 0.1, 4.0))
    clip = make_clip(folder / "clip.mp4", [scene], size=SIZE, coding=_LIKE_A_CAMERA)
    context = _context(folder)
    one = followed(clip, folder, context, {"collins": "hopper"})
    chunks = one.chunks(*range(_CHUNK, clip.frames, _CHUNK))
    bare, bare_processor, _ = _on_two_workers(one, chunks, folder, is_bare=True)
    milliseconds, processor, stages = _on_two_workers(one, chunks, folder, is_bare=False)
    analysis = _analysis(one, chunks, context)
    box = tracks_of(clip, "collins").runs[0].at(0).points[:468]
    face = f"face of {np.ptp(box[:, 0]):.0f} × {np.ptp(box[:, 1]):.0f} px"
    remark = f"{1000 / milliseconds:.0f} frames per second; {face}, two workers of one thread"
    found = [
        Row("video swap, 1280 × 720, decode to encode, per frame", milliseconds, BUDGET_MS, "ms", remark),
        Row("the same, processor time", processor, 2 * BUDGET_MS, "ms", "of both workers; hardly changes under load"),
        Row("the same without any change", bare, None, "ms", f"{1000 / bare:.0f} frames per second"),
        Row("the same without any change, processor time", bare_processor, None, "ms", "of both workers"),
        Row("analysis of the same clip, per frame", analysis, None, "ms", "one worker of one thread"),
    ]
    return found + [Row(f"video swap, {name}", value, None, "ms", "per frame, in one worker") for name, value in stages]


def _on_two_workers(
    one: Followed, chunks: tuple[tuple[int, FrameRange], ...], folder: Path, *, is_bare: bool
) -> tuple[float, float, list[tuple[str, float]]]:
    """Return milliseconds per frame of wall clock, of processor time, and of each of a worker's stages."""
    spawn = multiprocessing.get_context("spawn")
    workers: list[tuple[Any, Connection]] = []
    for number in range(2):
        ours, theirs = spawn.Pipe()
        own = folder / f"worker-{number}-{is_bare}"
        own.mkdir()
        share = tuple(chunk for place, chunk in enumerate(chunks) if place % 2 == number)
        process = spawn.Process(target=_work, args=(theirs, _Order(one, share, str(own), is_bare)))
        process.start()
        workers.append((process, ours))
    for _, pipe in workers:
        pipe.recv()  # warm
    started = time.perf_counter()
    for _, pipe in workers:
        pipe.send(None)
    replies: list[tuple[tuple[RenderedChunk, ...], float]] = [pipe.recv() for _, pipe in workers]
    taken = time.perf_counter() - started
    done = [chunk for chunks_of, _ in replies for chunk in chunks_of]
    processor = sum(seconds for _, seconds in replies)
    for process, _ in workers:
        process.join()
    frames = sum(len(frames) for _, frames in chunks)
    names = dict.fromkeys(name for chunk in done for name in chunk.timings)
    stages = [(name, 1000 * sum(chunk.timings.get(name, 0.0) for chunk in done) / frames) for name in names]
    return 1000 * taken / frames, 1000 * processor / frames, stages


def _work(pipe: Connection, order: _Order) -> None:
    """Warm up, say so, wait for the word, and work. The target of a spawned process."""
    context = _context(Path(order.folder))
    run = _bare if order.is_bare else _render
    first = (order.chunks[0][0], FrameRange(order.chunks[0][1].first, order.chunks[0][1].first + 8))
    run(replace(order, chunks=(first,)), context)
    pipe.send("warm")
    pipe.recv()
    started = time.process_time()
    done = run(order, context)
    pipe.send((done, time.process_time() - started))


def _render(order: _Order, context: TaskContext) -> tuple[RenderedChunk, ...]:
    one = order.one
    picture = str(Path(order.folder) / "last.jpg")
    request = RenderChunks(cleared(one.recipe), one.sources, one.files, order.chunks, order.folder, picture, MAX_PIXELS)
    return render_chunks(request, context).chunks


def _bare(order: _Order, context: TaskContext) -> tuple[RenderedChunk, ...]:
    del context
    one = order.one
    with FrameReader(one.clip.path, one.index, threads=1) as reader:
        settings = WorkMaker(one.recipe, one.sources, one.files, one.index, reader).settings
        for _, frames in order.chunks:
            encoder = ChunkEncoder(settings)
            for number, frame in reader.frames(frames):
                if frame is not None:
                    encoder.encode(frame, int(one.index.pts[number]))
            encoder.finish()
    return ()


def _analysis(one: Followed, chunks: tuple[tuple[int, FrameRange], ...], context: TaskContext) -> float:
    requests = [AnalyseChunk(one.media, one.files, number, frames) for number, frames in chunks]
    analyse_chunk(requests[0], context)
    started = time.perf_counter()
    for request in requests[1:]:
        analyse_chunk(request, context)
    return 1000 * (time.perf_counter() - started) / sum(len(request.frames) for request in requests[1:])


def _context(folder: Path) -> TaskContext:
    sender = PixelSender(BlockNames(os.getpid(), 0))
    return TaskContext(lambda _: None, sender, WorkerSetup((), 1, 0, 0, str(folder / "scratch")), 0)


# -------------------------------------------------------------------------------------------------------------- memory


def _memory(folder: Path) -> list[Row]:
    """Render chunks from the beginning to the end of ten minutes of 1080p in a process of its own."""
    folder.mkdir()
    place = Place(0.5, 0.5, 0.4)
    short = make_clip(
        folder / "short.mp4",
        [one_person(2.0, "collins", swaying(place, 0.1, 2.0))],
        size=(1920, 1080),
        coding=_LIKE_A_CAMERA,
    )
    rounds = _LONG_MINUTES * 60 // 2
    path = folder / "long.mp4"
    command = ["ffmpeg", "-v", "error", "-nostdin", "-stream_loop", str(rounds - 1), "-i", str(short.path)]
    subprocess.run([*command, "-c", "copy", str(path)], check=True, timeout=120)
    frames = short.frames * rounds
    context = _context(folder)
    clip = Clip(path, short.size, (), short.truth * rounds)
    [run] = tracks_of(short, "collins").runs
    one = followed(clip, folder, context, {"collins": "hopper"}, tracks=TrackSlice(run.frames, (run,)))
    parts = tuple(
        replace(part, frames=FrameRange(0, frames)) for pairing in one.recipe.pairings for part in pairing.target.parts
    )
    [pairing] = one.recipe.pairings
    recipe = replace(one.recipe, pairings=(replace(pairing, target=replace(pairing.target, parts=parts)),))
    one = replace(one, recipe=recipe, index=index_of(one.media, one.files), clip=replace(clip, truth=()))
    for path in Path(one.files.tracks).iterdir():
        path.unlink()
    for start in range(0, frames, short.frames):
        moved = _moved(run, start)
        write_track_file(chunk_file(one.files, LINKED, moved.frames), TrackSlice(moved.frames, (moved,)).pack())
    step = max(1, rounds // _LONG_CHUNKS)
    chunks = tuple((n, FrameRange(n * _CHUNK, (n + 1) * _CHUNK)) for n in range(0, rounds, step))
    spawn = multiprocessing.get_context("spawn")
    ours, theirs = spawn.Pipe()
    process = spawn.Process(target=_watched, args=(theirs, _Order(one, chunks, str(folder), False)))
    process.start()
    levels: list[float] = ours.recv()
    process.join()
    early, late = max(levels[1:4]), max(levels[-3:])
    return [
        Row("memory of a worker, 1920 × 1080", max(levels), MEMORY_BUDGET_MB, "MB", "resident, after each chunk"),
        Row(
            "its growth over a clip of ten minutes",
            late - early,
            40.0,
            "MB",
            f"{len(levels)} chunks of two seconds from beginning to end; at first {early:.0f} MB",
        ),
    ]


def _moved(run: TrackRun, by: int) -> TrackRun:
    return replace(run, frames=FrameRange(run.frames.first + by, run.frames.end + by))


def _watched(pipe: Connection, order: _Order) -> None:
    """Render one chunk after the other, and say how much memory there is after each."""
    context, this = _context(Path(order.folder)), psutil.Process()
    levels = []
    for chunk in order.chunks:
        _render(replace(order, chunks=(chunk,)), context)
        levels.append(this.memory_info().rss / 2**20)
    pipe.send(levels)
