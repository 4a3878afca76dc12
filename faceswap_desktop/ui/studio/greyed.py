"""Controls that the chosen provider does not follow: off, with the reason."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget


class Greyed:
    """Switches controls off with a reason, and gives them their own words back."""

    def __init__(self, *controls: QWidget) -> None:
        self._controls = controls
        self._own = {control: (control.toolTip(), control.accessibleDescription()) for control in controls}
        self.reason = ""

    def set_reason(self, reason: str) -> None:
        """Switch the controls off because of something; on again for an empty reason."""
        if reason == self.reason:
            return
        self.reason = reason
        for control in self._controls:
            tip, description = self._own[control]
            control.setEnabled(not reason)
            control.setToolTip(reason or tip)
            control.setAccessibleDescription(reason or description)

    def __bool__(self) -> bool:
        return bool(self.reason)
