"""Starting and stopping on this computer, and what is made of the picture while it runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from faceswap_desktop.domain.consent import Standing
from faceswap_desktop.domain.errors import ConsentNeeded, SensitiveContent
from faceswap_desktop.domain.live import CameraKind

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from faceswap_desktop.domain.live import CameraChoice, Capture, MicrophoneChoice, SoundCapture
    from faceswap_desktop.ui.bridge import Tasks
    from faceswap_desktop.ui.context import AppContext
    from faceswap_desktop.ui.live.cameras import Cameras
    from faceswap_desktop.ui.live.casting import Casting
    from faceswap_desktop.ui.studio.sources import Sources


class Running(QObject):
    """Starts, stops, records. A second press while one of them is under way does nothing.

    Attributes:
        file_wanted: There is no camera: a file is to be chosen.
    """

    file_wanted = Signal()

    def __init__(
        self, context: AppContext, tasks: Tasks, cameras: Cameras, casting: Casting, sources: Sources, window: QWidget
    ) -> None:
        super().__init__(window)
        self._context = context
        self._tasks = tasks
        self._cameras = cameras
        self._casting = casting
        self._sources = sources
        self._window = window

    def toggle(self) -> None:
        """Start, or stop what runs."""
        if self._context.live.state.is_on:
            self.stop()
        else:
            self.start()

    def start(self) -> None:
        """Start with the chosen camera."""
        if self._cameras.camera is None:
            self.file_wanted.emit()
            return
        self._tasks.start(self._start(self._cameras.camera), key="live-start")

    def stop(self) -> None:
        """Stop; a recording becomes a result."""
        self._tasks.start(self._stop(), key="live-stop")

    def restart(self) -> None:
        """Go on with another camera, microphone or resolution."""
        if self._context.live.state.is_on:
            self._tasks.start(self._restart(), key="live-restart")

    def record(self, is_wanted: bool) -> None:
        """Begin or end a recording."""
        self._tasks.start(self._record() if is_wanted else self._stop_recording(), key="live-record")

    def snapshot(self) -> None:
        """Put the picture of this moment into the gallery."""
        self._tasks.start(self._snapshot(), key="live-snapshot")

    def to_studio(self) -> None:
        """Open the camera's picture of this moment in the Studio."""
        self._tasks.start(self._to_studio(), key="live-to-studio")

    def set_virtual_camera(self, is_wanted: bool) -> None:
        """Hand the picture to other programs, or no more."""
        live = self._context.live
        work = live.start_virtual_camera() if is_wanted else live.stop_virtual_camera()
        self._tasks.start(work, key="live-virtual-camera")

    def say_taken(self, words: str) -> None:
        """Say that something goes to the gallery."""
        self._context.notifications.success(
            words,
            button=self.tr("Show in Gallery"),
            action=lambda: self._context.navigator.go("gallery"),
            key="live-taken",
        )

    # Inside

    async def _start(self, camera: CameraChoice) -> None:
        await self._casting.settled()
        live, settings = self._context.live, self._context.current_settings
        microphone, sound = self._sound(camera)
        try:
            await live.start(
                camera,
                self._capture(camera),
                self._cameras.resolution,
                sound=sound,
                microphone=microphone,
                is_mirrored=settings.live.is_mirrored,
            )
        except SensitiveContent:
            raise
        except ConsentNeeded:
            # It was withdrawn, or has run out, since the face was chosen.
            if await self._ask_again():
                await self._start(camera)

    async def _stop(self) -> None:
        if await self._context.live.stop() is not None:
            self.say_taken(self.tr("The recording goes to the Gallery."))

    async def _restart(self) -> None:
        await self._stop()
        if self._cameras.camera is not None:
            await self._start(self._cameras.camera)

    async def _record(self) -> None:
        await self._context.live.record()

    async def _stop_recording(self) -> None:
        if await self._context.live.stop_recording() is not None:
            self.say_taken(self.tr("The recording goes to the Gallery."))

    async def _snapshot(self) -> None:
        await self._context.live.snapshot()
        self.say_taken(self.tr("The snapshot goes to the Gallery."))

    async def _to_studio(self) -> None:
        path = await self._context.live.frame_for_studio()
        self._context.navigator.go("studio")
        self._context.studio.open([path])

    def _capture(self, camera: CameraChoice) -> Capture:
        if camera.kind is not CameraKind.DEVICE:
            return self._context.live.file_capture(camera)
        from faceswap_desktop.ui.live.camera import QtCamera

        return QtCamera(camera)

    def _sound(self, camera: CameraChoice) -> tuple[MicrophoneChoice | None, SoundCapture | None]:
        chosen = self._cameras.microphone if camera.kind is CameraKind.DEVICE else None
        if chosen is None:
            return None, None
        from faceswap_desktop.ui.live.microphone import QtMicrophone

        return chosen, QtMicrophone(chosen)

    async def _ask_again(self) -> bool:
        from faceswap_desktop.ui.consent.sheet import ask_who

        await self._sources.load()
        state = self._context.live.state
        used = {part.source for part in (state.everyone, *state.parts.values()) if part.source is not None}
        faces = [face for key, face in self._sources.all.items() if key in used]
        known = await self._context.consents.standings(faces)
        missing = [face for face in faces if known[face.id].standing is not Standing.GIVEN]
        return bool(missing) and await ask_who(self._context, self._window, missing, self.tr("Remember and start"))
