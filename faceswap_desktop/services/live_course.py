"""What happens while a live session runs: the camera, the engine and the gate speak, and something follows from it."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Collection, Coroutine
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from faceswap_desktop.domain.errors import Cancelled, FaceSwapError, InputRefused, UserError
from faceswap_desktop.domain.events import ConsentChanged, Event, SourceFacesChanged
from faceswap_desktop.domain.faces import SourceFaceId
from faceswap_desktop.domain.live import (
    CaptureEvent,
    CaptureNote,
    CaptureTrouble,
    LiveControls,
    LiveReport,
    PanicPicture,
)
from faceswap_desktop.domain.messages import message
from faceswap_desktop.services.live_parts import LiveParts
from faceswap_desktop.services.live_state import LiveBoard, LivePhase
from faceswap_desktop.services.live_view import LiveView
from faceswap_desktop.services.live_words import what_helps
from faceswap_desktop.services.sleep_watch import SleepWatch

if TYPE_CHECKING:
    from faceswap_desktop.services.live_session import SessionEvents

logger = logging.getLogger(__name__)

NAP_S: Final = 0.01
"""How often it is looked whether there is something new to show: the panic key works while the engine hangs."""
TELL_S: Final = 0.1
"""What changes with every picture is told so often at most."""
CHECK_S: Final = 3.0
"""How often the gate is asked whether the source faces may still be used."""
_MICROPHONE: Final = frozenset({CaptureTrouble.NO_MICROPHONE, CaptureTrouble.MICROPHONE_DENIED})


class LiveCourse:
    """Hears what happens in the session that runs.

    Args:
        board: The state.
        parts: Who becomes whom.
        view: What the window sees.
        stop: Ends the session that cannot go on.

    Attributes:
        card: Title and text of the card, in the user's language.
    """

    def __init__(
        self, board: LiveBoard, parts: LiveParts, view: LiveView, stop: Callable[[], Coroutine[Any, Any, object]]
    ) -> None:
        self._board, self._parts, self._view, self._stop = board, parts, view, stop
        self._errands: set[asyncio.Task[None]] = set()
        self._watching: asyncio.Task[None] | None = None
        self.card = message("Faceswap Desktop").text(), message("The picture is paused.").text()

    @property
    def events(self) -> SessionEvents:
        """What a session is to call."""
        from faceswap_desktop.services.live_session import SessionEvents

        return SessionEvents(self._on_note, self._on_sound_note, self._on_report, self._on_engine_lost, self._on_failed)

    def begin(self) -> None:
        """Look on, from now to ``end``."""
        self._watching = asyncio.get_running_loop().create_task(self._watch(), name="live: watch")

    async def end(self) -> None:
        """Look on no more."""
        watching, self._watching = self._watching, None
        if watching is not None:
            watching.cancel()
            await asyncio.wait([watching])
        self._board.change(portraits=self._portraits_of_cast())

    async def close(self) -> None:
        """Break off what still goes on beside the session."""
        errands = list(self._errands)
        for errand in errands:
            errand.cancel()
        await asyncio.gather(*errands, return_exceptions=True)

    def send(self) -> None:
        """Hand everything that can be changed to the engine, and tell it."""
        state, parts = self._board.state, self._parts
        if self._view.session is not None:
            controls = LiveControls(
                parts.everyone, parts.cast, parts.sources, state.options, state.label, state.when_lost, *self.card
            )
            self._view.session.boxes.controls.write(controls)
        self._board.change(everyone=parts.everyone, parts=parts.parts)

    def errand(self, doing: Coroutine[Any, Any, object]) -> None:
        """Do something beside the session; what goes wrong is told in the state."""
        task = asyncio.get_running_loop().create_task(self._run(doing), name="live: errand")
        self._errands.add(task)
        task.add_done_callback(self._errands.discard)

    def on_event(self, event: Event) -> None:
        """Consent was withdrawn, or photos of a face in use were changed."""
        match event:
            case ConsentChanged(faces) | SourceFacesChanged(faces):
                if self._view.session is not None and self._parts.shown & frozenset(faces):
                    self.errand(self._check_sources(faces))
            case _:
                return

    # ------------------------------------------------------------------------------------------------- insides

    async def _watch(self) -> None:
        sleep, told_at, checked_at = SleepWatch(), time.monotonic(), time.monotonic()
        while True:
            await asyncio.sleep(NAP_S)
            self._view.look()
            now = time.monotonic()
            if now - told_at >= TELL_S:
                told_at = now
                self._view.measure()
                if sleep.has_slept():
                    self._woke()
            if now - checked_at >= CHECK_S:
                checked_at = now
                self.errand(self._check_sources(None))

    def _woke(self) -> None:
        logger.info("the computer has slept: the camera is started anew")
        self._view.begin_figures()
        if self._view.session is not None:
            self.errand(self._view.session.restart_capture(self._board.state.is_mirrored))

    def _on_report(self, report: LiveReport) -> None:
        self._view.figures.note_scale(report.scale)
        self._parts.note_people(report.people)
        self._parts.note_worn(report.worn)
        portraits = self._board.state.portraits
        if report.portraits:
            portraits = MappingProxyType({**portraits, **dict(report.portraits)})
        self._board.put(people=report.people, loading=report.loading, failed=report.failed, portraits=portraits)
        # First what is shown: the card that stood until now is nothing to be wondered at.
        self._view.look()
        if self._board.state.phase is LivePhase.STARTING:
            self._board.change(phase=LivePhase.RUNNING)

    def _on_engine_lost(self) -> None:
        # It counts people anew, but for those whom the controls name.
        self._parts.forget_people(with_parts=False)
        self._board.change(people=(), portraits=self._portraits_of_cast())

    def _on_note(self, note: CaptureNote) -> None:
        state = self._board.state
        is_well = note.event is CaptureEvent.STARTED
        if is_well and state.trouble is not None:
            self._view.begin_figures()
        trouble = None if is_well and note.text is None else note
        self._board.change(trouble=trouble, resolution=note.resolution or state.resolution)
        if note.event is CaptureEvent.FAILED:
            kind = note.trouble or CaptureTrouble.UNREADABLE
            text = note.text or message("The camera gives no picture.")
            self._on_failed(InputRefused(text, what_helps(kind), kind=kind.value))

    def _on_sound_note(self, note: CaptureNote) -> None:
        trouble = self._board.state.trouble
        if note.event is not CaptureEvent.STARTED:
            # The picture goes on without sound.
            self._board.change(trouble=note)
        elif trouble is not None and trouble.trouble in _MICROPHONE:
            self._board.change(trouble=None)

    def _on_failed(self, error: FaceSwapError) -> None:
        self._board.change(error=error)
        self.errand(self._stop())

    async def _check_sources(self, among: Collection[SourceFaceId] | None) -> None:
        before = self._parts.sources
        found = await self._parts.refused(among)
        # Where only the disk or a worker was the trouble nothing is known yet: it is asked again soon.
        refused = {source: error for source, error in found.items() if isinstance(error, UserError)}
        if refused:
            # Not the bare face in the place of the changed one: first the card, then the face is taken off.
            if self._board.state.panic is None:
                self._view.set_panic(PanicPicture.CARD)
            self._parts.take_off(refused)
            self._board.change(error=next(iter(refused.values())))
        if self._parts.sources != before:
            self.send()
        if refused:
            # A picture that was frozen, or the last one of a camera that is gone, would show it still.
            self._view.forget()

    def _portraits_of_cast(self) -> MappingProxyType[int, bytes]:
        parts, portraits = self._parts.parts, self._board.state.portraits
        return MappingProxyType({number: one for number, one in portraits.items() if number in parts})

    async def _run(self, doing: Awaitable[object]) -> None:
        try:
            await doing
        except Cancelled:
            return
        except FaceSwapError as error:
            self._board.change(error=error)
        except Exception:
            logger.exception("something of the live session failed")
