"""Live: yourself swapped while the camera runs, on this computer or at a service by the minute."""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import Any, ClassVar

from PySide6.QtCore import QMimeData, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QUndoStack
from PySide6.QtWidgets import QVBoxLayout, QWidget

from faceswap_desktop.domain.events import SettingsChanged
from faceswap_desktop.domain.live import PanicPicture, WhenLost
from faceswap_desktop.domain.recipe import SwapOptions
from faceswap_desktop.ui.actions import ActionSpec
from faceswap_desktop.ui.canvas.drag import files_of, has_pictures
from faceswap_desktop.ui.context import AppContext
from faceswap_desktop.ui.dialogs.files import ask_for_media
from faceswap_desktop.ui.live.actions import LiveCommands, live_actions
from faceswap_desktop.ui.live.cameras import Cameras
from faceswap_desktop.ui.live.casting import Casting
from faceswap_desktop.ui.live.cloud_running import CloudRunning
from faceswap_desktop.ui.live.inspector import LiveInspector
from faceswap_desktop.ui.live.running import Running
from faceswap_desktop.ui.live.sessions_strip import SessionsStrip
from faceswap_desktop.ui.live.shelf import LiveShelf
from faceswap_desktop.ui.live.showing import Showing
from faceswap_desktop.ui.live.stage import LiveStage
from faceswap_desktop.ui.pages.base import Page
from faceswap_desktop.ui.studio.sandbox_banner import SandboxBanner
from faceswap_desktop.ui.studio.sources import Sources
from faceswap_desktop.ui.widgets.panels import splitter

_UNDO_STEPS = 100
_CAMERA_MS = 33
"""How often the camera's own picture is painted while it is compared: it has no news of its own."""


