"""What everybody sees, read out of the boxes: for the window, the recording and the virtual camera alike.

What is decided is ``domain.live_rule``; here are the pixels that belong to it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, Self

from faceswap_desktop.domain.live import LivePicture, Shown
from faceswap_desktop.domain.live_rule import LiveRule, LiveSight, LiveView, is_silent
from faceswap_desktop.workers.boxes import Box, BoxedFrame, FrameBox
from faceswap_desktop.workers.live_boxes import BoxNames, LiveBoxes, SwitchBox

_NAP_S: Final = 0.002
_USUAL_SIZE: Final = (640, 480)
"""Of what is black before anything was seen."""


class Outlet:
    """One reader of what everybody sees. It has its own memory; every reader has its own outlet.

    Args:
        camera, picture, card, switch: Opened boxes; the outlet does not close them.

    Attributes:
        missed: How many pictures of the same kind came and went between the last two that were returned.
    """

    def __init__(self, camera: FrameBox, picture: FrameBox, card: FrameBox, switch: SwitchBox) -> None:
        self._camera = camera
        self._picture = picture
        self._card = card
        self._switch = switch
        self._rule = LiveRule()
        self._kept: BoxedFrame | None = None
        self._given: tuple[Shown, int] | None = None
        self._number = 0
        self.missed = 0
        self._size: tuple[int, int] | None = None

    @classmethod
    def of(cls, boxes: LiveBoxes) -> Self:
        """Return an outlet of boxes that were made here."""
        return cls(boxes.camera, boxes.picture, boxes.card, boxes.switch)

    @property
    def is_over(self) -> bool:
        """Whether the session ends."""
        return self._switch.is_over

    @property
    def is_silent(self) -> bool:
        """Whether others are to hear nothing now."""
        return is_silent(self._switch.panic, is_refused=self._switch.is_refused)

    def next(self) -> LivePicture | None:
        """Return what everybody sees, where it is not what the last call returned already; None where it is.

        Black and the card come once, at the change, with the time of the change. Where there is no card yet it is
        black.
        """
        view = self._rule.look(self._sight())
        if view.forgets or (self._kept is not None and self._kept.number <= self._switch.forgotten):
            self._kept = None
        match view.shown:
            case Shown.SWAPPED:
                return self._swapped(view)
            case Shown.CAMERA:
                return self._bare()
            case Shown.BLACK:
                return None if self._given == (Shown.BLACK, 0) else self._black(Shown.BLACK, 0)
            case _:
                return self._carded(view.shown)

    def wait(self, seconds: float, is_over: Callable[[], bool] = lambda: False) -> LivePicture | None:
        """Return the next picture as soon as there is one; None after so long, or when it is over.

        It looks every few milliseconds; never to be called on a loop's thread.
        """
        deadline = time.monotonic() + seconds
        while not (self.is_over or is_over()):
            picture = self.next()
            if picture is not None or time.monotonic() >= deadline:
                return picture
            time.sleep(_NAP_S)
        return None

    # ------------------------------------------------------------------------------------------------- insides

    def _sight(self) -> LiveSight:
        # In this order: a picture that comes in between is not taken for older than the camera's frame.
        camera, picture = self._camera.newest, self._picture.newest
        return LiveSight(
            panic=self._switch.panic,
            is_frozen=self._switch.is_frozen,
            is_refused=self._switch.is_refused,
            picture=picture if picture > self._switch.forgotten else 0,
            picture_of=self._picture.newest_camera_frame,
            camera=camera,
            now_ns=time.monotonic_ns(),
        )

    def _swapped(self, view: LiveView) -> LivePicture | None:
        if self._kept is None or not view.stands:
            newest = self._picture.read(self._kept.number if self._kept is not None else self._switch.forgotten)
            if newest is not None:
                self._kept = newest
        if self._kept is None:
            # It was overtaken again and again while it copied: the next look will do.
            return None
        return self._frame(Shown.SWAPPED, self._kept)

    def _bare(self) -> LivePicture | None:
        last = self._given[1] if self._given is not None and self._given[0] is Shown.CAMERA else 0
        frame = self._camera.read(last)
        if frame is not None:
            return self._frame(Shown.CAMERA, frame)
        return None if self._given is not None and self._given[0] is Shown.CAMERA else self._black(Shown.CAMERA, 0)

    def _carded(self, shown: Shown) -> LivePicture | None:
        card = self._card.newest
        if self._given == (shown, card):
            return None
        frame = self._card.read()
        return self._black(shown, card) if frame is None else self._frame(shown, frame, time.monotonic_ns())

    def _frame(self, shown: Shown, frame: BoxedFrame, taken_ns: int | None = None) -> LivePicture | None:
        if self._given == (shown, frame.number):
            return None
        is_next = self._given is not None and self._given[0] is shown and taken_ns is None
        self.missed = max(0, frame.number - self._given[1] - 1) if is_next and self._given is not None else 0
        self._given = shown, frame.number
        self._size = frame.width, frame.height
        self._number += 1
        when = frame.taken_ns if taken_ns is None else taken_ns
        return LivePicture(self._number, when, frame.width, frame.height, frame.pixels, shown)

    def _black(self, shown: Shown, number: int) -> LivePicture:
        self._given = shown, number
        self._number += 1
        self.missed = 0
        width, height = self._known_size()
        return LivePicture(self._number, time.monotonic_ns(), width, height, bytes(3 * width * height), shown)

    def _known_size(self) -> tuple[int, int]:
        if self._size is None:
            frame = self._camera.read()
            if frame is None:
                return _USUAL_SIZE
            self._size = frame.width, frame.height
        return self._size


class OpenedOutlet(Outlet):
    """An outlet of boxes that somebody else made, opened by name, to be closed after use.

    Raises:
        FileNotFoundError: The session is over.
    """

    def __init__(self, names: BoxNames) -> None:
        opened: list[Box] = []
        try:
            opened.append(camera := FrameBox(names.camera))
            opened.append(picture := FrameBox(names.picture))
            opened.append(card := FrameBox(names.card))
            opened.append(switch := SwitchBox(names.switch))
        except OSError:
            for box in opened:
                box.close()
            raise
        self._opened = opened
        super().__init__(camera, picture, card, switch)

    def close(self) -> None:
        """Let go of the boxes."""
        for box in self._opened:
            box.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()
