"""The keyboard given back to a button that could not be used for a while."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget
from shiboken6 import isValid


class KeptFocus:
    """Remembers where the keyboard was: Qt moves it on when a widget is disabled, and never back."""

    def __init__(self, had: QWidget | None, disable: Callable[[], object]) -> None:
        """Disable something.

        Args:
            had: What has the keyboard; None for nothing.
            disable: Disables it, or something else.
        """
        disable()
        went = had.window().focusWidget() if had is not None else None
        self._had = had if went is not had else None
        self._went = went

    def give_back(self) -> None:
        """Put the keyboard back, unless it was taken elsewhere since or its widget cannot have it any more."""
        had, self._had = self._had, None
        if had is None or not isValid(had) or not had.isEnabled() or not had.isVisible():
            return
        # The window's own, since it may not be active yet after a dialog.
        if had.window().focusWidget() is self._went:
            had.setFocus()
