"""How source faces are put in: three sliders and two switches with a way back; and whether faces are enhanced."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtGui import QUndoStack
from PySide6.QtWidgets import QVBoxLayout, QWidget

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
from faceswap_desktop.ui.widgets.swap_options import SwapOptionControls


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
        self._options = SwapOptionControls("option", self)
        self._options.slid.connect(self._on_slid)
        self._options.switched.connect(lambda option, label, value: self._change(option, label, 0, value))
        self._options.committed.connect(self._on_committed)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        self._tasks = tasks
        self._enhance = self._make_enhance()
        self._cannot_enhance = Greyed(self._enhance)
        self._reason = PlainLabel("", "small", self, wraps=True)
        self._reason.setObjectName("options-reason")
        self._cannot = Greyed(*self.presets.controls, *self._options.controls)
        column.addWidget(header)
        column.addWidget(self._reason)
        column.addWidget(self.presets)
        column.addWidget(self._options)
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
        self._options.show_options(options)
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

    def _on_slid(self, option: str, label: str, value: float) -> None:
        self._change(option, label, self._gesture, value)

    def _on_committed(self) -> None:
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
