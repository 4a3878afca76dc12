"""Puts a theme into force and follows the system and the settings."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QFont, QFontDatabase, QPixmapCache
from PySide6.QtWidgets import QApplication, QStyleFactory

from faceswap_desktop.resources import resource_path
from faceswap_desktop.ui.theme.palette import palette_of
from faceswap_desktop.ui.theme.stylesheet import stylesheet_of
from faceswap_desktop.ui.theme.tokens import BODY_PX, DARK, FONT_FAMILY, HIGH_CONTRAST, LIGHT, MOTION_MS, Tokens

# The values of ``domain.settings.Theme`` and ``Motion``, which are strings: the domain's modules take longer to
# import than the first picture of the window may take.
_BY_CHOICE: Final = {"light": LIGHT, "dark": DARK, "high-contrast": HIGH_CONTRAST}
_SCHEMES: Final = {
    "light": Qt.ColorScheme.Light,
    "dark": Qt.ColorScheme.Dark,
    "high-contrast": Qt.ColorScheme.Dark,
}


class ThemeManager(QObject):
    """Style, font, palette and stylesheet of the application.

    Attributes:
        changed: The tokens in force were replaced. Widgets hear of it by ``changeEvent`` as well.
    """

    changed = Signal()

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._app = app
        self._theme = "system"
        self._motion = "system"
        self.tokens: Tokens | None = None
        app.setStyle(QStyleFactory.create("Fusion"))
        _set_font(app)
        hints = app.styleHints()
        hints.colorSchemeChanged.connect(self._on_system_changed)
        hints.accessibility().contrastPreferenceChanged.connect(self._on_system_changed)

    def apply(self, theme: str, motion: str = "system") -> None:
        """Put a theme into force; does nothing if it already is.

        Args:
            theme: A value of ``domain.settings.Theme``; anything unknown follows the system.
            motion: A value of ``domain.settings.Motion``.
        """
        self._theme, self._motion = str(theme), str(motion)
        # Native frames and dialogs follow; platforms that cannot (offscreen) ignore it.
        self._app.styleHints().setColorScheme(_SCHEMES.get(self._theme, Qt.ColorScheme.Unknown))
        self._refresh()

    @property
    def motion_ms(self) -> int:
        """How long a movement may take: 0 where nothing is to move."""
        match self._motion:
            case "full":
                return MOTION_MS
            case "reduced":
                return 0
        moves = QApplication.isEffectEnabled(Qt.UIEffect.UI_General)
        return MOTION_MS if moves else 0

    def close(self) -> None:
        """Follow the system no longer."""
        hints = self._app.styleHints()
        hints.colorSchemeChanged.disconnect(self._on_system_changed)
        hints.accessibility().contrastPreferenceChanged.disconnect(self._on_system_changed)

    def _on_system_changed(self) -> None:
        self._refresh()

    def _refresh(self) -> None:
        tokens = self._wanted()
        if tokens is self.tokens:
            return
        self.tokens = tokens
        QPixmapCache.clear()
        self._app.setPalette(palette_of(tokens))
        pictures = resource_path("icons", "controls").as_posix()
        self._app.setStyleSheet(stylesheet_of(tokens, pictures))
        self.changed.emit()

    def _wanted(self) -> Tokens:
        if self._theme in _BY_CHOICE:
            return _BY_CHOICE[self._theme]
        hints = self._app.styleHints()
        if hints.accessibility().contrastPreference() == Qt.ContrastPreference.HighContrast:
            return HIGH_CONTRAST
        return DARK if hints.colorScheme() == Qt.ColorScheme.Dark else LIGHT


def _set_font(app: QApplication) -> None:
    for path in sorted(resource_path("fonts").glob("Inter*.[ot]tf")):
        QFontDatabase.addApplicationFont(str(path))
    font = QFont(FONT_FAMILY)
    font.setPixelSize(BODY_PX)
    app.setFont(font)
