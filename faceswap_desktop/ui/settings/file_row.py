"""A file that a setting names: its path, and buttons to choose another or none."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from faceswap_desktop.ui.dialogs.files import ask_for_file
from faceswap_desktop.ui.icons import IconColour
from faceswap_desktop.ui.settings.section import SettingsSection
from faceswap_desktop.ui.theme.tokens import GRID, HALF
from faceswap_desktop.ui.widgets.buttons import Button, IconButton
from faceswap_desktop.ui.widgets.forms import FormRow
from faceswap_desktop.ui.widgets.labels import ElidedLabel


class FileRow(QWidget):
    """One PEM file."""

    def __init__(
        self, section: SettingsSection, where: str, key: str, words: str, parent: QWidget, *, hint: str = ""
    ) -> None:
        """Make one.

        Args:
            section: Whose it is.
            where: The section of the settings, for example ``cluster``.
            key: The value in it; the buttons are called ``settings-KEY-choose`` and ``-clear``.
            words: What it is.
            parent: The owner.
            hint: What it means.
        """
        super().__init__(parent)
        self._section, self._where, self._key, self._words = section, where, key, words
        self._path = ElidedLabel("", "muted", self)
        choose = Button(self.tr("Choose…"), f"settings-{key}-choose", self)
        choose.setAccessibleName(self.tr("Choose {what}").format(what=words))
        choose.clicked.connect(lambda: section.tasks.start(self._choose(), key=f"choose-{key}"))
        self._clear = IconButton("close", self.tr("Use none"), f"settings-{key}-clear", self, colour=IconColour.MUTED)
        self._clear.clicked.connect(partial(section.change, where, key, ""))
        buttons = QWidget(self)
        line = QHBoxLayout(buttons)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(GRID)
        line.addWidget(self._clear)
        line.addWidget(choose)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(HALF)
        column.addWidget(FormRow(words, buttons, hint, self))
        column.addWidget(self._path)

    def show_path(self, path: str) -> None:
        """Show which file it is."""
        self._path.setText(path or self.tr("None"))
        self._clear.setVisible(bool(path))

    async def _choose(self) -> None:
        names = self.tr("Certificates and keys (*.pem *.crt *.cer *.key);;All files (*)")
        section = self._section
        path = await ask_for_file(section.window(), section.context.window_state, self._words, names)
        if path is not None:
            await section.context.settings.update(self._where, **{self._key: str(path)})
