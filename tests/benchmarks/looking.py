"""Looking for what is refused: what a look takes, and its share of the passes in which it happens."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image

from faceswap_desktop.domain.video import FrameRange
from faceswap_desktop.vision.arrays import Picture
from faceswap_desktop.vision.checkpoints import set_threads
from faceswap_desktop.vision.sensitive import look_at_frame, look_at_picture, score
from faceswap_desktop.workers.analysis_tasks import analyse_chunk
from faceswap_desktop.workers.process import TaskContext
from faceswap_desktop.workers.render_requests import RenderChunks
from faceswap_desktop.workers.render_tasks import render_chunks
from faceswap_desktop.workers.shared import BlockNames, PixelSender
from faceswap_desktop.workers.video_requests import AnalyseChunk
from faceswap_desktop.workers.wire import WorkerSetup
from tests.benchmarks.material import COLLINS, photo_of_12_megapixels
from tests.benchmarks.table import Row, median
from tests.clearing import cleared
from tests.clips import Coding, Place, make_clip, one_person, swaying
from tests.followed import MAX_PIXELS, Followed, followed

_ROUNDS: Final = 9
_SIZE: Final = (1280, 720)
_SECONDS: Final = 6.0
_CHUNK: Final = 60
_CASES: Final = (("a face of 300 px", 300, 15.0, 10.0), ("a face of 50 px, so its body too", 50, 25.0, 15.0))
"""Words, pixels of 720, and budgets in percent: of the analysis, and of rendering."""
_LIKE_A_CAMERA: Final = Coding(options={"preset": "veryfast", "crf": "20", "threads": "1"}, key_every=60)


def rows() -> list[Row]:
    """Measure single looks, and the shares of analysing and of rendering."""
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
        os.environ[name] = "1"
    set_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        return [*_looks(Path(folder)), *_shares(Path(folder))]


def _looks(folder: Path) -> list[Row]:
    small = _opened(COLLINS)
    large = _opened(photo_of_12_megapixels(folder))
    frame = np.asarray(Image.fromarray(large).resize(_SIZE))
    remark = f"processor time, median of {_ROUNDS}"
    return [
        Row("one view through the network, 1280 × 720", _milliseconds(partial(score, frame)), None, "ms", remark),
        Row(
            "look at a frame, 1280 × 720, one person", _milliseconds(partial(look_at_frame, frame)), None, "ms", remark
        ),
        Row("look at a picture of 512 pixels", _milliseconds(partial(look_at_picture, small)), None, "ms", remark),
        Row("look at a picture of 12 megapixels", _milliseconds(partial(look_at_picture, large)), 400.0, "ms", remark),
    ]


def _shares(folder: Path) -> list[Row]:
    found: list[Row] = []
    for what, face, of_analysis, of_rendering in _CASES:
        place = folder / str(face)
        place.mkdir()
        scene = one_person(_SECONDS, "collins", swaying(Place(0.5, 0.3, face / _SIZE[1]), 0.1, 4.0))
        clip = make_clip(place / "clip.mp4", [scene], size=_SIZE, coding=_LIKE_A_CAMERA)
        context = _context(place)
        one = followed(clip, place, context, {"collins": "hopper"})
        rendering = _of_rendering(one, place, context)
        analysis = _of_analysis(one, context)
        remark = f"30 frames per second, {what}"
        found += [
            Row("looking, share of the analysis", 100 * analysis, of_analysis, "%", remark),
            Row("looking, share of rendering", 100 * rendering, of_rendering, "%", remark),
        ]
    return found


def _of_analysis(one: Followed, context: TaskContext) -> float:
    look = whole = 0.0
    for place, (number, frames) in enumerate(_chunks(one)):
        timings = analyse_chunk(AnalyseChunk(one.media, one.files, number, frames), context).timings
        if place:  # the first opens the networks
            look, whole = look + timings["look"], whole + timings["all"]
    return look / whole


def _of_rendering(one: Followed, place: Path, context: TaskContext) -> float:
    request = RenderChunks(cleared(one.recipe), one.sources, one.files, _chunks(one), str(place), "", MAX_PIXELS)
    done = [chunk.timings for chunk in render_chunks(request, context).chunks[1:]]
    return sum(one["look"] for one in done) / sum(sum(one.values()) for one in done)


def _chunks(one: Followed) -> tuple[tuple[int, FrameRange], ...]:
    return one.chunks(*range(_CHUNK, one.clip.frames, _CHUNK))


def _opened(path: Path) -> Picture:
    with Image.open(path) as opened:
        return np.array(opened.convert("RGB"))


def _milliseconds(work: Callable[[], object]) -> float:
    work()
    taken: list[float] = []
    for _ in range(_ROUNDS):
        start = time.process_time()
        work()
        taken.append(1000 * (time.process_time() - start))
    return median(taken)


def _context(folder: Path) -> TaskContext:
    sender = PixelSender(BlockNames(os.getpid(), 0))
    return TaskContext(lambda _: None, sender, WorkerSetup((), 1, 0, 0, str(folder / "scratch")), 0)