class LivePage(Page):
    """Shelf, picture, inspector, and what connects them. It shows the session's state and keeps none of its own.

    Leaving it does not stop anything: whoever looks something up elsewhere stays on air.
    """

    id: ClassVar[str] = "live"
    title: ClassVar[str] = "Live"
    icon: ClassVar[str] = "live"

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._stack = QUndoStack(self)
        self._stack.setUndoLimit(_UNDO_STEPS)
        self._make_parts()
        self._connect()
        self._camera_timer = QTimer(self)
        self._camera_timer.setInterval(_CAMERA_MS)
        self._camera_timer.timeout.connect(self.stage.view.update)
        context.live.set_card(self.tr("Back in a moment"), self.tr("The picture is paused."))
        self.showing.refresh()

    def _make_parts(self) -> None:
        context = self.context
        self.sources = Sources(context.library, self.tasks, self)
        self.cameras = Cameras(context, self)
        self.casting = Casting(context, self.tasks, self.sources, self)
        self.shelf = LiveShelf(context, self.tasks, self._stack, self.sources, self.casting, self)
        self.stage = LiveStage(self)
        self.inspector = LiveInspector(
            context, self.tasks, self.cameras, self.sources, self.casting, context.cloud_live.price_per_minute, self
        )
        self.shelf.follow_people(self.inspector.people)
        self.running = Running(context, self.tasks, self.cameras, self.casting, self.sources, self)
        self.cloud = CloudRunning(context, self.tasks, self.cameras, self.sources, self.running, self)
        self.sessions = SessionsStrip(context, self.tasks, self)
        self.stage.put_above(self.sessions)
        self.showing = Showing(context, self.cameras, self.sources, self.shelf, self.stage, self.inspector, self.cloud)
        parts = splitter("live-splitter", self.shelf.panel, self.stage, self.inspector, parent=self)
        parts.setSizes([208, 692, 304])
        for place, share in enumerate((0, 1, 0)):
            parts.setStretchFactor(place, share)
        self.context.window_state.follow_splitter(parts)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.sandbox = SandboxBanner(self)
        self.sandbox.settings_wanted.connect(lambda: context.navigator.go("settings", "sandbox"))
        column.addWidget(self.sandbox)
        column.addWidget(parts, 1)

    def _connect(self) -> None:
        context, stage, view = self.context, self.stage, self.stage.view
        context.signals.settings_changed.connect(self._on_settings)
        context.signals.source_faces_changed.connect(self.sources.reload)
        context.live_desk.changed.connect(self._on_desk)
        self.cloud.page_changed.connect(self.showing.refresh)
        self.cloud.record_changed.connect(self.showing.refresh)
        self.sources.changed.connect(self.showing.refresh)
        self.casting.refused.connect(self.inspector.face.show_problem)
        self.casting.left_out.connect(self.inspector.face.show_words)
        view.on_shown = context.live.note_shown
        view.camera = context.live.camera_picture
        view.person_clicked.connect(self._on_person)
        view.person_focused.connect(self._on_person_focused)
        view.person_cleared.connect(self.casting.leave)
        view.sources_dropped.connect(self.shelf.put_dropped)
        view.menu_wanted.connect(self.shelf.open_person_menu)
        stage.bar.compare_held.connect(self._compare)
        stage.banner.end_wanted.connect(context.live_desk.press_panic)
        stage.file_wanted.connect(self._ask_for_file)
        stage.retry_wanted.connect(self._run)
        self.running.file_wanted.connect(lambda: self._ask_for_file(is_start=True))
        self._connect_inspector()

    def _connect_inspector(self) -> None:
        inspector = self.inspector
        inspector.camera.file_wanted.connect(self._ask_for_file)
        inspector.camera.mirror_wanted.connect(self._mirror)
        cameras = self.cameras
        inspector.camera.camera_chosen.connect(lambda one: self._restart_after(cameras.choose(one)))
        inspector.camera.microphone_chosen.connect(lambda one: self._restart_after(cameras.choose_microphone(one)))
        inspector.camera.resolution_chosen.connect(lambda one: self._restart_after(cameras.choose_resolution(one)))
        people = inspector.people
        people.chosen_changed.connect(self._on_chip)
        people.person_focused.connect(self._on_person_focused)
        people.sources_dropped.connect(self.shelf.put_dropped)
        people.leave_wanted.connect(self.casting.leave)
        people.as_everyone_wanted.connect(self.casting.as_everyone)
        people.menu_wanted.connect(self.shelf.open_person_menu)
        inspector.face.leave_wanted.connect(lambda: self.casting.leave(people.chosen or 0))
        inspector.face.years_chosen.connect(lambda years: self.casting.age(people.chosen or 0, years))
        inspector.options.options_wanted.connect(self._set_options)
        output = inspector.output
        output.virtual_camera_wanted.connect(self.running.set_virtual_camera)
        output.label_look_wanted.connect(lambda: self.context.navigator.go("settings", "label"))
        output.sound_wanted.connect(lambda value: self._save(record_microphone=value))
        output.panic_chosen.connect(self._choose_panic)
        output.lost_chosen.connect(self._choose_lost)
        inspector.foot.panic_pressed.connect(self.context.live_desk.press_panic)
        inspector.foot.run_pressed.connect(self._run)
        self.cameras.changed.connect(self.showing.refresh)

    # The contract of pages

    def actions_of_page(self) -> Sequence[ActionSpec]:
        people = self.inspector.people
        commands = LiveCommands(
            run=self._run,
            freeze=self._freeze,
            mirror=self._mirror,
            beside=self._beside,
            record=self._record,
            snapshot=self._snapshot,
            to_studio=self.running.to_studio,
            use_file=self._ask_for_file,
            add_sources=self.shelf.library.ask_to_add,
            leave=lambda: self.casting.leave(people.chosen or 0),
            as_everyone=lambda: self.casting.as_everyone(people.chosen or 0),
        )
        return live_actions(commands, is_mirrored=self.context.current_settings.live.is_mirrored)

    def table_ready(self) -> None:
        if self.table is not None:
            self.stage.bar.add_actions(self.table)
            self.showing.table = self.table
            self.showing.refresh()

    def activate(self) -> None:
        is_first = self.cameras.open()
        self.context.live.warm()
        self.sources.reload()
        self.sessions.reload()
        self._show_provider()
        if is_first:
            # Where a camera was found there is nothing to choose at first.
            self.inspector.camera.set_open(self.cameras.camera is None)
            self.casting.put_back()

    def deactivate(self) -> None:
        self._compare(False)
        self.context.live.leave()

    async def close_page(self) -> None:
        self.showing.stop()
        self._camera_timer.stop()
        self.context.signals.settings_changed.disconnect(self._on_settings)
        self.context.signals.source_faces_changed.disconnect(self.sources.reload)
        await super().close_page()

    @property
    def undo_stack(self) -> QUndoStack | None:
        return self._stack

    def first_focus(self) -> QWidget | None:
        return self.stage.view if self.stage.is_view_shown else self.inspector.foot.run

    def drop_hint(self, mime: QMimeData) -> str:
        return self.tr("Drop to use the file as camera") if len(files_of(mime)) == 1 else ""

    def receive_drop(self, mime: QMimeData) -> None:
        if self.shelf.panel.view.hasFocus() and has_pictures(mime):
            self.shelf.incoming.add_mime(mime)
        else:
            self.receive_files(files_of(mime))

    def receive_files(self, paths: Sequence[Path]) -> bool:
        if len(paths) != 1 or paths[0].is_dir():
            return False
        self._restart_after(self.cameras.choose_file(paths[0]))
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take the keys of the picture wherever the keyboard stands on the page."""
        if event.key() == Qt.Key.Key_C and not event.modifiers() and not event.isAutoRepeat():
            self._compare(True)
        elif Qt.Key.Key_0 <= event.key() <= Qt.Key.Key_9 and not event.modifiers():
            self.shelf.put_number((event.key() - Qt.Key.Key_1) % 10, self._pointed_at)
        elif event.key() == Qt.Key.Key_Escape:
            self.shelf.let_go()
            self._choose_person(None)
        else:
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """Stop comparing."""
        if event.key() == Qt.Key.Key_C and not event.isAutoRepeat():
            self._compare(False)
        else:
            super().keyReleaseEvent(event)

    # What happened

    def _on_desk(self) -> None:
        self.showing.refresh()
        if not self.context.live_desk.is_there:
            self.sessions.reload()

    def _on_settings(self, event: SettingsChanged) -> None:
        old, new = event.old, event.new
        if (old.live, old.providers, old.sandbox) != (new.live, new.providers, new.sandbox):
            self._show_provider()
        if old.label != new.label:
            self.cloud.refresh_label()
        self.inspector.output.refresh()
        self.cameras.changed.emit()

    def _show_provider(self) -> None:
        self.showing.refresh_provider()
        # On this computer nothing goes to services, nor to what stands in their place.
        self.sandbox.setVisible(self.context.current_settings.sandbox.is_on and not self.inspector.is_local)

    # What is wanted

    def _run(self) -> None:
        desk, offer = self.context.live_desk, self.inspector.provider.offer
        if desk.is_there:
            self.cloud.stop()
        elif desk.is_here or offer is None or offer.info.is_local:
            self.running.toggle()
        else:
            self.cloud.start(offer)

    def _freeze(self, is_frozen: bool) -> None:
        if self.cloud.leg is not None:
            self.cloud.leg.set_frozen(is_frozen)
            self.showing.set_frozen(is_frozen=is_frozen)
        else:
            self.context.live.freeze(is_frozen)

    def _record(self, is_wanted: bool) -> None:
        (self.cloud if self.cloud.leg is not None else self.running).record(is_wanted)

    def _snapshot(self) -> None:
        (self.cloud if self.cloud.leg is not None else self.running).snapshot()

    def _compare(self, is_held: bool) -> None:
        if self.cloud.leg is not None:
            self.cloud.leg.set_comparing(is_held)
        self.stage.view.compare(is_held and self.stage.is_view_shown)
        self._tick()

    def _beside(self, is_wanted: bool) -> None:
        if self.cloud.leg is not None:
            self.cloud.leg.set_layout(is_beside=is_wanted)
        self.stage.view.set_beside(is_wanted)
        self._tick()

    def _tick(self) -> None:
        view = self.stage.view
        if view.compares or view.is_beside:
            self._camera_timer.start()
        else:
            self._camera_timer.stop()

    def _mirror(self, is_mirrored: bool) -> None:
        if self.cloud.leg is not None:
            self.cloud.leg.set_mirrored(is_mirrored)
        self.context.live.set_mirrored(is_mirrored)
        self._save(is_mirrored=is_mirrored)

    def _set_options(self, options: SwapOptions) -> None:
        self.context.live.set_options(options)

    def _choose_panic(self, panic: PanicPicture) -> None:
        if self.context.live_desk.panic is not None:
            self.context.live_desk.set_panic(panic)
        self._save(panic=panic)

    def _choose_lost(self, when_lost: WhenLost) -> None:
        self.context.live.set_when_lost(when_lost)
        self._save(when_lost=when_lost)

    def _on_person(self, number: int) -> None:
        if not self.shelf.take(number):
            self._choose_person(number or None)

    def _on_person_focused(self, number: int) -> None:
        if self.shelf.armed is None:
            self._choose_person(number)

    @property
    def _pointed_at(self) -> int | None:
        """Whom the keyboard stands on, in the picture or in the rows; 0 for everyone, None for nobody."""
        return self.stage.view.focused_person or self.inspector.people.focused

    def _on_chip(self, number: int) -> None:
        if self.shelf.take(number):
            self._choose_person(number or None)
        self._choose_person(self.inspector.people.chosen)

    def _choose_person(self, number: int | None) -> None:
        self.inspector.people.choose(number)
        self.inspector.face.show_person(number or 0)
        self.showing.refresh()

    def _save(self, **changes: object) -> None:
        self.tasks.start(self.context.settings.update("live", **changes))

    def _ask_for_file(self, *, is_start: bool = False) -> None:
        self.tasks.start(self._choose_file(is_start=is_start), key="live-file")

    async def _choose_file(self, *, is_start: bool) -> None:
        if paths := await ask_for_media(self, self.context.window_state):
            await self.cameras.choose_file(paths[0])
            if is_start and not self.context.live_desk.is_on:
                # Start was pressed: nobody should have to press it twice.
                self._run()
            else:
                self.running.restart()

    def _restart_after(self, choosing: Coroutine[Any, Any, None]) -> None:
        self.tasks.start(self._chosen(choosing), key="live-device")

    async def _chosen(self, choosing: Coroutine[Any, Any, None]) -> None:
        await choosing
        self.running.restart()
