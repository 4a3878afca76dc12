"""A piece of a decoded frame as upright RGB, and a change to it put back, without touching any other sample.

Only what a face covers is turned from YUV to RGB, with the stream's own matrix and range. What comes back is a change,
not a picture: it is turned to YUV by the same matrix and added to the samples that are there. So what did not change
stays bit for bit what was decoded, and ten bits stay ten.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from faceswap_desktop.domain.geometry import Size
from faceswap_desktop.domain.video import ColourTags
from faceswap_desktop.media.video import hdr

Bytes = NDArray[np.uint8]
Array = NDArray[np.float32]
Samples = NDArray[Any]

_SHARES: Final[dict[str, tuple[float, float]]] = {
    "bt709": (0.2126, 0.0722),
    "bt470bg": (0.299, 0.114),
    "smpte170m": (0.299, 0.114),
    "fcc": (0.30, 0.11),
    "smpte240m": (0.212, 0.087),
    "bt2020nc": (0.2627, 0.0593),
    "bt2020c": (0.2627, 0.0593),
}
"""Of each matrix the shares of red and blue in luma (ITU-R BT.601, BT.709, BT.2020; SMPTE 240M; FCC 1953)."""
_HIGH_DEFINITION: Final = 720
"""Untagged frames whose shorter side has so many pixels are taken for BT.709, smaller ones for BT.601."""
_QUARTER_TURNS: Final = {0: 0, 90: 3, 180: 2, 270: 1}
"""Anticlockwise quarter turns, as NumPy counts, that set a picture upright which has to be turned clockwise."""


@dataclass(frozen=True, slots=True)
class _Format:
    """How a pixel format lays its samples.

    Attributes:
        bits: Per sample.
        lift: Samples are kept so many bits higher in their 16-bit words.
        right, down: Chroma samples stand for 2 ** right columns and 2 ** down rows.
        planes: Plane of luma, of U, of V; luma alone for grey.
        pair: Places of U and V in a plane that holds both; None where each has its own.
    """

    bits: int
    lift: int
    right: int
    down: int
    planes: tuple[int, ...]
    pair: tuple[int, int] | None

    @property
    def kind(self) -> type[np.uint8] | type[np.uint16]:
        return np.uint8 if self.bits == 8 else np.uint16


@cache
def _format_of(name: str) -> _Format | None:
    """Return how a format lays its samples; None where it is none that can be worked on in place."""
    known = av.VideoFormat(name, 64, 64)
    parts = [part for part in known.components if not part.is_alpha]
    packed = len(parts) == 3 and not known.is_planar
    if known.is_rgb or known.has_palette or known.is_big_endian or known.is_bit_stream or known.is_bayer or packed:
        return None
    if len(parts) not in {1, 3} or name.startswith(("xyz", "ya")) or not 8 <= parts[0].bits <= 16:
        return None
    lift = 16 - parts[0].bits if name[:2] in {"p0", "p2", "p4"} else 0
    if len(parts) == 1:
        return _Format(parts[0].bits, lift, 0, 0, (0,), None)
    right, down = (round(np.log2(64 / length)) for length in (parts[1].width, parts[1].height))
    planes = tuple(part.plane for part in parts)
    is_paired = planes[1] == planes[2]
    pair = ((1, 0) if name in {"nv21", "nv42"} else (0, 1)) if is_paired else None
    return _Format(parts[0].bits, lift, right, down, planes, pair)


def can_work_in(pixel_format: str) -> bool:
    """Tell whether frames of a pixel format can be changed in place; others have to be converted first."""
    return _format_of(pixel_format) is not None


@cache
def _matrices(shares: tuple[float, float], is_full: bool, bits: int) -> tuple[Array, Array]:
    """Return what turns samples into RGB of 0 to 255, (3, 4), and a change of that into one of the samples, (3, 3)."""
    red, blue = shares
    green = 1.0 - red - blue
    # Luma 0 to 1 and chroma -0.5 to 0.5 from red, green, blue of 0 to 1.
    forward = np.array(
        [
            [red, green, blue],
            [-red / (2 - 2 * blue), -green / (2 - 2 * blue), 0.5],
            [0.5, -green / (2 - 2 * red), -blue / (2 - 2 * red)],
        ]
    )
    top, unit = float((1 << bits) - 1), float(1 << (bits - 8))
    scale = np.array([top, top, top]) if is_full else np.array([219.0, 224.0, 224.0]) * unit
    zero = np.array([0.0 if is_full else 16.0 * unit, 128.0 * unit, 128.0 * unit])
    back = 255.0 * np.linalg.inv(forward) / scale
    to_rgb = np.concatenate([back, -(back @ zero)[:, None]], axis=1)
    return to_rgb.astype(np.float32), (forward * scale[:, None] / 255.0).astype(np.float32)


def _is_full(frame: av.VideoFrame, tags: ColourTags) -> bool:
    if frame.format.name.startswith("yuvj"):
        return True
    return tags.range in {"pc", "full", "jpeg"} or (not tags.range and int(frame.color_range) == 2)


def _shares_of(frame: av.VideoFrame, tags: ColourTags) -> tuple[float, float]:
    known = _SHARES.get(tags.matrix)
    if known is None:
        known = _SHARES["bt709" if min(frame.width, frame.height) >= _HIGH_DEFINITION else "smpte170m"]
    return known


def copied(frame: av.VideoFrame) -> av.VideoFrame:
    """Return a frame with the same samples, time and colour tags that shares no memory with this one."""
    copy = av.VideoFrame(frame.width, frame.height, frame.format.name)
    for old, new in zip(frame.planes, copy.planes, strict=True):
        source = np.frombuffer(memoryview(old), np.uint8)
        target = np.frombuffer(memoryview(new), np.uint8)
        if old.line_size == new.line_size:
            target[: len(source)] = source[: len(target)]
        else:
            width = min(old.line_size, new.line_size)
            rows = source[: old.line_size * old.height].reshape(old.height, old.line_size)
            target[: new.line_size * new.height].reshape(new.height, new.line_size)[:, :width] = rows[:, :width]
    copy.pts = frame.pts
    if frame.time_base is not None:
        copy.time_base = frame.time_base
    copy.colorspace, copy.color_range = frame.colorspace, frame.color_range
    copy.color_primaries, copy.color_trc = frame.color_primaries, frame.color_trc
    return copy


class FramePixels:
    """The samples of one decoded frame, seen and changed piece by piece, upright.

    Attributes:
        frame: The frame as it is by now. What was decoded stays as it is, for the decoder and whoever else looks at
            it: the first change makes a copy.
    """

    def __init__(self, frame: av.VideoFrame, rotation: int = 0, tags: ColourTags | None = None) -> None:
        """Look at a frame.

        Args:
            frame: Decoded; its format has to be one that ``can_work_in`` accepts.
            rotation: Degrees by which the coded picture has to be turned clockwise to stand upright.
            tags: How the stream says its colours are to be read; what it does not say is guessed from the size.

        Raises:
            ValueError: The format cannot be worked on in place.
        """
        layout = _format_of(frame.format.name)
        if layout is None:
            raise ValueError(f"{frame.format.name} cannot be worked on in place")
        self.frame = frame
        tags = tags or ColourTags()
        self._layout = layout
        self._turns = _QUARTER_TURNS[rotation % 360]
        self._to_rgb, self._to_yuv = _matrices(_shares_of(frame, tags), _is_full(frame, tags), layout.bits)
        self._curve = hdr.curve_of(tags.transfer)
        self._is_own = False

    @property
    def size(self) -> Size:
        """Width and height of the upright frame."""
        width, height = self.frame.width, self.frame.height
        return Size(height, width) if self._turns % 2 else Size(width, height)

    def rgb(self) -> Bytes:
        """Return the whole upright frame, (height, width, 3) uint8; of high dynamic range, a view for the screen."""
        return self.view(0, 0, *self.size)

    def view(self, left: int, top: int, right: int, bottom: int) -> Bytes:
        """Return a piece of the upright frame.

        Args:
            left: First column, in pixels of the upright frame.
            top: First row.
            right: The column behind the last.
            bottom: The row behind the last.

        Returns:
            (bottom - top, right - left, 3) uint8 RGB; of high dynamic range, a view for the screen.
        """
        upright = np.ascontiguousarray(np.rot90(self._coded(*self._coded_box(left, top, right, bottom)), self._turns))
        if upright.dtype == np.uint8:
            return upright
        shown = self._curve.to_view(upright) if self._curve is not None else upright
        return np.asarray(np.clip(np.rint(shown), 0, 255), dtype=np.uint8)

    def change(self, left: int, top: int, change: Array, before: Bytes | None = None) -> None:
        """Add a change to a piece of the upright frame.

        Args:
            left: First column of the piece.
            top: Its first row.
            change: (h, w, 3) float32, what is to be added to each of red, green, blue of 0 to 255. Samples whose change
                is 0 (of chroma: of all the pixels that share it) stay as they are.
            before: (h, w, 3) what ``view`` returned for this piece; needed for high dynamic range.
        """
        height, width = change.shape[:2]
        if self._curve is not None:
            seen = self.view(left, top, left + width, top + height) if before is None else before
            change = self._curve.change(seen, change)
        x, y, end_x, end_y = self._coded_box(left, top, left + width, top + height)
        turned = np.ascontiguousarray(np.rot90(change, -self._turns))
        moved = np.asarray(cv2.transform(turned, self._to_yuv), dtype=np.float32)
        if not self._is_own:
            self.frame = copied(self.frame)
            self._is_own = True
        luma = self._luma()[y:end_y, x:end_x]
        self._add(luma, moved[..., 0])
        if len(self._layout.planes) == 3:
            self._add_chroma(x, y, end_x, end_y, moved)

    # ------------------------------------------------------------------------------------------------------ inside

    def _plane(self, number: int, samples_per_place: int = 1) -> Samples:
        plane = self.frame.planes[number]
        line = plane.line_size // np.dtype(self._layout.kind).itemsize
        samples: Samples = np.frombuffer(memoryview(plane), dtype=self._layout.kind)
        return samples[: line * plane.height].reshape(plane.height, line)[:, : plane.width * samples_per_place]

    def _luma(self) -> Samples:
        return self._plane(self._layout.planes[0])[: self.frame.height, : self.frame.width]

    def _chroma(self) -> tuple[Samples, Samples]:
        if self._layout.pair is None:
            return self._plane(self._layout.planes[1]), self._plane(self._layout.planes[2])
        both = self._plane(self._layout.planes[1], 2)
        first, second = self._layout.pair
        return both[:, first::2], both[:, second::2]

    def _coded_box(self, left: int, top: int, right: int, bottom: int) -> tuple[int, int, int, int]:
        """Return where a piece of the upright frame lies in the coded one."""
        width, height = self.size
        if self._turns == 0:
            return left, top, right, bottom
        if self._turns == 3:
            return top, width - right, bottom, width - left
        if self._turns == 2:
            return width - right, height - bottom, width - left, height - top
        return height - bottom, left, height - top, right

    def _coded(self, x: int, y: int, end_x: int, end_y: int) -> Samples:
        """Return a piece of the coded frame: uint8 RGB of 8-bit samples, float32 of 0 to 255 of deeper ones."""
        layout = self._layout
        luma = self._luma()[y:end_y, x:end_x]
        if len(layout.planes) == 1:
            middle = np.full_like(luma, 1 << (layout.bits - 1 + layout.lift))
            planes = [luma, middle, middle]
        else:
            # A chroma sample more on each side, so that what lies between two is the same however a piece is cut.
            right, down = layout.right, layout.down
            left, top = max(0, (x >> right) - 1), max(0, (y >> down) - 1)
            planes = [luma]
            for plane in self._chroma():
                part = plane[top : (end_y - 1 >> down) + 2, left : (end_x - 1 >> right) + 2]
                size = (part.shape[1] << right, part.shape[0] << down)
                wide = part if right == down == 0 else cv2.resize(part, size, interpolation=cv2.INTER_LINEAR)
                from_x, from_y = x - (left << right), y - (top << down)
                planes.append(wide[from_y : from_y + luma.shape[0], from_x : from_x + luma.shape[1]])
        merged: Samples = cv2.merge([np.ascontiguousarray(plane) for plane in planes])
        if layout.bits > 8:
            merged = merged.astype(np.float32) * np.float32(1.0 / (1 << layout.lift))
        elif self._curve is not None:
            merged = merged.astype(np.float32)
        converted: Samples = cv2.transform(merged, self._to_rgb)
        return converted

    def _add(self, samples: Samples, change: Array) -> None:
        layout = self._layout
        if layout.bits == 8:
            samples[:] = cv2.add(np.ascontiguousarray(samples), change, dtype=cv2.CV_8U)
            return
        top = (1 << layout.bits) - 1
        moved = np.rint(change).astype(np.int32) + (samples >> layout.lift)
        samples[:] = (np.clip(moved, 0, top) << layout.lift).astype(np.uint16)

    def _add_chroma(self, x: int, y: int, end_x: int, end_y: int, moved: Array) -> None:
        """Give each chroma sample the mean change of the pixels that share it."""
        right, down = self._layout.right, self._layout.down
        left, top = x >> right, y >> down
        last_x, last_y = -(-end_x >> right), -(-end_y >> down)
        chroma = np.ascontiguousarray(moved[..., 1:])
        if right or down:
            before_x, before_y = x - (left << right), y - (top << down)
            after_x, after_y = (last_x << right) - end_x, (last_y << down) - end_y
            # At the right and lower edge of a frame of odd size the last sample stands for fewer pixels than elsewhere.
            edge_x = after_x if end_x == self.frame.width else 0
            edge_y = after_y if end_y == self.frame.height else 0
            chroma = np.pad(chroma, ((0, edge_y), (0, edge_x), (0, 0)), mode="edge")
            room = ((before_y, after_y - edge_y), (before_x, after_x - edge_x), (0, 0))
            chroma = np.pad(chroma, room)
            size = (last_x - left, last_y - top)
            chroma = np.asarray(cv2.resize(chroma, size, interpolation=cv2.INTER_AREA), dtype=np.float32)
        for number, plane in enumerate(self._chroma()):
            self._add(plane[top:last_y, left:last_x], np.ascontiguousarray(chroma[..., number]))
