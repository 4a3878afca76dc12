"""The visible label: what it costs per picture and per frame, in CPU time of one core."""

from __future__ import annotations

import time
from collections.abc import Callable
from fractions import Fraction

import av
import numpy as np

from faceswap_desktop.domain.geometry import Size
from faceswap_desktop.domain.recipe import LabelOptions, OutputOptions
from faceswap_desktop.domain.video import ColourTags
from faceswap_desktop.media.label import boxes_of, corner_for, draw_label, lay_on
from faceswap_desktop.media.label_texts import Changes
from faceswap_desktop.media.video.label import FrameLabel, labelled
from faceswap_desktop.media.video.settings import SourcePicture, encode_settings
from tests.benchmarks.table import Row, median

FRAME_BUDGET_MS = 0.3
PICTURE_BUDGET_MS = 20.0
_TIMES = 60


def rows() -> list[Row]:
    """Measure drawing and laying on, pictures and frames."""
    found = []
    photo, options = Size(4000, 3000), LabelOptions()
    pixels = np.full((photo.height, photo.width, 3), 128, np.uint8)

    def whole() -> None:
        draw_label.cache_clear()
        label = draw_label(options, photo, Changes())
        assert label is not None
        lay_on(pixels, None, label, corner_for(photo, label, boxes_of([]), options.corner), None)

    found.append(Row("Label drawn and laid on a photo of 12 MP", _ms(whole, 10), PICTURE_BUDGET_MS, "ms"))
    for title, size, pixel_format, transfer, budget in (
        ("720p", Size(1280, 720), "yuv420p", "bt709", FRAME_BUDGET_MS),
        ("2160p", Size(3840, 2160), "yuv420p", "bt709", None),
        ("720p, 10 bits, HDR", Size(1280, 720), "yuv420p10le", "smpte2084", None),
    ):
        frame, on, settings = _frame(size, pixel_format, transfer)

        def one(frame: av.VideoFrame = frame, on: FrameLabel = on, settings: object = settings) -> None:
            labelled(frame, on, 0, settings)  # type: ignore[arg-type]

        found.append(Row(f"Label laid on a frame of {title}", _ms(one, _TIMES), budget, "ms"))
    return found


def _frame(size: Size, pixel_format: str, transfer: str) -> tuple[av.VideoFrame, FrameLabel, object]:
    tick = Fraction(1, 30)
    colour = ColourTags("tv", "bt709", transfer, "bt709")
    picture = SourcePicture(size.width, size.height, pixel_format, tick, tick, colour)
    grey = np.full((size.height, size.width, 3), 128, np.uint8)
    frame = av.VideoFrame.from_ndarray(grey, "rgb24").reformat(format=pixel_format)
    label = draw_label(LabelOptions(), size, Changes())
    assert label is not None
    spot = corner_for(size, label, boxes_of([]), LabelOptions().corner)
    return frame, FrameLabel(label, spot), encode_settings(OutputOptions(), picture)


def _ms(work: Callable[[], None], times: int) -> float:
    work()
    spent = []
    for _ in range(times):
        started = time.thread_time()
        work()
        spent.append((time.thread_time() - started) * 1000)
    return median(spent)
