"""How source faces are put in while the camera runs: the Studio's sliders and switches, for this session."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from faceswap_desktop.domain.recipe import SwapOptions
from faceswap_desktop.ui.studio.disclosure import Disclosure
from faceswap_desktop.ui.studio.greyed import Greyed
from faceswap_desktop.ui.theme.tokens import GRID
from faceswap_desktop.ui.widgets.buttons import LinkButton
from faceswap_desktop.ui.widgets.forms import Switch
from faceswap_desktop.ui.widgets.labels import PlainLabel
from faceswap_desktop.ui.widgets.values import ValueSlider

if TYPE_CHECKING:
    from faceswap_desktop.services.live_state import LiveState


class OptionsSection(Disclosure):
    """Shows and changes the options.

    Attributes:
        options_wanted: Other options are wanted (``SwapOptions``).
    """

    options_wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", "live-options", parent)
        self.set_title(self.tr("Options"))
        self._options = SwapOptions()
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
                "keep_mouth", self.tr("Keep mouth"), self.tr("Your own teeth and mouth, so that speech stays")
            ),
            "keep_eyes": self._switch(
                "keep_eyes", self.tr("Keep eyes"), self.tr("Your own eyeballs, so that the gaze stays")
            ),
        }
        self._reset = LinkButton(self.tr("Reset all options"), "live-options-reset", self)
        self._reset.clicked.connect(lambda: self.options_wanted.emit(SwapOptions()))
        self._reason = PlainLabel("", "small", self, wraps=True)
        self._reason.hide()
        sliders = [slider.slider() for slider in self._sliders.values()]
        self._cannot = Greyed(*self._sliders.values(), *sliders, *self._switches.values(), self._reset)
        self.column.addWidget(self._reason)
        for slider in self._sliders.values():
            self.column.addWidget(slider)
        switches = QHBoxLayout()
        switches.setSpacing(GRID)
        for switch in self._switches.values():
            switches.addWidget(switch, 1)
        self.column.addLayout(switches)
        self.column.addWidget(self._reset, 0, Qt.AlignmentFlag.AlignLeft)
        self._show()

    def set_reason(self, reason: str) -> None:
        """Grey everything because of something; nothing for an empty reason."""
        self._cannot.set_reason(reason)
        self._reason.setText(reason)
        self._reason.setVisible(bool(reason))
        self._show()

    def show_state(self, state: LiveState) -> None:
        """Show the options as they are."""
        if state.options != self._options:
            self._options = state.options
            self._show()

    def _show(self) -> None:
        for option, slider in self._sliders.items():
            # A slider that is being dragged has this value already; setting it would end its gesture.
            if abs(slider.value() - getattr(self._options, option)) > 1e-9:
                slider.set_value(getattr(self._options, option))
        for option, switch in self._switches.items():
            switch.setChecked(getattr(self._options, option))
        is_default = self._options == SwapOptions()
        self._reset.setEnabled(not is_default and not self._cannot)
        self.set_summary(self._cannot.reason or (self.tr("as usual") if is_default else self.tr("changed")))

    def _slider(self, option: str, label: str, tip: str) -> ValueSlider:
        default = getattr(SwapOptions(), option)
        made = ValueSlider(label, f"live-option-{option}", 0.0, 1.0, default, self, is_percent=True)
        made.setToolTip(tip)
        made.slider().setAccessibleDescription(tip)
        made.changed.connect(partial(self._want, option))
        return made

    def _switch(self, option: str, label: str, tip: str) -> Switch:
        made = Switch(label, f"live-option-{option}", self)
        made.setToolTip(tip)
        made.setAccessibleDescription(tip)
        made.toggled_by_user.connect(partial(self._want, option))
        return made

    def _want(self, option: str, value: Any) -> None:
        self.options_wanted.emit(replace(self._options, **{option: value}))
