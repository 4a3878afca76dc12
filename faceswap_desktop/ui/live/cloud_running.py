"""A session at a service from the button to its end: what is asked first, the page, recordings of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Signal

from faceswap_desktop.domain.errors import ConsentNeeded, FaceSwapError, ProviderError, SensitiveContent
from faceswap_desktop.domain.faces import SourceFaceId
from faceswap_desktop.domain.live import CameraKind, CaptureNote
from faceswap_desktop.ui.dialogs.questions import confirm
from faceswap_desktop.ui.live.start_sheet import StartOffer, ask_to_start
from faceswap_desktop.ui.notifications import Notice, Tone
from faceswap_desktop.ui.texts import clock_text, size_text, text_of

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from faceswap_desktop.domain.live import CameraChoice
    from faceswap_desktop.domain.live_cloud import CloudLiveState, LegTrouble
    from faceswap_desktop.domain.recipe import SourceRef
    from faceswap_desktop.services.live_frames import FileFrames
    from faceswap_desktop.services.offers import Offer
    from faceswap_desktop.services.takes import OpenTake
    from faceswap_desktop.ui.bridge import Tasks
    from faceswap_desktop.ui.context import AppContext
    from faceswap_desktop.ui.live.cameras import Cameras
    from faceswap_desktop.ui.live.running import Running
    from faceswap_desktop.ui.live.web_leg import WebLeg
    from faceswap_desktop.ui.studio.sources import Sources

_SECTIONS: Final = {"account": "accounts", "credits": "accounts", "hosting": "hosting", "webhook": "webhook"}
"""Where in the settings that can be set up which a provider misses, by the kind of its refusal."""


class CloudRunning(QObject):
    """Starts and stops a session, and owns its page.

    Attributes:
        page_changed: The page of the session came or went; see ``page``.
        record_changed: A recording began, went on or ended.
    """

    page_changed = Signal()
    record_changed = Signal()

    def __init__(
        self, context: AppContext, tasks: Tasks, cameras: Cameras, sources: Sources, running: Running, window: QWidget
    ) -> None:
        super().__init__(window)
        self._context = context
        self._tasks = tasks
        self._cameras = cameras
        self._sources = sources
        self._running = running
        self._window = window
        self._leg: WebLeg | None = None
        self._frames: FileFrames | None = None
        self._take: OpenTake | None = None
        self._recorded = 0
        self._began = 0.0
        self._source: SourceFaceId | None = None

    @property
    def leg(self) -> WebLeg | None:
        """The way of the pictures while there is a session."""
        return self._leg

    @property
    def page(self) -> QWidget | None:
        """Where the session's page is shown; None where there is no session."""
        return self._leg.widget() if self._leg is not None else None

    @property
    def records(self) -> bool:
        """Whether it is recorded."""
        return self._take is not None

    def recording_words(self, state: CloudLiveState) -> str:
        """Say how far the recording is; empty where nothing is recorded."""
        if self._take is None:
            return ""
        return f"{clock_text(state.seconds - self._began)} · {size_text(self._recorded)}"

    def start(self, offer: Offer) -> None:
        """Ask what has to be asked, and start."""
        self._tasks.start(self._start(offer), key="live-start", on_error=self._on_error)

    def stop(self) -> None:
        """End the session."""
        self._tasks.start(self._context.cloud_live.stop(), key="live-stop")

    def change_face(self, source: SourceFaceId | None) -> None:
        """Put another source face in while it runs."""
        if source is not None and source != self._source and self._leg is not None:
            self._source = source
            self._tasks.start(self._change_face(source), key="live-face", replace=True)

    def record(self, is_wanted: bool) -> None:
        """Begin or end a recording of the page."""
        self._tasks.start(self._record() if is_wanted else self.stop_recording(), key="live-record")

    def snapshot(self) -> None:
        """Put what the page shows into the gallery."""
        self._tasks.start(self._snapshot(), key="live-snapshot")

    def refresh_label(self) -> None:
        """Burn the label in as the settings have it now."""
        if self._leg is not None:
            from faceswap_desktop.services.live_label import label_drawer

            self._leg.set_label(label_drawer(self._context.current_settings.label))
            if self._take is not None:
                self._tasks.start(self._note_label(), key="live-label")

    def follow(self, state: CloudLiveState) -> None:
        """Let the page go when the session is over."""
        if state.phase == "off" and self._leg is not None and not self._tasks.is_running("live-start"):
            self._tasks.start(self._let_go(), key="live-page")

    async def stop_recording(self) -> None:
        """End the recording; it becomes a result."""
        take, self._take = self._take, None
        if take is None:
            return
        if self._leg is not None:
            await self._leg.stop_recording()
        self._context.live_desk.set_leg_records(records=False)
        self.record_changed.emit()
        if await self._context.takes.finish(take) is not None:
            self._running.say_taken(self.tr("The recording goes to the Gallery."))

    # Starting

    async def _start(self, offer: Offer) -> None:
        from faceswap_desktop.ui.live.web_engine import available

        source = self._context.live.state.everyone.source
        camera = self._cameras.camera
        missing = available()
        if missing is not None:
            self._post(text_of(missing), "")
        elif camera is None:
            self._running.file_wanted.emit()
        elif source is None:
            self._post(self.tr("Choose a source face on the shelf first."), "")
        elif await self._agree(offer):
            minutes = await self._ask(offer)
            if minutes is not None:
                await self._go(offer, source, camera, minutes)

    async def _agree(self, offer: Offer) -> bool:
        terms = self._context.accounts.terms(offer.info.id)
        if terms is None:
            return True
        title = self.tr("{provider} asks this of you").format(provider=offer.info.title)
        if not await confirm(self._window, title, text_of(terms), self.tr("I agree")):
            return False
        await self._context.accounts.accept_terms(offer.info.id)
        return True

    async def _ask(self, offer: Offer) -> int | None:
        context, provider = self._context, offer.info.id
        try:
            left = await context.accounts.credits(provider)
        except FaceSwapError:
            # It is said when the session is opened, where it still matters.
            left = None
        asked = StartOffer(
            offer.info.title,
            offer.info.unit,
            context.cloud_live.price_per_minute(provider),
            context.cloud_live.destinations(provider),
            left,
            context.current_settings.live.minutes_limit,
            context.current_settings.sandbox.is_on,
        )
        return await ask_to_start(self._window, asked)

    async def _go(self, offer: Offer, source: SourceFaceId, camera: CameraChoice, minutes: int) -> None:
        # Before the page is told: else it takes the face that the session begins with for a change of it.
        self._source = source
        self._make_leg(camera)
        leg = self._leg
        if leg is None:
            return
        try:
            await self._context.cloud_live.start(offer.info.id, source, leg, minutes)
        except SensitiveContent:
            await self._let_go()
            raise
        except ConsentNeeded:
            await self._let_go()
            if await self._ask_who(source):
                await self._go(offer, source, camera, minutes)
        except BaseException:
            await self._let_go()
            raise

    def _make_leg(self, camera: CameraChoice) -> None:
        from faceswap_desktop.ui.live.web_leg import WebLeg

        frames = None
        if camera.kind is not CameraKind.DEVICE:
            frames = self._context.live.file_frames(camera, self._on_note)
        self._frames = frames
        microphone = self._cameras.microphone if camera.kind is CameraKind.DEVICE else None
        leg = WebLeg(camera, microphone, frames=frames, parent=self)
        leg.set_mirrored(self._context.current_settings.live.is_mirrored)
        leg.set_card(
            self.tr("Back in a moment"),
            self.tr("The picture is paused."),
            self.tr("The swapped picture does not come at the moment."),
        )
        leg.on_note = self._on_leg_note
        leg.on_recording_failed = self._on_recording_failed
        self._leg = leg
        self.refresh_label()
        self._context.live_desk.set_leg(leg)
        self.page_changed.emit()

    async def _let_go(self) -> None:
        try:
            await self.stop_recording()
        finally:
            # Also where the recording could not be put away: that is told, and taken up at the next start.
            await self._take_down()

    async def _take_down(self) -> None:
        leg, self._leg = self._leg, None
        frames, self._frames = self._frames, None
        self._context.live_desk.set_leg(None)
        self.page_changed.emit()
        if leg is not None:
            await leg.leave()
            leg.widget().deleteLater()
            leg.deleteLater()
        if frames is not None:
            await frames.close()

    async def _ask_who(self, source: SourceFaceId) -> bool:
        from faceswap_desktop.ui.consent.sheet import ask_who

        await self._sources.load()
        face = self._sources.all.get(source)
        return face is not None and await ask_who(self._context, self._window, [face], self.tr("Remember and start"))

    async def _change_face(self, source: SourceFaceId) -> None:
        if self._take is not None:
            await self._context.takes.note_cast(self._take, await self._refs())
        await self._context.cloud_live.change_face(source)

    # What is kept of it

    async def _record(self) -> None:
        leg = self._leg
        if leg is None or self._take is not None:
            return
        state, settings = self._context.cloud_live.state, self._context.current_settings
        provider = state.session.provider if state.session is not None else ""
        camera = self._cameras.camera
        take = await self._context.takes.begin_recording(
            camera.name if camera is not None else "", await self._refs(), settings.label, provider
        )
        self._take, self._recorded, self._began = take, 0, state.seconds

        async def keep(piece: bytes) -> None:
            await self._context.takes.append(take, piece)
            self._recorded += len(piece)

        try:
            await leg.record(keep)
        except BaseException:
            self._take = None
            await self._context.takes.discard(take)
            raise
        self._context.live_desk.set_leg_records(records=True)
        self.record_changed.emit()

    async def _snapshot(self) -> None:
        leg = self._leg
        picture = await leg.snapshot() if leg is not None else b""
        if not picture:
            self._post(self.tr("No picture is shown that could be kept."), "")
            return
        state, settings = self._context.cloud_live.state, self._context.current_settings
        camera = self._cameras.camera
        await self._context.takes.snapshot(
            picture,
            0,
            0,
            camera.name if camera is not None else "",
            await self._refs(),
            settings.label,
            state.session.provider if state.session is not None else "",
        )
        self._running.say_taken(self.tr("The snapshot goes to the Gallery."))

    async def _note_label(self) -> None:
        if self._take is not None:
            label = self._context.current_settings.label
            await self._context.takes.note_cast(self._take, await self._refs(), label=label)

    async def _refs(self) -> list[SourceRef]:
        library = self._context.library
        face = await library.face(self._source) if self._source is not None else None
        return [library.source_ref(face)] if face is not None else []

    # What is said

    def _on_error(self, error: FaceSwapError) -> None:
        section = _SECTIONS.get(error.kind, "") if isinstance(error, ProviderError) else ""
        self._post(text_of(error.message), text_of(error.hint), section)

    def _on_note(self, note: CaptureNote) -> None:
        if note.text is not None:
            self._post(text_of(note.text), "")

    def _on_leg_note(self, trouble: LegTrouble, _text: str) -> None:
        from faceswap_desktop.domain.live import CaptureTrouble
        from faceswap_desktop.services import live_words

        if trouble.value in {one.value for one in CaptureTrouble}:
            kind = CaptureTrouble(trouble.value)
            self._post(text_of(live_words.what(kind)), text_of(live_words.what_helps(kind)))

    def _on_recording_failed(self, _text: str) -> None:
        self._post(self.tr("The recording had to end. What is there of it is kept."), "")
        self._tasks.start(self.stop_recording(), key="live-record")

    def _post(self, words: str, hint: str, section: str = "") -> None:
        button = self.tr("Set up…") if section else ""
        action = (lambda: self._context.navigator.go("settings", section)) if section else None
        self._context.notifications.post(Notice(words, Tone.WARNING, hint, button, action, key="live"))
