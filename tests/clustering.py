"""A Dask scheduler and workers on loopback, and a video with a tracked face to render on them."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from faceswap_desktop.domain.errors import FaceSwapError
from faceswap_desktop.domain.faces import PhotoId, SourceFaceId
from faceswap_desktop.domain.recipe import FacePairing, OutputOptions, SourceRef, TargetFace, VideoQuality
from faceswap_desktop.domain.video import FrameRange, TrackPart
from faceswap_desktop.domain.work import VideoFiles
from faceswap_desktop.media.video.pixels import upright_rgb
from faceswap_desktop.media.video.reader import FrameReader
from faceswap_desktop.vision.analyse import analyse
from faceswap_desktop.vision.detect import detect
from faceswap_desktop.vision.mesh import fit_mesh
from faceswap_desktop.vision.tracking.slices import TrackSlice, make_run
from faceswap_desktop.workers.process import TaskContext
from faceswap_desktop.workers.read_tasks import index_of
from faceswap_desktop.workers.render_requests import RenderChunks, RenderOnCluster
from faceswap_desktop.workers.track_files import LINKED, chunk_file, write_track_file
from tests.clips import make_clip, one_person
from tests.joining import QuietContext, recipe_of
from tests.unit.workers.people import HOPPER, keep

ROOT = Path(__file__).parents[1]


def face_to_render(folder: Path, context: TaskContext, *, seconds: float = 1.6, chunk_s: float = 0.2) -> RenderChunks:
    """Make a clip of a face, follow it in every frame, and ask for it to be swapped."""
    clip = make_clip(folder / "clip.mp4", [one_person(seconds)], size=(240, 180)).path
    recipe = recipe_of(clip, OutputOptions(video_quality=VideoQuality.LOSSLESS))
    files = VideoFiles(str(folder / "cache"))
    index = index_of(recipe.media, files)
    points = []
    with FrameReader(clip, index, threads=1) as reader:
        for number, frame in reader.frames(FrameRange(0, len(index))):
            assert frame is not None
            picture = upright_rgb(frame, 0)
            mesh = fit_mesh(picture, detect(picture)[0])
            assert mesh is not None, number
            points.append(mesh.points)
    flat = np.zeros(len(index), np.float32)
    run = make_run(0, 0, np.array(points, np.float32), flat + 1, flat, flat, flat, flat > 1)
    whole = FrameRange(0, len(index))
    write_track_file(chunk_file(files, LINKED, whole), TrackSlice(whole, (run,)).pack())
    (folder / "source").mkdir()
    source = keep(HOPPER, folder / "source", context)
    face = analyse(upright_rgb(_first(clip, index), 0))[0]
    target = TargetFace(0, face.box, face.five_points, 0, (TrackPart(whole, 0),))
    pairing = FacePairing(target, SourceRef(SourceFaceId("them"), "Them", (PhotoId("photo"),)))
    (folder / "chunks").mkdir()
    return RenderChunks(
        recipe=replace(recipe, pairings=(pairing,)),
        sources={SourceFaceId("them"): source.files},
        files=files,
        chunks=tuple(enumerate(index.times.chunks(whole, chunk_s))),
        folder=str(folder / "chunks"),
        picture_path="",
        max_pixels=10**8,
    )


def _first(path: Path, index: Any) -> Any:
    with FrameReader(path, index, threads=1) as reader:
        return reader.frame(0)


@dataclass
class Cluster:
    """Processes of a scheduler and its workers."""

    address: str
    scheduler: subprocess.Popen[bytes]
    workers: list[subprocess.Popen[bytes]]


def _start(*arguments: str, log: Path) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    with log.open("wb") as stream:
        return subprocess.Popen(
            [sys.executable, "-m", *arguments], stdout=stream, stderr=stream, cwd=log.parent, env=environment
        )


@contextmanager
def cluster(folder: Path, workers: int, *, options: Sequence[str] = ()) -> Iterator[Cluster]:
    """Start a scheduler and workers of one thread each; whatever happens, none of them is left."""
    told = folder / "scheduler.json"
    address = ["--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(told)]
    scheduler = _start("distributed.cli.dask_scheduler", *address, *options, log=folder / "scheduler.log")
    started: list[subprocess.Popen[bytes]] = []
    try:
        wait_until(told.exists, scheduler, folder / "scheduler.log")
        for number in range(workers):
            own = ["--scheduler-file", str(told), "--host", "127.0.0.1", "--nthreads", "1", "--no-nanny"]
            own += ["--no-dashboard", "--name", f"worker-{number}", "--local-directory", str(folder / f"w{number}")]
            started.append(_start("distributed.cli.dask_worker", *own, *options, log=folder / f"worker-{number}.log"))
        yield Cluster(json.loads(told.read_text())["address"], scheduler, started)
    finally:
        for process in (*started, scheduler):
            process.kill()
            process.wait(timeout=20)


def wait_until(check: Any, process: subprocess.Popen[bytes], log: Path, seconds: float = 60.0) -> None:
    """Wait until something is so; fail early where the process has ended."""
    end = time.monotonic() + seconds
    while not check():
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < end, log.read_text()
        time.sleep(0.05)


def client(folder: Path, request: RenderOnCluster) -> subprocess.Popen[str]:
    """Run the task in a process of its own; it prints a line for every chunk, and what it ended with."""
    asked = folder / "request.pickle"
    asked.write_bytes(pickle.dumps(request))
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [sys.executable, "-m", "tests.clustering", str(asked)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=environment,
    )


class _Telling(QuietContext):
    def report(self, fraction: float, step: str, payload: object | None = None) -> None:
        del fraction, step
        if payload is not None:
            print(f"chunk {getattr(payload, 'number', '')}", flush=True)


def main() -> int:
    from faceswap_desktop.workers import cluster as tasks

    request: RenderOnCluster = pickle.loads(Path(sys.argv[1]).read_bytes())
    tasks.NO_WORKERS_S = 3.0  # type: ignore[misc]
    tasks.CONNECT_S = 5.0  # type: ignore[misc]
    telling: Any = _Telling()
    try:
        reply = tasks.render_on_cluster(request, telling)
    except FaceSwapError as error:
        print(f"failed {type(error).__name__} {error.kind}: {error}", flush=True)
        return 1
    print(f"done {[chunk.number for chunk in reply.chunks]}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
