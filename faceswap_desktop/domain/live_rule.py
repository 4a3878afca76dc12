"""The one rule of what everybody sees of a live picture: the window, the virtual camera, the recording.

Every reader of the boxes asks it at every look, so that a press of the panic key shows at once everywhere, also while
the engine hangs. The bare camera is never shown by itself: only where the user has set that panic shows it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from faceswap_desktop.domain.live import PanicPicture, Shown

STALLED_AFTER_NS: Final = 1_500_000_000
"""The camera goes on for so long and no picture comes of it: the card is shown."""

_PANICKED: Final = {
    PanicPicture.CAMERA: Shown.CAMERA,
    PanicPicture.BLACK: Shown.BLACK,
    PanicPicture.CARD: Shown.CARD,
}


@dataclass(frozen=True, slots=True)
class LiveSight:
    """What can be seen in the boxes at one moment.

    Attributes:
        panic: What the panic key has set; None for nothing.
        is_frozen: The last picture stands.
        is_refused: Something sensitive was seen lately.
        picture: Number of the newest changed picture; 0 while there is none.
        picture_of: Number of the camera's frame that it was made of.
        camera: Number of the camera's newest frame; 0 while there is none.
        now_ns: ``time.monotonic_ns``.
    """

    panic: PanicPicture | None
    is_frozen: bool
    is_refused: bool
    picture: int
    picture_of: int
    camera: int
    now_ns: int


@dataclass(frozen=True, slots=True)
class LiveView:
    """What everybody sees at one moment.

    Attributes:
        shown: What it is.
        stands: The changed picture that was shown last stays; of ``SWAPPED`` only.
        forgets: No picture that was kept may be shown again: it may be the one that was refused.
    """

    shown: Shown
    stands: bool = False
    forgets: bool = False


def is_silent(panic: PanicPicture | None, *, is_refused: bool) -> bool:
    """Say whether others are to hear nothing: where they see black or the card by the panic key, or what is refused."""
    return is_refused or panic in {PanicPicture.BLACK, PanicPicture.CARD}


class LiveRule:
    """The rule, with the little memory that it needs: how long the camera has gone on without a picture."""

    def __init__(self) -> None:
        self._picture = 0
        self._waits_since_ns: int | None = None

    def look(self, sight: LiveSight) -> LiveView:
        """Say what everybody sees.

        Black wins over all, then the card of what is refused, then what the panic key has set, then a picture that
        stands, then the card where nothing comes; else it is the newest changed picture.
        """
        is_stalled = self._is_stalled(sight)
        if sight.panic is PanicPicture.BLACK:
            return LiveView(Shown.BLACK, forgets=sight.is_refused)
        if sight.is_refused:
            return LiveView(Shown.REFUSED, forgets=True)
        if sight.panic is not None:
            return LiveView(_PANICKED[sight.panic])
        if sight.is_frozen and sight.picture:
            return LiveView(Shown.SWAPPED, stands=True)
        return LiveView(Shown.STALLED if is_stalled else Shown.SWAPPED)

    def _is_stalled(self, sight: LiveSight) -> bool:
        if sight.picture != self._picture:
            self._picture, self._waits_since_ns = sight.picture, None
        if not sight.picture:
            return True
        if sight.camera <= sight.picture_of:
            # The camera gives nothing either: there is nothing to wait for, and the last picture stays.
            self._waits_since_ns = None
        elif self._waits_since_ns is None:
            self._waits_since_ns = sight.now_ns
        return self._waits_since_ns is not None and sight.now_ns - self._waits_since_ns >= STALLED_AFTER_NS
