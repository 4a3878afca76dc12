"""Who becomes whom: every gesture ends here and becomes one step of undo."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoStack

from faceswap_desktop.domain.faces import SourceFaceId
from faceswap_desktop.domain.media import MediaId
from faceswap_desktop.domain.pairing import PairingBoard, TargetFaceRef
from faceswap_desktop.services.studio import Studio, StudioPicture
from faceswap_desktop.ui.studio.sources import Sources
from faceswap_desktop.ui.undo.pairing import PairingCommand


class Pairing(QObject):
    """Pairs, clears and swaps; and remembers which source face waits for a face to be clicked.

    Attributes:
        armed_changed: Another source face waits, or none.
        paired: Something was paired by a gesture (words for the screen reader).
    """

    armed_changed = Signal()
    paired = Signal(str)

    def __init__(self, studio: Studio, stack: QUndoStack, sources: Sources, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._studio = studio
        self._stack = stack
        self._sources = sources
        self._armed: SourceFaceId | None = None

    # What stands

    def of_media(self, media: MediaId) -> dict[int, SourceFaceId]:
        """Return the pairings of a picture whose source face is still there, by face index."""
        return {
            index: source for index, source in self._studio.board.of_media(media).items() if source in self._sources.all
        }

    def revision_of(self, source: SourceFaceId) -> int:
        """Return which state of a source face is the present one: another looks different."""
        return self._sources.all[source].revision

    def of_picture(self, picture: StudioPicture) -> dict[int, SourceFaceId]:
        """Return the pairings of an open picture, for faces that it has."""
        if picture.media is None:
            return {}
        there = {face.index for face in picture.faces}
        return {index: source for index, source in self.of_media(picture.media.id).items() if index in there}

    def uses(self) -> dict[SourceFaceId, int]:
        """Return how many faces of the open pictures each source face replaces."""
        counted: dict[SourceFaceId, int] = {}
        for picture in self._studio.pictures:
            for source in self.of_picture(picture).values():
                counted[source] = counted.get(source, 0) + 1
        return counted

    def current_targets(self) -> list[TargetFaceRef]:
        """Return every face of the picture on the canvas."""
        current = self._studio.current
        return self._studio.targets_of_all_faces(current.key) if current is not None else []

    # Click one, then the other

    @property
    def armed(self) -> SourceFaceId | None:
        """The source face that the next click on a face pairs."""
        return self._armed

    def arm(self, source: SourceFaceId | None) -> None:
        """Let a source face wait for a face, or none."""
        if source != self._armed:
            self._armed = source
            self.armed_changed.emit()

    # Gestures

    def pair(self, targets: Sequence[TargetFaceRef], source: SourceFaceId) -> bool:
        """Put one source face onto faces; False if it changes nothing or the source face is gone."""
        name = self._sources.name_of(source)
        if not targets or source not in self._sources.all:
            return False
        if len(targets) == 1:
            words = self.tr("pair face {n} with {name}").format(n=targets[0].face + 1, name=name)
            said = self.tr("Face {n} becomes {name}").format(n=targets[0].face + 1, name=name)
        else:
            words = self.tr("pair {n} faces with {name}").format(n=len(targets), name=name)
            said = self.tr("{n} faces become {name}").format(n=len(targets), name=name)
        return self._push(self._studio.board.paired(targets, source), words, said)

    def pair_each(self, pairs: Sequence[tuple[TargetFaceRef, SourceFaceId]]) -> bool:
        """Put source faces onto faces, each onto its own, in one step."""
        board = self._studio.board
        for target, source in pairs:
            board = board.paired([target], source)
        words = self.tr("pair {n} faces").format(n=len(pairs))
        return self._push(board, words, self.tr("{n} faces are paired").format(n=len(pairs)))

    def clear(self, targets: Sequence[TargetFaceRef]) -> bool:
        """Leave faces as they are."""
        if len(targets) == 1:
            words = self.tr("clear face {n}").format(n=targets[0].face + 1)
            said = self.tr("Face {n} stays as it is").format(n=targets[0].face + 1)
        else:
            words = self.tr("clear {n} faces").format(n=len(targets))
            said = self.tr("{n} faces stay as they are").format(n=len(targets))
        return self._push(self._studio.board.cleared(targets), words, said)

    def clear_all(self) -> bool:
        """Leave every face of every open picture as it is."""
        targets = [
            target for picture in self._studio.pictures for target in self._studio.targets_of_all_faces(picture.key)
        ]
        said = self.tr("All faces stay as they are")
        return self._push(self._studio.board.cleared(targets), self.tr("clear all pairings"), said)

    def swap(self, first: TargetFaceRef, second: TargetFaceRef) -> bool:
        """Exchange what two faces become."""
        numbers = {"a": first.face + 1, "b": second.face + 1}
        return self._push(
            self._studio.board.swapped(first, second),
            self.tr("swap faces {a} and {b}").format(**numbers),
            self.tr("Faces {a} and {b} are swapped").format(**numbers),
        )

    def _push(self, after: PairingBoard, words: str, said: str) -> bool:
        command = PairingCommand(self._studio, after, words)
        if command.is_empty:
            return False
        self._stack.push(command)
        self.paired.emit(said)
        return True
