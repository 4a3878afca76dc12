"""What the window remembers for itself: geometry, splitters, last folder, the theme for the first paint."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PySide6.QtCore import QByteArray, QSettings
from PySide6.QtWidgets import QSplitter, QWidget

_GEOMETRY: Final = "window/geometry"
_PAGE: Final = "window/page"
_FOLDER: Final = "files/folder"
_THEME: Final = "appearance/theme"


class WindowState:
    """An ini file in the home folder; losing it loses nothing but comfort."""

    def __init__(self, path: Path) -> None:
        self._values = QSettings(str(path), QSettings.Format.IniFormat)

    @property
    def page(self) -> str:
        """Id of the page that was shown last; empty for none."""
        return self._text(_PAGE)

    @page.setter
    def page(self, page_id: str) -> None:
        self._values.setValue(_PAGE, page_id)

    @property
    def folder(self) -> str:
        """The folder that files were opened from last."""
        return self._text(_FOLDER)

    @folder.setter
    def folder(self, folder: str) -> None:
        self._values.setValue(_FOLDER, folder)

    @property
    def theme(self) -> str:
        """The theme that was chosen last, so that the first paint need not wait for the settings."""
        return self._text(_THEME)

    @theme.setter
    def theme(self, theme: str) -> None:
        self._values.setValue(_THEME, str(theme))

    def restore_geometry(self, window: QWidget) -> bool:
        """Put a window where it was; False if that is not known."""
        saved = self._values.value(_GEOMETRY)
        return isinstance(saved, QByteArray) and window.restoreGeometry(saved)

    def save_geometry(self, window: QWidget) -> None:
        """Remember where a window is."""
        self._values.setValue(_GEOMETRY, window.saveGeometry())

    def follow_splitter(self, splitter: QSplitter) -> None:
        """Put a splitter (by its object name) where it was, and remember every move."""
        key = f"splitters/{splitter.objectName()}"
        saved = self._values.value(key)
        if isinstance(saved, QByteArray):
            splitter.restoreState(saved)
        splitter.splitterMoved.connect(lambda: self._values.setValue(key, splitter.saveState()))

    def save(self) -> None:
        """Write to the disk now."""
        self._values.sync()

    def _text(self, key: str) -> str:
        value = self._values.value(key, "")
        return value if isinstance(value, str) else ""
