"""Frames as pictures for the screen and for analysis: upright, sRGB, 8 bits."""

from __future__ import annotations

import functools
import threading
from typing import Final

import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]

_TURNS: Final = {90: 3, 180: 2, 270: 1}
"""Quarter turns against the clock, as NumPy counts them, for a rotation with the clock."""
_HLG: Final = 18  # by the numbers of ITU-T H.273
_HDR: Final = frozenset({16, _HLG})
_BT2020: Final = frozenset({9, 10})
_MATRICES: Final = {1: Colorspace.ITU709, 4: Colorspace.FCC, 7: Colorspace.SMPTE240M} | dict.fromkeys(
    _BT2020, Colorspace.BT2020
)
_HD_HEIGHT: Final = 720
_local = threading.local()


def upright_rgb(frame: VideoFrame, rotation: int, max_edge: int | None = None, *, threads: int = 1) -> Pixels:
    """Convert a frame for the screen or for a checkpoint.

    Its own matrix and range are used (``matrix_of``, ``is_full_range``). PQ and HLG are mapped to sRGB so that faces
    can be seen well; their highlights are compressed.

    Args:
        frame: As ``FrameReader`` gives it.
        rotation: Degrees by which it has to be turned with the clock: ``VideoFacts.rotation``.
        max_edge: Longest side of the result in pixels; larger frames are scaled down. None for all pixels.
        threads: For scaling; 0 for one per core.

    Returns:
        uint8 (H, W, 3), RGB, contiguous.
    """
    width, height = fitted(frame.width, frame.height, max_edge)
    shown = rgb_of(frame, width, height, threads=threads)
    return np.ascontiguousarray(np.rot90(shown, _TURNS.get(rotation % 360, 0)), dtype=np.uint8)


def rgb_of(frame: VideoFrame, width: int, height: int, *, threads: int = 1) -> Pixels:
    """Convert a frame like ``upright_rgb``, to a size, and as it is coded: not turned.

    Args:
        frame: As the decoder gives it.
        width: Of the result, pixels.
        height: Likewise.
        threads: For scaling; 0 for one per core.

    Returns:
        uint8 (height, width, 3), RGB, contiguous.
    """
    is_hdr = frame.color_trc in _HDR
    converted = _converter().reformat(
        frame,
        width,
        height,
        "rgb48le" if is_hdr else "rgb24",
        src_colorspace=matrix_of(frame),
        dst_colorspace=Colorspace.ITU709,
        interpolation=_scaling(frame, width, is_hdr=is_hdr),
        src_color_range=ColorRange.JPEG if is_full_range(frame) else ColorRange.MPEG,
        dst_color_range=ColorRange.JPEG,
        threads=threads,
    )
    pixels = converted.to_ndarray()
    shown = tone_mapped(pixels.astype(np.uint16, copy=False), frame.color_trc) if is_hdr else pixels
    return np.ascontiguousarray(shown, dtype=np.uint8)


def fitted(width: int, height: int, max_edge: int | None) -> tuple[int, int]:
    """Return a size whose longer side is at most ``max_edge``, each side at least one pixel."""
    scale = min(1.0, max_edge / max(width, height)) if max_edge else 1.0
    return max(1, round(width * scale)), max(1, round(height * scale))


def matrix_of(frame: VideoFrame) -> Colorspace:
    """Return the matrix with which a frame's colours are to be read; where it says nothing, its size tells."""
    known = _MATRICES.get(frame.colorspace)
    if known is not None:
        return known
    is_silent = frame.colorspace in {0, 2}  # RGB has none
    return Colorspace.ITU709 if is_silent and frame.height >= _HD_HEIGHT else Colorspace.ITU601


def is_full_range(frame: VideoFrame) -> bool:
    """Whether black is 0 and white the largest value; so it is in RGB and in the formats of JPEG."""
    if frame.format.is_rgb or frame.format.name.startswith("yuvj"):
        return True
    return frame.color_range == ColorRange.JPEG


def tone_mapped(pixels: NDArray[np.uint16], transfer: int) -> Pixels:
    """Map PQ or HLG in BT.2020 to sRGB.

    Light is scaled so that 203 cd/m² (white of graphics in ITU-R BT.2408) is a light grey; what is brighter is
    compressed towards white. uint16 (H, W, 3) gives uint8 (H, W, 3).
    """
    linear: NDArray[np.float32] = _light_of(transfer)[pixels] @ _TO_709.T
    np.maximum(linear, 0.0, out=linear)
    # Ten times as quick as ``max(axis=2)``.
    brightest = np.maximum(np.maximum(linear[..., 0], linear[..., 1]), linear[..., 2])
    linear *= ((1 + brightest / _PEAK**2) / (1 + brightest))[..., np.newaxis]
    steps = np.minimum(linear, 1.0) * _SRGB_STEPS
    return np.asarray(_srgb().take(steps.astype(np.uint16)), np.uint8)


_EXPOSURE: Final = 1.5
_PEAK: Final = 8.0
_SRGB_STEPS: Final = 4095
# BT.2020 to BT.709 primaries (ITU-R BT.2087).
_TO_709: Final = np.array(
    [[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]], np.float32
)


@functools.cache
def _light_of(transfer: int) -> NDArray[np.float32]:
    """Return light by 16-bit value, in units of 203 cd/m² times the exposure; ITU-R BT.2100."""
    value = np.linspace(0.0, 1.0, 65536)
    if transfer == _HLG:
        a, b, c = 0.17883277, 0.28466892, 0.55991073
        scene = np.where(value <= 0.5, value * value / 3, (np.exp((value - c) / a) + b) / 12)
        nits = 1000 * scene**1.2
    else:
        power = value ** (1 / 78.84375)
        nits = 10000 * (np.maximum(power - 0.8359375, 0) / (18.8515625 - 18.6875 * power)) ** (1 / 0.1593017578125)
    return (nits / 203 * _EXPOSURE).astype(np.float32)


@functools.cache
def _srgb() -> Pixels:
    light = np.linspace(0.0, 1.0, _SRGB_STEPS + 1)
    value = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    return (value * 255 + 0.5).astype(np.uint8)


def _scaling(frame: VideoFrame, width: int, *, is_hdr: bool) -> Interpolation:
    way = Interpolation.AREA if width < frame.width else Interpolation.BILINEAR
    if is_hdr or frame.format.components[0].bits <= 8:
        return way
    # The quick way from 10 bits to 8 is off by up to 4; to 16 bits it is right, and this one is not.
    return way | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INT


def _converter() -> VideoReformatter:
    """Return this thread's converter: it keeps its tables from frame to frame."""
    if not hasattr(_local, "converter"):
        _local.converter = VideoReformatter()
    converter: VideoReformatter = _local.converter
    return converter
