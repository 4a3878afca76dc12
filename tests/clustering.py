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
from typing import Any, Self

import numpy as np

from faceswap_desktop.domain.errors import FaceSwapError
from faceswap_desktop.domain.faces import PhotoId, SourceFaceId
from faceswap_desktop.domain.recipe import FacePairing, LabelOptions, OutputOptions, SourceRef, TargetFace, VideoQuality
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
from faceswap_desktop.workers.wire import Raised, read_message, write_message
from tests.clearing import cleared
from tests.clips import make_clip, one_person
from tests.joining import QuietContext, recipe_of
from tests.unit.workers.people import HOPPER, keep

ROOT = Path(__file__).parents[1]


def face_to_render(folder: Path, context: TaskContext, *, seconds: float = 0.8, chunk_s: float = 0.1) -> RenderChunks:
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
        # With a label, in letters that only we bring along: what is drawn goes to the workers.
        cleared=cleared(replace(recipe, pairings=(pairing,), label=LabelOptions(language="ja"))),
        sources={SourceFaceId("them"): source.files},
        files=files,
        chunks=tuple(enumerate(index.times.chunks(whole, chunk_s))),
        folder=str(folder / "chunks"),
        picture_path=str(folder / "last.jpg"),
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
    folder: Path
    tls: tuple[str, ...]

    def add_worker(self) -> None:
        """Start another worker."""
        number = len(self.workers)
        own = ["--scheduler-file", str(self.folder / "scheduler.json"), "--host", "127.0.0.1", "--nthreads", "1"]
        own += ["--no-nanny", "--no-dashboard", "--name", f"worker-{number}"]
        own += ["--local-directory", str(self.folder / f"w{number}")]
        log = self.folder / f"worker-{number}.log"
        self.workers.append(_start("distributed.cli.dask_worker", *own, *self.tls, log=log))


def _start(*arguments: str, log: Path) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    with log.open("wb") as stream:
        return subprocess.Popen(
            [sys.executable, "-m", *arguments], stdout=stream, stderr=stream, cwd=log.parent, env=environment
        )


@contextmanager
def cluster(folder: Path, workers: int, *, tls: Sequence[str] = ()) -> Iterator[Cluster]:
    """Start a scheduler and workers of one thread each; whatever happens, none of them is left."""
    told = folder / "scheduler.json"
    address = ["--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(told)]
    address += ["--protocol", "tls"] if tls else []
    scheduler = _start("distributed.cli.dask_scheduler", *address, *tls, log=folder / "scheduler.log")
    running = Cluster("", scheduler, [], folder, tuple(tls))
    try:
        wait_until(lambda: told.exists() and told.read_text().endswith("}"), scheduler, folder / "scheduler.log")
        running.address = json.loads(told.read_text())["address"]
        for _ in range(workers):
            running.add_worker()
        yield running
    finally:
        for process in (*running.workers, scheduler):
            process.kill()
            process.wait(timeout=20)


def wait_until(check: Any, process: subprocess.Popen[bytes], log: Path, seconds: float = 60.0) -> None:
    """Wait until something is so; fail early where the process has ended."""
    end = time.monotonic() + seconds
    while not check():
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < end, log.read_text()
        time.sleep(0.05)


class Runner:
    """Runs the task in a process of its own, so that nothing of Dask is left in the tests'."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._asked = 0
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.clustering"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.process.kill()
        self.process.communicate(timeout=20)

    def ask(self, request: RenderOnCluster, version: str = "") -> None:
        """Begin; ``version`` is that of the program, if it shall be another one."""
        self._asked += 1
        asked = self._folder / f"request-{self._asked}.pickle"
        asked.write_bytes(pickle.dumps(request))
        assert self.process.stdin is not None
        self.process.stdin.write(f"{asked}|{version}\n")
        self.process.stdin.flush()

    def line(self) -> str:
        """Return what it says next: ``chunk 3``, ``done [0, 1]`` or ``failed Kind kind: sentence``."""
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def end(self) -> str:
        """Return what it ends with."""
        while (said := self.line()).startswith("chunk"):
            pass
        return said


class _Telling(QuietContext):
    def report(self, fraction: float, step: str, payload: object | None = None) -> None:
        del fraction, step
        if payload is not None:
            print(f"chunk {getattr(payload, 'number', '')}", flush=True)


def main() -> int:
    """Do what is asked, line by line."""
    from faceswap_desktop.workers import cluster as tasks
    from faceswap_desktop.workers import cluster_connection

    # Patience for tests, not for people.
    vars(tasks).update(NO_WORKERS_S=2.0, LOST_S=6.0)
    vars(cluster_connection).update(CONNECT_S=10.0)
    own = tasks.versions_here
    for line in sys.stdin:
        path, _, other = line.strip().partition("|")
        changed = {"Faceswap Desktop": other} if other else {}
        vars(tasks).update(versions_here=lambda changed=changed: own() | changed)
        request: RenderOnCluster = pickle.loads(Path(path).read_bytes())
        telling: Any = _Telling()
        try:
            reply = tasks.render_on_cluster(request, telling)
        except FaceSwapError as raised:
            # As the window's process hears of it.
            heard = read_message(write_message(Raised(1, raised)))
            assert isinstance(heard, Raised)
            error = heard.error
            print(f"failed {type(error).__name__} {error.kind}: {error} {error.hint}", flush=True)
        else:
            print(f"done {[chunk.number for chunk in reply.chunks]}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
