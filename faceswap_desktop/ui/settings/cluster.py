"""Where videos are rendered by other computers: the address of a Dask cluster, and its TLS files."""

from __future__ import annotations

from functools import partial
from typing import Final

from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from faceswap_desktop.domain.settings import Settings
from faceswap_desktop.ui.accessibility import name
from faceswap_desktop.ui.dialogs.files import ask_for_file
from faceswap_desktop.ui.icons import IconColour
from faceswap_desktop.ui.settings.section import SettingsSection
from faceswap_desktop.ui.theme.tokens import GRID, HALF
from faceswap_desktop.ui.widgets.buttons import Button, IconButton
from faceswap_desktop.ui.widgets.forms import FormRow
from faceswap_desktop.ui.widgets.labels import ElidedLabel

_WIDTH: Final = 280
_LONGEST: Final = 400


class ClusterFields(QWidget):
    """The address, and below it the files that a ``tls://`` address needs."""

    def __init__(self, section: SettingsSection) -> None:
        super().__init__(section)
        self._section = section
        self._address = QLineEdit(self)
        name(self._address, "settings-cluster", self.tr("Cluster for videos"))
        self._address.setFixedWidth(_WIDTH)
        self._address.setMaxLength(_LONGEST)
        self._address.setPlaceholderText("tcp://192.168.0.2:8786")
        self._address.editingFinished.connect(self._on_address)
        hint = self.tr(
            "Empty: videos are rendered on this computer. With the address of a Dask scheduler their frames, and the "
            "source faces, leave this computer, to there. Use a cluster that you trust."
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID + HALF)
        column.addWidget(FormRow(self.tr("Cluster for videos"), self._address, hint, self))
        self._files: dict[str, _FileRow] = {}
        for key, words in (
            ("tls_ca", self.tr("Certificate authority")),
            ("tls_certificate", self.tr("Certificate")),
            ("tls_key", self.tr("Key")),
        ):
            row = self._files[key] = _FileRow(section, key, words, self)
            column.addWidget(row)
        section.follow(self._show)

    def _show(self, settings: Settings) -> None:
        cluster = settings.cluster
        if not self._address.hasFocus():
            self._address.setText(cluster.address)
        for key, row in self._files.items():
            row.show_path(getattr(cluster, key))
            row.setVisible(cluster.address.startswith("tls:") or bool(getattr(cluster, key)))

    def _on_address(self) -> None:
        text = self._address.text().strip()
        if text != self._section.context.settings.current.cluster.address:
            self._section.change("cluster", "address", text)


class _FileRow(QWidget):
    """One PEM file: its path, and buttons to choose another or none."""

    def __init__(self, section: SettingsSection, key: str, words: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._section, self._key, self._words = section, key, words
        self._path = ElidedLabel("", "muted", self)
        choose = Button(self.tr("Choose…"), f"settings-{key}-choose", self)
        choose.setAccessibleName(self.tr("Choose {what}").format(what=words))
        choose.clicked.connect(lambda: section.tasks.start(self._choose(), key=f"choose-{key}"))
        self._clear = IconButton("close", self.tr("Use none"), f"settings-{key}-clear", self, colour=IconColour.MUTED)
        self._clear.clicked.connect(partial(section.change, "cluster", key, ""))
        buttons = QWidget(self)
        line = QHBoxLayout(buttons)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(GRID)
        line.addWidget(self._clear)
        line.addWidget(choose)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(HALF)
        column.addWidget(FormRow(words, buttons, parent=self))
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
            await section.context.settings.update("cluster", **{self._key: str(path)})
