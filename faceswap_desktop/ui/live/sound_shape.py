"""Turns whatever a microphone gives into 48 kHz, 16 bits, stereo. Needs no numpy: the window's process has none."""

from __future__ import annotations

import sys
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from faceswap_desktop.domain.live import SOUND_CHANNELS, SOUND_RATE

_PEAK: Final = 32_767
_LEAST_RATE: Final = 4_000
_MOST_RATE: Final = 768_000


class SampleKind(StrEnum):
    """How one sample is stored, in the machine's own byte order."""

    U8 = "u8"
    S16 = "s16"
    S32 = "s32"
    F32 = "f32"


_CODES: Final = {SampleKind.U8: "B", SampleKind.S16: "h", SampleKind.S32: "i", SampleKind.F32: "f"}


@dataclass(frozen=True, slots=True)
class SoundShape:
    """What a microphone gives.

    Attributes:
        rate: Sample frames per second, 4000 to 768000.
        channels: At least one; interleaved.
        kind: How a sample is stored.
    """

    rate: int = SOUND_RATE
    channels: int = SOUND_CHANNELS
    kind: SampleKind = SampleKind.S16

    @property
    def frame_bytes(self) -> int:
        """Bytes of one sample of every channel."""
        return self.channels * array(_CODES[self.kind]).itemsize

    @property
    def is_usable(self) -> bool:
        """Whether it can be converted."""
        return _LEAST_RATE <= self.rate <= _MOST_RATE and self.channels > 0


class SoundConverter:
    """Converts sound as it comes; what is left of an incomplete sample frame is kept for the next call.

    One channel becomes two; of more than two the first two count. Another rate is interpolated between neighbouring
    samples: enough for a voice, and few devices need it.
    """

    def __init__(self, shape: SoundShape) -> None:
        self._shape = shape
        self._rest = b""
        self._last = (0, 0)
        self._place = 0
        """Of the next sample in those that come, behind the last one, in units of 1 / ``SOUND_RATE`` of a sample."""

    def convert(self, data: bytes) -> bytes:
        """Return as many sample frames as can be told by now: signed, 16 bits, little-endian, stereo, 48 kHz."""
        whole = self._rest + data if self._rest else data
        length = len(whole) // self._shape.frame_bytes * self._shape.frame_bytes
        self._rest = whole[length:]
        left, right = self._sides(_signed(whole[:length], self._shape.kind))
        if self._shape.rate != SOUND_RATE:
            left, right = self._resampled(left, right)
        both = array("h", bytes(4 * len(left)))
        both[0::2], both[1::2] = left, right
        if sys.byteorder == "big":
            both.byteswap()
        return both.tobytes()

    def _sides(self, samples: array[int]) -> tuple[array[int], array[int]]:
        channels = self._shape.channels
        return samples[0::channels], samples[min(1, channels - 1) :: channels]

    def _resampled(self, left: array[int], right: array[int]) -> tuple[array[int], array[int]]:
        if not left:
            return left, right
        # Of the sound before, one sample is known still: place 0.
        end, step = len(left) * SOUND_RATE, self._shape.rate
        places = range(self._place, end, step)
        old = self._last
        self._last = (left[-1], right[-1])
        self._place = places[-1] + step - end if places else self._place - end
        return _between(old[0], left, places), _between(old[1], right, places)


def _between(before: int, samples: Sequence[int], places: range) -> array[int]:
    known = [before, *samples]
    found = array("h")
    for place in places:
        index, share = divmod(place, SOUND_RATE)
        found.append(known[index] + (known[index + 1] - known[index]) * share // SOUND_RATE)
    return found


def _signed(data: bytes, kind: SampleKind) -> array[int]:
    """Return samples of any kind as signed 16-bit ones."""
    given = array(_CODES[kind])
    given.frombytes(data)
    match kind:
        case SampleKind.S16:
            return given
        case SampleKind.U8:
            return array("h", [(sample - 128) << 8 for sample in given])
        case SampleKind.S32:
            return array("h", [sample >> 16 for sample in given])
        case _:
            # What is no number counts as the loudest, as what is too loud does.
            return array("h", [int(max(-1.0, min(1.0, sample)) * _PEAK) for sample in given])
