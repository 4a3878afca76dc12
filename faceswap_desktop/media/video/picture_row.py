"""The packets of rendered chunks in one row, with decode times that fit together."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from av.packet import Packet
from av.stream import Stream

from faceswap_desktop.media.video.chunkfile import read_chunk, read_header


class ChunksDiffer(Exception):
    """Chunks were not encoded alike, or do not follow each other, and cannot be joined."""


class PictureRow:
    """The picture of a result.

    Attributes:
        settings: With what all chunks were encoded.
        extradata: The parameter sets of all of them.
        shown: When each frame is shown, ascending, in units of the settings' time base.
        end: When the last one has been shown.
        delay: By how many places decoding runs ahead of showing.
    """

    def __init__(self, chunks: Sequence[Path], end: int) -> None:
        """Look at the chunks' heads.

        Args:
            chunks: Their files, in order.
            end: When the last frame has been shown, in units of the settings' time base.

        Raises:
            ChunkDamaged: A file is missing or no chunk's.
            ChunksDiffer: They do not fit together.
        """
        headers = [(path, read_header(path, verify=False)) for path in chunks]
        filled = [(path, header) for path, header in headers if header.packets]
        if not filled:
            raise ChunksDiffer("no frame could be rendered")
        self.settings, self.extradata = filled[0][1].settings, filled[0][1].extradata
        for _, header in filled:
            if header.settings != self.settings or header.extradata != self.extradata:
                raise ChunksDiffer(f"chunk {header.number} was encoded in another way")
        self._paths = [path for path, _ in filled]
        self.shown = tuple(sorted(pts for _, header in filled for pts in header.pts))
        if any(after <= before for before, after in pairwise(self.shown)):
            raise ChunksDiffer("times do not ascend")
        self.end = end
        # With B-frames a packet is decoded before others that are shown earlier. Its decode time is the presentation
        # time so many places before, so the order of decoding stays, whatever the frame rate does.
        ranks = (bisect_left(self.shown, pts) for _, header in filled for pts in header.pts)
        self.delay = max(place - rank for place, rank in enumerate(ranks))
        self._step = max(1, (self.shown[-1] - self.shown[0]) // max(1, len(self.shown) - 1))

    def decode_time(self, place: int) -> int:
        """Return when the packet at a place is decoded."""
        before = place - self.delay
        return self.shown[before] if before >= 0 else self.shown[0] + before * self._step

    def packets(self, stream: Stream, origin: int) -> Iterator[tuple[float, Packet[Any], Stream]]:
        """Yield the packets for a track, with their decode times in seconds; ``origin`` is what becomes time 0."""
        place = 0
        unit = self.settings.time_base
        for path in self._paths:
            for one in read_chunk(path).encoded.packets:
                packet: Packet[Any] = Packet(one.data)
                packet.stream, packet.time_base = stream, unit
                packet.is_keyframe = one.is_key
                packet.pts, packet.dts = one.pts - origin, self.decode_time(place) - origin
                packet.duration = self._after(one.pts) - one.pts
                yield float(packet.dts * unit), packet, stream
                place += 1

    def _after(self, pts: int) -> int:
        rank = bisect_left(self.shown, pts) + 1
        return self.shown[rank] if rank < len(self.shown) else max(self.end, pts + 1)
