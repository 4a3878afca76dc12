"""Commands on the pairing board, the options and the open pictures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Final

from PySide6.QtGui import QUndoCommand

from faceswap_desktop.domain.faces import SourceFaceId
from faceswap_desktop.domain.pairing import PairingBoard, TargetFaceRef
from faceswap_desktop.domain.recipe import SwapOptions
from faceswap_desktop.services.studio import Studio

_OPTIONS_ID: Final = 1


def changes_between(before: PairingBoard, after: PairingBoard) -> dict[TargetFaceRef, tuple[SourceFaceId | None, ...]]:
    """Return what differs between two boards: what each target was, and what it is."""
    targets = {**before.pairings, **after.pairings}
    return {
        target: (before.source_of(target), after.source_of(target))
        for target in targets
        if before.source_of(target) != after.source_of(target)
    }


class PairingCommand(QUndoCommand):
    """Changes pairings: one gesture, however many faces it concerns.

    Only what it changed itself is put back, so that pairings of other pictures stay whatever happened to them.
    """

    def __init__(self, studio: Studio, after: PairingBoard, text: str) -> None:
        super().__init__(text)
        self._studio = studio
        self._changes = changes_between(studio.board, after)

    @property
    def is_empty(self) -> bool:
        """Whether it changes nothing."""
        return not self._changes

    def redo(self) -> None:
        """Pair."""
        self._put({target: after for target, (_, after) in self._changes.items()})

    def undo(self) -> None:
        """Pair as before."""
        self._put({target: before for target, (before, _) in self._changes.items()})

    def _put(self, wanted: Mapping[TargetFaceRef, SourceFaceId | None]) -> None:
        board = self._studio.board.cleared(wanted)
        for target, source in wanted.items():
            if source is not None:
                board = board.paired([target], source)
        self._studio.set_board(board)


class OptionsCommand(QUndoCommand):
    """Changes swap options. While a slider is dragged all changes become one step.

    Attributes:
        before, after: All options as they were and as they are to be.
        gesture: See ``__init__``.
    """

    def __init__(self, studio: Studio, after: SwapOptions, text: str, gesture: int) -> None:
        """Make the command.

        Args:
            studio: Whose options.
            after: All options as they are to be.
            text: What is undone.
            gesture: Changes of one option with the same number become one step; 0 never merges.
        """
        super().__init__(text)
        self._studio = studio
        self.before = studio.options
        self.after = after
        self.gesture = gesture

    def id(self) -> int:
        """Return the kind, so that Qt asks ``mergeWith``."""
        return _OPTIONS_ID if self.gesture else -1

    def mergeWith(self, other: QUndoCommand) -> bool:
        if not isinstance(other, OptionsCommand) or other.gesture != self.gesture:
            return False
        if changed_options(self.before, self.after) != changed_options(other.before, other.after):
            return False
        self.after = other.after
        if self.after == self.before:
            self.setObsolete(True)
        return True

    def redo(self) -> None:
        """Set the options."""
        self._studio.set_options(self.after)

    def undo(self) -> None:
        """Set them back."""
        self._studio.set_options(self.before)


class ClosePicturesCommand(QUndoCommand):
    """Closes pictures; undone, they stand where they stood."""

    def __init__(self, studio: Studio, keys: list[str], text: str) -> None:
        super().__init__(text)
        self._studio = studio
        order = [picture.key for picture in studio.pictures]
        self._places = sorted((order.index(key), key) for key in keys if key in order)
        self._current = studio.current.key if studio.current is not None else ""

    def redo(self) -> None:
        """Close them."""
        for _, key in self._places:
            self._studio.close_picture(key)

    def undo(self) -> None:
        """Open them again, in order, so that each finds its place."""
        for place, key in self._places:
            self._studio.restore_picture(key, place)
        self._studio.show(self._current)


class CallCommand(QUndoCommand):
    """Calls one function to do (again) and one to undo; the first time it was done already."""

    def __init__(self, text: str, redo: Callable[[], object], undo: Callable[[], object]) -> None:
        super().__init__(text)
        self._redo = redo
        self._undo = undo
        self._is_done = True

    def redo(self) -> None:
        """Do it again; nothing at the first call, which comes when it is pushed."""
        if self._is_done:
            self._is_done = False
            return
        self._redo()

    def undo(self) -> None:
        """Take it back."""
        self._undo()


def changed_options(before: SwapOptions, after: SwapOptions) -> tuple[str, ...]:
    """Return the names of the options that differ."""
    return tuple(item.name for item in fields(SwapOptions) if getattr(before, item.name) != getattr(after, item.name))
