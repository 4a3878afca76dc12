"""From what is refused to what helps: a part of the picture, a part of the video, another one."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QUndoStack
from PySide6.QtWidgets import QApplication, QWidget

from faceswap_desktop.domain.events import StudioChanged, StudioPart
from faceswap_desktop.domain.video import FrameRange
from faceswap_desktop.services.incoming import pictures_in
from faceswap_desktop.ui.bridge import Tasks
from faceswap_desktop.ui.context import AppContext
from faceswap_desktop.ui.dialogs.files import MEDIA_SUFFIXES, ask_for_media
from faceswap_desktop.ui.studio.cropping import Cropping
from faceswap_desktop.ui.studio.refusal import refusal_of
from faceswap_desktop.ui.studio.refusal_card import RefusalCard
from faceswap_desktop.ui.studio.stage import Stage
from faceswap_desktop.ui.studio.video_stage import VideoStage
from faceswap_desktop.ui.undo.pictures import ReplacePictureCommand
from faceswap_desktop.ui.undo.trim import TrimCommand


class Refusing(QObject):
    """Keeps the card as the Studio stands, and does what its buttons say.

    Attributes:
        cropping: What cuts parts out of pictures.
    """

    def __init__(
        self,
        context: AppContext,
        tasks: Tasks,
        stack: QUndoStack,
        stage: Stage,
        video: VideoStage,
        card: RefusalCard,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._context = context
        self._tasks = tasks
        self._stack = stack
        self._card = card
        self._window = window
        self.cropping = Cropping(context, tasks, stack, stage, window)
        card.crop_wanted.connect(self.cropping.start)
        card.part_wanted.connect(self._use)
        card.other_wanted.connect(lambda: self._tasks.start(self._choose_other(), key="choose-other"))
        card.moment_wanted.connect(video.player.seek)
        context.signals.studio_changed.connect(self._on_studio)

    def refresh(self) -> None:
        """Show what is refused of the current picture; nothing where it may be used."""
        studio = self._context.studio
        focused = QApplication.focusWidget()
        had_focus = focused is not None and self._card.isAncestorOf(focused)
        self._card.show_refusal(refusal_of(studio, studio.current))
        if had_focus and self._card.isHidden():
            # The keyboard must not fall into nothing.
            self._window.setFocus(Qt.FocusReason.OtherFocusReason)
            self._window.focusNextChild()

    def _on_studio(self, event: StudioChanged) -> None:
        if event.part in {StudioPart.PICTURES, StudioPart.CURRENT, StudioPart.TRIM}:
            self.refresh()

    def _use(self, frames: FrameRange) -> None:
        current = self._context.studio.current
        if current is not None and current.times is not None:
            wanted = None if len(frames) == len(current.times) else frames
            words = self.tr("choose a part of the video")
            self._stack.push(TrimCommand(self._context.studio, current.key, wanted, words))

    async def _choose_other(self) -> None:
        current = self._context.studio.current
        chosen = await ask_for_media(self._window, self._context.window_state)
        found = [str(Path(path).absolute()) for path in await pictures_in(chosen, MEDIA_SUFFIXES)] if chosen else []
        if current is None or not found or found[0] == current.key:
            return
        words = self.tr("replace {name}").format(name=current.name)
        self._stack.push(ReplacePictureCommand(self._context.studio, current.key, found[0], words))
        if found[1:]:
            self._context.studio.open(found[1:])
            self._context.studio.show(found[0])
