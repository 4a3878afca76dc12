"""Sound that comes with the time at which it was heard, laid along a clock: what is missing becomes silence.

A microphone has a clock of its own, which drifts against the computer's, tells times that jitter by some
milliseconds, and can be pulled out. What drifts is stretched by so little that nobody hears it; what jumps is cut or
filled.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from faceswap_desktop.domain.live import SOUND_CHANNELS, SOUND_RATE

Samples = NDArray[np.int16]
"""(n, 2): sample frames of both channels."""

LATE_NS: Final = 600_000_000
"""Sound that has not come after so long is not waited for: silence takes its place."""
_LEAST_BEHIND_NS: Final = 400_000_000
"""Silence is laid down to so long ago; what comes after all is heard from there on."""
_JUMP: Final = SOUND_RATE // 10
"""Sample frames by which one time may be off before it is believed at once."""
_OFF: Final = SOUND_RATE * 25 // 1000
"""Sample frames by which it may be off for some time before it is put right at once."""
_FIRM: Final = 0.15
"""Share of each new time in what is believed of the drift."""
_MOST_STRETCH: Final = 0.004
_NEAR: Final = SOUND_RATE // 500
_TOLD_FROM: Final = SOUND_RATE // 10


class SoundTrack:
    """Lays sound along a clock that begins at 0.

    Attributes:
        length: Sample frames laid down.
        silence: Sample frames of silence that stand for sound which never came.
    """

    def __init__(self, start_ns: int) -> None:
        """Begin at a moment of ``time.monotonic_ns``."""
        self._start_ns = start_ns
        self._drift = 0.0
        self._has_begun = False
        self.length = 0
        self.silence = 0

    def add(self, data: bytes, heard_ns: int) -> Samples:
        """Return what sound becomes that was heard from a moment on; empty where that is over already.

        Args:
            data: 16 bits, little-endian, interleaved.
            heard_ns: When its first sample was heard.
        """
        given = np.frombuffer(data, "<i2").reshape(-1, SOUND_CHANNELS)
        off = self._at(heard_ns) - self.length
        self._drift += (off - self._drift) * (_FIRM if self._has_begun else 1.0)
        if not self._has_begun or abs(off) > _JUMP or abs(self._drift) > _OFF:
            step = off if not self._has_begun or abs(off) > _JUMP else round(self._drift)
            self._drift = 0.0
            # What lies in the past is cut off to the sample, however long that takes.
            self._has_begun = step >= -len(given)
            if not self._has_begun:
                return _nothing()
            made = given[-step:] if step < 0 else np.concatenate([self._silent(step), given])
            self.length += len(made)
            return made
        made = self._stretched(given)
        self._drift -= len(made) - len(given)
        self.length += len(made)
        return made

    def fill(self, now_ns: int) -> Samples:
        """Return the silence in the place of what should have been heard long ago; empty while it may still come."""
        missing = self._at(now_ns - _LEAST_BEHIND_NS) - self.length
        if self._at(now_ns - LATE_NS) <= self.length or missing <= 0:
            return _nothing()
        self.length += missing
        return self._silent(missing)

    def fill_to(self, end_ns: int) -> Samples:
        """Return silence up to a moment, where the recording ends."""
        missing = max(0, self._at(end_ns) - self.length)
        self.length += missing
        return np.zeros((missing, SOUND_CHANNELS), np.int16)

    def _at(self, when_ns: int) -> int:
        return (when_ns - self._start_ns) * SOUND_RATE // 1_000_000_000

    def _silent(self, count: int) -> Samples:
        # The first moments before the microphone is heard are not worth a word.
        if count >= _TOLD_FROM and (self.length > SOUND_RATE or count > SOUND_RATE):
            self.silence += count
        return np.zeros((max(0, count), SOUND_CHANNELS), np.int16)

    def _stretched(self, given: Samples) -> Samples:
        """Make sound longer or shorter by so little that nobody hears it, towards the clock."""
        count = len(given)
        if abs(self._drift) < _NEAR or count < 2:
            return given
        most = max(1, int(count * _MOST_STRETCH))
        wanted = count + int(np.clip(round(self._drift), -most, most))
        places = np.linspace(0.0, count - 1.0, wanted)
        left = np.floor(places).astype(np.intp)
        right = np.minimum(left + 1, count - 1)
        share = (places - left)[:, None]
        mixed = given[left] * (1.0 - share) + given[right] * share
        return np.round(mixed).astype(np.int16)


def _nothing() -> Samples:
    return np.zeros((0, SOUND_CHANNELS), np.int16)
