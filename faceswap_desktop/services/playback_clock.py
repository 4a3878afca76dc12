"""What time it is while a video plays: by the sound that is heard, or by the computer's clock where there is none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol

_START_PATIENCE_S: Final = 1.0
"""So long a sound device may take until it is heard; the picture waits for it."""
_APART_S: Final = 0.15
"""A device further behind than this has really fallen behind."""
_DRIFT_S: Final = 0.0005
"""By so much the clock gives way at each answer, so that it follows a device that runs slower than the computer."""


class SoundOut(Protocol):
    """A sound device: signed 16-bit stereo goes in, interleaved, and it tells how much was heard."""

    def start(self, rate: int) -> bool:
        """Begin to play what is written from now on; False where that cannot be done, and it plays silently."""
        ...

    def write(self, samples: bytes) -> None:
        """Play this after what was written before."""
        ...

    def position(self) -> float:
        """Return how many seconds were heard since ``start``."""
        ...

    def stop(self) -> None:
        """Be silent at once, and forget what was written."""
        ...


class PlayClock:
    """Seconds since playing began; never goes backwards.

    A device tells its position in steps, and is asked a little later than it steps, so single answers scatter. The
    clock is the computer's, moved to where the device is furthest. If the device stands still, for lack of sound or
    because it was unplugged, the picture goes on without it, and is held until the sound has caught up.
    """

    def __init__(self, now: Callable[[], float], sound: SoundOut | None) -> None:
        """Make a clock that stands.

        Args:
            now: The computer's clock in seconds.
            sound: The device that plays; None for none.
        """
        self._now = now
        self._sound = sound
        self._started: float | None = None
        self._heard = 0.0
        self._ahead = 0.0
        self._last = 0.0

    @property
    def is_running(self) -> bool:
        """Whether it was started."""
        return self._started is not None

    def start(self) -> None:
        """Begin at zero."""
        self._started = self._now()
        self._heard = self._ahead = self._last = 0.0

    def seconds(self) -> float:
        """Return how long it plays; 0 before the start."""
        if self._started is None:
            return 0.0
        passed = self._now() - self._started
        if self._sound is not None:
            heard = self._sound.position()
            if heard == 0.0 and passed < _START_PATIENCE_S:
                # If it stays silent, the picture begins here and not where it would have been by now.
                self._ahead = -passed
                return 0.0
            if heard > self._heard:
                self._follow(heard - passed, is_first=self._heard == 0.0)
                self._heard = heard
        self._last = max(self._last, passed + self._ahead)
        return self._last

    def _follow(self, ahead: float, *, is_first: bool) -> None:
        """Take up how far the device is ahead of the computer's clock (negative behind it)."""
        if is_first or ahead > self._ahead or self._ahead - ahead > _APART_S:
            self._ahead = ahead
        else:
            self._ahead -= _DRIFT_S
