"""A video's index: every packet of the picture track, and the number of the frame that it carries.

It is made by demuxing only. Decoders put out frames in the order in which they are shown; the index says which frame
that is by the packet it came from, so a number means the same frame wherever decoding started.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from faceswap_desktop.domain.video import FrameTimes

VERSION: Final = 1
NO_TIME: Final = -(2**63)
NO_FRAME: Final = -1

_MAGIC: Final = b"FSIX"
_DIGEST_BYTES: Final = 32


class DamagedIndex(Exception):
    """An index file is not whole, or of another version: it has to be made anew."""


@dataclass(frozen=True, eq=False)
class VideoIndex:
    """Frames and packets of a picture track.

    Attributes:
        pts: int64 (frames,), when each frame is shown, in units of ``time_base``; never descending. Two frames have
            equal times only where the file says so.
        time_base: Seconds per unit.
        end_pts: When the last frame has been shown.
        packet_pts: int64 (packets,), what each packet says, in the order in which they lie in the file; ``NO_TIME``
            where it says nothing. Differs from the frame's own time only in files whose packets have none of their own.
        packet_dts: int64 (packets,), when it is decoded; ``NO_TIME`` where the file does not say.
        packet_frame: int32 (packets,), the number of the frame it carries; ``NO_FRAME`` for one that is not shown.
        key_packets: int32 (keys,), ascending: packets at which decoding can start.
        width, height: Pixels of a coded frame.
        pixel_format: FFmpeg's name of the coded frames' format.
        format: Name of the container, as ``Media.format`` has it.
        codec: FFmpeg's name of the picture track's codec.
        is_variable: Whether the frame rate varies.
        notes: Worth saying, English.
    """

    pts: NDArray[np.int64]
    time_base: Fraction
    end_pts: int
    packet_pts: NDArray[np.int64]
    packet_dts: NDArray[np.int64]
    packet_frame: NDArray[np.int32]
    key_packets: NDArray[np.int32]
    width: int
    height: int
    pixel_format: str
    format: str
    codec: str
    is_variable: bool = False
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.pts)

    @cached_property
    def times(self) -> FrameTimes:
        """When each frame is shown, in seconds."""
        unit = self.time_base.numerator, self.time_base.denominator
        seconds = self.pts.astype(np.float64) * unit[0] / unit[1]
        return FrameTimes(seconds.tobytes(), self.end_pts * unit[0] / unit[1])

    @cached_property
    def frame_packet(self) -> NDArray[np.int32]:
        """int32 (frames,): the packet that carries each frame."""
        carried = np.zeros(len(self.pts), np.int32)
        shown = np.flatnonzero(self.packet_frame != NO_FRAME)
        carried[self.packet_frame[shown]] = shown
        return carried

    @cached_property
    def key_frames(self) -> NDArray[np.int32]:
        """int32 (keys,), ascending: numbers of the frames at which decoding can start."""
        return self.packet_frame[self.key_packets]

    def start_for(self, frame: int) -> int:
        """Return the place in ``key_packets`` at which decoding has to start for a frame.

        Pictures that lie behind a key frame but are shown before it need the key frame before (open GOP); since they
        have smaller numbers, going by numbers finds that one.
        """
        return max(0, int(np.searchsorted(self.key_frames, frame, side="right")) - 1)

    @property
    def frames_per_second(self) -> float:
        """Mean rate; 0.0 where nothing can be told."""
        seconds = float((self.end_pts - int(self.pts[0])) * self.time_base) if len(self.pts) else 0.0
        return len(self.pts) / seconds if seconds > 0 else 0.0

    # ---------------------------------------------------------------------------------------------------- on disk

    def to_bytes(self) -> bytes:
        """Write it, with a checksum."""
        arrays = (self.pts, self.packet_pts, self.packet_dts, self.packet_frame, self.key_packets)
        head: dict[str, Any] = {
            "version": VERSION,
            "lengths": [len(array) for array in arrays],
            "time_base": [self.time_base.numerator, self.time_base.denominator],
            "end_pts": self.end_pts,
            "size": [self.width, self.height],
            "pixel_format": self.pixel_format,
            "format": self.format,
            "codec": self.codec,
            "is_variable": self.is_variable,
            "notes": list(self.notes),
        }
        text = json.dumps(head).encode()
        body = len(text).to_bytes(4, "little") + text
        # Little-endian on every machine, so that a home folder can move.
        body += b"".join(array.astype(array.dtype.newbyteorder("<")).tobytes() for array in arrays)
        return _MAGIC + hashlib.sha256(body).digest() + body

    @classmethod
    def from_bytes(cls, data: bytes) -> VideoIndex:
        """Read what ``to_bytes`` wrote.

        Raises:
            DamagedIndex: It is not whole, or of another version.
        """
        start = len(_MAGIC) + _DIGEST_BYTES
        body = memoryview(data)[start:]
        if data[: len(_MAGIC)] != _MAGIC or data[len(_MAGIC) : start] != hashlib.sha256(body).digest():
            raise DamagedIndex("not a whole index")
        at = 4 + int.from_bytes(body[:4], "little")
        head = json.loads(bytes(body[4:at]))
        if head["version"] != VERSION:
            raise DamagedIndex(f"version {head['version']}")
        arrays: list[NDArray[Any]] = []
        for length, kind in zip(head["lengths"], ("<i8", "<i8", "<i8", "<i4", "<i4"), strict=True):
            arrays.append(np.frombuffer(body, kind, length, at))
            at += arrays[-1].nbytes
        pts, packet_pts, packet_dts, packet_frame, key_packets = arrays
        return cls(
            pts=pts,
            time_base=Fraction(*head["time_base"]),
            end_pts=head["end_pts"],
            packet_pts=packet_pts,
            packet_dts=packet_dts,
            packet_frame=packet_frame,
            key_packets=key_packets,
            width=head["size"][0],
            height=head["size"][1],
            pixel_format=head["pixel_format"],
            format=head["format"],
            codec=head["codec"],
            is_variable=head["is_variable"],
            notes=tuple(head["notes"]),
        )


def load_index(path: str | Path) -> VideoIndex:
    """Read an index file.

    Raises:
        DamagedIndex: It is not there, not whole, or of another version.
    """
    try:
        return VideoIndex.from_bytes(Path(path).read_bytes())
    except OSError as error:
        raise DamagedIndex(str(error)) from error
