"""Times of decoding for packets that have none: Matroska leaves those out at the start of a track."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from av.packet import Packet


class DecodeTimes:
    """Fills in the times of decoding of one track's packets, which come in the order of decoding."""

    def __init__(self) -> None:
        self._waiting: list[Packet[Any]] = []
        self._is_known = False

    def take(self, packet: Packet[Any]) -> list[Packet[Any]]:
        """Return the packets that can be written now; those without a time wait for the first that has one."""
        if self._is_known:
            return [packet]
        if packet.dts is None:
            self._waiting.append(packet)
            return []
        self._is_known = True
        step = max(1, packet.duration or 1)
        for back, earlier in enumerate(reversed(self._waiting), 1):
            earlier.dts = packet.dts - back * step
        ready, self._waiting = [*self._waiting, packet], []
        return ready

    def rest(self) -> list[Packet[Any]]:
        """Return what still waits at the end of a track that has no such times: it has no pictures out of order."""
        ready, self._waiting = self._waiting, []
        for packet in ready:
            packet.dts = packet.pts
        return ready


def with_decode_times(packets: Iterable[Packet[Any]]) -> Iterator[Packet[Any]]:
    """Go through one track's packets with their times of decoding filled in."""
    times = DecodeTimes()
    for packet in packets:
        yield from times.take(packet)
    yield from times.rest()
