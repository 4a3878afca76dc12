"""The live session on this computer: a camera whose faces are changed while it runs.

What everybody sees (the window, a virtual camera, a recording) is decided by one rule, ``domain.live_rule``, from one
switch in shared memory; see ``workers.live_outlet``. Here are the decisions: start and stop, who becomes whom, what is
told to those who look on.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from faceswap_desktop.domain.errors import InputRefused
from faceswap_desktop.domain.events import Event, SettingsChanged
from faceswap_desktop.domain.faces import SourceFaceId
from faceswap_desktop.domain.job import JobId
from faceswap_desktop.domain.live import (
    CameraChoice,
    Capture,
    CaptureNote,
    LivePart,
    LivePicture,
    MicrophoneChoice,
    PanicPicture,
    Resolution,
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
from faceswap_desktop.services.live_course import LiveCourse
from faceswap_desktop.services.live_outlets import LiveOutlets
from faceswap_desktop.services.live_parts import LiveParts
from faceswap_desktop.services.live_state import LiveBoard, LivePhase, LiveState, OnPicture, OnState
from faceswap_desktop.services.live_stills import keep_frame
from faceswap_desktop.services.live_view import LiveView
from faceswap_desktop.services.live_warmth import LiveWarmth
from faceswap_desktop.services.settings import SettingsService
from faceswap_desktop.services.takes import Takes
from faceswap_desktop.services.virtual_camera import virtual_camera_need
from faceswap_desktop.storage.paths import Home
from faceswap_desktop.workers.pool import WorkerPool

if TYPE_CHECKING:
    from faceswap_desktop.services.live_frames import FileFrames
    from faceswap_desktop.services.live_session import LiveSession

_AWAKE: Final = "live"


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
        takes: Takes,
    ) -> None:
        self._home, self._pool, self._settings, self._awake = home, pool, settings, awake
        live = settings.current.live
        self._board = LiveBoard(
            LiveState(label=settled(settings.current.label), is_mirrored=live.is_mirrored, when_lost=live.when_lost)
        )
        self._parts = LiveParts(clearance, library)
        self._view = LiveView(self._board)
        self._outlets = LiveOutlets(pool, takes, self._parts, self._board, settings)
        self._warmth = LiveWarmth(pool)
        self._course = LiveCourse(self._board, self._parts, self._view, self.stop)
        self._turn = asyncio.Lock()
        self._casting = asyncio.Lock()
        self._unsubscribe = bus.subscribe(self._on_event)

    @property
    def state(self) -> LiveState:
        """How it stands."""
        return self._board.state

    def follow(self, on_state: OnState, on_picture: OnPicture | None = None) -> Callable[[], None]:
        """Hear of every change and get every picture; what is returned ends that.

        Args:
            on_state: Called at every change; what changes with every picture is told ten times a second at most.
            on_picture: Called with what everybody sees, each time that changes, and at once where there is something.
        """
        leave = self._board.follow(on_state, on_picture)
        if on_picture is not None and self._view.newest is not None:
            on_picture(self._view.newest)
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
            if self.state.camera is not None and camera != self.state.camera:
                self._parts.forget_people(with_parts=True)
            mirrored = self.state.is_mirrored if is_mirrored is None else is_mirrored
            self._board.change(
                phase=LivePhase.STARTING,
                camera=camera,
                resolution=wish,
                microphone=microphone,
                is_mirrored=mirrored,
                error=None,
                trouble=None,
                failed=(),
            )
            try:
                for error in (await self._parts.refused()).values():
                    raise error
                from faceswap_desktop.services.live_session import LiveSession, SessionPlan

                self._view.attach(
                    LiveSession(self._pool, SessionPlan(camera, capture, wish, mirrored, sound), self._course.events)
                )
                self._course.send()
                self._on().begin()
            except BaseException:
                await self._take_down()
                raise
            self._awake.hold(_AWAKE)
            self._course.begin()

    async def stop(self) -> JobId | None:
        """Stop everything, and free the camera; returns the job of a recording, None where nothing was recorded.

        Raises:
            FaceSwapError: The recording could not be finished; that is tried again at the next start of the program.
        """
        async with self._turn:
            if self._view.session is None:
                return None
            self._board.change(phase=LivePhase.STOPPING)
            try:
                ended = await self._outlets.end_recording()
                await self._outlets.stop_feeding()
            finally:
                await self._take_down()
        return await self._outlets.finish(ended) if ended is not None else None

    def file_capture(self, camera: CameraChoice) -> Capture:
        """Return a capture that plays a file, or moves a picture, by a worker."""
        from faceswap_desktop.services.live_file import FileCapture

        return FileCapture(self._pool, camera, lambda: self._on().boxes.names, self._most_pixels)

    def file_frames(self, camera: CameraChoice, on_note: Callable[[CaptureNote], None]) -> FileFrames:
        """Play a file, or move a picture, for a session at a service; see ``FileFrames``."""
        from faceswap_desktop.services.live_frames import FileFrames

        return FileFrames(self._pool, camera, self._most_pixels, on_note)

    def warm(self) -> None:
        """The page is looked at: a worker gets ready, so that a session starts quickly."""
        self._warmth.warm()

    def leave(self) -> None:
        """The page was left: what stands ready is let go after a while."""
        self._warmth.leave()

    async def close(self) -> None:
        """The program ends."""
        self._unsubscribe()
        try:
            await self.stop()
        finally:
            self._warmth.close()
            await self._course.close()

    # ------------------------------------------------------------------------------------------- what can be changed

    async def set_everyone(self, source: SourceFaceId | None, years: int = 0) -> None:
        """Say what is done to whoever has no part of their own. It may be said before the start.

        Raises:
            ConsentNeeded: Nobody has said who the source face is.
            SensitiveContent: It is refused.
            InputRefused: It is gone.
            StorageError: It cannot be written down who is in a recording that runs.
            ValueError: The years are out of range.
        """
        await self._cast(self._parts.set_everyone, LivePart(source, years))

    async def set_part(self, number: int, source: SourceFaceId | None, years: int = 0) -> None:
        """Give one person a part of their own.

        Raises:
            InputRefused: As for ``set_everyone``; kind ``person-unknown``: they were never seen well enough.
            FaceSwapError: As for ``set_everyone``.
            ValueError: The years are out of range.
        """
        await self._cast(lambda part: self._parts.set_part(number, part), LivePart(source, years))

    def clear_part(self, number: int) -> None:
        """Let a person have the part that everybody has."""
        self._parts.clear_part(number)
        self._course.send()

    def set_options(self, options: SwapOptions) -> None:
        """Say how source faces are put in."""
        self._board.change(options=options)
        self._course.send()

    def set_label(self, label: LabelOptions) -> None:
        """Change the visible label."""
        self._board.change(label=settled(label))
        self._course.send()
        if self.state.recording is not None:
            self._course.errand(self._outlets.note_cast())

    def set_mirrored(self, is_mirrored: bool) -> None:
        """Swap left and right, for everybody."""
        self._board.change(is_mirrored=is_mirrored)
        if self._view.session is not None:
            self._view.session.set_mirrored(is_mirrored)

    def set_when_lost(self, when_lost: WhenLost) -> None:
        """Say what is shown while a face cannot be found."""
        self._board.change(when_lost=when_lost)
        self._course.send()

    def set_card(self, title: str, text: str) -> None:
        """Say what stands on the card, in the user's language."""
        self._course.card = title, text
        self._course.send()

    # ------------------------------------------------------------------------------------------------- what is shown

    def press_panic(self, picture: PanicPicture | None = None) -> None:
        """The panic key: pressed once everybody sees that picture at once, pressed again it is over.

        Args:
            picture: What is shown; what the settings say if None. Pressed with another one, that is shown then.
        """
        is_over = self.state.panic is not None and picture in {None, self.state.panic}
        self.set_panic(None if is_over else picture or self._settings.current.live.panic)

    def set_panic(self, picture: PanicPicture | None) -> None:
        """Show that picture to everybody, or the changed one again if None. Does nothing where no session runs."""
        self._view.set_panic(picture)

    def freeze(self, is_frozen: bool) -> None:
        """Let the last picture stand for everybody, or go on. Does nothing where no session runs."""
        self._parts.hold(is_frozen and self._view.session is not None)
        self._view.freeze(is_frozen)

    def camera_picture(self) -> LivePicture | None:
        """Return the camera's newest frame, for the user's own eyes; None while there is none."""
        return self._view.camera_picture()

    def note_shown(self, number: int) -> None:
        """A picture was painted; its number says which."""
        self._view.figures.note_shown(number, time.monotonic_ns())

    # ----------------------------------------------------------------------------- what others see, and what is kept

    async def record(self, output: str = "") -> None:
        """Begin to record what everybody sees; does nothing while it is recorded.

        Args:
            output: Where the result is wanted, beside the gallery: ``.mp4``, ``.mov`` or ``.mkv``; empty for nowhere.

        Raises:
            InputRefused: Kind ``live-off``: no session runs.
            StorageError: It cannot be written, or there is no room.
        """
        await self._outlets.record(self._on(), output, self._view.label)

    async def stop_recording(self) -> JobId | None:
        """End the recording; returns the job that makes a result of it, None where nothing was recorded.

        Raises:
            FaceSwapError: It could not be finished; that is tried again at the next start of the program.
        """
        return await self._outlets.stop_recording()

    async def snapshot(self) -> JobId:
        """Put what everybody sees into the gallery; returns the job that does it.

        Raises:
            InputRefused: Kind ``live-off``: no session runs; ``not-swapped``: a card or something else is shown.
            StorageError: It could not be written.
        """
        self._on()
        return await self._outlets.snapshot(self._view.newest, self._view.label)

    async def frame_for_studio(self) -> Path:
        """Keep the camera's own frame, without any face changed, as a picture that the Studio can open.

        Raises:
            InputRefused: Kind ``no-frame``: the camera has given none.
            StorageError: It could not be written.
        """
        return await keep_frame(self._home, self.camera_picture())

    def virtual_camera_need(self) -> Message | None:
        """Return what the virtual camera needs and how to get it; None where it can be started."""
        return virtual_camera_need()

    async def start_virtual_camera(self) -> None:
        """Hand what everybody sees to other programs; ``state.virtual_camera`` says under which name they find it.

        Raises:
            InputRefused: Kind ``live-off``: no session runs; else something is missing.
            FaceSwapError: The virtual camera is busy, or failed.
        """
        session = self._on()
        if (need := self.virtual_camera_need()) is not None:
            raise InputRefused(need, kind="virtual-camera")
        await self._outlets.start_feeding(session)

    async def stop_virtual_camera(self) -> None:
        """Hand it on no more."""
        await self._outlets.stop_feeding()

    # ------------------------------------------------------------------------------------------------------- insides

    def _refuse_second(self) -> None:
        if self.state.phase in {LivePhase.STARTING, LivePhase.RUNNING}:
            raise InputRefused(message("A live session runs already."), message("Stop it first."), kind="live-running")

    def _on(self) -> LiveSession:
        if self._view.session is None:
            raise InputRefused(message("No live session runs."), message("Start one first."), kind="live-off")
        return self._view.session

    def _most_pixels(self) -> int:
        return self._settings.current.media.max_megapixels * 1_000_000

    async def _take_down(self) -> None:
        await self._course.end()
        try:
            if self._view.session is not None:
                await self._view.session.end()
        finally:
            self._awake.let_go(_AWAKE)
            self._warmth.rest_later()
            self._parts.forget_people(with_parts=False)
            self._parts.forget_shown()
            self._view.detach()
            self._board.change(phase=LivePhase.OFF)

    async def _cast(self, put: Callable[[LivePart], None], part: LivePart) -> None:
        async with self._casting:
            if part.source is not None:
                await self._parts.let_pass(part.source)
            before = self._parts.everyone, self._parts.parts
            put(part)
            try:
                # First it is written down who is in the recording, then they are.
                await self._outlets.note_cast()
            except BaseException:
                self._parts.everyone, self._parts.parts = before
                raise
            self._course.send()

    def _on_event(self, event: Event) -> None:
        self._course.on_event(event)
        match event:
            case SettingsChanged(old, new) if old.label != new.label:
                self.set_label(new.label)


__all__ = ["Live", "LivePhase", "LiveState"]
