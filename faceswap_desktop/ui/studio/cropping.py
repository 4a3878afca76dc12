"""A part of the current picture in its place, with the pairings of the faces that are still there."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject
from PySide6.QtGui import QUndoStack
from PySide6.QtWidgets import QDialog, QWidget

from faceswap_desktop.domain.faces import DetectedFace
from faceswap_desktop.domain.geometry import BoundingBox
from faceswap_desktop.domain.media import Media, MediaId
from faceswap_desktop.domain.pairing import TargetFaceRef
from faceswap_desktop.services.studio import StudioPicture
from faceswap_desktop.ui.actions import ActionSpec, Menu
from faceswap_desktop.ui.bridge import Tasks, ask
from faceswap_desktop.ui.context import AppContext
from faceswap_desktop.ui.studio.stage import Stage
from faceswap_desktop.ui.undo.ages import AgesCommand
from faceswap_desktop.ui.undo.pairing import PairingCommand
from faceswap_desktop.ui.undo.pictures import ReplacePictureCommand

_SAME_PLACE = 0.4
"""Boxes that overlap as much (intersection over union) are of one face: both pictures have the same pixels there."""


class Cropping(QObject):
    """Asks for a part, writes it, and opens it in place of the whole; one step of undo."""

    def __init__(self, context: AppContext, tasks: Tasks, stack: QUndoStack, stage: Stage, window: QWidget) -> None:
        super().__init__(window)
        self._context = context
        self._tasks = tasks
        self._stack = stack
        self._stage = stage
        self._window = window

    def action(self) -> ActionSpec:
        """Return the line for menus and palette."""
        return ActionSpec(
            id="studio.crop",
            text=self.tr("Crop…"),
            run=self.start,
            shortcut="Ctrl+Shift+X",
            menu=Menu.EDIT,
            group=20,
            icon="crop",
            tip=self.tr("Use a part of the picture; the original stays as it is"),
        )

    def start(self) -> None:
        """Ask for a part of the current picture."""
        self._tasks.start(self._crop(), key="crop")

    async def _crop(self) -> None:
        picture, levels = self._context.studio.current, self._stage.levels
        if picture is None or picture.media is None or levels is None or picture.is_video:
            words = (
                self.tr("A video cannot be cropped here: choose a part of it in the timeline.")
                if picture is not None and picture.is_video
                else self.tr("Open a picture first.")
            )
            self._context.notifications.info(words, key="crop")
            return
        title = self.tr("Crop {name}").format(name=picture.name)
        # Looked for when somebody crops: the window starts without it.
        from faceswap_desktop.ui.dialogs.crop import CropDialog

        dialog = CropDialog(self._window.window(), title, levels, [face.box for face in picture.faces])
        if await ask(dialog) != QDialog.DialogCode.Accepted or dialog.box is None:
            return
        path = await self._context.refusals.crop(picture.media, dialog.box)
        media, faces = await self._context.detection.detect(path)
        self._replace(picture, picture.media, dialog.box, path, media.id, faces)

    def _replace(
        self,
        picture: StudioPicture,
        whole: Media,
        box: BoundingBox,
        path: str,
        part: MediaId,
        faces: Sequence[DetectedFace],
    ) -> None:
        studio = self._context.studio
        words = self.tr("crop {name}").format(name=picture.name)
        board, ages = studio.board, {}
        for before, after in faces_again(picture.faces, faces, box):
            old, new = TargetFaceRef(whole.id, before), TargetFaceRef(part, after)
            if (source := studio.board.source_of(old)) is not None:
                board = board.paired([new], source)
            if years := studio.ages.get(old, 0):
                ages[new] = years
        self._stack.beginMacro(words)
        self._stack.push(ReplacePictureCommand(studio, picture.key, path, words))
        for command in (PairingCommand(studio, board, words), AgesCommand(studio, ages, words)):
            self._stack.push(command)
        self._stack.endMacro()
        self._stage.forget(picture.key)


def faces_again(
    before: Sequence[DetectedFace], after: Sequence[DetectedFace], box: BoundingBox
) -> list[tuple[int, int]]:
    """Return which faces of a picture are which of a part of it: their indices, where they are found again.

    Args:
        before: Faces of the picture.
        after: Faces of the part.
        box: Where the part lies in the picture.
    """
    found: list[tuple[int, int]] = []
    for face in after:
        here = BoundingBox(
            face.box.left + box.left, face.box.top + box.top, face.box.right + box.left, face.box.bottom + box.top
        )
        best = max(before, key=lambda one: one.box.overlap(here), default=None)
        if best is not None and best.box.overlap(here) >= _SAME_PLACE:
            found.append((best.index, face.index))
    return found
