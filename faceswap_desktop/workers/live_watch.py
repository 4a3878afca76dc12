"""Looks for sensitive content in a live picture, a few times a second, on a thread that no frame waits for."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final, NamedTuple

from faceswap_desktop.vision import sensitive
from faceswap_desktop.vision.arrays import Picture

CLEAN_S: Final = 3.0
"""So long nothing may have been seen before the picture comes back."""
CLEAN_LOOKS: Final = 6
"""And so often it must have been looked for."""
_EVERY_S: Final = 0.3
"""Seconds between two looks: one at the camera's frame, one at the picture that was made, in turn."""
_WAIT_S: Final = 0.5


class Verdict:
    """Whether pictures are refused, by what came of the looks so far."""

    def __init__(self, hit_s: float | None = None) -> None:
        """Begin; ``hit_s`` is when something was seen last, None for never."""
        self._hit_s = hit_s
        self._clean = 0

    @property
    def is_refused(self) -> bool:
        """Whether something sensitive was seen lately."""
        return self._hit_s is not None

    def note(self, *, is_over: bool, now_s: float) -> None:
        """Take in a look.

        Args:
            is_over: Something was seen.
            now_s: When the picture was looked at, in seconds.
        """
        if is_over:
            self._hit_s, self._clean = now_s, 0
        elif self._hit_s is not None:
            self._clean += 1
            if self._clean >= CLEAN_LOOKS and now_s - self._hit_s >= CLEAN_S:
                self._hit_s = None


class _Round(NamedTuple):
    """What is to be looked at: the camera's frame, and the picture made of it."""

    frame: Picture
    made: Picture | None


class LiveWatch:
    """Looks at what goes by.

    Attributes:
        looks: How often it has looked.
    """

    def __init__(self, on_verdict: Callable[[bool], None], *, is_refused: bool = False) -> None:
        """Begin.

        Args:
            on_verdict: Told on the watch's own thread whether pictures are refused, after every look.
            is_refused: Pictures are refused already: something was seen before this watch began.
        """
        self.looks = 0
        self._on_verdict = on_verdict
        self._verdict = Verdict(time.monotonic() if is_refused else None)
        self._newest: _Round | None = None
        self._is_urgent = False
        self._changed = threading.Condition()
        self._is_open = True
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._work, name="live-watch", daemon=True)
        self._thread.start()

    def show(self, frame: Picture, made: Picture | None, *, is_urgent: bool = False) -> None:
        """Hand over the newest frame and picture; nobody may write to them any more.

        Args:
            frame: uint8 (height, width, 3), as the camera gave it.
            made: The same, as it goes out; None where none was made.
            is_urgent: Look at once: it shows another scene.

        Raises:
            Exception: What ended the looking; without it nothing may be shown.
        """
        self.check()
        with self._changed:
            self._newest = _Round(frame, made)
            self._is_urgent = self._is_urgent or is_urgent
            self._changed.notify()

    def check(self) -> None:
        """Raise what ended the looking."""
        if self._error is not None:
            raise self._error

    def wait_for_first_look(self, seconds: float) -> bool:
        """Wait until something was looked at; say whether it was."""
        with self._changed:
            return self._changed.wait_for(lambda: self.looks > 0 or self._error is not None, seconds)

    def close(self) -> None:
        """Look no more."""
        with self._changed:
            self._is_open = False
            self._changed.notify()
        self._thread.join(5.0)

    def _work(self) -> None:
        try:
            while (one := self._next()) is not None:
                self._look(one)
        except BaseException as error:  # noqa: BLE001 - told to whoever hands over the next frame
            with self._changed:
                self._error = error
                self._changed.notify_all()

    def _next(self) -> Picture | None:
        """Return what to look at, as soon as it is time; None at the end."""
        began = time.monotonic()
        with self._changed:
            while self._is_open:
                is_due = self._is_urgent or not self.looks or time.monotonic() - began >= _EVERY_S
                if self._newest is not None and is_due:
                    one, self._newest = self._newest, None
                    # Another scene is looked at as the camera gave it, whoever's turn it is.
                    is_made = one.made is not None and self.looks % 2 == 1 and not self._is_urgent
                    self._is_urgent = False
                    return one.made if is_made else one.frame
                self._changed.wait(_WAIT_S if self._newest is None else max(0.01, began + _EVERY_S - time.monotonic()))
        return None

    def _look(self, picture: Picture) -> None:
        is_over = sensitive.look_at_frame(picture).is_over
        self._verdict.note(is_over=is_over, now_s=time.monotonic())
        self._on_verdict(self._verdict.is_refused)
        with self._changed:
            self.looks += 1
            self._changed.notify_all()
