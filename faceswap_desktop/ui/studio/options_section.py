"""How source faces are put in: three sliders and two switches with a way back; and whether faces are enhanced."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from PySide6.QtGui import QUndoStack
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from faceswap_desktop.domain.presets import Preset
from faceswap_desktop.domain.recipe import SwapOptions
from faceswap_desktop.services.offers import Control
from faceswap_desktop.ui.bridge import Tasks
from faceswap_desktop.ui.context import AppContext
from faceswap_desktop.ui.icons import IconColour
from faceswap_desktop.ui.studio.greyed import Greyed
from faceswap_desktop.ui.studio.presets_row import PresetsRow
from faceswap_desktop.ui.texts import text_of
from faceswap_desktop.ui.theme.tokens import GRID
from faceswap_desktop.ui.undo.pairing import OptionsCommand
from faceswap_desktop.ui.widgets.buttons import IconButton
from faceswap_desktop.ui.widgets.forms import SectionHeader, Switch
from faceswap_desktop.ui.widgets.labels import PlainLabel
from faceswap_desktop.ui.widgets.values import ValueSlider


class OptionsSection(QWidget):
    """Shows and changes the Studio's swap options; every change is a step of undo."""

    def __init__(self, context: AppContext, tasks: Tasks, stack: QUndoStack, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
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
        self._tasks = tasks
        self._enhance = self._make_enhance()
        self._cannot_enhance = Greyed(self._enhance)
        self._reason = PlainLabel("", "small", self, wraps=True)
        self._reason.setObjectName("options-reason")
        sliders = [slider.slider() for slider in self._sliders.values()]
        self._cannot = Greyed(*self.presets.controls, *self._sliders.values(), *sliders, *self._switches.values())
        column.addWidget(header)
        column.addWidget(self._reason)
        column.addWidget(self.presets)
        for slider in self._sliders.values():
            column.addWidget(slider)
        switches = QHBoxLayout()
        switches.setSpacing(GRID)
        for switch in self._switches.values():
            switches.addWidget(switch, 1)
        column.addLayout(switches)
        column.addWidget(self._enhance)
        self.refresh_provider()
        self.refresh()

    def refresh_provider(self) -> None:
        """Grey what the chosen provider does not do, or decides by itself, with the reason."""
        chosen = self._context.current_settings.swap
        offer = self._context.offers.of(chosen.provider)
        self._cannot_enhance.set_reason(text_of(offer.lacks.get(Control.ENHANCE)) if offer is not None else "")
        self._enhance.setChecked(chosen.enhance and not self._cannot_enhance)
        reason = text_of(offer.lacks.get(Control.SWAP_OPTIONS)) if offer is not None else ""
        self._cannot.set_reason(reason)
        self._reason.setText(reason)
        self._reason.setVisible(bool(reason))
        self._refresh_reset()

    def refresh(self) -> None:
        """Show the Studio's options as they are now."""
        options = self._studio.options
        for option, slider in self._sliders.items():
            # A slider that is being dragged has this value already; setting it would end its gesture.
            if abs(slider.value() - getattr(options, option)) > 1e-9:
                slider.set_value(getattr(options, option))
        for option, switch in self._switches.items():
            switch.setChecked(getattr(options, option))
        self._refresh_reset()
        self.presets.show_options(options)

    def _make_enhance(self) -> Switch:
        made = Switch(self.tr("Enhance faces"), "option-enhance", self)
        tip = self.tr("The provider sharpens and cleans the swapped faces; they may come out less alike")
        made.setToolTip(tip)
        made.setAccessibleDescription(tip)
        # A setting, like the provider whom it concerns: no step of undo.
        made.toggled_by_user.connect(
            lambda value: self._tasks.start(self._context.settings.update("swap", enhance=value))
        )
        return made

    def _refresh_reset(self) -> None:
        self._reset.setEnabled(self._studio.options != SwapOptions() and not self._cannot)

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
