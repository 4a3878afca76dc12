"""What becomes of the live picture: virtual camera, label, and what is shown when it cannot be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from faceswap_desktop.domain.live import PanicPicture, WhenLost
from faceswap_desktop.ui.live.words import PANIC_KEY, lost_choices, panic_choices
from faceswap_desktop.ui.studio.disclosure import Disclosure
from faceswap_desktop.ui.studio.greyed import Greyed
from faceswap_desktop.ui.studio.label_section import LabelSection
from faceswap_desktop.ui.theme.tokens import HALF
from faceswap_desktop.ui.widgets.buttons import LinkButton
from faceswap_desktop.ui.widgets.copy_text import CopyText
from faceswap_desktop.ui.widgets.forms import Choice, Switch
from faceswap_desktop.ui.widgets.labels import PlainLabel

if TYPE_CHECKING:
    from faceswap_desktop.services.live_state import LiveState
    from faceswap_desktop.ui.bridge import Tasks
    from faceswap_desktop.ui.context import AppContext


class OutputSection(Disclosure):
    """Shows and changes it.

    Attributes:
        virtual_camera_wanted: The picture is to be handed to other programs, or no more.
        label_look_wanted: The look of the label is to be changed.
        panic_chosen: The panic key is to show this.
        lost_chosen: This is to be shown while a face cannot be found.
        sound_wanted: Recordings are to have sound, or not.
    """

    virtual_camera_wanted = Signal(bool)
    label_look_wanted = Signal()
    panic_chosen = Signal(object)
    lost_chosen = Signal(object)
    sound_wanted = Signal(bool)

    def __init__(self, context: AppContext, tasks: Tasks, parent: QWidget | None = None) -> None:
        super().__init__("", "live-output", parent)
        self.set_title(self.tr("Output"))
        self._context = context
        self._camera = Switch(self.tr("Virtual camera"), "live-virtual-camera", self)
        tip = self.tr("Other programs can choose the swapped picture as their camera")
        self._camera.setToolTip(tip)
        self._camera.setAccessibleDescription(tip)
        self._camera.toggled_by_user.connect(self.virtual_camera_wanted)
        self._cannot = Greyed(self._camera)
        self._why = CopyText("", "live-virtual-camera-why", self)
        self._sound = Switch(self.tr("Record sound"), "live-record-sound", self)
        self._sound.toggled_by_user.connect(self.sound_wanted)
        self.label = LabelSection(context, tasks, self)
        look = LinkButton(self.tr("Look of the label…"), "live-label-look", self)
        look.clicked.connect(self.label_look_wanted)
        self._lost = Choice(self.tr("When a face is lost"), "live-when-lost", lost_choices(), self)
        self._panic = Choice(self.tr("The panic key shows"), "live-panic-shows", panic_choices(), self)
        self._lost.chosen.connect(self.lost_chosen)
        self._panic.chosen.connect(self.panic_chosen)
        self._no_lost = Greyed(self._lost)
        for widget in (self._camera, self._why, self._sound, self.label):
            self.column.addWidget(widget)
        self.column.addWidget(look, 0, Qt.AlignmentFlag.AlignLeft)
        self._add_choice(self.tr("When a face is lost"), self._lost)
        panic = self.tr("{key} shows").format(key=PANIC_KEY)
        self._add_choice(panic, self._panic)
        self.refresh()

    def _add_choice(self, words: str, choice: Choice) -> None:
        # Beside each other the panel has no room for both.
        label = PlainLabel(words, None, self)
        label.setBuddy(choice)
        pair = QVBoxLayout()
        pair.setSpacing(HALF)
        pair.addWidget(label)
        pair.addWidget(choice)
        self.column.addLayout(pair)

    def refresh(self) -> None:
        """Show what the settings say."""
        live = self._context.current_settings.live
        self._lost.set_value(WhenLost(live.when_lost))
        self._panic.set_value(PanicPicture(live.panic))
        self._sound.setChecked(live.record_microphone)
        self.label.refresh()

    def show_need(self, need: str, *, why_not_lost: str = "") -> None:
        """Say what the virtual camera needs; nothing where it can be started.

        Args:
            need: What is missing and how to get it.
            why_not_lost: Why nothing can be said of lost faces; empty where it can.
        """
        self._cannot.set_reason(need)
        self._why.set_words(need)
        self._why.setVisible(bool(need))
        self._no_lost.set_reason(why_not_lost)

    def show_state(self, state: LiveState) -> None:
        """Show whether the picture is handed on."""
        self._camera.setChecked(bool(state.virtual_camera))
        words = []
        if state.virtual_camera:
            words.append(self.tr("virtual camera"))
        if self._context.current_settings.label.is_on:
            words.append(self.tr("label"))
        self.set_summary(", ".join(words))
