"""The command on a video's in and out points."""

from __future__ import annotations

from typing import Final

from PySide6.QtGui import QUndoCommand

from faceswap_desktop.domain.video import FrameRange
from faceswap_desktop.services.studio import Studio

_TRIM_ID: Final = 3


class TrimCommand(QUndoCommand):
    """Chooses a part of a video. While a handle is dragged all changes become one step.

    Attributes:
        key: The video.
        before: What was chosen; None for all of it.
        after: What is chosen then.
        gesture: Changes with the same number become one step; 0 never merges.
    """

    def __init__(self, studio: Studio, key: str, after: FrameRange | None, text: str, gesture: int = 0) -> None:
        super().__init__(text)
        self._studio = studio
        self.key = key
        self.before = studio.trim_of(key)
        self.after = after
        self.gesture = gesture

    def id(self) -> int:
        """Return the kind, so that Qt asks ``mergeWith``."""
        return _TRIM_ID if self.gesture else -1

    def mergeWith(self, other: QUndoCommand) -> bool:
        if not isinstance(other, TrimCommand) or (other.gesture, other.key) != (self.gesture, self.key):
            return False
        self.after = other.after
        if self.after == self.before:
            self.setObsolete(True)
        return True

    def redo(self) -> None:
        """Choose it."""
        self._studio.set_trim(self.key, self.after)

    def undo(self) -> None:
        """Choose what was chosen before."""
        self._studio.set_trim(self.key, self.before)
