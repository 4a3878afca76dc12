"""How source faces are put in: three sliders and two switches, each with its default and a way back."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from PySide6.QtGui import QUndoStack
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from faceswap_desktop.domain.presets import Preset
from faceswap_desktop.domain.recipe import SwapOptions
from faceswap_desktop.ui.bridge import Tasks
from faceswap_desktop.ui.context import AppContext
from faceswap_desktop.ui.icons import IconColour
from faceswap_desktop.ui.studio.presets_row import PresetsRow
from faceswap_desktop.ui.theme.tokens import GRID
from faceswap_desktop.ui.undo.pairing import OptionsCommand
from faceswap_desktop.ui.widgets.buttons import IconButton
from faceswap_desktop.ui.widgets.forms import SectionHeader, Switch
from faceswap_desktop.ui.widgets.values import ValueSlider


class OptionsSection(QWidget):
    """Shows and changes the Studio's swap options; every change is a step of undo."""

    def __init__(self, context: AppContext, tasks: Tasks, stack: QUndoStack, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._studio = context.studio
        self._stack = stack
        self._gesture = 1
        self.presets = PresetsRow(context, tasks, self)
        self.presets.chosen.connect(self._on_preset)
        header = SectionHeader(self.tr("Options"), self)
        self._reset = IconButton("reset", self.tr("Reset all options"), "options-reset", self, colour=IconColour.MUTED)
        self._reset.clicked.connect(self._on_reset)
        header.add_widget(self._reset)
        self._sliders = {
            "blend": self._slider("blend", self.tr("Blend"), self.tr("How much of the source face shows")),
            "colour_match": self._slider(
                "colour_match",
                self.tr("Colour match"),
                self.tr("How far the face takes on the picture's light and colour"),
            ),
            "edge_softness": self._slider(
                "edge_softness", self.tr("Edge softness"), self.tr("How wide the edge of the face is blended")
            ),
        }
        self._switches = {
            "keep_mouth": self._switch(
                "keep_mouth",
                self.tr("Keep mouth"),
                self.tr("The teeth and the inside of the mouth stay the picture's own"),
            ),
            "keep_eyes": self._switch(
                "keep_eyes", self.tr("Keep eyes"), self.tr("The eyeballs stay the picture's own, so the gaze stays")
            ),
        }
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        column.addWidget(header)
        column.addWidget(self.presets)
        for slider in self._sliders.values():
            column.addWidget(slider)
        switches = QHBoxLayout()
        switches.setSpacing(GRID)
        for switch in self._switches.values():
            switches.addWidget(switch, 1)
        column.addLayout(switches)
        self.refresh()

    def refresh(self) -> None:
        """Show the Studio's options as they are now."""
        options = self._studio.options
        for option, slider in self._sliders.items():
            # A slider that is being dragged has this value already; setting it would end its gesture.
            if abs(slider.value() - getattr(options, option)) > 1e-9:
                slider.set_value(getattr(options, option))
        for option, switch in self._switches.items():
            switch.setChecked(getattr(options, option))
        self._reset.setEnabled(options != SwapOptions())
        self.presets.show_options(options)

    def _slider(self, option: str, label: str, tip: str) -> ValueSlider:
        made = ValueSlider(label, f"option-{option}", 0.0, 1.0, getattr(SwapOptions(), option), self, is_percent=True)
        made.setToolTip(tip)
        made.slider().setAccessibleDescription(tip)
        made.changed.connect(partial(self._on_slid, option, label))
        made.committed.connect(self._on_committed)
        return made

    def _switch(self, option: str, label: str, tip: str) -> Switch:
        made = Switch(label, f"option-{option}", self)
        made.setToolTip(tip)
        made.setAccessibleDescription(tip)
        made.toggled_by_user.connect(partial(self._change, option, label, 0))
        return made

    def _on_slid(self, option: str, label: str, value: float) -> None:
        self._change(option, label, self._gesture, value)

    def _on_committed(self, _value: float) -> None:
        self._gesture += 1

    def _change(self, option: str, label: str, gesture: int, value: Any) -> None:
        after = replace(self._studio.options, **{option: value})
        if after != self._studio.options:
            words = self.tr("change {option}").format(option=label)
            self._stack.push(OptionsCommand(self._studio, after, words, gesture))

    def _on_preset(self, preset: Preset) -> None:
        if preset.options != self._studio.options:
            words = self.tr("use preset {name}").format(name=preset.name)
            self._stack.push(OptionsCommand(self._studio, preset.options, words, 0))

    def _on_reset(self) -> None:
        if self._studio.options != SwapOptions():
            self._stack.push(OptionsCommand(self._studio, SwapOptions(), self.tr("reset all options"), 0))
