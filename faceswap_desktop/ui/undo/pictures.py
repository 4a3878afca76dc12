"""The command that puts one open picture in the place of another."""

from __future__ import annotations

from PySide6.QtGui import QUndoCommand

from faceswap_desktop.services.studio import Studio


class ReplacePictureCommand(QUndoCommand):
    """Opens a picture where another stands, and closes that one; undone, it is the other way round."""

    def __init__(self, studio: Studio, before: str, after: str, text: str) -> None:
        """Make the command.

        Args:
            studio: Where it happens.
            before: Key of the open picture.
            after: Key of the one to come.
            text: What is undone.
        """
        super().__init__(text)
        self._studio = studio
        self._before, self._after = before, after
        self._was_open = studio.picture(after) is not None

    def redo(self) -> None:
        """Open the one, close the other."""
        self._come(self._after, self._before)
        self._studio.close_picture(self._before)

    def undo(self) -> None:
        """Open the other again; one that was open before stays so."""
        self._come(self._before, self._after)
        if not self._was_open:
            self._studio.close_picture(self._after)

    def _come(self, key: str, place_of: str) -> None:
        order = [picture.key for picture in self._studio.pictures]
        self._studio.restore_picture(key, order.index(place_of) if place_of in order else len(order))
        self._studio.show(key)
