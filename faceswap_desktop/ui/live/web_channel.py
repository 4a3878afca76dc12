"""Questions to the page of a live session and their answers, over QWebChannel."""

from __future__ import annotations

import asyncio
import base64
import binascii
import itertools
import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot

from faceswap_desktop.domain.live_cloud import LegError, LegTrouble
from faceswap_desktop.domain.messages import foreign

logger = logging.getLogger(__name__)

Values = dict[str, Any]
PieceKeeper = Callable[[bytes], Awaitable[None] | None]
"""Keeps a piece of a recording; raises where it cannot."""


class Bridge(QObject):
    """This side of the channel.

    What comes from the page is data: it is checked here, and a page that sends anything else is not listened to.

    Attributes:
        on_told: Called with the name and the values of what the page tells by itself.
        on_piece: Keeps the pieces of a recording, in order; None while nothing is recorded.
        on_picture: Takes the number of a look and a picture (JPEG) that everybody sees by it; None where nobody wants
            them.
        on_camera_taken: Called when the page has taken a camera's frame and can take the next.
    """

    # The names are the page's (resources/live_page/bridge.js).
    asked = Signal(int, str, str)
    camera_frame = Signal(int, str)
    piece_taken = Signal(int, bool)
    picture_taken = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.on_told: Callable[[str, Values], None] = lambda name, values: None
        self.on_piece: PieceKeeper | None = None
        self.on_picture: Callable[[int, bytes], None] | None = None
        self.on_camera_taken: Callable[[], None] = lambda: None
        self._ids = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._keeping: set[asyncio.Task[None]] = set()

    async def ask(self, name: str, **values: Any) -> Any:
        """Ask the page for something and return its answer.

        Raises:
            LegError: It said why not, or it is gone.
        """
        number = next(self._ids)
        answer = asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        self.asked.emit(number, name, json.dumps(values))
        try:
            return await answer
        finally:
            self._waiting.pop(number, None)

    def say(self, name: str, **values: Any) -> None:
        """Ask without waiting for the answer; what goes wrong is written into the log."""
        self.asked.emit(next(self._ids), name, json.dumps(values))

    def give_up(self, trouble: LegTrouble, text: str) -> None:
        """Fail everything that still waits for an answer: the page is gone."""
        for answer in self._waiting.values():
            if not answer.done():
                answer.set_exception(LegError(trouble, text))

    # ------------------------------------------------------------------------------------- called by the page

    @Slot(int, str)
    def answered(self, number: int, text: str) -> None:
        """The answer to a question."""
        answer = self._waiting.get(number)
        if answer is not None and not answer.done():
            try:
                answer.set_result(json.loads(text))
            except ValueError as error:
                answer.set_exception(LegError(LegTrouble.FAILED, foreign(error)))

    @Slot(int, str, str)
    def failed(self, number: int, kind: str, text: str) -> None:
        """A question could not be answered."""
        answer = self._waiting.get(number)
        if answer is None:
            logger.warning("the page of a live session says: %s", foreign(text))
        elif not answer.done():
            answer.set_exception(LegError(trouble_of(kind), foreign(text)))

    @Slot(str, str)
    def told(self, name: str, text: str) -> None:
        """Something happened."""
        try:
            values = json.loads(text)
        except ValueError:
            return
        if isinstance(values, dict):
            self.on_told(name, values)

    @Slot(int, str)
    def piece(self, number: int, text: str) -> None:
        """A piece of the recording; the next one comes when this one is kept."""
        task = asyncio.get_running_loop().create_task(self._keep(number, text), name=f"piece {number}")
        self._keeping.add(task)
        task.add_done_callback(self._keeping.discard)

    @Slot(int, str)
    def picture(self, look: int, text: str) -> None:
        """What everybody sees."""
        if self.on_picture is not None and (content := _decoded(text)):
            self.on_picture(look, content)
        self.picture_taken.emit()

    @Slot(int)
    def camera_taken(self, number: int) -> None:
        """A frame of the camera is on its way to the service."""
        del number
        self.on_camera_taken()

    async def _keep(self, number: int, text: str) -> None:
        is_kept = False
        try:
            content = _decoded(text)
            if content and self.on_piece is not None:
                kept = self.on_piece(content)
                if kept is not None:
                    await kept
                is_kept = True
        except Exception:
            logger.warning("a piece of a recording was not kept", exc_info=True)
        self.piece_taken.emit(number, is_kept)


def trouble_of(kind: str) -> LegTrouble:
    """Return what the page means by the kind of a trouble."""
    try:
        return LegTrouble(kind)
    except ValueError:
        return LegTrouble.FAILED


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""
