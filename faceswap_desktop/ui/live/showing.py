"""What the Live page shows of a session, here or at a service: each state goes to the parts that it concerns."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from faceswap_desktop.domain.live import LivePicture, Shown
from faceswap_desktop.ui.live.stage_words import cloud_note, cloud_words_upon, note_of, words_upon
from faceswap_desktop.ui.live.view import Seen
from faceswap_desktop.ui.live.words import bare_face_words, part_words
from faceswap_desktop.ui.texts import text_of

if TYPE_CHECKING:
    from faceswap_desktop.domain.errors import FaceSwapError
    from faceswap_desktop.domain.live_cloud import CloudLiveState
    from faceswap_desktop.services.live_state import LiveState
    from faceswap_desktop.ui.actions import ActionTable
    from faceswap_desktop.ui.context import AppContext
    from faceswap_desktop.ui.live.cameras import Cameras
    from faceswap_desktop.ui.live.cloud_running import CloudRunning
    from faceswap_desktop.ui.live.inspector import LiveInspector
    from faceswap_desktop.ui.live.shelf import LiveShelf
    from faceswap_desktop.ui.live.stage import LiveStage
    from faceswap_desktop.ui.studio.sources import Sources


class Showing(QObject):
    """Follows both sorts of sessions; it decides nothing.

    Attributes:
        table: The window's actions, once they stand.
    """

    def __init__(
        self,
        context: AppContext,
        cameras: Cameras,
        sources: Sources,
        shelf: LiveShelf,
        stage: LiveStage,
        inspector: LiveInspector,
        cloud: CloudRunning,
    ) -> None:
        super().__init__(stage)
        self._context = context
        self._cameras = cameras
        self._sources = sources
        self._shelf = shelf
        self._stage = stage
        self._inspector = inspector
        self._cloud = cloud
        self._error: FaceSwapError | None = None
        self._was_on = False
        self._is_frozen = False
        self._about: tuple[object, ...] = ()
        self.table: ActionTable | None = None
        self._leave = (
            context.live.follow(self._on_live, self._on_picture),
            context.cloud_live.follow(self._on_cloud),
        )

    def stop(self) -> None:
        """Follow no more."""
        for leave in self._leave:
            leave()

    def set_frozen(self, *, is_frozen: bool) -> None:
        """Know whether the page of a session at a service stands still."""
        self._is_frozen = is_frozen
        self.refresh()

    def refresh(self) -> None:
        """Show everything as it is now."""
        self._on_live(self._context.live.state)

    def refresh_provider(self) -> None:
        """Show the provider, and what the virtual camera needs."""
        self._inspector.refresh_provider(text_of(self._context.live.virtual_camera_need()))
        self.refresh()

    # What happened

    def _on_picture(self, picture: LivePicture) -> None:
        self._stage.view.show_picture(picture)

    def _on_live(self, state: LiveState) -> None:
        if not state.is_on and self._stage.view.picture is not None:
            self._stage.view.show_picture(None)
        self._take_back(state)
        if state.error is not self._error:
            self._error = state.error
            if state.error is not None and state.is_on:
                self._context.notifications.error(state.error, key="live")
        self._inspector.show_state(state)
        self._shelf.show_state(state)
        self._cloud.change_face(state.everyone.source)
        self._show(state)

    def _take_back(self, state: LiveState) -> None:
        """Withdraw what was said of another camera, another source face, or the session before."""
        camera = self._cameras.camera
        about = (camera and (camera.kind, camera.id), state.everyone.source, self._context.live_desk.is_on)
        before, self._about = self._about, about
        if before and about != before and (about[:2] != before[:2] or about[2]):
            self._context.notifications.withdraw("live")

    def _on_cloud(self, state: CloudLiveState) -> None:
        self._take_back(self._context.live.state)
        self._cloud.follow(state)
        if state.phase == "off":
            self._is_frozen = False
        self._show(self._context.live.state)

    def _show(self, state: LiveState) -> None:
        self._show_stage(state)
        self._show_status(state)
        self._show_foot(state)
        self._show_actions(state)
        is_on = self._context.live_desk.is_on
        if is_on and not self._was_on:
            # What is chosen before a start gives way to what is done during it.
            self._inspector.camera.set_open(False)
        self._was_on = is_on

    def _show_stage(self, state: LiveState) -> None:
        stage, desk = self._stage, self._context.live_desk
        stage.set_web(self._cloud.page)
        stage.show_panic(desk.panic)
        if desk.is_there or not self._inspector.is_local:
            self._show_cloud(state)
            return
        camera = self._cameras.camera
        if state.error is not None and state.camera is not None and camera is not None and not state.is_on:
            # What was the matter with another camera is not the matter with this one.
            is_other = (state.camera.kind, state.camera.id) != (camera.kind, camera.id)
            state = replace(state, error=None) if is_other else state
        note = note_of(state, has_camera=camera is not None)
        if note is not None:
            stage.show_note(note)
        else:
            stage.show_view()
        stage.say(words_upon(state, self._sources.name_of) if note is None else "")
        stage.view.show_seen(self._seen(state))

    def _show_cloud(self, state: LiveState) -> None:
        offer, cloud = self._inspector.provider.offer, self._context.cloud_live.state
        title = offer.info.title if offer is not None else ""
        note = cloud_note(cloud, title)
        if cloud.phase == "off" and cloud.error is None and self._cameras.camera is None:
            note = note_of(state, has_camera=False)
        if note is not None:
            self._stage.show_note(note)
            self._stage.say("")
        else:
            self._stage.show_web()
            is_panic = self._context.live_desk.panic is not None
            self._stage.say("" if is_panic else cloud_words_upon(cloud, title, is_frozen=self._is_frozen))

    def _seen(self, state: LiveState) -> Seen:
        parts = (state.everyone, *state.parts.values())
        words = {}
        for person in state.people:
            part = state.parts.get(person.number, state.everyone)
            words[person.number] = part_words(part, self._sources.name_of(part.source) if part.source else "")
        chosen = self._inspector.people.chosen
        return Seen(state.people, words, chosen, any(part.source or part.years for part in parts))

    def _show_status(self, state: LiveState) -> None:
        cloud = self._context.cloud_live.state
        if cloud.phase != "off":
            self._stage.status.show_cloud(cloud, self._cloud.recording_words(cloud))
        else:
            self._stage.status.show_live(state)

    def _show_foot(self, state: LiveState) -> None:
        desk, foot = self._context.live_desk, self._inspector.foot
        foot.show_panic(is_on=desk.panic is not None, is_live=desk.is_on)
        is_busy = state.phase == "stopping" or self._context.cloud_live.state.phase == "closing"
        foot.show_run(is_live=desk.is_on, is_busy=is_busy, words=self._words_of_foot(state))
        self._inspector.provider.set_locked(is_locked=desk.is_on)

    def _words_of_foot(self, state: LiveState) -> str:
        desk = self._context.live_desk
        if not desk.is_on:
            if self._cameras.camera is None:
                return self.tr("Start asks for a video or a picture, as there is no camera.")
            return ""
        if desk.is_there:
            return self.tr("It costs until you press Stop.")
        if bare := bare_face_words(state):
            return bare
        if state.virtual_camera:
            words = self.tr("Programs that use “{camera}” show the picture.").format(camera=state.virtual_camera)
        else:
            words = self.tr("Only this window shows the picture.")
        return f"{words} {self.tr('It is recorded.')}" if state.recording is not None else words

    def _show_actions(self, state: LiveState) -> None:
        table = self.table
        is_there = self._context.cloud_live.state.phase in {"running", "lost"}
        is_here = state.phase == "running"
        self._stage.bar.set_live(is_live=is_here or is_there)
        if table is None:
            return
        for action_id in ("live.freeze", "live.record"):
            table.set_enabled(action_id, is_here or is_there)
        table.set_enabled("live.to-studio", is_here)
        is_swapped = state.shown is Shown.SWAPPED if is_here else is_there
        table.set_enabled("live.snapshot", (is_here or is_there) and is_swapped)
        table.set_checked("live.freeze", self._is_frozen if is_there else state.is_frozen)
        table.set_checked("live.record", self._context.live_desk.records)
        table.set_checked("live.mirror", state.is_mirrored)
        is_on = self._context.live_desk.is_on
        table.set_text("live.run", self.tr("Stop") if is_on else self.tr("Start"))
