"""Faces found in arrays, without files, processes or window: what the drop of a photo spends on vision itself."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image

from faceswap_desktop.vision.analyse import analyse
from faceswap_desktop.vision.arrays import Picture
from faceswap_desktop.vision.checkpoints import set_threads
from faceswap_desktop.vision.detect import detect
from tests.benchmarks.material import COLLINS, HOPPER, SIZE, photo_of_12_megapixels
from tests.benchmarks.table import Row, median

_ROUNDS: Final = 7
_THREADS: Final = 2
_GROUP: Final = (10, 5)
"""Columns and rows of people in the group photo."""
_GROUP_SCALE: Final = 0.66
"""Size of a sample in the group photo: faces of 75 and 140 px, side by side."""


def rows() -> list[Row]:
    """Measure detection alone, and everything that is known of the faces of a picture."""
    set_threads(_THREADS)
    found: list[Row] = []
    for name, picture, budget in _pictures():
        remark = f"{len(detect(picture))} found, {_THREADS} threads, median of {_ROUNDS}"
        measured = (
            ("detection", partial(detect, picture), budget),
            ("boxes, landmarks and grades", partial(analyse, picture, with_embeddings=False), None),
            ("the same with embeddings", partial(analyse, picture), None),
        )
        found += [Row(f"{what}, {name}", _milliseconds(work), most, "ms", remark) for what, work, most in measured]
    return found


def _pictures() -> list[tuple[str, Picture, float | None]]:
    """Return pictures with their names and, where there is one, the budget of detection in milliseconds."""
    with tempfile.TemporaryDirectory() as folder:
        portrait = _opened(photo_of_12_megapixels(Path(folder)))
    return [
        ("12 megapixels, one face", portrait, 120.0),
        ("12 megapixels, fifty faces", _group(), None),
        ("512 pixels, one face", _opened(COLLINS), None),
    ]


def _opened(path: Path) -> Picture:
    with Image.open(path) as opened:
        return np.array(opened.convert("RGB"))


def _group() -> Picture:
    """Paste fifty people in rows, with the grain of a camera."""
    scene = np.full((SIZE[1], SIZE[0], 3), 110, np.int16)
    for number in range(_GROUP[0] * _GROUP[1]):
        with Image.open((COLLINS, HOPPER)[number % 2]) as opened:
            size = round(opened.width * _GROUP_SCALE), round(opened.height * _GROUP_SCALE)
            small = opened.convert("RGB").resize(size, Image.Resampling.LANCZOS)
        x, y = (number % _GROUP[0]) * SIZE[0] // _GROUP[0], (number // _GROUP[0]) * SIZE[1] // _GROUP[1]
        part = scene[y : y + small.height, x : x + small.width]
        part[:] = np.asarray(small)[: part.shape[0], : part.shape[1]]
    grain = np.random.default_rng(1).normal(0, 4, scene.shape[:2]).astype(np.int16)
    noisy: Picture = np.clip(scene + grain[..., None], 0, 255).astype(np.uint8)
    return noisy


def _milliseconds(work: Callable[[], object]) -> float:
    """Return the median time of some rounds, after one that does not count."""
    work()
    times = []
    for _ in range(_ROUNDS):
        started = time.perf_counter()
        work()
        times.append((time.perf_counter() - started) * 1000)
    return median(times)
