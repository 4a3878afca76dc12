"""Silence in a recording's sound while others are to hear nothing: from before the panic key was pressed on.

When it was pressed nobody wrote down, and sound comes some time after it was heard. So what counts is the last look at
which all was well, and the first at which it was so again; between the two nothing is heard.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from faceswap_desktop.domain.live import SOUND_CHANNELS, SOUND_RATE

_MARGIN_NS: Final = 50_000_000
"""What a microphone tells of when it heard something is off by so much at most."""
_KEPT_NS: Final = 30_000_000_000
"""Sound does not come so late."""


class Hush:
    """Remembers when there is to be silence, and makes it."""

    def __init__(self) -> None:
        self._clear_ns = 0
        self._since_ns: int | None = None
        self._spans: list[tuple[int, int]] = []

    def look(self, before_ns: int, after_ns: int, *, is_silent: bool) -> None:
        """Note how it is.

        Args:
            before_ns: A moment of ``time.monotonic_ns`` just before it was looked.
            after_ns: One just after.
            is_silent: Others are to hear nothing.
        """
        if is_silent:
            if self._since_ns is None:
                self._since_ns = self._clear_ns - _MARGIN_NS
            return
        if self._since_ns is not None:
            self._spans.append((self._since_ns, after_ns + _MARGIN_NS))
            self._since_ns = None
        self._clear_ns = before_ns
        self._spans = [span for span in self._spans if span[1] > before_ns - _KEPT_NS]

    def over(self, data: bytes, heard_ns: int) -> bytes:
        """Return sound with silence where it has to be.

        Args:
            data: 16 bits, little-endian, interleaved.
            heard_ns: When its first sample was heard.
        """
        if not self._spans and self._since_ns is None:
            return data
        samples = np.frombuffer(data, "<i2").reshape(-1, SOUND_CHANNELS).copy()
        for since, until in self._spans:
            samples[max(0, _place(since - heard_ns)) : max(0, _place(until - heard_ns) + 1)] = 0
        if self._since_ns is not None:
            samples[max(0, _place(self._since_ns - heard_ns)) :] = 0
        return samples.tobytes()


def _place(span_ns: int) -> int:
    return span_ns * SOUND_RATE // 1_000_000_000
