"""Commands on the faces' ages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from PySide6.QtGui import QUndoCommand

from faceswap_desktop.domain.pairing import TargetFaceRef
from faceswap_desktop.services.studio import Studio

_AGES_ID: Final = 2


def age_changes(
    before: Mapping[TargetFaceRef, int], after: Mapping[TargetFaceRef, int]
) -> dict[TargetFaceRef, tuple[int, int]]:
    """Return what differs between two sets of ages."""
    return {
        target: (before.get(target, 0), after.get(target, 0))
        for target in {**before, **after}
        if before.get(target, 0) != after.get(target, 0)
    }


def put_ages(studio: Studio, wanted: Mapping[TargetFaceRef, int]) -> None:
    """Set the ages of some faces; those of others stay."""
    studio.set_ages({**studio.ages, **wanted})


class AgesCommand(QUndoCommand):
    """Changes ages. While a slider is dragged all changes become one step.

    Only what it changed itself is put back, like pairings.

    Attributes:
        changes: Years before and after, by face.
        gesture: Changes of the same faces with the same number become one step; 0 never merges.
    """

    def __init__(self, studio: Studio, after: Mapping[TargetFaceRef, int], text: str, gesture: int = 0) -> None:
        """Make the command.

        Args:
            studio: Whose ages.
            after: Years by face, for the faces that change; 0 for none.
            text: What is undone.
            gesture: See the class.
        """
        super().__init__(text)
        self._studio = studio
        self.changes = age_changes(studio.ages, {**studio.ages, **after})
        self.gesture = gesture

    @property
    def is_empty(self) -> bool:
        """Whether it changes nothing."""
        return not self.changes

    def id(self) -> int:
        """Return the kind, so that Qt asks ``mergeWith``."""
        return _AGES_ID if self.gesture else -1

    def mergeWith(self, other: QUndoCommand) -> bool:
        if not isinstance(other, AgesCommand) or other.gesture != self.gesture:
            return False
        if self.changes.keys() != other.changes.keys():
            return False
        self.changes = {target: (before, other.changes[target][1]) for target, (before, _) in self.changes.items()}
        if all(before == after for before, after in self.changes.values()):
            self.setObsolete(True)
        return True

    def redo(self) -> None:
        """Set the ages."""
        put_ages(self._studio, {target: after for target, (_, after) in self.changes.items()})

    def undo(self) -> None:
        """Set them back."""
        put_ages(self._studio, {target: before for target, (before, _) in self.changes.items()})
