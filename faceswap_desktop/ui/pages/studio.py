"""The Studio: pictures, their faces, whom they become, and the button that does it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QKeyEvent, QUndoStack
from PySide6.QtWidgets import QAbstractSpinBox, QApplication, QLineEdit, QVBoxLayout, QWidget

from faceswap_desktop.domain.events import AddressesChanged, AllJobsDone, SettingsChanged, StudioChanged, StudioPart
from faceswap_desktop.domain.pairing import TargetFaceRef
from faceswap_desktop.domain.recipe import Recipe
from faceswap_desktop.ui.accessibility import announce
from faceswap_desktop.ui.actions import ActionSpec
from faceswap_desktop.ui.canvas.drag import files_of, has_pictures
from faceswap_desktop.ui.context import AppContext
from faceswap_desktop.ui.item_models.face_list import FaceListModel
from faceswap_desktop.ui.item_models.pictures import PicturesModel
from faceswap_desktop.ui.item_models.shelf import ShelfModel
from faceswap_desktop.ui.pages.base import Page
from faceswap_desktop.ui.studio.actions import StudioCommands, studio_actions
from faceswap_desktop.ui.studio.addresses import Addresses
from faceswap_desktop.ui.studio.canvas_panel import CanvasPanel
from faceswap_desktop.ui.studio.gestures import Gestures
from faceswap_desktop.ui.studio.identities import Identities
from faceswap_desktop.ui.studio.incoming import Incoming
from faceswap_desktop.ui.studio.inspector import Inspector
from faceswap_desktop.ui.studio.library_gestures import LibraryGestures
from faceswap_desktop.ui.studio.menus import StudioMenus
from faceswap_desktop.ui.studio.pairing import Pairing
from faceswap_desktop.ui.studio.picture_strip import PictureStrip
from faceswap_desktop.ui.studio.preflight import Preflight
from faceswap_desktop.ui.studio.refusing import Refusing
from faceswap_desktop.ui.studio.running import Running
from faceswap_desktop.ui.studio.sandbox_banner import SandboxBanner
from faceswap_desktop.ui.studio.sheets import Sheets
from faceswap_desktop.ui.studio.shelf_gestures import ShelfGestures
from faceswap_desktop.ui.studio.shelf_panel import ShelfPanel
from faceswap_desktop.ui.studio.sources import Sources
from faceswap_desktop.ui.studio.stage import Stage
from faceswap_desktop.ui.studio.take_up import take_up_recipe
from faceswap_desktop.ui.studio.video_gestures import VideoGestures
from faceswap_desktop.ui.studio.video_stage import VideoStage
from faceswap_desktop.ui.undo.pairing import ClosePicturesCommand
from faceswap_desktop.ui.widgets.panels import splitter

_UNDO_STEPS = 500


class StudioPage(Page):
    """Shelf, canvas, inspector, and what connects them. It shows the Studio's state and keeps none of its own."""

    id: ClassVar[str] = "studio"
    title: ClassVar[str] = "Studio"
    icon: ClassVar[str] = "studio"

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._stack = QUndoStack(self)
        self._stack.setUndoLimit(_UNDO_STEPS)
        self._is_opening = False
        self._make_models()
        self._make_parts()
        self._connect()

    def _make_models(self) -> None:
        context = self.context
        self.sources = Sources(context.library, self.tasks, self)
        self.pairing = Pairing(context.studio, self._stack, self.sources, self)
        self.shelf_model = ShelfModel(self)
        self.pictures_model = PicturesModel(self)
        self.faces_model = FaceListModel(self)
        self.identities = Identities(context.studio, context.videos, self.tasks, self._stack, self)
        self.addresses = Addresses(context.cloud.pasted, self.tasks, self)

    def _make_parts(self) -> None:
        context = self.context
        self.shelf = ShelfPanel(self.shelf_model, self)
        strip = PictureStrip(self.pictures_model, context.gallery, self.tasks, self)
        self.panel = CanvasPanel(strip, self)
        self.inspector = Inspector(
            context, self.tasks, self._stack, self.faces_model, self.pairing, self.identities, self.addresses, self
        )
        parts = splitter("studio-splitter", self.shelf, self.panel, self.inspector, parent=self)
        parts.setSizes([208, 692, 304])
        for place, share in enumerate((0, 1, 0)):
            parts.setStretchFactor(place, share)
        context.window_state.follow_splitter(parts)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.banner = SandboxBanner(self)
        column.addWidget(self.banner)
        column.addWidget(parts, 1)
        self.stage = Stage(context, self.tasks, self.panel, self.faces_model, self.pairing, self.sources)
        self.library = LibraryGestures(context, self.tasks, self._stack, self.sources, self)
        self.incoming = Incoming(context, self.tasks, self.library, self)
        self.gestures = Gestures(
            context.studio,
            self.stage,
            self.pairing,
            self.sources,
            self.panel.canvas,
            self.shelf,
            self.shelf_model,
            self.inspector.faces,
        )
        self.menus = StudioMenus(
            context.studio, self.stage, self.gestures, self.pairing, self.library, self.sources, self.identities, self
        )
        self.on_shelf = ShelfGestures(context, self.shelf, self.shelf_model, self.library, self.incoming, self.menus)
        self.preflight = Preflight(context, self.tasks, self.pairing, self.sources, self.addresses, self)
        self.running = Running(context, self.tasks, self.preflight, self._stack, self)
        self.video = VideoStage(
            context, self.tasks, self.panel, self.stage, self.pairing, self.sources, self.identities
        )
        self.video_gestures = VideoGestures(
            context, self._stack, self.video, self.panel.canvas, self.gestures, self.menus, self.identities, self
        )
        self.sheets = Sheets(context, self.tasks, self.preflight, self.running.run, self)
        self.sheets.go_to = self.video.player.seek
        card = self.inspector.refusal
        self.refusing = Refusing(context, self.tasks, self._stack, self.stage, self.video, card, self)

    def _connect(self) -> None:
        signals, canvas, strip = self.context.signals, self.panel.canvas, self.panel.strip
        signals.studio_changed.connect(self._on_studio)
        signals.source_faces_changed.connect(self.sources.reload)
        signals.settings_changed.connect(self._on_settings)
        self.sources.changed.connect(self._on_sources)
        self.pairing.paired.connect(self._say)
        self.identities.said.connect(self._say)
        canvas.focus_moved.connect(self.inspector.age.set_face)
        self.stage.faces_found.connect(self._on_faces_found)
        self.stage.refreshed.connect(self._take_keyboard)
        self.incoming.opened.connect(self._on_opened)
        self.preflight.changed.connect(lambda: self.inspector.show_plan(self.preflight.plan))
        self.inspector.run_wanted.connect(self.running.run)
        self.inspector.wanted.connect(self.running.go)
        self.running.started.connect(self.inspector.card.set_running)
        self.addresses.changed.connect(self.preflight.refresh)
        self.banner.settings_wanted.connect(lambda: self.context.navigator.go("settings", "sandbox"))
        signals.happened.connect(self._on_event)
        self.inspector.sheet_wanted.connect(self.sheets.open)
        canvas.menu_wanted.connect(self.menus.open_face_menu)
        canvas.pictures_dropped.connect(self.incoming.open_mime)
        canvas.compare_held.connect(canvas.canvas.show_original)
        self.panel.bar.compare_held.connect(canvas.canvas.show_original)
        self.panel.pictures_dropped.connect(self.incoming.open_mime)
        self.panel.open_wanted.connect(self.incoming.ask_to_open)
        self.panel.samples_wanted.connect(self.incoming.open_samples)
        self.panel.close_wanted.connect(self._close_picture)
        self.panel.retry_wanted.connect(self.stage.retry)
        self.inspector.faces.view.menu_wanted.connect(self.menus.open_face_menu)
        self.faces_model.sources_dropped.connect(self.gestures.drop_on_face)
        self.pictures_model.sources_dropped.connect(self.gestures.drop_on_picture)
        self.pictures_model.pictures_dropped.connect(self.incoming.open_mime)
        strip.chosen.connect(self.context.studio.show)
        strip.close_wanted.connect(lambda key: self._close([key]))

    # The contract of pages

    def actions_of_page(self) -> Sequence[ActionSpec]:
        canvas, appearance = self.panel.canvas, self.context.current_settings.appearance
        commands = StudioCommands(
            run=self.running.run,
            paste_address=self.inspector.address.paste,
            samples=self.incoming.open_samples,
            next_picture=lambda: self._step(1),
            previous_picture=lambda: self._step(-1),
            close_picture=self._close_picture,
            close_all=lambda: self._close([picture.key for picture in self.context.studio.pictures]),
            zoom_in=canvas.zoom_in,
            zoom_out=canvas.zoom_out,
            zoom_fit=canvas.fit,
            zoom_actual=canvas.zoom_actual,
            show_landmarks=lambda is_on: self.context.settings.update("appearance", show_landmarks=is_on),
            show_numbers=lambda is_on: self.context.settings.update("appearance", show_numbers=is_on),
            add_sources=self.library.ask_to_add,
            paste_sources=self.on_shelf.paste,
            put_together=self.on_shelf.put_together,
            pair_picture=lambda: self._pair_chosen(self.pairing.current_targets()),
            pair_main=lambda: self._pair_chosen(self.context.studio.targets_of_main_faces()),
            pair_like=self._pair_like,
            clear_picture=self.gestures.clear_picture,
            clear_all=self.pairing.clear_all,
        )
        made = studio_actions(commands, landmarks=appearance.show_landmarks, numbers=appearance.show_numbers)
        return [*made, self.sheets.action(), self.refusing.cropping.action(), *self.video_gestures.actions()]

    def table_ready(self) -> None:
        if self.table is not None:
            self.panel.bar.add_actions(self.table)
            self.video.set_table(self.table)

    def activate(self) -> None:
        self.sources.reload()
        self.inspector.options.presets.reload()
        self._show_layers()
        self._show_sandbox()
        self.inspector.account.refresh()
        self._refresh_pictures()
        self.stage.set_active(True)
        self.video.set_active(True)
        self.preflight.refresh()

    def deactivate(self) -> None:
        self.stage.set_active(False)
        self.video.set_active(False)

    async def close_page(self) -> None:
        signals = self.context.signals
        signals.studio_changed.disconnect(self._on_studio)
        signals.source_faces_changed.disconnect(self.sources.reload)
        signals.settings_changed.disconnect(self._on_settings)
        signals.happened.disconnect(self._on_event)
        self.preflight.stop()
        self.stage.preview.stop()
        self.inspector.age.stop()
        await self.video.close()
        await super().close_page()

    @property
    def undo_stack(self) -> QUndoStack | None:
        return self._stack

    def first_focus(self) -> QWidget | None:
        return self.panel.canvas if self.panel.is_canvas_shown else None

    def drop_hint(self, mime: QMimeData) -> str:
        if not has_pictures(mime):
            return ""
        count = len(files_of(mime))
        return self.tr("Drop to open {n} files").format(n=count) if count > 1 else self.tr("Drop to open the file")

    def receive_drop(self, mime: QMimeData) -> None:
        if self.shelf.view.hasFocus():
            self.incoming.add_mime(mime)
        else:
            self.incoming.open_mime(mime)

    def receive_files(self, paths: Sequence[Path]) -> bool:
        self.incoming.open(paths)
        return True

    def receive(self, payload: object) -> None:
        if isinstance(payload, Recipe):
            work = take_up_recipe(self.context, self._stack, self.addresses, payload)
            self.tasks.start(work, key="take-up", replace=True)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take the keys of the canvas wherever the keyboard stands on the page."""
        face = self.panel.canvas.chosen_face
        face = self.panel.canvas.focused_face if face is None else face
        if event.key() == Qt.Key.Key_C and not event.modifiers() and not event.isAutoRepeat():
            self.panel.canvas.canvas.show_original(True)
        elif Qt.Key.Key_0 <= event.key() <= Qt.Key.Key_9 and not event.modifiers() and face is not None:
            self.gestures.pair_number(face, (event.key() - Qt.Key.Key_1) % 10)
        elif event.key() == Qt.Key.Key_Escape:
            self.gestures.let_go()
        else:
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_C and not event.isAutoRepeat():
            self.panel.canvas.canvas.show_original(False)
        else:
            super().keyReleaseEvent(event)

    # What happened

    def _on_studio(self, event: StudioChanged) -> None:
        match event.part:
            case StudioPart.OPTIONS:
                self.stage.refresh_preview()
            case StudioPart.ANALYSIS:
                self.inspector.follow(event.part)
                self.preflight.refresh_progress()
                return
            case StudioPart.CURRENT:
                self.gestures.let_go()
                self._refresh_pictures()
                self.stage.refresh()
            case _:
                self._refresh_pictures()
                self.shelf_model.set_uses(self.pairing.uses())
                self.stage.refresh()
        self.inspector.follow(event.part)
        self.preflight.refresh()

    def _on_sources(self) -> None:
        self.shelf_model.set_faces(self.sources.shelf)
        if self.pairing.armed is not None and self.pairing.armed not in self.sources.all:
            self.pairing.arm(None)
        self._refresh_pictures()
        self.shelf_model.set_uses(self.pairing.uses())
        self.stage.refresh()
        self.preflight.refresh()

    def _on_settings(self, event: SettingsChanged) -> None:
        if event.old.appearance != event.new.appearance:
            self._show_layers()
        self._show_sandbox()
        self.inspector.refresh_settings()
        old, new = event.old, event.new
        if old.label != new.label:
            self.stage.refresh_preview()
        if self.isVisible() and (old.swap, old.providers, old.sandbox) != (new.swap, new.providers, new.sandbox):
            self.inspector.account.refresh()
        self.preflight.refresh()

    def _on_event(self, event: object) -> None:
        """Hear what concerns services: where they are, and what was spent there."""
        if isinstance(event, AddressesChanged):
            self.preflight.refresh()
        elif isinstance(event, AllJobsDone) and self.isVisible():
            self.inspector.account.refresh(is_spent=True)
            self.preflight.refresh()

    def _show_sandbox(self) -> None:
        self.banner.setVisible(self.context.current_settings.sandbox.is_on)

    def _on_opened(self) -> None:
        self._is_opening = True
        self._take_keyboard()

    def _take_keyboard(self) -> None:
        """Give the keyboard to what was opened, as soon as it is seen; not while somebody types."""
        if self._is_opening and self.panel.is_canvas_shown and self.isVisible():
            self._is_opening = False
            if not isinstance(QApplication.focusWidget(), (QLineEdit, QAbstractSpinBox)):
                self.panel.canvas.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_faces_found(self, count: int) -> None:
        self._say(self.tr("1 face found") if count == 1 else self.tr("{n} faces found").format(n=count))

    def _say(self, words: str) -> None:
        announce(self, words)

    def _refresh_pictures(self) -> None:
        studio = self.context.studio
        paired = {picture.key: len(self.pairing.of_picture(picture)) for picture in studio.pictures}
        self.pictures_model.set_pictures(studio.pictures, paired)
        self.panel.set_strip_shown(len(studio.pictures) > 1)
        self.panel.strip.show_current(studio.current.key if studio.current is not None else "")

    def _show_layers(self) -> None:
        appearance = self.context.current_settings.appearance
        self.panel.canvas.canvas.set_layers(points=appearance.show_landmarks, numbers=appearance.show_numbers)
        if self.table is not None:
            self.table.set_checked("studio.show-landmarks", appearance.show_landmarks)
            self.table.set_checked("studio.show-numbers", appearance.show_numbers)

    # What is wanted

    def _step(self, by: int) -> None:
        keys = [picture.key for picture in self.context.studio.pictures]
        current = self.context.studio.current
        if current is not None and len(keys) > 1:
            self.context.studio.show(keys[(keys.index(current.key) + by) % len(keys)])

    def _close_picture(self) -> None:
        if self.context.studio.current is not None:
            self._close([self.context.studio.current.key])

    def _close(self, keys: list[str]) -> None:
        names = [picture.name for picture in self.context.studio.pictures if picture.key in keys]
        if not names:
            return
        words = self.tr("close {name}").format(name=names[0])
        if len(names) > 1:
            words = self.tr("close {n} pictures").format(n=len(names))
        self._stack.push(ClosePicturesCommand(self.context.studio, keys, words))
        for key in keys:
            self.stage.forget(key)

    def _pair_chosen(self, targets: Sequence[TargetFaceRef]) -> None:
        source = self.gestures.chosen_source()
        if source is None:
            self.context.notifications.info(self.tr("Choose one source face on the shelf first."), key="pair")
        elif not targets:
            self.context.notifications.info(self.tr("There is no face to put it on."), key="pair")
        else:
            self.pairing.pair(targets, source)
            self.gestures.let_go()

    def _pair_like(self) -> None:
        face = self.panel.canvas.focused_face
        if face is None:
            self.context.notifications.info(self.tr("Choose a face of the picture first."), key="pair")
        else:
            self._pair_chosen(self.gestures.targets_like(face))
