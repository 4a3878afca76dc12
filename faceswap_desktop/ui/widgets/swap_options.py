"""Three sliders and two switches for how source faces are put in, as the Studio and the Live page have them."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from faceswap_desktop.domain.recipe import SwapOptions
from faceswap_desktop.ui.theme.tokens import GRID
from faceswap_desktop.ui.widgets.forms import Switch
from faceswap_desktop.ui.widgets.values import ValueSlider


class SwapOptionControls(QWidget):
    """Shows options and tells what the user wants; it changes none by itself.

    Attributes:
        slid: A slider moves: the option's field, its words, its value (0 to 1).
        switched: A switch was turned: the option's field, its words, whether it is on.
        committed: A slider was let go.
    """

    slid = Signal(str, str, float)
    switched = Signal(str, str, bool)
    committed = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        """Make the controls.

        Args:
            name: What their object names begin with.
            parent: Owner.
        """
        super().__init__(parent)
        self._name = name
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
        for slider in self._sliders.values():
            column.addWidget(slider)
        switches = QHBoxLayout()
        switches.setSpacing(GRID)
        for switch in self._switches.values():
            switches.addWidget(switch, 1)
        column.addLayout(switches)

    @property
    def controls(self) -> tuple[QWidget, ...]:
        """Everything that can be greyed."""
        sliders = [slider.slider() for slider in self._sliders.values()]
        return (*self._sliders.values(), *sliders, *self._switches.values())

    def show_options(self, options: SwapOptions) -> None:
        """Show options as they are now."""
        for option, slider in self._sliders.items():
            # A slider that is being dragged has this value already; setting it would end its gesture.
            if abs(slider.value() - getattr(options, option)) > 1e-9:
                slider.set_value(getattr(options, option))
        for option, switch in self._switches.items():
            switch.setChecked(getattr(options, option))

    def _slider(self, option: str, label: str, tip: str) -> ValueSlider:
        default = getattr(SwapOptions(), option)
        made = ValueSlider(label, f"{self._name}-{option}", 0.0, 1.0, default, self, is_percent=True)
        made.setToolTip(tip)
        made.slider().setAccessibleDescription(tip)
        made.changed.connect(partial(self.slid.emit, option, label))
        made.committed.connect(lambda _value: self.committed.emit())
        return made

    def _switch(self, option: str, label: str, tip: str) -> Switch:
        made = Switch(label, f"{self._name}-{option}", self)
        made.setToolTip(tip)
        made.setAccessibleDescription(tip)
        made.toggled_by_user.connect(partial(self.switched.emit, option, label))
        return made
