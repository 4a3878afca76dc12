"""How source faces are put in while the camera runs: the Studio's sliders and switches, for this session."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from faceswap_desktop.domain.recipe import SwapOptions
from faceswap_desktop.ui.studio.disclosure import Disclosure
from faceswap_desktop.ui.studio.greyed import Greyed
from faceswap_desktop.ui.widgets.buttons import LinkButton
from faceswap_desktop.ui.widgets.labels import PlainLabel
from faceswap_desktop.ui.widgets.swap_options import SwapOptionControls

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
        self._controls = SwapOptionControls("live-option", self)
        self._controls.slid.connect(self._want)
        self._controls.switched.connect(self._want)
        self._reset = LinkButton(self.tr("Reset all options"), "live-options-reset", self)
        self._reset.clicked.connect(lambda: self.options_wanted.emit(SwapOptions()))
        self._reason = PlainLabel("", "small", self, wraps=True)
        self._reason.hide()
        self._cannot = Greyed(*self._controls.controls, self._reset)
        self.column.addWidget(self._reason)
        self.column.addWidget(self._controls)
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
        self._controls.show_options(self._options)
        is_default = self._options == SwapOptions()
        self._reset.setEnabled(not is_default and not self._cannot)
        self.set_summary(self._cannot.reason or (self.tr("as usual") if is_default else self.tr("changed")))

    def _want(self, option: str, _label: str, value: Any) -> None:
        self.options_wanted.emit(replace(self._options, **{option: value}))
