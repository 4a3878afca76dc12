"""Decides what goes out where a face that is to be changed cannot be changed."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from faceswap_desktop.domain.live import WhenLost
from faceswap_desktop.vision.live.stage import Scene

Bytes = NDArray[np.uint8]

_HELD_FIRST: Final = 4
"""Frames for which the last picture stands before the card comes: a blink of the detector is no reason for it."""


class Screen:
    """Chooses between a frame, the last good picture and the card. Given frame by frame, in order."""

    def __init__(self) -> None:
        self._last: Bytes | None = None
        self._missing = 0

    def forget(self) -> None:
        """Hold nothing of what was given until now."""
        self._last = None

    def choose(self, made: Bytes, scene: Scene, when_lost: WhenLost) -> Bytes | None:
        """Choose what goes out.

        Args:
            made: (H, W, 3) uint8, the frame with its changes; it may be held, so nobody writes to it later but to lay
                the label on.
            scene: What came of it.
            when_lost: What is wanted where a face was not found.

        Returns:
            ``made``, or a picture that was given before; None for the card.
        """
        self._missing = self._missing + 1 if scene.is_missing or scene.is_bare else 0
        if scene.is_bare:
            # Nobody is shown as they are because a source face takes long to load.
            return None
        if when_lost is WhenLost.AS_IS:
            self._last = None
            return made
        if not self._missing:
            self._last = made
            return made
        if self._last is None or self._last.shape != made.shape:
            return None
        return self._last if when_lost is WhenLost.HOLD or self._missing <= _HELD_FIRST else None
