"""What the window sees of the live session, and the keys that decide what everybody sees."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from faceswap_desktop.domain.live import LiveFigures, LivePicture, PanicPicture, Shown
from faceswap_desktop.domain.recipe import LabelOptions
from faceswap_desktop.services.live_figures import FigureKeeper
from faceswap_desktop.services.live_state import LiveBoard

if TYPE_CHECKING:
    from faceswap_desktop.services.live_session import LiveSession


class LiveView:
    """The window's own look into the boxes of the session that runs.

    Attributes:
        session: The session; None where none runs.
        newest: What everybody sees; None where no session runs, or nothing was seen yet.
        figures: How well it goes.
    """

    def __init__(self, board: LiveBoard) -> None:
        self._board = board
        self._shown_before = 0
        self._frozen_label: LabelOptions | None = None
        self.session: LiveSession | None = None
        self.newest: LivePicture | None = None
        self.figures = FigureKeeper()

    @property
    def label(self) -> LabelOptions:
        """The label in the picture that is shown: one that is frozen keeps the one that it had."""
        return self._frozen_label or self._board.state.label

    def attach(self, session: LiveSession) -> None:
        """Look into a session that begins."""
        self.session = session
        self.begin_figures()

    def detach(self) -> None:
        """The session is over."""
        if self.newest is not None:
            self._shown_before = self.newest.number
        self.session = self.newest = self._frozen_label = None
        self.begin_figures()
        self._board.change(
            panic=None, is_frozen=False, people=(), loading=(), shown=Shown.STALLED, figures=LiveFigures()
        )

    def look(self) -> None:
        """Show what is new."""
        found = self.session.outlet.next() if self.session is not None else None
        if found is None:
            return
        # Every session has an outlet of its own, which counts from 1.
        picture = self.newest = replace(found, number=self._shown_before + found.number)
        if picture.shown in {Shown.SWAPPED, Shown.CAMERA}:
            self.figures.note_given(picture.number, picture.taken_ns)
        if picture.shown is not self._board.state.shown:
            self._board.change(shown=picture.shown)
        self._board.show(picture)

    def measure(self) -> None:
        """Tell how well it goes, with what else is new."""
        now = time.monotonic_ns()
        if self.session is not None:
            self.figures.note_camera(self.session.boxes.camera.newest, now)
        self._board.put(figures=self.figures.figures(now))
        self._board.tell_news()

    def begin_figures(self) -> None:
        """Count anew."""
        self.figures = FigureKeeper()

    def set_panic(self, picture: PanicPicture | None) -> None:
        """Show that picture to everybody, or the changed one again if None. Does nothing where no session runs."""
        if self.session is not None:
            self.session.boxes.switch.panic = picture
            self._board.change(panic=picture)
            self.look()

    def freeze(self, is_frozen: bool) -> None:
        """Let the last picture stand for everybody, or go on. Does nothing where no session runs."""
        if self.session is not None:
            self._frozen_label = self.label if is_frozen else None
            self.session.boxes.switch.is_frozen = is_frozen
            self._board.change(is_frozen=is_frozen)
            self.look()

    def forget(self) -> None:
        """Let nobody see the changed pictures until now again, also the one that is being made just now."""
        if self.session is not None:
            boxes = self.session.boxes
            boxes.switch.forgotten = boxes.picture.newest + 1
            self.look()

    def camera_picture(self) -> LivePicture | None:
        """Return the camera's newest frame, for the user's own eyes; None while there is none."""
        frame = self.session.boxes.camera.read() if self.session is not None else None
        if frame is None:
            return None
        return LivePicture(frame.number, frame.taken_ns, frame.width, frame.height, frame.pixels, Shown.CAMERA)
