"""Marks: what writing them into files costs, and how long a copy is looked for among very many results."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from faceswap_desktop.domain.provenance import SourceType
from faceswap_desktop.media.picture import open_upright
from faceswap_desktop.provenance.recognise import marks_of, match
from faceswap_desktop.provenance.xmp import Marks, write_marks
from tests.benchmarks.material import photo_of_12_megapixels
from tests.benchmarks.table import Row, median
from tests.numbered import write_numbered

_TIMES: Final = 9
_VIDEO_BYTES: Final = 14_000_000
_RESULTS: Final = 100_000
_MARKS: Final = Marks(SourceType.AI_COMPOSITE.uri, "Faceswap Desktop", "Faces were changed with AI.")
_HOW: Final = f"median of {_TIMES}, file to file, flushed to the disk"


def rows() -> list[Row]:
    """Measure a photo, a video, and one copy among a hundred thousand results."""
    with tempfile.TemporaryDirectory() as folder:
        photo = photo_of_12_megapixels(Path(folder))
        video = write_numbered(Path(folder) / "a.mp4", 50)
        with video.open("ab") as stream:  # as many bytes as a minute has; nothing of them is looked at
            rest = _VIDEO_BYTES - video.stat().st_size
            stream.write(rest.to_bytes(4, "big") + b"mdat" + bytes(rest - 8))
        return [
            Row("write marks into a 12-megapixel JPEG", _ms(lambda: _mark(photo)), 30, "ms", _HOW),
            Row("write marks into a 14 MB MP4", _ms(lambda: _mark(video)), 60, "ms", _HOW),
            _look_up(photo),
        ]


def _mark(path: Path) -> None:
    write_marks(path, path.with_stem("marked"), _MARKS)


def _look_up(photo: Path) -> Row:
    result = cv2.resize(open_upright(photo).pixels, (1280, 960), interpolation=cv2.INTER_AREA).astype(np.uint8)
    original = result.copy()
    original[300:600, 500:800] = cv2.GaussianBlur(original[300:600, 500:800], (0, 0), 25)
    packed = marks_of([result], [original], [(0.35, 0.25, 0.7, 0.7)])
    dice = np.random.default_rng(1)
    crowd = [packed[:2] + dice.bytes(8) + packed[10:] for _ in range(_RESULTS)]
    crowd.append(packed)
    found = match([result], crowd)
    assert found is not None
    assert found.index == _RESULTS
    return Row(
        "find a copy among 100,000 results",
        _ms(lambda: match([result], crowd)),
        100,
        "ms",
        f"median of {_TIMES}, the copy being decoded already",
    )


def _ms(work: Callable[[], object]) -> float:
    times = []
    for _ in range(_TIMES):
        started = time.perf_counter()
        work()
        times.append((time.perf_counter() - started) * 1000)
    return median(times)
