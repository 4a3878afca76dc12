"""The live session on this computer: a camera whose faces are changed while it runs.

What everybody sees (the window, a virtual camera, a recording) is decided by one rule, ``domain.live_rule``, from one
switch in shared memory; see ``workers.live_outlet``. Here are the decisions: start and stop, who becomes whom, what is
told to those who look on.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Collection, Coroutine
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from faceswap_desktop.domain.errors import Cancelled, FaceSwapError, InputRefused
from faceswap_desktop.domain.events import ConsentChanged, Event, SettingsChanged, SourceFacesChanged
from faceswap_desktop.domain.faces import SourceFaceId
from faceswap_desktop.domain.job import JobId
from faceswap_desktop.domain.live import (
    CameraChoice,
    Capture,
    CaptureEvent,
    CaptureNote,
    CaptureTrouble,
    LiveControls,
    LiveFigures,
    LivePart,
    LivePicture,
    LiveReport,
    MicrophoneChoice,
    PanicPicture,
    Resolution,
    Shown,
    SoundCapture,
    WhenLost,
)
from faceswap_desktop.domain.messages import Message, message
from faceswap_desktop.domain.recipe import LabelOptions, SwapOptions
from faceswap_desktop.jobs.events import EventBus
from faceswap_desktop.services.awake import KeepAwake
from faceswap_desktop.services.clearance import Clearance
from faceswap_desktop.services.label_language import settled
from faceswap_desktop.services.library import Library
from faceswap_desktop.services.live_figures import FigureKeeper
from faceswap_desktop.services.live_file import FileCapture
from faceswap_desktop.services.live_parts import LiveParts
from faceswap_desktop.services.live_session import LiveSession, SessionEvents, SessionPlan
from faceswap_desktop.services.live_state import Followers, LivePhase, LiveState, OnPicture, OnState
from faceswap_desktop.services.live_stills import keep_frame
from faceswap_desktop.services.settings import SettingsService
from faceswap_desktop.services.sleep_watch import SleepWatch
from faceswap_desktop.storage.paths import Home
from faceswap_desktop.workers.pool import WorkerPool

logger = logging.getLogger(__name__)

_NAP_S: Final = 0.01
"""How often it is looked whether there is something new to show: the panic key works while the engine hangs."""
_TELL_S: Final = 0.1
"""What changes with every picture is told so often at most."""
_CHECK_S: Final = 3.0
"""How often the gate is asked whether the source faces may still be used."""
_AWAKE: Final = "live"
_MICROPHONE: Final = frozenset({CaptureTrouble.NO_MICROPHONE, CaptureTrouble.MICROPHONE_DENIED})


class Live:
    """The session on this computer; one at most. Used on the loop's thread."""

    def __init__(
        self,
        home: Home,
        pool: WorkerPool,
        library: Library,
        clearance: Clearance,
        settings: SettingsService,
        bus: EventBus,
        awake: KeepAwake,
    ) -> None:
        self._home, self._pool, self._settings, self._awake = home, pool, settings, awake
        self._parts = LiveParts(clearance, library)
        self._followers = Followers()
        self._figures = FigureKeeper()
        live = settings.current.live
        self._state = LiveState(
            label=settled(settings.current.label), is_mirrored=live.is_mirrored, when_lost=live.when_lost
        )
        self._card = (message("Faceswap Desktop").text(), message("The picture is paused.").text())
        self._session: LiveSession | None = None
        self._newest: LivePicture | None = None
        self._base = 0
        self._has_news = False
        self._turn = asyncio.Lock()
        self._casting = asyncio.Lock()
        self._errands: set[asyncio.Task[None]] = set()
        self._watching: asyncio.Task[None] | None = None
        self._unsubscribe = bus.subscribe(self._on_event)

    @property
    def state(self) -> LiveState:
        """How it stands."""
        return self._state

    def follow(self, on_state: OnState, on_picture: OnPicture | None = None) -> Callable[[], None]:
        """Hear of every change and get every picture; what is returned ends that.

        Args:
            on_state: Called at every change; what changes with every picture is told ten times a second at most.
            on_picture: Called with what everybody sees, each time that changes, and at once where there is something.
        """
        leave = self._followers.add(on_state, on_picture)
        if on_picture is not None and self._newest is not None:
            on_picture(self._newest)
        return leave

    # ------------------------------------------------------------------------------------------------ start and stop

    async def start(
        self,
        camera: CameraChoice,
        capture: Capture,
        wish: Resolution,
        *,
        sound: SoundCapture | None = None,
        microphone: MicrophoneChoice | None = None,
        is_mirrored: bool | None = None,
    ) -> None:
        """Start a session. While another one is stopping this waits for it.

        It returns when camera and engine are on their way; ``state.phase`` says when the first picture is there, and
        what went wrong after all is in ``state.error``.

        Raises:
            InputRefused: Kind ``live-running``: one runs already. ``source-missing``: a source face is gone.
            ConsentNeeded: A source face that was chosen may not be used any more.
            SensitiveContent: A source face is refused.
            StorageError: There is no room for the boxes.
        """
        self._refuse_second()
        async with self._turn:
            self._refuse_second()
            if self._state.camera is not None and camera != self._state.camera:
                self._parts.forget_people(with_parts=True)
            self._change(
                phase=LivePhase.STARTING,
                camera=camera,
                resolution=wish,
                microphone=microphone,
                is_mirrored=self._state.is_mirrored if is_mirrored is None else is_mirrored,
                error=None,
                trouble=None,
                shown=Shown.STALLED,
            )
            try:
                for error in (await self._parts.refused()).values():
                    raise error
                plan = SessionPlan(camera, capture, wish, self._state.is_mirrored, sound)
                self._session = LiveSession(self._pool, plan, self._events())
                self._base = self._newest.number if self._newest is not None else self._base
                self._send()
                self._session.begin()
            except BaseException:
                await self._take_down()
                raise
            self._awake.hold(_AWAKE)
            self._watching = asyncio.get_running_loop().create_task(self._watch(), name="live: watch")

    async def stop(self) -> None:
        """Stop everything; a recording becomes a job. Returns when the camera is free. Does nothing where none runs."""
        async with self._turn:
            if self._session is not None:
                self._change(phase=LivePhase.STOPPING)
                await self._take_down()

    def file_capture(self, camera: CameraChoice) -> Capture:
        """Return a capture that plays a file, or moves a picture, by a worker."""
        return FileCapture(self._pool, camera, lambda: self._on().boxes.names, self._most_pixels)

    async def close(self) -> None:
        """The program ends."""
        self._unsubscribe()
        await self.stop()
        errands = list(self._errands)
        for errand in errands:
            errand.cancel()
        await asyncio.gather(*errands, return_exceptions=True)

    # ------------------------------------------------------------------------------------------- what can be changed

    async def set_everyone(self, source: SourceFaceId | None, years: int = 0) -> None:
        """Say what is done to whoever has no part of their own. It may be said before the start.

        Raises:
            ConsentNeeded: Nobody has said who the source face is.
            SensitiveContent: It is refused.
            InputRefused: It is gone.
            ValueError: The years are out of range.
        """
        part = LivePart(source, years)
        async with self._casting:
            if source is not None:
                await self._parts.let_pass(source)
            self._parts.everyone = part
            self._send()

    async def set_part(self, number: int, source: SourceFaceId | None, years: int = 0) -> None:
        """Give one person a part of their own.

        Raises:
            ConsentNeeded: Nobody has said who the source face is.
            SensitiveContent: It is refused.
            InputRefused: It is gone; kind ``person-unknown``: that person was never seen well enough.
            ValueError: The years are out of range.
        """
        part = LivePart(source, years)
        async with self._casting:
            if source is not None:
                await self._parts.let_pass(source)
            self._parts.set_part(number, part)
            self._send()

    def clear_part(self, number: int) -> None:
        """Let a person have the part that everybody has."""
        self._parts.clear_part(number)
        self._send()

    def set_options(self, options: SwapOptions) -> None:
        """Say how source faces are put in."""
        self._change(options=options)
        self._send()

    def set_label(self, label: LabelOptions) -> None:
        """Change the visible label."""
        self._change(label=settled(label))
        self._send()

    def set_mirrored(self, is_mirrored: bool) -> None:
        """Swap left and right, for everybody."""
        self._change(is_mirrored=is_mirrored)
        if self._session is not None:
            self._session.set_mirrored(is_mirrored)

    def set_when_lost(self, when_lost: WhenLost) -> None:
        """Say what is shown while a face cannot be found."""
        self._change(when_lost=when_lost)
        self._send()

    def set_card(self, title: str, text: str) -> None:
        """Say what stands on the card, in the user's language."""
        self._card = title, text
        self._send()

    # ------------------------------------------------------------------------------------------------- what is shown

    def press_panic(self, picture: PanicPicture | None = None) -> None:
        """The panic key: pressed once everybody sees that picture at once, pressed again it is over.

        Args:
            picture: What is shown; what the settings say if None. Pressed with another one, that is shown then.
        """
        wished = picture or self._settings.current.live.panic
        is_over = self._state.panic is not None and picture in {None, self._state.panic}
        self.set_panic(None if is_over else wished)

    def set_panic(self, picture: PanicPicture | None) -> None:
        """Show that picture to everybody, or the changed one again if None. Does nothing where no session runs."""
        if self._session is not None:
            self._session.boxes.switch.panic = picture
            self._change(panic=picture)
            self._look()

    def freeze(self, is_frozen: bool) -> None:
        """Let the last picture stand for everybody, or go on."""
        if self._session is not None:
            self._session.boxes.switch.is_frozen = is_frozen
            self._change(is_frozen=is_frozen)
            self._look()

    def camera_picture(self) -> LivePicture | None:
        """Return the camera's newest frame, for the user's own eyes; None while there is none."""
        frame = self._session.boxes.camera.read() if self._session is not None else None
        if frame is None:
            return None
        return LivePicture(frame.number, frame.taken_ns, frame.width, frame.height, frame.pixels, Shown.CAMERA)

    def note_shown(self, number: int) -> None:
        """A picture was painted; its number says which."""
        self._figures.note_shown(number, time.monotonic_ns())

    async def frame_for_studio(self) -> Path:
        """Keep the camera's own frame, without any face changed, as a picture that the Studio can open.

        Raises:
            InputRefused: Kind ``no-frame``: the camera has given none.
            StorageError: It could not be written.
        """
        frame = self.camera_picture()
        if frame is None:
            raise InputRefused(message("The camera has given no picture yet."), kind="no-frame")
        return await keep_frame(self._home, frame)

    # ----------------------------------------------------------------------------- what others see, and what is kept

    async def record(self) -> None:
        """Begin to record what everybody sees. Does nothing while it is recorded.

        Raises:
            InputRefused: Kind ``live-off``: no session runs.
            StorageError: There is no room.
        """
        self._on()

    async def stop_recording(self) -> JobId | None:
        """End the recording; returns the job that makes a result of it, None where nothing was recorded."""
        return None

    async def snapshot(self) -> JobId:
        """Put what everybody sees into the gallery.

        Raises:
            InputRefused: Kind ``live-off``, or ``not-swapped``: no changed picture is shown at the moment.
            StorageError: It could not be written.
        """
        self._on()
        raise InputRefused(message("No picture is shown that could be kept."), kind="not-swapped")

    def virtual_camera_need(self) -> Message | None:
        """Return what the virtual camera needs and how to get it; None where it can be started."""
        return message("There is no virtual camera on this computer.")

    async def start_virtual_camera(self) -> None:
        """Hand what everybody sees to other programs; ``state.virtual_camera`` says under which name."""
        self._on()

    async def stop_virtual_camera(self) -> None:
        """Hand it on no more."""

    # ------------------------------------------------------------------------------------------------------- warmth

    def warm(self) -> None:
        """The page is looked at: a worker gets ready, so that the start is quick."""

    def leave(self) -> None:
        """The page was left: what stands ready is let go after a while."""

    # ------------------------------------------------------------------------------------------------------- insides

    def _refuse_second(self) -> None:
        if self._state.phase in {LivePhase.STARTING, LivePhase.RUNNING}:
            raise InputRefused(message("A live session runs already."), message("Stop it first."), kind="live-running")

    def _on(self) -> LiveSession:
        if self._session is None:
            raise InputRefused(message("No live session runs."), message("Start one first."), kind="live-off")
        return self._session

    def _most_pixels(self) -> int:
        return self._settings.current.media.max_megapixels * 1_000_000

    def _events(self) -> SessionEvents:
        return SessionEvents(self._on_note, self._on_sound_note, self._on_report, self._on_engine_lost, self._on_failed)

    async def _take_down(self) -> None:
        watching, self._watching = self._watching, None
        if watching is not None:
            watching.cancel()
            await asyncio.wait([watching])
        session = self._session
        try:
            if session is not None:
                await session.end()
        finally:
            self._session, self._newest = None, None
            self._awake.let_go(_AWAKE)
            self._begin_figures()
            self._parts.forget_people(with_parts=False)
            self._change(
                phase=LivePhase.OFF,
                panic=None,
                is_frozen=False,
                people=(),
                loading=(),
                shown=Shown.STALLED,
                portraits=self._portraits_of_cast(),
                figures=LiveFigures(),
            )

    def _send(self) -> None:
        """Hand everything that can be changed to the engine, and tell it."""
        state, parts = self._state, self._parts
        if self._session is not None:
            title, text = self._card
            controls = LiveControls(
                parts.everyone, parts.cast, parts.sources, state.options, state.label, state.when_lost, title, text
            )
            self._session.boxes.controls.write(controls)
        self._change(everyone=parts.everyone, parts=parts.parts)

    def _change(self, **changes: Any) -> None:
        """Replace the state and tell it, where it is another one."""
        if self._put(changes):
            self._tell()

    def _put(self, changes: dict[str, Any]) -> bool:
        new = replace(self._state, **changes)
        new = replace(new, why=_why(new))
        is_other, self._state = new != self._state, new
        self._has_news |= is_other
        return is_other

    def _tell(self) -> None:
        self._has_news = False
        self._followers.tell(self._state)

    # -------------------------------------------------------------------------------------------- while it runs

    async def _watch(self) -> None:
        sleep, told_at, checked_at = SleepWatch(), time.monotonic(), time.monotonic()
        while True:
            await asyncio.sleep(_NAP_S)
            self._look()
            now = time.monotonic()
            if now - told_at >= _TELL_S:
                told_at = now
                self._measure()
                if sleep.has_slept():
                    logger.info("the computer has slept: the camera is started anew")
                    self._begin_figures()
                    self._errand(self._on().restart_capture(self._state.is_mirrored))
            if now - checked_at >= _CHECK_S:
                checked_at = now
                self._errand(self._check_sources(None))

    def _look(self) -> None:
        """Show what is new."""
        found = self._session.outlet.next() if self._session is not None else None
        if found is None:
            return
        picture = replace(found, number=self._base + found.number)
        self._newest = picture
        if picture.shown in {Shown.SWAPPED, Shown.CAMERA}:
            self._figures.note_given(picture.number, picture.taken_ns)
        if picture.shown is not self._state.shown:
            self._change(shown=picture.shown)
        self._followers.show(picture)

    def _measure(self) -> None:
        now = time.monotonic_ns()
        if self._session is not None:
            self._figures.note_camera(self._session.boxes.camera.newest, now)
        self._put({"figures": self._figures.figures(now)})
        if self._has_news:
            self._tell()

    def _begin_figures(self) -> None:
        self._figures = FigureKeeper()

    def _on_report(self, report: LiveReport) -> None:
        if self._session is None:
            return
        self._figures.note_scale(report.scale)
        self._parts.note_people(report.people)
        changes: dict[str, Any] = {"people": report.people, "loading": report.loading, "failed": report.failed}
        if report.portraits:
            changes["portraits"] = MappingProxyType({**self._state.portraits, **dict(report.portraits)})
        self._put(changes)
        if self._state.phase is LivePhase.STARTING:
            self._change(phase=LivePhase.RUNNING)
        self._look()

    def _on_engine_lost(self) -> None:
        self._parts.forget_people(with_parts=False)
        self._change(people=(), portraits=self._portraits_of_cast())

    def _portraits_of_cast(self) -> MappingProxyType[int, bytes]:
        parts = self._parts.parts
        return MappingProxyType({number: one for number, one in self._state.portraits.items() if number in parts})

    def _on_note(self, note: CaptureNote) -> None:
        is_well = note.event is CaptureEvent.STARTED
        if is_well and self._state.trouble is not None:
            self._begin_figures()
        self._change(
            trouble=None if is_well and note.text is None else note,
            resolution=note.resolution or self._state.resolution,
        )
        if note.event is CaptureEvent.FAILED:
            kind = note.trouble or CaptureTrouble.UNREADABLE
            self._on_failed(InputRefused(note.text or message("The camera gives no picture."), kind=kind.value))

    def _on_sound_note(self, note: CaptureNote) -> None:
        if note.event is not CaptureEvent.STARTED:
            # The picture goes on without sound.
            self._change(trouble=note)
        elif self._state.trouble is not None and self._state.trouble.trouble in _MICROPHONE:
            self._change(trouble=None)

    def _on_failed(self, error: FaceSwapError) -> None:
        self._change(error=error)
        self._errand(self.stop())

    def _on_event(self, event: Event) -> None:
        match event:
            case ConsentChanged(faces) | SourceFacesChanged(faces):
                if self._session is not None and self._parts.used & frozenset(faces):
                    self._errand(self._check_sources(faces))
            case SettingsChanged(old, new) if old.label != new.label:
                self.set_label(new.label)

    async def _check_sources(self, among: Collection[SourceFaceId] | None) -> None:
        before = self._parts.sources
        refused = await self._parts.refused(among)
        if refused:
            # Not the bare face in the place of the changed one: first the card, then the face is taken off.
            if self._session is not None and self._state.panic is None:
                self.set_panic(PanicPicture.CARD)
            self._parts.take_off(refused)
            self._change(error=next(iter(refused.values())))
        if self._parts.sources != before:
            self._send()

    def _errand(self, doing: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(self._run_errand(doing), name="live: errand")
        self._errands.add(task)
        task.add_done_callback(self._errands.discard)

    async def _run_errand(self, doing: Coroutine[Any, Any, None]) -> None:
        try:
            await doing
        except Cancelled:
            return
        except FaceSwapError as error:
            self._change(error=error)
        except Exception:
            logger.exception("something of the live session failed")


def _why(state: LiveState) -> Message | None:
    """Say why everybody sees something else than the changed picture, where the user did not wish it so."""
    if state.phase is not LivePhase.RUNNING:
        return None
    match state.shown:
        case Shown.REFUSED:
            return message("Something was seen that is not shown. The picture comes back when it is gone.")
        case Shown.STALLED if state.trouble is not None and state.trouble.text is not None:
            return state.trouble.text
        case Shown.STALLED:
            return message("No picture comes from the worker at the moment. It is started again by itself.")
        case _:
            return None


__all__ = ["Live", "LivePhase", "LiveState"]
